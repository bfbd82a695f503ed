"""The knobs of the engine that finds neighbours."""

from __future__ import annotations

from pydantic import ConfigDict, Field, field_validator
from pydantic.dataclasses import dataclass

from pipeline.atlas.engines import ENGINES


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class IndexConfig:
    """How neighbours are found.

    Attributes
    ----------
    engine : str
        "annoy", or "exact": the quickest up to some 50,000 galaxies.
    n_trees : int
        Annoy's; few trees and a generous ``search_k`` win (memory, recall, time).
    recall_target, recall_queries : float, int
        The share of the 100 nearest that is to be found, and how many queries measure it.
    """

    engine: str = "annoy"
    n_trees: int = Field(default=10, gt=0)
    recall_target: float = Field(default=0.999, gt=0, le=1)
    recall_queries: int = Field(default=500, gt=0)

    @field_validator("engine")
    @classmethod
    def _known(cls, engine: str) -> str:
        if engine not in ENGINES:
            raise ValueError(f"there is no engine '{engine}', only {', '.join(ENGINES)}")
        return engine
