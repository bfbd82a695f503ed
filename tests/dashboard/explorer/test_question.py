"""Questions with positives, negatives and options, against the slow, obvious way."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import NoCommonDirectionError, Question
from tests.dashboard.small_atlas import fan, random_unit_rows, small_atlas

ARCSEC = 1 / 3600


@settings(max_examples=60)
@given(
    n=st.integers(1, 60),
    n_positives=st.integers(1, 3),
    n_negatives=st.integers(0, 2),
    k=st.sampled_from([1, 16, 100]),
    min_separation_arcsec=st.sampled_from([0, 3.0, 25.15, 60]),
    least_similar=st.booleans(),
    seed=st.integers(0, 99),
    dtype=st.sampled_from(["float32", "float16"]),
)
def test_the_exact_search_is_the_slow_obvious_one(
    n, n_positives, n_negatives, k, min_separation_arcsec, least_similar, seed, dtype
):
    rng = np.random.default_rng(seed)
    embeddings = random_unit_rows(n, 6, seed).astype(dtype)
    positions = 10 + rng.uniform(0, 200, n) * ARCSEC, rng.uniform(-100, 100, n) * ARCSEC
    examples = rng.permutation(n)[: n_positives + n_negatives].tolist()
    positives, negatives = examples[:n_positives], examples[n_positives:]
    sky = SkyCoord(*positions, unit="deg")
    near = (sky[:, None].separation(sky) < min_separation_arcsec * u.arcsec) | np.eye(n, dtype=bool)

    exact = embeddings.astype(float)
    wanted = exact[positives].mean(axis=0)
    if negatives:
        wanted = wanted - 0.3 * exact[negatives].mean(axis=0)
    cosine = exact @ (wanted / np.linalg.norm(wanted))
    kept = []
    for row in np.argsort(cosine if least_similar else -cosine, kind="stable"):
        if not near[row, examples + kept].any():
            kept.append(int(row))

    explorer = Explorer(small_atlas(embeddings, positions))
    asked = Question(
        tuple(positives),
        tuple(negatives),
        min_separation_arcsec=min_separation_arcsec,
        least_similar=least_similar,
    )
    found = explorer.search.exact(asked, k)
    assert found.rows.tolist() == kept[:k]
    assert found.similarity == pytest.approx(cosine[kept[:k]], abs=1e-5)
    assert explorer.neighbours(asked, k).rows.tolist() == kept[:k]
    assert explorer.search.similarity(asked) == pytest.approx(cosine.clip(-1, 1), abs=1e-5)


@pytest.fixture(scope="module")
def circle():
    """36 galaxies, 10 degrees apart in the representation; row i is at 10 i degrees."""
    return fan(np.arange(0, 360, 10))


def test_a_negative_turns_the_question_away_from_it(circle):
    assert set(circle.neighbours(Question((9,)), 4).rows) == {8, 10, 7, 11}
    turned = circle.neighbours(Question((9,), negatives=(12,)), 4)
    assert turned.rows.tolist() == [8, 7, 6, 10]  # 90 degrees less 0.3 of 120 degrees is 78.5
    assert 12 not in circle.neighbours(Question((9,), negatives=(12,)), 100).rows


def test_the_least_similar_lie_opposite_and_come_first(circle):
    found = circle.neighbours(Question((0,), least_similar=True), 3)
    assert found.rows[0] == 18
    assert set(found.rows) == {17, 18, 19}
    assert found.similarity == pytest.approx([-1, -0.9848, -0.9848], abs=1e-4)


def test_the_index_finds_the_least_similar_as_the_exact_search_does():
    explorer = Explorer(small_atlas(random_unit_rows(3_000, 8), n_trees=10, search_k=2_000))
    for row in range(0, 3_000, 300):
        asked = Question((row,), negatives=(row + 1,), least_similar=True)
        found, oracle = explorer.neighbours(asked, 50), explorer.search.exact(asked, 50)
        assert len(np.intersect1d(found.rows, oracle.rows)) >= 49


def test_galaxies_that_leave_nothing_of_each_other_get_a_sentence(circle):
    with pytest.raises(NoCommonDirectionError, match="2 galaxies of this query are opposites"):
        circle.neighbours(Question((0, 18)), 16)
