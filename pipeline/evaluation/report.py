"""What the figures of merit mean, and how ``evaluation.json`` is shown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.atlas.evaluation import (
    Evaluation,
    EvaluationError,
    Figure,
    Line,
    parse_evaluation,
)

OUTDATED = "These figures are of an older release: run 'python -m pipeline evaluate' again."

CAPTION = (
    "Training sees pictures, never a label: every label is held out. k = {k} neighbours by cosine. "
    "After ± is the standard error from the choice of galaxies or, for what is drawn at random "
    "(probes, 15 examples), the standard deviation over seeds; for random vectors both together."
)

RAW = "raw "  # how figures from before the atlas was centred begin: of one representation alone
_AS_GIVEN = "of embeddings as the model gives them, before the atlas counts them from their mean"

# In the order in which a table lists them.
FIGURES = {
    "k-NN RMSE": Figure(
        "root mean square error of the mean of the k nearest other galaxies", "lower"
    ),
    "k-NN R2": Figure(
        "share of the variance that this mean predicts: 1 is perfect, 0 as good as the mean of "
        "all galaxies"
    ),
    "k-NN accuracy": Figure(
        "share of galaxies of the class that most of the k nearest others have"
    ),
    "k-NN macro-F1": Figure("the same as F1 score, each class counting alike"),
    RAW + "k-NN R2": Figure(f"k-NN R2 {_AS_GIVEN}"),
    RAW + "k-NN accuracy": Figure(f"k-NN accuracy {_AS_GIVEN}"),
    "probe R2": Figure(
        "share of the variance that ridge regression predicts, of galaxies held out (5 folds, at "
        "most 5,000 galaxies and 256 principal components)"
    ),
    "probe accuracy": Figure(
        "accuracy of logistic regression, of galaxies held out (5 folds, at most 5,000 galaxies "
        "and 256 principal components)"
    ),
    "probe macro-F1": Figure("the same as F1 score, each class counting alike"),
    "nDCG, 1 example": Figure(
        "how much of what is searched for comes first (nDCG at k), one galaxy being the example: "
        "of a class its members, mean over classes; of a fraction its value, examples having at "
        "least 0.5"
    ),
    "nDCG, 15 examples": Figure("the same, the mean of 15 examples being the query"),
    "precision": Figure("share of the k nearest others that are of the galaxy's own class"),
    "first rank": Figure(
        "median rank of the first other of its kind among all others; 1 is the nearest",
        "lower",
        digits=0,
    ),
    "recall": Figure("share of a galaxy's k neighbours that it keeps when its picture is changed"),
}

_SUBJECT_WIDTH, _COUNT_WIDTH, _FIGURE_WIDTH, _VALUE_WIDTH = 32, 7, 19, 15
_TEXT_WIDTH = 110


def table(content: Mapping[str, Any]) -> str:
    """Return what ``evaluation.json`` holds as text for a terminal, 118 columns wide."""
    try:
        evaluation = parse_evaluation(content)
    except EvaluationError:
        return OUTDATED
    names = list(evaluation.representations)
    lines = [f"{evaluation.survey}: {_count(evaluation)}", *_wrapped(evaluation.caption)]
    for section in evaluation.sections:
        head = "".join(f"{name:>{_VALUE_WIDTH - 1}} " for name in names)
        counted = f"{'n':>{_COUNT_WIDTH}}  {'figure':<{_FIGURE_WIDTH - 2}}"
        lines += ["", section.title, *_wrapped(section.note)]
        lines.append(f"{'':<{_SUBJECT_WIDTH}}{counted}{head}".rstrip())
        for subject, n, line in _grouped(section.lines):
            values = "".join(f"{_value(line, name, '*'):>{_VALUE_WIDTH}}" for name in names)
            figure = f"{line.figure:<{_FIGURE_WIDTH - 2}}"
            start = f"{subject:<{_SUBJECT_WIDTH}}{n:>{_COUNT_WIDTH}}  {figure}"
            lines.append(f"{start}{values}".rstrip())
    legend = ["* the best of the line", *_legend(evaluation)]
    return "\n".join([*lines, "", *(line for text in legend for line in _wrapped(text))])


def markdown_table(content: Mapping[str, Any]) -> str:
    """Return the same in Markdown, for a model card; the best of each line is bold."""
    try:
        evaluation = parse_evaluation(content)
    except EvaluationError:
        return OUTDATED
    names = list(evaluation.representations)
    parts = [f"{evaluation.survey}: {_count(evaluation)}. {evaluation.caption}"]
    for section in evaluation.sections:
        rows = [
            [section.title, "n", "figure", *names],
            ["---", "---:", "---", *["---:"] * len(names)],
        ]
        for subject, n, line in _grouped(section.lines):
            rows.append([subject, n, line.figure, *(_bold(line, name) for name in names)])
        parts.append(section.note)
        parts.append("\n".join(f"| {' | '.join(row)} |" for row in rows))
    parts.append("\n".join(f"- {line}" for line in _legend(evaluation)))
    return "\n\n".join(parts)


def _count(evaluation: Evaluation) -> str:
    n, of = evaluation.n_evaluated, evaluation.n_galaxies
    if n == of:
        return f"{n:,} galaxies"
    return f"{n:,} of {of:,} galaxies, drawn at random; neighbours are sought among these alone"


def _grouped(lines: Sequence[Line]) -> Iterator[tuple[str, str, Line]]:
    """Yield subject, number of galaxies and line; the first two are empty where they repeat."""
    last = None
    for line in lines:
        subject, is_new = line.subject, line.subject != last
        yield subject if is_new else "", f"{line.n:,}" if is_new else "", line
        last = subject


def _value(line: Line, name: str, mark: str) -> str:
    if name not in line.values:
        return "-"
    value, spread = line.values[name]
    digits = FIGURES[line.figure].digits
    best = mark if name == _best(line) else " " * len(mark)
    error = f" ±{spread:.{digits}f}" if spread else ""
    return f"{value:.{digits}f}{error}{best}"


def _bold(line: Line, name: str) -> str:
    text = _value(line, name, "")
    return f"**{text}**" if name == _best(line) else text


def _best(line: Line) -> str | None:
    if line.figure.startswith(RAW):
        return None
    sign = 1 if FIGURES[line.figure].better == "lower" else -1
    return min(line.values, key=lambda name: sign * line.values[name][0])


def _legend(evaluation: Evaluation) -> list[str]:
    lines = [f"{name}: {text}" for name, text in evaluation.representations.items()]
    lines += [f"{name}: left out; {text}" for name, text in evaluation.absent.items()]
    return lines + [f"{name}: {item.meaning}" for name, item in evaluation.figures.items()]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, width=_TEXT_WIDTH, subsequent_indent="  ")
