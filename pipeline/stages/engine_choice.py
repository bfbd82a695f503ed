"""``index.engine = "auto"``: what reaches the recall target soonest, on the embeddings at hand."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from pipeline.atlas.engines import ENGINES, Vectors
from pipeline.stages.trial import Trial

log = logging.getLogger(__name__)

# Those that need nothing but the atlas, the plainest first.
CANDIDATES = ("exact", "faiss", "annoy")
# Of larger atlases a sample is tried: Annoy would grow its trees among millions for hours.
_MOST_TRIED_WHOLE = 200_000
_SAMPLED = 100_000
# Another one has to be so much quicker than a plainer one; what is less differs from run to run.
_QUICKER = 1.25


class Tried(NamedTuple):
    """How a candidate did."""

    engine: str
    recall: float
    ms: float  # for a query

    def said(self, target: float) -> str:
        """Return it in words."""
        missed = f" (recall {self.recall:.4f})" if self.recall < target else ""
        return f"{self.engine} {said_ms(self.ms)}{missed}"


def choose(vectors: Vectors, seed: int, options: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name of an engine, and why it was chosen, as a sentence or two for users.

    Parameters
    ----------
    vectors : Vectors
    seed : int
    options : mapping
        The ``[index]`` part of the configuration, and the seed.
    """
    n_objects, tried_on = len(vectors), vectors
    if n_objects > _MOST_TRIED_WHOLE:
        rng = np.random.default_rng(seed)
        tried_on = Vectors(vectors[np.sort(rng.permutation(n_objects)[:_SAMPLED])])
    trial = Trial.of(tried_on, seed, options["recall_queries"])
    growth = n_objects / len(tried_on)
    tried = [_try(name, trial, options, growth) for name in CANDIDATES]
    target = options["recall_target"]
    best = best_of(tried, target)
    others = ", ".join(each.said(target) for each in tried if each != best)
    sampled = (
        f" That was measured on {len(tried_on):,} of the galaxies, for exact search reckoned."
        if tried_on is not vectors
        else ""
    )
    return best.engine, (
        f"It was chosen by measurement: {best.engine} reaches a recall of {target:g} in "
        f"{said_ms(best.ms)}; {others}.{sampled}"
    )


def said_ms(ms: float) -> str:
    """Return a time in words.

    >>> said_ms(0.1234), said_ms(1430.2)
    ('0.123 ms', '1,430 ms')
    """
    return f"{ms:,.0f} ms" if ms >= 100 else f"{ms:.3g} ms"


def best_of(tried: list[Tried], target: float) -> Tried:
    """Return the quickest that reaches the target, or a plainer one that is hardly slower."""
    good = [each for each in tried if each.recall >= target]
    soonest = min(each.ms for each in good)  # exact search always reaches it
    return next(each for each in good if each.ms <= _QUICKER * soonest)


def _try(name: str, trial: Trial, options: Mapping[str, Any], growth: float) -> Tried:
    """Try an engine in memory; ``growth``: of so many times as many galaxies is the atlas."""
    engine = ENGINES[name].build(
        trial.vectors, None, options, recall=trial.recall, advance=lambda: None
    )
    ms = trial.query_ms(engine) * (growth if name == "exact" else 1)
    tried = Tried(name, trial.recall(engine), ms)
    log.info("index: tried %s: recall@%d %.4f, %s", name, trial.k, tried.recall, said_ms(ms))
    return tried
