"""Filters: which galaxies to show, by any column of the catalogue, and how many are left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Dash, Input, Output, Patch, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import Filter, Filters
from dashboard.formatting import explanation, format_left, label_of_choice
from dashboard.map.figure import packed_mask
from dashboard.map.sample import drawn_rows
from dashboard.panels.parts import Part, Turn, asks
from dashboard.query.answer import Answer

Row = Callable[[Explorer, str, Filter | None], Component]
# The controls of a row know of the filters that they ask for themselves, but not of these.
_BRING_FILTERS = {"address", "clear-filters", "legend"}


def layout(explorer: Explorer) -> Component:
    """Return the section, closed: what is left in its head; rows, and a way to add one, in it."""
    columns = columns_offered(explorer)
    return html.Details(
        [
            html.Summary(
                [
                    html.H2("Filters"),
                    html.Span(id=ids.FILTERS_LEFT, className="filters-left", role="status"),
                ]
            ),
            html.Div([], id=ids.FILTER_ROWS, className="filter-rows"),
            html.P(id=ids.FILTER_MESSAGE, className="message is-error", role="status"),
            html.Div(
                [
                    html.Label("Filter by", htmlFor=ids.FILTER_COLUMN, className="visually-hidden"),
                    dbc.Select(
                        id=ids.FILTER_COLUMN,
                        options=columns,
                        value=columns[0]["value"] if columns else None,
                    ),
                    dbc.Button(
                        "Add",
                        id=ids.FILTER_ADD,
                        class_name="is-small",
                        title="Add a filter on this column",
                    ),
                    html.Button(
                        "Clear all",
                        type="button",
                        className="btn is-small if-filtered",
                        **asks("clear-filters"),
                    ),
                ],
                className="filter-add",
            ),
            dcc.Store(id=ids.FILTER_COLUMNS, data=columns),
            dcc.Store(id=ids.FILTERS_PASSING),
        ],
        className="panel filters-panel",
    )


def columns_offered(explorer: Explorer) -> list[dict[str, str]]:
    """Return the columns as options; assets/filters.js leaves out those that have a row."""
    return [
        {"label": label_of_choice(column), "value": column.name, "title": explanation(column)}
        for column in explorer.filter_columns.offered()
    ]


def rows_for(explorer: Explorer, row: Row, turn: Turn) -> Any:
    """Return the rows of the filters; none anew where the rows of the page show them already."""
    before = Filters() if turn.before is None else turn.before.query.filters
    now, kinds = turn.page.query.filters, {request.kind for request in turn.requests}
    are_other = before.by_column != now.by_column or "filter" in kinds
    if "clear-filters" in kinds or (are_other and kinds & _BRING_FILTERS):
        return [row(explorer, name, wanted) for name, wanted in now.by_column]
    return no_update


def left(explorer: Explorer, answer: Answer) -> tuple[str, str | None]:
    """Return the sentence on what the filters leave, and the same for each point of the map."""
    filters = answer.query.filters
    passes = explorer.passing(filters)
    if passes is None:
        return "", None
    n_filters = f"{len(filters)} active" if len(filters) > 1 else "1 active"
    said = format_left(answer.n_passing, explorer.n_objects)
    return f"{n_filters}, {said}", packed_mask(passes[drawn_rows(explorer)])


def show(explorer: Explorer, row: Row, turn: Turn) -> tuple[Any, ...]:
    """Return rows, the sentence about one that cannot be, and what is left, as far as it is new."""
    before = Filters() if turn.before is None else turn.before.query.filters
    is_new = before != turn.page.query.filters
    of_left = left(explorer, turn.answer) if is_new else (no_update, no_update)
    return rows_for(explorer, row, turn), turn.said.get("filter", ""), *of_left


def add(explorer: Explorer, row: Row, names: Sequence[Any], column: Any) -> Any:
    """Return the change of the rows that adds one, which says nothing yet.

    Parameters
    ----------
    names : sequence of str
        Columns that have a row.
    column : str
        The one to add a row for.

    Raises
    ------
    FilterError
        The catalogue does not have the column.
    """
    if not isinstance(column, str) or column in names:
        return no_update
    patch = Patch()
    patch.append(row(explorer, column, None))
    return patch


def part(explorer: Explorer, row: Row) -> Part:
    """Show the filters of the query, and what they leave.

    Parameters
    ----------
    row : callable
        Makes the row of a column.
    """
    outputs = (
        Output(ids.FILTER_ROWS, "children"),
        Output(ids.FILTER_MESSAGE, "children"),
        Output(ids.FILTERS_LEFT, "children"),
        Output(ids.FILTERS_PASSING, "data"),
    )
    return Part(outputs, lambda turn: show(explorer, row, turn), speaks_of=("filter",))


def register(app: Dash, explorer: Explorer, row: Row) -> None:
    """Add and remove rows, and turn what they say into requests."""

    @app.callback(
        Output(ids.FILTER_ROWS, "children", allow_duplicate=True),
        Input(ids.FILTER_ADD, "n_clicks"),
        State(ids.FILTER_COLUMN, "value"),
        State(ids.filter_remove(ALL), "id"),
        prevent_initial_call=True,
    )
    def add_row(_clicks: Any, column: Any, buttons: Any) -> Any:
        return add(explorer, row, [button.get("column") for button in buttons], column)

    app.clientside_callback(
        ClientsideFunction("filters", "removeRow"),
        Output(ids.FILTER_ROWS, "children", allow_duplicate=True),
        Input(ids.filter_remove(ALL), "n_clicks"),
        State(ids.FILTER_ROWS, "children"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("filters", "ask"),
        Input(ids.filter_least(ALL), "value"),
        Input(ids.filter_most(ALL), "value"),
        Input(ids.filter_choice(ALL), "value"),
        Input(ids.filter_part(ALL), "value"),
        State(ids.QUERY, "data"),
        State(ids.FILTER_MESSAGE, "children"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("filters", "offer"),
        Output(ids.FILTER_COLUMN, "options"),
        Output(ids.FILTER_COLUMN, "value"),
        Input(ids.FILTER_ROWS, "children"),
        State(ids.FILTER_COLUMNS, "data"),
        prevent_initial_call=True,
    )
