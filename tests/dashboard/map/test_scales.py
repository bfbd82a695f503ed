"""Colours of very many: the same as those of all, where all tell the scale."""

import numpy as np
import pytest

from dashboard.explorer.explorer import Explorer
from dashboard.map import sample as map_sample
from dashboard.map import scales
from dashboard.map.colour_choices import colour_by
from dashboard.query.query import Query
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

N = 200
COLUMNS = {
    "mag_z": np.where(np.arange(N) % 9, np.linspace(14, 20, N), np.nan),
    "n_seen": np.arange(N) // 2,
    "kind": [["disk", "ring", "", None][row % 4] for row in range(N)],
    "empty": np.full(N, np.nan),
}


@pytest.fixture
def atlas():
    atlas = small_atlas(random_unit_rows(N, 4), columns=COLUMNS)
    atlas.map_xy[:] = np.random.default_rng(1).random((N, 2))
    return atlas


@pytest.mark.parametrize("name", ["mag_z", "n_seen", "kind", "~density", ""])
def test_a_scale_that_all_tell_is_that_of_a_map_that_is_drawn_whole(atlas, monkeypatch, name):
    whole = colour_by(Explorer(atlas), name)
    monkeypatch.setattr(map_sample, "MOST_DRAWN", 20)
    many = colour_by(Explorer(atlas), name)
    rows = np.array([3, 0, 199, 9])
    assert many.position[rows].tolist() == whole.position[rows].tolist()
    assert many.position[5:9].tolist() == whole.position[5:9].tolist()
    assert many.limits == pytest.approx(whole.limits) if whole.limits else many.limits is None
    for what in ("categories", "n_unknown", "label", "unit", "is_log", "names"):
        assert getattr(many, what) == getattr(whole, what), what


def test_the_ends_are_those_of_all_though_only_some_tell_the_scale(atlas, monkeypatch):
    monkeypatch.setattr(map_sample, "MOST_DRAWN", 20)
    monkeypatch.setattr(scales, "MOST_ASKED", 10)
    explorer = Explorer(atlas)
    assert len(scales.spread_rows(explorer)) == 10
    colours = scales.of_numbers(explorer, "mag_z")
    assert colours.extent == (np.nanmin(COLUMNS["mag_z"]), np.nanmax(COLUMNS["mag_z"]))
    assert colours.n_unknown == np.isnan(COLUMNS["mag_z"]).sum()
    nothing = scales.of_numbers(explorer, "empty")
    assert (nothing.n_unknown, nothing.position[[0, 1]].tolist()) == (N, [np.float32(-0.1)] * 2)


def test_similarity_is_worked_out_for_those_who_are_asked_for(atlas, monkeypatch):
    monkeypatch.setattr(map_sample, "MOST_DRAWN", 20)
    explorer = Explorer(atlas)
    colours = colour_by(explorer, "~similarity", Query((7,)))
    similarity = Query((7,)).similarity(explorer)
    low, high = colours.limits
    wanted = np.clip((similarity - low) / (high - low), 0, 1)
    assert colours.position[:] == pytest.approx(wanted, abs=1e-5)
