"""What people call the columns of a catalogue."""

from __future__ import annotations

import re

from pipeline.atlas import Column

TRUTH_PREFIX = "truth_"
OURS = "~"  # begins what is like a column but not one of the catalogue
# Catalogues name their units in columns; people read them after the number.
_UNIT_SUFFIXES = ("_deg", "_arcsec", "_arcmin", "_nmgy", "_px")
# What is measured in a band, whose letter then stands apart; and how words of columns are said.
_IN_A_BAND = {"mag", "flux", "fwhm", "depth", "nobs"}
_BANDS = tuple("ugrizybvjhk")
_CALLED = {
    "photo z err": "photometric redshift error",
    "photo z": "photometric redshift",
    "z spec": "spectroscopic redshift",
    "half light": "half-light",
    "depth mag": "depth",
    "mag": "magnitude",
    "psf fwhm": "PSF FWHM",
    "psf": "PSF",
    "nobs": "exposures",
    "maskbits": "mask bits",
    "ebv": "E(B−V)",
    "err": "error",
    "^n(?= )": "number of",
    "edge on": "edge-on",
    "ra": "RA",
    "dec": "Dec",
    "sdss objid": "SDSS identifier",
    "objid": "identifier",
    "object id": "identifier",
    "t type": "T type",
    "hubble": "Hubble",
}
_PROBABILITY = re.compile(r"(?:p|prob|probability)_(?!value)(\w+)|(\w+)_(?:prob|probability)")
_PROBABILITY_UCD = "stat.probability"
# Names that are no words: "Bmag", "logR25", "e_cz", "z".
_CRYPTIC = re.compile(r"\d|[a-z][A-Z]|[A-Z][a-z]*mag|^e_|^[^aeiouAEIOU_\W]{1,3}$")
_KNOWN = re.compile("|".join(rf"\b{written}\b" for written in _CALLED))
_LONGEST_PHRASE = 32  # characters of a description that can stand for a name
_IDENTIFIERS = {"id", "ids", "objid", "objectid", "sourceid", "targetid", "brickid", "specobjid"}
_IDENTIFIER_UCD = "meta.id"


def label(column: Column) -> str:
    """Return what people call a column, without what is said elsewhere: unit, that it is a truth.

    The words are those of its name; of its description where the name has none.

    >>> label(Column("mag_b", "mag", "B magnitude")), label(Column("psf_fwhm_arcsec_z", "arcsec"))
    ('B magnitude', 'PSF FWHM in z')
    >>> label(Column("truth_half_light_radius_arcsec", "arcsec"))
    'half-light radius'
    >>> label(Column("p_edge_on")), label(Column("spiral", ucd="stat.probability"))
    ('P(edge-on)', 'P(spiral)')
    >>> label(Column("logD25", "", "Apparent diameter, in 0.1 arcmin")), label(Column("logD25"))
    ('apparent diameter', 'logD25')
    """
    if column.name.startswith(OURS):
        return column.description.partition(":")[0]
    name = column.name.removeprefix(TRUTH_PREFIX)
    if found := _PROBABILITY.fullmatch(name):
        return f"P({_in_words(found[1] or found[2], column)})"
    if column.ucd.startswith(_PROBABILITY_UCD):
        return f"P({_in_words(name, column)})"
    return _phrase(column, name) or _in_words(name, column)


def is_identifier(column: Column) -> bool:
    """Return whether a column names galaxies, or what belongs to them, and measures nothing.

    >>> is_identifier(Column("sdss_objid")), is_identifier(Column("n_votes"))
    (True, False)
    """
    last = column.name.lower().split("_")[-1]
    return last in _IDENTIFIERS or column.ucd.startswith(_IDENTIFIER_UCD)


def _in_words(name: str, column: Column) -> str:
    words = name.split("_")
    if column.unit:
        words = [w for w in words if f"_{w}" not in _UNIT_SUFFIXES] or words
    band = next((w for w in words if w in _BANDS), "") if _IN_A_BAND & set(words) else ""
    if band:
        words.remove(band)
    called = " ".join(words)
    for written, said in _CALLED.items():
        called = re.sub(rf"(?i)\b{written}\b", said, called)
    if not band:
        return called.strip() or column.name
    band = _as_written(band, column.description)
    if words[:1] == ["mag"]:
        return f"{band} {called}"
    return f"{called} in {band}"


def _phrase(column: Column, name: str) -> str:
    """Return how a description begins, if the name has no words and that is short; else nothing."""
    if not _CRYPTIC.search(name) or _KNOWN.search(name.lower().replace("_", " ")):
        return ""
    phrase = re.split(r"[,;:(\[.]", column.description, maxsplit=1)[0].strip()
    if not 1 < len(phrase) <= _LONGEST_PHRASE or phrase == column.name:
        return ""
    first = phrase.split()[0]
    if len(first) > 1 and first.istitle() and first.isalpha():
        phrase = phrase[0].lower() + phrase[1:]
    return phrase.replace("hubble", "Hubble")


def _as_written(band: str, description: str) -> str:
    """Return a band with the case that the description, or else custom, gives it."""
    custom = band.upper() if band in "bvjhk" else band
    return next((w for w in re.findall(r"\b\w\b", description) if w.lower() == band), custom)
