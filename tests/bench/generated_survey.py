"""A survey of any size, made up on the spot: blobs of 16 px, and as many columns as real ones have.

The pictures are tiny and so is the encoder, which was never trained: what is measured is how the
pipeline deals with many galaxies, not how it draws or sees them. Embeddings have their usual size.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic.dataclasses import dataclass

from pipeline.atlas.catalogue import REQUIRED, Column
from pipeline.config import (
    Config,
    EmbedConfig,
    EncoderConfig,
    EvaluateConfig,
    IngestConfig,
    InputConfig,
    TrainConfig,
    UmapConfig,
)
from pipeline.sources import Chunk, Survey
from pipeline.sources.registry import SOURCES
from pipeline.sources.source import STRICT, SourceConfig
from pipeline.stages.build import Build

CUTOUT_PX = 16
READERS = 2  # processes of ingest
ENCODER = "encoder.safetensors"
_N_MEASURED = 15  # columns of numbers beside the position, as in the DR9 files
_WHITENED_ON = 2_000


@dataclass(frozen=True, config=STRICT)
class GeneratedConfig(SourceConfig):
    """The knobs of `GeneratedSource`."""

    n_objects: int
    kind: Literal["generated"] = "generated"

    def open(self) -> GeneratedSource:
        """Return the survey."""
        return GeneratedSource(self.n_objects)


class GeneratedSource:
    """Blobs of three kinds at random positions; chunk by chunk from random numbers of its own.

    Parameters
    ----------
    n_objects : int
    """

    survey = Survey("generated", "Generated survey", True, ("R", "G", "B"), 0.262, CUTOUT_PX)
    columns = (
        *REQUIRED,
        *(Column(f"measured_{i}", "", f"Random number {i}") for i in range(_N_MEASURED)),
        Column("width_px", "pix", "Width of the blob"),
        Column("kind", "", "Colour of the blob"),
    )
    rejected = ()

    def __init__(self, n_objects: int) -> None:
        self.n_objects = n_objects

    def __len__(self) -> int:
        return self.n_objects

    def read(self, start: int, stop: int) -> Chunk:
        """Return galaxies ``start`` to ``stop``."""
        rng, n = np.random.default_rng(start), stop - start
        kind, width = rng.integers(3, size=n), rng.uniform(1, 4, n)
        y, x = np.mgrid[:CUTOUT_PX, :CUTOUT_PX] - CUTOUT_PX / 2
        blobs = np.exp(-(x**2 + y**2) / (2 * width[:, None, None] ** 2))
        colours = rng.uniform(0.2, 1, (n, 3))
        colours[np.arange(n), kind] = 1
        noise = rng.integers(40, size=(n, 3, CUTOUT_PX, CUTOUT_PX))
        cutouts = (200 * colours[:, :, None, None] * blobs[:, None] + noise).astype(np.uint8)
        catalogue = pd.DataFrame(
            {
                "object_id": [f"GENERATED-{row:012d}" for row in range(start, stop)],
                "ra_deg": rng.uniform(0, 360, n),
                "dec_deg": np.degrees(np.arcsin(rng.uniform(-1, 1, n))),
                **{f"measured_{i}": rng.standard_normal(n) for i in range(_N_MEASURED)},
                "width_px": width,
                "kind": np.array(["red", "green", "blue"])[kind],
            }
        )
        return Chunk(catalogue, cutouts)


def generated_build(folder: Path, n_objects: int) -> Build:
    """Return the build of a generated survey in ``folder``, where `write_encoder` has been."""
    SOURCES["generated"] = GeneratedConfig
    config = Config(
        name="generated",
        source={"kind": "generated", "n_objects": n_objects},
        ingest=IngestConfig(processes=READERS),
        input=InputConfig(input_px=2 * CUTOUT_PX),
        encoder=EncoderConfig(width=16),
        train=TrainConfig(weights=str(folder / ENCODER)),
        embed=EmbedConfig(orientations=1),
        # As many of a small survey as the configuration by default lays out of a million.
        layout=UmapConfig(n_fitted=max(1_000, min(100_000, n_objects // 10))),
        evaluate=EvaluateConfig(numbers=("width_px",), classes=("kind",), find={"kind": ("red",)}),
    )
    return Build(config, folder / "atlases")


def write_encoder(folder: Path) -> None:
    """Write an encoder that was never trained, whitened on the first galaxies."""
    import torch  # as in the pipeline, no process carries it that does not need it

    from pipeline.encoder.encoder import Embedder, fit_whitening
    from pipeline.encoder.resnet import ResNet
    from pipeline.encoder.weights import save_encoder
    from pipeline.views.field import Field

    config = generated_build(folder, _WHITENED_ON).config
    torch.manual_seed(1)
    encoder = ResNet(config.encoder).eval()
    field = Field.of(config.input, GeneratedSource.survey)
    cutouts = torch.from_numpy(GeneratedSource(_WHITENED_ON).read(0, _WHITENED_ON).cutouts)
    with torch.inference_mode():
        representations = Embedder(encoder, 1).representations(field.encoder_input(cutouts))
    fit_whitening(encoder, representations, config.train.whitened_dim)
    save_encoder(encoder, Path(config.train.weights), {"name": "untrained"})
