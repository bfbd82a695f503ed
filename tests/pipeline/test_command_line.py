import logging

import pytest

from pipeline.__main__ import main

CONFIG = """
name = "cli"
[source]
kind = "mock"
n_objects = 12
[ingest]
processes = 1
[input]
field_px = 128
input_px = 16
[encoder]
width = 8
[train]
epochs = 1
[evaluate]
k = 2
numbers = ["mag_z"]
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "cli.toml"
    path.write_text(CONFIG)
    return path


def test_build_says_where_the_atlas_is_and_evaluate_prints_its_figures(
    config, tmp_path, capsys, caplog
):
    caplog.set_level(logging.INFO)
    atlases, atlas = ["--atlases", str(tmp_path / "atlases")], tmp_path / "atlases" / "cli"
    assert main(["build", str(config), "--evaluate-later", *atlases]) == 0
    assert f"The atlas is in {atlas}, without its figures of merit" in capsys.readouterr().out
    assert not (atlas / "evaluation.json").exists()
    assert main(["build", str(config), *atlases]) == 0
    assert f"The atlas is in {atlas}." in capsys.readouterr().out
    assert (atlas / "evaluation.json").exists()
    assert {record.name.split(".")[0] for record in caplog.records} == {"pipeline"}
    assert main(["evaluate", str(config), *atlases]) == 0
    printed = capsys.readouterr().out
    assert "mag_z" in printed
    assert "recall@100" in printed


def test_a_problem_is_one_line_and_status_1(tmp_path, capsys):
    assert main(["build", str(tmp_path / "gone.toml")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("galaxy-finder: There is no configuration")
    assert error.count("\n") == 1


def test_an_interruption_says_how_to_go_on(config, tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.stages.build.Build.run", interrupted)
    assert main(["build", str(config)]) == 130
    assert "goes on where it was" in capsys.readouterr().err


def test_evaluate_shows_a_published_atlas_that_another_configuration_has_built(
    config, tmp_path, tiny_build, capsys
):
    other = tmp_path / "other.toml"
    other.write_text(config.read_text().replace('"cli"', '"tiny"'))
    assert main(["evaluate", str(other), "--atlases", str(tiny_build.destination.parent)]) == 0
    assert "as it was published" in capsys.readouterr().out


def test_evaluate_shows_a_published_atlas_whose_pictures_are_not_here(
    config, tiny_build, tmp_path, capsys
):
    other = tmp_path / "other.toml"
    source = '[source]\nkind = "folder"\nfolder = "gone"\n'
    other.write_text(f'name = "tiny"\n{source}')
    assert main(["evaluate", str(other), "--atlases", str(tiny_build.destination.parent)]) == 0
    assert "as it was published" in capsys.readouterr().out
    other.write_text(f'name = "unpublished"\n{source}')
    assert main(["evaluate", str(other), "--atlases", str(tiny_build.destination.parent)]) == 1
    assert "gone" in capsys.readouterr().err
