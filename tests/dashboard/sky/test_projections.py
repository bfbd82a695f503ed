"""Projections against astropy's WCS, and what they do not take."""

import numpy as np
import pytest
from astropy.wcs import WCS

from dashboard.sky.projections import Projection, ProjectionError

VIEWS = [
    ("AIT", 180, 0),
    ("AIT", 0, 0),
    ("AIT", 271.5, 0),
    ("TAN", 202.47, 47.2),
    ("TAN", 0, -90),
    ("TAN", 359.9, 12),
]


def positions(n=500):
    rng = np.random.default_rng(3)
    ra_deg = rng.uniform(0, 360, n)
    dec_deg = np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    return ra_deg, dec_deg


def by_wcs(kind, ra0, dec0, ra_deg, dec_deg):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = [f"RA---{kind}", f"DEC--{kind}"]
    wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = [ra0, dec0], [0, 0], [1, 1]
    return np.stack(wcs.wcs_world2pix(ra_deg, dec_deg, 0), axis=-1) + 1  # pixels count from 1


@pytest.mark.parametrize("view", VIEWS)
def test_places_are_those_of_fits(view):
    ra_deg, dec_deg = positions()
    found = Projection(*view).project(ra_deg, dec_deg)
    is_seen = np.isfinite(found).all(axis=1)
    assert is_seen.sum() > 200
    expected = by_wcs(*view, ra_deg[is_seen], dec_deg[is_seen])
    assert found[is_seen] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_tangent_plane_shows_half_of_the_sky_and_the_other_view_all_of_it():
    ra_deg, dec_deg = positions()
    north = Projection("TAN", 10, 90).project(ra_deg, dec_deg)
    assert (np.isfinite(north[:, 0]) == (dec_deg > 0)).all()
    assert np.isfinite(Projection("AIT", 10, 0).project(ra_deg, dec_deg)).all()


def test_places_worked_out_by_hand():
    whole = Projection("AIT", 180, 0)
    x, y = whole.project(np.array([180, 270, 180]), np.array([0, 0, 90])).T
    # A quarter of the sky eastwards: 2 sqrt(2 / (1 + cos 45)) sin 45 = 1.530734 radians.
    assert x == pytest.approx([0, np.degrees(1.530734), 0], abs=1e-4)
    assert y == pytest.approx([0, 0, np.degrees(2**0.5)], abs=1e-9)
    (place,) = Projection("TAN", 30, 0).project(np.array([75]), np.array([0]))
    assert place == pytest.approx([np.degrees(1), 0])


@pytest.mark.parametrize(
    "view",
    [
        ("MOL", 0, 0),
        ("AIT", 0, 10),
        ("TAN", 0, 90.1),
        ("TAN", float("nan"), 0),
        ("TAN", 1e9, 0),
        ("TAN", 0, float("inf")),
    ],
)
def test_what_is_no_view_of_the_sky(view):
    with pytest.raises(ProjectionError):
        Projection(*view)
