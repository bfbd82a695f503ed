"""The few most similar of a sample, for many galaxies at once."""

import faiss
import numpy as np
import pytest

from pipeline.atlas.engines import SampleSearch, sample_search
from tests.dashboard.small_atlas import unit_rows

N_SAMPLE, N, DIM = 800, 300, 8
rng = np.random.default_rng(2)
SAMPLE = unit_rows(rng.standard_normal((N_SAMPLE, DIM))).astype(np.float32)
OTHERS = unit_rows(rng.standard_normal((N, DIM))).astype(np.float32)
BY_HAND = np.argsort(-(OTHERS @ SAMPLE.T), axis=1)[:, :5]


@pytest.fixture
def in_lists(monkeypatch):
    monkeypatch.setattr(sample_search, "SMALLEST_IN_LISTS", 100)


def test_a_small_sample_is_compared_whole():
    assert np.array_equal(SampleSearch(SAMPLE, 1).nearest(OTHERS, 5), BY_HAND)


def test_lists_find_nearly_the_same(in_lists):
    found = SampleSearch(SAMPLE, 1).nearest(OTHERS, 5)
    shares = [len(np.intersect1d(*pair)) / 5 for pair in zip(found, BY_HAND, strict=True)]
    assert np.mean(shares) > 0.95


def test_a_sample_of_fewer_is_found_as_a_whole():
    found = SampleSearch(SAMPLE[:3], 1).nearest(OTHERS[:2], 5)
    assert np.array_equal(np.sort(found), [[0, 1, 2]] * 2)


def test_what_is_found_depends_neither_on_threads_nor_on_who_is_asked_for_with_whom(in_lists):
    before, found = faiss.omp_get_max_threads(), []
    for n_threads in (1, 3):
        faiss.omp_set_num_threads(n_threads)
        try:
            search = SampleSearch(SAMPLE, 1)
            found.append(search.nearest(OTHERS, 5))
            parts = [search.nearest(part, 5) for part in (OTHERS[:7], OTHERS[7:])]
            found.append(np.concatenate(parts))
        finally:
            faiss.omp_set_num_threads(before)
    assert all(np.array_equal(rows, found[0]) for rows in found)


def test_the_number_of_threads_is_left_as_it_was(in_lists):
    before = faiss.omp_get_max_threads()
    SampleSearch(SAMPLE, 1)
    assert faiss.omp_get_max_threads() == before
