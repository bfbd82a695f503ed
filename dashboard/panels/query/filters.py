"""Filters, a row of controls for each: which galaxies to show, and how many are left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, Patch, State, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.filters.codes import called
from dashboard.filters.columns import ChoiceColumn, NumberColumn, TextColumn
from dashboard.filters.filters import LONGEST_TEXT, MISSING, Choice, Filter, Filters, Range
from dashboard.filters.filters import Part as PartOfText
from dashboard.formatting import explanation, format_count, format_left, label_of_choice
from dashboard.map.figure import packed_mask
from dashboard.map.sample import drawn_rows
from dashboard.panels.parts import Part, Turn, aria, asks
from dashboard.query import similarity_column as similarity
from dashboard.query.answer import Answer

# The controls of a row know of the filters that they ask for themselves, but not of these.
_BRING_FILTERS = {"address", "clear-filters", "legend"}


def layout(explorer: Explorer, region: Component) -> Component:
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
            region,
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


def row(explorer: Explorer, name: str, wanted: Filter | None = None) -> Component:
    """Return the controls of the filter of a column; a FilterError if the catalogue has none such.

    They show ``wanted``; without it nothing is chosen yet, and every galaxy passes.
    """
    found = similarity.column_to_filter(explorer, name)
    column_called = label_of_choice(found.column)
    remove = html.Button(
        "×",
        id=ids.filter_remove(name),
        className="dismiss",
        type="button",
        title="Remove this filter",
        **aria(label=f"Remove the filter on {column_called}"),
    )
    head = html.Span(column_called, className="filter-name", title=explanation(found.column))
    if isinstance(found, NumberColumn):
        ends = (wanted.least, wanted.most) if isinstance(wanted, Range) else (None, None)
        controls = _range(found, *ends)
    elif isinstance(found, ChoiceColumn):
        controls = _choice(found, wanted.labels if isinstance(wanted, Choice) else ())
    else:
        controls = _part(found, wanted.text if isinstance(wanted, PartOfText) else "")
    if not isinstance(found, ChoiceColumn) and found.n_missing:
        is_missing = isinstance(wanted, Choice) and wanted.is_missing
        controls.append(_missing(found, is_missing))
    return html.Div(
        [html.Div([head, remove], className="filter-head"), *controls],
        className="filter-row",
        role="group",
        # By its column assets/filters.js finds a row.
        **{"data-column": name} | aria(label=f"Filter: {explanation(found.column)}"),
    )


def _range(found: NumberColumn, least: float | None, most: float | None) -> list[Component]:
    name, spread = found.column.name, found.histogram
    low = min(max(spread.low if least is None else least, spread.low), spread.high)
    high = min(max(spread.high if most is None else most, spread.low), spread.high)
    slider = dcc.RangeSlider(
        id=ids.filter_slider(name),
        min=spread.low,
        max=spread.high,
        step=spread.step,
        value=[low, high],
        marks=None,
        allow_direct_input=False,
        tooltip={"placement": "top"},
    )
    about: dict[str, Any] = {}
    if found.is_sampled:
        about = {"title": f"Of a sample of {len(found.sample):,} galaxies"}
    bars = html.Div(className="histogram", style={"clipPath": spread.outline()}, **about)
    return [
        html.Div(
            [bars, slider],
            id=ids.filter_spread(name),
            className="filter-spread",
            style={"--from": spread.share(low), "--to": spread.share(high)},
        ),
        html.Div(
            [
                _field("from", ids.filter_least(name), least, type="number", step="any"),
                _field("to", ids.filter_most(name), most, type="number", step="any"),
                html.Span(found.column.unit, className="filter-unit"),
            ],
            className="filter-ends",
        ),
        *([_share(found)] if isinstance(found, similarity.SimilarityColumn) else []),
    ]


def _share(found: similarity.SimilarityColumn) -> Component:
    """Return where assets/filters.js says which share of random pairs is less similar than that."""
    thresholds: dict[str, Any] = {"data-thresholds": json.dumps(found.thresholds())}
    return html.P(className="hint filter-share", role="status", **thresholds)


def _missing(found: NumberColumn | TextColumn, is_chosen: bool) -> Component:
    what = "a range" if isinstance(found, NumberColumn) else "a text"
    return html.Div(
        dbc.Checklist(
            id=ids.filter_choice(found.column.name),
            options=[{"label": f"only the {found.n_missing:,} without a value", "value": MISSING}],
            value=[MISSING] if is_chosen else [],
        ),
        className="filter-missing",
        title=f"Otherwise {what} leaves out {format_count(found.n_missing)} without a value.",
    )


def _field(words: str, component_id: dict[str, Any], value: Any, **of_kind: Any) -> Component:
    field = dbc.Input(id=component_id, value=value, placeholder="any", debounce=True, **of_kind)
    return html.Label([html.Span(words), field], className="filter-end")


def _choice(found: ChoiceColumn, chosen: Sequence[str]) -> list[Component]:
    options = []
    for label, n in found.counts.items():
        words = html.Span(called(found.column, label) or "no value")
        count = html.Span(f"{n:,}", className="filter-count")
        said = html.Span([words, count], className="filter-label")
        options.append({"label": said, "value": label})
    return [
        dbc.Checklist(
            id=ids.filter_choice(found.column.name),
            options=options,
            value=list(chosen),
            class_name="filter-choice",
        )
    ]


def _part(found: TextColumn, text: str) -> list[Component]:
    name = ids.filter_part(found.column.name)
    return [_field("contains", name, text, maxlength=LONGEST_TEXT, autocomplete="off")]


def columns_offered(explorer: Explorer) -> list[dict[str, str]]:
    """Return the columns as options; assets/filters.js leaves out those that have a row."""
    return [
        {"label": label_of_choice(column), "value": column.name, "title": explanation(column)}
        for column in similarity.columns_to_filter(explorer)
    ]


def left(explorer: Explorer, answer: Answer) -> tuple[str, str | None]:
    """Return the sentence on what the filters leave, and the same for each point of the map."""
    filters = answer.query.filters
    passes = explorer.passing(filters) if answer.problem else answer.query.passing(explorer)
    if passes is None:
        return "", None
    n_filters = f"{len(filters)} active" if len(filters) > 1 else "1 active"
    said = format_left(answer.n_passing, explorer.n_objects)
    return f"{n_filters}, {said}", packed_mask(passes[drawn_rows(explorer)])


def show(explorer: Explorer, turn: Turn) -> tuple[Any, ...]:
    """Return rows, the sentence about one that cannot be, and what is left, as far as it is new.

    The rows are none anew where the rows of the page show the filters already.
    """
    before = Filters() if turn.before is None else turn.before.query.filters
    now, kinds = turn.page.query.filters, {request.kind for request in turn.requests}
    are_other = before.by_column != now.by_column or "filter" in kinds
    rows: Any = dash.no_update
    if "clear-filters" in kinds or (are_other and kinds & _BRING_FILTERS):
        unset = [] if "clear-filters" in kinds else turn.look.get("rows")
        wanted = now.by_row(unset, before, [c["value"] for c in columns_offered(explorer)])
        rows = [row(explorer, name, of_column) for name, of_column in wanted.items()]
    is_same = before == now and now.similarity is None  # which follows the query
    of_left = (dash.no_update, dash.no_update) if is_same else left(explorer, turn.answer)
    return rows, turn.said.get("filter", ""), *of_left


def add(explorer: Explorer, names: Sequence[Any], column: Any) -> Any:
    """Return the change that adds a row, which says nothing yet, unless ``names`` has it."""
    if not isinstance(column, str) or column in names:
        return dash.no_update
    patch = Patch()
    patch.append(row(explorer, column))
    return patch


def part(explorer: Explorer) -> Part:
    """Show the filters of the query, and what they leave."""
    outputs = (
        Output(ids.FILTER_ROWS, "children"),
        Output(ids.FILTER_MESSAGE, "children"),
        Output(ids.FILTERS_LEFT, "children"),
        Output(ids.FILTERS_PASSING, "data"),
    )
    return Part(outputs, lambda turn: show(explorer, turn), speaks_of=("filter",))


def register(app: Dash, explorer: Explorer) -> None:
    """Add and remove rows, keep the parts of each in step, and turn what they say into requests."""

    @app.callback(
        Output(ids.FILTER_ROWS, "children", allow_duplicate=True),
        Input(ids.FILTER_ADD, "n_clicks"),
        State(ids.FILTER_COLUMN, "value"),
        State(ids.filter_remove(ALL), "id"),
    )
    def add_row(_clicks: Any, column: Any, buttons: Any) -> Any:
        return add(explorer, [button.get("column") for button in buttons], column)

    app.clientside_callback(
        ClientsideFunction("filters", "removeRow"),
        Output(ids.FILTER_ROWS, "children", allow_duplicate=True),
        Input(ids.filter_remove(ALL), "n_clicks"),
        State(ids.FILTER_ROWS, "children"),
        State(ids.QUERY, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("filters", "ask"),
        Input(ids.filter_least(ALL), "value"),
        Input(ids.filter_most(ALL), "value"),
        Input(ids.filter_choice(ALL), "value"),
        Input(ids.filter_part(ALL), "value"),
        State(ids.QUERY, "data"),
        State(ids.FILTER_MESSAGE, "children"),
    )
    app.clientside_callback(
        ClientsideFunction("filters", "offer"),
        Output(ids.FILTER_COLUMN, "options"),
        Output(ids.FILTER_COLUMN, "value"),
        Input(ids.FILTER_ROWS, "children"),
        State(ids.FILTER_COLUMNS, "data"),
    )
    of_range = (ids.filter_slider, ids.filter_least, ids.filter_most)
    ends = [State(ids.filter_slider(MATCH), end) for end in ("min", "max")]
    app.clientside_callback(
        ClientsideFunction("filters", "keepRangeInStep"),
        [Output(control(MATCH), "value") for control in of_range],
        [Input(control(MATCH), "value") for control in of_range],
        *ends,
    )
    app.clientside_callback(
        ClientsideFunction("filters", "paintRange"),
        Output(ids.filter_spread(MATCH), "style"),
        Input(ids.filter_slider(MATCH), "drag_value"),
        Input(ids.filter_slider(MATCH), "value"),
        *ends,
    )
