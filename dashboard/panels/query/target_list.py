"""A list of galaxies: the button that opens its dialog, and the text or the file that it is.

The dialog is the browser's own: it keeps the keyboard inside, closes on Escape and gives the focus
back. assets/target_list.js opens and closes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.counted import UPLOAD, count, count_refused
from dashboard.panels.parts import aria, tell_too_large
from dashboard.search.list_reading import read_file, read_text
from dashboard.search.target_list import MOST_ENTRIES, TargetList, TargetListError
from dashboard.tables.matches import INVITATION
from dashboard.untrusted import MOST_FILE_BYTES, UploadError, file_content

PLACEHOLDER = "M 51\nNGC 4321\n199.3324 +20.6382\n13:17:19.8 +20:38:17"
HELP = (
    f"One name or position on each line, or a table with a header such as name,ra,dec. Up to "
    f"{MOST_ENTRIES:,} entries."
)
FILE_HELP = f"or drop it here: CSV, FITS or VOTable, up to {MOST_FILE_BYTES // 10**6} MB"
_LONGEST_TEXT = 1_000_000  # characters; 1,000 entries need fewer


def layout(matches: Component) -> Component:
    """Return the list, the button that opens its dialog, and the dialog with its form.

    Once there is a list, the dialog shows ``matches`` in the place of the form.
    """
    return html.Section(
        [
            dcc.Store(id=ids.TARGET_LIST, storage_type="session"),
            dbc.Button(
                [html.Span(className="glyph glyph-list"), html.Span(INVITATION, id=ids.LIST_WORDS)],
                id=ids.LIST_OPEN,
                class_name="is-wide",
            ),
            html.Dialog(
                [
                    html.Div(
                        [
                            html.H2("A list of galaxies", id=ids.LIST_TITLE),
                            html.Button(
                                "×",
                                id=ids.LIST_CLOSE,
                                className="dismiss",
                                type="button",
                                **aria(label="Close"),
                            ),
                        ],
                        className="panel-heading",
                    ),
                    _form(),
                    html.P(id=ids.LIST_MESSAGE, className="message is-error", role="status"),
                    matches,
                ],
                id=ids.LIST_DIALOG,
                className="list-dialog is-empty",
                disable_n_clicks=True,
                **aria(labelledby=ids.LIST_TITLE),
            ),
        ],
        className="list-panel",
        **aria(label="A list of galaxies"),
    )


def _form() -> Component:
    return html.Div(
        [
            html.Label("Names or positions", htmlFor=ids.LIST_TEXT, className="label"),
            dbc.Textarea(
                id=ids.LIST_TEXT,
                placeholder=PLACEHOLDER,
                maxlength=_LONGEST_TEXT,
                spellcheck="false",
                rows=8,
            ),
            html.P(HELP, className="hint"),
            html.Div(
                [
                    dbc.Button("Match", id=ids.LIST_READ, class_name="is-primary"),
                    dcc.Upload(
                        [
                            html.Button("Choose a file", type="button", className="btn"),
                            html.Span(FILE_HELP, className="hint"),
                        ],
                        id=ids.LIST_UPLOAD,
                        className="list-upload",
                        className_active="list-upload is-over",
                        style_active={},
                        max_size=MOST_FILE_BYTES,
                    ),
                ],
                className="list-actions",
                **tell_too_large(ids.LIST_MESSAGE, "Keep the columns with names or positions."),
            ),
        ],
        className="list-form",
    )


def read_pasted(text: Any) -> tuple[Any, str]:
    """Return the list that a text is, and what is wrong with it."""
    text = text[:_LONGEST_TEXT] if isinstance(text, str) else ""
    return _stored(lambda: read_text(text))


def read_uploaded(contents: Any, name: Any) -> tuple[Any, Any]:
    """Return the list that a file holds, and what is wrong with it."""
    if contents is None:
        return no_update, no_update
    name = name if isinstance(name, str) else ""
    return _stored(lambda: read_file(file_content(contents), name))


def _stored(read: Callable[[], TargetList]) -> tuple[Any, str]:
    try:
        stored = read().to_store()
    except (UploadError, TargetListError) as error:
        count_refused("list", error)
        return no_update, str(error)
    count(UPLOAD, "list")
    return stored, ""


def register(app: Dash) -> None:
    """Open and close the dialog, and read lists."""
    app.clientside_callback(
        ClientsideFunction("target_list", "open"),
        Input(ids.LIST_OPEN, "n_clicks"),
    )
    app.clientside_callback(
        ClientsideFunction("target_list", "close"),
        Input(ids.LIST_CLOSE, "n_clicks"),
        Input(ids.LIST_USE_SELECTED, "n_clicks"),
        Input(ids.LIST_USE_ALL, "n_clicks"),
        Input(ids.LIST_ADD, "n_clicks"),
    )

    @app.callback(
        Output(ids.TARGET_LIST, "data"),
        Output(ids.LIST_MESSAGE, "children"),
        Output(ids.LIST_UPLOAD, "contents"),
        Input(ids.LIST_READ, "n_clicks"),
        Input(ids.LIST_CHANGE, "n_clicks"),
        Input(ids.LIST_UPLOAD, "contents"),
        State(ids.LIST_TEXT, "value"),
        State(ids.LIST_UPLOAD, "filename"),
    )
    def read_list(_reads: Any, _changes: Any, contents: Any, text: Any, name: Any) -> Any:
        if ctx.triggered_id == ids.LIST_CHANGE:
            return None, "", no_update
        if ctx.triggered_id == ids.LIST_READ:
            return *read_pasted(text), no_update
        # Its 13 MB are forgotten at once, and the same file may be chosen again.
        return *read_uploaded(contents, name), None
