"""What the catalogues of the Legacy Surveys measure: their columns to ours, with units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline.atlas.catalogue import REQUIRED, Column
from pipeline.images.legacy_surveys import AB_ZERO_POINT

# Together they identify a galaxy, and become its `object_id`.
IDENTIFIERS = ("release", "brickid", "objid")
# Two catalogues of the same survey are joined by 16, 24 and 24 bits: the largest release, brick
# number and number in a brick of DR9 and DR10 are 10,000, 662,174 and about 10^5.
IDENTIFIER_BITS = (16, 24, 24)
# DR10 measures i as well, of part of the sky.
MEASURED_BANDS = ("g", "r", "i", "z")
OBSERVED = "not corrected for Galactic extinction"
PSF_FWHM = "Full width at half maximum of the PSF"
HALF_LIGHT = "Half-light radius of the fitted model"
BITS = "Bits that say what is wrong nearby (Legacy Surveys, 'Bitmasks')"
MISSING_REDSHIFT = -99.0  # photo-z catalogues of the Legacy Surveys, and z_spec

LEGACY_SURVEYS = "DESI Legacy Imaging Surveys: Dey et al. 2019, AJ 157, 168"
PHOTO_Z = "Photometric redshifts: Zhou et al. 2021, MNRAS 501, 3309"


def ab_magnitude(flux_nmgy: np.ndarray) -> np.ndarray:
    """Convert flux, of any shape, to AB magnitude; NaN where the flux is not positive.

    Source: Legacy Surveys DR9, "Description", section on photometry.
    """
    return AB_ZERO_POINT - 2.5 * np.log10(np.where(flux_nmgy > 0, flux_nmgy, np.nan))


def identifier_keys(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return one number for each galaxy of a survey, of ``release``, ``brickid`` and ``objid``.

    Returns
    -------
    keys : ndarray of uint64, shape (n,)
        Different for different galaxies.
    usable : ndarray of bool, shape (n,)
        False where a number is negative or larger than the survey has; the key then says nothing.
    """
    keys = np.zeros(len(frame), np.uint64)
    usable = np.ones(len(frame), bool)
    for name, bits in zip(IDENTIFIERS, IDENTIFIER_BITS, strict=True):
        values = frame[name].to_numpy().astype(np.int64)
        usable &= (values >= 0) & (values < 2**bits)
        keys = (keys << np.uint64(bits)) | np.where(usable, values, 0).astype(np.uint64)
    return keys, usable


def key_object_id(key: int) -> str:
    """Return the identifier that a key of `identifier_keys` stands for.

    Examples
    --------
    >>> key_object_id((9010 << 48) | (321 << 24) | 17)
    '9010-321-17'
    """
    parts = []
    for bits in reversed(IDENTIFIER_BITS):
        parts.append(str(key & (2**bits - 1)))
        key >>= bits
    return "-".join(reversed(parts))


def object_ids(frame: pd.DataFrame) -> pd.Series:
    """Return ``release-brickid-objid`` as text."""
    release, brick, number = (frame[name].astype("int64").astype("str") for name in IDENTIFIERS)
    return release + "-" + brick + "-" + number


class _Measurement(NamedTuple):
    """One column of ours, and the survey's column that it comes from."""

    column: Column
    source: str
    convert: Callable[[np.ndarray], np.ndarray]


def _single(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)


def _magnitude(values: np.ndarray) -> np.ndarray:
    return ab_magnitude(np.asarray(values, np.float64)).astype(np.float32)


def _depth(values: np.ndarray) -> np.ndarray:
    """Return the 5-sigma depth of the inverse variance of a point source's flux, nanomaggies^-2.

    Source: Legacy Surveys DR9, "Catalogs", column ``psfdepth``.
    """
    variances = np.asarray(values, np.float64)
    return _magnitude(5 / np.sqrt(np.where(variances > 0, variances, np.nan)))


def _redshift(values: np.ndarray) -> np.ndarray:
    return np.where(np.asarray(values) == MISSING_REDSHIFT, np.nan, values).astype(np.float32)


