"""What the encoder sees, what it is and how it is trained, every knob with its unit."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args, get_type_hints

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    TypeAdapter,
    model_validator,
)
from pydantic.dataclasses import dataclass

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


def by_kind(choices: dict[type, str]) -> BeforeValidator:
    """Take the knobs of a table by its `kind`; without one the first choice, which has none.

    A union by itself tries every choice, and complains of each by the name of its class.
    """

    def knobs_of(table: Any) -> Any:
        if not isinstance(table, dict):
            return table
        chosen, *others = choices
        if "kind" in table:
            kinds = {get_args(get_type_hints(knobs)["kind"])[0]: knobs for knobs in others}
            if (kind := str(table["kind"])) not in kinds:
                one_of = f"one of {', '.join(kinds)}, or " if kinds else ""
                raise ValueError(f"kind is '{kind}'; it must be {one_of}left out")
            chosen = kinds[kind]
        return TypeAdapter(chosen).validate_python(table)

    return BeforeValidator(knobs_of)


@dataclass(frozen=True, kw_only=True, config=STRICT)
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


@dataclass(frozen=True, kw_only=True, config=STRICT)
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


@dataclass(frozen=True, kw_only=True, config=STRICT)
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


# What an [encoder] table may be, and the network that is made of it: ``module:class``, imported
# when it has to be. To add an encoder: a module of `pipeline.encoder`; here its knobs, named in
# both of these and told from the others by a field `kind: Literal["..."]`; a test.
ENCODERS: dict[type, str] = {EncoderConfig: "pipeline.encoder.resnet:ResNet"}
AnyEncoderConfig = Annotated[EncoderConfig, by_kind(ENCODERS)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
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


@dataclass(frozen=True, kw_only=True, config=STRICT)
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
