"""A build of a few galaxies to break, and whether what it makes is what it made before."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import torch

from pipeline.config import (
    Config,
    EmbedConfig,
    EncoderConfig,
    EvaluateConfig,
    IngestConfig,
    InputConfig,
    TrainConfig,
)
from pipeline.stages import umap_layout
from pipeline.stages.build import Build

CONFIG = Config(
    name="broken",
    source={"kind": "mock", "n_objects": 24, "seed": 1},
    ingest=IngestConfig(chunk_rows=8, processes=1),
    input=InputConfig(field_px=128, input_px=32),
    encoder=EncoderConfig(width=8, head_dim=8),
    train=TrainConfig(epochs=3, batch_size=8, warmup_epochs=1, whitened_dim=16),
    embed=EmbedConfig(orientations=1),
    evaluate=EvaluateConfig(k=3, numbers=("mag_z",)),
)
STAGES = ("ingest", "train", "embed", "index", "umap2d", "evaluate", "publish")
# When it was published and how many milliseconds a query took: all else is the same each time.
TIMES = ("created", "query_ms", "exact_ms")


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


def _flip_in_secret(path: Path) -> None:
    """As a tool would that gives a file its former time."""
    before = path.stat()
    _flip(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("something")


def _make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _make_dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "truncated": _truncate,
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "one byte flipped": _flip,
    "one byte flipped, its time restored": _flip_in_secret,
    "empty": lambda path: path.write_bytes(b""),
    "other": lambda path: path.write_bytes(b"[]\n"),
    "removed": lambda path: path.unlink(),
    "a folder": _make_folder,
    "a pipe": _make_pipe,
    "a link to nothing": _make_dangling,
}


def quick_layout(embeddings, *_):
    """Stand in for UMAP, which takes most of the time and is broken in none of these ways."""
    return embeddings[:, :2]


def build_in(atlases: Path, config: Config = CONFIG) -> Build:
    torch.set_num_threads(1)  # rounding depends on their number
    umap_layout.lay_out = quick_layout
    return Build(config, atlases)


def copy_of(build: Build, atlases: Path) -> Build:
    """Return the same build elsewhere."""
    shutil.copytree(build.workspace.root.parent.parent, atlases)
    return build_in(atlases)


def files_of(build: Build, stage: str) -> list[Path]:
    """Return the results of a stage."""
    record = json.loads((build.workspace.folder(stage) / "done.json").read_text())
    return [Path(os.path.normpath(build.workspace.root / name)) for name in record["results"]]


def atlas_bytes(atlas: Path) -> dict[str, bytes]:
    """Return the files of an atlas without the times in its manifest."""
    files = {path.name: path.read_bytes() for path in sorted(atlas.iterdir())}
    manifest = json.loads(files["manifest.json"])
    for part in (manifest, manifest["index"]):
        for name in TIMES:
            part.pop(name, None)
    return files | {"manifest.json": json.dumps(manifest).encode()}
