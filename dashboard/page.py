"""The page of an atlas: its panels, its shared state, and who listens to whom.

Each atlas is a Dash app of its own below /atlas/NAME/, all on one Flask server. What a page sends
goes to the callbacks of its own atlas, so no query can meet the rows of another one; links lead
from page to page, and the browser's history with them.

The callback graph of a page; REQUESTS is the only way to QUERY, QUERY the only way from there::

    card, + and -, point, lasso, button, legend entry, k, options, filters, colour, address ...
        |  in the browser: a request {n, kind, values} (assets/requests.js)
        |                     text --> search.search -------------+--> UNDERSTOOD, in the browser
        v                     own picture, zoom -> own_picture.*  +       |
    REQUESTS (dcc.Store) <------------------------------------------------+
        |  requests.answer_requests: fold, answer, and what every part shows
        v
    ANSWER (dcc.Store) --> gallery, selected galaxy, tray, downloads: drawn at once, in the browser
        |  a frame later, in the browser
        v
    QUERY (dcc.Store), address, certainty, filters, what is selected, legend, map (Patch)
        +--> k, options, colour, marks of cards and legend, picture of the query: in the browser
        +--> with VIEW, in the browser -> TABLE_QUERY -> table.show_table -> rows of the table
        +--> own picture -> own_picture.show, in the browser

    position to fetch -> fetch.fetch_picture -> own picture
    text, file ---> target_list.read_list -> TARGET_LIST -> LIST_SHOWN -> list_matches.show_matches
    column, Add --> filters.add_row -> rows -> columns to add, in the browser
    FILTERS_PASSING -> map (Patch), in the browser
    QUERY -> tiles of a map of very many -> MAP_IN_VIEW -> map (Patch), all in the browser
    selected rows, in the browser -> TABLE_SELECTED -> download.show_downloads_of_selected
    pointer on map -> umap_map.describe_point -> hover card
    sky is seen -> SKY_WANTED -> sky_view.show_survey -> SKY_SURVEY -> sky, in the browser
    with QUERY, while it is seen -> SKY_ASKED -> sky_view.show_query -> SKY_QUERY -> sky
    theme switch ---> THEME (local storage) ---> page and map (Patch), all in the browser
    size, crosshair > PREFERENCES (local storage) ---> page in the browser

`requests.answer_requests` alone decides on QUERY. What the browser sets in a control to follow it
is no request: assets/requests.js knows what each control was told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial

from dash import html, set_props
from dash.development.base_component import Component
from flask import Flask

from dashboard import ids
from dashboard.explorer.across import GuestError
from dashboard.explorer.explorer import Explorer, UnknownColumnError, UnknownGalaxyError
from dashboard.explorer.neighbours import NoCommonDirectionError
from dashboard.filters import FilterError
from dashboard.panels.map import colour as map_colour
from dashboard.panels.map import download as map_download
from dashboard.panels.map import selection as map_selection
from dashboard.panels.map import sky_view, umap_map
from dashboard.panels.page import address, columns, header, hints, pictures_note, requests
from dashboard.panels.page.document import AtlasPage
from dashboard.panels.page.first_answer import drawn_places, first_answer
from dashboard.panels.page.first_paint import first_paint
from dashboard.panels.parts import Part
from dashboard.panels.query import (
    across,
    fetch,
    filters,
    list_matches,
    options,
    own_picture,
    region,
    search,
    target_list,
    tray,
)
from dashboard.panels.results import certainty, download, enlarged, gallery, selected, table
from dashboard.query.query import QueryError
from dashboard.search.target_list import TargetListError
from dashboard.site import page_route
from dashboard.web.observed import request_identifier
from pipeline.atlas import ChangedError

logger = logging.getLogger(__name__)

TITLE = "Galaxy Finder"
_FORESEEN = (
    ChangedError,
    QueryError,
    FilterError,
    TargetListError,
    UnknownGalaxyError,
    UnknownColumnError,
    GuestError,
    NoCommonDirectionError,
)
_FAILED = (
    "Something went wrong on the server, and this step was not done. The server's log says what; "
    "reloading the page is safe."
)


def create_page(server: Flask, explorer: Explorer, explorers: Mapping[str, Explorer]) -> AtlasPage:
    """Add the page of one atlas, with links to the others, to ``server``."""
    shown = layout(explorer, explorers)
    parts = _parts(explorer, explorers)
    app = AtlasPage(
        server,
        page_route(explorer.name),
        shown,
        first_paint(shown, drawn_places(parts)),
        partial(first_answer, explorer, parts),
        title=TITLE,
        update_title="",
        prevent_initial_callbacks=True,  # most wait for what a person does
        use_pages=False,
        serve_locally=True,
        add_log_handler=False,
        enable_mcp=False,
        on_error=tell,
        meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "color-scheme", "content": "dark light"},
            {
                "name": "description",
                "content": "Find the galaxies that look like the one you have.",
            },
        ],
    )
    requests.register(app, explorer, parts, tell)
    search.register(app, explorer, explorers)
    list_matches.register(app, explorer, explorers)
    for panel in (own_picture, fetch, filters, tray, table, download, umap_map, sky_view):
        panel.register(app, explorer)
    if len(explorers) > 1:
        across.register(app)
    others = (address, gallery, selected, options, map_colour, map_selection, target_list, header)
    for panel in others:
        panel.register(app)
    return app


def _parts(explorer: Explorer, explorers: Mapping[str, Explorer]) -> list[Part]:
    """Return all that shows answers."""
    return [
        address.part(explorer),
        gallery.part(explorer),
        selected.part(explorer),
        tray.part(explorer),
        *([across.part(explorer)] if len(explorers) > 1 else []),
        certainty.part(explorer),
        download.part(explorer),
        umap_map.part(explorer),
        map_colour.part(explorer),
        map_selection.part(),
        filters.part(explorer),
        region.part(),
        options.part(),
    ]


def layout(explorer: Explorer, explorers: Mapping[str, Explorer]) -> Component:
    """Return the page of an atlas: header, then search and selection, gallery, map."""
    note = header.start_note(explorer, explorers)
    return html.Div(
        [
            columns.skip_link(),
            header.layout(TITLE, explorer, explorers, [header.theme_switch()]),
            *([note] if note is not None else []),
            pictures_note.layout(explorer),
            requests.layout(),
            address.layout(),
            hints.layout(),
            enlarged.layout(),
            html.Main(
                [
                    html.Div(
                        [
                            search.layout(explorer),
                            html.Div(
                                [
                                    target_list.layout(list_matches.layout()),
                                    own_picture.layout(explorer),
                                ],
                                className="search-ways",
                            ),
                            filters.layout(explorer, region.layout()),
                            selected.layout(own_picture.frame(explorer)),
                        ],
                        className="column is-left",
                    ),
                    html.Div(
                        [
                            columns.divider("left"),
                            gallery.layout(
                                explorer,
                                [
                                    *across.menu(explorer, explorers),
                                    options.layout(),
                                    download.layout(),
                                    table.switch(),
                                ],
                                html.Div([certainty.layout(), across.note()]),
                                tray.layout(),
                            ),
                            table.layout(explorer, download.layout_of_selected()),
                        ],
                        className="column is-middle",
                    ),
                    html.Div(
                        [
                            columns.divider("right"),
                            umap_map.layout(
                                explorer,
                                map_colour.choice(explorer),
                                map_colour.legend(explorer),
                                map_selection.layout(explorer),
                                map_download.layout(),
                                sky_view.switch(),
                                sky_view.layout(),
                            ),
                        ],
                        className="column is-right",
                    ),
                ],
                className="columns",
            ),
        ],
        className="page",
        **{"data-atlas": explorer.name},  # type: ignore[arg-type]  # Dash's wildcards
    )


def tell(error: Exception) -> None:
    """Turn a failed callback into a sentence on the page; what we did not foresee, into the log."""
    if isinstance(error, _FORESEEN):
        sentence = str(error)
    else:
        logger.error("A callback failed.", exc_info=error)
        sentence = f"{_FAILED} (Request {request_identifier()}.)"
    set_props(ids.NOTICE, {"children": sentence})
