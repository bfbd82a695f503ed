"""Folders of pictures for the tests of the folder source."""

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


def write_fits(path: Path, data: np.ndarray, **cards: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.PrimaryHDU(data, fits.Header(cards)).writeto(path)


def write_survey(folder: Path) -> Path:
    """Write three good galaxies, named in the catalogue."""
    for name in "abc":
        write_png(folder / "images" / f"{name}.png")
    (folder / "catalogue.csv").write_text(
        "id,file,RA,Dec,mag\na,a.png,1,-1,15\nb,b.png,2,0,-99\nc,c.png,3,1,17\n"
    )
    return folder
