"""Galaxies that were not laid out lie among those that they are most similar to."""

import faiss
import numpy as np
import pytest

from pipeline.stages import placing
from pipeline.stages.placing import Placing
from tests.dashboard.small_atlas import unit_rows

N_SAMPLE, N, DIM = 800, 300, 8
rng = np.random.default_rng(2)
SAMPLE = unit_rows(rng.standard_normal((N_SAMPLE, DIM))).astype(np.float32)
SAMPLE_XY = rng.uniform(size=(N_SAMPLE, 2)).astype(np.float32)
OTHERS = unit_rows(rng.standard_normal((N, DIM))).astype(np.float32)


def by_hand():
    nearest = np.argsort(-(OTHERS @ SAMPLE.T), axis=1)[:, :5]
    return np.median(SAMPLE_XY[nearest], axis=1)


@pytest.fixture
def in_lists(monkeypatch):
    monkeypatch.setattr(placing, "SMALLEST_IN_LISTS", 100)


def test_a_galaxy_lies_at_the_median_of_the_five_most_similar():
    places = Placing(SAMPLE, SAMPLE_XY, 1).of(OTHERS)
    assert places.dtype == np.float32
    assert np.allclose(places, by_hand())


def test_lists_find_nearly_the_same(in_lists):
    places = Placing(SAMPLE, SAMPLE_XY, 1).of(OTHERS)
    assert np.mean(np.all(np.isclose(places, by_hand()), axis=1)) > 0.9


def test_a_sample_of_fewer_than_five_is_enough():
    places = Placing(SAMPLE[:3], SAMPLE_XY[:3], 1).of(OTHERS[:2])
    assert np.allclose(places, np.median(SAMPLE_XY[:3], axis=0))


def test_places_do_not_depend_on_the_threads_nor_on_who_is_placed_with_whom(in_lists):
    before = faiss.omp_get_max_threads()
    found = []
    for n_threads in (1, 3):
        faiss.omp_set_num_threads(n_threads)
        try:
            one = Placing(SAMPLE, SAMPLE_XY, 1)
            found.append(one.of(OTHERS))
            found.append(np.concatenate([one.of(OTHERS[:7]), one.of(OTHERS[7:])]))
        finally:
            faiss.omp_set_num_threads(before)
    assert all(places.tobytes() == found[0].tobytes() for places in found)


def test_the_number_of_threads_is_left_as_it_was(in_lists):
    before = faiss.omp_get_max_threads()
    Placing(SAMPLE, SAMPLE_XY, 1)
    assert faiss.omp_get_max_threads() == before
