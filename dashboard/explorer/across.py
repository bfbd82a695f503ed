"""Between atlases: the open ones know each other, and a galaxy of one is an example in another.

Such a galaxy is known by the name of its atlas and its identifier, never by its row. Embeddings can
be compared where the same weights have seen both atlases; `brought` alone takes them across.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboard.explorer.explorer import UnknownGalaxyError

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

_MOST = 100  # guests of a query: no more than it has galaxies
_LONGEST = 60  # characters of a name that nobody knows, in the sentence that says so


class Guest(NamedTuple):
    """A galaxy of another atlas: the name of that atlas, and the galaxy's ``object_id`` there."""

    atlas: str
    object_id: str


class GuestError(LookupError):
    """A galaxy that cannot come here; the message says why, for the person who asked."""


def read_guests(data: object) -> tuple[Guest, ...]:
    """Return guests that a page sent: anything that JSON can say, of ours ``[[atlas, id], ...]``.

    Raises
    ------
    GuestError
        None, or too many.
    """
    if isinstance(data, list) and len(data) <= _MOST:
        pairs = [one for one in data if isinstance(one, list) and len(one) == 2]
        guests = [Guest(*pair) for pair in pairs if all(isinstance(part, str) for part in pair)]
        if len(guests) == len(data):
            return tuple(guests)
    raise GuestError("The page sent galaxies of other atlases that are none. Reload the page.")


def introduce(explorers: Mapping[str, Explorer]) -> None:
    """Let explorers, by the names of their atlases, know each other."""
    for explorer in explorers.values():
        explorer.open_atlases = explorers


def why_not_comparable(explorer: Explorer, other: Explorer) -> str:
    """Return why galaxies of one atlas cannot be compared with another's; empty if they can."""
    one, two = explorer.manifest, other.manifest
    if (one.model.weights_sha256, one.embedding.dim) == (
        two.model.weights_sha256,
        two.embedding.dim,
    ):
        return ""
    models = "another model"
    if one.model.name != two.model.name:
        models = f"{two.model.name}, this atlas with {one.model.name}"
    return f"It was made with {models}: their similarities cannot be compared."


def comparable_atlases(explorer: Explorer) -> list[Explorer]:
    """Return the other open atlases of the same model, in their order."""
    return [
        other
        for other in explorer.open_atlases.values()
        if other is not explorer and not why_not_comparable(explorer, other)
    ]


def home_of(explorer: Explorer, guest: Guest) -> tuple[Explorer, int]:
    """Return the atlas that a guest is from, and its row there.

    Raises
    ------
    GuestError
        The atlas is not open or of another model, or has no such galaxy.
    """
    other = explorer.open_atlases.get(guest.atlas)
    if other is None:
        raise GuestError(
            f"The galaxy '{guest.object_id[:_LONGEST]}' is of the atlas "
            f"'{guest.atlas[:_LONGEST]}', which is not open here."
        )
    reason = why_not_comparable(explorer, other)
    if reason:
        raise GuestError(f"A galaxy of {other.title} cannot be searched with here. {reason}")
    try:
        return other, other.row_of(guest.object_id)
    except UnknownGalaxyError as error:
        raise GuestError(str(error)) from error


def example_of(explorer: Explorer, guest: Guest) -> int | Guest:
    """Return a galaxy as an example in this atlas: one of its own by its row.

    Raises
    ------
    GuestError
        See `home_of`.
    """
    other, row = home_of(explorer, guest)
    return row if other is explorer else guest


def brought(explorer: Explorer, guests: Sequence[Guest]) -> np.ndarray:
    """Return the embeddings of guests as this atlas has them: float32 (n, dim), unit length.

    Raises
    ------
    GuestError
        See `home_of`.
    """
    vectors = np.empty((len(guests), explorer.search.vectors.dim), np.float32)
    for place, guest in enumerate(guests):
        other, row = home_of(explorer, guest)
        of_model = other.frame.out_of(other.search.vectors[row])
        vectors[place] = explorer.frame.into(of_model)
    return vectors


def on_the_same_sky(explorer: Explorer, other: Explorer) -> bool:
    """Return whether positions of two atlases mean the same: every simulation has its own sky."""
    return other is explorer or not (explorer.manifest.simulated or other.manifest.simulated)


def sky_of(explorer: Explorer, guests: Sequence[Guest]) -> np.ndarray:
    """Return where guests are on the sky of this atlas: unit vectors, (n, 3) of those that are.

    Raises
    ------
    GuestError
        See `home_of`.
    """
    homes = [home_of(explorer, guest) for guest in guests]
    found = [
        other.search.directions[row] for other, row in homes if on_the_same_sky(explorer, other)
    ]
    return np.array(found, dtype=np.float64).reshape(-1, 3)
