"""The header: what the page shows, the other atlases one click away, and why it began here.

With the switch between dark and light, which the browser remembers without the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.across import why_not_comparable
from dashboard.explorer.explorer import Explorer
from dashboard.formatting import count_of, format_count
from dashboard.map.colours import DEFAULT_THEME
from dashboard.method.page import method_address
from dashboard.panels.parts import aria
from dashboard.site import page_address
from dashboard.web.start import why_started


def layout(
    title: str, shown: Explorer, explorers: Mapping[str, Explorer], controls: Sequence[Component]
) -> Component:
    """Return the header.

    Parameters
    ----------
    title : str
        Name of the app.
    shown : Explorer
        The atlas of this page.
    explorers : mapping of str to Explorer
        All open atlases.
    controls : sequence of Component
        What stands at the end of the line.
    """
    several = len(explorers) > 1
    return html.Header(
        [
            html.H1([html.Span(className="logo", **aria(hidden="true")), title], className="brand"),
            atlas_switch(shown, explorers) if several else _atlas(shown),
            *([_simulated()] if shown.manifest.simulated else []),
            html.Div([_method(shown), *controls], className="header-controls"),
        ],
        className="header has-switch" if several else "header",
    )


def atlas_switch(shown: Explorer, explorers: Mapping[str, Explorer]) -> Component:
    """Return links to all atlases, each a page of its own; the query goes along where it can."""
    return html.Nav(
        html.Ul([html.Li(_link(explorer, shown)) for explorer in explorers.values()]),
        className="atlas-switch",
        **aria(label="Atlases"),
    )


def start_note(shown: Explorer, explorers: Mapping[str, Explorer]) -> Component | None:
    """Return why a visit may have begun here; assets/galaxy_finder.js shows it when it has."""
    sentence = why_started(shown, explorers)
    if not sentence:
        return None
    dismiss = html.Button(
        "×", className="dismiss", type="button", title="Dismiss", **aria(label="Dismiss")
    )
    return html.Div([html.P(sentence), dismiss], className="start-note", role="status")


def theme_switch() -> Component:
    """Return the switch and the memory of its state."""
    return html.Div(
        [
            dcc.Store(id=ids.THEME, storage_type="local", data=DEFAULT_THEME),
            html.Button(
                html.Span(className="glyph glyph-theme"),
                id=ids.THEME_SWITCH,
                className="theme-switch",
                type="button",
                title="Turn the page light or dark",
                **aria(label="Light theme", pressed="false"),
            ),
        ]
    )


def register(app: Dash) -> None:
    """Turn the theme in the browser (assets/galaxy_finder.js); the server is not asked."""
    app.clientside_callback(
        ClientsideFunction("galaxy_finder", "toggleTheme"),
        Output(ids.THEME, "data"),
        Input(ids.THEME_SWITCH, "n_clicks"),
        State(ids.THEME, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("galaxy_finder", "applyTheme"),
        Output(ids.THEME_SWITCH, "aria-pressed"),
        Input(ids.THEME, "data"),
        prevent_initial_call=False,
    )


def _link(explorer: Explorer, shown: Explorer) -> Component:
    reason = why_not_comparable(shown, explorer)
    about: dict[str, Any] = {"title": explorer.title}
    if explorer is shown:
        about |= aria(current="page")
    elif reason:
        about["title"] = f"{explorer.title}. Your query does not go along. {reason}"
    else:
        about["data-to-atlas"] = explorer.name  # assets/across.js
    return html.A(
        [
            html.Span(explorer.title, className="atlas-title"),
            html.Span(count_of(explorer.manifest), className="atlas-count"),
        ],
        href=page_address(explorer.name),
        **about,
    )


def _atlas(explorer: Explorer) -> Component:
    return html.P(
        [
            html.Span(explorer.title, className="atlas-title"),
            html.Span(format_count(explorer.n_objects), className="atlas-count"),
        ],
        className="atlas",
    )


def _method(explorer: Explorer) -> Component:
    return html.A(
        [
            html.Span("How it works", className="header-words"),
            html.Span("?", className="header-sign", **aria(hidden="true")),
        ],
        href=method_address(explorer.name),
        className="header-link",
        title="How it works",
    )


def _simulated() -> Component:
    return html.Span(
        "Simulated sky",
        className="badge",
        title="These galaxies were made by a computer. None of them exists.",
    )
