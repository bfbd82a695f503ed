"""The hints of a first visit."""

from dashboard.panels.page import hints
from tests.dashboard.panel_words import all_of, texts


def test_there_are_three_hints_and_none_is_seen_before_the_browser_says_so():
    section = hints.layout()
    found = [
        part for part in all_of(section, "Div") if getattr(part, "className", "") == "hints-one"
    ]
    assert len(found) == 3
    assert section.hidden
    assert all(hint.hidden for hint in found)


def test_a_hint_is_read_at_a_glance():
    for _, title, words in hints.HINTS:
        assert len(title) <= 30
        assert len(words) <= 110


def test_each_hint_stands_at_a_panel_of_the_page(explorer):
    from dashboard.page import layout

    page = layout(explorer, {explorer.name: explorer})
    classes = {
        name
        for section in all_of(page, "Section")
        for name in (getattr(section, "className", "") or "").split()
    }
    assert {place.removeprefix(".") for place, _, _ in hints.HINTS} <= classes


def test_the_hints_can_be_left_by_a_button():
    assert [texts(button) for button in all_of(hints.layout(), "Button")] == [["Skip"], ["Next"]]
