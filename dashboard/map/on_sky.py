"""What the browser needs to draw the galaxies of the map on the sky, and to mark a query there.

Point i on the sky is point i on the map: colours, filters, clicks and pointing are those of the
map, and only positions are sent.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.explorer.memo import remembered
from dashboard.filters.sky_region import SkyRegion
from dashboard.map.sample import drawn_rows, nearby_rows
from pipeline.atlas import unit_vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.explorer.explorer import Explorer
    from dashboard.query.answer import Answer

_ROOM = 1.15  # around the galaxies, where all of them are shown
_LEAST_WIDTH_DEG = 0.02


@remembered(1)
def survey_on_sky(explorer: Explorer) -> dict[str, Any]:
    """Return where the galaxies that the map draws are on the sky, and what surrounds them.

    Returns
    -------
    dict
        ``ra`` and ``dec`` of point i, float64; ``rows``, theirs, int32, None where point i is row
        i; lines of (ra, dec), float32, NaN between: ``edge`` of the footprint, ``plane`` of the
        Galaxy; ``middle``, right ascension to have in the middle; ``extent`` of the galaxies: ra,
        dec and width. All in degrees, ICRS.
    """
    rows = drawn_rows(explorer)
    ra_deg, dec_deg = _positions(explorer, rows)
    ra0, dec0, width = extent(ra_deg, dec_deg)
    edge = ((), ()) if explorer.footprint is None else explorer.footprint.outline()
    return {
        "ra": packed(ra_deg, "f8"),
        "dec": packed(dec_deg, "f8"),
        "rows": None if len(rows) == explorer.n_objects else packed(rows, "i4"),
        "edge": [packed(np.asarray(one), "f4") for one in edge],
        "plane": [packed(one, "f4") for one in galactic_plane()],
        "middle": 180 if 90 <= ra0 < 270 else 0,
        "extent": [ra0, dec0, width],
    }


def query_on_sky(explorer: Explorer, answer: Answer) -> dict[str, Any]:
    """Return where a query is on the sky.

    Returns
    -------
    dict
        ``rows``, ``ra`` and ``dec`` of its ``neighbours`` in their order, of the ``query`` itself,
        of its ``negatives``, and of what is ``nearby`` and not drawn otherwise; the ``region`` that
        was drawn on the sky: its ``view`` (kind, ra, dec) and ``places``, or None.
    """
    query, region = answer.query, answer.query.filters.region
    drawn = None
    if isinstance(region, SkyRegion):
        view = region.projection
        drawn = {
            "view": [view.kind, view.ra_deg, view.dec_deg],
            "places": [list(place) for place in region.polygon.vertices],
        }
    return {
        "neighbours": _marked(explorer, answer.neighbours.rows.tolist()),
        "query": _marked(explorer, query.rows),
        "negatives": _marked(explorer, query.negatives),
        "nearby": _marked(explorer, nearby_rows(explorer, answer)),
        "region": drawn,
    }


def extent(ra_deg: np.ndarray, dec_deg: np.ndarray) -> tuple[float, float, float]:
    """Return the middle of some positions, and how wide a view of all of them is, in degrees.

    Parameters
    ----------
    ra_deg, dec_deg : ndarray, shape (n,)

    Returns
    -------
    ra_deg, dec_deg, width_deg : float
        At most 360 wide.
    """
    directions = unit_vectors(ra_deg, dec_deg)
    mean = directions.mean(axis=0)
    length = float(np.linalg.norm(mean))
    if length < 1e-9:  # all around
        return 180.0, 0.0, 360.0
    x, y, z = mean / length
    farthest = float(np.degrees(np.arccos(np.clip((directions @ (mean / length)).min(), -1, 1))))
    width = float(np.clip(2 * _ROOM * farthest, _LEAST_WIDTH_DEG, 360))
    return float(np.degrees(np.arctan2(y, x)) % 360), float(np.degrees(np.arcsin(z))), width


def galactic_plane() -> tuple[np.ndarray, np.ndarray]:
    """Return right ascension and declination along galactic latitude 0, a degree apart."""
    from astropy.coordinates import SkyCoord

    longitude = np.arange(361.0)
    plane = SkyCoord(l=longitude, b=np.zeros(361), unit="deg", frame="galactic").icrs
    return plane.ra.deg, plane.dec.deg


def packed(values: np.ndarray, kind: str) -> dict[str, str]:
    """Return an array as text, little-endian: ``dtype`` and ``bdata``, as plotly has it."""
    data = np.ascontiguousarray(values, dtype=f"<{kind}").tobytes()
    return {"dtype": kind, "bdata": base64.b64encode(data).decode("ascii")}


def _positions(explorer: Explorer, rows: Any) -> tuple[np.ndarray, np.ndarray]:
    chosen = np.asarray(rows, dtype=np.intp)
    ra_deg, dec_deg = (
        explorer.catalogue[name].to_numpy()[chosen] for name in ("ra_deg", "dec_deg")
    )
    return ra_deg.astype(np.float64), dec_deg.astype(np.float64)


def _marked(explorer: Explorer, rows: Sequence[int]) -> dict[str, list[Any]]:
    ra_deg, dec_deg = _positions(explorer, rows)
    return {"rows": list(rows), "ra": ra_deg.tolist(), "dec": dec_deg.tolist()}
