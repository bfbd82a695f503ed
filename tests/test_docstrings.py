"""The examples in docstrings are true."""

import doctest
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_example_in_a_docstring_gives_what_it_says():
    for package in ("pipeline", "dashboard"):
        for path in sorted((ROOT / package).rglob("*.py")):
            lines = path.read_text(encoding="utf-8").splitlines()
            examples = sum(line.lstrip().startswith(">>> ") for line in lines)
            if examples:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                result = doctest.testmod(import_module(name.removesuffix(".__init__")))
                assert (result.failed, result.attempted) == (0, examples), name
