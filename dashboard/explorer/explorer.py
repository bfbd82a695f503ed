"""The questions that people ask of an atlas: numpy in, numpy out, no Dash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard.explorer.embedder import Embedder
from dashboard.explorer.neighbours import Neighbours, NeighbourSearch, Question
from dashboard.filters.codes import as_codes, is_coded
from dashboard.filters.columns import FilterColumns
from dashboard.filters.filters import Filters
from dashboard.filters.values import categories, is_category, numbers, python_scalar
from dashboard.names.atlas import AtlasNames
from dashboard.sky.coordinates import SkyPosition
from dashboard.sky.separations import Footprint, Sky, separation_arcsec
from pipeline.atlas import Atlas, Column, Condition, semi_major_axes_arcsec

# A galaxy this near to the position asked for is meant, however small it is: 10 px of 0.262 arcsec.
# Source: G. Stein's galaxy_search, as its first query.
NEAR_PX = 10
NEAR_ARCSEC = 2.62
FIRST_QUERY = SkyPosition(199.3324, 20.6382)

_ESSENTIAL = ("object_id", "ra_deg", "dec_deg")
_ALL = Filters()


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
    """Answers about one open atlas. Safe to share between threads: only its memory changes."""

    def __init__(self, atlas: Atlas) -> None:
        self.memory: dict[Any, dict[Any, Any]] = {}  # what dashboard.explorer.memo remembers
        self.manifest = atlas.manifest
        self.name = atlas.manifest.name
        self.title = atlas.manifest.title
        # By name, this one among them: see dashboard.explorer.across.
        self.open_atlases: Mapping[str, Explorer] = {self.name: self}
        self.columns = {
            name: atlas.columns.get(name, Column(name)) for name in map(str, atlas.catalogue)
        }
        self.catalogue = atlas.catalogue
        self.map_xy = atlas.map_xy
        self.thumbnails = atlas.thumbnails
        self.n_objects = len(atlas.catalogue)
        self._keeper = atlas.keeper
        self._evaluation, self._evaluation_now = atlas.evaluation, atlas.evaluation_now
        self.names = AtlasNames(atlas.catalogue)
        self.frame = atlas.frame  # in which embeddings are compared; others are brought into it
        self.embedder = Embedder.of(atlas)  # of pictures that users bring; None if there is none
        self.filter_columns = FilterColumns(atlas.catalogue, self.columns, atlas.map_xy)
        self.footprint = None if atlas.footprint is None else Footprint(atlas.footprint)
        self._arrays = {str(name): atlas.catalogue[name].array for name in atlas.catalogue}
        self._row_of_id = pd.Index(atlas.catalogue["object_id"])
        self._sky = Sky(
            atlas.catalogue["ra_deg"].to_numpy(np.float64),
            atlas.catalogue["dec_deg"].to_numpy(np.float64),
        )
        self._semi_major_arcsec = semi_major_axes_arcsec(atlas.catalogue, self.columns)
        self._largest_arcsec = float(self._semi_major_arcsec.max())
        self.search = NeighbourSearch(atlas.vectors, atlas.engine, directions=self._sky.vectors)

    def condition(self) -> Condition:
        """Return in what condition the files of the atlas are: cheap, the disk is not asked often.

        What they hold is in memory, or checked as it is read: answers are right in any condition,
        and a ChangedError where there can be none.
        """
        return Condition() if self._keeper is None else self._keeper.condition()

    @property
    def evaluation(self) -> dict[str, Any]:
        """Figures of merit, for the method page; empty until they have been measured."""
        if not self._evaluation:
            self._evaluation = self._evaluation_now()
        return self._evaluation

    @property
    def near_arcsec(self) -> float:
        """How far a galaxy may be from a position and still be the one that is meant: 10 px."""
        scale = self.manifest.pixel_scale_arcsec
        return NEAR_ARCSEC if scale is None else NEAR_PX * scale

    def reach_arcsec(self, row: int, share: float = 1.0) -> float:
        """Return how far from its centre a galaxy is still meant: 10 px, or half its major axis.

        Of half its major axis, if the catalogue knows it, only ``share``.
        """
        return max(self.near_arcsec, share * float(self._semi_major_arcsec[row]))

    def galaxy_at(self, position: SkyPosition, share: float = 1.0) -> tuple[int, float] | None:
        """Return the row of the galaxy that ``position`` lies in, and its separation in arcsec.

        The nearest one if it reaches so far, see `reach_arcsec`; else the one to whose
        centre it is nearest for its size; None if it lies in none.
        """
        row, separation = self.nearest_on_sky(position)
        if separation <= self.reach_arcsec(row, share):
            return row, separation
        rows, separations = self._sky.within(position, share * self._largest_arcsec)
        reach = np.maximum(self.near_arcsec, share * self._semi_major_arcsec[rows])
        if not len(rows) or np.min(separations / reach) > 1:
            return None
        row = int(rows[np.argmin(separations / reach)])
        return row, self.separation_arcsec(row, position)

    def nearest_on_sky(self, position: SkyPosition) -> tuple[int, float]:
        """Return the row of the galaxy nearest to ``position``, and its separation in arcsec."""
        return self._sky.nearest(position)

    def separation_arcsec(self, row: int, position: SkyPosition) -> float:
        """Return how far a galaxy lies from ``position``, in arcsec."""
        return separation_arcsec(self._sky.position(row), position)

    def outside_arcsec(self, position: SkyPosition) -> float:
        """Return how far outside the footprint ``position`` lies; 0 inside, or if it is unknown."""
        return 0.0 if self.footprint is None else self.footprint.separation_arcsec(position)

    def default_row(self) -> int:
        """Return the galaxy to start with: the atlas's own, or the one nearest to `FIRST_QUERY`."""
        if self.manifest.first_object_id in self._row_of_id:
            return self.row_of(str(self.manifest.first_object_id))
        return self.nearest_on_sky(FIRST_QUERY)[0]

    def row_of(self, object_id: str) -> int:
        """Return the row of a galaxy; raise an UnknownGalaxyError if there is none."""
        try:
            return int(self._row_of_id.get_loc(str(object_id)))
        except KeyError:
            raise UnknownGalaxyError(
                f"{self.title} has no galaxy called '{str(object_id)[:60]}'. "
                "Search for its position instead."
            ) from None

    def has(self, object_id: str) -> bool:
        """Return whether there is a galaxy with this identifier."""
        return object_id in self._row_of_id

    def rows_called(self, name: str) -> list[int]:
        """Return the rows of the galaxies of this identifier or name: none, one, or several.

        The identifier as it is written in the catalogue is one galaxy's; else any spelling of an
        identifier, of a common name or of a further name counts.
        """
        if name in self._row_of_id:
            return [self.row_of(name)]
        return self.names.rows(name)

    def passing(self, filters: Filters) -> np.ndarray | None:
        """Return which galaxies pass, see `FilterColumns.passing`."""
        return self.filter_columns.passing(filters)

    def neighbours(
        self,
        asked: Question | Sequence[int],
        k: int,
        filters: Filters = _ALL,
        *,
        checked: bool = False,
        among: np.ndarray | None = None,
    ) -> Neighbours:
        """Return the ``k`` galaxies within ``filters`` most similar to what is asked for.

        ``asked`` may be just the rows to be similar to. The galaxies of the query are excluded, and
        of galaxies near each other on the sky only the best is kept: see `Question`. Fewer than
        ``k`` come back only if there are no more. ``checked``: with all galaxies, so that the index
        misses none, see `NeighbourSearch.checked`. ``among``: the galaxies that pass, bool
        (n_objects,), where that is known already.

        Raises
        ------
        NoCommonDirectionError
            The embeddings of the query cancel each other.
        UnknownGalaxyError
            A row that the atlas does not have.
        """
        question = asked if isinstance(asked, Question) else Question(tuple(asked))
        self._checked(question.examples)
        search = self.search.checked if checked else self.search.nearest
        return search(question, k, self.passing(filters) if among is None else among)

    def galaxy(self, row: int) -> Galaxy:
        """Return what the catalogue knows of a galaxy, or raise an UnknownGalaxyError."""
        (row,) = self._checked([row])
        values = tuple(
            (self.columns[name], python_scalar(array[row]))
            for name, array in self._arrays.items()
            if name not in _ESSENTIAL
        )
        object_id = str(self._arrays["object_id"][row])
        return Galaxy(row, object_id, self._sky.position(row), values)

    def is_category(self, name: str) -> bool:
        """Return whether a column holds words, truth values or codes; see `values` for errors."""
        series = self._series(name)
        return is_category(series) or is_coded(self.columns.get(name, Column(name)), series)

    def values(self, name: str) -> np.ndarray:
        """Return one column of the catalogue.

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
        if is_coded(self.columns.get(name, Column(name)), column):
            column = as_codes(column)
        if not is_category(column):
            values = numbers(column).astype(np.float64)
            return np.where(np.isfinite(values), values, np.nan)
        codes, labels = categories(column)
        return np.array(labels, dtype=object)[codes]

    def _checked(self, rows: Sequence[int]) -> list[int]:
        for row in rows:
            if not 0 <= row < self.n_objects:
                raise UnknownGalaxyError(
                    f"{self.title} has no row {row}: its rows are 0 to {self.n_objects - 1}."
                )
        return [int(row) for row in rows]

    def _series(self, name: str) -> pd.Series:
        if name not in self.catalogue:
            raise UnknownColumnError(
                f"{self.title} has no column '{str(name)[:60]}'. "
                f"It has {', '.join(map(str, self.catalogue.columns))}."
            )
        return self.catalogue[name]
