from dataclasses import replace

import pytest

from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import SIMILARITY
from dashboard.map.colour_choices import DENSITY
from dashboard.map.hover import key_columns, key_values
from dashboard.query.query import Query
from pipeline.atlas import Column
from tests.dashboard.small_atlas import small_atlas, unit_rows

COLUMNS = {
    "mag_r": [17.25, 18.5],
    "z_phot": [0.1, 0.2],
    "redshift": [0.11, None],
    "source_type": ["EXP", "DEV"],
    "size": [1.0, 2.0],
}


@pytest.fixture(scope="module")
def explorer():
    atlas = small_atlas(unit_rows([[1, 0], [1, 1]]), columns=COLUMNS, brightness_column="mag_r")
    units = {"mag_r": Column("mag_r", "mag"), "size": Column("size", "arcsec")}
    return Explorer(replace(atlas, columns=atlas.columns | units))


def test_of_several_redshifts_the_most_trustworthy_is_told(explorer):
    assert key_columns(explorer) == ["mag_r", "redshift", "source_type"]


def test_what_the_map_is_coloured_by_follows_then_the_similarity(explorer):
    # (1, 1) at unit length and (1, 0): the cosine of 45 degrees.
    assert key_values(explorer, explorer.galaxy(1), "size", Query(rows=(0,))) == [
        ("r magnitude", "18.5 mag"),
        ("redshift", "–"),
        ("source type", "DEV"),
        ("size", "2 arcsec"),
        ("similarity", "0.707"),
    ]


def test_nothing_is_told_twice(explorer):
    for colour in ("mag_r", SIMILARITY, ""):
        told = key_values(explorer, explorer.galaxy(0), colour, Query(rows=(0,)))
        assert [label for label, _ in told] == [
            "r magnitude",
            "redshift",
            "source type",
            "similarity",
        ]


def test_the_density_of_the_map_is_told_where_it_is_the_colour(explorer):
    told = key_values(explorer, explorer.galaxy(0), DENSITY, None)
    assert told[-1] == ("galaxies within 0.02", "about 2")


def test_an_atlas_with_none_of_these_tells_what_it_is_coloured_by():
    explorer = Explorer(small_atlas(unit_rows([[1, 0], [0, 1]]), columns={"size": [1.0, 2.0]}))
    assert key_values(explorer, explorer.galaxy(1), "size", None) == [("size", "2")]
