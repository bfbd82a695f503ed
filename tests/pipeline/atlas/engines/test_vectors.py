import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.atlas.engines import Vectors
from tests.pipeline.atlas.engines.built_engines import unit_rows


def test_vectors_are_read_in_blocks_as_at_once(monkeypatch):
    array = unit_rows(100).astype(np.float16)
    vectors, exact = Vectors(array), array.astype(np.float32)
    monkeypatch.setattr("pipeline.atlas.engines.vectors._BLOCK_ROWS", 7)
    monkeypatch.setattr("pipeline.atlas.engines.vectors._HALVES_ROWS", 3)
    rows = np.arange(3, 90, 2)
    assert vectors.similarity(exact[5]) == pytest.approx(exact @ exact[5], abs=1e-6)
    assert vectors.similarity(exact[5], rows) == pytest.approx(exact[rows] @ exact[5], abs=1e-6)
    assert vectors.mean(rows) == pytest.approx(exact[rows].astype(float).mean(axis=0), abs=1e-9)
    assert vectors[4].dtype == next(iter(vectors)).dtype == np.float32
    assert vectors[()].shape == (0, 6)


@given(halves=arrays(np.float16, (3, 4), elements=st.floats(-65504, 65504, width=16)))
def test_half_precision_becomes_what_numpy_makes_of_it(halves):
    assert Vectors(halves)[:].tobytes() == halves.astype(np.float32).tobytes()


def test_what_was_let_go_is_read_again(tmp_path):
    np.save(tmp_path / "array.npy", unit_rows(1_000))
    for array in (np.load(tmp_path / "array.npy", mmap_mode="r"), unit_rows(1_000)):
        vectors = Vectors(array)
        before = vectors[:]
        vectors.let_go()
        assert (vectors[:] == before).all()
