"""The few values of a galaxy that people ask for first: how bright, how far, what kind."""

from __future__ import annotations

from typing import Any

from dashboard.explorer.explorer import Explorer
from dashboard.explorer.galaxy import Galaxy
from dashboard.formatting import label_of_choice, value_of
from dashboard.map.colour_choices import DENSITY, RADIUS, density_at, similarity_to
from dashboard.query.query import Query

# Names of columns in the catalogues of surveys, the most trustworthy first.
_REDSHIFTS = ("z_spec", "redshift", "photo_z", "z_phot_median", "z_phot_mean", "z_phot")
_KINDS = ("hubble_type", "type", "source_type", "morphology")


def key_columns(explorer: Explorer) -> list[str]:
    """Return the columns of brightness, redshift and kind that the atlas has."""
    found = [name for name in (explorer.manifest.brightness_column,) if name in explorer.catalogue]
    for names in (_REDSHIFTS, _KINDS):
        found += [name for name in names if name in explorer.catalogue][:1]
    return [name for name in found if name is not None]


def key_values(
    explorer: Explorer, galaxy: Galaxy, colour: str, query: Query | None
) -> list[tuple[str, str]]:
    """Return what to say of a galaxy at a glance, as pairs of words.

    Parameters
    ----------
    colour : str
        What the map is coloured by, one of `colour_choices.choices`; empty if by nothing.
    query : Query or None
        What the galaxy is compared with.
    """
    values: dict[str, Any] = {column.name: value for column, value in galaxy.values}
    values |= galaxy.position._asdict()
    names = [name for name in dict.fromkeys([*key_columns(explorer), colour]) if name in values]
    said = []
    for name in names:
        column = explorer.columns[name]
        said.append((label_of_choice(column), value_of(column, values[name])))
    if colour == DENSITY:
        near = round(float(density_at(explorer, [galaxy.row])[0]))
        said.append((f"galaxies within {RADIUS:g}", f"about {near:,}"))
    if query is not None:
        cosine = float(similarity_to(explorer, query, [galaxy.row])[0])
        said.append(("similarity", f"{cosine:.3f}".replace("-", "−")))
    return said
