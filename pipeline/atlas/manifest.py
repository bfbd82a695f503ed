"""The manifest: what an atlas says of itself."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import (
    AliasChoices,
    ConfigDict,
    Field,
    PositiveFloat,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.dataclasses import dataclass

from pipeline.atlas.checked_files import read_text
from pipeline.atlas.cutout_service import CutoutService
from pipeline.atlas.errors import AtlasError
from pipeline.atlas.frame import Frame
from pipeline.atlas.strict_json import strict_json
from pipeline.atlas.whole_files import fingerprint

SCHEMA_VERSION = 1
_SEAL = "manifest_sha256"  # the hash of all else in it; earlier releases wrote none
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class ModelInfo:
    """The encoder: its name, its training configuration and the hash of its weights."""

    name: str
    config: dict[str, Any]
    weights_sha256: str


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class EmbeddingInfo:
    """What the embeddings of an atlas are.

    Attributes
    ----------
    dim, dtype
        Length of an embedding, and the type of its numbers.
    centre : tuple of float or None
        Mean of what the model gives, from which the embeddings are counted: see
        `pipeline.atlas.frame`. None where they are as the model gives them: in atlases of earlier
        releases, and of a few galaxies.
    """

    dim: int = Field(gt=0)
    dtype: Literal["float16", "float32"]
    centre: tuple[float, ...] | None = None

    @model_validator(mode="after")
    def _within_the_sphere(self) -> EmbeddingInfo:
        if self.centre is not None and not (
            len(self.centre) == self.dim and math.hypot(*self.centre) < 1
        ):
            raise ValueError(f"centre is not {self.dim} numbers, the mean of unit vectors")
        return self

    @property
    def frame(self) -> Frame:
        """The frame in which the embeddings are compared."""
        return Frame(None if self.centre is None else np.array(self.centre))


def _gathered(values: Any, names: tuple[str, ...]) -> Any:
    """Return the fields of a part of the manifest with those of ``names`` as its parameters."""
    values = getattr(values, "kwargs", values)
    if not isinstance(values, dict) or "parameters" in values:
        return values
    parameters = {name: values[name] for name in names if name in values}
    rest = {name: value for name, value in values.items() if name not in parameters}
    return {"parameters": parameters} | rest


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class IndexInfo:
    """The engine that finds neighbours, and how it did beside exact search when it was built.

    Atlases of earlier releases do not say which it is, nor how long it took.
    """

    engine: str = "annoy"
    parameters: dict[str, Any] = Field(default_factory=dict)  # what the engine keeps of itself
    recall_at_100: float = Field(ge=0, le=1)  # share of the exact nearest that it finds
    # Median time of a query, and of one that compares with every galaxy, where it was built.
    query_ms: float | None = Field(default=None, ge=0)
    exact_ms: float | None = Field(default=None, ge=0)
    why: str | None = None  # the engine was chosen by measurement: what was measured, in a sentence

    @model_validator(mode="before")
    @classmethod
    def _of_earlier_releases(cls, values: Any) -> Any:
        """Take Annoy's parameters from where manifests had them: beside the recall."""
        return _gathered(values, ("metric", "dim", "n_trees", "seed", "search_k"))


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class LayoutInfo:
    """How the 2-D map was laid out."""

    layout: str = "umap"  # which atlases of earlier releases do not say
    parameters: dict[str, Any] = Field(default_factory=dict)
    seed: int
    # So many galaxies were laid out, the others put among those most similar to them; None in
    # atlases of earlier releases, where all were laid out.
    n_fitted: int | None = Field(default=None, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _of_earlier_releases(cls, values: Any) -> Any:
        """Take UMAP's parameters from where manifests had them: beside the seed."""
        return _gathered(values, ("n_neighbors", "min_dist", "metric"))


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class FileInfo:
    """Hash and size by which a file is recognised."""

    sha256: str
    bytes: int = Field(ge=0)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class EncoderInput:
    """What the encoder saw of the cutouts, and is to see of other pictures."""

    field_px: int = Field(gt=0)  # side of the central square of a cutout, in its pixels
    input_px: int = Field(gt=0)  # side of that square after resampling


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Manifest:
    """Everything about an atlas that is not a galaxy."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    title: str
    created: str
    code_version: str
    simulated: bool
    survey: str
    bands: tuple[str, ...]
    pixel_scale_arcsec: PositiveFloat | None  # None where each picture has a scale of its own
    cutout_px: int = Field(gt=0)
    n_objects: int = Field(gt=0)
    model: ModelInfo
    embedding: EmbeddingInfo
    index: IndexInfo
    map_layout: LayoutInfo = Field(validation_alias=AliasChoices("map_layout", "umap"))
    encoder_input: EncoderInput | None = None  # None in atlases without ``encoder.onnx``
    brightness_column: str | None = None  # a magnitude, by which galaxies are ordered
    cutout_service: CutoutService | None = None
    # ``object_id`` of the galaxy that people see first; "showpiece" in atlases of earlier releases.
    first_object_id: str | None = Field(
        default=None, validation_alias=AliasChoices("first_object_id", "showpiece")
    )
    citations: tuple[str, ...] = ()
    north_up: bool = False  # whether thumbnails are known to have North up and East left
    files: dict[str, FileInfo] = Field(default_factory=dict)  # all but the manifest itself
    schema_version: int = SCHEMA_VERSION

    def without(self, name: str) -> Manifest:
        """Return what this manifest would be if the atlas had not one of its files."""
        return replace(self, files={key: self.files[key] for key in self.files if key != name})


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Write ``manifest`` as indented JSON, with a hash of itself."""
    content = asdict(manifest)
    if manifest.index.why is None:  # so that earlier releases read it, too
        del content["index"]["why"]
    write_content(content, path)


def write_content(content: dict[str, Any], path: Path) -> None:
    """Write what a manifest says, with its hash."""
    sealed = {name: value for name, value in content.items() if name != _SEAL}
    sealed[_SEAL] = fingerprint(sealed)
    path.write_text(json.dumps(sealed, indent=2) + "\n", encoding="utf-8")


def read_manifest(path: Path) -> Manifest:
    """Read and validate a manifest.

    Raises
    ------
    AtlasError
        Not there, not JSON, another schema version, a field that is missing or wrong, or changed
        since it was written.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        raise AtlasError(
            f"{path.parent} is not an atlas: it has no {path.name}. Build one with 'make pipeline'."
        ) from None
    except OSError:  # the reading says what is wrong
        pass
    text = read_text(path)
    try:
        content = strict_json(text)
    except ValueError as error:
        raise AtlasError(
            f"{path} cannot be read ({error}). Rebuild the atlas with 'make pipeline'."
        ) from error
    found = content.get("schema_version") if isinstance(content, dict) else None
    if found != SCHEMA_VERSION:
        newer = isinstance(found, int) and found > SCHEMA_VERSION
        remedy = "Update Galaxy Finder to read it." if newer else "Rebuild it with 'make pipeline'."
        raise AtlasError(
            f"{path} has schema version {found}, this release reads {SCHEMA_VERSION}. {remedy}"
        )
    seal = content.pop(_SEAL, None)
    try:
        manifest = TypeAdapter(Manifest).validate_python(content)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
        )
        raise AtlasError(
            f"{path} is not a valid manifest ({problems}). Rebuild the atlas with 'make pipeline'."
        ) from error
    if seal is not None and seal != fingerprint(content):
        raise AtlasError(
            f"{path} has changed since it was published: its SHA-256 is not the one in it. Rebuild "
            f"the atlas with 'make pipeline'; if the change was yours, take out the line {_SEAL}."
        )
    return manifest
