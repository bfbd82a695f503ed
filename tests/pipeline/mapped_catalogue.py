"""Catalogues as a mapped file, for tests."""

import json

from pipeline.atlas import files
from pipeline.atlas.mapped_columns import join_columns, plan_columns, write_buffers
from tests.pipeline.damage import change_manifest, make_manifest_true


def write_mapped(parquet, file, n_rows):
    """Write a catalogue once more, to be mapped, as the publish stage does."""
    plans = plan_columns(parquet)
    parts = [
        [file.with_name(f"{number}-{piece}.part") for piece in range(plan.n_buffers)]
        for number, plan in enumerate(plans)
    ]
    for plan, pieces in zip(plans, parts, strict=True):
        write_buffers(parquet, plan, pieces)
    join_columns(plans, parts, n_rows, file)
    for piece in file.parent.glob("*.part"):
        piece.unlink()


def with_mapped_catalogue(atlas, n_rows=300):
    """Give an atlas the file that a large one has; return its folder."""
    write_mapped(atlas / files.CATALOGUE, atlas / files.MAPPED_CATALOGUE, n_rows)
    named = json.loads((atlas / files.MANIFEST).read_text())["files"]
    change_manifest(atlas, files=named | {files.MAPPED_CATALOGUE: {}})
    make_manifest_true(atlas)
    return atlas
