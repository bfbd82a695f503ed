"""Which other open atlases have what this one lacks."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.explorer.explorer import Explorer
from dashboard.search.counterparts import galaxies_elsewhere, homes_of
from dashboard.search.target import find_target
from tests.dashboard.small_atlas import small_atlas


def atlas_of(title, ra_deg, simulated=False, **columns):
    """Galaxies on the equator."""
    n = len(ra_deg)
    positions = np.array(ra_deg), np.zeros(n)
    atlas = small_atlas(np.eye(n, dtype=np.float32), positions, columns)
    manifest = replace(atlas.manifest, name=title.lower(), title=title, simulated=simulated)
    return Explorer(replace(atlas, manifest=manifest))


@pytest.fixture(scope="module")
def here():
    return atlas_of("Here", [10.0, 20.0])


@pytest.fixture(scope="module")
def others():
    return [
        atlas_of("Deep", [30.0, 40.0], name=["Rose", ""], major_axis_arcmin=[2.0, 1.0]),
        atlas_of("Mock", [30.0, 50.0], simulated=True),
        atlas_of("Far", [60.0, 70.0]),
    ]


def words(here, others, text):
    target = find_target(here, text, others=others)
    return [one.in_words for one in galaxies_elsewhere(text, target, others)]


def test_each_atlas_that_has_a_galaxy_there_is_named_with_the_galaxy(here, others):
    assert words(here, others, "30 0") == [
        "Deep has Rose, 0.0 arcsec off",
        "Mock (simulated) has G0, 0.0 arcsec off",
    ]


def test_their_galaxies_reach_as_far_as_they_are_large_there_too(here, others):
    assert words(here, others, "30.01 0") == ["Deep has Rose, 36.0 arcsec off"]
    assert words(here, others, "30.03 0") == []


def test_a_name_is_a_galaxy_of_who_knows_it_and_a_place_for_the_others(here, others):
    assert words(here, others, " rose ") == [
        "Deep has Rose",
        "Mock (simulated) has G0, 0.0 arcsec off",
    ]


def test_nobody_is_sent_away_from_what_is_here(here, others):
    assert words(here, others, "10 0") == words(here, others, "G1") == []


def test_the_identifier_is_that_of_the_other_atlas(here, others):
    target = find_target(here, "rose", others=others)
    assert galaxies_elsewhere("rose", target, others)[0].object_id == "G0"


def test_an_atlas_is_the_home_of_galaxies_if_it_has_them_all(others):
    homes = homes_of(["Rose", "G1"], others)
    assert [[one.in_words for one in home] for home in homes] == [["Deep has Rose", "Deep has G1"]]
    assert [len(homes_of([name], others)) for name in ("G1", "nothing")] == [3, 0]
    assert homes_of([], others) == []
