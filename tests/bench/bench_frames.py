"""Frames of people's own pictures: how well the proposed one finds galaxies of the same kind.

Run with ``python -m tests.bench.bench_frames [--each 100] [--data ../shared/data]``. Pictures of
three surveys, of which each kind is drawn as often, are searched with in the atlas of nearby
galaxies: whole, as proposed, and by the 96 px in the middle that the data's README names. Printed
is the share of the ten nearest that are of the same kind, mean over the kinds, and how far the
proposed frame is above the whole picture, with its standard error.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from dashboard.explorer.explorer import Explorer
from dashboard.pictures.central_source import usual_share
from dashboard.pictures.crop import Crop
from dashboard.pictures.files import read_planes
from dashboard.pictures.uploaded import read_own_picture
from pipeline.atlas import open_atlas
from tests.browser.serving import ROOT

K = 10
KNOWN_PX = 96
KINDS = ("early", "spiral", "edge")
_GZ1 = {
    "elliptical": "early",
    "spiral_clockwise": "spiral",
    "spiral_anticlockwise": "spiral",
    "edge_on_disk": "edge",
}
_GZ2 = {
    "smooth_round": "early",
    "smooth_inbetween": "early",
    "spiral": "spiral",
    "edge_on": "edge",
}
_SEED = 3


def kinds_of_atlas(catalogue: pd.DataFrame) -> np.ndarray:
    """Return the kind of each galaxy that EFIGI's experts have seen."""
    t_type = catalogue["t_type"].to_numpy(float)
    inclination = catalogue["inclination"].to_numpy(float)
    kinds = np.full(len(catalogue), "other", object)
    kinds[(t_type <= -1) & ~(inclination >= 0.75)] = "early"
    kinds[(t_type >= 1) & (t_type <= 9) & (inclination <= 0.5)] = "spiral"
    kinds[(t_type >= -1) & (inclination >= 0.75)] = "edge"
    return kinds


def labelled(data: Path) -> Iterator[tuple[str, list[Path], np.ndarray]]:
    """Yield the name of each survey, its pictures, and what kind most people saw in each."""
    decals = pd.read_csv(data / "decals_gz" / "catalogue.csv")
    seen = [decals.p_edge_on > 0.3, decals.p_spiral > 0.7, decals.p_elliptical > 0.8]
    kinds = np.select(seen, ["edge", "spiral", "early"], "")
    yield "decals_gz", [_picture(data, "decals_gz", name) for name in decals.object_id], kinds
    for name, words in (("sdss_gz1", _GZ1), ("sdss_gz2", _GZ2)):
        table = pd.read_csv(data / name / "catalogue.csv")
        pictures = [_picture(data, name, object_id) for object_id in table.object_id]
        yield name, pictures, table.label.map(words).fillna("").to_numpy(str)


def _picture(data: Path, survey: str, object_id: object) -> Path:
    return data / survey / "images" / f"{object_id}.jpg"


def frames(explorer: Explorer, content: bytes) -> dict[str, tuple[np.ndarray, Crop]]:
    """Return squares of a picture and what of them is searched with, by the name of the frame."""
    values = read_planes(content, explorer.manifest.bands).values
    side = min(values.shape[1:])
    top, left = ((length - side) // 2 for length in values.shape[1:])
    square = np.ascontiguousarray(values[:, top : top + side, left : left + side])
    own = read_own_picture(content, explorer.manifest, usual_share(explorer))
    return {
        "whole": (square, Crop()),
        "proposed": (own.planes, own.crop),
        "known": (square, Crop(zoom=side / KNOWN_PX)),
    }


def agreement(explorer: Explorer, kinds: np.ndarray, kind: str, file: Path) -> dict[str, float]:
    """Return the share of the nearest that are of a kind, by the name of the frame."""
    embedder = explorer.embedder
    assert embedder is not None
    vectors = explorer.search.vectors[:]
    found = {}
    for name, (planes, crop) in frames(explorer, file.read_bytes()).items():
        seen = embedder.see(crop.middle_of(planes), crop.side_px(planes.shape[-1]))
        embedding = explorer.frame.into(embedder.embed(seen))
        rows = np.argsort(-(vectors @ embedding))[:K]
        found[name] = float((kinds[rows] == kind).mean())
    return found


def report(explorer: Explorer, data: Path, n_each: int) -> None:
    """Print a line for each survey."""
    kinds = kinds_of_atlas(explorer.catalogue)
    rng = np.random.default_rng(_SEED)
    print(f"{'':<12}{'n':>5}{'whole':>8}{'proposed':>10}{'known':>8}   proposed - whole")
    for survey, files, labels in labelled(data):
        parts = []
        for kind in KINDS:
            rows = rng.permutation(np.flatnonzero(labels == kind))[:n_each]
            found = [
                agreement(explorer, kinds, kind, files[row]) for row in tqdm(rows, leave=False)
            ]
            if found:
                parts.append(pd.DataFrame(found))
        mean = pd.concat([part.mean() for part in parts], axis=1).mean(axis=1)
        gains = [part.proposed - part.whole for part in parts]
        error = np.sqrt(sum(gain.var() / len(gain) for gain in gains)) / len(gains)
        print(
            f"{survey:<12}{sum(map(len, parts)):>5}{mean.whole:>8.3f}{mean.proposed:>10.3f}"
            f"{mean.known:>8.3f}   {mean.proposed - mean.whole:+.3f} ±{error:.3f}",
            flush=True,
        )


def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--atlas", type=Path, default=ROOT / "atlases" / "nearby")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--each", type=int, default=100, help="pictures of a kind (%(default)s)")
    options = parser.parse_args(argv)
    if not options.data.exists():
        print(f"There are no labelled pictures at {options.data}.")
        return
    report(Explorer(open_atlas(options.atlas)), options.data, options.each)


if __name__ == "__main__":
    main()
