"""What the repository carries ready-made: the model and the atlas `nearby`."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from pipeline.atlas import open_atlas
from pipeline.atlas.whole_files import file_sha256
from pipeline.encoder.encoder import Embedder
from pipeline.encoder.weights import load_encoder

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "pipeline" / "weights" / "galaxy-finder-v1.safetensors"
ONNX = WEIGHTS.with_suffix(".onnx")
NEARBY = ROOT / "atlases" / "nearby"


def test_weights_and_onnx_are_together_below_15_mb():
    assert WEIGHTS.stat().st_size + ONNX.stat().st_size < 15e6


def test_the_onnx_file_is_of_these_weights_and_embeds_as_they_do():
    properties = {item.key: item.value for item in onnx.load(ONNX).metadata_props}
    assert properties["weights_sha256"] == file_sha256(WEIGHTS)
    side = int(properties["input_px"])
    pictures = torch.rand(4, 3, side, side, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        embedder = Embedder(load_encoder(WEIGHTS), int(properties["orientations"])).eval()
        expected = embedder(pictures).numpy()
    session = onnxruntime.InferenceSession(ONNX, providers=["CPUExecutionProvider"])
    (embeddings,) = session.run(None, {"pictures": pictures.numpy()})
    np.testing.assert_allclose((embeddings * expected).sum(axis=1), 1, atol=2e-3)


def test_nearby_holds_real_galaxies_without_pictures_in_less_than_10_mb():
    atlas = open_atlas(NEARBY)
    assert atlas.manifest.n_objects == 4352
    assert not atlas.manifest.simulated
    assert atlas.manifest.model.name == "galaxy-finder-v1"
    assert atlas.manifest.model.weights_sha256 == file_sha256(WEIGHTS)
    assert atlas.thumbnails is None
    assert atlas.manifest.cutout_service is not None
    assert sum(path.stat().st_size for path in NEARBY.iterdir()) < 10e6


def test_nearby_has_names_redshifts_magnitudes_axes_types_and_what_the_experts_saw():
    catalogue = open_atlas(NEARBY).catalogue.take(slice(None)).set_index("object_id")
    whirlpool = catalogue.loc["PGC0047404"]
    assert whirlpool["name"] == "M 51"
    assert whirlpool[["redshift", "mag_b", "major_axis_arcmin", "t_type"]].notna().all()
    assert {"hubble_type", "arm_strength", "bar_length", "inclination"} <= set(catalogue.columns)


def test_nearby_carries_the_encoder_that_ships_and_the_footprint_of_its_survey():
    atlas = open_atlas(NEARBY)
    assert atlas.encoder is not None
    assert atlas.footprint is not None
    assert atlas.encoder.read_bytes() == ONNX.read_bytes()
    # Half of the imaging of SDSS, which covers 14,555 square degrees, 35 % of the sky.
    assert 0.15 < atlas.footprint.sky_fraction < 0.19
