"""docs/design.md tells of the rooms as they are."""

import re

from tests.test_imports import FLOORS, MODULES, ROOT, name_of

PAGE = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
BLOCKS = re.search(r"## 2\. Rooms.*?```\n(.*?)\n```", PAGE, re.DOTALL).group(1).split("\n\n")


def named_modules(block):
    """Return the full names of the modules that a package's part of the page names.

    A line that begins with a room, such as ``engines/``, is in the room that is indented less.
    """
    rooms, found = [], []
    for line in block.split("\nfloors:")[0].splitlines():
        indent, room, modules = re.fullmatch(r"( *)(?:(\w+)/)?([\w ]*)", line).groups()
        if room:
            rooms[len(indent) // 2 :] = [room]
        found += [".".join([*rooms, module]) for module in modules.split()]
    return found


def test_every_module_is_named_once_and_every_name_is_a_module():
    named = [name for block in BLOCKS for name in named_modules(block)]
    there = [name_of(path) for path in MODULES.values() if path.name != "__init__.py"]
    assert sorted(named) == sorted(there)


def test_the_floors_are_those_that_imports_are_checked_against():
    for block in BLOCKS:
        package, floors = block.split("/")[0], block.split("\nfloors:")[1]
        named = tuple(" ".join(floor.replace(",", " ").split()) for floor in floors.split("→"))
        assert named == FLOORS[package]
