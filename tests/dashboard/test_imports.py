"""Who may import whom (DESIGN.md, section 2)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DASHBOARD = sorted((ROOT / "dashboard").rglob("*.py"))
PANELS = [path for path in DASHBOARD if path.parent.name == "panels"]
MAY_IMPORT_DASH = {ROOT / "dashboard" / "app.py", ROOT / "dashboard" / "__main__.py", *PANELS}


def imported_modules(path):
    """Return the full names of all modules that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say the whole name of the module"
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def imported_packages(path):
    return {name.split(".")[0] for name in imported_modules(path)}


def name_of(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", sorted((ROOT / "pipeline").rglob("*.py")), ids=name_of)
def test_the_pipeline_knows_nothing_of_the_dashboard(path):
    strangers = {"dashboard", "dash", "plotly", "dash_bootstrap_components", "dash_ag_grid"}
    assert not imported_packages(path) & strangers


@pytest.mark.parametrize("path", DASHBOARD, ids=name_of)
def test_the_dashboard_knows_the_contract_and_nothing_else_of_the_pipeline(path):
    of_pipeline = {name for name in imported_modules(path) if name.split(".")[0] == "pipeline"}
    assert all(f"{name}.".startswith("pipeline.atlas.") for name in of_pipeline)


@pytest.mark.parametrize("path", sorted(set(DASHBOARD) - MAY_IMPORT_DASH), ids=name_of)
def test_only_app_main_and_panels_know_dash(path):
    assert not imported_packages(path) & {"dash", "dash_bootstrap_components", "dash_ag_grid"}


@pytest.mark.parametrize("path", PANELS, ids=name_of)
def test_panels_do_not_know_each_other(path):
    others = {f"dashboard.panels.{other.stem}" for other in PANELS} - {"dashboard.panels.__init__"}
    assert not imported_modules(path) & others


@pytest.mark.parametrize("path", DASHBOARD, ids=name_of)
def test_a_module_fits_in_300_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_opening_the_dashboard_loads_nothing_of_what_builds_atlases(tiny_atlas):
    script = """
import sys
from pathlib import Path
from dashboard.__main__ import open_explorers
from dashboard.app import create_app
server = create_app(open_explorers([Path(sys.argv[1])]))
assert server.test_client().get("/atlas/tiny/_dash-layout").status_code == 200
heavy = {"torch", "umap", "numba", "sklearn", "lightning_fabric", "galsim", "h5py"}
print(sorted(heavy & {name.split(".")[0] for name in sys.modules}))
"""
    result = subprocess.run(
        [sys.executable, "-c", script, str(tiny_atlas)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.stdout.strip(), result.returncode) == ("[]", 0), result.stderr
