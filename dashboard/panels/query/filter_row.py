"""One filter: a histogram with a slider and two fields, labels to tick, or a text to look for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import dash_bootstrap_components as dbc
from dash import MATCH, ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.filters.columns import ChoiceColumn, NumberColumn, TextColumn
from dashboard.filters.filters import LONGEST_TEXT, Choice, Filter, Part, Range
from dashboard.formatting import explanation, format_count, label_of_choice
from dashboard.panels.parts import aria

_LOWEST_BAR = 4  # per cent of the height: what is there at all can be seen


def row(explorer: Explorer, name: str, wanted: Filter | None = None) -> Component:
    """Return the controls of the filter of a column, and the button that removes it.

    Parameters
    ----------
    wanted : Filter, optional
        What they show; without it nothing is chosen yet, and every galaxy passes.

    Raises
    ------
    FilterError
        The catalogue does not have the column.
    """
    found = explorer.filter_columns[name]
    called = label_of_choice(found.column)
    remove = html.Button(
        "×",
        id=ids.filter_remove(name),
        className="dismiss",
        type="button",
        title="Remove this filter",
        **aria(label=f"Remove the filter on {called}"),
    )
    head = html.Span(called, className="filter-name", title=explanation(found.column))
    if isinstance(found, NumberColumn):
        controls = _range(found, wanted if isinstance(wanted, Range) else None)
    elif isinstance(found, ChoiceColumn):
        controls = _choice(found, wanted if isinstance(wanted, Choice) else None)
    else:
        controls = _part(found, wanted if isinstance(wanted, Part) else None)
    return html.Div(
        [html.Div([head, remove], className="filter-head"), *controls],
        className="filter-row",
        role="group",
        # By its column assets/filters.js finds a row.
        **{"data-column": name} | aria(label=f"Filter: {explanation(found.column)}"),
    )


def _range(found: NumberColumn, wanted: Range | None) -> list[Component]:
    name, spread = found.column.name, found.histogram
    least, most = (None, None) if wanted is None else (wanted.least, wanted.most)
    low, high = (
        min(max(end, spread.low), spread.high)
        for end in (
            spread.low if least is None else least,
            spread.high if most is None else most,
        )
    )
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
    bars = html.Div(className="histogram", style={"clipPath": outline(spread.counts)})
    missing = f"{format_count(found.n_missing)} without a value: a range leaves them out."
    return [
        html.Div(
            [bars, slider],
            id=ids.filter_spread(name),
            className="filter-spread",
            style=chosen_part(low, high, spread.low, spread.high),
        ),
        html.Div(
            [
                _end("from", ids.filter_least(name), least),
                _end("to", ids.filter_most(name), most),
                html.Span(found.column.unit, className="filter-unit"),
            ],
            className="filter-ends",
        ),
        *([html.P(missing, className="hint")] if found.n_missing else []),
    ]


def _end(word: str, component_id: dict[str, Any], value: float | None) -> Component:
    field = dbc.Input(
        id=component_id,
        type="number",
        step="any",
        value=value,
        placeholder="any",
        debounce=True,
    )
    return html.Label([html.Span(word), field], className="filter-end")


def _choice(found: ChoiceColumn, wanted: Choice | None) -> list[Component]:
    options = [
        {
            "label": html.Span(
                [html.Span(label or "no value"), html.Span(f"{n:,}", className="filter-count")],
                className="filter-label",
            ),
            "value": label,
        }
        for label, n in found.counts.items()
    ]
    chosen = [] if wanted is None else list(wanted.labels)
    return [
        dbc.Checklist(
            id=ids.filter_choice(found.column.name),
            options=options,
            value=chosen,
            class_name="filter-choice",
        )
    ]


def _part(found: TextColumn, wanted: Part | None) -> list[Component]:
    field = dbc.Input(
        id=ids.filter_part(found.column.name),
        value="" if wanted is None else wanted.text,
        placeholder="any",
        maxlength=LONGEST_TEXT,
        autocomplete="off",
        debounce=True,
    )
    return [html.Label([html.Span("contains"), field], className="filter-end")]


def outline(counts: Sequence[int]) -> str:
    """Return the bars of a histogram as the css shape that they cut out of a box.

    >>> outline([1, 2])
    'polygon(0% 100%, 0% 50%, 50% 50%, 50% 0%, 100% 0%, 100% 100%)'
    """
    most = max(counts)
    heights = [max(100 * n / most, _LOWEST_BAR) if n else 0 for n in counts]
    edges = [100 * edge / len(counts) for edge in range(len(counts) + 1)]
    bars = zip(pairwise(edges), heights, strict=True)
    steps = [(x, 100 - height) for sides, height in bars for x in sides]
    points = [(0.0, 100.0), *steps, (100.0, 100.0)]
    return f"polygon({', '.join(f'{x:.4g}% {y:.4g}%' for x, y in points)})"


def chosen_part(low: float, high: float, first: float, last: float) -> dict[str, str]:
    """Return the style that says which part of the histogram is chosen; as paintRange in js does.

    >>> chosen_part(1, 2, 0, 4)
    {'--from': '25%', '--to': '50%'}
    """
    ends = (100 * (end - first) / (last - first) for end in (low, high))
    return dict(zip(("--from", "--to"), (f"{end:.4g}%" for end in ends), strict=True))


def register(app: Dash) -> None:
    """Keep slider, fields and histogram in step, in the browser."""
    app.clientside_callback(
        ClientsideFunction("filters", "keepRangeInStep"),
        Output(ids.filter_slider(MATCH), "value"),
        Output(ids.filter_least(MATCH), "value"),
        Output(ids.filter_most(MATCH), "value"),
        Input(ids.filter_slider(MATCH), "value"),
        Input(ids.filter_least(MATCH), "value"),
        Input(ids.filter_most(MATCH), "value"),
        State(ids.filter_slider(MATCH), "min"),
        State(ids.filter_slider(MATCH), "max"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("filters", "paintRange"),
        Output(ids.filter_spread(MATCH), "style"),
        Input(ids.filter_slider(MATCH), "drag_value"),
        Input(ids.filter_slider(MATCH), "value"),
        State(ids.filter_slider(MATCH), "min"),
        State(ids.filter_slider(MATCH), "max"),
        prevent_initial_call=True,
    )
