"""The table of neighbours, in the place of the gallery: up to 1,000 of them, with all their data.

Its rows are asked for only while it is shown, and AG Grid itself is fetched only then. What rows,
cards and map have in common while something is pointed at, assets/pointed.js knows.
"""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.panels.parts import aria, view_switch
from dashboard.pictures.addresses import Pictures
from dashboard.query.answer import Answer, answer
from dashboard.query.page import Page
from dashboard.query.ranks import checked_ranks
from dashboard.tables import neighbours as neighbour_table

VIEWS = {"gallery": "Gallery", "table": "Table"}
HINT = (
    "Enter on a row searches from it, V enlarges it; + adds it to the query, − says “not like "
    "this”."
)


def switch() -> Component:
    """Return the choice between gallery and table; the browser remembers it."""
    return view_switch(ids.VIEW, "Show neighbours as", VIEWS)


def layout(explorer: Explorer, downloads: Component) -> Component:
    """Return heading with choice of columns, the empty table, and what to do with selected rows."""
    return html.Section(
        [
            dcc.Store(id=ids.TABLE_QUERY),
            dcc.Store(id=ids.TABLE_SHOWN),
            dcc.Store(id=ids.TABLE_SELECTED),
            html.Div(
                [
                    html.H2("Neighbours", id=ids.TABLE_HEADING, **aria(live="polite")),
                    _columns_menu(explorer),
                ],
                className="panel-heading",
            ),
            html.P("Comparing galaxies", className="table-coming", **aria(hidden="true")),
            dag.AgGrid(
                id=ids.TABLE,
                columnDefs=neighbour_table.definitions(explorer),
                defaultColDef=neighbour_table.DEFAULT_COLUMN,
                dashGridOptions=neighbour_table.OPTIONS,
                eventListeners=neighbour_table.LISTENERS,
                getRowId="params.data.row.toString()",
                rowData=[],
                className="grid neighbour-table",
                style={"height": "100%"},
            ),
            html.Div(
                [
                    html.P(HINT, id=ids.TABLE_SELECTED_WORDS, className="hint", role="status"),
                    html.Div(
                        [
                            dbc.Button("Add to the query", id=ids.TABLE_ADD, class_name="is-small"),
                            downloads,
                            dbc.Button("Clear", id=ids.TABLE_CLEAR, class_name="is-small"),
                        ],
                        className="table-actions",
                    ),
                ],
                id=ids.TABLE_FOOT,
                className="table-foot",
            ),
        ],
        className="panel table-panel",
        **aria(label="Table of neighbours"),
    )


def _columns_menu(explorer: Explorer) -> Component:
    called, shown = neighbour_table.choices(explorer)
    return html.Details(
        [
            html.Summary("Columns", className="btn is-small", title="Choose columns"),
            html.Div(
                dbc.Checklist(
                    id=ids.TABLE_COLUMNS,
                    options=[{"label": label, "value": value} for value, label in called.items()],
                    value=shown,
                    persistence=explorer.name,
                    persistence_type="local",
                ),
                className="menu-body table-columns",
                role="group",
                **aria(label="Columns"),
            ),
        ],
        className="menu",
    )


def show(
    explorer: Explorer, pictures: Pictures, answer: Answer
) -> tuple[list[dict[str, Any]], list[Any], str]:
    """Return the rows of the neighbours, none of them selected, and the heading."""
    query = answer.query
    rows = neighbour_table.table_rows(explorer, pictures, answer.further)
    order = "least similar" if query.least_similar else "most similar"
    galaxies = "galaxy" if len(rows) == 1 else "galaxies"
    within = " within the filters" if query.filters else ""
    return rows, [], f"{len(rows):,} {order} {galaxies}{within}"


def offer(ranks: Any) -> tuple[str, str]:
    """Return how many rows are selected, and whether there is something to do with them.

    How to go on from a single row, if none is selected; and the class of the foot.
    """
    n_selected = len(checked_ranks(ranks or []))
    if n_selected == 0:
        return HINT, "table-foot"
    return f"{n_selected:,} selected", "table-foot is-selected"


def register(app: Dash, explorer: Explorer) -> None:
    """Fill the table while it is shown, and turn rows into requests."""
    pictures = Pictures(explorer)

    app.clientside_callback(
        ClientsideFunction("table", "askWhenShown"),
        Output(ids.TABLE_QUERY, "data"),
        Input(ids.QUERY, "data"),
        Input(ids.VIEW, "value"),
        State(ids.TABLE_QUERY, "data"),
    )

    @app.callback(
        Output(ids.TABLE, "rowData"),
        Output(ids.TABLE, "selectedRows"),
        Output(ids.TABLE_HEADING, "children"),
        Output(ids.TABLE_SHOWN, "data"),
        Input(ids.TABLE_QUERY, "data"),
    )
    def show_table(shown: Any) -> Any:
        query = Page.from_store(shown, explorer).query
        return *show(explorer, pictures, answer(explorer, query)), shown

    app.clientside_callback(
        ClientsideFunction("table", "showColumns"),
        Output(ids.TABLE, "columnDefs"),
        Input(ids.TABLE_COLUMNS, "value"),
        State(ids.TABLE, "columnDefs"),
        prevent_initial_call=False,
    )

    app.clientside_callback(
        ClientsideFunction("table", "ranksOf"),
        Output(ids.TABLE_SELECTED, "data"),
        Input(ids.TABLE, "selectedRows"),
        State(ids.TABLE_SELECTED, "data"),
    )

    app.clientside_callback(
        ClientsideFunction("table", "none"),
        Output(ids.TABLE, "selectedRows", allow_duplicate=True),
        Input(ids.TABLE_CLEAR, "n_clicks"),
    )

    app.clientside_callback(
        ClientsideFunction("pointed", "pointedOnMap"),
        Input(ids.MAP, "hoverData"),
    )

    @app.callback(
        Output(ids.TABLE_SELECTED_WORDS, "children"),
        Output(ids.TABLE_FOOT, "className"),
        Input(ids.TABLE_SELECTED, "data"),
    )
    def offer_selected_rows(ranks: Any) -> Any:
        return offer(ranks)

    app.clientside_callback(
        ClientsideFunction("table", "addSelected"),
        Input(ids.TABLE_ADD, "n_clicks"),
        State(ids.TABLE, "selectedRows"),
    )
