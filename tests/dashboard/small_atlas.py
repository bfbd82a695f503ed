"""Atlases in memory, for tests that choose every embedding and position themselves."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from dashboard.explorer.explorer import Explorer
from pipeline.atlas import Atlas, Catalogue, Column, Manifest, Vectors
from pipeline.atlas.manifest import EmbeddingInfo, IndexInfo, LayoutInfo, ModelInfo
from tests.pipeline.atlas.engines.annoy_in_memory import annoy_in_memory


def unit_rows(rows):
    rows = np.asarray(rows, dtype=np.float64)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def random_unit_rows(n, dim, seed=0):
    return unit_rows(np.random.default_rng(seed).normal(size=(n, dim)))


def random_positions(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))


def small_atlas(
    embeddings, positions=None, columns=None, *, brightness_column=None, n_trees=10, search_k=2_000
):
    """Return an atlas of these embeddings; positions at random unless given as (ra, dec)."""
    n, dim = embeddings.shape
    ra_deg, dec_deg = random_positions(n) if positions is None else positions
    catalogue = pd.DataFrame(
        {"object_id": [f"G{row}" for row in range(n)], "ra_deg": ra_deg, "dec_deg": dec_deg}
        | (columns or {})
    )
    vectors = Vectors(embeddings)
    engine = annoy_in_memory(vectors, n_trees=n_trees, search_k=search_k)
    manifest = Manifest(
        name="small",
        title="Small atlas",
        created="2025-01-01T00:00:00Z",
        code_version="test",
        simulated=True,
        survey="test",
        bands=("g", "r", "z"),
        pixel_scale_arcsec=0.262,
        cutout_px=152,
        n_objects=n,
        model=ModelInfo(name="none", config={}, weights_sha256=""),
        embedding=EmbeddingInfo(dim=dim, dtype=str(embeddings.dtype)),
        index=IndexInfo(parameters=engine.parameters, recall_at_100=1.0),
        map_layout=LayoutInfo(parameters={"n_neighbors": 15, "min_dist": 0.1}, seed=1),
        brightness_column=brightness_column,
    )
    return Atlas(
        path=Path("small"),
        manifest=manifest,
        catalogue=Catalogue.of_frame(catalogue),
        columns={name: Column(name, "", name) for name in catalogue.columns},
        vectors=vectors,
        engine=engine,
        map_xy=np.zeros((n, 2), dtype=np.float32),
        thumbnails=None,
        evaluation={},
    )


def with_values(atlas, **columns):
    """Return an atlas with other values in some columns of its catalogue, or with new ones."""
    frame = atlas.catalogue.take(slice(None)).assign(**columns)
    return replace(atlas, catalogue=Catalogue.of_frame(frame))


def fan(degrees, positions=None, **keywords):
    """Return an explorer of 2-D embeddings at these angles: similarity is the cosine between."""
    angles = np.radians(degrees)
    embeddings = unit_rows(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    if positions is None:  # a degree apart on the equator
        positions = np.arange(len(degrees), dtype=float), np.zeros(len(degrees))
    return Explorer(small_atlas(embeddings, positions, **keywords))
