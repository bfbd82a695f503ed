"""The figures of merit of an atlas: the content of ``evaluation.json``, which describes itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from pipeline.atlas.errors import PipelineError


class EvaluationError(PipelineError):
    """Figures of merit cannot be measured or read; the message says why."""


@dataclass(frozen=True)
class Figure:
    """What a figure of merit means, which way is better, and how many decimals it has."""

    meaning: str
    better: Literal["higher", "lower"] = "higher"
    digits: int = 3


@dataclass(frozen=True)
class Line:
    """One figure of one subject."""

    subject: str  # a label, ``label: class``, or a change of pictures
    n: int  # galaxies
    figure: str  # one of `Evaluation.figures`
    values: dict[str, tuple[float, float]]  # value and spread by representation
    description: str | None = None  # of the label's column; None for other subjects


@dataclass(frozen=True)
class Section:
    """Lines that belong together."""

    title: str
    note: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """All figures of merit of one atlas."""

    version: Literal[2] = 2
    survey: str
    simulated: bool
    caption: str
    n_galaxies: int
    n_evaluated: int  # those that were compared
    k: int  # neighbours that a label is predicted from
    seeds: int  # repetitions of what is drawn at random
    representations: dict[str, str]  # what is compared, in words
    absent: dict[str, str]  # what is not, and why
    figures: dict[str, Figure]  # those of the lines
    sections: tuple[Section, ...]


def write_evaluation(evaluation: Evaluation, path: Path) -> None:
    """Write figures of merit as indented JSON."""
    content = TypeAdapter(Evaluation).dump_python(evaluation, exclude_none=True)
    path.write_text(json.dumps(content, indent=1))


def parse_evaluation(content: Mapping[str, Any]) -> Evaluation:
    """Check the content of ``evaluation.json``, which may come from anywhere.

    Raises
    ------
    EvaluationError
        There is none, or it is of another release.
    """
    if not content:
        raise EvaluationError(
            "This atlas was published without figures of merit, so nothing can be said yet of what "
            "it is good at. The first 'make run' measures them while the page is open: load this "
            "page again in a minute. Elsewhere 'make pipeline' does, with the atlas's "
            "configuration."
        )
    try:
        return TypeAdapter(Evaluation).validate_python({"version": None} | dict(content))
    except ValidationError:
        raise EvaluationError(
            "The figures of merit of this atlas were written by another release. 'make pipeline' "
            "with the atlas's configuration brings them up to date."
        ) from None
