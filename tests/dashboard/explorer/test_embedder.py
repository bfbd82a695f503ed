"""The encoder without torch sees what the pipeline's sees, and a picture finds its own galaxy."""

import io
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dashboard.explorer.embedder import (
    Embedder,
    EmbedderError,
    EmbeddingTextError,
    embedding_from_text,
    embedding_to_text,
)
from dashboard.pictures.uploaded import read_own_picture
from pipeline.atlas import ENCODER, encoder_input, open_atlas
from pipeline.store.cutouts import CutoutStore
from pipeline.views.field import Field
from tests.dashboard.own_pictures import SCALE_DEG, encoded, fits_file
from tests.dashboard.small_atlas import random_unit_rows, small_atlas


@pytest.fixture(scope="module")
def atlas(tiny_atlas):
    return open_atlas(tiny_atlas)


@settings(max_examples=40)
@given(
    side=st.integers(32, 160),
    share=st.floats(0.3, 1),
    input_px=st.sampled_from([16, 32, 64]),
    is_flux=st.booleans(),
    seed=st.integers(0, 99),
)
def test_the_encoder_sees_what_the_pipeline_shows_it(side, share, input_px, is_flux, seed):
    rng = np.random.default_rng(seed)
    field_px = max(16, round(share * side))
    cutout = rng.integers(0, 256, (1, 3, side, side), dtype=np.uint8)
    if is_flux:
        cutout = rng.normal(0.02, 0.05, cutout.shape).astype(np.float32)
    field = Field(side, field_px, input_px, is_flux)
    expected = field.encoder_input(torch.from_numpy(cutout))[0].numpy()
    found = encoder_input(cutout[0], field_px, input_px)
    assert found.dtype == np.float32
    # Fluxes become one of 256 levels here; the pipeline does not round.
    np.testing.assert_allclose(found, expected, atol=0.003 if is_flux else 3e-5)


def embedding_of(atlas, content):
    embedder = Embedder.of(atlas)
    picture = read_own_picture(content, atlas.manifest)
    crop, planes = picture.crop, picture.planes
    return embedder.embed(embedder.see(crop.middle_of(planes), crop.side_px(planes.shape[-1])))


def test_a_cutout_as_fits_has_the_embedding_of_its_galaxy(tiny_build, atlas):
    cutouts = next(CutoutStore(tiny_build.workspace.cutout_store).batches(12))
    for row, cutout in enumerate(cutouts):
        content = fits_file(cutout[:, ::-1].astype(np.float32), SCALE_DEG)
        # A thousandth less than 1 is due to the 256 levels, which the pipeline does not round to.
        assert embedding_of(atlas, content) @ atlas.vectors[row] > 0.99


def test_a_thumbnail_as_png_finds_its_own_galaxy_first(atlas):
    # Of a galaxy as faint as the noise a thumbnail's compression leaves too little.
    bright = np.flatnonzero(atlas.catalogue["mag_z"] < 17.5)
    for row in bright[::10]:
        content = encoded(Image.open(io.BytesIO(atlas.thumbnails[row])))
        embedding = embedding_of(atlas, content)
        assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-4)
        assert atlas.vectors.similarity(embedding).argmax() == row


def test_an_atlas_without_an_encoder_has_no_embedder(atlas):
    assert Embedder.of(replace(atlas, manifest=replace(atlas.manifest, encoder_input=None))) is None
    assert Embedder.of(small_atlas(random_unit_rows(4, 3))) is None


def test_an_encoder_that_is_not_what_was_published_is_not_run_until_it_is_whole(
    tiny_atlas, tmp_path
):
    folder = shutil.copytree(tiny_atlas, tmp_path / "tiny")
    file, whole = folder / ENCODER, (folder / ENCODER).read_bytes()
    embedder = Embedder.of(open_atlas(folder))
    seen = np.zeros((3, 32, 32), np.float32)
    file.write_bytes(whole[:100])
    for _ in range(2):
        with pytest.raises(EmbedderError, match=r"encoder\.onnx of this atlas was changed"):
            embedder.embed(seen)
        file.unlink(missing_ok=True)
    file.write_bytes(whole)
    assert embedder.embed(seen).shape == (96,)


MANIFEST = small_atlas(random_unit_rows(4, 3)).manifest
MANIFEST = replace(MANIFEST, model=replace(MANIFEST.model, weights_sha256="0123456789" * 6))
TEXT = embedding_to_text(np.array([0.6, 0.0, -0.8], np.float32), MANIFEST)


def test_an_embedding_survives_the_address():
    assert TEXT.startswith("01234567.")
    found = embedding_from_text(TEXT, MANIFEST)
    assert found == pytest.approx([0.6, 0, -0.8], abs=1e-3)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6)


def numbers(*values):
    return embedding_to_text(np.array(values, np.float32), MANIFEST)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "another atlas, or another version"),
        (TEXT.replace("0123", "3210"), "another atlas, or another version"),
        (TEXT + "A", "mangled"),
        (TEXT[:-1], "mangled"),
        (TEXT + "!", "mangled"),
        (TEXT + "\u00e9", "mangled"),
        ("01234567.", "mangled"),
        (numbers(0.6, -0.8), "mangled"),
        (numbers(0.6, 0.8, 0.5), "mangled"),
        (numbers(0, 0, 0), "mangled"),
        (numbers(np.nan, 0, 1), "mangled"),
        (numbers(np.inf, 0, 1), "mangled"),
    ],
)
def test_a_text_that_is_no_embedding_of_this_atlas_is_refused(text, words):
    with pytest.raises(EmbeddingTextError, match=words):
        embedding_from_text(text, MANIFEST)