def _integer(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    # Tables other than FITS and HDF5 write integers with gaps as floats.
    return values.astype(np.int32 if np.isfinite(values).all() else np.float32)


def _text(values: np.ndarray) -> np.ndarray:
    texts = [
        item.decode("ascii", "replace") if isinstance(item, bytes) else item for item in values
    ]
    return np.array([str(text).strip() for text in texts], dtype=object)


# Our column, its unit and meaning; the survey's column, and how ours is made of it.
_TABLE: tuple[tuple[str, str, str, str, Callable[[np.ndarray], np.ndarray]], ...] = (
    *(
        (f"mag_{b}", "mag", f"AB magnitude in {b}, {OBSERVED}", f"flux_{b}", _magnitude)
        for b in MEASURED_BANDS
    ),
    *(
        (f"photo_z{ours}", "", f"Photometric redshift: {what}", f"z_phot_{theirs}", _redshift)
        for ours, theirs, what in (
            ("", "median", "median of its distribution; trustworthy for z < 21 mag"),
            ("_err", "std", "standard deviation of its distribution"),
            ("_l68", "l68", "lower end of the central 68 %"),
            ("_u68", "u68", "upper end of the central 68 %"),
            ("_l95", "l95", "lower end of the central 95 %"),
            ("_u95", "u95", "upper end of the central 95 %"),
        )
    ),
    ("z_spec", "", "Spectroscopic redshift", "z_spec", _redshift),
    ("source_type", "", "Model that fits best: PSF, REX, EXP, DEV or SER", "type", _text),
    ("half_light_radius_arcsec", "arcsec", HALF_LIGHT, "shape_r", _single),
    ("ebv", "mag", "Galactic reddening E(B-V)", "ebv", _single),
    *(
        (f"{ours}_{b}", unit, f"{meaning} in {b}", f"{theirs}_{b}", convert)
        for ours, unit, meaning, theirs, convert in (
            ("psf_fwhm_arcsec", "arcsec", PSF_FWHM, "psfsize", _single),
            ("depth_mag", "mag", "Depth for a point source at 5 sigma", "psfdepth", _depth),
            ("nobs", "", "Number of exposures at the galaxy's position", "nobs", _integer),
        )
        for b in MEASURED_BANDS
    ),
    ("maskbits", "", BITS, "maskbits", _integer),
)
_MEASUREMENTS = tuple(
    _Measurement(Column(ours, unit, meaning), theirs, convert)
    for ours, unit, meaning, theirs, convert in _TABLE
)
_DEREDDENED = tuple(
    Column(f"mag_{b}_dereddened", "mag", f"AB magnitude in {b}, corrected for Galactic extinction")
    for b in MEASURED_BANDS
)
# The survey's columns that `measurements` makes something of.
MEASURED = frozenset(
    {item.source for item in _MEASUREMENTS} | {f"mw_transmission_{band}" for band in MEASURED_BANDS}
)


def measurements(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Return galaxies of the survey as rows of a catalogue.

    Parameters
    ----------
    frame : DataFrame
        Columns of the survey's sweep and photo-z catalogues, in small letters: fluxes in
        nanomaggies, ``mw_transmission_g`` as a share of the light. Any but position and identifiers
        may be absent.

    Returns
    -------
    frame : DataFrame
        Rows as they were; ``object_id`` empty where it is not usable, magnitudes NaN where the flux
        is not positive, redshifts NaN where they are missing.
    columns : tuple of Column
        The columns of the result, the required ones first.
    """
    values: dict[str, Any] = {
        "object_id": object_ids(frame).where(identifier_keys(frame)[1], ""),
        "ra_deg": frame["ra"].astype("float64"),
        "dec_deg": frame["dec"].astype("float64"),
    }
    used = [item for item in _MEASUREMENTS if item.source in frame]
    values |= {item.column.name: item.convert(frame[item.source].to_numpy()) for item in used}
    columns = [*REQUIRED, *(item.column for item in used)]
    for band, column in zip(MEASURED_BANDS, _DEREDDENED, strict=True):
        if {f"flux_{band}", f"mw_transmission_{band}"} <= set(frame.columns):
            flux, passed = frame[f"flux_{band}"], frame[f"mw_transmission_{band}"]
            values[column.name] = _magnitude((flux / passed.where(passed > 0)).to_numpy())
            columns.append(column)
    return pd.DataFrame(values, index=frame.index), tuple(columns)
