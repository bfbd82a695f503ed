"""Opening several atlases: what one of them lacks does not keep the others closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.explorer.explorer import Explorer
from pipeline.atlas import AtlasError, open_atlas


@dataclass
class Opened:
    """What came of opening some atlases.

    Attributes
    ----------
    explorers : dict of str to Explorer
        Those that are open, by name.
    closed : dict of str to str
        Those that are not, by the name of their folder, and why not.
    """

    explorers: dict[str, Explorer] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)


def open_all(paths: Sequence[Path]) -> Opened:
    """Open the atlases in some folders, one after another."""
    opened = Opened()
    for path in paths:
        try:
            explorer = Explorer(open_atlas(path))
        except AtlasError as error:
            opened.closed[path.name] = str(error)
            continue
        if explorer.name in opened.explorers:
            opened.closed[path.name] = (
                f"{path} is left out: another atlas is called '{explorer.name}', too."
            )
            continue
        opened.explorers[explorer.name] = explorer
    return opened
