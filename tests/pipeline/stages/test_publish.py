"""An atlas appears whole, in one step, and takes the place of nothing but an atlas."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from pipeline.atlas import AtlasError, files, list_atlases, open_atlas, opening
from pipeline.atlas.atlas import publish, staging_folder
from pipeline.config import ThumbnailConfig
from pipeline.encoder.onnx_export import is_export_of
from pipeline.encoder.weights import load_encoder, save_encoder
from pipeline.stages import publish as publish_stage
from pipeline.store.workspace import Workspace
from tests.pipeline.damage import change_manifest


def test_a_failed_publish_leaves_the_former_atlas_alone(copy):
    before = sorted((path.name, path.read_bytes()) for path in copy.iterdir())
    manifest = open_atlas(copy).manifest
    with staging_folder(copy) as staging:
        for name in (*files.REQUIRED_FILES, files.INDEX):
            shutil.copy(copy / name, staging / name)
        np.save(staging / files.MAP_XY, np.zeros((5, 2), np.float32))
        with pytest.raises(AtlasError, match=r"umap\.npy holds"):
            publish(staging, copy, manifest)
    assert sorted((path.name, path.read_bytes()) for path in copy.iterdir()) == before
    assert [path.name for path in copy.parent.iterdir()] == ["tiny"]


def test_an_atlas_that_is_replaced_stays_usable_for_those_who_have_it_open(copy):
    opened = open_atlas(copy)
    with staging_folder(copy) as staging:
        for path in copy.iterdir():
            shutil.copy(path, staging / path.name)
        publish(staging, copy, opened.manifest)
    assert next(opened.engine.proposals(opened.vectors[5], 1)).tolist() == [5]
    assert opened.thumbnails[299]
    assert open_atlas(copy).manifest.n_objects == 300


def test_atlases_are_listed_by_name_without_the_unfinished(copy):
    for name in ("b", ".partial"):
        shutil.copytree(copy, copy.parent / name)
    (copy.parent / "empty").mkdir()
    assert [path.name for path in list_atlases(copy.parent)] == ["b", "tiny"]


def test_a_folder_that_is_not_an_atlas_is_never_replaced(copy):
    pictures = copy.parent / "my_pictures"
    pictures.mkdir()
    (pictures / "M51.jpg").write_bytes(b"the only copy")
    with staging_folder(pictures) as staging:
        for path in copy.iterdir():
            shutil.copy(path, staging / path.name)
        with pytest.raises(AtlasError, match="is there already and is not an atlas"):
            publish(staging, pictures, open_atlas(copy).manifest)
    assert (pictures / "M51.jpg").read_bytes() == b"the only copy"


def test_what_a_killed_publisher_left_is_put_back_or_removed(copy):
    copy.rename(copy.with_name(".tiny.former-17"))
    (copy.parent / ".tiny.partial-x").mkdir()
    with staging_folder(copy):
        assert open_atlas(copy).manifest.n_objects == 300
    assert [path.name for path in copy.parent.iterdir()] == ["tiny"]


def test_an_atlas_that_is_replaced_while_it_is_opened_is_opened_again(copy, monkeypatch):
    real, replaced = opening.read_catalogue, []

    def replaced_meanwhile(file, manifest):
        if not replaced:
            replaced.append(True)
            change_manifest(copy, title="Second edition")
        return real(file, manifest)

    monkeypatch.setattr(opening, "read_catalogue", replaced_meanwhile)
    assert open_atlas(copy).manifest.title == "Second edition"


@pytest.mark.parametrize(
    ("training", "expected"), [({"name": "small-v1"}, "small-v1"), ({}, "simclr-resnet18-8")]
)
def test_an_atlas_calls_its_model_by_the_name_in_the_weights(
    tiny_build, tmp_path, training, expected
):
    workspace = Workspace(tmp_path / "work")
    workspace.folder("train").mkdir(parents=True)
    for stage in ("ingest", "embed", "index", "umap2d", "evaluate"):
        workspace.folder(stage).symlink_to(tiny_build.workspace.folder(stage))
    encoder = load_encoder(tiny_build.workspace.encoder_weights)
    save_encoder(encoder, workspace.encoder_weights, training)
    config = replace(tiny_build.config, thumbnails=ThumbnailConfig(keep=False))
    publish_stage.run(config, workspace, tmp_path / "named")
    manifest = open_atlas(tmp_path / "named").manifest
    assert manifest.model.name == expected
    assert manifest.model.config["training"] == training


def test_an_atlas_carries_its_encoder_and_says_what_that_and_people_see(tiny_build, tiny_atlas):
    opened = open_atlas(tiny_atlas)
    seen = opened.manifest.encoder_input
    assert seen is not None
    assert (seen.field_px, seen.input_px) == (128, 32)
    assert opened.manifest.north_up
    assert opened.encoder == tiny_atlas / files.ENCODER
    weights = tiny_build.workspace.encoder_weights
    assert is_export_of(weights, opened.encoder, orientations=8, input_px=32)


@pytest.fixture
def ready(tiny_build, tiny_atlas, tmp_path):
    """Return what publishes the tiny atlas anew, with an encoder that was exported before."""
    weights = tmp_path / "ready.safetensors"
    shutil.copyfile(tiny_build.workspace.encoder_weights, weights)
    shutil.copyfile(tiny_atlas / files.ENCODER, weights.with_suffix(".onnx"))
    workspace = Workspace(tmp_path / "work")
    workspace.root.mkdir()
    for stage in ("ingest", "train", "embed", "index", "umap2d", "evaluate"):
        workspace.folder(stage).symlink_to(tiny_build.workspace.folder(stage))
    train = replace(tiny_build.config.train, weights=str(weights))
    config = replace(tiny_build.config, thumbnails=ThumbnailConfig(keep=False), train=train)
    return config, workspace


def test_an_encoder_that_lies_beside_the_weights_is_copied(
    ready, tiny_atlas, tmp_path, monkeypatch
):
    monkeypatch.setattr(publish_stage, "export_onnx", lambda *_: pytest.fail("exported again"))
    publish_stage.run(*ready, tmp_path / "ready")
    copied = (tmp_path / "ready" / files.ENCODER).read_bytes()
    assert copied == (tiny_atlas / files.ENCODER).read_bytes()


def test_the_catalogue_of_many_galaxies_is_also_written_to_be_mapped(
    ready, tiny_atlas, tmp_path, monkeypatch
):
    monkeypatch.setattr(files, "MAPPED_FROM", 299)
    real, written = publish_stage.write_buffers, []

    def killed(catalogue, plan, partial):
        if len(written) == 4:
            raise KeyboardInterrupt
        written.append(plan.field.name)
        real(catalogue, plan, partial)

    monkeypatch.setattr(publish_stage, "write_buffers", killed)
    with pytest.raises(KeyboardInterrupt):
        publish_stage.run(*ready, tmp_path / "large")
    before = written.copy()
    monkeypatch.setattr(publish_stage, "write_buffers", lambda *a: written.append(a[1]) or real(*a))
    publish_stage.run(*ready, tmp_path / "large")
    opened = open_atlas(tmp_path / "large")
    assert files.MAPPED_CATALOGUE in opened.files
    assert len(written) == len(opened.catalogue.names)
    assert before == opened.catalogue.names[:4]
    assert opened.catalogue["object_id"].tolist() == [
        *open_atlas(tiny_atlas).catalogue["object_id"]
    ]
    assert not list(ready[1].folder("publish").glob("column-*"))
    assert files.MAPPED_CATALOGUE not in open_atlas(tiny_atlas).files


def test_the_galaxy_that_is_seen_first_must_be_one_of_the_atlas(tiny_build, tmp_path):
    config = replace(
        tiny_build.config, thumbnails=ThumbnailConfig(keep=False), first_object_id="MOCK-000007"
    )
    publish_stage.run(config, tiny_build.workspace, tmp_path / "shown")
    assert open_atlas(tmp_path / "shown").manifest.first_object_id == "MOCK-000007"
    with pytest.raises(AtlasError, match=r"first_object_id is 'M 51', but .* has no such galaxy"):
        publish_stage.run(
            replace(config, first_object_id="M 51"), tiny_build.workspace, tmp_path / "missing"
        )
    assert not (tmp_path / "missing").exists()


def test_an_atlas_says_how_many_galaxies_umap_laid_out(tiny_atlas):
    assert open_atlas(tiny_atlas).manifest.map_layout.n_fitted == 300


@pytest.fixture
def unevaluated(tiny_build, tmp_path):
    """A workspace without figures of merit, and the atlas that was published from it."""
    workspace = Workspace(tmp_path / "work")
    workspace.root.mkdir()
    for stage in ("ingest", "train", "embed", "index", "umap2d"):
        workspace.folder(stage).symlink_to(tiny_build.workspace.folder(stage))
    # With the exported encoder, which takes seconds.
    shutil.copytree(tiny_build.workspace.folder("publish"), workspace.folder("publish"))
    destination = tmp_path / "early"
    publish_stage.run(tiny_build.config, workspace, destination, is_evaluated=False)
    return tiny_build.config, workspace, destination


def identities(folder):
    return {path.name: path.stat().st_ino for path in folder.iterdir()}


def test_figures_are_added_to_an_atlas_that_was_published_without_them(
    unevaluated, tiny_build, tiny_atlas
):
    config, workspace, destination = unevaluated
    opened, before = open_atlas(destination), identities(destination)
    assert opened.evaluation == opened.evaluation_now() == {}
    publish_stage.run(config, workspace, destination, is_evaluated=False)
    assert identities(destination) == before  # there is nothing to do yet

    workspace.folder("evaluate").symlink_to(tiny_build.workspace.folder("evaluate"))
    publish_stage.run(config, workspace, destination)
    changed = identities(destination).items() ^ before.items()
    assert {name for name, _ in changed} == {files.EVALUATION, files.MANIFEST}
    assert opened.keeper.condition().status == "ok"
    assert opened.evaluation_now() == open_atlas(tiny_atlas).evaluation
    assert open_atlas(destination).evaluation == opened.evaluation_now()


def test_figures_of_another_atlas_are_not_shown_with_one_that_is_open(unevaluated, tiny_atlas):
    _, _, destination = unevaluated
    opened = open_atlas(destination)
    shutil.rmtree(destination)
    shutil.copytree(tiny_atlas, destination)
    assert opened.evaluation_now() == {}
    assert opened.keeper.condition().status == "replaced"


def test_an_atlas_that_was_damaged_before_its_figures_came_is_published_anew(
    unevaluated, tiny_build
):
    config, workspace, destination = unevaluated
    index = destination / files.INDEX
    whole = index.read_bytes()
    index.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    workspace.folder("evaluate").symlink_to(tiny_build.workspace.folder("evaluate"))
    publish_stage.run(config, workspace, destination)
    assert index.read_bytes() == whole
    assert open_atlas(destination).evaluation
