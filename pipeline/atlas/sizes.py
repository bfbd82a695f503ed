"""How large the galaxies of a catalogue are on the sky, by the usual names of such columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from pipeline.atlas.catalogue import Column
from pipeline.atlas.column_names import normal_name
from pipeline.atlas.columns import Catalogue
from pipeline.atlas.cutout_service import MOST_FIELD_ARCSEC

_ARCSEC = {
    **dict.fromkeys(("arcsec", "arcseconds", "arcsecond", '"'), 1.0),
    **dict.fromkeys(("arcmin", "arcminutes", "arcminute", "'"), 60.0),
    **dict.fromkeys(("deg", "degree", "degrees"), 3600.0),
}
# Half the major axis over what the column has; columns of the first kind are the most trusted. An
# exponential disc has nine tenths of its light within 2.3 half-light radii.
_SHARES = {
    **dict.fromkeys(("major_axis", "majoraxis", "majaxis", "maj_axis", "majax", "maj_ax"), 0.5),
    **dict.fromkeys(("major_diameter", "maj_diam", "dmaj", "diameter", "diam"), 0.5),
    **dict.fromkeys(("d25", "d_25", "d26"), 0.5),
    **dict.fromkeys(("semi_major_axis", "semimajor_axis", "semimajoraxis", "r25", "r_25"), 1.0),
    **dict.fromkeys(("petrosian_radius", "petro_radius", "petrorad_r", "petro_theta"), 1.0),
    **dict.fromkeys(("petror90_r", "petro_r90", "petro_th90", "elpetro_th90_r", "r90"), 1.0),
    **dict.fromkeys(("half_light_radius", "effective_radius", "shape_r", "r50", "r_e"), 2.0),
    **dict.fromkeys(("petror50_r", "petro_r50", "petro_th50", "sersic_th50"), 2.0),
}
# What surveys are known to give in arcsec, also where a table does not say so. Other columns need
# their unit: r25 is the logarithm of an axis ratio in some catalogues.
_IN_ARCSEC = (
    *("petrorad_r", "petror90_r", "petror50_r", "shape_r"),  # SDSS; Legacy Surveys
    *("petro_theta", "petro_th50", "petro_th90", "elpetro_th90_r", "sersic_th50"),  # NASA-Sloan
)


def semi_major_axes_arcsec(
    frame: pd.DataFrame | Catalogue, columns: Mapping[str, Column]
) -> np.ndarray:
    """Return half the major axis of each galaxy, from whichever columns tell it.

    Parameters
    ----------
    frame : DataFrame or Catalogue
    columns : mapping of str to Column
        Its columns' units. One without any may have it at the end of its name.

    Returns
    -------
    ndarray, shape (n_objects,), float32
        Arcsec, at most half of `MOST_FIELD_ARCSEC`: beyond that, numbers are errors rather than
        galaxies. 0 where it is not known. Of several columns the most trusted that has a value
        counts.
    """
    sizes = [
        (pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64, na_value=np.nan), arcsec)
        for name, arcsec in size_columns(frame, columns)
    ]
    return major_axes_arcsec(sizes) if sizes else np.zeros(len(frame), np.float32)


def major_axes_arcsec(sizes: Sequence[tuple[np.ndarray, float]]) -> np.ndarray:
    """Return half the major axis of each of some galaxies: see `semi_major_axes_arcsec`.

    Parameters
    ----------
    sizes : sequence of (ndarray, float)
        Numbers of each of the `size_columns`, of the same galaxies, and the arcsec that belong to
        it; none of none.
    """
    axes = np.zeros(len(sizes[0][0]) if sizes else 0, dtype=np.float32)
    for values, arcsec in sizes:
        values = np.asarray(values, np.float64)
        known = (axes == 0) & (values > 0) & np.isfinite(values)
        axes[known] = (arcsec * values[known].clip(max=1e6)).clip(max=MOST_FIELD_ARCSEC / 2)
    return axes


def size_columns(
    frame: pd.DataFrame | Catalogue, columns: Mapping[str, Column]
) -> list[tuple[str, float]]:
    """Return the columns that tell sizes, and the half major axis in arcsec for a value of 1."""
    found: list[tuple[int, str, float]] = []
    for column in map(str, frame):
        name, unit = _without_unit(normal_name(column))
        if column in columns and columns[column].unit:
            unit = columns[column].unit.strip().lower()
        if not unit and name in _IN_ARCSEC:
            unit = "arcsec"
        if name in _SHARES and unit in _ARCSEC and is_numeric_dtype(frame[column]):
            found.append((list(_SHARES).index(name), column, _SHARES[name] * _ARCSEC[unit]))
    return [(column, arcsec) for _, column, arcsec in sorted(found)]


def _without_unit(name: str) -> tuple[str, str]:
    """Return the name of a column, and the unit at its end.

    >>> _without_unit("major_axis_arcmin"), _without_unit("shape_r")
    (('major_axis', 'arcmin'), ('shape_r', ''))
    """
    start, _, end = name.rpartition("_")
    return (start, end) if end in _ARCSEC else (name, "")
