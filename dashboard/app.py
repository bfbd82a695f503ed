"""The Dash app: one page, its shared state, and who listens to whom.

The callback graph; QUERY is the only way from one panel to another::

    address <-----> address.keep_in_step <-----> QUERY (dcc.Store)
                      +--> notice                  ^  |
    text, button -> search.search -> answer -------+  +--> selected.show_selected
    random -------> search.random -----------------+  +--> gallery.show_gallery
    card ---------> gallery.choose_card -----------+  +--> umap_map.highlight_query (Patch)
    k ------------> gallery.keep_k_in_step <-------+  +--> search.forget
    map point ----> umap_map.choose_point ---------+

    pointer on map -> umap_map.describe_point -> hover card
    colour column --> map_colour.recolour_map -> map (Patch), legend
    theme switch ---> THEME (local storage) ---> page and map (Patch), all in the browser

`keep_in_step` and `keep_k_in_step` have QUERY as input and as output: Dash does not call a
callback for what it has written itself, so neither can run in circles.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from dash import Dash, html, set_props
from dash.development.base_component import Component

from dashboard import ids
from dashboard.api import register_api
from dashboard.cutouts import register_cutouts
from dashboard.explorer import (
    Explorer,
    NoCommonDirectionError,
    UnknownColumnError,
    UnknownGalaxyError,
)
from dashboard.panels import address, aria, gallery, map_colour, search, selected, theme, umap_map
from dashboard.query import QueryError

logger = logging.getLogger(__name__)

ASSETS = Path(__file__).resolve().parent.parent / "assets"
TITLE = "Galaxy Finder"
_FORESEEN = (QueryError, UnknownGalaxyError, UnknownColumnError, NoCommonDirectionError)
_FAILED = (
    "Something went wrong on the server, and this step was not done. The server's log says what; "
    "reloading the page is safe."
)

# The theme is set before anything is painted: a light page must not flash dark.
_INDEX = """<!DOCTYPE html>
<html lang="en" data-theme="dark">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="FAVICON">
    <script>
      try {
        if (JSON.parse(localStorage.getItem("theme")) === "light") {
          document.documentElement.dataset.theme = "light";
        }
      } catch (error) { /* no storage: dark */ }
    </script>
    {%css%}
  </head>
  <body>
    <noscript>Galaxy Finder needs JavaScript: allow it for this page and reload.</noscript>
    {%app_entry%}
    <footer>
      {%config%}
      {%scripts%}
      {%renderer%}
    </footer>
  </body>
</html>"""


def create_app(explorers: Mapping[str, Explorer]) -> Dash:
    """Return the app over the open atlases, by name; the first is the one that is shown.

    Raises
    ------
    ValueError
        There is no atlas.
    """
    if not explorers:
        raise ValueError("Galaxy Finder needs at least one atlas to show.")
    app = Dash(
        "dashboard",
        title=TITLE,
        update_title="",
        assets_folder=str(ASSETS),
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
    app.index_string = _INDEX.replace("FAVICON", app.get_asset_url("icon.svg"))
    shown = next(iter(explorers.values()))  # a switch between atlases will choose
    app.layout = layout(shown)
    for panel in (address, search, selected, gallery, umap_map, map_colour):
        panel.register(app, shown)
    theme.register(app)
    register_cutouts(app.server, explorers)
    register_api(app.server, explorers)
    return app


def layout(explorer: Explorer) -> Component:
    """Return the page: header, then search and selection, gallery, map."""
    return html.Div(
        [
            header(explorer),
            address.layout(),
            html.Main(
                [
                    html.Div([search.layout(), selected.layout()], className="column is-left"),
                    html.Div(gallery.layout(), className="column is-middle"),
                    html.Div(
                        umap_map.layout(
                            explorer, map_colour.choice(explorer), map_colour.legend(explorer)
                        ),
                        className="column is-right",
                    ),
                ],
                className="columns",
            ),
        ],
        className="page",
    )


def header(explorer: Explorer) -> Component:
    """Return the name of the app, what it shows, and the theme switch."""
    simulated = html.Span(
        "Simulated sky",
        className="badge",
        title="These galaxies were made by a computer. None of them exists.",
    )
    return html.Header(
        [
            html.H1([html.Span(className="logo", **aria(hidden="true")), TITLE], className="brand"),
            html.P(
                [
                    html.Span(explorer.title, className="atlas-title"),
                    html.Span(f"{explorer.n_objects:,} galaxies", className="atlas-count"),
                ],
                className="atlas",
            ),
            *([simulated] if explorer.manifest.simulated else []),
            theme.layout(),
        ],
        className="header",
    )


def tell(error: Exception) -> None:
    """Turn a failed callback into a sentence on the page; what we did not foresee, into the log."""
    if isinstance(error, _FORESEEN):
        sentence = str(error)
    else:
        logger.error("A callback failed.", exc_info=error)
        sentence = _FAILED
    set_props(ids.NOTICE, {"children": sentence})
