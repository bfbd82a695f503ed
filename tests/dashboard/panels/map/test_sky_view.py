"""The place of the sky on the page, and what its callbacks send."""

from dashboard import ids
from dashboard.panels.map import sky_view
from dashboard.web.assets import ASSETS
from tests.dashboard.panel_words import all_of
from tests.dashboard.two_pages import ask, callback_of


def test_similarity_comes_first_and_the_browser_remembers_the_choice():
    (choice,) = all_of(sky_view.switch(), "RadioItems")
    assert [option["value"] for option in choice.options] == ["similarity", "sky"]
    assert choice.value == "similarity"
    assert (choice.persistence, choice.persistence_type) == (True, "local")


def test_every_button_has_a_name_and_the_script_is_there():
    place = sky_view.layout()
    for button in all_of(place, "Button"):
        said = getattr(button, "aria-label", None) or button.children
        assert len(said) > 1
    address = place.to_plotly_json()["props"]["data-script"]
    assert (ASSETS / address.rpartition("/")[2]).is_file()


def sent(client, app, callback, asks_for, value):
    """Return status and data of what a callback of the sky sends."""
    inputs = [{"id": asks_for, "property": "data", "value": value}]
    output = callback_of(app, callback)
    status, told = ask(client, output, inputs, changed=[f"{asks_for}.data"])
    return status, told.get("response", {}).get(output.split(".")[0], {}).get("data")


def test_positions_are_sent_when_the_sky_is_seen_and_those_of_each_query(app, client):
    status, survey = sent(client, app, "show_survey", ids.SKY_WANTED, True)
    assert status == 200
    assert set(survey) == {"ra", "dec", "rows", "edge", "plane", "middle", "extent"}
    asked = {"atlas": "one", "query": {"rows": [3], "k": 16}}
    status, marks = sent(client, app, "show_query", ids.SKY_ASKED, asked)
    assert status == 200
    assert marks["query"]["rows"] == [3]
    assert len(marks["neighbours"]["ra"]) == 16


def test_what_is_no_query_of_this_atlas_is_not_answered(app, client):
    for asked in (
        {"atlas": "two", "query": {"rows": [3], "k": 16}},
        {"atlas": "one", "query": {"rows": [10**6], "k": 16}},
        {"atlas": "one"},
        "x",
        None,
    ):
        _, marks = sent(client, app, "show_query", ids.SKY_ASKED, asked)
        assert marks is None, asked
