"""From what the model gives to the frame of an atlas, and back."""

import numpy as np
import pytest

from pipeline.atlas.frame import FEWEST, Frame
from pipeline.atlas.manifest import EmbeddingInfo


def off_centre(n=500, dim=16, offset=1.0, seed=1):
    """Unit vectors that share a direction, as those of an unfamiliar survey do."""
    vectors = np.random.default_rng(seed).normal(size=(n, dim)) / np.sqrt(dim)
    vectors[:, 0] += offset
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def a_frame(**keywords):
    vectors = off_centre(**keywords)
    return vectors, Frame.around(vectors.mean(axis=0), len(vectors))


def test_a_vector_is_counted_from_the_centre_at_unit_length():
    # From (0.6, 0) the vector (0.6, 0.8) looks straight up, (1, 0) to the right.
    frame = Frame(np.array([0.6, 0.0]))
    assert frame.into(np.array([0.6, 0.8])).tolist() == pytest.approx([0, 1])
    assert frame.into(np.array([[1.0, 0.0]])).tolist() == [[1, 0]]
    assert frame.out_of(np.array([0.0, 1.0])).tolist() == pytest.approx([0.6, 0.8])


def test_unrelated_vectors_have_a_cosine_of_nothing_once_they_are_centred():
    vectors, frame = a_frame()
    pairs = frame.into(vectors)
    assert np.median(vectors[::2] @ vectors[1::2].T) > 0.4
    assert abs(np.median(pairs[::2] @ pairs[1::2].T)) < 0.03
    assert np.linalg.norm(pairs, axis=1) == pytest.approx(1, abs=1e-6)


def test_the_way_out_inverts_the_way_in():
    vectors, frame = a_frame()
    there = frame.into(vectors)
    assert there.dtype == np.float32
    assert frame.out_of(there) == pytest.approx(vectors, abs=1e-6)
    assert frame.into(frame.out_of(there)) == pytest.approx(there, abs=1e-6)
    assert frame.out_of(there[3]) == pytest.approx(vectors[3], abs=1e-6)


def test_without_a_centre_nothing_changes():
    vectors = off_centre().astype(np.float16)
    for same in (Frame().into(vectors), Frame().out_of(vectors)):
        assert np.array_equal(same, vectors.astype(np.float32))


def test_few_galaxies_and_equal_ones_keep_the_frame_of_the_model():
    assert a_frame(n=FEWEST - 1)[1].centre is None
    assert a_frame(n=FEWEST)[1].centre is not None
    assert Frame.around(np.array([1.0, 0.0]), 1000).centre is None  # all look the same


def test_the_manifest_keeps_the_frame_exactly():
    _, frame = a_frame()
    info = EmbeddingInfo(dim=16, dtype="float32", centre=tuple(frame.centre.tolist()))
    assert np.array_equal(info.frame.centre, frame.centre)
    assert EmbeddingInfo(dim=16, dtype="float32").frame.centre is None


@pytest.mark.parametrize("centre", [(0.1, 0.2, 0.3), (0.8, 0.8), (float("nan"), 0.0)])
def test_a_centre_that_cannot_be_one_is_refused(centre):
    with pytest.raises(ValueError, match="centre is not 2 numbers"):
        EmbeddingInfo(dim=2, dtype="float32", centre=centre)
