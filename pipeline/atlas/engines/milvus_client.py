"""What is said to a Milvus: one collection, by one process. Nothing else imports pymilvus.

Milvus Lite and a cluster understand the same words. Whatever keeps an answer away is a
`MilvusGoneError`: the network, the server, the wait.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from pipeline.atlas.engines.milvus_columns import LONGEST_TEXT, NUMBER, TRUTH, field
from pipeline.atlas.errors import AtlasError

ROW, VECTOR = "row", "vector"
MOST_FOUND = 16_384  # Milvus returns no more
_PROPERTY = "galaxy_finder."
_CONNECT_S = 10.0
INSTALL = "Install it with 'pip install -r pipeline/requirements-optional.txt'."


class MilvusGoneError(OSError):
    """Milvus gives no answer, or none that can be used."""


def load_packages(*, lite: bool) -> None:
    """Load what it takes to ask Milvus: half a second, which is nobody's to wait for later.

    Raises
    ------
    AtlasError
        It is not installed; says what to do.
    """
    for package in ("pymilvus", "milvus_lite.server_manager") if lite else ("pymilvus",):
        try:
            import_module(package)
        except ImportError as error:
            raise AtlasError(
                f"The engine 'milvus' needs packages that are not installed ({error}). {INSTALL}"
            ) from error


class MilvusClient:
    """A connection of this process to a collection.

    Parameters
    ----------
    address : str
        ``http://HOST:PORT`` of a cluster, or the path of a database of Milvus Lite, ``....db``.
    token : str
        What the cluster knows us by; empty if it asks for nothing.
    timeout_s : float
        How long any answer is waited for.
    """

    def __init__(self, address: str, token: str, collection: str, timeout_s: float) -> None:
        import pymilvus

        # What goes wrong is said by who asked, once, and not by a traceback for each attempt.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        self._address, self.collection, self._timeout_s = address, collection, timeout_s
        self._pymilvus = pymilvus
        with self._translated():
            # A connection that others share would be theirs to break.
            self._client = pymilvus.MilvusClient(
                address, token=token, timeout=min(timeout_s, _CONNECT_S), dedicated=True
            )

    def close(self) -> None:
        """Close the connection, and the database of Milvus Lite."""
        with self._translated():
            self._client.close()
        if self._address.endswith(".db"):
            from milvus_lite.server_manager import server_manager_instance

            server_manager_instance.release_server(self._address)

    def exists(self) -> bool:
        """Whether there is such a collection."""
        with self._translated():
            return bool(self._client.has_collection(self.collection, timeout=self._timeout_s))

    def drop(self) -> None:
        """Remove the collection."""
        with self._translated():
            self._client.drop_collection(self.collection, timeout=self._timeout_s)

    def create(
        self, dim: int, kinds: Sequence[str], properties: Mapping[str, str], n_shards: int
    ) -> None:
        """Make the empty collection, with a field for each kind of value."""
        types = self._pymilvus.DataType
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field(ROW, types.INT64, is_primary=True)
        schema.add_field(VECTOR, types.FLOAT_VECTOR, dim=dim)
        for place, kind in enumerate(kinds):
            known: dict[str, Any] = {"nullable": True}
            if kind in (NUMBER, TRUTH):
                known["datatype"] = types.DOUBLE if kind == NUMBER else types.BOOL
            else:
                known |= {"datatype": types.VARCHAR, "max_length": LONGEST_TEXT}
            schema.add_field(field(place), **known)
        with self._translated():
            self._client.create_collection(
                self.collection,
                schema=schema,
                num_shards=n_shards,
                properties=_marked(properties),
                timeout=self._timeout_s,
            )

    def add(self, records: list[dict[str, Any]], *, again: bool) -> None:
        """Put galaxies into the collection; ``again`` where they may be there already."""
        put = self._client.upsert if again else self._client.insert
        with self._translated():
            put(self.collection, records, timeout=self._timeout_s)

    def flush(self) -> None:
        """Have everything written where it will stay."""
        with self._translated():
            self._client.flush(self.collection, timeout=self._timeout_s)

    def begin_index(self, kind: str, parameters: Mapping[str, Any]) -> None:
        """Begin to build the index; `n_unindexed` says how far it is."""
        index = self._client.prepare_index_params()
        index.add_index(VECTOR, index_type=kind, metric_type="IP", params=dict(parameters))
        with self._translated():
            self._client.create_index(self.collection, index, sync=False, timeout=self._timeout_s)

    def has_index(self) -> bool:
        """Whether there is an index, or one is being built."""
        with self._translated():
            return bool(self._client.list_indexes(self.collection, timeout=self._timeout_s))

    def n_unindexed(self) -> int:
        """Return how many galaxies the index still waits for."""
        with self._translated():
            state = self._client.describe_index(self.collection, VECTOR, timeout=self._timeout_s)
        return int(state.get("pending_index_rows", 0))

    def load(self, n_replicas: int = 1) -> None:
        """Have the collection ready for questions."""
        more = {"replica_number": n_replicas} if n_replicas > 1 else {}
        with self._translated():
            self._client.load_collection(self.collection, timeout=self._timeout_s, **more)

    def properties(self) -> dict[str, str]:
        """Return what `create` and `mark` have noted of the collection."""
        with self._translated():
            found = self._client.describe_collection(self.collection, timeout=self._timeout_s)
        noted = found.get("properties", {}).items()
        start = len(_PROPERTY)
        return {key[start:]: str(value) for key, value in noted if key.startswith(_PROPERTY)}

    def mark(self, properties: Mapping[str, str]) -> None:
        """Note something of the collection."""
        with self._translated():
            self._client.alter_collection_properties(
                self.collection, _marked(properties), timeout=self._timeout_s
            )

    def n_rows(self) -> int:
        """Return how many galaxies there are, those put in a moment ago among them."""
        with self._translated():
            (found,) = self._client.query(
                self.collection,
                filter="",
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=self._timeout_s,
            )
        return int(found["count(*)"])

    def vectors(self, rows: Sequence[int]) -> dict[int, np.ndarray]:
        """Return the vectors of those of some rows that there are."""
        with self._translated():
            found = self._client.query(
                self.collection,
                ids=list(rows),
                output_fields=[ROW, VECTOR],
                timeout=self._timeout_s,
            )
        return {int(one[ROW]): np.asarray(one[VECTOR], dtype=np.float32) for one in found}

    def nearest(
        self, direction: np.ndarray, n: int, search: Mapping[str, int], expression: str
    ) -> np.ndarray:
        """Return the rows of up to ``n`` galaxies near a direction, each once, int64."""
        with self._translated():
            (found,) = self._client.search(
                self.collection,
                data=[np.asarray(direction, dtype=np.float32)],
                limit=n,
                filter=expression,
                output_fields=[ROW],
                search_params={"metric_type": "IP", "params": dict(search)},
                timeout=self._timeout_s,
            )
            return np.unique(np.array([hit[ROW] for hit in found], dtype=np.int64))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from grpc import FutureTimeoutError, RpcError

        errors = (self._pymilvus.exceptions.MilvusException, RpcError, FutureTimeoutError)
        try:
            yield
        except (*errors, ValueError, KeyError) as error:  # the latter two: closed by another thread
            raise MilvusGoneError(f"{type(error).__name__}: {error}"[:500]) from error


def _marked(properties: Mapping[str, str]) -> dict[str, str]:
    return {_PROPERTY + key: value for key, value in properties.items()}
