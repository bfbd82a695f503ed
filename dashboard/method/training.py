"""What an atlas says of its model: how it was trained, and by what its views differ.

A manifest holds whatever the release that trained the model wrote down, and may come from anywhere:
what is not there, or is not what it should be, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from dashboard.formatting import format_number
from pipeline.atlas import Manifest

_LOSSES = {
    "nt_xent": "NT-Xent: two views of a galaxy against all others of the batch",
    "dcl": "decoupled NT-Xent: two views of a galaxy against all others of the batch",
}
# What the names of surveys stand for that our own models learnt from.
_EXPLAINED = {
    "efigi": "EFIGI, 4,458 nearby galaxies of all Hubble types in pictures of SDSS",
    "gz1": "Galaxy Zoo 1, SDSS galaxies that volunteers sorted into spirals and ellipticals",
    "gz2": "Galaxy Zoo 2, SDSS galaxies whose details volunteers described",
    "decals": "pictures of the DESI Legacy Imaging Surveys",
    "mock": "simulated galaxies, made for this project",
}
_OF_FLUXES = ("mock",)  # of these
_MOST_SURVEYS = 12
_LARGEST = 1e15


@dataclass(frozen=True, config=ConfigDict(allow_inf_nan=False))
class Strengths:
    """By what views differ, as `pipeline.config.ViewsConfig` has it.

    Attributes
    ----------
    size : tuple of float
        Range of magnification.
    shift_px : float
        Largest shift along each axis, in pixels of the encoder's input.
    psf, noise, reddening : bool
        Fluxes: seeing, noise and dust of the survey.
    gain, band_gain : float
        Pictures: standard deviation of the logarithm of the brightness, of all and of each channel.
    blur_px, picture_noise : float
        Pictures: largest sigma, in input pixels and as a share of full scale.
    """

    size: tuple[float, float] = Field(default=(1.0, 1.0))
    shift_px: float = Field(default=0.0, ge=0)
    psf: bool = False
    noise: bool = False
    reddening: bool = False
    gain: float = Field(default=0.0, ge=0, le=3)
    band_gain: float = Field(default=0.0, ge=0, le=3)
    blur_px: float = Field(default=0.0, ge=0)
    picture_noise: float = Field(default=0.0, ge=0, le=1)


@dataclass(frozen=True)
class SurveyViews:
    """How views of one survey were drawn, and of what; see `pipeline.config.InputConfig`.

    Attributes
    ----------
    survey : str
        Its name in the configuration.
    strengths : Strengths
    input_px : int
        Side of what the encoder sees, pixels.
    field_px : int or None
        Side of the central square of a cutout that this is; None for all of it.
    """

    survey: str
    strengths: Strengths
    input_px: int = Field(gt=0, lt=10_000)
    field_px: int | None = Field(default=None, gt=0)

    @property
    def explained(self) -> str:
        """What its name stands for; empty where that is not known."""
        return _EXPLAINED.get(self.survey, "")

    @property
    def field(self) -> str:
        """What the encoder sees of a cutout, in words."""
        part = "the whole picture" if self.field_px is None else f"the central {self.field_px} px"
        return f"{part}, as {self.input_px} × {self.input_px} px"

    @property
    def seen_as_fluxes(self) -> str:
        """What changes a cutout of fluxes, in words."""
        words = {"seeing": "psf", "noise": "noise", "dust": "reddening"}
        return ", ".join(word for word, name in words.items() if getattr(self.strengths, name))


_VIEWS = TypeAdapter(SurveyViews)


def surveys_of(manifest: Manifest) -> list[SurveyViews]:
    """Return how views were drawn of each survey that the model learnt from, as far as known."""
    training = _mapping(manifest.model.config.get("training"))
    if "surveys" in training:
        inputs, views = _mapping(training["surveys"]), _mapping(training.get("views"))
        named = [(str(name), inputs[name], views.get(name)) for name in inputs]
    elif "views" in training:
        survey = training.get("survey", manifest.survey)
        named = [(str(survey), training.get("input"), training["views"])]
    else:
        return []
    read = [_survey(name, size, strengths) for name, size, strengths in named]
    return [survey for survey in read if survey is not None][:_MOST_SURVEYS]


def shown_views(manifest: Manifest) -> SurveyViews | None:
    """Return the views to show, None if none is known.

    Those of the atlas's own survey; else of the first whose cutouts are pictures or fluxes as its
    own are; else of the first.
    """
    surveys = surveys_of(manifest)
    are_fluxes = tuple(manifest.bands) != ("R", "G", "B")
    own = [survey for survey in surveys if survey.survey == manifest.survey]
    alike = [survey for survey in surveys if (survey.survey in _OF_FLUXES) == are_fluxes]
    return next(iter(own or alike or surveys), None)


def training_facts(manifest: Manifest) -> list[tuple[str, str]]:
    """Return what the manifest knows of the training: term and definition."""
    config = manifest.model.config
    training, encoder = _mapping(config.get("training")), _mapping(config.get("encoder"))
    knobs, embed = _mapping(training.get("train")), _mapping(config.get("embed"))
    facts = [
        ("Network", _network(encoder)),
        ("Passes over the galaxies", _number(knobs.get("epochs"))),
        ("Galaxies per step", _number(knobs.get("batch_size"), "{}, each in two views")),
        ("Loss", _LOSSES.get(str(knobs.get("loss", "nt_xent")), "") if knobs else ""),
        ("Temperature of the loss", _number(knobs.get("temperature"))),
        (
            "Learning rate",
            _number(knobs.get("learning_rate"), "{} at its peak (AdamW, lowered along a cosine)"),
        ),
        ("Weight decay", _number(knobs.get("weight_decay"))),
        ("Projection head", _head(encoder)),
        (
            "Orientations averaged",
            _number(embed.get("orientations"), "{} flips and quarter turns of each picture"),
        ),
        (
            "Whitened to",
            _number(knobs.get("whitened_dim") or None, "{} numbers, uncorrelated over the sample"),
        ),
        ("Seed", _number(training.get("seed"))),
        ("Started from", _text(knobs.get("start"))),
    ]
    return [(term, definition) for term, definition in facts if definition]


def _survey(name: str, size: Any, strengths: Any) -> SurveyViews | None:
    try:
        return _VIEWS.validate_python({**_mapping(size), "survey": name, "strengths": strengths})
    except ValidationError:
        return None


def _network(encoder: Mapping[str, Any]) -> str:
    depth, width = encoder.get("depth"), encoder.get("width")
    if not (_is_number(depth) and _is_number(width)):
        return ""
    stages = encoder.get("export_stages")
    exported = ""
    if isinstance(stages, list) and stages and all(map(_is_number, stages)):
        spread = " and spread" if encoder.get("export_spread") is True else ""
        several = "s" if len(stages) > 1 else ""
        exported = f"; mean{spread} of stage{several} {' and '.join(map(str, stages))}"
    return f"ResNet-{depth}, {width} filters in its first stage{exported}"


def _head(encoder: Mapping[str, Any]) -> str:
    layers, dim = encoder.get("head_layers"), encoder.get("head_dim")
    if not (_is_number(layers) and _is_number(dim)):
        return ""
    return f"{layers} layers to {dim} numbers, dropped after training"


def _number(value: Any, words: str = "{}") -> str:
    return words.format(format_number(value)) if _is_number(value) else ""


def _text(value: Any) -> str:
    # A path of the machine that trained says nothing to a reader, its last part does.
    return value.replace("\\", "/").rstrip("/").rpartition("/")[2] if isinstance(value, str) else ""


def _is_number(value: Any) -> TypeGuard[int | float]:
    # JSON as Python reads it has whole numbers of any length, infinities and NaN.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
