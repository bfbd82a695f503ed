import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from pipeline.config import ConfigError, read_config, read_model_config
from pipeline.config.encoder import by_kind
from pipeline.sources import SourceError
from pipeline.sources.registry import SOURCES, open_source

CONFIGS = sorted((Path(__file__).parents[3] / "pipeline" / "configs").glob("*.toml"))


def write(tmp_path, text):
    path = tmp_path / "survey.toml"
    path.write_text(text)
    return path


def test_every_configuration_that_we_ship_is_valid():
    assert CONFIGS
    for path in CONFIGS:
        if "surveys" in tomllib.loads(path.read_text()):
            model = read_model_config(path)
            assert all((path.parent / survey).exists() for survey in model.surveys), path
        else:
            assert read_config(path).source["kind"] in SOURCES, path


def test_knobs_that_are_not_set_have_their_defaults(tmp_path):
    config = read_config(write(tmp_path, 'name = "a"\n[source]\nkind = "mock"\n'))
    assert config.train.temperature == 0.2
    assert config.encoder.depth == 18


def test_a_configuration_that_is_not_there_lists_those_that_are(tmp_path):
    with pytest.raises(ConfigError, match=r"There is no configuration .*gone.*There are: .*mock"):
        read_config(tmp_path / "gone.toml")


def test_text_that_is_not_toml_says_so(tmp_path):
    with pytest.raises(ConfigError, match="is not valid TOML"):
        read_config(write(tmp_path, "name = "))


@pytest.mark.parametrize(
    ("text", "knob"),
    [
        ('name = "a"', "source"),
        ('name = "../a"\n[source]', "name"),
        ('name = "a"\n[source]\n[train]\nepochs = 0', "train.epochs"),
        ('name = "a"\n[source]\n[train]\nepochs = "many"', "train.epochs"),
        ('name = "a"\n[source]\n[train]\nlearning_rte = 1', "train.learning_rte"),
        ('name = "a"\n[source]\n[encoder]\ndepth = 19', "encoder.depth"),
        ('name = "a"\n[source]\n[encoder]\nwidth = 7', "encoder.width"),
    ],
)
def test_a_bad_knob_is_named(tmp_path, text, knob):
    with pytest.raises(ConfigError) as caught:
        read_config(write(tmp_path, text))
    assert knob in str(caught.value)


def test_an_unknown_source_lists_the_known_ones():
    with pytest.raises(SourceError, match="kind is 'sky'; it must be one of mock, folder"):
        open_source({"kind": "sky"})


def test_an_unknown_argument_of_a_source_is_named():
    with pytest.raises(SourceError, match="galaxies"):
        open_source({"kind": "mock", "galaxies": 3})


def test_an_engine_that_does_not_exist_is_named(tmp_path):
    path = tmp_path / "any.toml"
    path.write_text('name = "any"\nsource = {}\n[index]\nengine = "oracle"\n')
    with pytest.raises(ConfigError, match=r"index.engine: .*no engine 'oracle', only auto, "):
        read_config(path)


@dataclass(frozen=True)
class Plain:
    steps: int = 1


@dataclass(frozen=True)
class Grid:
    kind: Literal["grid"]
    cells: int = 2


def test_a_table_of_several_kinds_is_read_and_blamed_as_the_kind_that_it_names():
    either = TypeAdapter(
        dict[str, Annotated[Plain | Grid, by_kind({Plain: "a:plain", Grid: "a:grid"})]]
    )
    assert either.validate_python({"layout": {}}) == {"layout": Plain()}
    assert either.validate_python({"layout": {"kind": "grid"}}) == {"layout": Grid("grid")}
    for table, where, what in [
        ({"kind": "grod"}, ("layout",), "kind is 'grod'; it must be one of grid, or left out"),
        ({"kind": "grid", "cells": "x"}, ("layout", "cells"), "valid integer"),
        ({"steps": "x"}, ("layout", "steps"), "valid integer"),
        (7, ("layout",), ""),
    ]:
        with pytest.raises(ValidationError) as caught:
            either.validate_python({"layout": table})
        problem = caught.value.errors()[0]
        assert problem["loc"][: len(where)] == where
        assert what in problem["msg"]


@pytest.mark.parametrize("table", ["layout", "umap", "encoder"])
def test_a_kind_that_is_not_there_is_left_out(tmp_path, table):
    text = f'name = "a"\n[source]\n[{table}]\nkind = "tsne"'
    with pytest.raises(ConfigError, match=rf"{table}: kind is 'tsne'; it must be left out\.$"):
        read_config(write(tmp_path, text))
