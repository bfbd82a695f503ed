"""Cutout stores of made-up pictures, in no time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.atlas.catalogue import Column
from pipeline.config import InputConfig, ViewsConfig
from pipeline.sources import Chunk, Survey
from pipeline.store.cutouts import CutoutStore
from pipeline.training.training_set import TrainingSet
from pipeline.views.augmentations import Views
from pipeline.views.field import Field


def write_store(
    folder: Path,
    n: int,
    side: int = 24,
    *,
    is_flux: bool = False,
    chunk_rows: int = 16,
    **columns: object,
) -> CutoutStore:
    """Write n blobs, each with a place, width and colour of its own, and columns beside them."""
    rng = np.random.default_rng(n)
    y, x = np.mgrid[:side, :side]
    centre, width = rng.uniform(0.3, 0.7, (2, n, 1, 1)) * side, rng.uniform(2, 5, (n, 1, 1))
    blobs = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * width**2))
    cutouts = blobs[:, None] * rng.uniform(0.2, 1, (n, 3, 1, 1))
    cutouts = (0.3 * cutouts if is_flux else 255 * cutouts).astype("f4" if is_flux else "u1")
    catalogue = pd.DataFrame({"object_id": [str(i) for i in range(n)], **columns})
    store = CutoutStore(folder)
    for number, start in enumerate(range(0, n, chunk_rows)):
        rows = slice(start, start + chunk_rows)
        store.write_chunk(number, Chunk(catalogue.iloc[rows], cutouts[rows]))
    bands = ("g", "r", "z") if is_flux else ("R", "G", "B")
    survey = Survey("small", "Small", True, bands, 0.262 if is_flux else None, side)
    store.write_survey(survey, tuple(Column(name, "", name) for name in catalogue), ())
    return store


def training_set(store: CutoutStore, input_px: int = 16, **more: object) -> TrainingSet:
    """Return the training set of a store, with the views that a configuration has by default."""
    field = Field.of(InputConfig(input_px=input_px), store.survey)
    return TrainingSet(store, field, Views(ViewsConfig(), field), **more)
