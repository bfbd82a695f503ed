"""A test that crashes or hangs ends the run with its name, whatever the other tests do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HANGS = """
import itertools

def test_that_hangs_in_compiled_code_where_no_signal_comes_through():
    sum(itertools.repeat(0))
"""
CRASHES = """
import os, time

def test_that_hangs_in_python():
    while True:
        time.sleep(0.01)

def test_that_crashes():
    os.abort()
"""


def test_what_crashes_or_hangs_ends_the_run_and_is_named(tmp_path):
    (tmp_path / "test_hangs.py").write_text(HANGS)
    (tmp_path / "test_crashes.py").write_text(CRASHES)
    options = [
        "-c",
        str(ROOT / "pyproject.toml"),
        "-o",
        "timeout=1",
        "-o",
        "faulthandler_timeout=2",
    ]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-n2", "--dist=loadfile", str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=80,
        check=False,
    )
    printed = result.stdout + result.stderr
    assert result.returncode == 1, printed
    assert re.search(r"FAILED.*::test_that_hangs_in_python - Failed: Timeout", printed), printed
    assert re.search(r"FAILED.*::test_that_crashes - worker 'gw\d' crashed", printed), printed
    assert re.search(r"FAILED.*::test_that_hangs_in_compiled_code\w+ - worker", printed), printed
    assert re.search(r"File .*test_hangs.py\", line 5 in test_that_hangs", printed), printed
