"""Small HATS catalogues in the published layout."""

from __future__ import annotations

from pathlib import Path

import astropy.units as u
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.coordinates import Latitude, Longitude
from mocpy import MOC

ORDER = 29  # of the column by which rows are sorted


def galaxies(n: int = 600, seed: int = 1) -> pd.DataFrame:
    """Return galaxies all over the sky; one has no magnitude."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "source_id": np.arange(n) + 2**60,  # more digits than a float has
            "ra": rng.uniform(0, 360, n),
            "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, n))),
            "mag_r": rng.uniform(12, 20, n).astype("f4"),
            "kind": rng.choice(["spiral", "elliptical"], n),
        }
    )
    frame.loc[3, "mag_r"] = np.nan
    return frame


def write_hats(folder: Path, frame: pd.DataFrame, ra: str = "ra", dec: str = "dec") -> Path:
    """Write a catalogue in cells of order 0, but for the first, which is parted into order 1."""
    cell = _cells(frame[ra].to_numpy(), frame[dec].to_numpy())
    frame = frame.assign(_healpix_29=cell).sort_values("_healpix_29")
    cells = frame["_healpix_29"].to_numpy()
    large, small = cells >> (2 * ORDER), cells >> (2 * (ORDER - 1))
    parts = {
        (order, int(number)): frame[which == number]
        for order, which, here in ((0, large, large > 0), (1, small, large == 0))
        for number in np.unique(which[here])
    }
    schema = pa.schema(
        [
            field.with_metadata({"unit": "mag", "description": "Model magnitude"})
            if field.name == "mag_r"
            else field
            for field in pa.Schema.from_pandas(frame, preserve_index=False)
        ]
    )
    for (order, number), part in parts.items():
        path = folder / "dataset" / f"Norder={order}" / "Dir=0" / f"Npix={number}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pandas(part, schema=schema, preserve_index=False), path)
    pq.write_metadata(schema, folder / "dataset" / "_common_metadata")
    info = pd.DataFrame(list(parts), columns=["Norder", "Npix"])
    info.to_csv(folder / "partition_info.csv", index=False)
    properties = {
        "obs_collection": "small",
        "dataproduct_type": "object",
        "hats_nrows": len(frame),
        "hats_col_ra": ra,
        "hats_col_dec": dec,
        "hats_col_healpix": "_healpix_29",
        "hats_col_healpix_order": ORDER,
        "hats_version": "v1.0",
    }
    lines = [f"{key}={value}\n" for key, value in properties.items()]
    (folder / "hats.properties").write_text("".join(lines))
    return folder


def _cells(ra_deg: np.ndarray, dec_deg: np.ndarray) -> np.ndarray:
    """Return the HEALPix cell (nested, order 29) of each position."""
    return np.array(
        [
            MOC.from_lonlat(Longitude([ra] * u.deg), Latitude([dec] * u.deg), max_norder=ORDER)
            .flatten()[0]
            .item()
            for ra, dec in zip(ra_deg, dec_deg, strict=True)
        ],
        dtype=np.int64,
    )
