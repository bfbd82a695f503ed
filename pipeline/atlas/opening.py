"""What it takes to open an atlas: every file open, copied where it must be, compared with its hash.

Small files are read whole; embeddings, index and, of a large atlas, catalogue, names and sky are
mapped from private copies; thumbnails are read one by one. In an atlas of more than 2 GB what is
not copied is compared in the background.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from pipeline.atlas.catalogue import Column
from pipeline.atlas.columns import Catalogue
from pipeline.atlas.condition import Keeper, Late
from pipeline.atlas.engines import Engine, Vectors, engine_file, open_engine
from pipeline.atlas.errors import REBUILD, AtlasError
from pipeline.atlas.files import (
    CATALOGUE,
    EMBEDDINGS,
    MAP_ORDER,
    MAPPED_CATALOGUE,
    READ_WHOLE,
    THUMBNAILS,
    check_embeddings,
    map_catalogue,
    open_files,
    open_thumbnails,
    read_array,
    read_catalogue,
)
from pipeline.atlas.lookup_files import (
    ARRAY_HEADER_BYTES,
    LOOKUP_FILES,
    NAMES,
    SKY_BOXES,
    SKY_ROWS,
    check_names,
    check_sky,
)
from pipeline.atlas.manifest import Manifest
from pipeline.atlas.map_order import is_order
from pipeline.atlas.private_copies import held, let_go, place_for
from pipeline.atlas.sky_order import SkyOrder, boxes_of_levels
from pipeline.atlas.thumbnails import Thumbnails

_MOST_BYTES_AT_ONCE = 2_000_000_000
_NAME_BYTES = 8  # of a hash, and of who bears it


class Opening:
    """An atlas that is being opened. Its methods raise an AtlasError for what is damaged.

    Parameters
    ----------
    path : Path
    manifest : Manifest
    thorough : bool
        Check every embedding, and all now, without private copies: the atlas will not be served.
    """

    def __init__(self, path: Path, manifest: Manifest, *, thorough: bool) -> None:
        self._path, self._manifest, self._thorough = path, manifest, thorough
        self._index = engine_file(manifest.index)
        self.files = open_files(path, manifest, self._index)
        self._keeper = Keeper(path, manifest, self.files)
        n_bytes = sum(file.size for file in self.files.values())
        self._is_late = not thorough and n_bytes > _MOST_BYTES_AT_ONCE
        self._late: list[Late] = []
        self._mapped = self.files.keys() & {
            *(EMBEDDINGS, self._index, MAPPED_CATALOGUE, MAP_ORDER),
            *LOOKUP_FILES,
        }
        n_mapped_bytes = sum(self.files[name].size for name in self._mapped)
        self._place = None if thorough else place_for(n_mapped_bytes)

    def catalogue(self) -> tuple[Catalogue, dict[str, Column]]:
        """Return the catalogue and what its columns are: mapped, if it has a file for that."""
        manifest = self._manifest
        if MAPPED_CATALOGUE not in self.files:
            return read_catalogue(self.files[CATALOGUE], manifest)
        self._check(CATALOGUE)
        file = self.files[MAPPED_CATALOGUE]
        with held(file, self._place) as copy:
            if copy.in_place:
                self._keeper.watch_mapped(MAPPED_CATALOGUE)
                self._check(MAPPED_CATALOGUE)
            series, columns = map_catalogue(file, copy.content, manifest, thorough=self._thorough)
            let_go(copy.content)
        return Catalogue(series, partial(self._keeper.guard, MAPPED_CATALOGUE)), columns

    def vectors(self) -> Vectors:
        """Return the embeddings."""
        manifest, file = self._manifest, self.files[EMBEDDINGS]
        shape = (manifest.n_objects, manifest.embedding.dim)
        with held(file, self._place) as copy:
            if copy.in_place:
                self._keeper.watch_mapped(EMBEDDINGS)
                self._check(EMBEDDINGS)
            embeddings = read_array(file.path, copy.content, shape, manifest.embedding.dtype)
        check_embeddings(file, embeddings, thorough=self._thorough)
        let_go(embeddings)
        return Vectors(embeddings, self._keeper.guard)

    def engine(self, vectors: Vectors) -> Engine:
        """Return the engine: without its file as long as that is compared in the background."""
        info, index = self._manifest.index, self._index
        if index is None:
            return open_engine(self._path, info, vectors, None)
        with held(self.files[index], self._place) as copy:
            if not copy.in_place:
                return open_engine(self._path, info, vectors, copy.path)
            self._keeper.watch_mapped(index)
            if not self._is_late:
                self._check(index)
                return open_engine(self._path, info, vectors, copy.path)
            engine = open_engine(self._path, info, vectors, None)

            def load(is_whole: bool) -> None:
                if is_whole:
                    engine.load(self._path / index, copy.path)

            self._check(index, done=load)
            return engine

    def map_order(self) -> np.ndarray | None:
        """Return the rows in the order of the map, if that was published."""
        if MAP_ORDER not in self.files:
            return None
        with self._array(MAP_ORDER, (self._manifest.n_objects,), "uint32") as order:
            if not is_order(order, len(order)):
                path = self._path / MAP_ORDER
                raise AtlasError(f"{path} does not name each galaxy once. {REBUILD}")
        return order

    def names(self) -> np.ndarray | None:
        """Return the table of names, if there is one."""
        if NAMES not in self.files:
            return None
        n_names = (self.files[NAMES].size - ARRAY_HEADER_BYTES) // (2 * _NAME_BYTES)
        with self._array(NAMES, (2, n_names), "uint64") as table:
            check_names(self._path / NAMES, table, self._manifest.n_objects)
        return table

    def sky(self) -> SkyOrder | None:
        """Return the order of the galaxies on the sky, if it is there."""
        if not {SKY_ROWS, SKY_BOXES} <= self.files.keys():
            return None
        n_objects = self._manifest.n_objects
        n_boxes = sum(boxes_of_levels(n_objects))
        with (
            self._array(SKY_ROWS, (n_objects,), "uint32") as rows,
            self._array(SKY_BOXES, (n_boxes, 6), "float32") as boxes,
        ):
            order = SkyOrder(rows, boxes)
            check_sky(self._path, order)
        return order

    @contextmanager
    def _array(self, name: str, shape: tuple[int, ...], dtype: str) -> Iterator[np.ndarray]:
        """Yield the array in a file, mapped, to be looked at; what was is then let go."""
        file = self.files[name]
        with held(file, self._place) as copy:
            if copy.in_place:
                self._keeper.watch_mapped(name)
                self._check(name)
            yield read_array(file.path, copy.content, shape, dtype)
            let_go(copy.content)

    def thumbnails(self) -> Thumbnails | None:
        """Return the thumbnails, if there are any."""
        thumbnails = open_thumbnails(self._path, self._manifest, self.files)
        if thumbnails is not None:
            self._check(THUMBNAILS, thumbnails.mark, thumbnails.settle)
        return thumbnails

    def keeper_of_all(self) -> Keeper:
        """Return what watches the files, once those are checked that nothing else has read."""
        for name in self.files.keys() - READ_WHOLE - {THUMBNAILS} - self._mapped:
            self._check(name)
        self._keeper.check_late(self._late)
        return self._keeper

    def _check(
        self,
        name: str,
        before: Callable[[], object] = lambda: None,
        done: Callable[[bool], object] = lambda is_whole: None,
    ) -> None:
        """Compare a file with its hash, now or in the background: see `Late`."""
        if self._is_late:
            self._late.append(Late(self.files[name], before, done))
        else:
            before()
            self.files[name].check()
