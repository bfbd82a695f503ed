import numpy as np
import pytest
import torch
from torch import Generator

from pipeline.config import InputConfig
from pipeline.evaluation.invariance import CHANGES, Change, recall
from pipeline.evaluation.representations import Representation, unit
from pipeline.store.cutouts import CutoutStore
from pipeline.views.field import Field

BY_NAME = {change.name: change.apply for change in CHANGES}
FLUX = Field(48, 48, 32, is_flux=True, pixel_scale_arcsec=0.262)
PICTURES = Field(48, 48, 32, is_flux=False)


def noise_like(field, n=6):
    rng = np.random.default_rng(1)
    values = rng.standard_normal((n, 3, 48, 48))
    if field.is_flux:
        return torch.from_numpy((0.02 * values).astype(np.float16))
    return torch.from_numpy(np.clip(128 + 20 * values, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("field", [FLUX, PICTURES], ids=["flux", "pictures"])
@pytest.mark.parametrize("name", BY_NAME)
def test_a_change_changes_the_picture_and_leaves_the_cutout(field, name):
    cutouts = noise_like(field)
    before = cutouts.clone()
    changed = BY_NAME[name](cutouts, field, Generator().manual_seed(1))
    assert torch.equal(cutouts, before)
    assert changed.shape == (6, 3, 32, 32)
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert not torch.allclose(changed, field.encoder_input(cutouts), atol=0.01)


def test_noise_is_as_much_again_as_there_is():
    cutouts = noise_like(FLUX)
    plain = Field(48, 48, 48, is_flux=True)
    changed = BY_NAME["noise"](cutouts, plain, Generator().manual_seed(1))
    flux = 0.02 * torch.randn((200, 3, 48, 48), generator=Generator().manual_seed(2))
    # Colours are not linear in flux: twice the variance looks like twice the variance drawn.
    expected = plain.encoder_input(np.sqrt(2) * flux).std()
    assert changed.std() == pytest.approx(float(expected), rel=0.05)


def test_a_dot_is_moved_by_a_twentieth_of_the_field():
    cutouts = torch.zeros((4, 3, 41, 41), dtype=torch.uint8)
    cutouts[:, :, 20, 20] = 255
    field = Field(41, 41, 41, is_flux=False)
    moved = BY_NAME["shift"](cutouts, field, Generator().manual_seed(1))[:, 0]
    grid = torch.arange(41.0) - 20
    y = (moved.sum(2) * grid).sum(1) / moved.sum((1, 2))
    x = (moved.sum(1) * grid).sum(1) / moved.sum((1, 2))
    assert torch.hypot(x, y).numpy() == pytest.approx(0.05 * 41, abs=0.02)


def means(pictures):
    """Encode pictures by 32 numbers that depend on places."""
    return unit(pictures.mean(dim=(1, 2)).numpy() - 0.5)


@pytest.fixture
def store(tiny_build):
    return CutoutStore(tiny_build.workspace.cutout_store)


@pytest.fixture
def representation(store):
    field = Field.of(InputConfig(field_px=128, input_px=32), store.survey)
    vectors = means(field.encoder_input(torch.from_numpy(store.read(np.arange(len(store))))))
    return Representation("means", "", [vectors], field, means)


def test_all_neighbours_are_kept_where_nothing_changes(store, representation):
    nothing = Change("nothing", "", lambda cutouts, field, _generator: field.encoder_input(cutouts))
    rows, sample = np.arange(len(store)), np.array([3, 200])
    estimate = recall(representation, store, rows, sample, nothing, 10, 1)
    assert estimate == (1, 0)


def test_few_neighbours_are_kept_where_all_is_lost(store, representation):
    noise = Change("noise", "", lambda cutouts, _field, g: torch.rand((len(cutouts), 3, 32, 32)))
    rows = np.arange(len(store))
    # A galaxy keeps 10 of 299 by chance: 0.03.
    assert recall(representation, store, rows, rows, noise, 10, 1).value < 0.2
