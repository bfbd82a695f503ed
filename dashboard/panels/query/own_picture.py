"""A picture of one's own: chosen or dropped, shown, framed, and searched with.

The browser keeps the picture. assets/own_picture.js shows it for as long as the query is one of its
crops, also after a step back.
"""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.counted import UPLOAD, count, count_refused
from dashboard.explorer.embedder import Embedder, EmbedderError, embedding_to_text
from dashboard.explorer.explorer import Explorer
from dashboard.panels.parts import aria, tell_too_large
from dashboard.pictures.central_source import usual_share
from dashboard.pictures.crop import MOST_ZOOM, Crop
from dashboard.pictures.files import KINDS, OwnPictureError
from dashboard.pictures.reader import shared_reader
from dashboard.pictures.sky_plane import SkyPlane
from dashboard.pictures.uploaded import (
    planes_from_url,
    planes_to_url,
    png_url,
    rgb_of,
)
from dashboard.query.page import Page
from dashboard.sky.coordinates import SkyPosition, format_degrees
from dashboard.untrusted import MOST_FILE_BYTES, UploadError, file_content

INVITATION = "Search with a picture of your own"
HELP = f"or drop it here: {KINDS}, up to {MOST_FILE_BYTES // 10**6} MB"
READING = "Reading your picture…"
UNAVAILABLE = (
    "Pictures of your own cannot be searched with here: this atlas was published without its "
    "encoder. Publish it again to add it."
)
_MOST_CROPS = 12  # that the browser remembers of a picture
_DIGITS = 5  # of a position in degrees: 0.04 arcsec
_LONGEST_NAME = 80  # characters of the name of a file
_MOVES = "Drag the frame, or use the arrow keys, plus and minus; the wheel zooms."


def layout(explorer: Explorer) -> Component:
    """Return the place to drop a picture on, and the one for what is said of it."""
    if explorer.embedder is None:
        inside: list[Component] = [html.P(UNAVAILABLE, className="hint")]
    else:
        inside = [
            dcc.Store(id=ids.OWN_PICTURE),
            dcc.Store(id=ids.OWN_CHOSEN),
            # The label makes a button of the upload's field, which the keyboard reaches by itself.
            # No `accept`: a file of another kind would be passed over without a word.
            html.Label(
                dcc.Upload(
                    [
                        html.Span(
                            [
                                html.Span(className="glyph glyph-picture"),
                                html.Span(INVITATION, className="visually-hidden"),
                                html.Span("Own picture", **aria(hidden="true")),
                            ],
                            className="btn is-wide",
                            title=INVITATION,
                        ),
                        html.Span(HELP, className="hint own-help"),
                    ],
                    id=ids.OWN_UPLOAD,
                    disable_click=True,
                    max_size=MOST_FILE_BYTES,
                    className="own-drop",
                    className_active="is-over",
                ),
                className="own-label",
                **tell_too_large(ids.OWN_MESSAGE, "Crop or shrink it."),
            ),
            html.P(id=ids.OWN_PROGRESS, className="hint own-progress", role="status"),
            html.P(id=ids.OWN_MESSAGE, className="message is-error", role="alert"),
        ]
    return html.Section(inside, className="own-panel", **aria(label="A picture of your own"))


def frame(explorer: Explorer) -> list[Component]:
    """Return the picture with its crop, what the model sees of it, and the choice of the crop."""
    if explorer.embedder is None:
        return []
    shown = html.Div(
        [
            html.Div(
                [
                    html.Img(id=ids.OWN_IMAGE, alt="Your picture", draggable="false"),
                    html.Span(className="own-crop"),
                ],
                className="own-whole",
                tabIndex=0,
                role="group",
                title=_MOVES,
                **aria(label=f"Frame of your picture. {_MOVES}"),
            ),
            html.Div(
                [
                    html.Img(id=ids.OWN_SEEN, alt="", draggable="false", className="own-seen"),
                    html.Div(
                        [
                            html.P("What the model sees", className="own-caption"),
                            html.Div(
                                [
                                    html.Label("Zoom", htmlFor=ids.OWN_ZOOM),
                                    dbc.Input(
                                        id=ids.OWN_ZOOM,
                                        type="range",
                                        min=1,
                                        max=MOST_ZOOM,
                                        step=0.01,
                                        value=1,
                                        class_name="own-zoom",
                                    ),
                                ],
                                className="own-zoom-line",
                            ),
                            html.Button(
                                "As proposed",
                                id=ids.OWN_RESET,
                                type="button",
                                title="Back to the frame that was proposed for this picture",
                                className="btn is-small",
                            ),
                            html.Details(
                                [
                                    html.Summary("How it was read"),
                                    html.P(id=ids.OWN_NOTE, className="hint"),
                                ],
                                open=True,  # assets/own_picture.js folds it on a telephone
                                className="own-note",
                            ),
                            html.Button(
                                "Search at this position, too",
                                id=ids.OWN_POSITION,
                                type="button",
                                title="Searches for the galaxy in the middle of the frame",
                                className="btn is-small",
                                hidden=True,
                            ),
                        ],
                        className="own-choice",
                    ),
                ],
                className="own-view",
            ),
        ],
        id=ids.OWN_FRAME,
        className="own-frame",
        hidden=True,
    )
    return [shown]


