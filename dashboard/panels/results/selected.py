"""The selected galaxy: large, with its position and what the catalogue knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.across import home_of
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.galaxy import Galaxy
from dashboard.formatting import (
    MISSING,
    explanation,
    format_separation,
    is_names,
    is_truth,
    name_of,
    other_names_of,
    value_of,
)
from dashboard.labels import label
from dashboard.names.openngc import bundled_names
from dashboard.panels.parts import CONTENT, Part, aria, asks, drawn, in_line, name_line, picture
from dashboard.pictures.addresses import LARGE_PX, Pictures, pictures_of
from dashboard.pictures.rulers import OWN_SCALE, ruler
from dashboard.query.address import to_address
from dashboard.query.answer import Answer
from dashboard.query.elsewhere import same_place
from dashboard.query.query import Query
from dashboard.site import page_address
from dashboard.sky.coordinates import SkyPosition, format_degrees, format_sexagesimal, iau_name
from dashboard.sky.links import sky_links
from pipeline.atlas import Column, name_key

_SKELETON_LINES = 6
_CATALOGUES = ("NGC ", "IC ", "M ")  # by which a galaxy that only lies near is called


def layout(own_picture: Sequence[Component] = ()) -> Component:
    """Return the panel with bones in the place of the galaxy, below a picture of one's own."""
    return html.Section(
        [
            html.H2("Selected galaxy", className="visually-hidden"),
            *own_picture,
            html.Div(id=ids.SELECTED, className="selected"),
            html.Div(_skeleton(), className="selected"),
        ],
        className="panel selected-panel",
        **aria(label="Selected galaxy"),
    )


def show(explorer: Explorer, pictures: Pictures, answer: Answer) -> list[Component]:
    """Return picture, name, position and data of the first galaxy of the query, if it has one."""
    query = answer.query
    others = query.others_in_words().strip(", ")
    if answer.selected is not None:
        return _galaxy(explorer, pictures, answer.selected, others)
    if query.embedding is not None:
        return _own_picture()
    other, row = home_of(explorer, query.guests[0])
    about = _guest(explorer, other, row)
    return _galaxy(other, pictures_of(other), other.galaxy(row), others, about)


def _galaxy(
    explorer: Explorer,
    pictures: Pictures,
    galaxy: Galaxy,
    others: str,
    about: Sequence[Component] = (),
) -> list[Component]:
    """Return picture, name, position and data of a galaxy.

    Parameters
    ----------
    others : str
        What else the query is made of.
    about : sequence of Component
        What is said of it below its name.
    """
    measured = [pair for pair in galaxy.values if not (is_truth(pair[0]) or is_names(pair[0]))]
    truth = [pair for pair in galaxy.values if is_truth(pair[0])]
    return [
        _picture(pictures, galaxy),
        html.Div(
            [
                *_heading(galaxy, others),
                *about,
                *([] if explorer.manifest.simulated else _catalogue_name(galaxy)),
            ],
            className="selected-heading",
        ),
        html.Div(
            [
                _positions(galaxy.position),
                _elsewhere(galaxy.position, explorer.manifest.simulated),
            ],
            className="selected-where",
        ),
        html.Div(
            [
                html.Details(
                    html.Summary("What the columns mean"), className="explained columns-explained"
                ),
                definitions([pair for pair in measured if pair[0].name != "name"]),
                *([html.H3("Truth of the simulation"), definitions(truth)] if truth else []),
            ],
            className="selected-data",
        ),
    ]


def _picture(pictures: Pictures, galaxy: Galaxy) -> Component:
    """Return its picture with how large it is on the sky, and the way to see it larger."""
    note = OWN_SCALE if pictures.follow_galaxies else ""
    lines = ruler(pictures.side_arcsec(galaxy.row), north_up=pictures.north_up, note=note)
    name = name_of(galaxy)
    more = {"ruler": lines.to_page(), "enlarge": {"row": galaxy.row, "name": name}}
    return picture(pictures, galaxy.row, f"Picture of {name}", size_px=LARGE_PX, **more)


def definitions(values: Sequence[tuple[Column, Any]]) -> Component:
    """Return a list of names and values, the unit after the number.

    The description is shown on hover, and below the value where all columns are explained.
    """
    return html.Dl(
        [
            html.Div(
                [
                    html.Dt(label(column)),
                    _value(column, value),
                    html.Dd(explanation(column), className="meaning"),
                ],
                title=explanation(column),
            )
            for column, value in values
        ],
        className="definitions",
    )


