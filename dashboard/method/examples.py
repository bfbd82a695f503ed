"""The pictures of the method page: galaxies beside their embeddings, the map in small."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
from PIL import Image

from dashboard.explorer.explorer import Explorer
from dashboard.formatting import name_of, why_no_picture
from dashboard.pictures.addresses import SMALL_PX, Pictures

N_SHOWN = 5  # neighbours, and random galaxies, beside the example
N_ON_MAP = 24  # neighbours marked on the small map
_SEED = 1  # the same random galaxies for everyone
_MAP_PX = 160
_INSIDE = (0.2, 99.8)  # percentiles of the map that are drawn: outliers would make it tiny
# Below zero, zero, above zero: RGB that colour-blind people can tell apart, on the dark of the sky.
_STRIPES = np.array([[92, 200, 255], [14, 18, 28], [242, 193, 78]], dtype=np.float64)
_MOST_DRAWN = 200_000  # galaxies on the small map; of more, a part that is spread over all
_BLOCK_ROWS = 1 << 18
_TYPICAL_LENGTHS = 2.5  # of an embedding's numbers: what is shown at full strength


@dataclass(frozen=True)
class Shown:
    """A galaxy on the method page.

    Attributes
    ----------
    name : str
    address : str
        Of the explorer's page with this galaxy as the query.
    url : str or None
        Of its picture; ``why`` says why there is none.
    similarity : str
        To the example; empty for the example itself.
    stripes : str
        Its embedding as a picture, a data URL.
    """

    name: str
    address: str
    url: str | None
    why: str
    similarity: str
    stripes: str


@dataclass(frozen=True)
class Examples:
    """One galaxy, those most similar to it, and others drawn at random."""

    galaxy: Shown
    similar: tuple[Shown, ...]
    random: tuple[Shown, ...]


@dataclass(frozen=True)
class SmallMap:
    """The map in small.

    Attributes
    ----------
    mask : str
        How many galaxies lie where, as the opacity of a picture, a data URL.
    galaxy, similar : (x, y), and several of them
        Places in per cent of the picture's side, from its left and its top.
    n_similar, n_near : int
        The most similar galaxies that were looked at, and how many of them are also among as many
        galaxies that lie nearest on the map.
    """

    mask: str
    galaxy: tuple[float, float]
    similar: tuple[tuple[float, float], ...]
    n_similar: int
    n_near: int


def examples(explorer: Explorer, pictures: Pictures) -> Examples:
    """Return the galaxy that people see first, its neighbours, and random galaxies."""
    row = explorer.default_row()
    found = explorer.neighbours([row], N_SHOWN).rows
    taken = {row, *found.tolist()}
    n_drawn = min(explorer.n_objects, N_SHOWN + len(taken))
    drawn = np.random.default_rng(_SEED).choice(explorer.n_objects, n_drawn, replace=False)
    others = [other for other in drawn.tolist() if other not in taken][:N_SHOWN]
    return Examples(
        _shown(explorer, pictures, row, row),
        tuple(_shown(explorer, pictures, int(other), row) for other in found),
        tuple(_shown(explorer, pictures, other, row) for other in others),
    )


def small_map(explorer: Explorer) -> SmallMap | None:
    """Return the map in small, with the example and its neighbours; None where it is one point."""
    step = -(-explorer.n_objects // _MOST_DRAWN)
    xy = np.asarray(explorer.map_xy[::step], dtype=np.float64)
    low, high = np.percentile(xy, _INSIDE, axis=0)
    side = float((high - low).max())
    if not side > 0:
        return None
    corner = (low + high - side * 1.06) / 2
    places = (xy - corner) / (side * 1.06)
    places[:, 1] = 1 - places[:, 1]  # pictures count from their top
    counts, _, _ = np.histogram2d(places[:, 1], places[:, 0], bins=_MAP_PX, range=((0, 1), (0, 1)))
    opacity = np.log1p(counts)
    opacity = np.where(counts > 0, 70 + 185 * opacity / max(opacity.max(), 1), 0)
    row = explorer.default_row()
    similar = explorer.neighbours([row], min(N_ON_MAP, explorer.n_objects - 1)).rows
    near = _nearest_on_map(explorer.map_xy, row, len(similar))
    marked = (explorer.map_xy[[row, *similar]].astype(np.float64) - corner) / (side * 1.06)
    marked[:, 1] = 1 - marked[:, 1]
    mask = Image.new("LA", opacity.shape)
    mask.putalpha(Image.fromarray(opacity.astype(np.uint8)))
    return SmallMap(
        _data_url(mask),
        _percent(marked[0]),
        tuple(map(_percent, marked[1:])),
        len(similar),
        len(np.intersect1d(near, similar)),
    )


def _nearest_on_map(map_xy: np.ndarray, row: int, n: int) -> np.ndarray:
    """Return the ``n`` galaxies nearest to another one on the map; of equally near ones the first.

    They are in no order.
    """
    squares, rows = np.empty(0), np.empty(0, np.int64)
    for start in range(0, len(map_xy), _BLOCK_ROWS):
        block = map_xy[start : start + _BLOCK_ROWS].astype(np.float64)
        squares = np.concatenate([squares, ((block - map_xy[row]) ** 2).sum(axis=1)])
        rows = np.concatenate([rows, start + np.arange(len(block))])
        near = np.argsort(squares, kind="stable")[: n + 1]
        squares, rows = squares[near], rows[near]
    return rows[rows != row][:n]


def stripes(embedding: np.ndarray) -> str:
    """Return an embedding as a picture one pixel high, a data URL.

    Parameters
    ----------
    embedding : ndarray, shape (dim,)
        Unit length: its numbers are of the order of 1 / sqrt(dim).
    """
    strength = np.asarray(embedding, dtype=np.float64) * math.sqrt(len(embedding))
    strength = np.clip(strength / _TYPICAL_LENGTHS, -1, 1)
    colours = [np.interp(strength, [-1, 0, 1], channel) for channel in _STRIPES.T]
    pixels = np.stack(colours, axis=1)[None].round().astype(np.uint8)
    return _data_url(Image.fromarray(pixels))


def _shown(explorer: Explorer, pictures: Pictures, row: int, example: int) -> Shown:
    vectors = explorer.search.vectors
    own = vectors[row].astype(np.float64)
    cosine = float(own @ vectors[example].astype(np.float64))
    url = pictures.url(row, SMALL_PX)
    galaxy = explorer.galaxy(row)
    return Shown(
        name_of(galaxy),
        "?" + urlencode({"galaxy": galaxy.object_id}),
        url,
        why_no_picture(url, pictures.host),
        "" if row == example else f"{cosine:.2f}".replace("-", "−"),
        stripes(own),
    )


def _percent(place: np.ndarray) -> tuple[float, float]:
    x, y = np.clip(100 * place, 0, 100)
    return round(float(x), 1), round(float(y), 1)


def _data_url(picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
