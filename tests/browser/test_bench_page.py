"""The benchmark of the page still runs, and its figures are what it says."""

import re
import subprocess
import sys

import pytest

from tests.browser.serving import ROOT


@pytest.mark.usefixtures("browser")  # which says what is missing; two in one process cannot be
def test_the_benchmark_prints_what_a_visitor_waits_for(tiny_atlas):
    command = [sys.executable, "-m", "tests.bench.bench_page", "--clicks", "1"]
    done = subprocess.run(
        [*command, "--atlas", tiny_atlas], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    figures = dict(re.findall(r"(.+?) +(\d+)(?: ms| kB|)\n", done.stdout))
    for what in ("tiny, first visit", "click on a card", "click on a point"):
        assert int(figures[f"{what}: gallery"]) > 0
        assert 0 < int(figures[f"{what}: of these, callbacks"]) <= int(figures[f"{what}: requests"])
        assert int(figures[f"{what}: pictures"]) <= 26
