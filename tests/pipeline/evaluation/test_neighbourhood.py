import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation.neighbourhood import DEPTH, Neighbourhood, leave_one_out
from pipeline.evaluation.representations import unit


def ring(n):
    angle = 2 * np.pi * np.arange(n) / n
    return np.column_stack([np.cos(angle), np.sin(angle)]).astype(np.float32)


def test_a_galaxy_is_never_its_own_neighbour():
    neighbours = leave_one_out(ring(12), 2)
    assert [sorted(pair) for pair in neighbours.tolist()] == [
        sorted([(i - 1) % 12, (i + 1) % 12]) for i in range(12)
    ]


def test_twins_do_not_make_a_galaxy_its_own_neighbour():
    same = np.tile(np.array([[1, 0]], np.float32), (6, 1))
    neighbours = leave_one_out(same, 2)
    assert neighbours.shape == (6, 2)
    assert (neighbours != np.arange(6)[:, None]).all()


def by_sorting(vectors, known, k):
    """Return the same as `Neighbourhood.among`, slowly."""
    result = []
    for own in np.flatnonzero(known):
        others = [row for row in np.flatnonzero(known) if row != own]
        result.append(sorted(others, key=lambda row: -(vectors[own] @ vectors[row]))[:k])
    return result


@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.02, 1), k=st.integers(1, 5))
@settings(max_examples=30)
def test_neighbours_among_those_with_a_label_are_those_of_a_plain_search(seed, share, k):
    rng = np.random.default_rng(seed)
    vectors = unit(rng.standard_normal((DEPTH + 30, 3)))
    known = rng.random(len(vectors)) < share
    known[: k + 1] = True
    among = Neighbourhood(vectors).among(known, k)
    expected = by_sorting(vectors, known, k)
    similarity = (vectors[np.flatnonzero(known)][:, None] * vectors[among]).sum(axis=2)
    best = [[vectors[own] @ vectors[row] for row in rows]
            for own, rows in zip(np.flatnonzero(known), expected, strict=True)]  # fmt: skip
    assert known[among].all()
    assert (among != np.flatnonzero(known)[:, None]).all()
    assert similarity == pytest.approx(np.array(best), abs=1e-6)


def test_more_neighbours_than_are_kept_can_be_asked_for():
    k = DEPTH + 6
    among = Neighbourhood(ring(k + 1)).among(np.ones(k + 1, bool), k)
    assert [sorted(row) for row in among.tolist()] == [
        [other for other in range(k + 1) if other != own] for own in range(k + 1)
    ]
