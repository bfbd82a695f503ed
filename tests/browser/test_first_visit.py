"""What a first visit takes, and a gallery that is in use before Dash is there."""

from playwright.sync_api import expect

from tests.bench.bench_first_visit import MOST_KILOBYTES, MOST_REQUESTS, WATCH, report, visit
from tests.bench.bench_page import Traffic

FOCUSED = "() => document.activeElement.closest('ul.cards .card')?.id"


def hold_libraries(page):
    """Let the page have all but the scripts of Dash; return what lets go of them."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Fetch.enable", {"patterns": [{"urlPattern": "*dash-renderer*"}]})
    return lambda: devtools.send("Fetch.disable")


def test_a_first_visit_keeps_its_bounds_with_its_pictures(visitor):
    page = visitor.page
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.add_init_script(WATCH)
    first = visit(page, Traffic(page, visitor.server), f"{visitor.server}/atlas/tiny/")
    assert 1000 < first.kilobytes <= MOST_KILOBYTES
    assert 50 < first.kilobytes_of_pictures < 200  # of 26
    assert first.n_requests <= 12
    assert first.painted_ms <= first.pictures_ms <= first.usable_ms <= first.map_ms


def test_a_first_visit_asks_for_few_things_also_where_pictures_come_from_elsewhere(traveller):
    traveller.finds_pictures()
    asked = []
    traveller.page.on(
        "request", lambda one: asked.append(one.url) if one.url.startswith("http") else None
    )
    traveller.open("atlas/nearby/")
    assert 26 < len(asked) <= MOST_REQUESTS, asked


def test_what_exceeds_its_bound_is_said_and_fails(capsys):
    assert report("page", [("bytes", 10.0, "kB", 20), ("map", 99.0, "ms", None)])
    assert "NOT HELD" not in capsys.readouterr().out
    assert not report("page", [("bytes", 30.0, "kB", 20), ("requests", 1.0, "", 2)])
    assert "NOT HELD" in capsys.readouterr().out


def test_a_click_before_dash_is_there_is_answered_and_a_step_of_its_own(visitor):
    page = visitor.page
    let_go = hold_libraries(page)
    page.goto(f"{visitor.server}/atlas/tiny/", wait_until="commit")
    cards = page.locator(".first-paint ul.cards button.card")
    expect(cards).to_have_count(25)
    expect(page.locator(".first-paint .selected-name")).to_have_text("MOCK-000000")
    expect(page.locator(".first-paint .picture.is-loaded")).to_have_count(26)
    third = cards.nth(2).get_attribute("aria-label").removeprefix("3: ").split(",")[0]
    cards.nth(2).click()
    let_go()
    visitor.sees_selected(third)
    expect(page.locator(".first-paint")).to_have_count(0)
    visitor.sees_cards(25)
    visitor.sees_map()
    visitor.wait_until_idle()
    page.go_back()
    visitor.sees_selected("MOCK-000000")


def test_the_keyboard_keeps_its_card_when_dash_takes_over_and_all_else_waits(visitor):
    page = visitor.page
    let_go = hold_libraries(page)
    page.goto(f"{visitor.server}/atlas/tiny/?galaxy=MOCK-000005", wait_until="commit")
    expect(page.locator(".first-paint .picture.is-loaded")).to_have_count(26)
    page.keyboard.press("Tab")  # nothing but the gallery is reached
    page.keyboard.press("ArrowRight")
    card = page.evaluate(FOCUSED)
    assert card == page.locator(".first-paint ul.cards .card").nth(1).get_attribute("id")
    let_go()
    expect(page.locator(".first-paint")).to_have_count(0)
    assert page.evaluate(FOCUSED) == card
    visitor.sees_map()
    visitor.wait_until_idle()
    assert page.evaluate(FOCUSED) == card
    expect(page.locator(".selected-name")).to_have_text("MOCK-000005")
