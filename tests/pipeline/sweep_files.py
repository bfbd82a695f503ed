"""Sweep and photo-z catalogues in the published layout."""

import numpy as np
from astropy.table import Table


def sweep(n=4):
    """A sweep catalogue as published, in big-endian FITS; object i is in brick 500 + i."""
    number = np.arange(n)
    table = Table(
        {
            "RELEASE": np.full(n, 9010, np.int16),
            "BRICKID": (500 + number).astype(np.int32),
            "BRICKNAME": [f"0001p00{i}" for i in number],
            "OBJID": (7 * number).astype(np.int32),
            "TYPE": ["SER", "PSF", "REX", "DUP"][:n],
            "RA": 150.0 + number,
            "DEC": 2.0 + number,
            "EBV": np.full(n, 0.05, np.float32),
            "SHAPE_R": np.full(n, 1.7, np.float32),
            "MASKBITS": np.full(n, 4, np.int16),
            "WISE_COADD_ID": ["x"] * n,
            "LC_FLUX_W1": np.ones((n, 15), np.float32),
        }
    )
    for band, flux in zip("GRZ", (1.0, 10.0, 100.0), strict=True):
        table[f"FLUX_{band}"] = np.full(n, flux, np.float32)
        table[f"MW_TRANSMISSION_{band}"] = np.full(n, 0.5, np.float32)
        table[f"PSFSIZE_{band}"] = np.full(n, 1.4, np.float32)
        table[f"NOBS_{band}"] = np.full(n, 3, np.int16)
    return table


def photo_z(bricks, redshifts):
    n = len(bricks)
    return Table(
        {
            "RELEASE": np.full(n, 9010, np.int16),
            "BRICKID": np.array(bricks, np.int32),
            "OBJID": 7 * (np.array(bricks, np.int32) - 500),
            "Z_PHOT_MEDIAN": np.array(redshifts, np.float32),
            "Z_PHOT_STD": np.full(n, 0.03, np.float32),
            "Z_SPEC": np.full(n, -99, np.float32),
        }
    )
