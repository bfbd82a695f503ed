"""The map as a plotly figure: what is drawn once, and the small changes made to it afterwards.

The traces, from the lowest to the highest: the galaxies that the filters leave out; the galaxies;
rings around the neighbours, the query and what is not wanted; the galaxies around these that a
map of very many would not draw; the region that was selected; and on a map of very many all
galaxies of the view, which the browser fetches (assets/tiles_view.js). Point i of the galaxies is
row i of the atlas, or of its sample (map_sample); those of the query's neighbourhood and of the
view say their row themselves. The others take no part in hovering and clicking.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.filters.region import Region
from dashboard.filters.sky_region import SkyRegion
from dashboard.map.colours import THEMES, UNKNOWN, Colouring

LEFT_OUT, GALAXIES, NEIGHBOURS, QUERY, NEGATIVES, NEARBY, REGION, IN_VIEW = range(8)
# As the browser knows them, in the figure's meta.
_NAMES = ("leftOut", "galaxies", "neighbours", "query", "negatives", "nearby", "region", "inView")
_TRACES = {name: trace for trace, name in enumerate(_NAMES)}
# The axes end at the last galaxy, or here: one far outlier must not shrink all the others.
FARTHEST = 0.25  # beyond [0, 1], where nearly all are
MAP_MARGIN = 0.03  # so that no point is cut in half at the edge
_OPACITY = 0.85
_ABOVE_PX = 3.0  # a point above a picture of how many there are, which it must not hide
_FEW = 9  # examples of a query


def marker_size_px(n_objects: int) -> float:
    """Return the size of a point: large enough to hit, small enough not to hide the others."""
    return float(np.clip(28 * n_objects**-0.2, 2.0, 9.0))


def map_figure(
    map_xy: np.ndarray,
    colouring: Colouring,
    theme: str,
    meta: dict[str, Any] | None = None,
    *,
    is_crowded: bool = False,
) -> go.Figure:
    """Draw every galaxy at its place on the map; the rings are empty at first.

    Parameters
    ----------
    map_xy : ndarray, shape (n_drawn, 2)
        Coordinates in [0, 1] but for a few outliers, which zooming out shows.
    colouring : Colouring
        Of the same galaxies.
    meta : dict, optional
        What the browser needs to know beside the themes, such as the title of a picture.
    is_crowded : bool
        Whether there are more galaxies, which come as their tiles are in view.
    """
    size = _ABOVE_PX if is_crowded else marker_size_px(len(map_xy))
    colours = THEMES[theme]
    points = {
        "size": size,
        "opacity": _OPACITY,
        "colorscale": colouring.colorscale(theme),
        "cmin": UNKNOWN,
        "cmax": 1,
        "line": {"width": 0},
    }
    galaxies = _markers(
        {**points, "color": colouring.position},
        x=np.asarray(map_xy[:, 0], dtype=np.float32),
        y=np.asarray(map_xy[:, 1], dtype=np.float32),
        hoverinfo="none",  # the panel shows a picture instead
    )
    nearby = _markers({**points, "color": []}, customdata=[], hoverinfo="none")
    left_out = _markers(
        {"size": size, "opacity": 0.5, "color": colours.unknown, "line": {"width": 0}}
    )
    drawn_by_hand = {"color": colours.selection, "width": 1.5, "dash": "dot"}
    region = go.Scatter(x=[], y=[], mode="lines", line=drawn_by_hand, hoverinfo="skip")
    rings = (
        _ring(colours.selection, size + 6, 1.5),
        _ring(colours.selection, *query_ring(len(map_xy), 1)),
        _ring(colours.negative, size + 12, 2, "circle-x-open"),
    )
    in_view = [_markers({**points, "color": []}, customdata=[], hoverinfo="none")]
    traces = [left_out, galaxies, *rings, nearby, region, *(in_view if is_crowded else [])]
    figure = go.Figure(traces)
    figure.update_layout(
        template=None,
        xaxis={"visible": False, "range": axis_range(map_xy[:, 0])},
        yaxis={"visible": False, "range": axis_range(map_xy[:, 1])},
        margin={"l": 0, "r": 0, "t": 28, "b": 0},  # above: the buttons
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        hovermode="closest",
        hoverdistance=12,
        dragmode="pan",
        clickmode="event",
        newselection={"line": drawn_by_hand},
        uirevision="map",  # zoom and pan survive every change
        meta={
            **colours_meta(colouring),
            "traces": dict(list(_TRACES.items())[: len(traces)]),
            **(meta or {}),
        },
    )
    return figure


def axis_range(values: np.ndarray) -> list[float]:
    """Return where an axis begins and ends at first."""
    low = max(float(np.min(values)), -FARTHEST)
    high = min(float(np.max(values)), 1 + FARTHEST)
    margin = MAP_MARGIN * max(high - low, 0.1)
    return [low - margin, high + margin]


def query_ring(n_objects: int, n_rows: int) -> tuple[float, float]:
    """Return size and width of the rings around the query: many must not hide what they mark."""
    more, width = (14, 3.0) if n_rows <= _FEW else (7, 2.0)
    return marker_size_px(n_objects) + more, width


def _markers(marker: dict[str, Any], **others: Any) -> go.Scattergl:
    trace = {"x": [], "y": [], "mode": "markers", "hoverinfo": "skip"} | others
    return go.Scattergl(marker=marker, **trace)


def _ring(colour: str, size: float, width: float, symbol: str = "circle-open") -> go.Scattergl:
    ring = _markers({"symbol": symbol, "size": size, "color": colour, "line": {"width": width}})
    ring.unselected = {"marker": {"opacity": 1}}  # a selection in the making fades the others
    return ring


def colours_meta(colouring: Colouring) -> dict[str, Any]:
    """Return what the browser needs for another theme, or a picture, without the server."""
    themes = {
        name: {
            "colorscale": colouring.colorscale(name),
            "selection": theme.selection,
            "negative": theme.negative,
            "unknown": theme.unknown,
        }
        for name, theme in THEMES.items()
    }
    unit = f" [{colouring.unit}]" if colouring.unit else ""
    paper, hues = THEMES["light"], colouring.hues("light")
    return {
        "themes": themes,
        "legend": {
            "title": colouring.label + unit,
            "categories": [[one[0], hue] for one, hue in zip(colouring.named(), hues, strict=True)],
            "limits": colouring.limits,
            "extent": colouring.extent,
            "scale": paper.scale,
            "log": colouring.is_log,
            "unknown": colouring.n_unknown > 0,
        },
    }


def ring_positions(map_xy: np.ndarray, rows: Any) -> dict[str, list[float]]:
    """Return x and y of the rings around ``rows``."""
    xy = np.asarray(map_xy[np.asarray(rows, dtype=np.intp)], dtype=np.float64)
    return {"x": xy[:, 0].tolist(), "y": xy[:, 1].tolist()}


def outline(region: Region | SkyRegion | None) -> dict[str, list[float]]:
    """Return x and y of the closed line around a region of the map; of none without one."""
    places: Sequence[tuple[float, float]] = region.vertices if isinstance(region, Region) else ()
    return {axis: [place[i] for place in (*places, *places[:1])] for i, axis in enumerate("xy")}


def packed_mask(mask: np.ndarray) -> str:
    """Return one bit for each point, the first one lowest, as text."""
    return base64.b64encode(np.packbits(mask, bitorder="little").tobytes()).decode("ascii")


def packed(values: np.ndarray) -> dict[str, str]:
    """Return a float32 array in plotly's binary form, a third of its size as decimal text."""
    data = np.ascontiguousarray(values, dtype="<f4").tobytes()
    return {"dtype": "f4", "bdata": base64.b64encode(data).decode("ascii")}
