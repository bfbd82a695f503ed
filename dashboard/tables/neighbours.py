"""The table of neighbours: its columns, and its rows as AG Grid takes them."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dashboard.explorer.explorer import Explorer
from dashboard.explorer.memo import remembered
from dashboard.explorer.neighbours import Neighbours
from dashboard.filters.values import numbers, python_scalar
from dashboard.formatting import explanation, is_names, is_truth, label_of_choice, value_of
from dashboard.pictures.addresses import SMALL_PX, Pictures
from dashboard.query.certainty import shares_of_pairs
from dashboard.sky.coordinates import SHOWN_DECIMALS
from dashboard.tables import grid
from pipeline.atlas import Column

SIMILARITY_DECIMALS = 4
_SHARE_DECIMALS = 2  # of a per cent: as fine as 20,000 pairs can tell
_SIGNIFICANT = 4
_LOOKED_AT = 10_000  # galaxies that tell how the numbers of a column are best written
# Widths in px: of a letter, a digit being no wider, and of what is around a text.
_LETTER_PX, _AROUND_PX = 8, 20
_LEAST_PX, _MOST_PX = 64, 190
_MAGNITUDE = re.compile(r"mag($|_)")
_REDSHIFT = re.compile(r"(z|redshift|photo_?z|z_?(spec|phot)\w*)($|_)")
_KIND = re.compile(r"(\w+_)?(type|class|morphology)$")

# assets/table.js defines Galaxy, Actions, fixed, missingLast and act.
OPTIONS: dict[str, Any] = {
    **grid.OPTIONS,
    "rowSelection": grid.ROW_SELECTION,
    "selectionColumnDef": grid.SELECTION_COLUMN | {"width": 34, "resizable": False},
    "headerHeight": 46,
    "suppressFieldDotNotation": True,
}
DEFAULT_COLUMN: dict[str, Any] = {
    **grid.DEFAULT_COLUMN,
    "wrapHeaderText": True,
    "comparator": {"function": "missingLast"},
    "cellDataType": False,
}
LISTENERS = {event: ["act(params)"] for event in ("cellClicked", "cellKeyDown")}
_NUMBER = {"cellClass": "is-number", "headerClass": "is-number"}
_FIRST: list[dict[str, Any]] = [
    {
        "colId": "rank",
        "field": "rank",
        "headerName": "#",
        "headerTooltip": "Place in the order of similarity, from 1",
        "initialWidth": 58,  # four digits
        "pinned": "left",
        **_NUMBER,
        "cellClass": "is-quiet is-number",
    },
    {
        "colId": "galaxy",
        "field": "galaxy",
        "headerName": "Galaxy",
        "headerTooltip": "A click on the name, or Enter, searches from this galaxy",
        "initialWidth": 156,
        "pinned": "left",
        "cellRenderer": "Galaxy",
        "cellClass": "has-picture",
    },
    {
        "colId": "similarity",
        "field": "similarity",
        "headerName": "Similarity",
        "headerTooltip": "Cosine between the embeddings of query and galaxy: 1 is the same",
        "initialWidth": 94,
        **_NUMBER,
        "valueFormatter": {"function": f"fixed(params.value, {SIMILARITY_DECIMALS})"},
    },
    {
        "colId": "share",
        "field": "share",
        "headerName": "pairs below [%]",
        "headerTooltip": "Share of random pairs of galaxies of this atlas that are less similar to "
        "each other",
        "initialWidth": 98,
        "cellClass": "is-number",
        "headerClass": "is-number",
        "valueFormatter": {"function": f"fixed(params.value, {_SHARE_DECIMALS})"},
    },
]
_ACTIONS: dict[str, Any] = {
    "colId": "query",
    "headerName": "Query",
    "headerTooltip": "+ adds a galaxy to the query, − looks for galaxies unlike it, ⤢ enlarges it",
    "initialWidth": 96,
    "cellRenderer": "Actions",
    "cellClass": "has-signs",
    "sortable": False,
    "resizable": False,
}


class TableColumn(NamedTuple):
    """How a column of the catalogue is shown.

    Attributes
    ----------
    about : Column
    decimals : int or None
        Of its numbers, all the same, so that they stand aligned; None for words.
    width_px : int
        At first.
    """

    about: Column
    decimals: int | None
    width_px: int


@remembered(1)
def table_columns(explorer: Explorer) -> tuple[TableColumn, ...]:
    """Return the columns of the catalogue in the order in which people look for them.

    Position, magnitudes, redshifts with their errors, kind, the rest, and what is known only of
    simulated galaxies; each group as the catalogue has it. Identifiers are among them only where
    galaxies have names as well.
    """
    columns = [_column(explorer, name) for name in sorted(map(str, explorer.catalogue), key=_place)]
    has_names = "name" in explorer.catalogue
    hidden = {"name"} if has_names else {"object_id"}
    return tuple(column for column in columns if column.about.name not in hidden)


def definitions(explorer: Explorer) -> list[dict[str, Any]]:
    """Return the columns as AG Grid takes them; ``colId`` is the catalogue's name, if it has one.

    What the table has beside the catalogue, it always shows; the others can be chosen.
    """
    of_catalogue = [
        _definition(f"c{place}", column) for place, column in enumerate(table_columns(explorer))
    ]
    return [*_FIRST, _ACTIONS, *of_catalogue]


def choices(explorer: Explorer) -> tuple[dict[str, str], list[str]]:
    """Return the columns to choose from, with what they are called, and those shown at first."""
    columns = [column.about for column in table_columns(explorer)]
    called = {f"~{one.name}": label_of_choice(one) for one in columns}
    return called, [f"~{one.name}" for one in columns if not is_names(one)]


def table_rows(explorer: Explorer, pictures: Pictures, found: Neighbours) -> list[dict[str, Any]]:
    """Return the rows of the table, from the nearest on.

    Returns
    -------
    list of dict
        ``row``, ``rank`` (from 1), ``galaxy`` (its name), ``picture`` (its address, or None),
        ``similarity``, ``share`` (per cent of random pairs that are less similar), ``at`` (its
        place on the map), and ``c0``... as in `definitions`; None where a value is missing.
    """
    rows = np.asarray(found.rows, dtype=np.int64)
    values: dict[str, list[Any]] = {
        "row": rows.tolist(),
        "rank": list(range(1, len(rows) + 1)),
        "galaxy": _names(explorer, rows),
        "picture": [pictures.url(int(row), SMALL_PX) for row in rows],
        "similarity": np.round(found.similarity.astype(float), SIMILARITY_DECIMALS).tolist(),
        "share": _shares(explorer, found.similarity),
        "at": explorer.map_xy[rows].astype(float).tolist(),
    }
    for place, column in enumerate(table_columns(explorer)):
        values[f"c{place}"] = _cells(explorer.catalogue[column.about.name].iloc[rows], column)
    return [dict(zip(values, cells, strict=True)) for cells in zip(*values.values(), strict=True)]


def _shares(explorer: Explorer, similarity: np.ndarray) -> list[float] | list[None]:
    shares = shares_of_pairs(explorer, similarity)
    if shares is None:
        return [None] * len(similarity)
    return (np.floor(1e4 * shares + 1e-6) / 100).tolist()  # cut: 100 is said of all pairs only


def _place(name: str) -> int:
    """Return the place of a column's group in the table."""
    groups = (
        name in ("ra_deg", "dec_deg"),
        bool(_MAGNITUDE.match(name)),
        bool(_REDSHIFT.match(name)),
        bool(_KIND.match(name)),
        not is_truth(Column(name)),
    )
    return groups.index(True) if True in groups else len(groups)


