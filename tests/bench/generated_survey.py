"""Builds of a survey of any size: the galaxies of `lifelike`, with tiny pictures made on the spot.

What is measured is how the pipeline deals with many galaxies, not how it draws or sees them. A
build of few galaxies goes through everything, with pictures of 16 px and a network that was never
trained. That network would need hours for ten million pictures, so that a build of many is given
embeddings, as if a former run had left them: those of `lifelike`, which have the statistics of real
ones, while what an untrained network makes of blobs has not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from pydantic.dataclasses import dataclass

from pipeline.atlas.whole_files import write_array
from pipeline.config import (
    Config,
    EmbedConfig,
    EncoderConfig,
    EvaluateConfig,
    IndexConfig,
    IngestConfig,
    InputConfig,
    ThumbnailConfig,
    TrainConfig,
    UmapConfig,
)
from pipeline.sources import Chunk, Survey
from pipeline.sources.registry import SOURCES
from pipeline.sources.source import STRICT, SourceConfig
from pipeline.stages.build import Build
from pipeline.store.cutouts import CutoutStore
from pipeline.store.sums import Ledger, kept_file
from tests.bench.lifelike import BLOCK_ROWS, COLUMNS, LifelikeSurvey

READERS = 2  # processes of ingest
ENCODER = "encoder.safetensors"
PICTURED, GIVEN = "pictured", "given"  # the two builds, and their atlases
_CUTOUT_PX = {PICTURED: 16, GIVEN: 8}
_CHUNK_ROWS = {PICTURED: 256, GIVEN: BLOCK_ROWS}
_MOST_FITTED = 50_000
_WHITENED_ON = 2_000


@dataclass(frozen=True, config=STRICT)
class GeneratedConfig(SourceConfig):
    """The knobs of `GeneratedSource`."""

    n_objects: int
    cutout_px: int = _CUTOUT_PX[PICTURED]
    kind: Literal["generated"] = "generated"

    def open(self) -> GeneratedSource:
        """Return the survey."""
        return GeneratedSource(self.n_objects, self.cutout_px)


class GeneratedSource:
    """Blobs of three colours with the catalogue of `lifelike`.

    Parameters
    ----------
    n_objects : int
    cutout_px : int
    """

    columns = COLUMNS
    rejected = ()

    def __init__(self, n_objects: int, cutout_px: int = _CUTOUT_PX[PICTURED]) -> None:
        self.n_objects, self._px = n_objects, cutout_px
        self.survey = Survey(
            *("generated", "Generated survey", True, ("R", "G", "B"), 0.262, cutout_px),
            brightness_column="mag_r",
        )
        self._lifelike = LifelikeSurvey()

    def __len__(self) -> int:
        return self.n_objects

    def read(self, start: int, stop: int) -> Chunk:
        """Return galaxies ``start`` to ``stop``."""
        rng, n, px = np.random.default_rng(start), stop - start, self._px
        kind, width = rng.integers(3, size=n), rng.uniform(px / 16, px / 4, n).astype(np.float32)
        y, x = np.mgrid[:px, :px].astype(np.float32) - px / 2
        blobs = np.exp(-(x**2 + y**2) / (2 * width[:, None, None] ** 2))
        colours = rng.uniform(0.2, 1, (n, 3)).astype(np.float32)
        colours[np.arange(n), kind] = 1
        cutouts = rng.integers(40, size=(n, 3, px, px), dtype=np.uint8)
        cutouts += (200 * colours[:, :, None, None] * blobs[:, None]).astype(np.uint8)
        return Chunk(self._lifelike.catalogue(start, stop), cutouts)


def generated_build(folder: Path, name: str, n_objects: int, engine: str) -> Build:
    """Return a build in ``folder``, where `write_encoder` has been.

    Parameters
    ----------
    name : str
        `PICTURED`, of few galaxies, or `GIVEN`, to which embeddings are given.
    engine : str
        What finds neighbours.
    """
    SOURCES["generated"] = GeneratedConfig
    px = _CUTOUT_PX[name]
    config = Config(
        name=name,
        source={"kind": "generated", "n_objects": n_objects, "cutout_px": px},
        ingest=IngestConfig(processes=READERS, chunk_rows=_CHUNK_ROWS[name]),
        input=InputConfig(input_px=32),
        encoder=EncoderConfig(width=16),
        train=TrainConfig(weights=str(folder / ENCODER)),
        embed=EmbedConfig(orientations=1, dtype="float16"),
        index=IndexConfig(engine=engine),
        # Fewer than there are even of a small survey, so that others are put among these.
        layout=UmapConfig(n_fitted=max(1_000, min(_MOST_FITTED, n_objects // 100))),
        evaluate=EvaluateConfig(
            numbers=("redshift",), classes=("hubble_type",), find={"field": ("deep",)}
        ),
        thumbnails=ThumbnailConfig(keep=name == PICTURED),
    )
    return Build(config, folder / "atlases")


def give_embeddings(build: Build) -> None:
    """Leave the embeddings of every chunk of a build, as a run of embed that was killed does."""
    if build.fault("embed") is None:
        return
    workspace, lifelike = build.workspace, LifelikeSurvey()
    workspace.begin("embed", build.fingerprint("embed"))
    rows = np.cumsum([0, *CutoutStore(workspace.cutout_store).chunk_rows])
    parts = [
        workspace.embeddings.with_name(f"embeddings-{number:06d}.npy")
        for number in range(len(rows) - 1)
    ]
    ledger = Ledger(workspace.folder("embed"))
    missing = [number for number, part in enumerate(parts) if not ledger.knows(part)]
    for number in missing:
        with kept_file(parts[number]) as partial:
            write_array(partial, lifelike.embeddings(int(rows[number]), int(rows[number + 1])))


def write_encoder(folder: Path) -> None:
    """Write an encoder that was never trained, whitened on the first galaxies."""
    import torch  # as in the pipeline, no process carries it that does not need it

    from pipeline.encoder.encoder import Embedder, fit_whitening
    from pipeline.encoder.resnet import ResNet
    from pipeline.encoder.weights import save_encoder
    from pipeline.views.field import Field

    config = generated_build(folder, PICTURED, _WHITENED_ON, "exact").config
    source = GeneratedSource(_WHITENED_ON)
    torch.manual_seed(1)
    encoder = ResNet(config.encoder).eval()
    field = Field.of(config.input, source.survey)
    cutouts = torch.from_numpy(source.read(0, _WHITENED_ON).cutouts)
    with torch.inference_mode():
        representations = Embedder(encoder, 1).representations(field.encoder_input(cutouts))
    fit_whitening(encoder, representations, config.train.whitened_dim)
    save_encoder(encoder, Path(config.train.weights), {"name": "untrained"})
