"""A made-up survey like DECaLS, with its truth: what a newcomer sees first, without a network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.images.legacy_surveys import AB_ZERO_POINT, BANDS, CUTOUT_PX, PIXEL_SCALE_ARCSEC
from pipeline.sources.mock.camera import draw_fault, expose, spoil
from pipeline.sources.mock.canvas import Plane
from pipeline.sources.mock.catalogue import COLUMNS, measure, true_entries
from pipeline.sources.mock.config import MockConfig
from pipeline.sources.mock.population import FIRST_GALAXY, Galaxy, draw_galaxy
from pipeline.sources.mock.shapes import draw
from pipeline.sources.mock.sky import (
    Conditions,
    draw_conditions,
    draw_field,
    draw_position,
    galactic_latitude_deg,
)
from pipeline.sources.source import Chunk, Rejected, SourceError, Survey

FIRST_POSITION_DEG = (199.3324, 20.6382)  # RA, Dec of row 0: the ancestor's first query
FIRST_SEED = 27  # chosen by eye: row 0 is the same handsome spiral whatever the survey's seed
FIRST_CONDITIONS = Conditions((1.35, 1.2, 1.15), (0.0028, 0.0040, 0.0105), 0.02)

SURVEY = Survey(
    name="mock",
    title="Mock DECaLS survey",
    simulated=True,
    bands=BANDS,
    pixel_scale_arcsec=PIXEL_SCALE_ARCSEC,
    cutout_px=CUTOUT_PX,
    north_up=True,
    brightness_column="mag_z",
    citations=(
        "Rowe et al. 2015, Astronomy and Computing 10, 121 (GalSim)",
        "Dey et al. 2019, AJ 157, 168 (DESI Legacy Imaging Surveys, which it imitates)",
    ),
)


class MockSource:
    """The mock survey: row ``i`` depends on the seed and on ``i``, and on nothing else.

    Row 0 is a galaxy to look at first, the same in every survey.
    """

    survey = SURVEY
    columns = COLUMNS
    rejected: tuple[Rejected, ...] = ()  # a mock galaxy is never left out

    def __init__(self, config: MockConfig) -> None:
        self._config = config

    def __len__(self) -> int:
        return self._config.n_objects

    def read(self, start: int, stop: int) -> Chunk:
        """Return galaxies `start` to `stop`.

        Raises
        ------
        SourceError
            The survey does not have all of these rows.
        """
        if not 0 <= start <= stop <= len(self):
            raise SourceError(
                f"Rows {start} to {stop} were asked for, the mock survey has rows 0 to "
                f"{len(self)}. Ask for a range within it."
            )
        cutouts = np.empty((stop - start, len(BANDS), CUTOUT_PX, CUTOUT_PX), np.float32)
        entries = []
        for i in range(stop - start):
            entry, cutouts[i] = self._object(start + i)
            entries.append(entry)
        return Chunk(pd.DataFrame(entries, columns=[column.name for column in COLUMNS]), cutouts)

    def _object(self, row: int) -> tuple[dict[str, Any], np.ndarray]:
        """Return the catalogue entry and the cutout of one galaxy."""
        seeds = np.random.SeedSequence(self._config.seed, spawn_key=(row,))
        if row == 0:
            seeds = np.random.SeedSequence(FIRST_SEED)
        shape, field, truth, noise, errors = (np.random.default_rng(s) for s in seeds.spawn(5))
        galaxy, (ra_deg, dec_deg), conditions, fault = _draw_truth(row, truth)
        plane = Plane.around((float(truth.uniform(-0.5, 0.5)), float(truth.uniform(-0.5, 0.5))))

        light = draw(galaxy, plane, shape)
        flux_z = 10 ** (0.4 * (AB_ZERO_POINT - galaxy.mag_z))
        light *= np.float32(flux_z)
        crowding = 1 / max(np.sin(np.radians(abs(galactic_latitude_deg(ra_deg, dec_deg)))), 0.3)
        clustered = galaxy.kind in ("elliptical", "lenticular", "lens")
        n_companions = int(field.poisson(1.5)) if clustered and field.random() < 0.35 else 0
        faint, bright_stars = draw_field(field, crowding, galaxy.redshift, n_companions)
        cutout = expose(faint + light, bright_stars, conditions, noise)
        cutout = spoil(cutout, fault, dec_deg, noise)

        colours = light.sum(axis=(1, 2)) / light[2].sum()
        flux_nmgy = flux_z * colours * conditions.transmission
        missing = cutout[:, CUTOUT_PX // 2, CUTOUT_PX // 2] == 0
        entry = {
            "object_id": f"MOCK-{row:06d}",
            "ra_deg": ra_deg,
            "dec_deg": dec_deg,
            **measure(galaxy, flux_nmgy, conditions, missing, errors),
            **true_entries(galaxy),
            "truth_fault": fault,
        }
        return entry, cutout


def _draw_truth(
    row: int, rng: np.random.Generator
) -> tuple[Galaxy, tuple[float, float], Conditions, str]:
    """Draw what row `row` shows, where it lies, how it was observed and what went wrong."""
    galaxy, position = draw_galaxy(rng), draw_position(rng)
    conditions, fault = draw_conditions(rng), draw_fault(rng)
    if row == 0:
        return FIRST_GALAXY, FIRST_POSITION_DEG, FIRST_CONDITIONS, ""
    return galaxy, position, conditions, fault
