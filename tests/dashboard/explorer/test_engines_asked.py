"""Neighbours by every engine beside brute force: filters, examples, ties, pieces, opposites."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.explorer.neighbours import (
    NEGATIVE_SHARE,
    NeighbourSearch,
    NoCommonDirectionError,
    Question,
)
from pipeline.atlas import Vectors
from tests.dashboard.small_atlas import random_positions, random_unit_rows, unit_rows
from tests.pipeline.atlas.engines.built_engines import (
    N_MANY,
    TARGET,
    TRIED,
    built,
    built_of_many,
    many,
    nearest_by_brute_force,
    share_found,
)

pytestmark = pytest.mark.parametrize("name", TRIED)
SHARES = [1.0, 0.3, 0.1, 0.03, 0.01, 0.001, 0.0001]


def on_sphere(ra_deg, dec_deg):
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=1)


def search_of(name, embeddings, directions=None):
    """Return a search among some galaxies, far apart unless directions on the sky are given."""
    if directions is None:
        directions = on_sphere(*random_positions(len(embeddings)))
    engine = built_of_many(name) if embeddings is many() else built(name, Vectors(embeddings))
    return NeighbourSearch(Vectors(embeddings), engine, directions)


def allowed_share(n, share, seed=0):
    return np.random.default_rng(seed).permutation(n) < max(1, round(share * n))


@pytest.mark.parametrize("share", SHARES)
def test_within_a_filter_the_nearest_are_those_of_brute_force(name, share):
    search, allowed = search_of(name, many()), allowed_share(N_MANY, share)
    shares = []
    for row in range(0, N_MANY, 400):
        found = search.nearest(Question((row,)), 100, allowed)
        nearest = nearest_by_brute_force(many(), many()[row], 100, allowed, without=[row])
        assert len(found.rows) == len(np.unique(found.rows)) == len(nearest)
        assert allowed[found.rows].all()
        assert row not in found.rows
        assert (np.diff(found.similarity) <= 0).all()
        assert found.similarity == pytest.approx(many()[found.rows] @ many()[row], abs=1e-5)
        shares.append(share_found(found.rows, nearest, many(), many()[row]))
    assert np.mean(shares) >= TARGET


@settings(max_examples=15)
@given(
    n=st.integers(1, 200),
    share=st.sampled_from([0.0, 1.0]) | st.floats(0, 1),
    k=st.sampled_from([1, 16, 100]),
    seed=st.integers(0, 99),
)
def test_among_few_galaxies_those_of_brute_force_in_its_order(name, n, share, k, seed):
    embeddings = random_unit_rows(n, 6, seed)
    search = search_of(name, embeddings)
    allowed = np.random.default_rng(seed).permutation(n) < round(share * n)
    expected = nearest_by_brute_force(embeddings, embeddings[0], k, allowed, without=[0])
    assert search.checked(Question((0,)), k, allowed).rows.tolist() == expected.tolist()
    assert search.exact(Question((0,)), k, allowed).rows.tolist() == expected.tolist()
    found = search.nearest(Question((0,)), k, allowed)
    assert len(found.rows) == len(set(found.rows.tolist())) == len(expected)
    assert set(found.rows) <= set(np.flatnonzero(allowed))


@pytest.mark.parametrize("share", [1.0, 0.1, 0.01])
def test_the_least_similar_are_those_of_brute_force(name, share):
    search, allowed = search_of(name, many()), allowed_share(N_MANY, share)
    shares = []
    for row in range(0, N_MANY, 800):
        found = search.nearest(Question((row,), least_similar=True), 100, allowed)
        unlike = nearest_by_brute_force(many(), -many()[row], 100, allowed, without=[row])
        assert (np.diff(found.similarity) >= 0).all()
        shares.append(share_found(found.rows, unlike, many(), -many()[row]))
    assert np.mean(shares) >= 0.95


def test_several_examples_and_negatives_are_no_neighbours_of_themselves(name):
    search = search_of(name, many())
    shares = []
    for row in range(0, N_MANY - 7, 800):
        asked = Question((row, row + 1, row + 2), negatives=(row + 5, row + 6))
        direction = many()[list(asked.rows)].mean(axis=0, dtype=float)
        direction -= NEGATIVE_SHARE * many()[list(asked.negatives)].mean(axis=0, dtype=float)
        direction /= np.linalg.norm(direction)
        found = search.nearest(asked, 50)
        assert not set(found.rows) & set(asked.examples)
        nearest = nearest_by_brute_force(many(), direction, 50, without=asked.examples)
        shares.append(share_found(found.rows, nearest, many(), direction))
    assert np.mean(shares) >= TARGET


def test_twins_are_all_as_good_and_when_checked_come_in_order_of_row(name):
    embeddings = np.vstack([np.tile(many()[:1], (500, 1)), many()[:1_500]])
    search = search_of(name, embeddings)
    expected = [row for row in range(101) if row != 7]
    assert search.checked(Question((7,)), 100).rows.tolist() == expected
    found = search.nearest(Question((7,)), 100)
    assert len(np.unique(found.rows)) == 100
    assert found.similarity == pytest.approx(1, abs=1e-5)
    assert 7 not in found.rows


def test_of_pieces_of_one_galaxy_the_most_similar_is_kept(name):
    # Pairs 20 arcsec apart, all else far away.
    rng = np.random.default_rng(2)
    ra_deg, dec_deg = random_positions(N_MANY)
    ra_deg[1::2], dec_deg[1::2] = ra_deg[::2], np.clip(dec_deg[::2] + 20 / 3600, -90, 90)
    sky = on_sphere(ra_deg, dec_deg)
    search = search_of(name, many(), sky)
    for row in rng.integers(N_MANY, size=10).tolist():
        order = nearest_by_brute_force(many(), many()[row], N_MANY, without=[row])
        pairs = order // 2
        first = np.unique(pairs, return_index=True)[1]
        kept = np.sort(first[np.unique(pairs) != row // 2])
        found = search.nearest(Question((row,)), 100)
        assert len(found.rows) == 100
        assert len(np.unique(found.rows // 2)) == 100
        assert row // 2 not in found.rows // 2
        nearest = order[kept][:100]
        assert share_found(found.rows, nearest, many(), many()[row]) >= 0.95


def test_more_are_asked_for_until_enough_lie_apart(name):
    # The 1,500 most similar to the first are pieces of one galaxy.
    order = nearest_by_brute_force(many(), many()[0], N_MANY)
    ra_deg, dec_deg = random_positions(N_MANY)
    ra_deg[order[1:1_501]], dec_deg[order[1:1_501]] = 10.0, 10.0
    found = search_of(name, many(), on_sphere(ra_deg, dec_deg)).nearest(Question((0,)), 25)
    assert found.rows[0] == order[1]
    assert share_found(found.rows[1:], order[1_501:1_525], many(), many()[0]) >= 0.9


def test_opposites_have_no_common_direction(name):
    search = search_of(name, unit_rows([[1, 0], [-1, 0], [0, 1]]))
    with pytest.raises(NoCommonDirectionError, match="2 galaxies of this query are opposites"):
        search.nearest(Question((0, 1)), 16)


def test_a_galaxy_alone_has_no_neighbours(name):
    search = search_of(name, random_unit_rows(1, 6))
    assert len(search.nearest(Question((0,)), 16).rows) == 0
    assert len(search.nearest(Question((0,), least_similar=True), 16).rows) == 0
    assert len(search.nearest(Question((0,)), 16, np.zeros(1, dtype=bool)).rows) == 0
