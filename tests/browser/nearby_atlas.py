"""A second atlas: the galaxies of another one, called real, named, and without pictures."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.atlas import Column, CutoutService, files, open_atlas
from pipeline.atlas.atlas import publish, staging_folder
from pipeline.atlas.catalogue import write_catalogue

SERVICE = "https://www.legacysurvey.org/viewer/jpeg-cutout"


def publish_nearby(of: Path, destination: Path) -> Path:
    """Write the galaxies of the atlas ``of`` as an atlas called ``nearby``; return its folder."""
    former = open_atlas(of)
    n_objects = former.manifest.n_objects
    kept = former.catalogue.take(slice(None), ["object_id", "ra_deg", "dec_deg", "mag_z"])
    catalogue = kept.assign(
        object_id=[f"PGC{row:07d}" for row in range(n_objects)],
        name=[f"NGC {row}" if row % 10 else "" for row in range(n_objects)],
        major_axis_arcmin=np.where(np.arange(n_objects) % 7, 2.0, np.nan),
    )
    known = former.columns | {
        "name": Column("name", "", "Common name"),
        "major_axis_arcmin": Column("major_axis_arcmin", "arcmin", "Major axis"),
    }
    manifest = replace(
        former.manifest,
        name="nearby",
        title="Nearby galaxies",
        simulated=False,
        pixel_scale_arcsec=None,
        cutout_service=CutoutService(
            base_url=SERVICE, layer="ls-dr9", field_column="major_axis_arcmin"
        ),
    )
    with staging_folder(destination) as staging:
        write_catalogue([catalogue], [known[name] for name in catalogue], staging / files.CATALOGUE)
        for name in (files.EMBEDDINGS, files.ENCODER, files.INDEX, files.MAP_XY, files.EVALUATION):
            shutil.copyfile(of / name, staging / name)
        publish(staging, destination, manifest)
    return destination
