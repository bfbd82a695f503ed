"""A polygon over millions of points: the cells tell the same as a look at every point."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.filters import region as region_module
from dashboard.filters.region import Region
from dashboard.filters.sky_region import SkyRegion
from dashboard.sky.projections import Projection
from pipeline.atlas import Catalogue

PLACES = st.tuples(*[st.floats(-1, 2, allow_subnormal=False).map(lambda v: round(v, 3))] * 2)


@settings(max_examples=8)
@given(
    corners=st.lists(PLACES, min_size=3, max_size=12),
    size=st.sampled_from([1.0, 1e-3, 1e-5]),
    seed=st.integers(0, 9),
)
def test_cells_tell_what_the_edges_tell(corners, size, seed):
    region = Region(tuple((size * x, size * y) for x, y in corners))
    rng = np.random.default_rng(seed)
    points = rng.uniform(-1.5 * size, 2.5 * size, (400, 2))
    on_edges = np.array(region.vertices)[rng.integers(0, len(corners), (2, 100))]
    points = np.concatenate([points, on_edges.mean(axis=0), on_edges[0]])
    np.testing.assert_array_equal(region._grid.contains(points), region._contains(points))


def test_many_points_are_told_by_cells(monkeypatch):
    region = Region(((0.1, 0.1), (0.9, 0.2), (0.4, 0.9)))
    points = np.random.default_rng(0).random((5000, 2)).astype(np.float32)
    expected = region.contains(points)
    monkeypatch.setattr(region_module, "_FEW_POINTS", 100)
    np.testing.assert_array_equal(region.contains(points), expected)
    assert not region.contains(np.full((200, 2), np.nan)).any()


@pytest.mark.parametrize("middle", [(10.0, 0.0), (200.0, 89.5), (0.0, -60.0)])
def test_a_region_of_the_sky_is_looked_for_near_its_middle(middle):
    rng = np.random.default_rng(1)
    ra_deg = rng.uniform(0, 360, 20_000)
    dec_deg = np.degrees(np.arcsin(rng.uniform(-1, 1, 20_000)))
    square = Region(((-9.0, -9.0), (9.0, -9.0), (9.0, 9.0), (-9.0, 9.0)))
    galaxies = Catalogue({"ra_deg": pd.Series(ra_deg), "dec_deg": pd.Series(dec_deg)})
    region = SkyRegion(Projection("TAN", *middle), square)
    expected = square.contains(region.projection.project(ra_deg, dec_deg))
    assert expected.sum() > 20
    np.testing.assert_array_equal(region.within(galaxies, np.empty(0)), expected)
