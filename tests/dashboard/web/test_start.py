"""Where a visit begins, and how it gets from one atlas to another."""

import re
from dataclasses import replace

import pytest

from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.panels.page import header
from dashboard.web.start import atlas_of_address, choose_start, why_started
from pipeline.atlas import CutoutService
from tests.dashboard.panel_words import all_of, texts
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

SERVICE = CutoutService(
    base_url="https://www.legacysurvey.org/viewer/jpeg-cutout",
    layer="ls-dr9",
    field_column="major_axis_arcmin",
)


def explorer_of(name, *, thumbnails=False, service=None, simulated=False):
    """Return twenty galaxies; as thumbnails, for what only asks whether there are any, a list."""
    identifiers = [f"{name.upper()}-{row}" for row in range(20)]
    columns = {"object_id": identifiers, "major_axis_arcmin": [1.0] * 20}
    atlas = small_atlas(random_unit_rows(20, 4), columns=columns)
    manifest = replace(
        atlas.manifest,
        name=name,
        title=f"The {name} galaxies",
        simulated=simulated,
        cutout_service=service,
    )
    explorer = Explorer(replace(atlas, manifest=manifest))
    explorer.thumbnails = [b""] * 20 if thumbnails else None
    return explorer


def opened(*explorers):
    return {explorer.name: explorer for explorer in explorers}


NEARBY = explorer_of("nearby", service=SERVICE)
MOCK = explorer_of("mock", thumbnails=True, simulated=True)
BARE = explorer_of("bare")


def test_real_galaxies_come_first_if_their_pictures_can_be_fetched():
    start = choose_start(opened(NEARBY, MOCK))
    assert (start.first, start.otherwise, start.host) == (NEARBY, MOCK, "legacysurvey.org")
    assert start.probe.startswith("https://www.legacysurvey.org/viewer/jpeg-cutout?ra=")


@pytest.mark.parametrize(
    ("explorers", "first"),
    [
        ((MOCK, NEARBY), MOCK),  # asked for in this order
        ((NEARBY,), NEARBY),
        ((NEARBY, BARE), NEARBY),  # no pictures without the service: nothing better to show
        ((BARE, MOCK), MOCK),
        ((BARE, NEARBY), BARE),
    ],
)
def test_without_a_choice_nothing_is_tried(explorers, first):
    start = choose_start(opened(*explorers))
    assert (start.first, start.otherwise, start.probe) == (first, None, "")
    assert [why_started(explorer, opened(*explorers)) for explorer in explorers] == [""] * len(
        explorers
    )


def test_the_page_says_why_it_is_there():
    explorers = opened(NEARBY, MOCK, BARE)
    assert why_started(NEARBY, explorers) == (
        "Showing The nearby galaxies: legacysurvey.org, where the pictures come from, can be "
        "reached."
    )
    assert why_started(MOCK, explorers) == (
        "Showing The mock galaxies, since the pictures of The nearby galaxies come from "
        "legacysurvey.org, which could not be reached in time."
    )
    assert why_started(BARE, explorers) == ""
    assert header.start_note(BARE, explorers) is None


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("galaxy=NEARBY-3&k=25", NEARBY),
        ("galaxy=MOCK-3&k=25", MOCK),
        ("galaxy=NOBODY", NEARBY),
        ("galaxy=%ff", NEARBY),
        ("galaxy=MOCK-3&k=7", MOCK),  # an option that cannot be costs the option
        ("", None),
        ("utm_source=mail", None),
    ],
)
def test_an_address_without_an_atlas_is_that_of_the_first_that_has_the_galaxy(search, found):
    assert atlas_of_address(opened(NEARBY, MOCK), search) is found


@pytest.fixture(scope="module")
def client():
    return create_app(opened(NEARBY, MOCK)).test_client()


def test_the_first_page_has_one_picture_tried_and_links_to_every_atlas(client):
    page = client.get("/").text
    assert 'data-first="/atlas/nearby/"' in page
    assert 'data-otherwise="/atlas/mock/"' in page
    assert re.findall(r'<a href="([^"]+)"', page) == ["/atlas/nearby/", "/atlas/mock/"]
    assert "20 simulated galaxies" in page
    assert "20 real galaxies" in page
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        with client.get(address) as answer:
            assert answer.status_code == 200


def test_where_there_is_nothing_to_find_out_the_atlas_is_shown_at_once():
    answer = create_app(opened(MOCK, NEARBY)).test_client().get("/")
    assert (answer.status_code, answer.location) == (302, "/atlas/mock/")


def test_an_address_of_before_there_were_several_atlases_still_leads_to_its_galaxy(client):
    answer = client.get("/?galaxy=MOCK-3&k=36")
    assert (answer.status_code, answer.location) == (302, "/atlas/mock/?galaxy=MOCK-3&k=36")


@pytest.mark.parametrize("address", ["//evil.example", "%0d%0aSet-Cookie:a", "?//evil.example"])
def test_a_galaxy_called_like_an_address_leads_nowhere_else(client, address):
    answer = client.get(f"/?galaxy={address}")
    assert answer.location.startswith("/atlas/nearby/?galaxy=")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("address", ["/atlas/nope/", "/atlas/nope", "/atlas/nope/?galaxy=MOCK-3"])
def test_an_atlas_that_is_not_open_is_answered_by_those_that_are(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert "There is no atlas called “nope” here." in answer.text
    assert re.findall(r'<a href="([^"]+)"', answer.text) == ["/atlas/nearby/", "/atlas/mock/"]


def test_the_name_of_an_unknown_atlas_cannot_become_part_of_the_page(client):
    text = client.get("/atlas/<script>alert(1)</script>" + "x" * 1000).text
    assert "<script>alert" not in text
    assert "x" * 100 not in text


@pytest.mark.parametrize("name", ["mock", "nearby"])
def test_the_last_slash_may_be_left_out(client, name):
    answer = client.get(f"/atlas/{name}", follow_redirects=True)
    assert answer.request.path == f"/atlas/{name}/"
    assert answer.status_code == 200


def test_the_switch_links_every_atlas_and_marks_the_one_that_is_shown():
    switch = header.atlas_switch(MOCK, opened(NEARBY, MOCK))
    links = all_of(switch, "A")
    assert [link.href for link in links] == ["/atlas/nearby/", "/atlas/mock/"]
    assert texts(switch) == [
        *("The nearby galaxies", "20 real galaxies"),
        *("The mock galaxies", "20 simulated galaxies"),
    ]
    marked = [link.to_plotly_json()["props"].get("aria-current") for link in links]
    assert marked == [None, "page"]


def test_a_single_atlas_has_no_switch():
    def navs(*explorers):
        return all_of(header.layout("Galaxy Finder", MOCK, opened(*explorers), []), "Nav")

    assert navs(MOCK) == []
    assert len(all_of(navs(MOCK, BARE), "A")) == 2
