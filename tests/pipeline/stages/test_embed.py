"""Embeddings chunk by chunk: here, on a cluster, and what is left after an interruption."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.atlas import frame
from pipeline.atlas.manifest import EmbeddingInfo
from pipeline.atlas.whole_files import write_array
from pipeline.config import Config, EmbedConfig, EncoderConfig, InputConfig
from pipeline.encoder.chunk_embedder import ChunkEmbedder, EmbeddingError
from pipeline.encoder.encoder import Embedder, fit_whitening
from pipeline.encoder.resnet import ResNet
from pipeline.encoder.weights import load_encoder, save_encoder
from pipeline.stages import embed
from pipeline.stages.cluster import ClusterError
from pipeline.store.sums import kept_file
from pipeline.store.workspace import Workspace
from pipeline.views.field import Field
from tests.pipeline.dask_cluster import needs_dask, two_processes
from tests.pipeline.small_store import write_store

SHIPPED = Path(__file__).parents[3] / "pipeline" / "weights" / "galaxy-finder-v1.safetensors"
address = pytest.fixture(scope="module")(two_processes)
CONFIG = Config(
    name="small",
    source={"kind": "mock"},
    input=InputConfig(input_px=32),
    embed=EmbedConfig(batch_size=24),  # three galaxies in eight orientations
)


@pytest.fixture
def workspace(tmp_path):
    """Forty galaxies in chunks of seven, and an encoder with a whitening."""
    found = Workspace(tmp_path / "small")
    write_store(found.cutout_store, 40, chunk_rows=7)
    for path in (found.encoder_weights, found.embeddings):
        path.parent.mkdir(parents=True)
    torch.manual_seed(1)
    encoder = ResNet(EncoderConfig(width=8)).eval()
    with torch.inference_mode():
        pictures = torch.rand(60, 3, 32, 32)
        fit_whitening(encoder, Embedder(encoder, 8).representations(pictures), 16)
    save_encoder(encoder, found.encoder_weights, {"name": "small"})
    return found


def embeddings(workspace):
    return np.load(workspace.embeddings)


def chunk(workspace, number):
    return workspace.embeddings.with_name(f"embeddings-{number:06d}.npy")


def mark(workspace, number):
    """Put zeros in the place of a chunk, as if the encoder had made them."""
    with kept_file(chunk(workspace, number)) as partial:
        write_array(partial, np.zeros((7, 16), np.float32))


def test_embeddings_are_those_of_all_galaxies_at_once(workspace):
    embed.run(CONFIG, workspace)
    store = write_store(workspace.root / "again", 40, chunk_rows=40)
    pictures = torch.from_numpy(store.read(np.arange(40)))
    with torch.inference_mode():
        expected = Embedder(load_encoder(workspace.encoder_weights), 8)(
            Field.of(CONFIG.input, store.survey).encoder_input(pictures)
        )
    found = embeddings(workspace)
    assert found.shape == (40, 16)
    assert found.dtype == np.float32
    assert np.allclose(found, expected, atol=1e-4)


def info(workspace):
    return EmbeddingInfo(**json.loads(workspace.embedding_info.read_text()))


def test_embeddings_are_counted_from_their_mean_which_is_kept(workspace, monkeypatch):
    embed.run(CONFIG, workspace)
    assert info(workspace) == EmbeddingInfo(dim=16, dtype="float32")  # 40 are too few
    given = embeddings(workspace).astype(np.float64)
    monkeypatch.setattr(frame, "FEWEST", 40)
    embed.run(CONFIG, workspace)
    centred = given - given.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    assert np.allclose(embeddings(workspace), centred, atol=1e-6)
    assert info(workspace).centre == pytest.approx(given.mean(axis=0), abs=1e-6)
    assert np.allclose(info(workspace).frame.out_of(embeddings(workspace)), given, atol=1e-5)


def test_a_configuration_may_keep_the_frame_of_the_model(workspace, monkeypatch):
    embed.run(CONFIG, workspace)
    given = embeddings(workspace)
    monkeypatch.setattr(frame, "FEWEST", 40)
    embed.run(replace(CONFIG, embed=EmbedConfig(batch_size=24, centre=False)), workspace)
    assert np.array_equal(embeddings(workspace), given)
    assert info(workspace).centre is None


def test_a_chunk_that_exists_is_not_computed_again(workspace):
    embed.run(CONFIG, workspace)
    whole = embeddings(workspace)
    mark(workspace, 2)
    chunk(workspace, 4).unlink()
    embed.run(CONFIG, workspace)
    marked = embeddings(workspace)
    assert (marked[14:21] == 0).all()
    assert np.array_equal(np.delete(marked, np.s_[14:21], 0), np.delete(whole, np.s_[14:21], 0))


@needs_dask
def test_a_cluster_of_two_processes_gives_the_same_bytes(workspace, address):
    """With weights and shapes that one thread, which workers start with, rounds differently."""
    shutil.copy(SHIPPED, workspace.encoder_weights)
    config = replace(CONFIG, input=InputConfig(), embed=EmbedConfig(batch_size=56))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        embed.run(config, workspace)
        alone = workspace.embeddings.read_bytes()
        for path in workspace.embeddings.parent.iterdir():
            path.unlink()
        embed.run(config, workspace, address)
    finally:
        torch.set_num_threads(before)
    assert workspace.embeddings.read_bytes() == alone


@needs_dask
def test_a_cluster_computes_only_what_is_missing(workspace, address):
    embed.run(CONFIG, workspace)
    whole = embeddings(workspace)
    mark(workspace, 2)
    chunk(workspace, 5).unlink()
    embed.run(CONFIG, workspace, address)
    marked = embeddings(workspace)
    assert (marked[14:21] == 0).all()
    assert np.array_equal(marked[35:], whole[35:])


@needs_dask
def test_a_worker_that_does_not_see_the_cutouts_says_so_and_what_is_done_stays(workspace, address):
    embed.run(CONFIG, workspace)
    kept = chunk(workspace, 0).read_bytes()
    chunk(workspace, 5).unlink()
    (workspace.cutout_store / "cutouts-000005.npy").unlink()
    with pytest.raises(ClusterError, match=r"cannot read .*cutouts-000005\.npy.*same path"):
        embed.run(CONFIG, workspace, address)
    assert chunk(workspace, 0).read_bytes() == kept


def test_other_weights_or_another_version_on_a_worker_are_noticed(workspace):
    embedder = ChunkEmbedder.of(CONFIG, workspace)
    old = replace(embedder, version="0.0.1")
    with pytest.raises(EmbeddingError, match=r"this is 0\.0\.1"):
        old(0)
    other = replace(embedder, weights_sha256="0" * 64)
    with pytest.raises(EmbeddingError, match="not the same file"):
        other(0)


def test_weights_that_were_trained_again_are_used(workspace):
    before = ChunkEmbedder.of(CONFIG, workspace)(0)
    torch.manual_seed(2)
    save_encoder(ResNet(EncoderConfig(width=8)).eval(), workspace.encoder_weights, {})
    assert ChunkEmbedder.of(CONFIG, workspace)(0).shape != before.shape


def test_damaged_weights_are_an_error(workspace):
    encoder = load_encoder(workspace.encoder_weights)
    encoder.whitening.mean[:] = torch.nan
    save_encoder(encoder, workspace.encoder_weights, {})
    with pytest.raises(EmbeddingError, match="not finite"):
        embed.run(CONFIG, workspace)
    assert not workspace.embeddings.exists()
