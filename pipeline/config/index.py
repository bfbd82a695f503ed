"""The knobs of the index."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class IndexConfig:
    """The Annoy index; few trees and a generous ``search_k`` win (memory, recall, time)."""

    n_trees: int = Field(default=10, gt=0)
    recall_target: float = Field(default=0.999, gt=0, le=1)
    recall_queries: int = Field(default=500, gt=0)
