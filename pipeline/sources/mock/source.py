"""A made-up survey like DECaLS, with its truth: what a newcomer sees first, without a network."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic.dataclasses import dataclass

from pipeline.atlas.catalogue import DEC_DEG, OBJECT_ID, RA_DEG, Column
from pipeline.images.legacy_surveys import AB_ZERO_POINT, BANDS, CUTOUT_PX, PIXEL_SCALE_ARCSEC
from pipeline.sources.mock.camera import expose
from pipeline.sources.mock.canvas import Plane
from pipeline.sources.mock.faults import draw_fault, spoil
from pipeline.sources.mock.measurement import measure
from pipeline.sources.mock.population import FIRST_GALAXY, Galaxy, draw_galaxy
from pipeline.sources.mock.shapes import draw
from pipeline.sources.mock.sky import (
    Conditions,
    draw_conditions,
    draw_field,
    draw_position,
    galactic_latitude_deg,
)
from pipeline.sources.source import STRICT, Chunk, Rejected, SourceConfig, SourceError, Survey

FIRST_POSITION_DEG = (199.3324, 20.6382)  # RA, Dec of row 0: the ancestor's first query
FIRST_SEED = 27  # chosen by eye: row 0 is the same handsome spiral whatever the survey's seed
FIRST_CONDITIONS = Conditions((1.35, 1.2, 1.15), (0.0028, 0.0040, 0.0105), 0.02)

COLUMNS = (
    OBJECT_ID,
    RA_DEG,
    DEC_DEG,
    Column("mag_g", "mag", "AB magnitude in g, not corrected for Galactic extinction"),
    Column("mag_r", "mag", "AB magnitude in r, not corrected for Galactic extinction"),
    Column("mag_z", "mag", "AB magnitude in z, not corrected for Galactic extinction"),
    Column("photo_z", "", "Photometric redshift"),
    Column("photo_z_err", "", "Quoted standard deviation of the photometric redshift"),
    Column("half_light_radius_arcsec", "arcsec", "Half-light radius of the fitted model"),
    Column("source_type", "", "Model that fits best: REX, EXP, DEV or SER"),
    Column("ebv", "mag", "Galactic reddening E(B-V)"),
    *(
        Column(
            f"psf_fwhm_arcsec_{band}", "arcsec", f"Full width at half maximum of the PSF in {band}"
        )
        for band in BANDS
    ),
    Column("truth_class", "", "True kind of galaxy"),
    Column("truth_redshift", "", "True redshift"),
    Column("truth_bulge_fraction", "", "True share of the spheroid in the z-band light"),
    Column("truth_n_arms", "", "True number of spiral arms; missing where they cannot be counted"),
    Column("truth_pitch_deg", "deg", "True pitch angle of the spiral arms"),
    Column("truth_winding", "", "Letter that the arms draw, North up and East left: S or Z"),
    Column("truth_bar_length", "", "True length of the bar over the disk's diameter; 0: no bar"),
    Column("truth_inclination_deg", "deg", "True inclination of the disk; 0 is face-on"),
    Column("truth_fault", "", "Fault of the data, if any"),
)

SURVEY = Survey(
    name="mock",
    title="Mock DECaLS survey",
    simulated=True,
    bands=BANDS,
    pixel_scale_arcsec=PIXEL_SCALE_ARCSEC,
    cutout_px=CUTOUT_PX,
    brightness_column="mag_z",
    citations=(
        "Rowe et al. 2015, Astronomy and Computing 10, 121 (GalSim)",
        "Dey et al. 2019, AJ 157, 168 (DESI Legacy Imaging Surveys, which it imitates)",
    ),
)


@dataclass(frozen=True, config=STRICT)
class MockConfig(SourceConfig):
    """The knobs of `MockSource`."""

    n_objects: int
    seed: int = 1
    kind: Literal["mock"] = "mock"

    def open(self) -> MockSource:
        """Return the survey."""
        return MockSource(self.n_objects, self.seed)


class MockSource:
    """The mock survey: row ``i`` depends on the seed and on ``i``, and on nothing else.

    Row 0 is a galaxy to look at first, the same in every survey.

    Parameters
    ----------
    n_objects : int
        Number of galaxies, at least 1.
    seed : int
        Not negative; another seed is another sky.
    """

    survey = SURVEY
    columns = COLUMNS
    rejected: tuple[Rejected, ...] = ()  # a mock galaxy is never left out

    def __init__(self, n_objects: int, seed: int = 1) -> None:
        if n_objects < 1 or seed < 0:
            raise SourceError(
                f"A mock survey of {n_objects} objects with seed {seed} cannot be made. Ask for at "
                "least 1 object and a seed of 0 or more."
            )
        self.n_objects = n_objects
        self.seed = seed

    def __len__(self) -> int:
        return self.n_objects

    def read(self, start: int, stop: int) -> Chunk:
        """Return galaxies ``start`` to ``stop``.

        Parameters
        ----------
        start, stop : int
            Half-open range of rows within the survey.

        Returns
        -------
        Chunk
            Cutouts in nanomaggies, float32, row 0 of each in the North and column 0 in the East.
        """
        if not 0 <= start <= stop <= self.n_objects:
            raise SourceError(
                f"Rows {start} to {stop} were asked for, the mock survey has rows 0 to "
                f"{self.n_objects}. Ask for a range within it."
            )
        names = [column.name for column in COLUMNS]
        cutouts = np.empty((stop - start, len(BANDS), CUTOUT_PX, CUTOUT_PX), np.float32)
        entries = []
        for i in range(stop - start):
            entry, cutouts[i] = self._object(start + i)
            entries.append(entry)
        return Chunk(pd.DataFrame(entries, columns=names), cutouts)

    def _object(self, row: int) -> tuple[dict[str, Any], np.ndarray]:
        """Return the catalogue entry and the cutout of one galaxy."""
        seeds = np.random.SeedSequence(self.seed, spawn_key=(row,))
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
        centre = cutout[:, CUTOUT_PX // 2, CUTOUT_PX // 2]
        measured = measure(
            galaxy, flux_z * colours * conditions.transmission, conditions, centre == 0, errors
        )
        entry = {
            "object_id": f"MOCK-{row:06d}",
            "ra_deg": ra_deg,
            "dec_deg": dec_deg,
            **{f"mag_{band}": mag for band, mag in zip(BANDS, measured.mags, strict=True)},
            "photo_z": measured.photo_z,
            "photo_z_err": measured.photo_z_err,
            "half_light_radius_arcsec": measured.half_light_radius_arcsec,
            "source_type": measured.source_type,
            "ebv": conditions.ebv,
            **{
                f"psf_fwhm_arcsec_{band}": fwhm_arcsec
                for band, fwhm_arcsec in zip(BANDS, conditions.psf_fwhm_arcsec, strict=True)
            },
            "truth_class": galaxy.kind,
            "truth_redshift": galaxy.redshift,
            "truth_bulge_fraction": galaxy.bulge_fraction,
            "truth_n_arms": float(galaxy.n_arms) if galaxy.n_arms else np.nan,
            "truth_pitch_deg": galaxy.pitch_deg,
            "truth_winding": galaxy.winding,
            "truth_bar_length": galaxy.bar_length,
            "truth_inclination_deg": galaxy.inclination_deg,
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
