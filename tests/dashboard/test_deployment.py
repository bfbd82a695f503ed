"""What docs/deploy says of this repository is true of it."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
# In a fresh interpreter: which packages a visit needs.
VISIT = """
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from dashboard.__main__ import open_explorers
from dashboard.app import create_app
client = create_app(open_explorers([Path(sys.argv[1])])).test_client()
for page in ("/atlas/tiny/", "/atlas/tiny/method", "/export/tiny/neighbours.parquet"):
    assert client.get(page).status_code == 200
known = packages_distributions()
names = {name.partition(".")[0] for name in sys.modules}
print(*sorted({package for name in names for package in known.get(name, ())}))
"""


def plain(name):
    return re.sub("[-_.]+", "-", name).lower()


def pinned():
    """Return the packages of requirements.txt that servers have, and those that they do without."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    patterns = (DEPLOY / "only-for-building.txt").read_text(encoding="utf-8").splitlines()
    assert all(any(re.match(one, line) for line in lines) for one in patterns)
    left_out = {line for line in lines if any(re.match(one, line) for one in patterns)}
    pins = {line for line in lines if "==" in line}
    return tuple(
        {plain(line.split("==")[0]) for line in some} for some in (pins - left_out, left_out)
    )


def test_what_servers_do_without_is_needed_by_no_package_that_they_have():
    serving, left_out = pinned()
    for name in serving:
        try:
            needed = requires(name) or []
        except PackageNotFoundError:
            continue  # another branch of this machine's
        always = [one for one in needed if "extra ==" not in one]
        names = {plain(re.match(r"[\w.-]+", one)[0]) for one in always}
        assert not names & left_out, name


def test_a_visit_needs_nothing_of_what_servers_do_without(tiny_atlas):
    done = subprocess.run(
        [sys.executable, "-c", VISIT, tiny_atlas],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {plain(name) for name in done.stdout.split()}
    assert "flask" in loaded
    assert not loaded & pinned()[1]


def test_the_container_copies_what_is_there_and_is_unprivileged():
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert len(copied) == 6
    for name in " ".join(copied).split():
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignored
    assert re.search(r"^USER \d+$", text, re.MULTILINE)


def test_the_dashboard_takes_the_options_that_the_service_gives_it():
    text = (DEPLOY / "galaxy-finder.default").read_text(encoding="utf-8")
    words = re.search(r'^GALAXY_FINDER_OPTIONS="(.+)"$', text, re.MULTILINE)[1].split()
    known = subprocess.run(
        [sys.executable, "-m", "dashboard", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert [word for word in words if word.startswith("--") and word not in known] == []


def test_systemd_likes_the_service(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    text = (DEPLOY / "galaxy-finder.service").read_text(encoding="utf-8")
    service = tmp_path / "galaxy-finder.service"
    service.write_text(text.replace("/opt/galaxy-finder/.venv/bin/python", sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", service],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_file_that_the_manual_names_is_there():
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    named = set(re.findall(r"docs/deploy/[\w./-]*\w", text))
    assert len(named) > 4
    for name in named:
        assert (ROOT / name).exists(), name
    shipped = {
        path.name
        for path in DEPLOY.rglob("*")
        if path.is_file() and "node_modules" not in path.parts
    }
    assert {name for name in shipped if name not in text} <= {
        "Dockerfile.dockerignore",
        *("package.json", "package-lock.json"),  # of docs/deploy/strict
    }
