"""How figures of merit are shown."""

from __future__ import annotations

from typing import Any

import pandas as pd


def table(evaluation: dict[str, Any]) -> str:
    """Return the figures of merit as a text table.

    Parameters
    ----------
    evaluation : dict
        The content of ``evaluation.json``.
    """
    rows = [
        {"label": label, "n": figures["n"], "figure": figure}
        | {name: f"{by_name[name][figure]:.3f}" for name in by_name}
        for label, by_name in evaluation["labels"].items()
        for figures in [next(iter(by_name.values()))]
        for figure in figures
        if figure != "n"
    ]
    title = (
        f"k-nearest neighbours, k = {evaluation['k']}, cosine, {evaluation['n_galaxies']} galaxies"
    )
    return f"{title}\n{pd.DataFrame(rows).to_string(index=False) if rows else 'no labels'}"
