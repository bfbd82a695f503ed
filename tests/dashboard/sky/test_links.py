"""Links to what others know of a position, and the names of what lies there."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explorer.explorer import Explorer
from dashboard.names.openngc import BundledNames, BundledObject, bundled_names
from dashboard.panels.results import selected
from dashboard.pictures.addresses import Pictures
from dashboard.query.answer import answer
from dashboard.query.query import Query
from dashboard.sky.coordinates import SkyPosition, parse_position
from dashboard.sky.links import sky_links
from tests.dashboard.panel_words import all_of, texts
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

HOSTS = {
    "Legacy Surveys": "www.legacysurvey.org",
    "SIMBAD": "simbad.cds.unistra.fr",
    "NED": "ned.ipac.caltech.edu",
    "SDSS": "skyserver.sdss.org",
    "Aladin": "aladin.cds.unistra.fr",
}
M_51 = SkyPosition(202.469625, 47.195167)


def sky_of(positions, simulated=False, columns=None):
    """Return an explorer of galaxies at these positions."""
    ra_deg, dec_deg = np.array(positions, dtype=float).T
    atlas = small_atlas(random_unit_rows(len(positions), 4), (ra_deg, dec_deg), columns)
    return Explorer(replace(atlas, manifest=replace(atlas.manifest, simulated=simulated)))


def shown(explorer, row=0):
    return selected.show(explorer, Pictures(explorer), answer(explorer, Query((row,))))


# Addresses


def test_each_service_is_asked_for_the_position_in_its_own_way():
    asked = {
        link.name: (urlsplit(link.address).path, parse_qs(urlsplit(link.address).query))
        for link in sky_links(SkyPosition(199.3324, -20.6382))
    }
    ra, dec = "199.332400", "-20.638200"
    assert asked["Legacy Surveys"] == (
        "/viewer",
        {"ra": [ra], "dec": [dec], "layer": ["ls-dr9"], "zoom": ["15"], "mark": [f"{ra},{dec}"]},
    )
    assert asked["SIMBAD"][0] == "/simbad/sim-coo"
    assert asked["SIMBAD"][1]["Coord"] == [f"{ra} {dec}"]
    assert asked["SIMBAD"][1]["Radius.unit"] == ["arcsec"]
    assert asked["NED"][0] == "/conesearch"
    assert asked["NED"][1]["ra"] == [f"{ra}d"]
    assert asked["NED"][1]["dec"] == [f"{dec}d"]
    assert asked["NED"][1]["radius"] == ["0.5"]  # arcmin
    assert asked["SDSS"] == (
        "/dr18/VisualTools/explore/summary",
        {"ra": [ra], "dec": [dec]},
    )
    assert asked["Aladin"] == ("/AladinLite/", {"target": [f"{ra} {dec}"], "fov": ["0.1"]})


@given(
    ra=st.floats(0, 360, exclude_max=True),
    dec=st.floats(-90, 90),
)
def test_addresses_are_secure_of_known_hosts_and_of_plain_characters(ra, dec):
    for link in sky_links(SkyPosition(ra, dec)):
        parts = urlsplit(link.address)
        assert (parts.scheme, parts.netloc) == ("https", HOSTS[link.name])
        assert set(parts.query) <= set(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%&="
        )


def test_positions_are_rounded_into_their_range():
    link = sky_links(SkyPosition(359.99999999, -1e-9))[0]
    asked = parse_qs(urlsplit(link.address).query)
    assert (asked["ra"], asked["dec"]) == (["0.000000"], ["0.000000"])


@pytest.mark.parametrize(("ra", "dec"), [(np.nan, 0), (360, 0), (-1, 0), (0, 91), (0, np.inf)])
def test_what_is_not_a_position_gets_no_address(ra, dec):
    with pytest.raises(ValueError, match="not a position on the sky"):
        sky_links(SkyPosition(ra, dec))


# The panel


def test_a_real_sky_is_linked_to_what_others_know():
    links = all_of(shown(sky_of([M_51, (0, 0)])), "A")
    assert [link.children for link in links] == list(HOSTS)
    assert {(link.rel, link.target) for link in links} == {("noopener noreferrer", "_blank")}


def test_a_simulated_sky_has_no_links_and_no_names_of_others_and_says_why():
    panel = shown(sky_of([M_51, (0, 0)], simulated=True))
    assert all_of(panel, "A") == []
    assert any("the real sky has none here" in text for text in texts(panel))
    assert not any("NGC" in text for text in texts(panel))


def test_three_notations_of_the_position_can_be_copied():
    panel = shown(sky_of([M_51, (0, 0)], simulated=True))
    (place,) = (div for div in all_of(panel, "Div") if getattr(div, "className", "") == "positions")
    positions = [span.children for span in all_of(place, "Span") if span.children]
    assert positions == ["202.46963, +47.19517", "13:29:52.71 +47:11:42.6", "J132952.71+471142.6"]
    for text in positions:
        read = parse_position(text)
        assert read == pytest.approx(M_51, abs=1 / 3600)
    labels = [b.to_plotly_json()["props"]["aria-label"] for b in all_of(place, "Button")]
    assert labels == [
        "Copy the position in degrees",
        "Copy the sexagesimal position",
        "Copy the name",
    ]


def test_what_a_column_means_is_on_hover_and_on_the_page():
    panel = shown(sky_of([M_51, (0, 0)], columns={"mag_z": [14.0, 15.0]}))
    assert "What the columns mean" in texts(panel)
    assert "mag_z · column mag_z" in texts(panel)


# The nearest name


def test_a_galaxy_of_another_catalogue_is_told_its_nearest_name():
    half_an_arcmin_north = (M_51.ra_deg, M_51.dec_deg + 30 / 3600)
    words = texts(shown(sky_of([half_an_arcmin_north, (0, 0)])))
    assert "30.0 arcsec from NGC 5194 = M 51" in words


def test_a_name_that_is_told_already_is_not_told_again():
    columns = {"name": ["Messier 051", ""]}
    words = texts(shown(sky_of([M_51, (0, 0)], columns=columns)))
    assert not any("arcsec from" in text for text in words)


def test_far_from_all_names_none_is_told():
    words = texts(shown(sky_of([(180.0, -60.0), (0, 0)])))
    assert not any(" from " in text for text in words)


def named(name, ra_deg, size_arcsec, is_galaxy=True):
    return BundledObject((name,), SkyPosition(ra_deg, 0.0), is_galaxy, size_arcsec)


def test_the_nearest_name_reaches_as_far_as_its_disc_and_an_arcmin_at_least():
    names = BundledNames([named("small", 10.0, 0.0), named("large", 20.0, 600.0)])
    for ra_deg, name in ((10.016, "small"), (20.083, "large")):  # 57.6 and 298.8 arcsec
        found, away_arcsec = names.nearest(SkyPosition(ra_deg, 0.0))
        assert found.names == (name,)
        assert away_arcsec == pytest.approx((ra_deg - round(ra_deg)) * 3600, abs=1e-3)
    for ra_deg in (10.017, 20.084):  # 61.2 and 302.4 arcsec
        assert names.nearest(SkyPosition(ra_deg, 0.0)) is None


def test_of_names_that_reach_there_the_nearest_is_told_and_none_of_a_cluster():
    at_ten = SkyPosition(10.0, 0.0)
    objects = [
        named("large", 10.02, 600.0),
        named("near", 10.01, 0.0),
        named("cluster", 10.0, 3600.0, is_galaxy=False),
        BundledObject(("lost",), None, True, 0.0),
    ]
    assert BundledNames(objects).nearest(at_ten)[0].names == ("near",)


def test_names_are_found_across_right_ascension_zero_and_at_the_pole():
    names = BundledNames(
        [named("zero", 0.001, 0.0), BundledObject(("pole",), SkyPosition(0.0, 90.0), True, 0.0)]
    )
    assert names.nearest(SkyPosition(359.999, 0.0))[1] == pytest.approx(7.2, abs=1e-3)
    assert names.nearest(SkyPosition(123.0, 89.999))[0].names == ("pole",)


def test_every_bundled_galaxy_is_nearest_to_itself_or_shares_its_place():
    for name in ("M 31", "NGC 4647", "IC 10"):
        (one,) = bundled_names().find(name)
        assert bundled_names().nearest(one.position)[1] == pytest.approx(0, abs=1e-6)
