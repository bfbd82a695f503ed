"""One way of building an atlas: frozen dataclasses, read from TOML, every knob with its unit."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    AliasChoices,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass

from pipeline.atlas.cutout_service import CutoutService
from pipeline.atlas.engines import ENGINES
from pipeline.atlas.errors import PipelineError
from pipeline.config.encoder import (
    STRICT,
    AnyEncoderConfig,
    EncoderConfig,
    HardwareConfig,
    InputConfig,
    TrainConfig,
    ViewsConfig,
    by_kind,
)

T = TypeVar("T")


class ConfigError(PipelineError):
    """A configuration cannot be used; the message names the file and the knob."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
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


@dataclass(frozen=True, kw_only=True, config=STRICT)
class EmbedConfig:
    """Exporting embeddings.

    Attributes
    ----------
    orientations : int
        Flips and quarter turns whose representations are averaged: 1, 4 or 8.
    dtype : str
        float16 halves the atlas of a large survey.
    centre : bool
        Count embeddings from their mean, so that unrelated galaxies have a cosine near 0.
    """

    orientations: Literal[1, 4, 8] = 8
    batch_size: int = Field(default=256, gt=0)
    dtype: Literal["float16", "float32"] = "float32"
    centre: bool = True


AUTO = "auto"  # the index stage chooses an engine


@dataclass(frozen=True, kw_only=True, config=STRICT)
class IndexConfig:
    """How neighbours are found.

    Attributes
    ----------
    engine : str
        "annoy"; "exact", the quickest up to some 50,000 galaxies; "faiss", the quickest for very
        many; "auto": which of these reaches the target soonest, as measured on these embeddings; or
        "milvus", for more than one machine.
    n_trees : int
        Annoy's; few trees and a generous ``search_k`` win (memory, recall, time).
    recall_target, recall_queries : float, int
        The share of the 100 nearest that is to be found, and how many queries measure it.
    milvus_uri : str
        ``http://HOST:PORT`` of a cluster; empty for Milvus Lite, in a file of the atlas. What the
        cluster knows us by is in the environment: GALAXY_FINDER_MILVUS_TOKEN.
    milvus_index : str
        HNSW is quick and large, IVF_SQ8 four times smaller than the vectors, DISKANN on disks.
    milvus_columns : tuple of str or None
        Columns of the catalogue that Milvus filters by itself; None for all that it can keep.
    milvus_shards, milvus_replicas : int
        In how many parts galaxies are written, and how many copies answer.
    """

    engine: str = "annoy"
    n_trees: int = Field(default=10, gt=0)
    milvus_uri: str = Field(default="", pattern=r"^(https?://[^\s/@]+)?$")
    milvus_index: Literal["FLAT", "IVF_FLAT", "IVF_SQ8", "HNSW", "DISKANN"] = "HNSW"
    milvus_columns: tuple[str, ...] | None = None
    milvus_shards: int = Field(default=1, gt=0, le=16)
    milvus_replicas: int = Field(default=1, gt=0)
    recall_target: float = Field(default=0.999, gt=0, le=1)
    recall_queries: int = Field(default=500, gt=0)

    @field_validator("engine")
    @classmethod
    def _known(cls, engine: str) -> str:
        known = (AUTO, *ENGINES)
        if engine not in known:
            raise ValueError(f"there is no engine '{engine}', only {', '.join(known)}")
        return engine


@dataclass(frozen=True, kw_only=True, config=STRICT)
class UmapConfig:
    """The 2-D map of ``n_fitted`` galaxies by `umap.UMAP`; any others are put among these."""

    name: ClassVar[str] = "umap"
    n_fitted: int = Field(default=100_000, gt=2)
    n_neighbors: int = Field(default=15, gt=1)
    min_dist: float = Field(default=0.1, ge=0)
    metric: Literal["cosine"] = "cosine"


# What the table of the 2-D map may be, and what lays galaxies out by it: ``module:function``,
# imported when it has to be. To add a layout: a module of `pipeline.stages`; here its knobs, with a
# `name` and `n_fitted`, told from the others by a field `kind: Literal["..."]` without a default,
# and named in both of these, behind UMAP's; a test.
LAYOUTS: dict[type, str] = {UmapConfig: "pipeline.stages.umap_layout:lay_out"}
AnyLayoutConfig = Annotated[UmapConfig, by_kind(LAYOUTS)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class EvaluateConfig:
    """Labels that similarity should predict although training never saw them.

    Attributes
    ----------
    numbers, classes : tuple of str
        Columns of the catalogue. If both are empty, all that can serve are taken.
    undefined : dict of str to float
        Numbers that are missing where the experts could not tell. They are evaluated twice: with
        these galaxies left out, and with this value in their place.
    merge : dict of str to dict of str to tuple of str
        By column: classes that count as one, under a name of their own.
    leave_out : dict of str to tuple of str
        By column: classes whose galaxies are left out.
    find : dict of str to tuple of str
        By column: rare words of which each galaxy in turn is the query; the rank of the first other
        one is measured. No words: all of the column.
    pretrained : bool
        Compare with a network trained on ImageNet, if its packages are installed.
    k : int
        Neighbours that a label is predicted from; also the length of the lists that are judged.
    """

    numbers: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    undefined: dict[str, float] = Field(default_factory=dict)
    merge: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    leave_out: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    find: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    pretrained: bool = False
    k: int = Field(default=10, gt=0)

    @model_validator(mode="after")
    def _of_labels(self) -> EvaluateConfig:
        for knob, names, labels in (
            ("undefined", self.undefined, self.numbers),
            ("merge", self.merge, self.classes),
            ("leave_out", self.leave_out, self.classes),
        ):
            if strangers := sorted(set(names) - set(labels)):
                kind = "numbers" if knob == "undefined" else "classes"
                raise ValueError(f"{knob} names {', '.join(strangers)}, which {kind} does not")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ThumbnailConfig:
    """Thumbnails of the atlas; ``keep = false`` publishes none."""

    keep: bool = True
    quality: int = Field(default=88, ge=1, le=95)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Config:
    """Everything that decides what an atlas will be.

    Attributes
    ----------
    source : dict
        As it stands in TOML; `pipeline.sources.registry.source_config` makes knobs of it.
    layout : UmapConfig
        Of the 2-D map; ``[layout]`` or ``[umap]`` in TOML.
    first_object_id : str or None
        The galaxy that people see first; ``showpiece`` in TOML of earlier releases.
    footprint : str or None
        MOC file of the survey; without it the footprint is drawn around the galaxies.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    source: dict[str, Any]
    seed: int = Field(default=1, ge=0)
    ingest: IngestConfig = IngestConfig()
    input: InputConfig = InputConfig()
    views: ViewsConfig = ViewsConfig()
    encoder: AnyEncoderConfig = EncoderConfig()
    train: TrainConfig = TrainConfig()
    hardware: HardwareConfig = HardwareConfig()
    embed: EmbedConfig = EmbedConfig()
    index: IndexConfig = IndexConfig()
    layout: AnyLayoutConfig = Field(
        default=UmapConfig(), validation_alias=AliasChoices("umap", "layout")
    )
    evaluate: EvaluateConfig = EvaluateConfig()
    thumbnails: ThumbnailConfig = ThumbnailConfig()
    cutout_service: CutoutService | None = None
    first_object_id: str | None = Field(
        default=None, validation_alias=AliasChoices("first_object_id", "showpiece")
    )
    footprint: str | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
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
    encoder: AnyEncoderConfig = EncoderConfig()
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
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        )
        raise ConfigError(f"{path}: {problems}.") from error
