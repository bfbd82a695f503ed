"""The figures of merit of an atlas in plain words: what its model sees, and what it hardly does."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.labels import label
from pipeline.atlas import Column, Evaluation, Line

OWN = "embedding"  # the name of what the atlas searches by, among the representations
CHANCE = "random"
# One figure for each label says how well it is seen; the table of all has the others.
_MAIN = ("k-NN R2", "k-NN accuracy")
# How far from chance (0) to perfection (1), and what we call that.
_VERDICTS = ((0.7, "well"), (0.4, "fairly well"), (0.15, "a little"), (-math.inf, "hardly"))
_ASIDE = re.compile(r"[,;:(]")


@dataclass(frozen=True)
class Cell:
    """A value as text; the share of a bar that it fills, 0 to 1, or None; whether it is best."""

    text: str
    share: float | None
    is_best: bool


@dataclass(frozen=True)
class Row:
    """One subject for people to read.

    Attributes
    ----------
    words, aside : str
        What it is in a few words; what else there is to say of it.
    n : int
        Galaxies.
    figure : str
    verdict : str
        How well the atlas sees it, one of `_VERDICTS`; empty where it is no label.
    cells : tuple of Cell
        One for each of `representations`.
    """

    words: str
    aside: str
    n: int
    figure: str
    verdict: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Group:
    """A section for people to read; of labels, what is seen best comes first."""

    title: str
    note: str
    rows: tuple[Row, ...]

    def seen(self, *verdicts: str) -> list[str]:
        """Return what is seen with one of these verdicts, in words that go on in a sentence."""
        return [_in_a_sentence(row.words) for row in self.rows if row.verdict in verdicts]


def representations(evaluation: Evaluation) -> list[str]:
    """Return the representations that are compared, the atlas's own first."""
    return sorted(evaluation.representations, key=lambda name: name != OWN)


def value_text(evaluation: Evaluation, line: Line, name: str) -> str:
    """Return a value of the table of all figures, such as ``0.866 ±0.007``."""
    value, spread = line.values.get(name, (math.nan, 0.0))
    digits = _digits(evaluation, line)
    error = f" ±{spread:.{digits}f}" if spread else ""
    return _decimals(value, digits) + error


def groups(evaluation: Evaluation, columns: Mapping[str, Column]) -> list[Group]:
    """Return the figures in words: of each label one, all of the other sections."""
    found = []
    for section in evaluation.sections:
        labels = [item for item in section.lines if item.figure in _MAIN]
        if labels:
            named = [item for item in labels if item.subject in columns]
            ordered = sorted(named, key=_skill, reverse=True)
            rows = [_row(evaluation, item, columns, _verdict(item)) for item in ordered]
        else:
            rows = [_row(evaluation, item, columns, "") for item in section.lines]
        found.append(Group(section.title, section.note, tuple(rows)))
    return [group for group in found if group.rows]


def _row(evaluation: Evaluation, line: Line, columns: Mapping[str, Column], verdict: str) -> Row:
    figure = evaluation.figures.get(line.figure)
    name, _, word = line.subject.partition(": ")
    column = columns.get(name, Column(name))
    words, aside = _in_two(column.description or label(column))
    if word:
        words, aside = word, words
    known = {key: value for key, (value, _) in line.values.items() if math.isfinite(value)}
    sign = -1 if figure is not None and figure.better == "lower" else 1
    best = max((sign * value for value in known.values()), default=math.nan)
    cells = tuple(
        Cell(
            _decimals(known.get(key, math.nan), _digits(evaluation, line, at_most=2)),
            min(max(known[key], 0.0), 1.0) if sign == 1 and key in known else None,
            key in known and sign * known[key] == best,
        )
        for key in representations(evaluation)
    )
    return Row(words[:1].upper() + words[1:], aside, line.n, line.figure, verdict, cells)


def _skill(line: Line) -> float:
    """Return how far the atlas gets from chance, 0, to perfection, 1; R2 is that already."""
    value, _ = line.values.get(OWN, (math.nan, 0.0))
    chance = 0.0 if line.figure.endswith("R2") else line.values.get(CHANCE, (0.0, 0.0))[0]
    skill = (value - chance) / (1 - chance) if chance < 1 else 0.0
    return skill if math.isfinite(skill) else -math.inf


def kept_when_turned(evaluation: Evaluation) -> float | None:
    """Return the share of a galaxy's nearest neighbours that stay when its picture is turned.

    0 to 1, by an angle drawn at random; None where it was not measured.
    """
    for section in evaluation.sections:
        for line in section.lines:
            if line.subject == "rotation" and line.figure == "recall" and OWN in line.values:
                return float(line.values[OWN][0])
    return None


def _verdict(line: Line) -> str:
    skill = _skill(line)
    return next(words for least, words in _VERDICTS if skill >= least)


def _in_two(description: str) -> tuple[str, str]:
    """Return what a description begins with, and what it adds.

    >>> _in_two("Inner ring, 0 (none) to 1")
    ('Inner ring', '0 (none) to 1')
    >>> _in_two("Redshift")
    ('Redshift', '')
    """
    found = _ASIDE.search(description)
    if found is None:
        return description, ""
    rest = description[found.start() :]
    return description[: found.start()].strip(), rest.lstrip(",;: ")


def _in_a_sentence(words: str) -> str:
    """Return words without their capital, but for names and abbreviations; truths go unsaid.

    >>> _in_a_sentence("Share of the bulge"), _in_a_sentence("HI mass")
    ('share of the bulge', 'HI mass')
    >>> _in_a_sentence("True redshift")
    'redshift'
    """
    words = words.removeprefix("True ")
    is_name = words[:6] == "Hubble" or words[1:2].isupper()
    return words if is_name else words[:1].lower() + words[1:]


def _digits(evaluation: Evaluation, line: Line, at_most: int = 9) -> int:
    figure = evaluation.figures.get(line.figure)
    return min(3 if figure is None else max(figure.digits, 0), at_most)


def _decimals(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return "–"
    text = f"{abs(value):.{digits}f}"
    return f"−{text}" if value < 0 and float(text) else text
