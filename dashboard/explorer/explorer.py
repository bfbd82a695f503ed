"""The questions that people ask of an atlas: numpy in, numpy out, no Dash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from dashboard.explorer.embedder import Embedder
from dashboard.explorer.galaxy import Galaxy
from dashboard.explorer.neighbours import Neighbours, NeighbourSearch, Question
from dashboard.explorer.reach import Reach
from dashboard.filters.all_columns import FilterColumns
from dashboard.filters.columns import ChoiceColumn, NumberColumn
from dashboard.filters.criteria import criteria_of
from dashboard.filters.filters import Filters
from dashboard.filters.values import categories, numbers, python_scalar
from dashboard.names.atlas import AtlasNames
from dashboard.sky.coordinates import SkyPosition
from dashboard.sky.separations import Footprint, Sky, separation_arcsec
from pipeline.atlas import Atlas, Column, Condition, Remote, size_columns

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


class Explorer:
    """Answers about one open atlas. Safe to share between threads: only its memory changes."""

    def __init__(self, atlas: Atlas) -> None:
        self.memory: dict[Any, dict[Any, Any]] = {}  # what dashboard.explorer.memo remembers
        self.manifest = atlas.manifest
        self.name = atlas.manifest.name
        self.title = atlas.manifest.title
        # By name, this one among them: see dashboard.explorer.across.
        self.open_atlases: Mapping[str, Explorer] = {self.name: self}
        self.columns = {name: atlas.columns.get(name, Column(name)) for name in atlas.catalogue}
        self.catalogue = atlas.catalogue
        self.map_xy = atlas.map_xy
        self.map_order = atlas.map_order  # None where nobody has published it; see `guard`
        self.thumbnails = atlas.thumbnails
        self.n_objects = len(atlas.catalogue)
        self._keeper = atlas.keeper
        self._evaluation, self._evaluation_now = atlas.evaluation, atlas.evaluation_now
        # What is mapped in its place is read only as long as it is what was published.
        self.names = AtlasNames(atlas.catalogue, atlas.names, atlas.vectors.check)
        self.frame = atlas.frame  # in which embeddings are compared; others are brought into it
        self.embedder = Embedder.of(atlas)  # of pictures that users bring; None if there is none
        self.filter_columns = FilterColumns(atlas.catalogue, self.columns, atlas.map_xy)
        self.footprint = None if atlas.footprint is None else Footprint(atlas.footprint)
        self._sky = Sky(
            atlas.catalogue["ra_deg"].to_numpy(np.float64),
            atlas.catalogue["dec_deg"].to_numpy(np.float64),
            atlas.sky,
            atlas.vectors.check,
        )
        sizes = [
            (numbers(atlas.catalogue[name]), arcsec)
            for name, arcsec in size_columns(atlas.catalogue, self.columns)
        ]
        self._reach = Reach(sizes, self._sky)
        self.search = NeighbourSearch(atlas.vectors, atlas.engine, self._sky.directions)

    def guard(self) -> None:
        """Raise a ChangedError if a mapped file of the atlas is not what it was."""
        if self._keeper is not None:
            self._keeper.guard()

    def condition(self) -> Condition:
        """Return in what condition the files of the atlas are: cheap, the disk is not asked often.

        What they hold is in memory, or checked as it is read: answers are right in any condition,
        and a ChangedError where there can be none.
        """
        found = Condition() if self._keeper is None else self._keeper.condition()
        engine = self.search.engine
        if found.status == "ok" and isinstance(engine, Remote) and (why := engine.trouble()):
            return Condition("ok" if engine.has_substitute else "unreachable", why)
        return found

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
        semi_major_arcsec = self._reach.semi_major_arcsec(slice(row, row + 1))
        return max(self.near_arcsec, share * float(semi_major_arcsec.max(initial=0)))

    def galaxy_at(self, position: SkyPosition, share: float = 1.0) -> tuple[int, float] | None:
        """Return the row of the galaxy that ``position`` lies in, and its separation in arcsec.

        The nearest one if it reaches so far, see `reach_arcsec`; else the one to whose
        centre it is nearest for its size; None if it lies in none.
        """
        row, separation = self.nearest_on_sky(position)
        if separation <= self.reach_arcsec(row, share):
            return row, separation
        rows, separations = self._reach.around(position, share)
        reach = np.maximum(self.near_arcsec, share * self._reach.semi_major_arcsec(rows))
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
        first = self.manifest.first_object_id
        row = None if first is None else self.names.row_of(first)
        return self.nearest_on_sky(FIRST_QUERY)[0] if row is None else row

    def row_of(self, object_id: str) -> int:
        """Return the row of a galaxy; raise an UnknownGalaxyError if there is none."""
        row = self.names.row_of(str(object_id))
        if row is None:
            raise UnknownGalaxyError(
                f"{self.title} has no galaxy called '{str(object_id)[:60]}'. "
                "Search for its position instead."
            )
        return row

    def has(self, object_id: str) -> bool:
        """Return whether there is a galaxy with this identifier."""
        return self.names.row_of(object_id) is not None

    def rows_called(self, name: str) -> list[int]:
        """Return the rows of the galaxies of this identifier or name: none, one, or several.

        The identifier as it is written in the catalogue is one galaxy's; else any spelling of an
        identifier, of a common name or of a further name counts.
        """
        row = self.names.row_of(name)
        return self.names.rows(name) if row is None else [row]

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
        misses none, see `NeighbourSearch.checked`. ``among``: the galaxies that pass the filters,
        and perhaps more than these, bool (n_objects,), where that is known already.

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
        passes = self.passing(filters) if among is None else among
        return search(question, k, passes, criteria_of(filters))

    def galaxy(self, row: int) -> Galaxy:
        """Return what the catalogue knows of a galaxy, or raise an UnknownGalaxyError."""
        (row,) = self._checked([row])
        values = tuple(
            (self.columns[name], python_scalar(self.catalogue[name].array[row]))
            for name in self.catalogue
            if name not in _ESSENTIAL
        )
        object_id = str(self.catalogue["object_id"].array[row])
        return Galaxy(row, object_id, self._sky.position(row), values)

    def is_category(self, name: str) -> bool:
        """Return whether a column holds words, truth values or codes; see `values` for errors."""
        self._series(name)
        return not isinstance(self.filter_columns[name], NumberColumn)

    def values(self, name: str) -> np.ndarray:
        """Return one column of the catalogue.

        Returns
        -------
        ndarray, shape (n_objects,)
            Numbers: float64, NaN where missing or infinite; not copied where the catalogue has
            them so, hence read-only. Categories: str objects ("yes" and "no" for truth values),
            None where missing: 8 bytes a galaxy, see `codes`.

        Raises
        ------
        UnknownColumnError
        """
        if self.is_category(name):
            codes, labels = self.codes(name)
            return np.array(labels, dtype=object)[codes]
        values = numbers(self._series(name)).astype(np.float64, copy=False)
        if np.isinf(values).any():
            values = np.where(np.isinf(values), np.nan, values)
        values = values.view()
        values.flags.writeable = False
        return values

    def codes(self, name: str) -> tuple[np.ndarray, tuple[str | None, ...]]:
        """Return a column of categories by number: one or two bytes a galaxy where that is enough.

        Returns
        -------
        codes : ndarray of int, shape (n_objects,)
            Which of the labels is a galaxy's; -1, the last one, where missing. Read-only.
        labels : tuple of str or None
            As in `values`. None for what is missing, which may be several of them; some may be no
            galaxy's.

        Raises
        ------
        UnknownColumnError
            There is no such column, or it holds numbers.
        """
        column = self._series(name)
        found = self.filter_columns[name]
        if isinstance(found, NumberColumn):
            raise UnknownColumnError(f"The column '{name}' of {self.title} holds numbers.")
        codes, labels = found.codes if isinstance(found, ChoiceColumn) else categories(column)
        codes = codes.view()
        codes.flags.writeable = False
        return codes, tuple(labels)

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
                f"It has {', '.join(self.catalogue)}."
            )
        return self.catalogue[name]
