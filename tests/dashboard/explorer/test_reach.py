"""A galaxy is where its light is: which ones reach to a position, as a full scan tells."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.explorer import reach
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.reach import Reach
from dashboard.sky.coordinates import SkyPosition
from dashboard.sky.separations import Sky
from tests.dashboard.small_atlas import random_unit_rows, small_atlas


def field(n, seed):
    """Return positions in a field of half a degree, and half major axes in arcsec."""
    rng = np.random.default_rng(seed)
    axes = rng.choice([0.0, 5.0, 50.0, 300.0, 1700.0, np.nan], n)
    return (150 + rng.uniform(0, 0.5, n), rng.uniform(0, 0.5, n)), axes


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 20),
    ra=st.floats(149.5, 151),
    dec=st.floats(-0.5, 1),
    share=st.sampled_from([1.0, 0.1]),
)
def test_the_galaxy_at_a_position_is_the_one_of_a_full_scan(seed, ra, dec, share):
    positions, axes = field(60, seed)
    atlas = small_atlas(
        random_unit_rows(60, 2), positions, {"semi_major_axis_arcsec": axes}, n_trees=1
    )
    explorer, position = Explorer(atlas), SkyPosition(ra, dec)
    separations = np.array([explorer.separation_arcsec(row, position) for row in range(60)])
    reaches = np.maximum(explorer.near_arcsec, share * np.nan_to_num(axes))
    nearest, best = int(separations.argmin()), int((separations / reaches).argmin())
    found = explorer.galaxy_at(position, share)
    if separations[nearest] <= reaches[nearest]:
        assert found == (nearest, pytest.approx(separations[nearest]))
    elif separations[best] <= reaches[best]:
        assert found == (best, pytest.approx(separations[best]))
    else:
        assert found is None


def test_large_galaxies_are_found_beside_the_others_block_by_block(monkeypatch):
    monkeypatch.setattr(reach, "_BLOCK_ROWS", 7)
    (ra_deg, dec_deg), axes = field(200, 1)
    sky = Sky(ra_deg, dec_deg)
    reaches = Reach([(axes, 1.0)], sky)
    position = SkyPosition(150.2, 0.3)
    rows, separations = reaches.around(position, 1.0)
    assert rows.tolist() == np.unique(rows).tolist()
    everyone, everywhere = sky.within(position, 3600)
    expected = everyone[everywhere <= np.nan_to_num(axes[everyone])]
    assert np.isin(expected, rows).all()
    assert separations == pytest.approx(everywhere[np.isin(everyone, rows)])


def test_where_no_column_tells_sizes_nothing_reaches_anywhere():
    reaches = Reach([], Sky(np.array([1.0]), np.array([1.0])))
    assert len(reaches.around(SkyPosition(1, 1), 1.0)[0]) == 0
    assert len(reaches.semi_major_arcsec(slice(0, 1))) == 0
