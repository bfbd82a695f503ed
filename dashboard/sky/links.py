"""Where else to look at a position: addresses of services of others, that open there.

Only numbers go into the addresses, and the hosts are fixed.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlencode

from dashboard.sky.coordinates import SkyPosition

_DECIMALS = 6  # of a degree: 3.6 milliarcsec
# Catalogues place the centre of a large galaxy some arcsec apart.
_RADIUS_ARCSEC = 30
_FIELD_DEG = 0.1  # of the first view, some times larger than most galaxies
_ZOOM = 15  # of the Legacy Surveys' viewer: 1.2 arcsec to a pixel


class SkyLink(NamedTuple):
    """A link: the service's name, what it shows, and the address that opens at a position."""

    name: str
    shows: str
    address: str


def sky_links(position: SkyPosition) -> tuple[SkyLink, ...]:
    """Return links to what others know of a position.

    Raises
    ------
    ValueError
        Not a position on the sky.

    Notes
    -----
    Source of SIMBAD's coordinates: its guide, "Queries by URLs". The others are the forms that
    public programs commonly use.
    """
    if not (0 <= position.ra_deg < 360 and -90 <= position.dec_deg <= 90):
        raise ValueError(f"{tuple(position)} is not a position on the sky, in degrees.")
    ra = f"{round(position.ra_deg, _DECIMALS) % 360:.{_DECIMALS}f}"
    # Sums turn -0.0, which some services do not read, into 0.0.
    dec = f"{round(position.dec_deg, _DECIMALS) + 0.0:.{_DECIMALS}f}"
    return (
        SkyLink(
            "Legacy Surveys",
            "the sky around it, in the viewer of the Legacy Surveys",
            _address(
                "www.legacysurvey.org/viewer",
                {"ra": ra, "dec": dec, "layer": "ls-dr9", "zoom": _ZOOM, "mark": f"{ra},{dec}"},
            ),
        ),
        SkyLink(
            "SIMBAD",
            "names, types and papers of the object",
            _address(
                "simbad.cds.unistra.fr/simbad/sim-coo",
                {
                    "Coord": f"{ra} {dec}",
                    "CooFrame": "ICRS",
                    "Radius": _RADIUS_ARCSEC,
                    "Radius.unit": "arcsec",
                },
            ),
        ),
        SkyLink(
            "NED",
            "redshifts, distances and photometry of the galaxy",
            _address(
                "ned.ipac.caltech.edu/conesearch",
                {
                    "search_type": "Near Position Search",
                    "in_csys": "Equatorial",
                    "in_equinox": "J2000",
                    "ra": f"{ra}d",
                    "dec": f"{dec}d",
                    "radius": _RADIUS_ARCSEC / 60,  # arcmin
                },
            ),
        ),
        SkyLink(
            "SDSS",
            "image and spectrum, where the SDSS has been",
            _address("skyserver.sdss.org/dr18/VisualTools/explore/summary", {"ra": ra, "dec": dec}),
        ),
        SkyLink(
            "Aladin",
            "the sky around it at all wavelengths",
            _address(
                "aladin.cds.unistra.fr/AladinLite/", {"target": f"{ra} {dec}", "fov": _FIELD_DEG}
            ),
        ),
    )


def _address(place: str, parameters: dict[str, str | float]) -> str:
    # %20 for a blank is read everywhere, the plus sign of forms is not.
    return f"https://{place}?{urlencode(parameters, quote_via=quote)}"
