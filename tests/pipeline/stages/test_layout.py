import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.atlas.engines import SampleSearch
from pipeline.config import Config, UmapConfig
from pipeline.stages import layout, umap_layout
from pipeline.stages.layout import MARGIN, unit_square
from pipeline.store.workspace import Workspace


def test_an_outlier_does_not_stretch_the_axes():
    points = np.random.default_rng(1).uniform(0, 10, (1000, 2))
    points[0] = [1e6, -1e6]
    scaled = unit_square(points)
    assert scaled[0].tolist() == [np.float32(1 + MARGIN), np.float32(-MARGIN)]
    assert np.allclose(np.median(scaled[1:], axis=0), 0.5, atol=0.05)


@given(n=st.integers(1, 50), scale=st.floats(1e-6, 1e6), seed=st.integers(0, 1000))
def test_coordinates_lie_in_the_square_and_keep_their_order(n, scale, seed):
    points = scale * np.random.default_rng(seed).standard_normal((n, 2))
    scaled = unit_square(points)
    assert scaled.dtype == np.float32
    assert scaled.min() >= -MARGIN - 1e-6
    assert scaled.max() <= 1 + MARGIN + 1e-6
    order = np.argsort(points[:, 0])
    assert (np.diff(scaled[order, 0]) >= 0).all()


def test_points_that_are_all_alike_have_a_place():
    assert unit_square(np.ones((4, 2))).tolist() == [[0, 0]] * 4


@pytest.fixture
def two_clusters(tmp_path, monkeypatch):
    """200 galaxies about two directions, which our stand-in for UMAP puts 10 apart."""
    rng = np.random.default_rng(1)
    embeddings = 0.05 * rng.standard_normal((200, 8)).astype(np.float32)
    embeddings[:120, 0] += 1
    embeddings[120:, 1] += 1
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    workspace = Workspace(tmp_path)
    for stage in ("embed", "umap2d"):
        workspace.folder(stage).mkdir()
    np.save(workspace.embeddings, embeddings)
    monkeypatch.setattr(umap_layout, "lay_out", lambda embeddings, *_: 10 * embeddings[:, :2])
    return workspace


def map_xy(workspace, n_fitted):
    layout.run(Config(name="map", source={}, layout=UmapConfig(n_fitted=n_fitted)), workspace)
    return np.load(workspace.map_xy)


# Killed on the point of naming the places of the second block.
KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.config import Config, UmapConfig
from pipeline.stages import layout, umap_layout
from pipeline.store.workspace import Workspace
umap_layout.lay_out = lambda embeddings, *_: 10 * embeddings[:, :2]
layout._BLOCK_ROWS = 50
name = Path.replace

def name_or_die(self, target):
    if Path(target).name == "places-0000000050-50.npy":
        os.kill(os.getpid(), signal.SIGKILL)
    return name(self, target)

Path.replace = name_or_die
config = Config(name="map", source={}, layout=UmapConfig(n_fitted=40))
layout.run(config, Workspace(Path(sys.argv[1])))
"""


def test_a_map_that_was_killed_goes_on_with_the_next_block(two_clusters, monkeypatch):
    monkeypatch.setattr(layout, "_BLOCK_ROWS", 50)
    expected = map_xy(two_clusters, 40).tobytes()
    two_clusters.map_xy.unlink()
    command = [sys.executable, "-c", KILLED, str(two_clusters.root)]
    assert subprocess.run(command, cwd=Path(__file__).parents[3]).returncode == -9
    placed, nearest = [], SampleSearch.nearest
    monkeypatch.setattr(umap_layout, "lay_out", None)  # the sample keeps its places
    monkeypatch.setattr(SampleSearch, "nearest", lambda *them: placed.append(0) or nearest(*them))
    assert map_xy(two_clusters, 40).tobytes() == expected
    assert len(placed) == 3
    left = {path.name for path in two_clusters.folder("umap2d").glob("*.npy")}
    assert left == {"umap.npy"}


def test_galaxies_that_are_left_out_of_the_fit_land_in_their_cluster(two_clusters):
    x, y = map_xy(two_clusters, 40).T
    assert (x[:120] > y[:120]).all()
    assert (x[120:] < y[120:]).all()


def test_those_that_are_fitted_keep_the_place_that_the_fit_gave_them(two_clusters):
    fitted = np.random.default_rng(Config.seed).permutation(200)[:40]
    everywhere = unit_square(10 * np.load(two_clusters.embeddings)[:, :2])
    sampled = map_xy(two_clusters, 40)
    # Both are scaled into the square by quantiles of their own: their order stays.
    assert np.array_equal(
        np.argsort(sampled[fitted, 0], kind="stable"),
        np.argsort(everywhere[fitted, 0], kind="stable"),
    )


def test_the_same_seed_puts_every_galaxy_in_the_same_place(two_clusters, monkeypatch):
    first = map_xy(two_clusters, 40).tobytes()
    monkeypatch.setattr(layout, "_BLOCK_ROWS", 17)
    assert map_xy(two_clusters, 40).tobytes() == first


@pytest.mark.parametrize("n_fitted", [200, 100_000])
def test_a_survey_that_is_no_larger_than_the_sample_is_fitted_as_a_whole(two_clusters, n_fitted):
    whole = unit_square(10 * np.load(two_clusters.embeddings)[:, :2])
    assert map_xy(two_clusters, n_fitted).tobytes() == whole.tobytes()
