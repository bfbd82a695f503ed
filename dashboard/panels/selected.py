"""The selected galaxy: large, with its position and what the catalogue knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.coordinates import SkyPosition, format_degrees, format_sexagesimal
from dashboard.cutouts import LARGE_PX, Pictures
from dashboard.explorer import Explorer, Galaxy
from dashboard.panels import aria, picture
from dashboard.query import Query
from dashboard.wording import (
    MISSING,
    explanation,
    format_value,
    is_names,
    is_truth,
    label,
    name_of,
    other_names_of,
)
from pipeline.atlas import Column

_SKELETON_LINES = 6


def layout() -> Component:
    """Return the panel with bones in the place of the galaxy."""
    return html.Section(
        [
            html.H2("Selected galaxy", className="visually-hidden"),
            html.Div(_skeleton(), id=ids.SELECTED, className="selected"),
        ],
        className="panel selected-panel",
        **aria(label="Selected galaxy"),
    )


def show(explorer: Explorer, pictures: Pictures, store: Any) -> list[Component]:
    """Return picture, name, position and data of the first galaxy of the query."""
    query = Query.from_store(store, explorer.n_objects)
    galaxy = explorer.galaxy(query.rows[0])
    measured = [pair for pair in galaxy.values if not (is_truth(pair[0]) or is_names(pair[0]))]
    truth = [pair for pair in galaxy.values if is_truth(pair[0])]
    return [
        picture(pictures, galaxy.row, f"Picture of {name_of(galaxy)}", size_px=LARGE_PX),
        html.Div(
            [
                *_heading(galaxy, len(query.rows)),
                *_position(galaxy.position),
                *([] if explorer.manifest.simulated else [outside_links(galaxy.position)]),
            ],
            className="selected-heading",
        ),
        html.Div(
            [
                definitions([pair for pair in measured if pair[0].name != "name"]),
                *([html.H3("Truth of the simulation"), definitions(truth)] if truth else []),
            ],
            className="selected-data",
        ),
    ]


def definitions(values: Sequence[tuple[Column, Any]]) -> Component:
    """Return a list of names and values, the unit after the number, the description on hover."""
    return html.Dl(
        [
            html.Div(
                [html.Dt(label(column)), _value(column, value)],
                title=explanation(column),
            )
            for column, value in values
        ],
        className="definitions",
    )


def outside_links(position: SkyPosition) -> Component:
    """Return links to what others know of this place; only numbers go into the addresses."""
    ra, dec = f"{position.ra_deg:.6f}", f"{position.dec_deg:.6f}"
    viewer = urlencode({"ra": ra, "dec": dec, "layer": "ls-dr9", "zoom": 15})
    simbad = urlencode({"Coord": f"{ra} {dec}", "Radius": "10", "Radius.unit": "arcsec"})
    return html.P(
        [
            _link("Legacy Surveys", f"https://www.legacysurvey.org/viewer?{viewer}"),
            _link("SIMBAD", f"https://simbad.cds.unistra.fr/simbad/sim-coo?{simbad}"),
        ],
        className="links",
    )


def _link(name: str, address: str) -> Component:
    return html.A(name, href=address, target="_blank", rel="noopener noreferrer")


def _heading(galaxy: Galaxy, n_rows: int) -> list[Component]:
    name = name_of(galaxy)
    others = f"and {n_rows - 1} more" if n_rows > 1 else ""
    identifier = galaxy.object_id if galaxy.object_id != name else ""
    also = ", ".join(other_names_of(galaxy))
    return [
        html.P(name, className="selected-name"),
        *[html.P(text, className="selected-id") for text in (identifier, others) if text],
        *([html.P(["also ", also], className="selected-id is-wide")] if also else []),
    ]


def _position(position: SkyPosition) -> list[Component]:
    # To a microdegree, 3.6 milliarcsec: what no survey of galaxies exceeds and people can read.
    rounded = SkyPosition(round(position.ra_deg, 6), round(position.dec_deg, 6))
    return [
        html.P(format_degrees(rounded), className="position", title="RA, Dec (ICRS) in degrees"),
        html.P(
            format_sexagesimal(position),
            className="position is-quiet",
            title="RA in hours, Dec in degrees (ICRS)",
        ),
    ]


def _value(column: Column, value: Any) -> Component:
    text = format_value(value, column.unit)
    if text != MISSING:
        return html.Dd(text)
    return html.Dd([html.Span(MISSING, **aria(hidden="true")), _hidden("not known")])


def _hidden(text: str) -> Component:
    return html.Span(text, className="visually-hidden")


def _skeleton() -> list[Component]:
    return [
        html.Span(className="picture bone"),
        *[html.Span(className="bone bone-line") for _ in range(_SKELETON_LINES)],
    ]


def register(app: Dash, explorer: Explorer) -> None:
    """Show the query's galaxy whenever the query changes."""
    pictures = Pictures(explorer)

    @app.callback(
        Output(ids.SELECTED, "children"), Input(ids.QUERY, "data"), prevent_initial_call=True
    )
    def show_selected(store: Any) -> Any:
        return show(explorer, pictures, store)

    app.clientside_callback(
        ClientsideFunction("galaxy_finder", "nameTab"),
        Input(ids.SELECTED, "children"),
        prevent_initial_call=True,
    )
