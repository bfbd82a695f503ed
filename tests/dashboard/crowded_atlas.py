"""Atlases of any number of galaxies in memory, whose map looks like that of real ones."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from pipeline.atlas import (
    Atlas,
    Catalogue,
    Column,
    ExactEngine,
    Manifest,
    Vectors,
    in_map_order,
    open_atlas,
)
from pipeline.atlas.manifest import EmbeddingInfo, IndexInfo, LayoutInfo, ModelInfo

NEARBY = Path(__file__).parents[2] / "atlases" / "nearby"
DIM = 8
KINDS = np.array(["elliptical", "spiral", "edge-on", "merger"])
_JITTER = 0.006
_COLUMNS = (
    Column("mag_z", "mag", "Magnitude in z"),
    Column("redshift", "", "Redshift"),
    Column("kind", "", "Kind of galaxy"),
)


@cache
def _shipped() -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the shipped galaxies, and the nearest of each."""
    places = np.array(open_atlas(NEARBY).map_xy, dtype=np.float64)
    return places, cKDTree(places).query(places, k=9)[1]


def places_on_map(n: int, seed: int = 0) -> np.ndarray:
    """Return places between those of shipped galaxies that lie beside each other, (n, 2)."""
    places, nearest = _shipped()
    rng = np.random.default_rng(seed)
    found = np.empty((n, 2), dtype=np.float32)
    for start in range(0, n, 1 << 20):
        m = min(1 << 20, n - start)
        one = rng.integers(len(places), size=m)
        other = nearest[one, rng.integers(1, 9, size=m)]
        share = rng.random(m)[:, None]
        found[start : start + m] = places[one] + share * (places[other] - places[one])
        found[start : start + m] += rng.normal(0, _JITTER, (m, 2))
    return found


def crowded_atlas(n: int, seed: int = 0) -> Atlas:
    """Return an atlas of ``n`` galaxies; it has no files and no pictures."""
    rng = np.random.default_rng(seed)
    map_xy = places_on_map(n, seed)
    x, y = map_xy.T
    embeddings = np.empty((n, DIM), dtype=np.float16)
    for start in range(0, n, 1 << 20):
        part = slice(start, start + (1 << 20))
        waves = [
            wave(k * axis)
            for axis in (x[part], y[part])
            for k in (2, 5)
            for wave in (np.sin, np.cos)
        ]
        rows = np.stack(waves, axis=1) + rng.normal(0, 0.05, (len(x[part]), DIM))
        embeddings[part] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    kind = np.floor(2 * np.clip(x, 0, 0.999)) + 2 * np.floor(2 * np.clip(y, 0, 0.999))
    other = rng.random(n) < 0.2
    kind[other] = rng.integers(len(KINDS), size=int(other.sum()))
    catalogue = pd.DataFrame(
        {
            "object_id": [f"G{row}" for row in range(n)],
            "ra_deg": rng.uniform(150, 190, n),
            "dec_deg": rng.uniform(-5, 25, n),
            "mag_z": (16 + 3 * x - y + rng.normal(0, 0.5, n)).astype(np.float32),
            "redshift": np.abs(0.1 * y + rng.normal(0, 0.02, n)).astype(np.float32),
            "kind": pd.Categorical.from_codes(kind.astype(np.int8), KINDS).astype("str"),
        }
    )
    vectors = Vectors(embeddings)
    return Atlas(
        path=Path("crowded"),
        manifest=Manifest(
            name="crowded",
            title=f"{n:,} made up galaxies",
            created="2026-01-01T00:00:00Z",
            code_version="test",
            simulated=True,
            survey="test",
            bands=("g", "r", "z"),
            pixel_scale_arcsec=0.262,
            cutout_px=152,
            n_objects=n,
            model=ModelInfo(name="none", config={}, weights_sha256=""),
            embedding=EmbeddingInfo(dim=DIM, dtype="float16"),
            index=IndexInfo(engine="exact", parameters={}, recall_at_100=1.0),
            map_layout=LayoutInfo(parameters={"n_neighbors": 15, "min_dist": 0.1}, seed=1),
            brightness_column="mag_z",
        ),
        catalogue=Catalogue.of_frame(catalogue),
        columns={
            "object_id": Column("object_id"),
            "ra_deg": Column("ra_deg", "deg"),
            "dec_deg": Column("dec_deg", "deg"),
        }
        | {column.name: column for column in _COLUMNS},
        vectors=vectors,
        engine=ExactEngine(vectors),
        map_xy=map_xy,
        map_order=in_map_order(map_xy),
        thumbnails=None,
        evaluation={},
    )
