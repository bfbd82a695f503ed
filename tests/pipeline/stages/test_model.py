"""One encoder for several surveys."""

import json
import shutil

import pytest

from pipeline.__main__ import main
from pipeline.config import ConfigError, ModelConfig
from pipeline.encoder.weights import load_encoder, read_training
from pipeline.stages import ingest
from pipeline.stages.build import Build
from tests.pipeline.picture_folder import write_survey

MOCK = """
name = "sky"
[source]
kind = "mock"
n_objects = 6
[ingest]
processes = 1
[input]
field_px = 128
input_px = 16
"""
PICTURES = """
name = "pictures"
[source]
kind = "folder"
folder = "{folder}"
cutout_px = 32
[ingest]
processes = 1
[input]
input_px = 16
"""
MODEL = """
name = "joint"
surveys = ["sky.toml", "pictures.toml"]
[encoder]
width = 8
[train]
epochs = 2
batch_size = 4
warmup_epochs = 1
whitened_dim = 4
[hardware]
accelerator = "cpu"
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A model of flux cutouts and pictures, by the command line; the folder of its atlases."""
    folder = tmp_path_factory.mktemp("model")
    write_survey(folder / "galaxies")
    (folder / "sky.toml").write_text(MOCK)
    (folder / "pictures.toml").write_text(PICTURES.format(folder=folder / "galaxies"))
    (folder / "joint.toml").write_text(MODEL)
    assert main(["model", str(folder / "joint.toml"), "--atlases", str(folder / "atlases")]) == 0
    return folder


def command(folder, name="joint.toml"):
    return ["model", str(folder / name), "--atlases", str(folder / "atlases")]


def test_a_model_is_weights_that_know_their_surveys_and_onnx_beside_them(built):
    folder = built / "atlases" / ".build" / "joint"
    training = read_training(folder / "joint.safetensors")
    assert training["name"] == "joint"
    assert training["surveys"] == {
        "sky": {"field_px": 128, "input_px": 16},
        "pictures": {"field_px": None, "input_px": 16},
    }
    assert load_encoder(folder / "joint.safetensors").whitening.dim == 4
    assert (folder / "joint.onnx").stat().st_size > 10_000


def test_what_is_read_for_a_model_is_not_read_again_for_an_atlas(built):
    assert {path.name for path in (built / "atlases" / ".build").iterdir()} == {
        "sky", "pictures", "joint",
    }  # fmt: skip
    survey = json.loads(
        (built / "atlases" / ".build" / "sky" / "ingest" / "survey.json").read_text()
    )
    assert survey["survey"]["simulated"] is True


def test_a_model_that_is_up_to_date_is_not_made_again(built, monkeypatch, capsys):
    monkeypatch.setattr(ingest, "open_source", None)
    monkeypatch.setattr("pipeline.stages.train.run_on_several", None)
    assert main(command(built)) == 0
    assert "joint.safetensors" in capsys.readouterr().out


def test_a_knob_of_one_survey_outdates_the_model(built, tmp_path):
    folder = shutil.copytree(built, tmp_path / "copy")
    sky = folder / "sky.toml"
    config = ModelConfig(name="joint", surveys=("sky.toml", "pictures.toml"))
    before = Build.of_model(config, folder, folder / "atlases").fingerprint("train")
    sky.write_text(sky.read_text() + "[views]\nnoise = false\n")
    assert Build.of_model(config, folder, folder / "atlases").fingerprint("train") != before
    sky.write_text(MOCK + "[train]\nepochs = 7\n")  # of the atlas, not of the model
    assert Build.of_model(config, folder, folder / "atlases").fingerprint("train") == before


def test_an_atlas_uses_the_model_with_a_field_of_its_own(built):
    weights = built / "atlases" / ".build" / "joint" / "joint.safetensors"
    atlas = MOCK.replace("field_px = 128", "field_px = 96")
    (built / "near.toml").write_text(f'{atlas}[train]\nweights = "{weights}"\n')
    arguments = [str(built / "near.toml"), "--atlases", str(built / "other")]
    assert main(["ingest", *arguments]) == 0
    assert main(["train", *arguments]) == 0


def test_names_that_stand_for_two_things_are_refused(built):
    with pytest.raises(ConfigError, match="must all have names of their own"):
        Build.of_model(ModelConfig(name="sky", surveys=("sky.toml",)), built, built / "atlases")
    twice = ModelConfig(name="joint", surveys=("sky.toml", "sky.toml"))
    with pytest.raises(ConfigError, match=r"joint and its surveys \(sky, sky\)"):
        Build.of_model(twice, built, built / "atlases")
