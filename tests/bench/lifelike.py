"""A survey of any size with the statistics of a real one: galaxies in between real galaxies.

Vectors of random numbers are all equally unlike, and blobs have no dimension of their own: an index
finds both more easily, or with more trouble, than what it is for. A galaxy here is a mixture of a
real galaxy of ``atlases/nearby`` and a few of those most similar to it, a little displaced, and its
place on the map is that same mixture of theirs. Its catalogue has the kinds of columns that surveys
have, and tells of what its parents look like.

Row i is the same galaxy whatever range of rows is asked for. Written to files by
``python -m tests.bench.lifelike FOLDER --rows 10000000``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.atlas.catalogue import REQUIRED, Column

ROOT = Path(__file__).parents[2]
BLOCK_ROWS = 10_000  # drawn from one stream of random numbers
PARENTS = 4  # of each galaxy: a real one, and three of its nearest
_NEAREST = 16
_CONCENTRATION = 0.6  # of the mixture: below 1 most have one parent that they are much like
_JITTER = 0.25  # length of the displacement; the nearest of real galaxies are 0.7 away
_MAP_JITTER = 0.004
_NAMED = 1 / 2_000  # share of galaxies that people have given a name
_GROUPED = 0.15  # share of galaxies in groups on the sky
_GROUPS = 60  # of each block
_GROUP_DEG = 0.03
# Right ascension from and to, declination from and to, deg: two caps as of a survey away from the
# Milky Way. 14,400 square degrees.
CAPS = ((110.0, 265.0, -10.0, 55.0), (-60.0, 60.0, -18.0, 30.0))
TYPES = ("E", "S0", "Sa", "Sb", "Sbc", "Sc", "Scd", "Sd", "Sm", "Irr", "merger")
BRICKS = ("north", "south", "deep")

COLUMNS = (
    *REQUIRED,
    Column("name", "", "Common name"),
    Column("mag_g", "mag", "Magnitude in g"),
    Column("mag_r", "mag", "Magnitude in r"),
    Column("mag_z", "mag", "Magnitude in z"),
    Column("mag_w1", "mag", "Magnitude in W1, where it was seen"),
    Column("redshift", "", "Photometric redshift"),
    Column("redshift_error", "", "Its error"),
    Column("radius_arcsec", "arcsec", "Half-light radius"),
    Column("axis_ratio", "", "Minor over major axis"),
    Column("position_angle_deg", "deg", "Position angle, North over East"),
    Column("sersic_index", "", "Index of the profile"),
    Column("hubble_type", "", "Type"),
    Column("field", "", "Part of the survey"),
    Column("has_spectrum", "", "Whether a spectrum was taken"),
    Column("is_blended", "", "Whether another source overlaps"),
    Column("n_exposures", "", "Exposures in r"),
    Column("mask_bits", "", "Bits that say what is wrong with it"),
)


@dataclass(frozen=True)
class Mixtures:
    """Who the parents of some galaxies are, and how much each of them counts.

    Attributes
    ----------
    parents : ndarray of int, shape (n, PARENTS)
    weights : ndarray, shape (n, PARENTS)
        They sum to 1.
    """

    parents: np.ndarray
    weights: np.ndarray

    def of(self, values: np.ndarray) -> np.ndarray:
        """Return the mixture of what is known of all parents (n_real, dim): (n, dim)."""
        mixed = self.weights[:, 0, None] * values[self.parents[:, 0]]
        for which in range(1, PARENTS):
            mixed += self.weights[:, which, None] * values[self.parents[:, which]]
        return mixed


class LifelikeSurvey:
    """Galaxies in between those of an atlas, by ranges of rows.

    Parameters
    ----------
    atlas : Path
        Its embeddings, and its map.
    """

    def __init__(self, atlas: Path = ROOT / "atlases" / "nearby") -> None:
        self._real = np.load(atlas / "embeddings.npy").astype(np.float32)
        self._map = np.load(atlas / "umap.npy")
        likeness = self._real @ self._real.T
        self._nearest = np.argsort(-likeness, axis=1)[:, : _NEAREST + 1].astype(np.int32)

    @property
    def dim(self) -> int:
        """Length of an embedding."""
        return self._real.shape[1]

    def embeddings(self, start: int, stop: int) -> np.ndarray:
        """Return the embeddings of some rows, float16 of unit length."""
        return np.concatenate([self._embeddings(*block) for block in _blocks(start, stop)])

    def map_xy(self, start: int, stop: int) -> np.ndarray:
        """Return the places of some rows on the map, float32 (n, 2), as an atlas keeps them."""
        return np.concatenate([self._map_xy(*block) for block in _blocks(start, stop)])

    def catalogue(self, start: int, stop: int) -> pd.DataFrame:
        """Return the catalogue of some rows: `COLUMNS`."""
        pieces = [self._catalogue(*block) for block in _blocks(start, stop)]
        return pd.concat(pieces, ignore_index=True)

    def _mixtures(self, number: int) -> Mixtures:
        rng = np.random.default_rng([number, 0])
        first = rng.integers(len(self._real), size=BLOCK_ROWS)
        # The same neighbour may come twice, which only makes it count more.
        others = self._nearest[first[:, None], rng.integers(1, _NEAREST + 1, (BLOCK_ROWS, 3))]
        weights = rng.gamma(_CONCENTRATION, size=(BLOCK_ROWS, PARENTS)).astype(np.float32) + 1e-6
        weights /= weights.sum(axis=1, keepdims=True)
        return Mixtures(np.column_stack([first, others]), weights)

    def _embeddings(self, number: int, rows: slice) -> np.ndarray:
        rng = np.random.default_rng([number, 1])
        displaced = rng.standard_normal((BLOCK_ROWS, self.dim), dtype=np.float32)
        displaced *= np.float32(_JITTER / np.sqrt(self.dim))
        displaced += self._mixtures(number).of(self._real)
        displaced /= np.linalg.norm(displaced, axis=1, keepdims=True)
        return displaced[rows].astype(np.float16)

    def _map_xy(self, number: int, rows: slice) -> np.ndarray:
        rng = np.random.default_rng([number, 2])
        places = self._mixtures(number).of(self._map)
        places += rng.normal(scale=_MAP_JITTER, size=places.shape)
        return np.clip(places[rows], -0.05, 1.05).astype(np.float32)

    def _catalogue(self, number: int, rows: slice) -> pd.DataFrame:
        rng, n = np.random.default_rng([number, 3]), BLOCK_ROWS
        parents = self._mixtures(number).parents[:, 0]
        ra_deg, dec_deg = _positions(rng, n)
        # The parent decides the type and the colours, so that what is alike is so in numbers, too.
        kind = (parents * 7919 + rng.integers(3, size=n)) % len(TYPES)
        mag_r = 20 - rng.exponential(1.4, n)
        redshift = rng.gamma(2, 0.08, n) + 0.05 * kind / len(TYPES)
        numbers = np.arange(number * n, (number + 1) * n)
        mag_w1 = mag_r - rng.normal(1, 0.4, n)
        mag_w1[rng.random(n) < 0.3] = np.nan
        error = 0.02 * (1 + redshift) * rng.lognormal(0, 0.5, n)
        error[rng.random(n) < 0.05] = np.nan
        named = rng.random(n) < _NAMED
        table = pd.DataFrame(
            {
                "object_id": [f"LL{row:010d}" for row in numbers.tolist()],
                "ra_deg": ra_deg,
                "dec_deg": dec_deg,
                "name": [
                    f"LLG {row}" if is_named else ""
                    for row, is_named in zip(numbers.tolist(), named.tolist(), strict=True)
                ],
                "mag_g": mag_r + 0.4 + 0.08 * (len(TYPES) - kind) + rng.normal(0, 0.1, n),
                "mag_r": mag_r,
                "mag_z": mag_r - 0.3 - 0.05 * (len(TYPES) - kind) + rng.normal(0, 0.1, n),
                "mag_w1": mag_w1,
                "redshift": redshift,
                "redshift_error": error,
                "radius_arcsec": rng.lognormal(1, 0.5, n),
                "axis_ratio": rng.beta(3, 2, n),
                "position_angle_deg": rng.uniform(0, 180, n),
                "sersic_index": np.clip(rng.lognormal(0.5, 0.5, n), 0.3, 6),
                "hubble_type": np.array(TYPES, dtype=object)[kind],
                "field": np.array(BRICKS, dtype=object)[rng.choice(3, n, p=(0.45, 0.5, 0.05))],
                "has_spectrum": rng.random(n) < 0.04,
                "is_blended": rng.random(n) < 0.2,
                "n_exposures": rng.poisson(4, n) + 1,
                "mask_bits": np.where(rng.random(n) < 0.03, 1 << rng.integers(12, size=n), 0),
            }
        )
        return table.iloc[rows]


def _blocks(start: int, stop: int) -> list[tuple[int, slice]]:
    """Return the blocks that some rows lie in, and which of their rows those are."""
    return [
        (number, slice(max(start - number * BLOCK_ROWS, 0), stop - number * BLOCK_ROWS))
        for number in range(start // BLOCK_ROWS, -(-stop // BLOCK_ROWS))
    ]


def _positions(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return right ascensions and declinations within `CAPS`, some of them in groups, deg."""
    areas = [
        (east - west) * (np.sin(np.radians(north)) - np.sin(np.radians(south)))
        for west, east, south, north in CAPS
    ]
    west, east, south, north = np.array(CAPS)[rng.choice(2, n, p=np.array(areas) / sum(areas))].T
    ra_deg = rng.uniform(west, east)
    dec_deg = np.degrees(
        np.arcsin(rng.uniform(np.sin(np.radians(south)), np.sin(np.radians(north))))
    )
    members = np.flatnonzero(rng.random(n) < _GROUPED)
    centres = rng.integers(_GROUPS, size=len(members))
    dec_deg[members] = dec_deg[centres] + rng.normal(0, _GROUP_DEG, len(members))
    ra_deg[members] = ra_deg[centres] + rng.normal(0, _GROUP_DEG, len(members))
    return ra_deg % 360 % 360, dec_deg  # twice: -1e-17 % 360 is 360


def write(folder: Path, n_rows: int, piece_rows: int = 100_000) -> None:
    """Write ``embeddings.npy``, ``map_xy.npy`` and ``catalogue.parquet``, piece by piece."""
    survey = LifelikeSurvey()
    folder.mkdir(parents=True, exist_ok=True)
    writer = None
    with (
        (folder / "embeddings.npy").open("wb") as vectors,
        (folder / "map_xy.npy").open("wb") as xy,
    ):
        for file, dim, dtype in ((vectors, survey.dim, "<f2"), (xy, 2, "<f4")):
            header = {"descr": dtype, "fortran_order": False, "shape": (n_rows, dim)}
            np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, n_rows, piece_rows):
            rows = start, min(start + piece_rows, n_rows)
            vectors.write(survey.embeddings(*rows).tobytes())
            xy.write(survey.map_xy(*rows).tobytes())
            table = pa.Table.from_pandas(survey.catalogue(*rows), preserve_index=False)
            if writer is None:
                path = folder / "catalogue.parquet"
                writer = pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
    if writer is not None:
        writer.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lifelike")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100_000, help="galaxies (default: %(default)s)")
    arguments = parser.parse_args()
    write(arguments.folder, arguments.rows)


if __name__ == "__main__":
    main()
