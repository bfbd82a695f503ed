"""Folders of pictures and fluxes for the tests of the folder source."""

from pathlib import Path

import numpy as np
from astropy.io import fits
from PIL import Image


def gradient(side: int = 32) -> np.ndarray:
    """RGB (y, x, 3): red grows to the right, green downwards, blue is 7."""
    across = np.linspace(0, 255, side).astype(np.uint8)
    planes = [np.tile(across, (side, 1)), np.tile(across[:, None], (1, side))]
    return np.stack([*planes, np.full((side, side), 7, np.uint8)], axis=2)


def write_png(path: Path, side: int = 32) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(gradient(side)).save(path)


def write_fits(path: Path, data: np.ndarray, **cards: str | float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.PrimaryHDU(data, fits.Header(cards)).writeto(path)


def flux_cube(n_bands: int, side: int = 32) -> np.ndarray:
    """A galaxy on sloping sky, as FITS holds it: band i has i + 1 nanomaggies in its middle."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    galaxy = np.exp(-(x**2 + y**2) / 18)
    cube = [(i + 1) * galaxy + 0.001 * (y + 2 * x) for i in range(n_bands)]
    return np.stack(cube).astype(np.float32)


def sky_header(scale_arcsec: float) -> dict[str, str | float]:
    """The cards of a tangent projection at RA 10, Dec 20, North up."""
    return {
        **{"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 10.0, "CRVAL2": 20.0},
        **{"CRPIX1": 16.5, "CRPIX2": 16.5},
        **{"CD1_1": -scale_arcsec / 3600, "CD1_2": 0.0},
        **{"CD2_1": 0.0, "CD2_2": scale_arcsec / 3600},
    }


def write_survey(folder: Path) -> Path:
    """Write three good galaxies, named in the catalogue."""
    for name in "abc":
        write_png(folder / "images" / f"{name}.png")
    (folder / "catalogue.csv").write_text(
        "id,file,RA,Dec,mag\na,a.png,1,-1,15\nb,b.png,2,0,-99\nc,c.png,3,1,17\n"
    )
    return folder
