"""A picture of a position that no galaxy of the atlas is at, fetched and searched with.

It becomes a picture of one's own as if it had been chosen, see panels/query/own_picture.py.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, ctx, no_update

from dashboard import ids
from dashboard.explorer.explorer import Explorer
from dashboard.pictures.fetched import (
    Fetcher,
    FetchError,
    picture_address,
    service_of,
    shared_fetcher,
)
from dashboard.sky.coordinates import parse_position
from pipeline.atlas import CoordinateError

_LONGEST_NAME = 40  # characters of a name, in the name of the picture


def fetch(
    explorer: Explorer, fetcher: Fetcher, chosen: Any, clicks: Sequence[Any]
) -> tuple[Any, Any, Any]:
    """Return the picture of a position as a file and its name, or what is wrong.

    Parameters
    ----------
    chosen : object
        Id of the button, see `ids.search_fetch`.
    """
    service = service_of(explorer)
    if not any(clicks) or not isinstance(chosen, dict) or service is None:
        return no_update, no_update, no_update
    text, name = chosen.get("position"), chosen.get("name")
    try:
        position = parse_position(text if isinstance(text, str) else "")
        address = picture_address(explorer, service[0], position)
        content = fetcher.fetch(address, service[1])
    except (CoordinateError, FetchError) as error:
        return no_update, no_update, str(error)
    name = name if isinstance(name, str) and name else str(text)
    url = f"data:application/octet-stream;base64,{base64.b64encode(content).decode('ascii')}"
    return url, f"{name[:_LONGEST_NAME]}, from {service[1]}", ""


def register(app: Dash, explorer: Explorer) -> None:
    """Fetch pictures where the atlas has a service whose pictures its model can see."""
    service, fetcher = service_of(explorer), shared_fetcher()
    if service is None or fetcher is None:
        return

    @app.callback(
        Output(ids.OWN_UPLOAD, "contents", allow_duplicate=True),
        Output(ids.OWN_UPLOAD, "filename"),
        Output(ids.OWN_MESSAGE, "children", allow_duplicate=True),
        Input(ids.search_fetch(ALL, ALL), "n_clicks"),
        running=[(Output(ids.OWN_PROGRESS, "children"), f"Asking {service[1]}…", "")],
    )
    def fetch_picture(clicks: Any) -> Any:
        return fetch(explorer, fetcher, ctx.triggered_id, clicks)
