"""Stage 3: export the embedding of every galaxy, chunk by chunk, here or on a cluster.

The chunks are as the model gives them; once all are there, they are put into the frame of the
atlas, see `pipeline.atlas.frame`.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np

from pipeline.atlas.frame import Frame
from pipeline.atlas.manifest import EmbeddingInfo
from pipeline.atlas.whole_files import whole_file, write_array
from pipeline.config import Config
from pipeline.encoder.chunk_embedder import ChunkEmbedder
from pipeline.stages.cluster import on_workers
from pipeline.store.cutouts import CutoutStore
from pipeline.store.progress import progress
from pipeline.store.sums import Ledger, kept_file
from pipeline.store.workspace import Workspace


def run(config: Config, workspace: Workspace, scheduler: str | None = None) -> None:
    """Write ``embeddings.npy`` and an `EmbeddingInfo`; chunks that exist are not computed again.

    Parameters
    ----------
    scheduler : str, optional
        Address of a Dask cluster that computes. Its workers read cutouts and weights, this process
        writes.

    Raises
    ------
    EmbeddingError
        The encoder returns numbers that are not finite.
    ClusterError
        The cluster cannot be used; what is done is kept.
    """
    store = CutoutStore(workspace.cutout_store)
    embed_chunk = ChunkEmbedder.of(config, workspace)
    parts = [
        workspace.embeddings.with_name(f"embeddings-{number:06d}.npy")
        for number in range(store.n_chunks)
    ]
    ledger = Ledger(workspace.folder("embed"))
    missing = [number for number, part in enumerate(parts) if not ledger.knows(part)]
    done = len(store) - sum(store.chunk_rows[number] for number in missing)
    chunks = (
        ((number, embed_chunk(number)) for number in missing)
        if scheduler is None
        else on_workers(scheduler, embed_chunk, missing)
    )
    with (
        progress("embed", total=len(store), unit="galaxy", done=done) as bar,
        closing(chunks),
    ):
        for number, embeddings in chunks:
            with kept_file(parts[number]) as partial:
                write_array(partial, embeddings)
            bar.update(len(embeddings))
    frame = _frame(parts, len(store)) if config.embed.centre else Frame()
    _join(parts, len(store), frame, workspace.embeddings)
    info = EmbeddingInfo(
        dim=np.load(parts[0], mmap_mode="r").shape[1],
        dtype=config.embed.dtype,
        centre=None if frame.centre is None else tuple(frame.centre.tolist()),
    )
    with whole_file(workspace.embedding_info) as partial:
        partial.write_text(json.dumps(asdict(info)))


def _frame(parts: list[Path], n_rows: int) -> Frame:
    """Return the frame around the mean of all embeddings."""
    total = sum(np.load(part).sum(axis=0, dtype=np.float64) for part in parts)
    return Frame.around(total / n_rows, n_rows)


def _join(parts: list[Path], n_rows: int, frame: Frame, path: Path) -> None:
    """Write the parts one after another; a mapped file would crash on a full disk."""
    first = np.load(parts[0], mmap_mode="r")
    with whole_file(path) as partial, partial.open("wb") as file:
        header = np.lib.format.header_data_from_array_1_0(first)
        header["shape"] = (n_rows, first.shape[1])
        np.lib.format.write_array_header_1_0(file, header)
        for part in parts:
            # By `write`, whose errors say which they are: `tofile` has no word for a full disk.
            file.write(frame.into(np.load(part)).astype(first.dtype).tobytes())
