"""What a list of galaxies matches: a table, whose entries are queries, one by one or together.

It fills the dialog of panels/query/target_list.py once there is a list, and says on the page that
there is one. assets/target_list.js tells which entry was opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.names.sesame import Sesame, shared_sesame
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import MOST_ROWS
from dashboard.search.target_list import (
    MATCHED,
    UNKNOWN,
    Match,
    TargetList,
    ask_sesame,
    match_all,
)
from dashboard.site import page_address
from dashboard.tables import matches as list_table
from dashboard.untrusted import is_integer

TABLE_HELP = "A click, or Enter, opens an entry. Boxes, or the space bar, select several."
USE_SELECTED = "Use the selected"
_EMPTY, _MATCHED = "list-dialog is-empty", "list-dialog is-matched"
_HIDDEN = {"display": "none"}


class Shown(NamedTuple):
    """What the page shows of a list, in the order of the outputs."""

    rows: list[dict[str, Any]]
    selected: list[dict[str, Any]]
    summary: list[Any]
    style: str
    invitation: str
    sesame_words: str
    sesame_style: dict[str, str]
    use_all_words: str
    use_all_disabled: bool


def layout() -> Component:
    """Return summary, tools, table and what can be done with its entries."""
    return html.Div(
        [
            dcc.Store(id=ids.LIST_SHOWN),
            html.P(id=ids.LIST_SUMMARY, role="status"),
            html.Div(
                [
                    dbc.Checkbox(id=ids.LIST_UNMATCHED, label="Only what was not matched"),
                    dbc.Button(id=ids.LIST_SESAME, class_name="is-small"),
                    dbc.Button("Another list", id=ids.LIST_CHANGE, class_name="is-small"),
                ],
                className="list-tools",
            ),
            dag.AgGrid(
                id=ids.LIST_TABLE,
                columnDefs=list_table.COLUMNS,
                defaultColDef=list_table.DEFAULT_COLUMN,
                dashGridOptions=list_table.OPTIONS,
                eventListeners=list_table.LISTENERS,
                getRowId="params.data.number.toString()",
                rowData=[],
                className="grid list-table",
                style={"height": "var(--list-height)"},
            ),
            html.Div(
                [
                    dbc.Button(
                        USE_SELECTED,
                        id=ids.LIST_USE_SELECTED,
                        class_name="is-primary",
                        disabled=True,
                    ),
                    dbc.Button("Add to the query", id=ids.LIST_ADD, disabled=True),
                    dbc.Button(id=ids.LIST_USE_ALL, disabled=True),
                    html.P(TABLE_HELP, id=ids.LIST_USE_HINT, className="hint"),
                ],
                className="list-actions",
            ),
        ],
        className="list-matches",
    )


def show(
    explorer: Explorer,
    pictures: Pictures,
    may_ask: bool,
    data: Any,
    others: Sequence[Explorer] = (),
) -> Shown:
    """Return the table of what a list matches, and what can be done with it."""
    if data is None:
        return Shown([], [], [], _EMPTY, list_table.INVITATION, "", _HIDDEN, "", True)
    brought = TargetList.from_store(data)
    matches = match_all(explorer, brought, others)
    n_matched = sum(match.status == MATCHED for match in matches)
    n_unknown = sum(match.status == UNKNOWN for match in matches)
    n_galaxies = len(list_table.matched_rows(matches))
    return Shown(
        rows=[list_table.table_row(explorer, pictures, match) for match in matches],
        selected=[],
        summary=[list_table.summary(brought, matches), *_ways_to_others(matches)],
        style=_MATCHED,
        invitation=f"Your list: {n_matched:,} of {len(matches):,} matched",
        sesame_words=f"Ask Sesame (CDS) for {n_unknown:,} unknown",
        sesame_style={} if may_ask and n_unknown else _HIDDEN,
        use_all_words=f"Use all {n_galaxies:,} together",
        use_all_disabled=not 1 <= n_galaxies <= MOST_ROWS,
    )


def _ways_to_others(matches: Sequence[Match]) -> list[Any]:
    """Return links to the atlases that have more of the list, which goes along with the visitor."""
    return [
        part
        for other, n in list_table.counts_elsewhere(matches)
        for part in (" ", html.A(f"{other.title} has {n:,} more.", href=page_address(other.name)))
    ]


def look_up(explorer: Explorer, sesame: Sesame, data: Any) -> tuple[dict[str, Any], str]:
    """Return the list with the positions that Sesame knows, and what it said."""
    found, answer = ask_sesame(explorer, TargetList.from_store(data), sesame)
    return found.to_store(), answer


def offer(selected: Any) -> tuple[str, bool, bool, str]:
    """Return what to use the selected galaxies is called, if it and adding are off, and why."""
    n = len(_rows_of(selected))
    words = f"Use the {n:,} selected together" if n > 1 else USE_SELECTED
    if n > MOST_ROWS:
        return words, True, True, f"A query takes at most {MOST_ROWS} galaxies; {n:,} are selected."
    return words, n == 0, n == 0, TABLE_HELP


def _rows_of(entries: Any) -> list[int]:
    """Return the galaxies that entries of the table match, each once."""
    entries = entries if isinstance(entries, Sequence) else []
    matched = [e for e in entries if isinstance(e, dict) and e.get("status") == MATCHED]
    return list(dict.fromkeys(filter(is_integer, (entry.get("row") for entry in matched))))


def register(app: Dash, explorer: Explorer, explorers: Mapping[str, Explorer]) -> None:
    """Match lists, and turn their galaxies into queries."""
    pictures, sesame = Pictures(explorer), shared_sesame()
    others = [other for other in explorers.values() if other is not explorer]

    app.clientside_callback(
        ClientsideFunction("target_list", "showIfAny"),
        Output(ids.LIST_SHOWN, "data"),
        Input(ids.TARGET_LIST, "data"),
        State(ids.LIST_SHOWN, "data"),
    )

    @app.callback(
        Output(ids.LIST_TABLE, "rowData"),
        Output(ids.LIST_TABLE, "selectedRows"),
        Output(ids.LIST_SUMMARY, "children"),
        Output(ids.LIST_DIALOG, "className"),
        Output(ids.LIST_WORDS, "children"),
        Output(ids.LIST_SESAME, "children"),
        Output(ids.LIST_SESAME, "style"),
        Output(ids.LIST_USE_ALL, "children"),
        Output(ids.LIST_USE_ALL, "disabled"),
        Input(ids.LIST_SHOWN, "data"),
    )
    def show_matches(data: Any) -> Any:
        return show(explorer, pictures, sesame is not None, data, others)

    @app.callback(Output(ids.LIST_TABLE, "filterModel"), Input(ids.LIST_UNMATCHED, "value"))
    def filter_entries(only_unmatched: Any) -> Any:
        return list_table.ONLY_UNMATCHED if only_unmatched else {}

    if sesame is not None:

        @app.callback(
            Output(ids.TARGET_LIST, "data", allow_duplicate=True),
            Output(ids.LIST_MESSAGE, "children", allow_duplicate=True),
            Input(ids.LIST_SESAME, "n_clicks"),
            State(ids.TARGET_LIST, "data"),
            running=[(Output(ids.LIST_SESAME, "disabled"), True, False)],
        )
        def ask(_clicks: Any, data: Any) -> Any:
            return look_up(explorer, sesame, data)

    @app.callback(
        Output(ids.LIST_USE_SELECTED, "children"),
        Output(ids.LIST_USE_SELECTED, "disabled"),
        Output(ids.LIST_ADD, "disabled"),
        Output(ids.LIST_USE_HINT, "children"),
        Input(ids.LIST_TABLE, "selectedRows"),
    )
    def offer_selected(selected: Any) -> Any:
        return offer(selected)

    for button, function, entries in (
        (ids.LIST_USE_SELECTED, "use", "selectedRows"),
        (ids.LIST_USE_ALL, "use", "rowData"),
        (ids.LIST_ADD, "add", "selectedRows"),
    ):
        app.clientside_callback(
            ClientsideFunction("target_list", function),
            Input(button, "n_clicks"),
            State(ids.LIST_TABLE, entries),
        )
