"""What training sees: every galaxy, in batches that do not depend on who shares them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import Config
from pipeline.images.legacy_surveys import FWHM_OVER_SIGMA
from pipeline.training.training_set import Batches, Galaxies, TrainingError, TrainingSet
from tests.pipeline.small_store import training_set, write_store

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def galaxies(tmp_path_factory):
    """20 pictures and 30 flux cutouts of another size."""
    folder = tmp_path_factory.mktemp("stores")
    pictures = write_store(folder / "pictures", 20)
    flux = write_store(folder / "flux", 30, 40, is_flux=True)
    return Galaxies([training_set(pictures, name="pictures"), training_set(flux, name="flux")])


def test_pictures_and_flux_come_to_the_encoder_alike(galaxies):
    assert len(galaxies) == 50
    together = galaxies.pictures(np.array([25, 3, 49, 19]), CPU)
    assert together.shape == (4, 3, 16, 16)
    assert 0 <= together.min() < together.max() <= 1
    pictures, flux = galaxies.training_sets
    rows = np.array([3, 19])
    alone = pictures.field.encoder_input(torch.from_numpy(pictures.store.read(rows)))
    assert torch.equal(together[[1, 3]], alone)
    alone = flux.field.encoder_input(torch.from_numpy(flux.store.read(np.array([5, 29]))))
    assert torch.equal(together[[0, 2]], alone)


def test_surveys_of_different_inputs_are_refused_by_name(galaxies):
    pictures, flux = galaxies.training_sets
    wide = training_set(flux.store, input_px=32, name="flux")
    with pytest.raises(TrainingError, match=r"input_px differs \(pictures: 16, flux: 32\)"):
        Galaxies([pictures, wide])


def test_one_galaxy_is_too_few(tmp_path):
    with pytest.raises(TrainingError, match="at least 2"):
        Galaxies([training_set(write_store(tmp_path, 1))])


def test_an_epoch_shows_each_galaxy_once_but_for_the_last_that_fill_no_batch(galaxies):
    seen = []
    batches = Batches(galaxies, 16, seed=3)
    original = galaxies.read
    try:
        galaxies.read = lambda rows: seen.extend(rows.tolist()) or original(rows)
        shapes = [views.shape for views in batches.epoch(0, CPU)]
    finally:
        del galaxies.read
    assert shapes == [(32, 3, 16, 16)] * 3
    assert len(set(seen)) == len(seen) == 48


@pytest.mark.parametrize("n_processes", [2, 4, 8])
def test_views_do_not_depend_on_how_many_processes_share_a_batch(galaxies, n_processes):
    whole = [views.unflatten(0, (2, -1)) for views in Batches(galaxies, 16, 3).epoch(1, CPU)]
    shares = [
        [
            views.unflatten(0, (2, -1))
            for views in Batches(galaxies, 16, 3, process, n_processes).epoch(1, CPU)
        ]
        for process in range(n_processes)
    ]
    for step, views in enumerate(whole):
        assert torch.equal(torch.cat([share[step] for share in shares], dim=1), views)


def test_the_two_views_differ_and_so_do_epochs(galaxies):
    batches = Batches(galaxies, 16, seed=3)
    views = next(batches.epoch(0, CPU))
    first, second = views.chunk(2)
    assert (first - second).abs().mean() > 0.005
    assert not torch.equal(next(batches.epoch(1, CPU)), views)
    assert torch.equal(next(batches.epoch(0, CPU)), views)


@given(n=st.integers(2, 60), size=st.integers(2, 70), n_processes=st.integers(1, 9))
def test_processes_share_batches_evenly(n, size, n_processes):
    class Counted:
        def __len__(self):
            return n

    if min(n, size) < max(2, n_processes):
        with pytest.raises(TrainingError, match="too few for a batch"):
            Batches(Counted(), size, 0, 0, n_processes)
        return
    shares = [Batches(Counted(), size, 0, p, n_processes) for p in range(n_processes)]
    parts = [part for share in shares for part in share.parts]
    assert parts == list(range(len(parts)))
    assert len(parts) * shares[0].part_size == shares[0].batch_size <= min(n, size)
    assert min(n, size) - shares[0].batch_size < n_processes


def test_each_galaxys_own_seeing_reaches_its_views(tmp_path):
    fwhm = np.linspace(1.0, 2.0, 4)
    columns = {f"psf_fwhm_arcsec_{band}": fwhm for band in "grz"}
    store = write_store(tmp_path, 4, 40, is_flux=True, **columns)
    item = training_set(store)
    assert item.own_psf_sigma[:, 1] == pytest.approx(fwhm / FWHM_OVER_SIGMA)
    told = []
    real = item.views
    object.__setattr__(item, "views", lambda p, g, sigma: told.append(sigma) or real(p, g, sigma))
    next(Batches(Galaxies([item]), 4, 1).epoch(0, CPU))
    assert {round(float(s), 5) for sigma in told for s in sigma[:, 0]} == {
        round(f / FWHM_OVER_SIGMA, 5) for f in fwhm
    }


def test_a_configuration_gives_the_first_label_to_the_probe(tmp_path):
    store = write_store(tmp_path, 4, t_type=[1, 2, 3, 4])
    common = {"name": "small", "source": {"kind": "mock"}, "input": {"input_px": 16}}
    of = lambda evaluate: TrainingSet.of(Config(**common, evaluate=evaluate), store)  # noqa: E731
    number = of({"numbers": ("t_type",), "classes": ("kind",)})
    assert (number.name, number.label, number.is_class) == ("small", "t_type", False)
    assert of({"classes": ("kind",)}).is_class
    assert of({}).label is None
