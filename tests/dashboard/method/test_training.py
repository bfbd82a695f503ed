"""What a manifest says of the training."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.method.training import shown_views, surveys_of, training_facts
from pipeline.config import ViewsConfig
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

VIEWS = {"size": [0.75, 1.15], "shift_px": 3.0, "psf": True, "noise": True, "reddening": False}
MANIFEST = small_atlas(random_unit_rows(5, 2)).manifest


def manifest_of(config, survey="test"):
    return replace(MANIFEST, survey=survey, model=replace(MANIFEST.model, config=config))


def several():
    return {
        "encoder": {"depth": 18, "width": 32, "export_stages": [2, 3], "export_spread": True},
        "training": {
            "surveys": {
                "efigi": {"field_px": None, "input_px": 64},
                "mock": {"field_px": 96, "input_px": 64},
            },
            "views": {"efigi": VIEWS, "mock": VIEWS | {"shift_px": 4.0}},
            "train": {"epochs": 60, "batch_size": 256, "learning_rate": 0.002, "start": "/a/b.pt"},
        },
    }


def test_each_survey_has_its_own_views():
    efigi, mock = surveys_of(manifest_of(several()))
    assert (efigi.survey, efigi.field) == ("efigi", "the whole picture, as 64 × 64 px")
    assert (mock.survey, mock.field) == ("mock", "the central 96 px, as 64 × 64 px")
    assert (efigi.strengths.shift_px, mock.strengths.shift_px) == (3.0, 4.0)
    assert efigi.seen_as_fluxes == "seeing, noise"


def test_views_are_shown_as_of_the_atlas_itself_if_it_was_learnt_from():
    assert shown_views(manifest_of(several(), survey="mock")).survey == "mock"
    pictures = replace(manifest_of(several(), survey="elsewhere"), bands=("R", "G", "B"))
    assert shown_views(pictures).survey == "efigi"
    fluxes = replace(pictures, bands=("g", "r", "z"))
    assert shown_views(fluxes).survey == "mock"  # whose cutouts are fluxes, too


def test_views_of_another_kind_are_better_than_none():
    training = {"survey": "efigi", "input": {"input_px": 64}, "views": VIEWS}
    fluxes = replace(manifest_of({"training": training}), bands=("g", "r", "z"))
    assert shown_views(fluxes).survey == "efigi"


def test_the_manner_of_the_first_release_is_understood():
    training = {"survey": "efigi", "input": {"field_px": None, "input_px": 64}, "views": VIEWS}
    (only,) = surveys_of(manifest_of({"training": training}))
    assert (only.survey, only.strengths.size) == ("efigi", (0.75, 1.15))


def test_what_is_known_is_told_in_words_and_nothing_else():
    facts = dict(training_facts(manifest_of(several())))
    assert facts["Network"] == (
        "ResNet-18, 32 filters in its first stage; mean and spread of stages 2 and 3"
    )
    assert facts["Passes over the galaxies"] == "60"
    assert facts["Galaxies per step"] == "256, each in two views"
    assert facts["Started from"] == "b.pt"  # no folder of the machine that trained
    assert "Temperature of the loss" not in facts


@pytest.mark.parametrize("config", [{}, {"training": {}}, {"training": None}, {"encoder": [1]}])
def test_a_model_from_elsewhere_has_nothing_to_tell(config):
    manifest = manifest_of(config)
    assert (surveys_of(manifest), shown_views(manifest), training_facts(manifest)) == ([], None, [])


def test_every_knob_of_the_views_is_known():
    fields = ViewsConfig.__dataclass_fields__
    (only,) = surveys_of(
        manifest_of(
            {
                "training": {
                    "input": {"input_px": 64},
                    "views": {name: getattr(ViewsConfig(), name) for name in fields},
                }
            }
        )
    )
    assert {name: getattr(only.strengths, name) for name in fields} == {
        name: getattr(ViewsConfig(), name) for name in fields
    }


SCALARS = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)
ANYTHING = SCALARS | st.lists(SCALARS, max_size=3)
SIZE = st.fixed_dictionaries({}, optional={"input_px": ANYTHING, "field_px": ANYTHING})
STRENGTHS = st.fixed_dictionaries({}, optional={"size": ANYTHING, "gain": SCALARS})
KNOBS = st.fixed_dictionaries({}, optional={"epochs": ANYTHING, "loss": ANYTHING, "start": SCALARS})


@given(
    inputs=st.dictionaries(st.sampled_from("ab"), SIZE | ANYTHING) | ANYTHING,
    views=st.dictionaries(st.sampled_from("ab"), STRENGTHS | ANYTHING) | ANYTHING,
    knobs=KNOBS | ANYTHING,
    encoder=st.dictionaries(st.sampled_from(["depth", "width", "export_stages"]), ANYTHING),
)
def test_no_configuration_breaks_the_page(inputs, views, knobs, encoder):
    training = {"surveys": inputs, "views": views, "train": knobs}
    manifest = manifest_of({"training": training, "encoder": encoder, "embed": knobs})
    for survey in surveys_of(manifest):
        assert survey.input_px > 0
        assert all(math.isfinite(end) for end in survey.strengths.size)
    assert all(isinstance(text, str) for fact in training_facts(manifest) for text in fact)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, 10**400, -1, None, "many"])
def test_a_survey_whose_size_cannot_be_is_left_out(wrong):
    config = several()
    config["training"]["surveys"]["mock"]["input_px"] = wrong
    assert [survey.survey for survey in surveys_of(manifest_of(config))] == ["efigi"]


@pytest.mark.parametrize("wrong", [math.nan, math.inf, 10**400, None, "many", True])
def test_a_knob_that_cannot_be_goes_unsaid(wrong):
    config = several()
    config["training"]["train"]["epochs"] = wrong
    assert "Passes over the galaxies" not in dict(training_facts(manifest_of(config)))
