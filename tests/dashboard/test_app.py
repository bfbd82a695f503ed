"""The app as a whole: its wiring and its routes."""

import json
import re

import pytest

from dashboard import ids
from dashboard.app import create_app
from dashboard.map.requests import KINDS
from dashboard.page import layout
from dashboard.web.assets import ASSETS
from tests.dashboard.two_pages import explorer_called


def component_ids(component):
    found = [component.id] if getattr(component, "id", None) else []
    return found + [child.id for child in component._traverse() if getattr(child, "id", None)]


# Wiring


def test_every_id_of_a_callback_is_on_the_page(app):
    on_page = set(component_ids(app.layout))
    wired = set()
    for callback in app.callback_map.values():
        for dependency in [*callback["inputs"], *callback["state"]]:
            wired.add(dependency["id"])
    for output in app.callback_map:
        parts = output.strip(".").split("...") if output.startswith("..") else [output]
        wired.update(part.rsplit(".", 1)[0] for part in parts)
    named = {name for name in wired if name and not name.startswith("{")}
    # Callbacks without an output have a made-up one, a hash.
    missing = {name for name in named - on_page if not re.fullmatch(r"[0-9a-f]{32,}", name)}
    assert missing == set()


def test_no_callback_takes_the_place_of_another(client):
    # Two without an output and with the same input have the same made-up one: the last wins.
    outputs = [item["output"] for item in client.get("/atlas/one/_dash-dependencies").get_json()]
    assert len(outputs) == len(set(outputs)) > 20


def test_every_id_is_on_the_page_once_and_spelled_in_ids(app):
    on_page = component_ids(app.layout)
    spelled = {value for name, value in vars(ids).items() if name.isupper()}
    assert len(on_page) == len(set(on_page))
    assert set(on_page) == spelled - {ids.MAP_IN_VIEW}  # that is for a map of very many


def test_all_suggestions_and_filters_are_wired(app):
    patterns = [
        dependency["id"]
        for callback in app.callback_map.values()
        for dependency in callback["inputs"]
        if dependency["id"].startswith("{")
    ]
    of_filters = (ids.filter_remove, ids.filter_choice, ids.filter_part)
    of_ranges = (ids.filter_slider, ids.filter_least, ids.filter_most)
    for id_of in (ids.search_suggestion, *of_filters, ids.filter_least, ids.filter_most):
        assert id_of(["ALL"]) in map(json.loads, patterns)
    for id_of in of_ranges:  # slider and fields of one row, in the browser
        assert id_of(["MATCH"]) in map(json.loads, patterns)


def test_one_callback_writes_the_query(client):
    written = [
        item["output"]
        for item in client.get("/atlas/one/_dash-dependencies").get_json()
        if re.search(rf"(^|\.){ids.QUERY}\.data", item["output"])
    ]
    assert len(written) == 1


def test_what_buttons_ask_for_is_offered(app):
    asked = [
        json.loads(getattr(child, "data-request"))
        for child in app.layout._traverse()
        if getattr(child, "data-request", None)
    ]
    kinds = {request["kind"] for request in asked}
    assert kinds >= {"example", "clear-filters", "more-like-these", "region", "reset"}
    assert kinds <= set(KINDS)


def test_the_page_brings_everything_itself(client):
    page = client.get("/atlas/one/").text
    assert re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}[^\"'\s]*", page) == []
    assert '<html lang="en"' in page
    assert 'name="viewport"' in page
    assert 'rel="icon"' in page


def test_every_style_sheet_is_loaded_once_but_that_of_the_large_view(client):
    (address,) = re.findall(r'rel="stylesheet" href="([^"]+)"', client.get("/atlas/one/").text)
    sheets = re.findall(r"^/\* (\w+)\.css \*/$", client.get(address).text, re.MULTILINE)
    assert sheets == sorted({path.stem for path in ASSETS.glob("*.css")} - {"enlarged"})


def test_our_scripts_come_once_and_before_the_libraries_which_are_three_times_as_long(client):
    own, libraries = re.findall(r'src="([^"?]+)', client.get("/atlas/one/").text)
    assert (own.startswith("/assets/"), "dash-renderer" in libraries) == (True, True)
    names = re.findall(r"^/\* (\w+)\.js \*/$", client.get(own).text, re.MULTILINE)
    others = {"early", "start", "method", "enlarged", "enlarged_pictures"}
    there = {path.stem for path in ASSETS.glob("*.js")} - others
    later = ("sky_", "tiles_")  # when the sky is first seen, and where a map has tiles
    assert names == sorted(name for name in there if not name.startswith(later))


def test_what_must_run_before_the_first_paint_is_written_into_every_page_and_first(client):
    early = (ASSETS / "early.js").read_text()
    for address in ("/atlas/one/", "/atlas/one/method", "/atlas/nobody/"):
        page = client.get(address).text
        assert re.search(r"<script[^>]*>([^<]*)", page)[1] == early, address


def test_before_any_script_a_page_shows_the_words_and_the_frames_that_it_will_have(client):
    page = client.get("/atlas/one/").text
    shown = page[
        page.index('<div class="first-paint" inert>') : page.index('<div id="react-entry-point">')
    ]
    for words in ("Atlas one", "How it works", "Name or position", "Most similar", "Similarity"):
        assert words in shown, words
    assert shown.count('class="card is-bone"') == 25
    assert ' id="' not in shown  # none of the elements that callbacks know is there twice
    assert shown.count("<div") == shown.count("</div>")


def test_programs_that_talk_to_models_find_no_door(client):
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}
    assert not {rule for rule in rules if "mcp" in rule.lower()}
    for address in ("/_mcp", "/atlas/one/_mcp"):
        assert client.post(address, json={}).status_code in (404, 405)


def test_a_simulated_sky_is_said_to_be_so_and_a_real_one_is_not():
    for simulated in (True, False):
        explorer = explorer_called("a", simulated)
        words = json.dumps(
            layout(explorer, {"a": explorer}), default=lambda part: part.to_plotly_json()
        )
        assert ("Simulated sky" in words) == simulated


def test_health_counts_the_galaxies_of_every_atlas(client):
    answer = client.get("/health").get_json()
    assert answer["status"] == "ok"
    assert [(atlas["name"], atlas["n_objects"]) for atlas in answer["atlases"]] == [
        ("one", 30),
        ("two", 30),
    ]


def test_other_programs_are_told_which_atlases_are_open_and_where(client):
    (one, two) = client.get("/api").get_json()["atlases"]
    assert one == {
        "name": "one",
        "title": "Atlas one",
        "n_objects": 30,
        "simulated": True,
        "page": "/atlas/one/",
        "footprint_deg2": None,
        "pictures_from": None,
    }
    assert client.get(two["page"]).status_code == 200


def test_an_app_without_an_atlas_is_refused():
    with pytest.raises(ValueError, match="at least one atlas"):
        create_app({})