def receive(explorer: Explorer, contents: Any, name: Any) -> tuple[Any, Any, None, str]:
    """Return what a file that was chosen asks for, its picture, forget it, and say what is wrong.

    The file is forgotten, or choosing it again would be no change, and no event.
    """
    if contents is None or explorer.embedder is None:
        return no_update, no_update, None, ""
    try:
        understood, own = searched_with(explorer, file_content(contents), _short(name))
    except (UploadError, OwnPictureError, EmbedderError) as error:
        count_refused("picture", error)
        return no_update, no_update, None, str(error)
    count(UPLOAD, "picture")
    return understood, own, None, ""


def searched_with(
    explorer: Explorer, content: bytes, name: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a picture file asks for, and what the browser keeps of it (`ids.OWN_PICTURE`).

    Parameters
    ----------
    explorer : Explorer
        With an embedder.
    name : str
        What to call the picture.

    Raises
    ------
    OwnPictureError, EmbedderError
        It cannot be searched with.
    """
    assert explorer.embedder is not None  # said above  # nosec B101
    picture = shared_reader().read(content, explorer.manifest, usual_share(explorer))
    text, crop = _embedded(explorer, explorer.embedder, picture.planes, picture.crop, picture.sky)
    own = {
        "square": planes_to_url(picture.planes),
        "source": png_url(rgb_of(picture.planes)),
        "note": f"{name}. {picture.note}".strip(),
        "sky": picture.sky and picture.sky.to_store(),
        "proposed": picture.crop.to_store(),
        "crops": {text: crop | {"framing": picture.framing}},
    }
    return {"kind": "picture", "values": {"embedding": text}}, own


def reframe(explorer: Explorer, chosen: Any, own: Any, shown: Any) -> tuple[Any, Any, str]:
    """Return what another frame asks for, and the picture with it, unless it is shown already.

    Parameters
    ----------
    chosen : object
        `ids.OWN_CHOSEN` as the browser has it.
    shown : object
        The page as the browser has it.
    """
    crops = own.get("crops") if isinstance(own, dict) else None
    frame = Crop.from_store(chosen)
    if not isinstance(crops, dict) or frame is None or shown is None or explorer.embedder is None:
        return no_update, no_update, ""
    crop = crops.get(Page.from_store(shown, explorer).query.embedding)
    former = Crop.from_store(crop)
    if not isinstance(crop, dict) or (former is not None and former.is_near(frame)):
        return no_update, no_update, ""
    try:
        planes = planes_from_url(own.get("square"))
        sky = SkyPlane.from_store(own.get("sky"))
        text, crop = _embedded(explorer, explorer.embedder, planes, frame, sky)
    except (OwnPictureError, EmbedderError) as error:
        return no_update, no_update, str(error)
    latest = list(crops.items())[1 - _MOST_CROPS :]
    understood = {"kind": "crop", "values": {"embedding": text}}
    return understood, own | {"crops": dict(latest) | {text: crop}}, ""


def _embedded(
    explorer: Explorer, embedder: Embedder, planes: np.ndarray, frame: Crop, sky: SkyPlane | None
) -> tuple[str, dict[str, Any]]:
    """Return the embedding of a crop as text, and what the browser remembers of the crop."""
    seen = embedder.see(frame.middle_of(planes), frame.side_px(planes.shape[-1]))
    text = embedding_to_text(embedder.embed(seen), explorer.manifest)
    levels = np.rint(255 * seen).astype(np.uint8)
    position = None
    if sky is not None:
        ra_deg, dec_deg = sky.position(frame.x, frame.y)
        position = format_degrees(SkyPosition(round(ra_deg, _DIGITS), round(dec_deg, _DIGITS)))
    return text, frame.to_store() | {"seen": png_url(rgb_of(levels)), "position": position}


def _short(name: Any) -> str:
    name = name if isinstance(name, str) and name else "Your file"
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def register(app: Dash, explorer: Explorer) -> None:
    """Turn files and frames into requests, and show the picture of the query."""
    if explorer.embedder is None:
        return

    @app.callback(
        Output(ids.UNDERSTOOD, "data", allow_duplicate=True),
        Output(ids.OWN_PICTURE, "data"),
        Output(ids.OWN_UPLOAD, "contents"),
        Output(ids.OWN_MESSAGE, "children"),
        Input(ids.OWN_UPLOAD, "contents"),
        State(ids.OWN_UPLOAD, "filename"),
        running=[(Output(ids.OWN_PROGRESS, "children"), READING, "")],
    )
    def receive_file(contents: Any, name: Any) -> Any:
        return receive(explorer, contents, name)

    @app.callback(
        Output(ids.UNDERSTOOD, "data", allow_duplicate=True),
        Output(ids.OWN_PICTURE, "data", allow_duplicate=True),
        Output(ids.OWN_MESSAGE, "children", allow_duplicate=True),
        Input(ids.OWN_CHOSEN, "data"),
        State(ids.OWN_PICTURE, "data"),
        State(ids.QUERY, "data"),
    )
    def choose_crop(chosen: Any, own: Any, shown: Any) -> Any:
        return reframe(explorer, chosen, own, shown)

    app.clientside_callback(
        ClientsideFunction("own_picture", "show"),
        Output(ids.OWN_FRAME, "hidden"),
        Output(ids.OWN_IMAGE, "src"),
        Output(ids.OWN_SEEN, "src"),
        Output(ids.OWN_ZOOM, "value"),
        Output(ids.OWN_NOTE, "children"),
        Output(ids.OWN_POSITION, "hidden"),
        Output(ids.OWN_MESSAGE, "children", allow_duplicate=True),
        Input(ids.QUERY, "data"),
        Input(ids.OWN_PICTURE, "data"),
        State(ids.OWN_ZOOM, "value"),
    )
