"""What is compared: the embeddings, and the baselines beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn

from pipeline.atlas.frame import Frame
from pipeline.encoder.hardware import best_precision
from pipeline.evaluation.estimate import SEEDS
from pipeline.evaluation.imagenet import DIM, INPUT_PX, ImageNet
from pipeline.evaluation.linear_probe import probe_input
from pipeline.evaluation.neighbourhood import Neighbourhood
from pipeline.store.cutouts import CutoutStore
from pipeline.store.progress import progress
from pipeline.views.field import Field

EMBEDDING, RANDOM, PCA_NAME, IMAGENET = "embedding", "random", "PCA-64", "ImageNet"
PCA_DIM, PCA_PX, RANDOM_DIM = 64, 32, 16
_BATCH = 128

Encode = Callable[[Tensor], np.ndarray]
Change = Callable[[Tensor, Field], Tensor]


@dataclass(frozen=True, eq=False)
class Representation:
    """Vectors of all galaxies that are evaluated, and how they come from pictures.

    Attributes
    ----------
    name : str
        At the head of a column.
    description : str
        One phrase.
    vectors : list of ndarray, shape (n, dim)
        Unit length; several if it is random.
    field : Field or None
        How a cutout becomes a picture for it; None if pictures do not matter.
    encode : callable or None
        Maps such pictures, a Tensor of shape (n, 3, y, x), to vectors (n, dim) of unit length.
    """

    name: str
    description: str
    vectors: list[np.ndarray]
    field: Field | None = None
    encode: Encode | None = None

    @cached_property
    def neighbourhoods(self) -> list[Neighbourhood]:
        """The neighbours of each galaxy, for each of `vectors`."""
        return [Neighbourhood(vectors) for vectors in self.vectors]

    @cached_property
    def probe_inputs(self) -> list[np.ndarray]:
        """What a linear probe sees, for each of `vectors`."""
        return [probe_input(vectors) for vectors in self.vectors]


def embedding(
    vectors: np.ndarray, embedder: nn.Module, field: Field, frame: Frame
) -> Representation:
    """Return the embeddings of the atlas, made by ``embedder`` and put into its ``frame``."""
    device = best_device()
    embedder.to(device)

    def encode(pictures: Tensor) -> np.ndarray:
        with torch.inference_mode():
            return frame.into(embedder(pictures.to(device)).float().cpu().numpy())

    return Representation(
        EMBEDDING,
        f"what the atlas searches by: {vectors.shape[1]} numbers{_counted_from(frame)}",
        [unit(vectors)],
        field,
        encode,
    )


def _counted_from(frame: Frame) -> str:
    if frame.centre is None:
        return ""
    return f", counted from their mean, which is {np.linalg.norm(frame.centre):.3f} long"


def random(n: int, seed: int) -> Representation:
    """Return random numbers, drawn `SEEDS` times: what no knowledge at all would give."""
    draws = [
        unit(np.random.default_rng([seed, number]).standard_normal((n, RANDOM_DIM)))
        for number in range(SEEDS)
    ]
    return Representation(RANDOM, "random numbers: what no knowledge at all would give", draws)


def pixel_pca(store: CutoutStore, rows: np.ndarray, field: Field, seed: int) -> Representation:
    """Return principal components of small pictures."""
    small = replace(field, input_px=PCA_PX)
    pixels = np.concatenate([p.flatten(1).numpy() for p in pictures_of(store, rows, small)])
    pca = PCA(min(PCA_DIM, len(pixels)), svd_solver="randomized", random_state=seed).fit(pixels)

    def encode(pictures: Tensor) -> np.ndarray:
        return unit(pca.transform(pictures.flatten(1).numpy()))

    return Representation(
        PCA_NAME,
        f"the first {PCA_DIM} principal components of {PCA_PX} x {PCA_PX} RGB pixels",
        [unit(pca.transform(pixels))],
        small,
        encode,
    )


def imagenet(store: CutoutStore, rows: np.ndarray, field: Field) -> Representation:
    """Return the features of a network that was trained on everyday pictures.

    Raises
    ------
    PackagesMissingError
        The network is not installed.
    """
    device = best_device()
    network = ImageNet().to(device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    large = replace(field, input_px=INPUT_PX)
    half = best_precision("cuda" if device.type == "cuda" else "cpu") == "bf16-mixed"

    def encode(pictures: Tensor) -> np.ndarray:
        batch = pictures.to(device).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, half):
            return unit(network(batch).cpu().numpy())

    vectors = np.empty((len(rows), DIM), np.float32)
    done = 0
    with progress("ImageNet", total=len(rows), unit="galaxy") as bar:
        for pictures in pictures_of(store, rows, large):
            vectors[done : done + len(pictures)] = encode(pictures)
            done += len(pictures)
            bar.update(len(pictures))
    return Representation(
        IMAGENET,
        "EfficientNet-lite0, trained on the everyday pictures of ImageNet: the mean over the "
        f"{INPUT_PX} x {INPUT_PX} picture of its last {DIM} features",
        [vectors],
        large,
        encode,
    )


def pictures_of(
    store: CutoutStore, rows: np.ndarray, field: Field, change: Change | None = None
) -> Iterator[Tensor]:
    """Yield pictures batch by batch, changed or as they are.

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
    change : callable, optional
        From stored cutouts to pictures; `Field.encoder_input` by default.

    Yields
    ------
    Tensor, shape (n_batch, 3, field.input_px, field.input_px)
        RGB in [0, 1].
    """
    for start in _starts(len(rows)):
        cutouts = torch.from_numpy(store.read(rows[start : start + _BATCH]))
        yield field.encoder_input(cutouts) if change is None else change(cutouts, field)


def best_device() -> torch.device:
    """Return the GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (n, dim) at unit length, float32; zero where they are zero."""
    vectors = np.asarray(vectors, np.float32)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)


def _starts(n: int) -> Iterable[int]:
    return range(0, n, _BATCH)
