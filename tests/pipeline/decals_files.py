"""Files in the layout of the published DR9 cutouts, for the tests of their source."""

import h5py
import numpy as np

SIDE = 20


def content(n=6, first=0, side=SIDE):
    """Datasets in the published layout; galaxy i has a z-band flux of 100 - i nanomaggies."""
    number = np.arange(first, first + n)
    flux = np.stack([np.full(n, 1.0), np.full(n, 10.0), 100.0 - number], axis=1)
    images = number[:, None, None, None] + np.arange(3 * side**2).reshape(3, side, side) / 1e4
    return {
        "images": images.astype(np.float32),
        "release": np.full(n, 9010, np.int32),
        "brickid": (300_000 + number).astype(np.int32),
        "objid": (number + 1).astype(np.int32),
        "ra": 10.0 + number,
        "dec": number - 50.0,
        "ebv": np.full(n, 0.03, np.float32),
        "flux": flux.astype(np.float32),
        "fiberflux": flux.astype(np.float32),
        "psfsize": np.tile(np.float32([1.5, 1.3, 1.1]), (n, 1)),
        "psfdepth": np.full((n, 3), 25.0, np.float32),
        "transmission": np.full((n, 3), 0.5, np.float32),
        "nobs": np.full((n, 3), 4, np.int16),
        "maskbits": np.arange(n, dtype=np.int16),
        "source_type": np.array([b"SER"] * n),
        "inds": number,
        "z_phot_mean": np.full(n, 0.21, np.float32),
        "z_phot_median": np.where(number % 2, -99.0, 0.2).astype(np.float32),
        "z_phot_std": np.full(n, 0.02, np.float32),
        "z_phot_l68": np.full(n, 0.18, np.float32),
        "z_phot_u68": np.full(n, 0.22, np.float32),
        "z_phot_l95": np.full(n, 0.16, np.float32),
        "z_phot_u95": np.full(n, 0.24, np.float32),
        "z_spec": np.full(n, -99.0, np.float32),
        "z_training": np.zeros(n, bool),
    }


def write(path, datasets):
    path.parent.mkdir(exist_ok=True)
    with h5py.File(path, "w") as file:
        for name, data in datasets.items():
            chunks = (1, *data.shape[1:]) if name == "images" else None
            file.create_dataset(name, data=data, chunks=chunks, fletcher32=name == "images")
    return path
