"""Putting a survey into Milvus, chunk by chunk: interrupted, it goes on with the next one."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.atlas.engines.engine import EngineError
from pipeline.atlas.engines.milvus_access import IndexKind
from pipeline.atlas.engines.milvus_client import ROW, VECTOR, MilvusClient
from pipeline.atlas.engines.milvus_columns import kinds_of, records
from pipeline.atlas.engines.vectors import Vectors
from pipeline.atlas.whole_files import whole_file

log = logging.getLogger(__name__)

CHUNK_ROWS = 8_192  # a message of 4 MB at 128 dimensions, where Milvus takes 64
_LOOK_EVERY_S = 0.5
_SAY_EVERY_S = 60.0

Pieces = Callable[[], Iterator[pd.DataFrame]]


@dataclass(frozen=True)
class Load:
    """What is to be in a collection.

    Attributes
    ----------
    vectors : Vectors
    pieces : function or None
        Yields the catalogue in order, piece by piece.
    kinds : dict of str to str
        The columns of it that Milvus keeps.
    index, n_lists, n_shards
        The kind of index, the lists of one that has some, and how many nodes take part.
    """

    vectors: Vectors
    pieces: Pieces | None
    kinds: dict[str, str]
    index: IndexKind
    n_lists: int
    n_shards: int = 1

    @classmethod
    def of(cls, vectors: Vectors, options: Mapping[str, Any]) -> Load:
        """Return what the ``[index]`` part of a configuration asks for."""
        pieces: Pieces | None = options.get("catalogue")
        kinds = {} if pieces is None else kinds_of(next(pieces()), options.get("milvus_columns"))
        # Source: Milvus, "In-memory Index", on nlist: 4 sqrt(n) of a segment, of up to 10^6 rows.
        n_lists = int(np.clip(4 * np.sqrt(min(len(vectors), 10**6)), 128, 4096))
        index = options.get("milvus_index", "HNSW")
        return cls(vectors, pieces, kinds, index, n_lists, options.get("milvus_shards", 1))

    @property
    def build_parameters(self) -> dict[str, int]:
        """What Milvus is told of the index."""
        if self.index == "HNSW":
            return {"M": 16, "efConstruction": 200}
        return {"nlist": self.n_lists} if self.index.startswith("IVF") else {}

    def digest(self) -> str:
        """Return the SHA-256 of all this: collections are called by it, so none is overwritten."""
        about = [len(self.vectors), self.vectors.dim, *self.kinds.items()]
        about += [self.index, self.build_parameters, self.n_shards]
        digest = hashlib.sha256(json.dumps(about).encode())
        for start in range(0, len(self.vectors), CHUNK_ROWS):
            digest.update(self.vectors[start : start + CHUNK_ROWS].tobytes())
        for piece in self.pieces() if self.pieces is not None and self.kinds else ():
            hashes = pd.util.hash_pandas_object(piece[list(self.kinds)], index=False)
            digest.update(hashes.to_numpy().tobytes())
        return digest.hexdigest()

    def chunks(self) -> Iterator[pd.DataFrame]:
        """Yield the columns of `CHUNK_ROWS` galaxies after the other."""
        n_objects = len(self.vectors)
        if self.pieces is None or not self.kinds:
            for start in range(0, n_objects, CHUNK_ROWS):
                yield pd.DataFrame(index=range(start, min(start + CHUNK_ROWS, n_objects)))
            return
        waiting = pd.DataFrame()
        for piece in self.pieces():
            chosen = piece[list(self.kinds)]
            waiting = chosen if waiting.empty else pd.concat([waiting, chosen], ignore_index=True)
            while len(waiting) >= CHUNK_ROWS:
                yield waiting.iloc[:CHUNK_ROWS]
                waiting = waiting.iloc[CHUNK_ROWS:]
        if len(waiting):
            yield waiting


def load(
    client: MilvusClient,
    wanted: Load,
    build: str,
    note: Path | None,
    advance: Callable[[], object],
) -> None:
    """Bring a collection to what is wanted, whatever of that there is.

    Parameters
    ----------
    build : str
        The digest of what is wanted, which the collection keeps.
    note : Path or None
        Where to note how many galaxies are in it; only so can an interrupted load go on.

    Raises
    ------
    MilvusGoneError
    EngineError
        It does not hold what was put into it.
    """
    n_objects, n_there = len(wanted.vectors), 0
    if client.exists():
        noted = client.properties()
        is_whole = noted.get("build") == build and noted.get("loaded") == str(n_objects)
        n_there = n_objects if is_whole else _noted(note, client.collection)
        if not n_there:
            client.drop()
    if not n_there:
        kinds = list(wanted.kinds.values())
        client.create(wanted.vectors.dim, kinds, {"build": build}, wanted.n_shards)
    elif n_there < n_objects:
        log.info("index: Milvus has %d of %d galaxies already", n_there, n_objects)
    _put(client, wanted, n_there, note, advance)
    client.flush()
    if not client.has_index():
        client.begin_index(wanted.index, wanted.build_parameters)
    _wait(client)
    client.load()
    if (n_rows := client.n_rows()) != n_objects:
        client.drop()
        raise EngineError(
            f"Milvus holds {n_rows} of the {n_objects} galaxies that were put into its collection "
            f"{client.collection}, which is removed. The same command puts them there again."
        )
    client.mark({"loaded": str(n_objects)})
    if note is not None:
        note.unlink(missing_ok=True)


def _put(
    client: MilvusClient,
    wanted: Load,
    n_there: int,
    note: Path | None,
    advance: Callable[[], object],
) -> None:
    start, again = 0, n_there > 0
    for chunk in wanted.chunks():
        end = start + len(chunk)
        if end > n_there:
            vectors = wanted.vectors[start:end]
            galaxies = zip(range(start, end), vectors, records(chunk, wanted.kinds), strict=True)
            put = [{ROW: row, VECTOR: vector, **values} for row, vector, values in galaxies]
            client.add(put, again=again)  # the first may be there in part
            again = False
            if note is not None:
                with whole_file(note) as partial:
                    partial.write_text(json.dumps([client.collection, end]))
        for _ in range(len(chunk)):
            advance()
        start = end
    if start != len(wanted.vectors):
        raise EngineError(
            f"The catalogue has {start} rows for {len(wanted.vectors)} embeddings. Run the stage "
            "'ingest' again, and those after it."
        )


def _noted(note: Path | None, collection: str) -> int:
    """Return how many galaxies a collection is known to hold."""
    try:
        noted: Any = json.loads(note.read_text()) if note is not None else None
    except (OSError, ValueError):
        return 0
    is_ours = isinstance(noted, list) and len(noted) == 2 and noted[0] == collection
    return int(noted[1]) if is_ours and isinstance(noted[1], int) else 0


def _wait(client: MilvusClient) -> None:
    """Wait until the index is built, which takes hours for 10^9 galaxies."""
    said = time.monotonic()
    while n_left := client.n_unindexed():
        if time.monotonic() - said > _SAY_EVERY_S:
            said = time.monotonic()
            log.info("index: Milvus still has %d galaxies to go", n_left)
        time.sleep(_LOOK_EVERY_S)
