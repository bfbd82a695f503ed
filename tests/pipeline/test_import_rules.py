"""Which module of the pipeline may import which (the dashboard's rules: tests/dashboard)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.stages import STAGES

PIPELINE = Path(__file__).parents[2] / "pipeline"
MODULES = sorted(PIPELINE.rglob("*.py"))
STAGE_MODULES = {f"pipeline.{stage.name}" for stage in STAGES}


def imported_modules(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PIPELINE)))
def test_no_module_imports_a_stage(path):
    # stages.py runs them by name, so that a stage that is up to date costs no import.
    assert not imported_modules(path) & STAGE_MODULES


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PIPELINE)))
def test_a_module_fits_in_300_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def loaded_with(module):
    script = f"import sys, {module}; print(*{{n.split('.')[0] for n in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PIPELINE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_contract_loads_nothing_of_what_builds_atlases():
    assert not loaded_with("pipeline.atlas") & {"torch", "umap", "numba", "sklearn", "galsim"}


@pytest.mark.parametrize("stage", ["ingest", "index", "umap2d"])
def test_a_stage_that_runs_no_network_carries_none(stage):
    # Each reader of ingest would carry it: 200 MB, and seconds to load.
    assert "torch" not in loaded_with(f"pipeline.{stage}")
