"""One way of building an atlas: frozen dataclasses, read from TOML, every knob with its unit."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, Field, PositiveFloat, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from pipeline.atlas.cutout_service import CutoutService
from pipeline.atlas.errors import PipelineError
from pipeline.config.evaluate import EvaluateConfig
from pipeline.config.index import IndexConfig

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
T = TypeVar("T")


class ConfigError(PipelineError):
    """A configuration cannot be used; the message names the file and the knob."""


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class IngestConfig:
    """Reading the source.

    Attributes
    ----------
    chunk_rows : int
        Galaxies per file of the cutout store; also what an interruption can cost.
    processes : int
        0 means one per core.
    """

    chunk_rows: int = Field(default=256, gt=0)
    processes: int = Field(default=0, ge=0)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class InputConfig:
    """What the encoder sees of a cutout.

    Attributes
    ----------
    field_px : int or None
        Side of the central square of the cutout that the encoder sees, in cutout pixels; None for
        all of it.
    input_px : int
        Side of that square after resampling.
    """

    field_px: int | None = Field(default=None, ge=16)
    input_px: int = Field(default=64, ge=16)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class ViewsConfig:
    """The nuisances that two views of one galaxy differ by.

    Attributes
    ----------
    size : tuple of float
        Range of magnification; 0.9 to 1.1 in Stein et al. 2021.
    shift_px : float
        Largest shift along each axis of the cutout, in pixels of the encoder's input.
    psf, noise, reddening : bool
        Flux cutouts: blur, noise and dust up to values drawn from the survey's distributions.
    gain, band_gain : float
        Pictures: standard deviation of the natural logarithm of the overall brightness, and of
        each channel's.
    blur_px, picture_noise : float
        Pictures: largest Gaussian sigma in input pixels; largest noise sigma, full scale = 1.
    """

    size: tuple[PositiveFloat, PositiveFloat] = (0.9, 1.1)
    shift_px: float = Field(default=4.0, ge=0)
    psf: bool = True
    noise: bool = True
    reddening: bool = True
    gain: float = Field(default=0.15, ge=0)
    band_gain: float = Field(default=0.03, ge=0)
    blur_px: float = Field(default=1.0, ge=0)
    picture_noise: float = Field(default=0.03, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> ViewsConfig:
        if self.size[0] > self.size[1]:
            raise ValueError("size must be a smaller and a larger number")
        return self


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class EncoderConfig:
    """The ResNet and its projection head.

    Attributes
    ----------
    depth : int
        18 or 34 (basic blocks), 50 (bottlenecks).
    width : int
        Filters of the first stage, at least 8: with fewer, oneDNN writes gradients beyond their
        memory (docs/decisions/012). Torchvision's networks have 64.
    export_stages, export_spread : tuple of int, bool
        Stages, 1 to 4, whose maps make the representation: the mean of each and, if so wished, its
        standard deviation. ``(4,)`` and false give what published networks call features.
    head_layers, head_dim : int
        Layers of the projection head, and length of the projection that the loss compares.
    mean, std : tuple of float
        Subtracted from red, green and blue in [0, 1], and what they are then divided by; published
        networks come with their own.
    """

    depth: Literal[18, 34, 50] = 18
    width: int = Field(default=32, ge=8)
    export_stages: tuple[Literal[1, 2, 3, 4], ...] = Field(default=(2, 3), min_length=1)
    export_spread: bool = True
    head_layers: int = Field(default=2, gt=0)
    head_dim: int = Field(default=128, gt=0)
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[PositiveFloat, PositiveFloat, PositiveFloat] = (0.5, 0.5, 0.5)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class TrainConfig:
    """SimCLR training.

    Attributes
    ----------
    weights : str or None
        Encoder weights to use as they are; nothing is trained then.
    start : str or None
        Weights to start from: our own, or a published checkpoint of a ResNet.
    epochs, batch_size : int
        Passes over the survey; galaxies per step over all processes, each seen in two views.
    loss : str
        "nt_xent", or "dcl" (decoupled: the positive pair is left out of the denominator).
    temperature : float
        Of the loss; 0.1 to 0.2 in the literature.
    whitened_dim : int
        Length of the embedding: representations are whitened and cut to this many principal
        components, both fitted on the training galaxies; 0 exports representations as they are.
    learning_rate, weight_decay : float
        Peak rate of AdamW, reached after ``warmup_epochs`` and lowered along a cosine.
    """

    weights: str | None = None
    start: str | None = None
    epochs: int = Field(default=60, gt=0)
    batch_size: int = Field(default=256, gt=1)
    loss: Literal["nt_xent", "dcl"] = "nt_xent"
    temperature: float = Field(default=0.2, gt=0)
    learning_rate: float = Field(default=2e-3, gt=0)
    weight_decay: float = Field(default=1e-4, ge=0)
    warmup_epochs: int = Field(default=3, ge=0)
    whitened_dim: int = Field(default=128, ge=0)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class HardwareConfig:
    """What training runs on; the result does not depend on it, but for rounding.

    Attributes
    ----------
    accelerator : str
        "auto" takes a GPU if there is one.
    devices, nodes : int
        Processes on each machine, and machines; 0 devices means every GPU, or one CPU process.
    """

    accelerator: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    devices: int = Field(default=0, ge=0)
    nodes: int = Field(default=1, gt=0)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class EmbedConfig:
    """Exporting embeddings.

    Attributes
    ----------
    orientations : int
        Flips and quarter turns whose representations are averaged: 1, 4 or 8.
    dtype : str
        float16 halves the atlas of a large survey.
    """

    orientations: Literal[1, 4, 8] = 8
    batch_size: int = Field(default=256, gt=0)
    dtype: Literal["float16", "float32"] = "float32"


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class UmapConfig:
    """The 2-D map of ``n_fitted`` galaxies by `umap.UMAP`; any others are put among these."""

    n_fitted: int = Field(default=100_000, gt=2)
    n_neighbors: int = Field(default=15, gt=1)
    min_dist: float = Field(default=0.1, ge=0)
    metric: Literal["cosine"] = "cosine"


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class ThumbnailConfig:
    """Thumbnails of the atlas; ``keep = false`` publishes none."""

    keep: bool = True
    quality: int = Field(default=88, ge=1, le=95)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Config:
    """Everything that decides what an atlas will be.

    ``showpiece`` is the ``object_id`` of the galaxy that people see first, ``footprint`` a MOC file
    of the survey; without it the footprint is drawn around the galaxies.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    source: dict[str, Any]
    seed: int = Field(default=1, ge=0)
    ingest: IngestConfig = IngestConfig()
    input: InputConfig = InputConfig()
    views: ViewsConfig = ViewsConfig()
    encoder: EncoderConfig = EncoderConfig()
    train: TrainConfig = TrainConfig()
    hardware: HardwareConfig = HardwareConfig()
    embed: EmbedConfig = EmbedConfig()
    index: IndexConfig = IndexConfig()
    umap: UmapConfig = UmapConfig()
    evaluate: EvaluateConfig = EvaluateConfig()
    thumbnails: ThumbnailConfig = ThumbnailConfig()
    cutout_service: CutoutService | None = None
    showpiece: str | None = None
    footprint: str | None = None


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class ModelConfig:
    """A model that is trained on several surveys at once.

    Attributes
    ----------
    surveys : tuple of str
        Configurations, beside this one, whose source, ingest, input and views are used.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    surveys: tuple[str, ...] = Field(min_length=1)
    seed: int = Field(default=1, ge=0)
    encoder: EncoderConfig = EncoderConfig()
    train: TrainConfig = TrainConfig()
    hardware: HardwareConfig = HardwareConfig()


def read_config(path: Path) -> Config:
    """Read the configuration of an atlas.

    Raises
    ------
    ConfigError
        Not there, not TOML, or a knob that is unknown, missing or out of range.
    """
    return _read(path, Config)


def read_model_config(path: Path) -> ModelConfig:
    """Read the configuration of a model; errors as of `read_config`."""
    return _read(path, ModelConfig)


def _read(path: Path, kind: type[T]) -> T:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        examples = ", ".join(
            f"pipeline/configs/{found.name}"
            for found in sorted((Path(__file__).parents[1] / "configs").glob("*.toml"))
        )
        raise ConfigError(f"There is no configuration {path}. There are: {examples}.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
        )
        raise ConfigError(f"{path}: {problems}.") from error
