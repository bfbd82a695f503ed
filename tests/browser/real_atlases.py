"""Atlases of real galaxies for journeys, built from their pictures by the encoder that ships."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import read_config
from pipeline.stages import umap_layout
from pipeline.stages.build import Build
from tests.browser.serving import ROOT

N_EFIGI = 200  # of which four have no position
N_DECALS = 90  # of Galaxy Zoo's, and as many of those looked through for rings
COLUMNS = {"ra": "ra_deg", "dec": "dec_deg"}


def build_efigi(data: Path, folder: Path) -> Path:
    """Build an atlas of the first galaxies of EFIGI, and return its folder."""
    (folder / "images").symlink_to(data / "sdss_efigi" / "images")
    lines = (data / "sdss_efigi" / "catalogue.csv").read_text("utf-8").splitlines()
    (folder / "catalogue.csv").write_text("\n".join(lines[: N_EFIGI + 1]) + "\n", "utf-8")
    return _built(folder, {}, first_object_id="PGC0000212", numbers=("t_type",))


def build_decals(data: Path, folder: Path) -> Path:
    """Build an atlas of galaxies of `decals_gz` and `decals_rings`, and return its folder."""
    (folder / "images").mkdir()
    rows = [*_first(data / "decals_gz", N_DECALS), *_first(data / "decals_rings", N_DECALS)]
    for row in rows:
        shutil.copy(row.pop("source"), folder / "images")
    columns = ("object_id", "file", "ra_deg", "dec_deg", "p_spiral", "p_edge_on", "is_ring")
    with (folder / "catalogue.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    source = {
        "name": "decals",
        "title": "Galaxies and rings of DECaLS",
        "cutout_px": 144,
        "brightness_column": None,
        "columns": {"is_ring": {"description": "Whether people saw a ring"}},
        "citations": ["Galaxy Zoo DECaLS: Walmsley et al. 2022, MNRAS 509, 3966"],
    }
    return _built(folder, source, name="decals", first_object_id=None, numbers=(), field_px=96)


def _first(folder: Path, n: int) -> Iterable[dict[str, Any]]:
    with (folder / "catalogue.csv").open(encoding="utf-8") as file:
        for row in islice(csv.DictReader(file), n):
            picture = f"{row['object_id']}.jpg"
            named = {COLUMNS.get(name, name): value for name, value in row.items()}
            yield named | {"file": picture, "source": folder / "images" / picture}


def _built(
    folder: Path,
    source: dict[str, Any],
    *,
    first_object_id: str | None,
    numbers: tuple[str, ...],
    name: str = "efigi",
    field_px: int | None = None,
) -> Path:
    config = read_config(ROOT / "pipeline/configs/efigi.toml")
    weights = ROOT / "pipeline/weights/galaxy-finder-v1.safetensors"
    changed = config.source | source | {"folder": str(folder), "images": "images"}
    build = Build(
        replace(
            config,
            name=name,
            first_object_id=first_object_id,
            source={key: value for key, value in changed.items() if value is not None},
            input=replace(config.input, field_px=field_px),
            ingest=replace(config.ingest, processes=1),
            train=replace(config.train, weights=str(weights)),
            evaluate=replace(config.evaluate, numbers=numbers, undefined={}, pretrained=False),
        ),
        folder / "atlases",
    )
    with pytest.MonkeyPatch.context() as patch:  # where points lie says nothing here
        patch.setattr(umap_layout, "lay_out", lambda embeddings, *_: embeddings[:, :2])
        if numbers:
            build.run_all()
        else:  # nobody reads its figures, which take half of the time
            build.run_until_seen()
    return build.destination
