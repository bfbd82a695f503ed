import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.umap2d import MARGIN, unit_square


def test_an_outlier_does_not_stretch_the_axes():
    points = np.random.default_rng(1).uniform(0, 10, (1000, 2))
    points[0] = [1e6, -1e6]
    scaled = unit_square(points)
    assert scaled[0].tolist() == [np.float32(1 + MARGIN), np.float32(-MARGIN)]
    assert np.allclose(np.median(scaled[1:], axis=0), 0.5, atol=0.05)


@given(n=st.integers(1, 50), scale=st.floats(1e-6, 1e6), seed=st.integers(0, 1000))
def test_coordinates_lie_in_the_square_and_keep_their_order(n, scale, seed):
    points = scale * np.random.default_rng(seed).standard_normal((n, 2))
    scaled = unit_square(points)
    assert scaled.dtype == np.float32
    assert scaled.min() >= -MARGIN - 1e-6
    assert scaled.max() <= 1 + MARGIN + 1e-6
    order = np.argsort(points[:, 0])
    assert (np.diff(scaled[order, 0]) >= 0).all()


def test_points_that_are_all_alike_have_a_place():
    assert unit_square(np.ones((4, 2))).tolist() == [[0, 0]] * 4
