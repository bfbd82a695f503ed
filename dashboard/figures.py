"""The map as a plotly figure: what is drawn once, and the small changes made to it afterwards.

Four traces: the galaxies that the filters leave out, every galaxy, the neighbours, the query. Point
i of the second is row i of the atlas. The others take no part in hovering and clicking: the first
is grey and lies below, and is empty without filters; the last two are rings around points.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.colouring import THEMES, UNKNOWN, Colouring

LEFT_OUT, GALAXIES, NEIGHBOURS, QUERY = range(4)
# The axes end at the last galaxy, or here: one far outlier must not shrink all the others.
FARTHEST = 0.25  # beyond [0, 1], where nearly all are
MAP_MARGIN = 0.03  # so that no point is cut in half at the edge


def marker_size_px(n_objects: int) -> float:
    """Return the size of a point: large enough to hit, small enough not to hide the others."""
    return float(np.clip(28 * n_objects**-0.2, 2.0, 9.0))


def map_figure(umap_xy: np.ndarray, colouring: Colouring, theme: str) -> go.Figure:
    """Draw every galaxy at its place on the map; the rings are empty at first.

    Parameters
    ----------
    umap_xy : ndarray, shape (n_objects, 2)
        Coordinates in [0, 1] but for a few outliers, which zooming out shows.
    """
    size = marker_size_px(len(umap_xy))
    points = go.Scattergl(
        x=np.asarray(umap_xy[:, 0], dtype=np.float32),
        y=np.asarray(umap_xy[:, 1], dtype=np.float32),
        mode="markers",
        marker={
            "size": size,
            "opacity": 0.85,
            "color": colouring.position,
            "colorscale": colouring.colorscale(theme),
            "cmin": UNKNOWN,
            "cmax": 1,
            "line": {"width": 0},
        },
        hoverinfo="none",  # the panel shows a picture instead
    )
    left_out = go.Scattergl(
        x=[],
        y=[],
        mode="markers",
        marker={
            "size": size,
            "opacity": 0.5,
            "color": THEMES[theme].unknown,
            "line": {"width": 0},
        },
        hoverinfo="skip",
    )
    rings = _rings(theme, size + 6, 1.5), _rings(theme, size + 14, 3)
    figure = go.Figure([left_out, points, *rings])
    figure.update_layout(
        template=None,
        xaxis={"visible": False, "range": axis_range(umap_xy[:, 0])},
        yaxis={"visible": False, "range": axis_range(umap_xy[:, 1])},
        margin={"l": 0, "r": 0, "t": 28, "b": 0},  # above: the buttons
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        hovermode="closest",
        hoverdistance=12,
        dragmode="pan",
        clickmode="event",
        uirevision="map",  # zoom and pan survive every change
        meta={"themes": themes_meta(colouring)},
    )
    return figure


def axis_range(values: np.ndarray) -> list[float]:
    """Return where an axis begins and ends at first."""
    low = max(float(np.min(values)), -FARTHEST)
    high = min(float(np.max(values)), 1 + FARTHEST)
    margin = MAP_MARGIN * max(high - low, 0.1)
    return [low - margin, high + margin]


def _rings(theme: str, size: float, width: float) -> go.Scattergl:
    return go.Scattergl(
        x=[],
        y=[],
        mode="markers",
        marker={
            "symbol": "circle-open",
            "size": size,
            "color": THEMES[theme].selection,
            "line": {"width": width},
        },
        hoverinfo="skip",
    )


def themes_meta(colouring: Colouring) -> dict[str, dict[str, Any]]:
    """Return what the browser needs to turn the map to another theme without the server."""
    return {
        name: {
            "colorscale": colouring.colorscale(name),
            "selection": theme.selection,
            "unknown": theme.unknown,
        }
        for name, theme in THEMES.items()
    }


def ring_positions(umap_xy: np.ndarray, rows: Any) -> dict[str, list[float]]:
    """Return x and y of the rings around ``rows``."""
    xy = np.asarray(umap_xy[np.asarray(rows, dtype=np.intp)], dtype=np.float64)
    return {"x": xy[:, 0].tolist(), "y": xy[:, 1].tolist()}


def packed_mask(mask: np.ndarray | None) -> str | None:
    """Return one bit for each galaxy, the first one lowest, as text; None for None."""
    if mask is None:
        return None
    return base64.b64encode(np.packbits(mask, bitorder="little").tobytes()).decode("ascii")


def packed(values: np.ndarray) -> dict[str, str]:
    """Return a float32 array in plotly's binary form, a third of its size as decimal text."""
    data = np.ascontiguousarray(values, dtype="<f4").tobytes()
    return {"dtype": "f4", "bdata": base64.b64encode(data).decode("ascii")}
