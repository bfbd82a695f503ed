import json
import shutil
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.atlas.manifest import EmbeddingInfo
from pipeline.config import EvaluateConfig
from pipeline.evaluation.labels import LabelError
from pipeline.evaluation.report import FIGURES, table
from pipeline.stages import evaluate
from pipeline.store.workspace import Workspace


@pytest.fixture(scope="module")
def evaluation(tiny_build):
    return json.loads(tiny_build.workspace.evaluation.read_text())


@pytest.fixture(scope="module")
def workspace(tiny_build, tmp_path_factory):
    """What evaluation needs, of galaxies without a position."""
    root = tmp_path_factory.mktemp("workspace")
    for stage in ("ingest", "train", "embed"):
        shutil.copytree(tiny_build.workspace.folder(stage), root / stage)
    (root / "evaluate").mkdir()
    for path in (root / "ingest").glob("catalogue-*.parquet"):
        pd.read_parquet(path).assign(ra_deg=np.nan, dec_deg=np.nan).to_parquet(path, index=False)
    return Workspace(root)


def evaluated(tiny_build, workspace, **knobs):
    """Evaluate one label of a sample, without the packages of the pretrained network."""
    chosen = EvaluateConfig(numbers=("truth_bulge_fraction",), **knobs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "MOST_GALAXIES", 120)
        patch.setattr(evaluate, "MOST_CHANGED", 20)
        patch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
        evaluate.run(replace(tiny_build.config, evaluate=chosen), workspace)
    return json.loads(workspace.evaluation.read_text())


@pytest.fixture(scope="module")
def of_sample(tiny_build, workspace):
    return evaluated(tiny_build, workspace, pretrained=True)


def lines_of(evaluation, title):
    (section,) = [part for part in evaluation["sections"] if part["title"] == title]
    return {(line["subject"], line["figure"]): line for line in section["lines"]}


def test_the_mock_survey_gets_all_figures_with_a_spread(evaluation):
    labels = lines_of(evaluation, "Labels")
    number = [
        "k-NN RMSE", "k-NN R2", "probe R2", "nDCG, 1 example", "nDCG, 15 examples", "raw k-NN R2",
    ]  # fmt: skip
    kind = [
        "k-NN accuracy", "k-NN macro-F1", "probe accuracy", "probe macro-F1", "nDCG, 1 example",
        "nDCG, 15 examples", "raw k-NN accuracy",
    ]  # fmt: skip
    assert list(labels) == [
        *(("truth_bulge_fraction", figure) for figure in number),
        *(("truth_class", figure) for figure in kind),
    ]
    for (_, figure), line in labels.items():
        compared = [] if figure.startswith("raw") else ["random", "PCA-64"]
        assert list(line["values"]) == ["embedding", *compared]
        assert all(spread > 0 for _, spread in line["values"].values())


def test_what_has_seen_the_pictures_beats_random_numbers(evaluation):
    values = lines_of(evaluation, "Labels")["truth_bulge_fraction", "k-NN R2"]["values"]
    assert values["embedding"][0] > 0.3
    assert values["PCA-64"][0] > 0.3
    # The mean of ten random galaxies: R2 is -1/10.
    assert values["random"][0] == pytest.approx(-0.1, abs=3 * values["random"][1])


def test_what_the_model_gives_is_measured_beside_what_the_atlas_makes_of_it(
    tiny_build, workspace, evaluation
):
    info = EmbeddingInfo(**json.loads(tiny_build.workspace.embedding_info.read_text()))
    assert f"{np.linalg.norm(info.centre):.3f} long" in evaluation["representations"]["embedding"]
    lines = lines_of(evaluation, "Labels")
    ((before, _),) = lines["truth_bulge_fraction", "raw k-NN R2"]["values"].values()
    after, _ = lines["truth_bulge_fraction", "k-NN R2"]["values"]["embedding"]
    assert before != after
    assert before == pytest.approx(after, abs=0.1)


