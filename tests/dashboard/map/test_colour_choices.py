"""What the map can be coloured by, and how the address says so."""

import numpy as np
import pandas as pd
import pytest

from dashboard.explorer.explorer import Explorer, UnknownColumnError
from dashboard.filters.filters import SIMILARITY
from dashboard.map.colour_choices import (
    DENSITY,
    checked_colour,
    choices,
    colour_by,
    colour_from_address,
    colour_to_address,
    default_colour,
    told_by_map,
)
from dashboard.map.colours import UNKNOWN
from dashboard.query.query import Query
from tests.dashboard.small_atlas import fan, small_atlas, unit_rows


def test_the_columns_come_first_then_what_the_map_itself_tells(explorer):
    assert list(choices(explorer).items())[-3:] == [
        ("ra_deg", "RA deg"),
        (SIMILARITY, "similarity to the query"),
        (DENSITY, "density on the map"),
    ]


def test_columns_worth_colouring_by_are_those_that_tell_galaxies_apart():
    n = 40
    columns = {
        "mag_z": np.linspace(14, 20, n).astype(np.float32),
        "photo_z": np.r_[np.nan, np.inf, np.full(n - 2, 0.1)],
        "n_arms": pd.array([None, 2, 3, 4] * 10, dtype="Int64"),
        "brickid": np.arange(500_000, 500_000 + n),
        "kind": ["spiral", "lens", "", None] * 10,
        "named": [f"NGC {row}" for row in range(n)],
        "same": ["x"] * n,
        "faulty": [True, False] * 20,
        "grade": pd.Categorical([1, 2] * 20),
        "nothing": np.full(n, np.nan),
    }
    names = list(choices(fan(np.arange(n), columns=columns)))
    assert names == [
        *("mag_z", "n_arms", "kind", "faulty", "grade", "ra_deg"),
        *(SIMILARITY, DENSITY),
    ]


def test_the_map_begins_with_kinds_of_galaxies_else_with_numbers(explorer):
    assert default_colour(explorer) == "kind"
    assert default_colour(Explorer(small_atlas(unit_rows([[1, 0], [0, 1]])))) == DENSITY
    assert default_colour(Explorer(small_atlas(unit_rows([[1, 0]])))) == ""


def test_an_identifier_is_no_colour_and_of_numbers_the_map_shows_the_one_that_it_tells_of():
    n = 60
    rng = np.random.default_rng(1)
    columns = {
        "sdss_objid": 587_727_177_913_204_910 + np.arange(n),  # all the same as float64
        "spec_id": rng.integers(0, 30, n),
        "p_noise": rng.uniform(size=n),
        "p_spiral": np.linspace(0, 1, n),
    }
    atlas = small_atlas(unit_rows(rng.normal(size=(n, 3))), columns=columns)
    atlas.map_xy[:, 0] = columns["p_spiral"]
    explorer = Explorer(atlas)
    assert not {"sdss_objid", "spec_id"} & set(choices(explorer))
    assert default_colour(explorer) == "p_spiral"
    assert told_by_map(explorer, "p_spiral") > 0.9 > 0.3 > told_by_map(explorer, "p_noise")


@pytest.mark.parametrize("name", ["object_id", "no_such_column", None, 3, ["mag_z"], ""])
def test_a_colour_that_was_not_offered_is_refused(explorer, name):
    with pytest.raises(UnknownColumnError, match=r"cannot be coloured by .*\. Choose another"):
        checked_colour(explorer, name)


def test_similarity_is_that_of_each_galaxy_with_the_query():
    # Embeddings at 0, 60, 90 and 180 degrees: cosines 1, 1/2, 0 and -1 with the first.
    explorer = fan([0, 60, 90, 180])
    colours = colour_by(explorer, SIMILARITY, Query(rows=(0,)))
    assert np.argsort(colours.position).tolist() == [3, 2, 1, 0]
    assert colours.limits == pytest.approx(np.quantile([1, 0.5, 0, -1], [0.02, 0.999]))
    opposite = colour_by(explorer, SIMILARITY, Query(rows=(3,)))
    assert np.argsort(opposite.position).tolist() == [0, 1, 2, 3]


def test_without_a_query_there_is_nothing_to_be_similar_to(explorer):
    assert len(set(colour_by(explorer, SIMILARITY).position.tolist())) == 1


def test_density_has_a_logarithmic_scale_between_counts():
    atlas = small_atlas(unit_rows(np.ones((41, 2))))
    atlas.map_xy[:40] = 0.3  # a crowd, and one galaxy alone
    atlas.map_xy[40] = 0.8
    colours = colour_by(Explorer(atlas), DENSITY)
    assert colours.is_log
    assert colours.position[40] < colours.position[0]
    assert 1 <= colours.limits[0] < colours.limits[1] <= 40
    assert colours.unit == "galaxies within 0.02"


def test_columns_bring_their_name_and_unit_and_the_unknown_stays_unknown(explorer):
    colours = colour_by(explorer, "mag_z")
    assert (colours.label, colours.unit) == ("z magnitude", "mag")
    assert colours.position[0] == pytest.approx(UNKNOWN)


# In the address


def test_the_first_colour_needs_no_word_in_the_address(explorer):
    assert colour_to_address(explorer, "kind") == ""
    assert colour_to_address(explorer, "mag_z") == "&colour=mag_z"
    assert colour_to_address(explorer, DENSITY) == "&colour=~density"


@pytest.mark.parametrize("name", ["mag_z", SIMILARITY, DENSITY])
def test_an_address_brings_the_colour_back(explorer, name):
    search = f"?galaxy=G1&k=25{colour_to_address(explorer, name)}"
    assert colour_from_address(explorer, search) == (name, "")


def test_an_address_with_a_colour_that_cannot_be_gets_a_sentence_and_the_first_one(explorer):
    name, sentence = colour_from_address(explorer, "?galaxy=G1&colour=%3Cscript%3E")
    assert name == "kind"
    assert sentence == (
        "The map of Small atlas cannot be coloured by '<script>'. Choose another colour."
    )
