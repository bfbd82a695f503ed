"""Who may import whom: a room knows lower floors only, and nothing loads what it does not need."""

import ast
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from pipeline.stages.stage import MODEL_STAGES, STAGES

ROOT = Path(__file__).parents[1]

# The rooms of a package from the ground up. Those of one floor do not know each other.
FLOORS = {
    "pipeline": (
        "atlas",
        "config images",
        "sources",
        "store views",
        "encoder",
        "training evaluation",
        "stages",
        "command_line",
        "__main__",
    ),
    "dashboard": (
        "counted ids labels site untrusted",
        "sky",
        "names filters",
        "explorer",
        "query pictures formatting",
        "map search export web",
        "tables",
        "method",
        "panels",
        "page",
        "app",
        "__main__",
    ),
}

DASH = {"dash", "dash_bootstrap_components", "dash_ag_grid"}
MOST_LINES = 300


def name_of(path):
    """Return the full name of a module; of a face, that of its room."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for package in FLOORS for path in (ROOT / package).rglob("*.py")}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def for_type_checking(tree):
    """Return the nodes that only type checkers read."""
    blocks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {inner for block in blocks for inner in ast.walk(block)}


def imported_names(module, *, at_run_time=False):
    """Yield each import of a module, wherever in it: where from, and which name or None."""
    left_out = for_type_checking(TREES[module]) if at_run_time else set()
    for node in ast.walk(TREES[module]):
        if node in left_out:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: say the whole name of the module"
            yield from ((node.module, alias.name) for alias in node.names)


def imported_modules(module, *, at_run_time=False):
    """Return the modules of both packages that a module imports."""
    found = set()
    for origin, name in imported_names(module, at_run_time=at_run_time):
        is_module = f"{origin}.{name}" in MODULES and name not in exported(origin)
        found.add(f"{origin}.{name}" if is_module else origin)
    return found & set(MODULES)


def exported(module):
    """Return the names that a face takes from the modules of its room."""
    body = TREES[module].body if module in TREES else []
    return {alias.name for node in body if isinstance(node, ast.ImportFrom) for alias in node.names}


def imported_packages(module):
    return {origin.split(".")[0] for origin, _ in imported_names(module)}


def modules_of(package):
    return [name for name in MODULES if name.split(".")[0] == package]


def room_of(module):
    """Return the room of a module, or the module itself where it stands outside of all rooms."""
    return module.split(".")[1]


def inside(package):
    return [name for name in modules_of(package) if name != package]


def test_each_room_has_its_floor_and_says_in_one_sentence_what_it_is_for():
    for package, floors in FLOORS.items():
        rooms = " ".join(floors).split()
        assert sorted(rooms) == sorted({room_of(name) for name in inside(package)})
    for name, path in MODULES.items():
        if path.name == "__init__.py":
            text = ast.get_docstring(TREES[name]) or ""
            assert text.endswith("."), name
            assert not re.search(r"\n|\. ", text), name


def test_a_room_imports_lower_floors_only():
    upward = []
    for package, floors in FLOORS.items():
        floor_of = {room: n for n, floor in enumerate(floors) for room in floor.split()}
        for name in inside(package):
            own = room_of(name)
            others = {room_of(other) for other in imported_modules(name) & set(inside(package))}
            higher = [other for other in others - {own} if floor_of[other] >= floor_of[own]]
            upward += [f"{name} imports {other}" for other in higher]
    assert upward == []


def test_no_module_comes_back_to_itself():
    graph = {name: imported_modules(name, at_run_time=True) for name in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_the_pipeline_knows_nothing_of_the_dashboard():
    for name in modules_of("pipeline"):
        assert not imported_packages(name) & {"dashboard", "plotly", *DASH}, name


def test_the_dashboard_knows_the_contract_and_nothing_else_of_the_pipeline():
    contract = exported("pipeline.atlas")
    for name in modules_of("dashboard"):
        for origin, imported in imported_names(name):
            if origin.split(".")[0] == "pipeline":
                assert origin == "pipeline.atlas", name
                assert imported in contract, name


def test_only_engines_know_which_of_them_answers():
    for name in MODULES:
        if not name.startswith("pipeline.atlas.engines."):
            assert not imported_packages(name) & {"annoy", "faiss"}, name


def test_one_module_knows_the_client_of_milvus():
    clients = {"pymilvus", "milvus_lite", "grpc"}
    knows = [name for name in MODULES if imported_packages(name) & clients]
    assert knows == ["pipeline.atlas.engines.milvus_client"]


def test_only_app_main_and_panels_know_dash():
    for name in inside("dashboard"):
        if room_of(name) not in {"app", "page", "__main__", "panels"}:
            assert not imported_packages(name) & DASH, name


def test_panels_do_not_know_each_other():
    panels = {name for name in inside("dashboard") if room_of(name) == "panels"}
    shared = {"dashboard.panels.parts"}
    for name in panels:
        assert imported_modules(name) & panels <= shared, name


def test_no_module_imports_a_stage():
    # The build runs them by name, so that a stage that is up to date costs no import.
    stages = {stage.function.split(":")[0] for stage in (*STAGES, *MODEL_STAGES)}
    for name in MODULES:
        assert not imported_modules(name) & stages, name


def test_a_module_fits_in_300_lines():
    for name, path in MODULES.items():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES, name


def loaded_by(script, *arguments):
    """Return the packages that a fresh interpreter has loaded after a script."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys\n{script}\nprint(*{{name.split('.')[0] for name in sys.modules}})",
            *arguments,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_contract_loads_nothing_of_what_builds_atlases():
    loaded = loaded_by("import pipeline.atlas")
    assert not loaded & {"torch", "umap", "numba", "sklearn", "galsim", "pymilvus", "grpc"}


def test_what_runs_no_network_carries_none():
    # Each reader of ingest would carry it: 200 MB, and seconds to load.
    stages = ("ingest", "index", "layout")
    for module in ("pipeline.command_line", *(f"pipeline.stages.{stage}" for stage in stages)):
        assert "torch" not in loaded_by(f"import {module}"), module


def test_opening_the_dashboard_loads_nothing_of_what_builds_atlases(tiny_atlas):
    script = """
from pathlib import Path
from dashboard.__main__ import open_explorers
from dashboard.app import create_app
server = create_app(open_explorers([Path(sys.argv[1])]))
assert server.test_client().get("/atlas/tiny/_dash-layout").status_code == 200
"""
    loaded = loaded_by(script, str(tiny_atlas))
    assert "dash" in loaded
    heavy = {"torch", "umap", "numba", "sklearn", "lightning_fabric", "galsim", "h5py", "faiss"}
    assert not loaded & heavy
