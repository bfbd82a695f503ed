"""What is searched for: galaxies of an atlas, and how many similar ones to show.

A query comes back from the browser in two ways, the store and the address. Both are hostile: each
value is checked before use, and what is wrong is said in a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from dashboard.explorer import UnknownGalaxyError

if TYPE_CHECKING:
    from dashboard.explorer import Explorer

K_CHOICES = (16, 25, 36, 49, 64, 81, 100)  # squares, for a square gallery
DEFAULT_K = 25
ORIGINS = ("start", "search", "random", "card", "map", "url")
MOST_ROWS = 100  # positives of one query
LONGEST_ADDRESS = 16_384  # characters
_FARTHEST_ARCSEC = 180 * 3600.0


class QueryError(ValueError):
    """A query that cannot be answered; the message says why, for the person who asked."""


@dataclass(frozen=True)
class Query:
    """What is searched for.

    Attributes
    ----------
    rows : tuple of int
        The galaxies to be similar to (positives), each once.
    k : int
        How many neighbours; one of `K_CHOICES`.
    origin : str
        Where the query came from; one of `ORIGINS`.
    separation_arcsec : float or None
        For a search, how far the galaxy is from the position that was asked for.

    Raises
    ------
    QueryError
        No row or too many, or a value that is not allowed.
    """

    rows: tuple[int, ...]
    k: int = DEFAULT_K
    origin: str = "start"
    separation_arcsec: float | None = None

    def __post_init__(self) -> None:
        # A frozen class is written by object.__setattr__; numpy integers do not survive JSON.
        object.__setattr__(self, "rows", tuple(dict.fromkeys(map(int, self.rows))))
        if not 1 <= len(self.rows) <= MOST_ROWS:
            raise QueryError(
                f"A query has 1 to {MOST_ROWS} galaxies, this one has {len(self.rows)}."
            )
        if self.k not in K_CHOICES:
            raise QueryError(_wrong_k(self.k))
        if self.origin not in ORIGINS:
            raise QueryError(f"A query does not come from {_quoted(self.origin)}.")
        separation = self.separation_arcsec
        if separation is not None and not 0 <= separation <= _FARTHEST_ARCSEC:
            raise QueryError(f"{separation} arcsec is not a separation on the sky.")

    def to_store(self) -> dict[str, Any]:
        """Return what the browser keeps: small values that JSON can carry."""
        return {
            "rows": list(self.rows),
            "k": self.k,
            "origin": self.origin,
            "separation_arcsec": self.separation_arcsec,
        }

    @classmethod
    def from_store(cls, data: object, n_objects: int) -> Query:
        """Read what the browser sent back.

        Parameters
        ----------
        data : object
            Anything that JSON can say.
        n_objects : int
            Number of galaxies of the atlas.

        Raises
        ------
        QueryError
            Not a query of this atlas.
        """
        if not isinstance(data, dict) or not set(data) <= set(cls.__dataclass_fields__):
            raise QueryError("The page sent something that is not a query. Reload the page.")
        rows = data.get("rows")
        if not isinstance(rows, list | tuple) or len(rows) > MOST_ROWS:
            raise QueryError("The page sent a query without a list of galaxies. Reload the page.")
        for row in rows:
            if not _is_integer(row) or not 0 <= row < n_objects:
                raise QueryError(
                    f"The page asked for row {_quoted(row)}; this atlas has rows 0 to "
                    f"{n_objects - 1}. Reload the page."
                )
        k, origin = data.get("k", DEFAULT_K), data.get("origin", "start")
        if not _is_integer(k):
            raise QueryError(_wrong_k(k))
        if not isinstance(origin, str):
            raise QueryError(f"A query does not come from {_quoted(origin)}.")
        separation = data.get("separation_arcsec")
        if separation is not None and not _is_number(separation):
            raise QueryError(f"{_quoted(separation)} is not a separation on the sky.")
        return cls(tuple(rows), k, origin, separation)

    def to_address(self, explorer: Explorer) -> str:
        """Return the part of a page's address that brings this query back, from the ``?`` on."""
        identifiers = explorer.catalogue["object_id"]
        galaxies = [("galaxy", str(identifiers.iloc[row])) for row in self.rows]
        return "?" + urlencode([*galaxies, ("k", self.k)])

    @classmethod
    def from_address(cls, search: str | None, explorer: Explorer) -> Query | None:
        """Read the part of a page's address from the ``?`` on.

        Parameters
        ----------
        search : str or None
            ``?galaxy=OBJECT_ID&k=25``; ``galaxy`` may come several times, ``k`` may be left out,
            and what others append to addresses is passed over.

        Returns
        -------
        Query or None
            None where the address names no galaxy.

        Raises
        ------
        QueryError
            Mangled, or a galaxy that this atlas does not have.
        """
        if not isinstance(search, str) or not search.strip("?"):
            return None
        fields = _fields(search)
        identifiers = [value for name, value in fields if name == "galaxy"]
        if not identifiers:
            return None
        numbers = [value for name, value in fields if name == "k"]
        if len(numbers) > 1:
            raise QueryError(f"The address has k {len(numbers)} times; once is enough.")
        k = next((choice for choice in K_CHOICES if numbers == [str(choice)]), None)
        if numbers and k is None:
            raise QueryError(_wrong_k(numbers[0]))
        return cls(_rows_of(identifiers, explorer), k or DEFAULT_K, "url")


def _fields(search: str) -> list[tuple[str, str]]:
    if len(search) > LONGEST_ADDRESS:
        raise QueryError(
            f"The address has {len(search)} characters, more than the {LONGEST_ADDRESS} that "
            "are read. Search for a position instead."
        )
    try:
        return parse_qsl(
            search.removeprefix("?"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=2 * MOST_ROWS,
        )
    except ValueError as error:  # not UTF-8, or too many fields
        raise QueryError(
            "The address is mangled: it cannot be read. Copy it again, or search for a position."
        ) from error


def _rows_of(identifiers: Sequence[str], explorer: Explorer) -> tuple[int, ...]:
    try:
        return tuple(explorer.row_of(identifier) for identifier in identifiers)
    except UnknownGalaxyError as error:
        raise QueryError(str(error)) from error


def _wrong_k(k: object) -> str:
    choices = ", ".join(map(str, K_CHOICES[:-1]))
    return f"The number of neighbours is {choices} or {K_CHOICES[-1]}, not {_quoted(k)}."


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return _is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def _quoted(value: object) -> str:
    """Show a hostile value: short, and never one whose writing-out is itself an attack."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 40 else f"{value[:39]!r}…"
    if isinstance(value, int | float) and abs(value) < 1e15:
        return str(value)
    return "something else"
