"""How numbers, columns and angles read on the page."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from dashboard.explorer.across import Guest, home_of
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.galaxy import Galaxy
from dashboard.filters.codes import called, names_of_codes
from dashboard.labels import OURS, TRUTH_PREFIX, label
from dashboard.sky.coordinates import SkyPosition, format_degrees, format_sexagesimal
from pipeline.atlas import Column, Manifest

MISSING = "–"
_SIGNIFICANT = 4
# After punctuation that joins, and before the sign of a declination.
_BREAKS = re.compile(r"(?<=[^\W_][_/:;,])(?=\w)|(?<=[^\W\d]-)(?=\w)|(?<=\d)(?=[-+−]\w)")


def format_number(value: float) -> str:
    """Return a number with four significant digits and a true minus sign.

    >>> format_number(17.34567), format_number(-0.5), format_number(2.0)
    ('17.35', '−0.5', '2')
    """
    if not math.isfinite(value):
        return MISSING
    size = abs(value)
    plain = f"{size:.{_SIGNIFICANT}g}"
    if "e" in plain and 1 <= size < 1e9:
        plain = f"{size:.0f}"
    sign = "−" if value < 0 and float(plain) != 0 else ""
    return sign + plain


def format_value(value: Any, unit: str = "") -> str:
    """Return a value of the catalogue with its unit; a dash where it is missing."""
    if value is None or value != value:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        number = str(value).replace("-", "−") if isinstance(value, int) else format_number(value)
        return f"{number} {unit}".strip() if number != MISSING else MISSING
    return str(value)


def value_of(column: Column, value: Any, *, with_unit: bool = True) -> str:
    """Return a value of a column of the catalogue: with its unit, a code with what it stands for.

    >>> value_of(Column("t_type"), 3), value_of(Column("mag_z", "mag"), 14.5)
    ('3 (Sb)', '14.5 mag')
    """
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0
    label = f"{value:.0f}" if is_whole else value
    if isinstance(label, str) and label in names_of_codes(column):
        return called(column, label)
    return format_value(value, column.unit if with_unit else "")


def pieces_of(name: str) -> list[str]:
    """Return a name cut where a line may end: after punctuation between letters or digits.

    >>> pieces_of("SDSS_J131719.77+203817.5"), pieces_of("NGC 4321")
    (['SDSS_', 'J131719.77', '+203817.5'], ['NGC 4321'])
    """
    return [piece for piece in _BREAKS.split(name) if piece]


def is_truth(column: Column) -> bool:
    """Return whether a column is what a simulation put in, not what a survey measured."""
    return column.name.startswith(TRUTH_PREFIX)


def label_of_choice(column: Column) -> str:
    """Return how a column is called where truths and measurements stand side by side."""
    return f"truth: {label(column)}" if is_truth(column) else label(column)


def explanation(column: Column) -> str:
    """Return what hovering over a column says: description, unit and the catalogue's name."""
    if column.name.startswith(OURS):
        return column.description
    unit = f" [{column.unit}]" if column.unit else ""
    return f"{column.description or column.name}{unit} · column {column.name}"


def name_of(galaxy: Galaxy) -> str:
    """Return the common name of a galaxy if the catalogue has one, else its identifier."""
    for column, value in galaxy.values:
        if column.name == "name" and isinstance(value, str) and value.strip():
            return value.strip()
    return galaxy.object_id


def guest_in_words(explorer: Explorer, guest: Guest) -> str:
    """Return the name of a galaxy of another atlas, and of that atlas: ``M 51 of EFIGI``."""
    other, row = home_of(explorer, guest)
    return f"{name_of(other.galaxy(row))} of {other.title}"


def has_names(galaxy: Galaxy) -> bool:
    """Return whether the catalogue gives common names, if not to every galaxy."""
    return any(column.name == "name" for column, _ in galaxy.values)


def other_names_of(galaxy: Galaxy) -> list[str]:
    """Return the names of a galaxy that `name_of` does not give."""
    told = {"", name_of(galaxy), galaxy.object_id}
    lists = [str(value) for column, value in galaxy.values if is_names(column) and value]
    names = [name.strip() for text in lists for name in text.split(";")]
    return [name for name in dict.fromkeys(names) if name not in told]


def is_names(column: Column) -> bool:
    """Return whether a column lists further names, with semicolons between them."""
    return column.name == "other_names"


