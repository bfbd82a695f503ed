"""What the standards of astronomy say of a column: how its unit is spelled, what it means."""

from __future__ import annotations

from astropy import units

from dashboard.export.provenance import ascii_text
from pipeline.atlas import Column

# Source: IVOA, "The UCD1+ controlled vocabulary", 1.5.
_UCDS = {
    "object_id": "meta.id;meta.main",
    "ra_deg": "pos.eq.ra;meta.main",
    "dec_deg": "pos.eq.dec;meta.main",
    "redshift": "src.redshift",
    "photo_z": "src.redshift.phot",
    "picture_url": "meta.ref.url",
}


def unit_text(unit: str) -> str:
    """Return a unit in ASCII: as it is, or as astropy spells it; unknown ones stay, too.

    >>> unit_text("deg"), unit_text("Å"), unit_text("µm"), unit_text("furlong")
    ('deg', 'Angstrom', 'um', 'furlong')
    """
    if unit.isascii():
        return ascii_text(unit)
    return ascii_text(units.Unit(unit, parse_strict="silent").to_string())


def ucd(column: Column) -> str:
    """Return what a column means, in words that the tools of astronomy know; "" if that is unclear.

    >>> ucd(Column("ra_deg", "deg")), ucd(Column("mag_z", "mag")), ucd(Column("bar_length"))
    ('pos.eq.ra;meta.main', 'phot.mag', '')
    """
    if column.name.startswith("mag_") and column.unit == "mag":
        return "phot.mag"
    return _UCDS.get(column.name, "")