def _column(explorer: Explorer, name: str) -> TableColumn:
    about = explorer.columns[name]
    step = max(1, explorer.n_objects // _LOOKED_AT)
    series = explorer.catalogue[name].iloc[::step]
    if explorer.is_category(name):
        longest = (
            series.map(lambda value: value_of(about, value), na_action="ignore")
            .str.len()
            .quantile(0.9)
        )
        return TableColumn(about, None, _width_px(about, 0 if pd.isna(longest) else int(longest)))
    values = numbers(series)
    values = values[np.isfinite(values)]
    decimals = SHOWN_DECIMALS if name in ("ra_deg", "dec_deg") else _decimals(values)
    largest = float(np.abs(values).max(initial=0))
    return TableColumn(about, decimals, _width_px(about, len(f"-{largest:.{decimals}f}")))


def _decimals(values: np.ndarray) -> int:
    """Return how many decimals show four digits of most numbers, and none that are always 0."""
    sizes = np.abs(values[values != 0].astype(float))
    if sizes.size == 0 or values.dtype.kind in "iu":
        return 0
    most = _SIGNIFICANT - 1 - int(np.floor(np.log10(np.median(sizes))))
    most = max(most, 0)
    shown = np.round(values.astype(float), most)
    return next(d for d in range(most + 1) if np.array_equal(np.round(shown, d), shown))


def _width_px(about: Column, n_letters: int) -> int:
    # A header may take two lines, but no word of it may be cut.
    n_header = max(map(len, _header(about).split()))
    return int(np.clip(_LETTER_PX * max(n_letters, n_header) + _AROUND_PX, _LEAST_PX, _MOST_PX))


def _header(about: Column) -> str:
    return label_of_choice(about) + (f" [{about.unit}]" if about.unit else "")


def _definition(field: str, column: TableColumn) -> dict[str, Any]:
    definition: dict[str, Any] = {
        # Not to be mistaken for a column that the table has of its own.
        "colId": f"~{column.about.name}",
        "field": field,
        "headerName": _header(column.about),
        "headerTooltip": explanation(column.about),
        "initialWidth": column.width_px,
    }
    if column.decimals is None:
        return definition | {"tooltipField": field}
    shown = {"function": f"fixed(params.value, {column.decimals})"}
    return definition | _NUMBER | {"valueFormatter": shown}


def _cells(series: pd.Series, column: TableColumn) -> list[Any]:
    if column.decimals is None:
        return [value_of(column.about, python_scalar(value)) for value in series]
    shown = np.round(numbers(series).astype(float), column.decimals)
    return [float(value) if np.isfinite(value) else None for value in shown]


def _names(explorer: Explorer, rows: np.ndarray) -> list[str]:
    identifiers = explorer.catalogue["object_id"].iloc[rows]
    if "name" not in explorer.catalogue:
        return [str(identifier) for identifier in identifiers]
    names = (python_scalar(name) for name in explorer.catalogue["name"].iloc[rows])
    return [
        (name.strip() if isinstance(name, str) else "") or str(identifier)
        for name, identifier in zip(names, identifiers, strict=True)
    ]
