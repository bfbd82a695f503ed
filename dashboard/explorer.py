"""The questions that people ask of an atlas: numpy in, numpy out, no Dash."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from dashboard.atlas_names import AtlasNames
from dashboard.coordinates import SkyPosition
from dashboard.neighbours import Neighbours, NeighbourSearch, NoCommonDirectionError
from dashboard.random_rank import random_rank
from dashboard.sky import Sky, separation_arcsec
from pipeline.atlas import Atlas, Column

__all__ = [
    "NEAR_ARCSEC",
    "Explorer",
    "Galaxy",
    "Neighbours",
    "NoCommonDirectionError",
    "UnknownColumnError",
    "UnknownGalaxyError",
]

# A galaxy farther than this from the position asked for is said to be so: 10 px of 0.262 arcsec.
# Source: G. Stein's galaxy_search, as its first query.
NEAR_PX = 10
NEAR_ARCSEC = 2.62
FIRST_QUERY = SkyPosition(199.3324, 20.6382)

_MOST_CATEGORIES = 12  # more hues than this cannot be told apart
_ESSENTIAL = ("object_id", "ra_deg", "dec_deg")


class UnknownGalaxyError(LookupError):
    """The atlas has no such galaxy."""


class UnknownColumnError(LookupError):
    """The catalogue has no such column."""


@dataclass(frozen=True)
class Galaxy:
    """One galaxy, for people to read.

    Attributes
    ----------
    row : int
    object_id : str
    position : SkyPosition
    values : tuple of (Column, value)
        The other columns in the catalogue's order; str, bool, int or float, None where missing.
    """

    row: int
    object_id: str
    position: SkyPosition
    values: tuple[tuple[Column, Any], ...]


class Explorer:
    """Answers about one open atlas. Safe to share between threads: nothing changes once built."""

    def __init__(self, atlas: Atlas) -> None:
        self.manifest = atlas.manifest
        self.name = atlas.manifest.name
        self.title = atlas.manifest.title
        self.columns = atlas.columns
        self.catalogue = atlas.catalogue
        self.umap_xy = atlas.umap_xy
        self.thumbnails = atlas.thumbnails
        self.n_objects = len(atlas.catalogue)
        self.names = AtlasNames(atlas.catalogue)
        self._row_of_id = pd.Index(atlas.catalogue["object_id"])
        self._sky = Sky(
            atlas.catalogue["ra_deg"].to_numpy(np.float64),
            atlas.catalogue["dec_deg"].to_numpy(np.float64),
        )
        self._search = NeighbourSearch(
            atlas.embeddings,
            atlas.index,
            n_trees=atlas.manifest.index.n_trees,
            search_k=atlas.manifest.index.search_k,
            directions=self._sky.vectors,
        )

    @property
    def near_arcsec(self) -> float:
        """How far a galaxy may be from a position and still be the one that is meant: 10 px."""
        scale = self.manifest.pixel_scale_arcsec
        return NEAR_ARCSEC if scale is None else NEAR_PX * scale

    def nearest_on_sky(self, position: SkyPosition) -> tuple[int, float]:
        """Return the row of the galaxy nearest to ``position``, and its separation in arcsec."""
        return self._sky.nearest(position)

    def separation_arcsec(self, row: int, position: SkyPosition) -> float:
        """Return how far a galaxy lies from ``position``, in arcsec."""
        return separation_arcsec(self._sky.position(row), position)

    def default_row(self) -> int:
        """Return the galaxy to start with: the atlas's own, or the one nearest to `FIRST_QUERY`."""
        if self.manifest.showpiece in self._row_of_id:
            return self.row_of(str(self.manifest.showpiece))
        return self.nearest_on_sky(FIRST_QUERY)[0]

    def row_of(self, object_id: str) -> int:
        """Return the row of a galaxy.

        Raises
        ------
        UnknownGalaxyError
        """
        try:
            return int(self._row_of_id.get_loc(str(object_id)))
        except KeyError:
            raise UnknownGalaxyError(
                f"{self.title} has no galaxy called '{str(object_id)[:60]}'. "
                "Search for its position instead."
            ) from None

    def rows_called(self, name: str) -> list[int]:
        """Return the rows of the galaxies of this identifier or name: none, one, or several.

        The identifier as it is written in the catalogue is one galaxy's; else any spelling of an
        identifier, of a common name or of a further name counts.
        """
        if name in self._row_of_id:
            return [self.row_of(name)]
        return self.names.rows(name)

    def random_row(self, rng: np.random.Generator) -> int:
        """Draw a galaxy at random, rather a bright one; any one if brightness is not known."""
        if self._from_bright_to_faint is None:
            return int(rng.integers(self.n_objects))
        return int(self._from_bright_to_faint[random_rank(rng, self.n_objects)])

    def neighbours(self, rows: Sequence[int], k: int) -> Neighbours:
        """Return the ``k`` galaxies most similar to the mean of ``rows``, those excluded.

        Of galaxies within 25.15 arcsec of each other or of the query, only the best is kept.
        Fewer than ``k`` come back only if the atlas has no more.

        Raises
        ------
        NoCommonDirectionError
            The embeddings of ``rows`` cancel each other.
        UnknownGalaxyError
            A row that the atlas does not have.
        """
        return self._search.nearest(self._checked(rows), k)

    def exact_neighbours(self, rows: Sequence[int], k: int) -> Neighbours:
        """Return what `neighbours` approximates, by comparing with every galaxy."""
        return self._search.exact(self._checked(rows), k)

    def galaxy(self, row: int) -> Galaxy:
        """Return what the catalogue knows of a galaxy.

        Raises
        ------
        UnknownGalaxyError
        """
        (row,) = self._checked([row])
        values = tuple(
            (self._column(name), _python_scalar(self.catalogue[name].iloc[row]))
            for name in self.catalogue.columns
            if name not in _ESSENTIAL
        )
        object_id = str(self.catalogue["object_id"].iloc[row])
        return Galaxy(row, object_id, self._sky.position(row), values)

    def colour_columns(self) -> list[Column]:
        """Return the columns worth colouring a map by, position on the sky last.

        Numbers that differ, and categories with 2 to 12 values. Whole numbers that are different
        for each of many galaxies are identifiers, not quantities.
        """
        return list(self._colour_columns)

    def is_category(self, name: str) -> bool:
        """Return whether a column holds words or truth values rather than numbers.

        Raises
        ------
        UnknownColumnError
        """
        column = self._series(name)
        return pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column)

    def values(self, name: str) -> np.ndarray:
        """Return one column.

        Parameters
        ----------
        name : str
            Column of the catalogue.

        Returns
        -------
        ndarray, shape (n_objects,)
            Numbers: float64, NaN where missing or infinite. Categories: str objects ("yes" and
            "no" for truth values), None where missing.

        Raises
        ------
        UnknownColumnError
        """
        column = self._series(name)
        if not self.is_category(name):
            numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
            return np.where(np.isfinite(numbers), numbers, np.nan)
        codes, different = pd.factorize(column)  # missing is code -1: the last label
        labels = [*(_label(_python_scalar(value)) for value in different), None]
        return np.array(labels, dtype=object)[codes]

    @cached_property
    def _colour_columns(self) -> tuple[Column, ...]:
        names = [name for name in self.catalogue.columns if name not in _ESSENTIAL]
        chosen = [name for name in [*names, "ra_deg", "dec_deg"] if self._is_telling(name)]
        return tuple(map(self._column, chosen))

    def _is_telling(self, name: str) -> bool:
        values = self.values(name)
        if self.is_category(name):
            return 2 <= len(set(values) - {None}) <= _MOST_CATEGORIES
        n_different = len(np.unique(values[np.isfinite(values)]))
        is_identifier = (
            pd.api.types.is_integer_dtype(self.catalogue[name])
            and n_different == self.n_objects > _MOST_CATEGORIES
        )
        return n_different >= 2 and not is_identifier

    @cached_property
    def _from_bright_to_faint(self) -> np.ndarray | None:
        name = self.manifest.brightness_column
        if name is None or name not in self.catalogue or self.is_category(name):
            return None
        return np.argsort(self.values(name), kind="stable")  # NaN goes last

    def _checked(self, rows: Sequence[int]) -> list[int]:
        for row in rows:
            if not 0 <= row < self.n_objects:
                raise UnknownGalaxyError(
                    f"{self.title} has no row {row}: its rows are 0 to {self.n_objects - 1}."
                )
        return [int(row) for row in rows]

    def _column(self, name: str) -> Column:
        return self.columns.get(name, Column(name))

    def _series(self, name: str) -> pd.Series:
        if name not in self.catalogue:
            raise UnknownColumnError(
                f"{self.title} has no column '{str(name)[:60]}'. "
                f"It has {', '.join(map(str, self.catalogue.columns))}."
            )
        return self.catalogue[name]


def _python_scalar(value: Any) -> Any:
    """Return a str, bool, int or finite float; None for what is missing, an empty text too."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or value == "":
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | bool | int) else str(value)


def _label(scalar: Any) -> str | None:
    if isinstance(scalar, bool):
        return "yes" if scalar else "no"
    return None if scalar is None else str(scalar)
