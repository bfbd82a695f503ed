"""The footprint: the area of the sky that an atlas covers, as a coverage map (MOC, IVOA standard).

A survey may give its own. Else it is drawn around the galaxies.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.atlas.errors import AtlasError

if TYPE_CHECKING:
    from mocpy import MOC

log = logging.getLogger(__name__)

# HEALPix order of the smallest cells, 3.4 arcmin: a finer edge changes no answer, and a ragged
# survey would have millions of cells along it.
FINEST_ORDER = 10

# Of four quarters this many must hold galaxies, on average, for cells to be quartered.
_QUARTERS_HELD = 5 / 3


def footprint_of(file: str | None, ra_deg: np.ndarray, dec_deg: np.ndarray) -> MOC | None:
    """Return the footprint of an atlas: the one in ``file`` if there is one, or a drawn one.

    Parameters
    ----------
    file : str or None
        MOC that the survey gives.
    ra_deg, dec_deg : ndarray, shape (n_objects,)
        The galaxies of the atlas, ICRS.

    Raises
    ------
    AtlasError
        The file cannot be read, or no galaxy lies in it.
    """
    if file is None:
        footprint = footprint_around(ra_deg, dec_deg)
    else:
        footprint = given_footprint(file)
        n_outside = int(np.sum(~_contains(footprint, ra_deg, dec_deg)))
        if n_outside == len(ra_deg):
            raise AtlasError(
                f"No galaxy of the atlas lies in the footprint {file}. Give the MOC of this survey "
                "(ICRS), or leave footprint out: it is then drawn around the galaxies."
            )
        if n_outside:
            log.warning("%d of %d galaxies lie outside %s", n_outside, len(ra_deg), file)
    if footprint is None:
        log.info("footprint: none, the galaxies are too few for their part of the sky")
    else:
        log.info(
            "footprint: %.3g %% of the sky, in cells of order %d",
            100 * footprint.sky_fraction,
            footprint.max_order,
        )
    return footprint


def footprint_around(ra_deg: np.ndarray, dec_deg: np.ndarray) -> MOC | None:
    """Draw the footprint of galaxies whose survey gives none.

    It is made of the cells that hold a galaxy, as small as the galaxies are dense, with the gaps
    between them closed: grown by one ring of cells, then shrunk by one.

    Parameters
    ----------
    ra_deg, dec_deg : ndarray, shape (n_objects,)
        ICRS.

    Returns
    -------
    MOC or None
        Holds every galaxy. None for a few galaxies strewn over the sky, which cover no area.

    Notes
    -----
    The cells have the deepest order at which quartering them would still give 5/3 as many that hold
    a galaxy. For galaxies strewn evenly that is 1.6 to 6.5 per cell; close pairs and shreds do not
    count, as they would in the number of galaxies per cell. A gap stays open only where a block of
    3 x 3 cells is empty: at 1.6 per cell that befalls fewer than one cell in 200,000. Cells on the
    edge count whole: the area of a round survey of 10,000 galaxies comes out up to 3 % too large.
    """
    from astropy import units as u
    from mocpy import MOC

    quarters = MOC.from_lonlat(ra_deg * u.deg, dec_deg * u.deg, max_norder=FINEST_ORDER + 1)
    for order in range(FINEST_ORDER, -1, -1):
        cells = quarters.degrade_to_order(order)
        if 4 * quarters.sky_fraction >= _QUARTERS_HELD * cells.sky_fraction:
            return cells.extended().contracted()
        quarters = cells
    return None


def given_footprint(file: str) -> MOC:
    """Read the footprint of a configuration, in cells no smaller than `FINEST_ORDER`'s.

    An AtlasError says why it cannot be read.
    """
    try:
        footprint = read_moc(Path(file))
    except (OSError, ValueError) as error:
        raise AtlasError(
            f"footprint is {file}, which cannot be read ({error}). Give a coverage map of the sky "
            "(MOC, FITS), or leave footprint out: it is then drawn around the galaxies."
        ) from error
    is_finer = footprint.max_order > FINEST_ORDER
    return footprint.degrade_to_order(FINEST_ORDER) if is_finer else footprint


def read_moc(file: Path) -> MOC:
    """Read a coverage map of the sky from FITS, of version 2.0 or earlier.

    Raises
    ------
    OSError, ValueError
        Not there, not such a map, or an empty one.
    """
    from mocpy import MOC  # takes nearly a second: only those who have a footprint wait

    footprint = MOC.load(file)
    if footprint.empty():
        raise ValueError("it covers nothing")
    return footprint


def _contains(footprint: MOC, ra_deg: np.ndarray, dec_deg: np.ndarray) -> np.ndarray:
    from astropy import units as u

    return np.asarray(footprint.contains_lonlat(ra_deg * u.deg, dec_deg * u.deg))
