"""Files over HTTP, as tests of downloads ask for them and read them."""

import csv
import io
from dataclasses import replace

import numpy as np
from flask import Flask

from dashboard.explorer.explorer import Explorer
from dashboard.export.routes import register_downloads
from pipeline.atlas import Column, EncoderInput
from tests.dashboard.panel_words import all_of
from tests.dashboard.small_atlas import small_atlas, unit_rows

N = 120  # row i is i / 2 degrees of embedding from row 0, and i degrees of the sky


def atlas_of(n=N, **manifest):
    angles = np.radians(np.arange(n) / 2)
    columns = {"kind": ["disk", "ring"] * (n // 2), "mag_z": 10 + np.arange(n) / 10}
    atlas = small_atlas(
        unit_rows(np.stack([np.cos(angles), np.sin(angles)], axis=1)),
        (np.linspace(0, 359, n), np.zeros(n)),
        columns,
    )
    asked = EncoderInput(field_px=96, input_px=16)
    return replace(
        atlas,
        columns=atlas.columns | {"mag_z": Column("mag_z", "mag", "Magnitude in z")},
        manifest=replace(atlas.manifest, encoder_input=asked, first_object_id="G0", **manifest),
    )


def explorer_with_pictures():
    explorer = Explorer(atlas_of())
    explorer.thumbnails = [f"picture {row}".encode() for row in range(N)]
    return explorer


def client_of(explorer):
    server = Flask("files")
    register_downloads(server, {explorer.name: explorer})
    return server.test_client()


def csv_rows(answer):
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def identifiers(answer):
    return [row["object_id"] for row in csv_rows(answer)]


def said(answer):
    """Return the sentence of a refusal, and check that it can be nothing but a sentence."""
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert "Content-Disposition" not in answer.headers
    return answer.text


def links(parts):
    return {getattr(link, "aria-label"): link.href for link in all_of(parts, "A")}
