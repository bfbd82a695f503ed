import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from pipeline.config import EvaluateConfig
from pipeline.evaluation.labels import LabelError, labels_of


def catalogue(n=40):
    return pd.DataFrame(
        {
            "object_id": [f"{i}" for i in range(n)],
            "ra_deg": np.nan,
            "dec_deg": np.nan,
            "name": [f"NGC {i % 3}" for i in range(n)],
            "brickid": [7, 8] * (n // 2),
            "row": range(n),
            "mag_r": np.linspace(14, 20, n),
            "bar": [0.5, np.nan, 0.0, 1.0] * (n // 4),
            "kind": ["spiral S", "spiral Z", "elliptical", ""] * (n // 4),
            "is_bright": [True, False] * (n // 2),
            "constant": 1.0,
            "remark": [f"remark {i}" for i in range(n)],
        }
    )


def test_without_names_all_columns_that_can_serve_are_labels():
    labels = labels_of(catalogue(), EvaluateConfig())
    assert [(label.name, label.kind) for label in labels] == [
        ("mag_r", "number"),
        ("bar", "number"),
        ("kind", "class"),
        ("is_bright", "class"),
    ]


def test_a_number_or_a_class_that_is_missing_is_unknown():
    number, kind = labels_of(catalogue(), EvaluateConfig(numbers=("bar",), classes=("kind",)))
    assert number.known.tolist() == [True, False, True, True] * 10
    assert kind.known.tolist() == [True, True, True, False] * 10


def test_an_undefined_number_is_evaluated_left_out_and_as_a_value():
    config = EvaluateConfig(numbers=("bar", "mag_r"), undefined={"bar": -1.0, "mag_r": -1.0})
    labels = {label.name: label for label in labels_of(catalogue(), config)}
    assert list(labels) == ["bar", "bar (undefined = -1)", "mag_r"]
    assert labels["bar (undefined = -1)"].values[:4].tolist() == [0.5, -1.0, 0.0, 1.0]


def test_classes_are_merged_and_left_out():
    config = EvaluateConfig(
        classes=("kind",),
        merge={"kind": {"disk with arms": ("spiral S", "spiral Z")}},
        leave_out={"kind": ("elliptical",)},
    )
    # Of one class nothing can be predicted; half of the ellipticals stay under another name.
    table = catalogue()
    table.loc[2::8, "kind"] = "lenticular"
    (label,) = labels_of(table, config)
    assert label.values[:8].tolist() == [
        "disk with arms", "disk with arms", "lenticular", "", "disk with arms", "disk with arms",
        "", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (EvaluateConfig(numbers=("mag_x",)), "no column mag_x. Mend .evaluate."),
        (
            EvaluateConfig(classes=("kind",), leave_out={"kind": ("ring",)}),
            "kind has no class ring.*there are elliptical, spiral S, spiral Z",
        ),
        (EvaluateConfig(numbers=("bar",), k=30), "Only 30 galaxies have a bar: too few for 30"),
        (EvaluateConfig(numbers=("constant",)), "All galaxies have the same constant"),
    ],
)
def test_a_label_that_cannot_be_evaluated_is_named(config, sentence):
    with pytest.raises(LabelError, match=sentence):
        labels_of(catalogue(), config)


@pytest.mark.parametrize(
    "knobs",
    [
        {"undefined": {"bar": -1.0}},
        {"numbers": ("kind",), "merge": {"kind": {"a": ("b",)}}},
        {"numbers": ("kind",), "leave_out": {"kind": ("b",)}},
    ],
)
def test_knobs_of_labels_that_are_not_evaluated_are_mistakes(knobs):
    with pytest.raises(ValidationError, match=r"which (numbers|classes) does not"):
        EvaluateConfig(**knobs)


def test_galaxy_zoo_has_four_classes_of_4089_galaxies(shared_data):
    table = pd.read_csv(shared_data / "sdss_gz1" / "catalogue.csv", dtype={"object_id": str})
    config = EvaluateConfig(
        classes=("label",),
        merge={"label": {"spiral": ("spiral_anticlockwise", "spiral_clockwise")}},
        leave_out={"label": ("spiral_combined",)},
    )
    (label,) = labels_of(table, config)
    assert sorted(set(label.values[label.known])) == [
        "edge_on_disk", "elliptical", "merger", "spiral",
    ]  # fmt: skip
    assert label.known.sum() == 4089  # as in ../shared/FACTS.md, section 3