def format_count(n_objects: int, kind: str = "") -> str:
    """Return how many galaxies there are.

    >>> format_count(4352), format_count(1, "simulated")
    ('4,352 galaxies', '1 simulated galaxy')
    """
    return f"{n_objects:,} {kind} {'galaxy' if n_objects == 1 else 'galaxies'}".replace("  ", " ")


def format_left(n_left: int, n_objects: int) -> str:
    """Return how many galaxies the filters leave.

    >>> format_left(1234, 3000), format_left(0, 1)
    ('1,234 of 3,000 galaxies left', '0 of 1 galaxy left')
    """
    return f"{n_left:,} of {format_count(n_objects)} left"


def count_of(manifest: Manifest) -> str:
    """Return how many galaxies an atlas has, and whether they are real or simulated."""
    return format_count(manifest.n_objects, "simulated" if manifest.simulated else "real")


def why_no_picture(url: str | None, host: str | None) -> str:
    """Return why there is no picture, to follow on "No picture"; ``host`` is who was asked.

    >>> why_no_picture("https://www.legacysurvey.org/...", "legacysurvey.org")
    'legacysurvey.org cannot be reached'
    """
    if url is None:
        return "this atlas has none of it"
    return f"{host} cannot be reached" if host else "it could not be loaded"


def format_separation(separation_arcsec: float) -> str:
    """Return an angle in the unit that fits its size.

    >>> format_separation(12.34), format_separation(150.0), format_separation(18000.0)
    ('12.3 arcsec', '2.5 arcmin', '5.0 deg')
    """
    if separation_arcsec < 59.95:
        return f"{separation_arcsec:.1f} arcsec"
    if separation_arcsec < 3597:
        return f"{separation_arcsec / 60:.1f} arcmin"
    return f"{separation_arcsec / 3600:.1f} deg"


def understood_as(names: Sequence[str], position: SkyPosition, source: str) -> str:
    """Return what a name, or another notation, was understood as, and who says so.

    >>> understood_as(["M 51", "NGC 5194"], SkyPosition(202.469625, 47.195167), "a table")
    'M 51 = NGC 5194, 13:29:52.71 +47:11:42.6 (a table)'
    """
    return f"{' = '.join(names)}, {format_sexagesimal(position)} ({source})"


def outside_footprint(title: str, separation_arcsec: float) -> str:
    """Return how far outside the footprint of an atlas a position is, to an arcmin.

    >>> outside_footprint("Nearby galaxies", 44_280.0)
    "outside Nearby galaxies' footprint, 12.3 deg from its edge"
    >>> outside_footprint("Mock", 20.0)
    "outside Mock's footprint, less than an arcmin from its edge"
    """
    away = "less than an arcmin" if separation_arcsec < 60 else format_separation(separation_arcsec)
    owner = f"{title}'" if title.endswith("s") else f"{title}'s"
    return f"outside {owner} footprint, {away} from its edge"


def search_answer(
    position: SkyPosition,
    separation_arcsec: float,
    name: str,
    *,
    is_near: bool,
    is_inside: bool = False,
    understood: str = "",
    outside: str = "",
) -> str:
    """Return what a search says: what was understood, and which galaxy is there, or nearest.

    Parameters
    ----------
    name : str
        Of the galaxy there, or of the nearest one.
    is_near, is_inside : bool
        Whether the galaxy is what was asked for, and whether only since it is so large.
    understood : str
        See `understood_as`.
    outside : str
        That the position is outside the footprint; see `outside_footprint`.
    """
    away = format_separation(separation_arcsec)
    where = format_both(position)
    if is_near and not is_inside:
        return (
            f"{understood}. Found {away} off." if understood else f"Found at {where}, {away} off."
        )
    place = f"{understood}. That" if understood else where
    if is_near:
        return f"{place} is in {name}, {away} from its centre."
    nearest = f"The nearest galaxy is {name}, {away} away."
    if outside:
        return f"{place} is {outside}. {nearest}"
    if understood:
        return f"{understood}. Nothing in this atlas lies there. {nearest}"
    return f"Nothing in this atlas lies at {where}. {nearest}"


def format_both(position: SkyPosition) -> str:
    """Return a position in degrees and sexagesimal.

    >>> format_both(SkyPosition(199.3324, 20.6382))
    '199.3324, +20.6382 (13:17:19.78 +20:38:17.5)'
    """
    return f"{format_degrees(position)} ({format_sexagesimal(position)})"
