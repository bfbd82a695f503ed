"""Stage 6: how well similarity predicts what training never saw, beside baselines.

The result is a `pipeline.atlas.evaluation.Evaluation`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from pipeline.atlas.evaluation import (
    Evaluation,
    EvaluationError,
    Line,
    Section,
    write_evaluation,
)
from pipeline.atlas.frame import Frame
from pipeline.atlas.manifest import EmbeddingInfo
from pipeline.atlas.whole_files import whole_file
from pipeline.config import Config
from pipeline.encoder.encoder import Embedder
from pipeline.encoder.weights import load_encoder
from pipeline.evaluation.estimate import SEEDS, Estimate, combined
from pipeline.evaluation.invariance import CHANGES, MOST_CHANGED, recall
from pipeline.evaluation.labels import Label, check_columns, labels_of, text_of
from pipeline.evaluation.neighbourhood import Neighbourhood
from pipeline.evaluation.prediction import Figures, knn_figures, probe_figures
from pipeline.evaluation.report import CAPTION, FIGURES, RAW
from pipeline.evaluation.representations import (
    EMBEDDING,
    IMAGENET,
    RANDOM,
    PackagesMissingError,
    Representation,
    embedding,
    imagenet,
    pixel_pca,
    random,
)
from pipeline.evaluation.retrieval import (
    first_other,
    first_other_at_random,
    ndcg_by_mean,
    ndcg_by_one,
    precision,
)
from pipeline.store.array_file import ArrayFile
from pipeline.store.cutouts import CutoutStore
from pipeline.store.progress import progress
from pipeline.store.workspace import Workspace
from pipeline.views.field import Field

log = logging.getLogger(__name__)

# Beyond this the figures no longer change, only the time.
MOST_GALAXIES = 20_000


def run(config: Config, workspace: Workspace) -> None:
    """Write ``evaluation.json``.

    Raises
    ------
    LabelError
        A label that the configuration names is not there, or is too rare.
    EvaluationError
        The embeddings are not of the encoder.
    """
    store = CutoutStore(workspace.cutout_store)
    order = np.random.default_rng(config.seed).permutation(len(store))
    rows = np.sort(order[:MOST_GALAXIES])
    sampled = store.catalogue(rows=rows)
    check_columns(sampled, tuple(config.evaluate.find))
    labels = labels_of(sampled, config.evaluate)  # before the work: it finds mistakes
    frame = EmbeddingInfo(**json.loads(workspace.embedding_info.read_text())).frame
    representations, absent = _representations(config, workspace, store, rows, frame)
    measure = Measurements(config, representations, frame)
    descriptions = {name: column.description for name, column in store.columns.items()}
    sections = (
        Section(
            "Labels",
            "Galaxies whose label is undefined are left out, unless the line says otherwise.",
            tuple(measure.labels(labels, descriptions)),
        ),
        Section(
            "Classes, by one example",
            "Each galaxy of the class in turn is the example.",
            tuple(measure.classes(labels)),
        ),
        Section(
            "Rare kinds, by one example",
            "Each galaxy of the kind in turn is the example; for random vectors the rank that is "
            "to be expected.",
            tuple(measure.rare(sampled)),
        ),
        Section(
            "Pictures changed",
            "; ".join(f"{change.name} {change.description}" for change in CHANGES) + ".",
            tuple(measure.changes(store, rows)),
        ),
    )
    used = {line.figure for section in sections for line in section.lines}
    evaluation = Evaluation(
        survey=store.survey.title,
        simulated=store.survey.simulated,
        caption=CAPTION.format(k=config.evaluate.k),
        n_galaxies=len(store),
        n_evaluated=len(rows),
        k=config.evaluate.k,
        seeds=SEEDS,
        representations={item.name: item.description for item in representations},
        absent=absent,
        figures={name: figure for name, figure in FIGURES.items() if name in used},
        sections=tuple(section for section in sections if section.lines),
    )
    with whole_file(workspace.evaluation) as partial:
        write_evaluation(evaluation, partial)


class Measurements:
    """The lines of the table: each one figure of one subject, for every representation."""

    def __init__(self, config: Config, representations: list[Representation], frame: Frame) -> None:
        self.k, self.find, self.seed = config.evaluate.k, config.evaluate.find, config.seed
        self.representations = representations
        (own,) = representations[0].vectors
        self.n = len(own)
        self._before = None if frame.centre is None else Neighbourhood(frame.out_of(own))

    def labels(self, labels: list[Label], descriptions: dict[str, str]) -> Iterator[Line]:
        """Yield how well each label is predicted, by neighbours, lists and a linear probe."""
        with progress("evaluate", total=len(labels), unit="label") as bar:
            for label in labels:
                by_name = {item.name: self._figures(item, label) for item in self.representations}
                for figure in by_name[self.representations[0].name]:
                    estimates = {name: figures[figure] for name, figures in by_name.items()}
                    line = _line(label.name, int(label.known.sum()), figure, estimates)
                    yield replace(line, description=descriptions.get(label.name, ""))
                yield from self._before_centring(label, descriptions)
                bar.update()

    def _before_centring(self, label: Label, descriptions: dict[str, str]) -> list[Line]:
        """Return how well neighbours predict a label before embeddings are centred, if they are."""
        if self._before is None:
            return []
        n, about = int(label.known.sum()), descriptions.get(label.name, "")
        figures = knn_figures(self._before, label, self.k, self._rng())
        return [
            replace(_line(label.name, n, RAW + name, {EMBEDDING: value}), description=about)
            for name, value in figures.items()
            if RAW + name in FIGURES
        ]

    def _figures(self, item: Representation, label: Label) -> Figures:
        k, by_draw = self.k, item.neighbourhoods
        knn = [knn_figures(each, label, k, self._rng()) for each in by_draw]
        figures = {figure: combined([each[figure] for each in knn]) for figure in knn[0]}
        figures |= probe_figures(item.probe_inputs, label, self.seed)
        by_one = [ndcg_by_one(each, label, k) for each in by_draw]
        by_mean = ndcg_by_mean(item.vectors, label, k, self.seed)
        if by_mean is not None:
            figures["nDCG, 1 example"] = combined([each for each in by_one if each is not None])
            figures["nDCG, 15 examples"] = by_mean
        return figures

    def classes(self, labels: list[Label]) -> Iterator[Line]:
        """Yield the precision of each class."""
        for label in (label for label in labels if label.kind == "class"):
            by_name = {
                item.name: [precision(each, label, self.k) for each in item.neighbourhoods]
                for item in self.representations
            }
            for word, n in zip(
                *np.unique(label.values[label.known], return_counts=True), strict=True
            ):
                estimates = {
                    name: combined([draw[str(word)] for draw in draws])
                    for name, draws in by_name.items()
                }
                yield _line(f"{label.name}: {word}", int(n), "precision", estimates)

    def rare(self, catalogue: pd.DataFrame) -> Iterator[Line]:
        """Yield how early another galaxy of each rare kind is found."""
        for column, words in self.find.items():
            values = text_of(column, catalogue[column]).values
            for word in words or np.unique(values[values != ""]):
                members = values == word
                if members.sum() < 2:
                    log.warning("%s: too few are %s to find one by another", column, word)
                    continue
                estimates = {
                    item.name: first_other(item.neighbourhoods[0], members, self._rng())
                    for item in self.representations
                    if item.name != RANDOM
                }
                expected = first_other_at_random(len(values), int(members.sum()))
                estimates[RANDOM] = Estimate(expected, 0.0)
                yield _line(f"{column}: {word}", int(members.sum()), "first rank", estimates)

    def changes(self, store: CutoutStore, rows: np.ndarray) -> Iterator[Line]:
        """Yield how many neighbours a galaxy keeps when its picture changes."""
        if self.n <= self.k + 1:
            return
        sample = np.sort(self._rng().permutation(self.n)[:MOST_CHANGED])
        for change in CHANGES:
            estimates = {
                item.name: recall(item, store, rows, sample, change, self.k, self.seed)
                for item in self.representations
                if item.encode is not None
            }
            estimates[RANDOM] = Estimate(self.k / (self.n - 1), 0.0)
            yield _line(change.name, len(sample), "recall", estimates)

    def _rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)


def _representations(
    config: Config, workspace: Workspace, store: CutoutStore, rows: np.ndarray, frame: Frame
) -> tuple[list[Representation], dict[str, str]]:
    """Return what is compared, and why something is not."""
    field = Field.of(config.input, store.survey)
    vectors = ArrayFile(workspace.embeddings).rows(rows)
    embedder = Embedder(load_encoder(workspace.encoder_weights), config.embed.orientations)
    if embedder.dim != vectors.shape[1]:
        raise EvaluationError(
            f"The embeddings have {vectors.shape[1]} numbers, the encoder makes {embedder.dim}: "
            f"another release has written them. Delete {workspace.folder('embed')} and run "
            "'embed' again."
        )
    chosen = [
        embedding(vectors, embedder, field, frame),
        random(len(rows), config.seed),
        pixel_pca(store, rows, field, config.seed),
    ]
    if not config.evaluate.pretrained:
        return chosen, {IMAGENET: "not asked for: evaluate.pretrained is false"}
    try:
        return [*chosen, imagenet(store, rows, field)], {}
    except PackagesMissingError as error:
        return chosen, {IMAGENET: str(error)}


def _line(subject: str, n: int, figure: str, estimates: dict[str, Estimate]) -> Line:
    values = {
        name: (float(f"{value:.5g}"), float(f"{spread:.5g}"))
        for name, (value, spread) in estimates.items()
    }
    return Line(subject, n, figure, values)