def _guest(explorer: Explorer, other: Explorer, row: int) -> list[Component]:
    """Return which atlas a galaxy is of, a link to it there, and whether this atlas has it, too."""
    there = page_address(other.name) + to_address(Query(rows=(row,)), other)
    said: list[Any] = ["A galaxy of ", html.A(other.title, href=there), "."]
    here = same_place(explorer, other, row)
    if here is not None:
        name = name_of(explorer.galaxy(here))
        button: dict[str, Any] = {"type": "button", "className": "btn is-small"}
        said += [" This atlas has it as ", html.Button(name, **button, **asks("card", row=here))]
    return [html.P(said, className="selected-guest")]


def _elsewhere(position: SkyPosition, simulated: bool) -> Component:
    """Return links to what others know of this place, or why there are none."""
    if simulated:
        return html.P("A simulated galaxy: the real sky has none here.", className="links hint")
    return html.Ul(
        [
            html.Li(
                html.A(
                    link.name,
                    href=link.address,
                    title=f"Opens {link.shows}, in a new tab",
                    target="_blank",
                    rel="noopener noreferrer",
                )
            )
            for link in sky_links(position)
        ],
        className="links",
        **aria(label="This position elsewhere"),
    )


def _catalogue_name(galaxy: Galaxy) -> list[Component]:
    """Return the nearest galaxy of the NGC and IC catalogues, unless its name is told already."""
    found = bundled_names().nearest(galaxy.position)
    if found is None:
        return []
    other, away_arcsec = found
    told = map(name_key, (name_of(galaxy), galaxy.object_id, *other_names_of(galaxy)))
    if not {name_key(name) for name in other.names}.isdisjoint(told):
        return []
    names = [name for name in other.names if name.startswith(_CATALOGUES)]
    called = " = ".join(names or other.names[:1])  # few have no such name
    return [
        html.P(
            f"{format_separation(away_arcsec)} from {called}",
            className="selected-id is-wide",
            title="The nearest galaxy of the NGC, IC and Messier catalogues",
        )
    ]


def _heading(galaxy: Galaxy, others: str) -> list[Component]:
    name = name_of(galaxy)
    identifier = galaxy.object_id if galaxy.object_id != name else ""
    also = other_names_of(galaxy)
    return [
        name_line(name),
        *[
            html.P(text, className="selected-id", title=text)
            for text in (identifier, others)
            if text
        ],
        *([html.P(["also", *in_line(also)], className="selected-id is-wide")] if also else []),
    ]


def _positions(position: SkyPosition) -> Component:
    """Return a position in three notations, each with a button that copies it."""
    notations = (
        (format_degrees(position), "position in degrees", "RA, Dec (ICRS) in degrees"),
        (
            format_sexagesimal(position),
            "sexagesimal position",
            "RA in hours, Dec in degrees (ICRS)",
        ),
        (iau_name(position), "name", "Name after the position, as the IAU recommends: cut digits"),
    )
    return html.Div(
        [
            *(
                html.P(
                    [
                        html.Span(text, className="position", title=meaning),
                        html.Button(
                            html.Span(className="glyph glyph-copy"),
                            type="button",
                            className="copy",
                            title=f"Copy the {what}",
                            **aria(label=f"Copy the {what}"),
                        ),
                    ]
                )
                for text, what, meaning in notations
            ),
            html.P(className="copy-answer", role="status"),
        ],
        className="positions",
    )


def _value(column: Column, value: Any) -> Component:
    if (text := value_of(column, value)) != MISSING:
        return html.Dd(text)
    return html.Dd([html.Span(MISSING, **aria(hidden="true")), _hidden("not known")])


def _own_picture() -> list[Component]:
    """Return the words for a picture that the user brought, which is shown above them."""
    return [
        html.Div(
            [
                html.P("Your picture", className="selected-name"),
                html.P(
                    "The address of this page holds what the model made of your picture, not the "
                    "picture. Choose it again to see it.",
                    className="hint own-missing",
                ),
            ],
            className="selected-heading",
        )
    ]


def _hidden(text: str) -> Component:
    return html.Span(text, className="visually-hidden")


def _skeleton() -> list[Component]:
    return [
        html.Span(className="bone bone-picture"),
        *[html.Span(className="bone bone-line") for _ in range(_SKELETON_LINES)],
    ]


def part(explorer: Explorer) -> Part:
    """Show the query's galaxy."""
    pictures = Pictures(explorer)
    if not explorer.manifest.simulated:
        bundled_names()  # a second's work, for which the first visitor would wait
    outputs = (Output(ids.SELECTED, CONTENT),)
    return Part(outputs, lambda turn: (drawn(show(explorer, pictures, turn.answer)),))


def register(app: Dash) -> None:
    """Name the browser's tab after the galaxy, and keep what was opened open."""
    # One function: of two without an output and with the same input, Dash calls only the last.
    app.clientside_callback(
        ClientsideFunction("selected", "follow"),
        Input(ids.SELECTED, CONTENT),
    )
