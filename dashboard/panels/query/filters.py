"""Filters: which galaxies to show, by any column of the catalogue, and how many are left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Dash, Input, Output, Patch, State, ctx, dcc, html
from dash import no_update as same
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import Filter, FilterError, Filters
from dashboard.formatting import explanation, format_left, label_of_choice
from dashboard.map.figure import packed_mask
from dashboard.map.sample import drawn_rows
from dashboard.query.query import Query

Row = Callable[[Explorer, str, Filter | None], Component]
Values = Mapping[str, Mapping[str, Any]]
_CONTROLS = ("filter-least", "filter-most", "filter-choice", "filter-part")


class Change(NamedTuple):
    """What changes on the page, in the order of the outputs; `same` where nothing does."""

    query: Any = same
    shown: Any = same
    rows: Any = same
    columns: Any = same
    column: Any = same
    message: Any = same


def layout(explorer: Explorer) -> Component:
    """Return the section, closed: what is left in its head; rows, and a way to add one, in it."""
    columns, column = columns_left(explorer, [])
    return html.Details(
        [
            html.Summary(
                [
                    html.H2("Filters"),
                    html.Span(id=ids.FILTERS_LEFT, className="filters-left", role="status"),
                ]
            ),
            html.Div(id=ids.FILTER_ROWS, className="filter-rows"),
            html.P(id=ids.FILTER_MESSAGE, className="message is-error", role="status"),
            html.Div(
                [
                    html.Label("Filter by", htmlFor=ids.FILTER_COLUMN, className="visually-hidden"),
                    dbc.Select(id=ids.FILTER_COLUMN, options=columns, value=column),
                    dbc.Button(
                        "Add",
                        id=ids.FILTER_ADD,
                        class_name="is-small",
                        title="Add a filter on this column",
                    ),
                    dbc.Button(
                        "Clear all",
                        id=ids.FILTERS_CLEAR,
                        class_name="is-small if-filtered",
                    ),
                ],
                className="filter-add",
            ),
            dcc.Store(id=ids.FILTERS, data={}),
            dcc.Store(id=ids.FILTERS_PASSING),
        ],
        className="panel filters-panel",
    )


def columns_left(explorer: Explorer, names: Sequence[str]) -> tuple[list[Any], str | None]:
    """Return the columns that have no row yet as options, and the first of them."""
    options = [
        {"label": label_of_choice(column), "value": column.name, "title": explanation(column)}
        for column in explorer.filter_columns.offered()
        if column.name not in names
    ]
    return options, options[0]["value"] if options else None


def follow(
    explorer: Explorer, row: Row, changed: Any, values: Values, column: Any, shown: Any, store: Any
) -> Change:
    """Return what changes after query, controls or buttons have changed.

    Parameters
    ----------
    row : callable
        Makes the row of a column.
    changed : str or dict
        Id of what has changed: the query, a button, or one of the controls.
    values : mapping of type of id to mapping of column to value
        Of all rows.
    column : str
        That a filter is to be added for.
    shown : dict
        The filters that the rows said before, `Filters.to_store`.
    store : dict or None
        The query.

    Notes
    -----
    What the controls say counts only where it is something new: they also "change" when they
    appear, when the query that brought them may already be another one.
    """
    if store is None:
        return Change()
    query = Query.from_store(store, explorer.n_objects)
    names = list(values["filter-remove"])
    kind, of_column = _parts(changed)
    if kind == ids.QUERY:
        is_shown = query.filters.to_store() == shown
        return Change(message="") if is_shown else _show(explorer, row, query)
    if kind == ids.FILTER_ADD:
        return _add(explorer, row, names, column)
    if kind == ids.FILTERS_CLEAR:
        return _ask(query, Filters(), _show(explorer, row, replace(query, filters=Filters())))
    if kind == "filter-remove":
        return _remove(explorer, names, of_column, query)
    try:
        filters = replace(chosen(values), region=query.filters.region)
        explorer.passing(filters)
    except FilterError as error:
        return Change(message=str(error))
    if filters.to_store() == shown:
        return Change(message="")
    return _ask(query, filters, Change(message=""))


def chosen(values: Values) -> Filters:
    """Return the filters that the controls say; one that has not been touched says none.

    Raises
    ------
    FilterError
    """
    least, most, *others = (values[kind] for kind in _CONTROLS)
    said: dict[str, Any] = {
        name: [least.get(name), most.get(name)]
        for name in [*least, *most]
        if (least.get(name), most.get(name)) != (None, None)
    }
    for control in others:
        said |= {name: value for name, value in control.items() if value}
    return Filters.from_store(said)


def values_of(inputs: Sequence[Any]) -> Values:
    """Return the values of the rows by type of id and by column.

    Parameters
    ----------
    inputs : sequence
        What Dash says of a callback's inputs: a list for each of those that stand for all rows.
    """
    values: dict[str, dict[str, Any]] = {kind: {} for kind in (*_CONTROLS, "filter-remove")}
    for of_kind in inputs:
        for one in of_kind if isinstance(of_kind, list) else []:
            kind, column = _parts(one.get("id"))
            if kind in values and isinstance(column, str):
                values[kind][column] = one.get("value")
    return values


def what_changed(triggered: Sequence[Any]) -> Any:
    """Return the id of what has changed; of a button only if it was clicked, not if it appeared.

    Parameters
    ----------
    triggered : sequence of (id, value)
    """
    buttons = (ids.FILTER_ADD, ids.FILTERS_CLEAR, "filter-remove")
    changed = [one for one, value in triggered if _parts(one)[0] not in buttons or value]
    return ids.QUERY if ids.QUERY in changed else next(iter(changed), None)


def tell_left(explorer: Explorer, shown: Any) -> tuple[str, str | None]:
    """Return the sentence on what the filters leave, and the same for each point of the map."""
    filters = Filters.from_store(shown)
    passes = explorer.passing(filters)
    if passes is None:
        return "", None
    n_filters = f"{len(filters)} active" if len(filters) > 1 else "1 active"
    left = format_left(int(passes.sum()), explorer.n_objects)
    return f"{n_filters}, {left}", packed_mask(passes[drawn_rows(explorer)])


def _parts(component_id: Any) -> tuple[Any, Any]:
    if isinstance(component_id, dict):
        return component_id.get("type"), component_id.get("column")
    return component_id, None


def _ask(query: Query, filters: Filters, change: Change) -> Change:
    if filters == query.filters:
        return change
    asked = replace(query, filters=filters).to_store()
    return change._replace(query=asked, shown=filters.to_store())


def _show(explorer: Explorer, row: Row, query: Query) -> Change:
    explorer.passing(query.filters)  # all of them, or a sentence and none
    names = [name for name, _ in query.filters.by_column]
    rows = [row(explorer, name, wanted) for name, wanted in query.filters.by_column]
    return Change(same, query.filters.to_store(), rows, *columns_left(explorer, names), "")


def _add(explorer: Explorer, row: Row, names: Sequence[str], column: Any) -> Change:
    if not isinstance(column, str) or column in names:
        return Change()
    patch = Patch()
    patch.append(row(explorer, column, None))
    columns, first = columns_left(explorer, [*names, column])
    return Change(rows=patch, columns=columns, column=first)


def _remove(explorer: Explorer, names: Sequence[str], column: Any, query: Query) -> Change:
    if column not in names:
        return Change()
    patch = Patch()
    del patch[names.index(column)]
    columns, first = columns_left(explorer, [name for name in names if name != column])
    change = Change(rows=patch, columns=columns, column=first, message="")
    return _ask(query, query.filters.without(column), change)


def register(app: Dash, explorer: Explorer, row: Row) -> None:
    """Keep query and rows in step, and say what is left."""

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Output(ids.FILTERS, "data"),
        Output(ids.FILTER_ROWS, "children"),
        Output(ids.FILTER_COLUMN, "options"),
        Output(ids.FILTER_COLUMN, "value"),
        Output(ids.FILTER_MESSAGE, "children"),
        Input(ids.QUERY, "data"),
        Input(ids.FILTER_ADD, "n_clicks"),
        Input(ids.FILTERS_CLEAR, "n_clicks"),
        Input(ids.filters_clear(ALL), "n_clicks"),
        Input(ids.filter_remove(ALL), "n_clicks"),
        Input(ids.filter_least(ALL), "value"),
        Input(ids.filter_most(ALL), "value"),
        Input(ids.filter_choice(ALL), "value"),
        Input(ids.filter_part(ALL), "value"),
        State(ids.FILTER_COLUMN, "value"),
        State(ids.FILTERS, "data"),
        prevent_initial_call=True,
    )
    def keep_filters_in_step(store: Any, *others: Any) -> Any:
        ids_changed = ctx.triggered_prop_ids.values()
        triggered = [
            (changed, one["value"]) for changed, one in zip(ids_changed, ctx.triggered, strict=True)
        ]
        changed, values = what_changed(triggered), values_of(ctx.inputs_list)
        return follow(explorer, row, changed, values, others[-2], others[-1], store)

    @app.callback(
        Output(ids.FILTERS_LEFT, "children"),
        Output(ids.FILTERS_PASSING, "data"),
        Input(ids.FILTERS, "data"),
        prevent_initial_call=True,
    )
    def show_left(shown: Any) -> Any:
        return tell_left(explorer, shown)

    app.clientside_callback(
        ClientsideFunction("filters", "keepFocus"),
        Input(ids.FILTER_ROWS, "children"),
        prevent_initial_call=True,
    )
