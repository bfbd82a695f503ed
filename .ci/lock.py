"""Renew what the requirements pin: ``make lock``, or ``make lock ONLY="pillow urllib3"`` for some.

In each file stands first what is used by name, and why; pip is asked which versions go together, in
all files at once. What those need in turn stands below, as pip has found it: the part of it that
every machine needs, whatever its system. Ask with the oldest Python that Galaxy Finder runs on.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
# Each pins nothing that one before it pins.
FILES = ("requirements.txt", "pipeline/requirements-optional.txt", "requirements-dev.txt")
BELOW = "# What those need in turn"
_PIN = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>\S+)(?P<rest>.*)")
_OF_SYSTEMS = re.compile(r"platform_(?:system|machine|release|version)|sys_platform|os_name")


def pins(lines: Iterable[str]) -> dict[str, str]:
    """Return versions by name.

    >>> pins(["# why", "Pillow==13.0.0  # pictures"])
    {'pillow': '13.0.0'}
    """
    found = (_PIN.match(line) for line in lines)
    return {canonicalize_name(pin["name"]): pin["version"] for pin in found if pin}


def renewed(line: str, versions: Mapping[str, str]) -> str:
    """Return a line with the version that is wanted now; its reason stays in its column.

    >>> renewed("pillow==13.0.0   # pictures", {"pillow": "13.0.10"})
    'pillow==13.0.10  # pictures'
    """
    pin = _PIN.match(line)
    if pin is None:
        return line
    name, reason = pin["name"], pin["rest"].strip()
    column = len(line) - len(reason)
    start = f"{name}=={versions[canonicalize_name(name)]}"
    return f"{start:<{column - 1}} {reason}" if reason else start


def needed(names: Iterable[str], report: Mapping[str, Mapping[str, object]]) -> set[str]:
    """Return what these need on every machine, themselves included.

    Parameters
    ----------
    names : iterable of str
    report : mapping of str to mapping
        Metadata of each package by its name, as pip reports it.
    """
    found: set[str] = set()
    waiting = [(canonicalize_name(name), frozenset[str]()) for name in names]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        if name not in report:
            continue
        found.add(name)
        for text in report[name].get("requires_dist", ()):  # type: ignore[attr-defined]
            requirement = Requirement(text)
            marker = requirement.marker
            if marker is not None and _OF_SYSTEMS.search(str(marker)):
                continue
            environments = [default_environment() | {"extra": extra} for extra in ("", *extras)]
            if marker is None or any(marker.evaluate(one) for one in environments):
                one = (canonicalize_name(requirement.name), frozenset(requirement.extras))
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
    return found


def resolve(wanted: Iterable[str], constraints: Iterable[str]) -> dict[str, dict[str, object]]:
    """Return the metadata of all packages that pip would install, by name; nothing is installed."""
    with tempfile.TemporaryDirectory() as folder:
        report, limits = Path(folder) / "report.json", Path(folder) / "constraints.txt"
        limits.write_text("\n".join(constraints))
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", "--report", str(report), "--constraint", str(limits)]
        subprocess.run([*command, *wanted], check=True)
        installed = json.loads(report.read_text())["install"]
    return {canonicalize_name(one["metadata"]["name"]): one["metadata"] for one in installed}


def main(only: list[str]) -> int:
    """Rewrite the files; return the exit status."""
    texts = {name: (ROOT / name).read_text() for name in FILES}
    direct = {name: text.partition(BELOW)[0].splitlines() for name, text in texts.items()}
    former = {name: pin for text in texts.values() for name, pin in pins(text.splitlines()).items()}
    free = {canonicalize_name(name) for name in only} or set(former)
    if unknown := sorted(free - set(former)):
        print(f"No file pins {', '.join(unknown)}.", file=sys.stderr)
        return 1
    constraints = [f"{name}=={pin}" for name, pin in former.items() if name not in free]
    by_name = [name for lines in direct.values() for name in pins(lines)]
    report = resolve(by_name, constraints)
    versions = {name: str(one["version"]).partition("+")[0] for name, one in report.items()}
    pinned: set[str] = set()
    for name, lines in direct.items():
        own = set(pins(lines))
        below = sorted(needed(own, report) - own - pinned)
        pinned |= own | set(below)
        heading = next(line for line in texts[name].splitlines() if line.startswith(BELOW))
        new = [*(renewed(line, versions) for line in lines), heading]
        new += [f"{one}=={versions[one]}" for one in below]
        (ROOT / name).write_text("\n".join(new) + "\n")
    for name in sorted(set(former) | pinned):
        before, now = former.get(name), versions.get(name) if name in pinned else None
        if before != now:
            print(f"{name}: {before or 'new'} -> {now or 'no longer needed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
