"""Search: a name or a position in words, or a galaxy at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.random_draw import knows_brightness
from dashboard.formatting import format_separation, name_of
from dashboard.names.sesame import Sesame, shared_sesame
from dashboard.panels.parts import aria, asks
from dashboard.pictures.fetched import service_of
from dashboard.search.counterparts import Elsewhere, galaxies_elsewhere
from dashboard.search.place import Target
from dashboard.search.target import TargetError, find_target
from dashboard.site import page_address
from dashboard.sky.coordinates import format_exactly

PLACEHOLDER = "M 51 or 199.33 +20.64"
# No-break spaces keep each example in one line.
HELP = (
    "Such as ngc\u00a04321, UGC\u00a07, 199.3324\u00a0+20.6382, "
    "13:17:19.8\u00a0+20:38:17 (ICRS) or gal\u00a0123.4\u00a0-45.6."
)
ASKING = "Asking Sesame (CDS) for a name that is not known here."
FETCH = "Fetch this position and search with its picture"
UNCHANGED = "The query stays as it is. Instead:"
# What Random draws from; the first is what it does unless told otherwise.
RANDOM_KINDS = {"bright": "bright", "any": "any"}
LONGEST_INPUT = 300  # characters; more than is understood, so that the answer can say so

_ERROR, _FAR, _QUIET = "message is-error", "message is-far", "message"


class Found(NamedTuple):
    """What a search changes on the page, in the order of its outputs."""

    understood: Any
    message: str
    style: str
    is_invalid: bool
    suggestions: list[Component]


def layout(explorer: Explorer) -> Component:
    """Return the field, its two buttons and the place for the answer."""
    return html.Section(
        [
            html.H2("Search", className="visually-hidden"),
            html.Div(
                [
                    html.Label("Name or position", htmlFor=ids.SEARCH_TEXT, className="label"),
                    _random(knows_brightness(explorer)),
                ],
                className="panel-heading",
            ),
            html.Div(
                [
                    dbc.Input(
                        id=ids.SEARCH_TEXT,
                        type="text",
                        placeholder=PLACEHOLDER,
                        autocomplete="off",
                        maxlength=LONGEST_INPUT,
                    ),
                    dbc.Button("Search", id=ids.SEARCH_BUTTON, class_name="is-primary"),
                ],
                className="search-line",
            ),
            # They share a place: the second shows while an answer is long in coming.
            html.Div(
                [
                    html.P(HELP, className="hint search-help"),
                    html.P(ASKING, className="hint search-asking", role="status"),
                ],
                className="search-hints",
            ),
            html.P(id=ids.SEARCH_MESSAGE, className=_QUIET, role="status"),
            html.Div(id=ids.SEARCH_SUGGESTIONS, className="suggestions"),
        ],
        className="panel search-panel",
        **aria(label="Search"),
    )


def _random(may_choose: bool) -> Component:
    """Return the button for a random galaxy, and from which ones; a catalogue may not tell them."""
    return html.Div(
        [
            dbc.Button(
                [html.Span(className="glyph glyph-dice"), "Random"],
                id=ids.RANDOM_BUTTON,
                title="Draw a galaxy at random: rather a bright one, or any one",
                class_name="is-small",
            ),
            html.Label(
                "Which galaxies to draw", htmlFor=ids.RANDOM_KIND, className="visually-hidden"
            ),
            dbc.Select(
                id=ids.RANDOM_KIND,
                options=[{"label": words, "value": kind} for kind, words in RANDOM_KINDS.items()],
                value=next(iter(RANDOM_KINDS)),
                class_name="" if may_choose else "is-absent",
            ),
        ],
        className="joined",
    )


def find(
    explorer: Explorer, text: Any, sesame: Sesame | None = None, others: Sequence[Explorer] = ()
) -> Found:
    """Return what ``text`` asks for, and what the page says of it.

    Nobody is shown another galaxy than the one that was asked for: where this atlas does not have
    it, nothing is asked for, and what may be wanted instead is offered.
    """
    text = text if isinstance(text, str) else ""
    try:
        target = find_target(explorer, text, sesame, others)
    except TargetError as error:
        return Found(no_update, str(error), _ERROR, True, suggestion_buttons(error.suggestions))
    if not target.is_near:
        offers = instead(explorer, target, galaxies_elsewhere(text, target, others), text)
        return Found(no_update, target.answer, _FAR, False, offers)
    values = {"row": target.row, "separation_arcsec": target.separation_arcsec}
    return Found({"kind": "found", "values": values}, target.answer, _QUIET, False, [])


def choose(
    explorer: Explorer,
    chosen: Any,
    clicks: Sequence[Any],
    sesame: Sesame | None = None,
    others: Sequence[Explorer] = (),
) -> tuple[Any, ...]:
    """Return the text of the suggestion that was clicked, and what `find` says of it."""
    if not any(clicks) or not isinstance(chosen, dict):  # buttons that only appeared
        return (no_update,) * 6
    text = chosen.get("text")
    return text if isinstance(text, str) else "", *find(explorer, text, sesame, others)


def suggestion_buttons(suggestions: Sequence[str]) -> list[Component]:
    """Return a button for each text that may have been meant; a click searches for it."""
    return [
        html.Button(text, id=ids.search_suggestion(text), type="button", className="suggestion")
        for text in suggestions
    ]


def instead(
    explorer: Explorer, target: Target, elsewhere: Sequence[Elsewhere], text: str
) -> list[Component]:
    """Return what is offered where the atlas lacks what was asked for, each one click away."""
    offers: list[Component] = [
        html.A(one.in_words, href=galaxy_address(one), className="suggestion") for one in elsewhere
    ]
    name, away_arcsec = name_of(explorer.galaxy(target.row)), target.separation_arcsec or 0.0
    nearest = html.Button(
        f"Search from {name}, {format_separation(away_arcsec)} away",
        type="button",
        className="suggestion",
        **asks("found", row=target.row, separation_arcsec=away_arcsec),
    )
    if target.position is not None and service_of(explorer) is not None:
        button = ids.search_fetch(format_exactly(target.position), text)
        offers.append(html.Button(FETCH, id=button, type="button", className="suggestion"))
    return [html.P(UNCHANGED, className="hint is-wide"), *offers, nearest]


def galaxy_address(one: Elsewhere) -> str:
    """Return the address of a galaxy of another atlas as a query there."""
    return f"{page_address(one.explorer.name)}?{urlencode({'galaxy': one.object_id})}"


def register(app: Dash, explorer: Explorer, explorers: Mapping[str, Explorer]) -> None:
    """Turn text and buttons into requests, and forget the answer once another query is shown."""
    sesame = shared_sesame()
    others = [other for other in explorers.values() if other is not explorer]

    @app.callback(
        Output(ids.SEARCH_TEXT, "value"),
        Output(ids.UNDERSTOOD, "data"),
        Output(ids.SEARCH_MESSAGE, "children"),
        Output(ids.SEARCH_MESSAGE, "className"),
        Output(ids.SEARCH_TEXT, "invalid"),
        Output(ids.SEARCH_SUGGESTIONS, "children"),
        Input(ids.SEARCH_BUTTON, "n_clicks"),
        Input(ids.SEARCH_TEXT, "n_submit"),
        Input(ids.search_suggestion(ALL), "n_clicks"),
        State(ids.SEARCH_TEXT, "value"),
    )
    def search(_clicks: Any, _enters: Any, clicks: Any, text: Any) -> Any:
        if ctx.triggered_id in (ids.SEARCH_BUTTON, ids.SEARCH_TEXT):
            return no_update, *find(explorer, text, sesame, others)
        return choose(explorer, ctx.triggered_id, clicks, sesame, others)

    app.clientside_callback(
        ClientsideFunction("search", "random"),
        Input(ids.RANDOM_BUTTON, "n_clicks"),
        State(ids.RANDOM_KIND, "value"),
    )
    app.clientside_callback(
        ClientsideFunction("search", "forget"),
        Output(ids.SEARCH_MESSAGE, "children", allow_duplicate=True),
        Output(ids.SEARCH_MESSAGE, "className", allow_duplicate=True),
        Output(ids.SEARCH_TEXT, "invalid", allow_duplicate=True),
        Output(ids.SEARCH_SUGGESTIONS, "children", allow_duplicate=True),
        Input(ids.QUERY, "data"),
        State(ids.SEARCH_SUGGESTIONS, "children"),
    )
