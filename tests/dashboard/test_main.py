"""Starting: what is opened, what is said, how it ends."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.__main__ import announcement, main, open_explorers, real_sky_first
from pipeline.atlas import AtlasError
from tests.dashboard.test_app import explorer_called

ROOT = Path(__file__).parents[2]


def test_the_announcement_says_where_what_and_how_to_stop():
    line = announcement("127.0.0.1", 8050, {"a": explorer_called("a")})
    assert line == (
        "Galaxy Finder is open at http://127.0.0.1:8050 (atlas: Atlas a, 30 galaxies). "
        "Stop it with Ctrl-C."
    )
    two = {name: explorer_called(name) for name in ("a", "b")}
    assert "http://[::1]:1 (atlas: Atlas a, 30 galaxies and 1 more)" in announcement("::1", 1, two)


def test_a_folder_that_is_no_atlas_ends_with_a_line_and_status_1(tmp_path, capsys):
    assert main([str(tmp_path)]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "is not an atlas" in output.err
    assert output.err.count("\n") == 1


def test_one_broken_atlas_does_not_keep_the_others_closed(tiny_atlas, tmp_path, capsys):
    closed = {}
    explorers = open_explorers([tmp_path / "broken", tiny_atlas], closed)
    assert list(explorers) == ["tiny"]
    assert list(closed) == ["broken"]
    assert "broken" in capsys.readouterr().err


def test_two_atlases_of_one_name_are_told_apart_by_leaving_one_out(tiny_atlas, capsys):
    assert len(open_explorers([tiny_atlas, tiny_atlas])) == 1
    assert "another atlas is called 'tiny'" in capsys.readouterr().err


def test_the_real_sky_comes_before_the_simulated_one():
    explorers = {name: explorer_called(name, name < "c") for name in ("a", "b", "c", "d")}
    assert list(real_sky_first(explorers)) == ["c", "d", "a", "b"]


def test_no_atlas_at_all_says_how_to_build_one():
    with pytest.raises(AtlasError, match="make pipeline"):
        open_explorers([])


def test_a_busy_port_ends_with_a_line_and_status_1(tiny_atlas, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main([str(tiny_atlas), "--port", str(port)]) == 1
    assert f"127.0.0.1:{port}" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_cannot_be_ends_with_a_sentence(tiny_atlas, capsys, port):
    with pytest.raises(SystemExit) as ended:
        main([str(tiny_atlas), "--port", port])
    assert ended.value.code == 2
    assert "0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["0", "65", "two", "٣"])
def test_a_number_of_workers_that_cannot_be_ends_with_a_sentence(tiny_atlas, capsys, workers):
    with pytest.raises(SystemExit) as ended:
        main([str(tiny_atlas), "--workers", workers])
    assert ended.value.code == 2
    assert "from 1 to 64" in capsys.readouterr().err


def test_ctrl_c_is_quiet_while_the_server_is_still_being_loaded(tiny_atlas):
    process = subprocess.Popen(
        [sys.executable, "-v", "-m", "dashboard", str(tiny_atlas), "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        for line in process.stderr:  # -v tells what is loaded
            if "import 'dashboard.app'" in line or ("matches" in line and "numpy" in line):
                break
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    assert rest == ""
    assert "Traceback" not in errors
    assert process.returncode == -signal.SIGINT


def test_ctrl_c_ends_the_server_quietly(tiny_atlas):
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", str(tiny_atlas), "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=20)
    assert line.startswith("Galaxy Finder is open at http://127.0.0.1:")
    assert (rest, errors, process.returncode) == ("", "", 0)
