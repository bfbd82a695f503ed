"""What training draws its views from: the galaxies of one survey, or of several joined."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Generator, Tensor

from pipeline.atlas.errors import PipelineError
from pipeline.config import Config
from pipeline.store.cutouts import CutoutStore
from pipeline.views.augmentations import Views
from pipeline.views.field import Field
from pipeline.views.nuisances import own_psf

# A batch is drawn in so many parts, each from random numbers of its own, whatever the number of
# processes that share it: 1, 2, 4 or 8 of them see the same views.
PARTS = 8
PSF_COLUMNS = "psf_fwhm_arcsec_"


class TrainingError(PipelineError):
    """Training cannot begin or go on."""


@dataclass(frozen=True)
class TrainingSet:
    """The galaxies of one survey, and how views of them are made."""

    store: CutoutStore
    field: Field
    views: Views
    name: str = ""  # of the survey, where figures of several stand side by side
    # A column that the online probe predicts, for information; training never sees it.
    label: str | None = None
    is_class: bool = False  # whether that column holds classes rather than numbers

    @classmethod
    def of(cls, config: Config, store: CutoutStore) -> TrainingSet:
        """Return the training set that a configuration describes."""
        field = Field.of(config.input, store.survey)
        numbers, classes = list(config.evaluate.numbers), list(config.evaluate.classes)
        label = next(iter(numbers + classes), None)
        is_class = label is not None and not numbers
        return cls(store, field, Views(config.views, field), config.name, label, is_class)

    @cached_property
    def own_psf_sigma(self) -> np.ndarray | None:
        """Seeing of each galaxy (n, band), Gaussian sigma in arcsec, or None if it is not known."""
        columns = [name for name in self.store.columns if name.startswith(PSF_COLUMNS)]
        return own_psf(self.store.catalogue(columns)) if self.field.is_flux and columns else None


@dataclass(frozen=True)
class _Read:
    """Cutouts of one survey: their set, their places in the batch, and themselves."""

    training_set: TrainingSet
    places: np.ndarray
    cutouts: np.ndarray
    own_psf_sigma: np.ndarray | None


class Galaxies:
    """The galaxies of all training sets, one after another.

    Raises
    ------
    TrainingError
        Fewer than two galaxies, or inputs of different sizes.
    """

    def __init__(self, training_sets: Sequence[TrainingSet]) -> None:
        self.training_sets = tuple(training_sets)
        sizes = {item.name or item.store.folder: item.field.input_px for item in training_sets}
        if len(set(sizes.values())) > 1:
            listed = ", ".join(f"{name}: {size}" for name, size in sizes.items())
            raise TrainingError(
                f"One encoder sees inputs of one size, but input.input_px differs ({listed}). "
                "Give all surveys the same; field_px may differ."
            )
        self.input_px = self.training_sets[0].field.input_px
        self.starts = np.cumsum([0, *(len(item.store) for item in self.training_sets)])
        if len(self) < 2:
            raise TrainingError("One galaxy has nothing to differ from: training needs at least 2.")

    def __len__(self) -> int:
        return int(self.starts[-1])

    def read(self, rows: np.ndarray) -> list[_Read]:
        """Return the stored cutouts of some galaxies, survey by survey."""
        which = np.searchsorted(self.starts, rows, side="right") - 1
        groups = []
        for number in np.unique(which):
            training_set, places = self.training_sets[number], np.flatnonzero(which == number)
            own = rows[places] - self.starts[number]
            psf = training_set.own_psf_sigma
            cutouts = training_set.store.read(own)
            groups.append(_Read(training_set, places, cutouts, None if psf is None else psf[own]))
        return groups

    def pictures(self, rows: np.ndarray, device: torch.device) -> Tensor:
        """Return galaxies (n, 3, input_px, input_px) as the encoder sees them, not augmented."""
        pictures = self.empty(len(rows), device)
        for group in self.read(rows):
            cutouts = torch.from_numpy(group.cutouts).to(device)
            pictures[group.places] = group.training_set.field.encoder_input(cutouts)
        return pictures

    def draw(self, groups: list[_Read], generator: Generator, views: Tensor) -> None:
        """Draw two views of each galaxy into ``views``, shape (2, n, 3, input_px, input_px)."""
        for group in groups:
            cutouts = torch.from_numpy(group.cutouts).to(views.device)
            prepared = group.training_set.field.prepare(cutouts)
            psf = group.own_psf_sigma
            sigma = None if psf is None else torch.from_numpy(psf).repeat(2, 1)
            drawn = group.training_set.views(prepared.repeat(2, 1, 1, 1), generator, sigma)
            # A slice, where one survey fills the batch, is copied several times faster.
            places = slice(None) if len(groups) == 1 else group.places
            views[:, places] = drawn.unflatten(0, (2, -1)).to(views.dtype)

    def empty(self, n: int, device: torch.device) -> Tensor:
        """Return room for n pictures, laid out as convolutions like it."""
        shape = (n, 3, self.input_px, self.input_px)
        return torch.empty(shape, device=device, memory_format=torch.channels_last)


class Batches:
    """Which galaxies each step sees, and one process's share of their views.

    Whatever is random is drawn from (seed, epoch, step, part): an interrupted run that resumes, and
    one on another number of processes, see the same.

    Parameters
    ----------
    batch_size : int
        Galaxies per step over all processes; less if there are fewer.
    process, n_processes : int
        This process, and how many share each batch.

    Attributes
    ----------
    steps : int
        Of an epoch; galaxies that do not fill a batch wait for another epoch.
    """

    def __init__(
        self, galaxies: Galaxies, batch_size: int, seed: int, process: int = 0, n_processes: int = 1
    ) -> None:
        self.galaxies, self.seed, self.process = galaxies, seed, process
        size = min(batch_size, len(galaxies))
        self.batch_size = size - size % n_processes
        if self.batch_size < 2:
            raise TrainingError(
                f"{size} galaxies are too few for a batch on {n_processes} processes. Raise "
                "train.batch_size, or lower hardware.devices."
            )
        n_parts = math.lcm(math.gcd(self.batch_size, PARTS), n_processes)
        share = n_parts // n_processes
        self.parts = range(process * share, (process + 1) * share)
        self.part_size = self.batch_size // n_parts
        self.steps = len(galaxies) // self.batch_size

    def epoch(self, epoch: int, device: torch.device) -> Iterator[Tensor]:
        """Yield the share of each batch; a thread reads and draws the next one meanwhile.

        Yields
        ------
        Tensor, shape (2 n, 3, input_px, input_px)
            First views of n = batch_size / n_processes galaxies, then their second views.
        """
        order = torch.randperm(len(self.galaxies), generator=generator_of(self.seed, epoch)).numpy()
        with ThreadPoolExecutor(1) as painter:
            coming = painter.submit(self._views, order, epoch, 0, device)
            for step in range(self.steps):
                views = coming.result()
                if step + 1 < self.steps:
                    coming = painter.submit(self._views, order, epoch, step + 1, device)
                yield views

    def _views(self, order: np.ndarray, epoch: int, step: int, device: torch.device) -> Tensor:
        views = self.galaxies.empty(2 * len(self.parts) * self.part_size, device)
        places = views.unflatten(0, (2, -1)).split(self.part_size, dim=1)
        for part, place in zip(self.parts, places, strict=True):
            start = step * self.batch_size + part * self.part_size
            groups = self.galaxies.read(order[start : start + self.part_size])
            self.galaxies.draw(groups, generator_of(self.seed, epoch, step, part), place)
        return views


def generator_of(*seeds: int) -> Generator:
    """Return a generator whose stream belongs to these numbers, whatever was drawn before."""
    mixed = 0
    for seed in seeds:
        mixed = (mixed * 1_000_003 + seed + 1) % 2**62
    return Generator().manual_seed(mixed)