def test_each_class_and_fault_of_the_mock_survey_is_searched_for(evaluation, tiny_build):
    catalogue = pd.read_parquet(tiny_build.destination / "catalogue.parquet")
    precision = lines_of(evaluation, "Classes, by one example")
    counts = {subject: line["n"] for (subject, _), line in precision.items()}
    assert counts == {
        f"truth_class: {name}": n for name, n in catalogue["truth_class"].value_counts().items()
    }
    rare = lines_of(evaluation, "Rare kinds, by one example")
    faults = catalogue["truth_fault"].replace("", np.nan).value_counts()
    assert {subject for subject, _ in rare} == {
        f"truth_fault: {name}" for name, n in faults.items() if n > 1
    }
    assert all(1 <= line["values"]["embedding"][0] <= 299 for line in rare.values())


def test_neighbours_are_better_kept_than_by_chance(evaluation):
    changes = lines_of(evaluation, "Pictures changed")
    assert [subject for subject, _ in changes] == ["rotation", "shift", "blur", "noise"]
    for line in changes.values():
        assert line["values"]["random"] == [pytest.approx(10 / 299, rel=1e-4), 0]
        assert 0.1 < line["values"]["embedding"][0] <= 1


def test_the_evaluation_describes_itself(evaluation):
    used = {line["figure"] for part in evaluation["sections"] for line in part["lines"]}
    assert set(evaluation["figures"]) == used <= set(FIGURES)
    assert evaluation["n_evaluated"] == evaluation["n_galaxies"] == 300
    assert "never a label" in evaluation["caption"]
    assert "evaluate.pretrained is false" in evaluation["absent"]["ImageNet"]
    assert "truth_bulge_fraction" in table(evaluation)


def test_galaxies_without_a_position_are_evaluated(of_sample):
    assert ("truth_bulge_fraction", "k-NN R2") in lines_of(of_sample, "Labels")


def test_of_a_large_survey_a_sample_is_evaluated_and_said_so(of_sample):
    assert (of_sample["n_evaluated"], of_sample["n_galaxies"]) == (120, 300)
    assert "120 of 300 galaxies, drawn at random; neighbours are sought among" in table(of_sample)
    (n,) = {line["n"] for line in lines_of(of_sample, "Pictures changed").values()}
    assert n == 20


@pytest.mark.parametrize("figure", ["k-NN RMSE", "k-NN R2"])
def test_the_figures_of_a_sample_are_those_of_all_within_their_spread(
    of_sample, evaluation, figure
):
    sample, whole = (
        lines_of(each, "Labels")["truth_bulge_fraction", figure]["values"]
        for each in (of_sample, evaluation)
    )
    # Not the embedding: that of a training this short differs with the rounding of each machine.
    (value, spread), (expected, own_spread) = sample["PCA-64"], whole["PCA-64"]
    assert value == pytest.approx(expected, abs=3 * np.hypot(spread, own_spread))


def test_a_network_that_is_not_installed_is_left_out(of_sample):
    assert "efficientnet_lite_pytorch is not installed" in of_sample["absent"]["ImageNet"]
    assert "ImageNet" not in of_sample["representations"]


def test_the_same_seed_gives_the_same_figures(of_sample, tiny_build, workspace):
    assert evaluated(tiny_build, workspace, pretrained=True) == of_sample


def test_a_column_that_is_not_there_is_named_before_any_work(tiny_build, workspace):
    with pytest.raises(LabelError, match="no column truth_flaw"):
        evaluated(tiny_build, workspace, find={"truth_flaw": ()})


def test_embeddings_of_another_encoder_are_not_evaluated(tiny_build, workspace, tmp_path):
    for stage in ("ingest", "train"):
        (tmp_path / stage).symlink_to(workspace.folder(stage))
    (tmp_path / "embed").mkdir()
    shutil.copy(workspace.embedding_info, tmp_path / "embed")
    np.save(tmp_path / "embed" / "embeddings.npy", np.load(workspace.embeddings)[:, 1:])
    with pytest.raises(evaluate.EvaluationError, match="run 'embed' again"):
        evaluated(tiny_build, Workspace(tmp_path))
