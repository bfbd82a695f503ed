"""The table of a list: what each entry matches, as AG Grid takes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from dashboard.explorer.explorer import Explorer
from dashboard.formatting import format_separation, name_of
from dashboard.pictures.addresses import SMALL_PX, Pictures
from dashboard.query.query import MOST_ROWS
from dashboard.search.target_list import MATCHED, Match, TargetList
from dashboard.tables import grid

# What the page says where there is no list yet.
INVITATION = "List of galaxies"
# assets/grid.js defines Thumbnail, assets/target_list.js openEntry.
COLUMNS: list[dict[str, Any]] = [
    {"field": "number", "headerName": "#", "width": 56, "cellClass": "is-quiet"},
    {"field": "entry", "headerName": "Your entry", "flex": 2, "minWidth": 130},
    {"field": "status", "headerName": "Match", "width": 104, "filter": True},
    {
        "field": "picture",
        "headerName": "",
        "width": 54,
        "cellRenderer": "Thumbnail",
        "cellClass": "has-picture",
        "sortable": False,
    },
    {"field": "galaxy", "headerName": "Galaxy", "flex": 2, "minWidth": 120},
    {
        "field": "separation_arcsec",
        "headerName": "Separation",
        "width": 118,
        "cellDataType": "number",
        "valueFormatter": {"function": "params.data.separation"},
    },
    {"field": "answer", "headerName": "What was found", "flex": 4, "minWidth": 220},
]
OPTIONS: dict[str, Any] = {
    **grid.OPTIONS,
    "rowSelection": {
        **grid.ROW_SELECTION,
        "hideDisabledCheckboxes": True,
        "isRowSelectable": {"function": f"params.data.status === '{MATCHED}'"},
    },
    "selectionColumnDef": grid.SELECTION_COLUMN,
    "rowClassRules": {"is-closed": "params.data.row === null"},
}
DEFAULT_COLUMN: dict[str, Any] = {**grid.DEFAULT_COLUMN, "tooltipField": "answer"}
LISTENERS = {event: ["openEntry(params)"] for event in ("cellClicked", "cellKeyDown")}
ONLY_UNMATCHED = {"status": {"filterType": "text", "type": "notEqual", "filter": MATCHED}}


def table_row(explorer: Explorer, pictures: Pictures, match: Match) -> dict[str, Any]:
    """Return one row: plain values, None where there is no galaxy."""
    entry, target = match.entry, match.target
    row, away_arcsec = (None, None) if target is None else (target.row, target.separation_arcsec)
    by_name = "" if target is None else "by name"
    is_matched = match.status == MATCHED
    return {
        "number": entry.number,
        "entry": entry.label,
        "text": entry.text,
        "status": match.status,
        "isMatched": is_matched,
        "answer": match.answer,
        "row": row,
        "galaxy": "" if row is None else name_of(explorer.galaxy(row)),
        "separation_arcsec": away_arcsec,
        "separation": by_name if away_arcsec is None else format_separation(away_arcsec),
        "picture": pictures.url(row, SMALL_PX) if row is not None and is_matched else None,
    }


def matched_rows(matches: Sequence[Match]) -> list[int]:
    """Return the rows of the galaxies that were matched, each once."""
    found = (m.target.row for m in matches if m.status == MATCHED and m.target is not None)
    return list(dict.fromkeys(found))


def counts_elsewhere(matches: Sequence[Match]) -> list[tuple[Explorer, int]]:
    """Return the other atlases that have what this one lacks, and of how many entries."""
    counts = Counter(one.explorer.name for match in matches for one in match.elsewhere)
    explorers = {one.explorer.name: one.explorer for match in matches for one in match.elsewhere}
    return [(explorers[name], count) for name, count in counts.most_common()]


def summary(target_list: TargetList, matches: Sequence[Match]) -> str:
    """Return how many entries match, what became of the others, and what was left out."""
    counts = Counter(match.status for match in matches)
    n_matched, n = counts.pop(MATCHED, 0), len(matches)
    others = ", ".join(f"{count:,} {status}" for status, count in counts.most_common())
    of_file = f" of {target_list.name}" if target_list.name else ""
    entries = "entry" if n == 1 else "entries"
    sentences = [f"{n_matched:,} of {n:,} {entries}{of_file} matched{others and f'; {others}'}."]
    if target_list.n_left_out:
        n_left_out, kind = target_list.n_left_out, target_list.kind
        left, were = (f"{n_left_out:,} {kind}s", "were") if n_left_out > 1 else (kind, "was")
        sentences.append(f"The {left} after the first {n:,} {entries} {were} left out.")
    n_galaxies = len(matched_rows(matches))
    if n_galaxies > MOST_ROWS:
        sentences.append(f"A query takes at most {MOST_ROWS} galaxies together: select some.")
    return " ".join(sentences)
