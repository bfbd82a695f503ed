"""Options: what is wrong with one, and the sizes that are offered."""

from dashboard import ids
from dashboard.panels.query import options
from tests.dashboard.panel_words import all_of, page_of, turn_of


def test_a_separation_that_cannot_be_is_said_until_one_can_be(explorer):
    too_far, well = ("option", {"min_separation_arcsec": 61}), ("k", {"k": 36})
    show = options.part().show
    assert show(turn_of(explorer, page_of(explorer, 3), too_far)) == (
        "Choose from 0 to 60 arcsec.",
    )
    assert show(turn_of(explorer, page_of(explorer, 3), well)) == ("",)


def test_every_size_has_its_button():
    sizes = next(c for c in all_of(options.layout(), "RadioItems") if c.id == ids.PICTURE_SIZE)
    assert tuple(option["value"] for option in sizes.options) == options.SIZES
