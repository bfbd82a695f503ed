"""What workers of a cluster do in test_cluster.py: functions that other processes can import."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.atlas.errors import PipelineError


def square(number: int) -> int:
    return number**2


def process_number(number: int) -> int:
    """Return which process this is, late enough for another one to have its share."""
    time.sleep(0.2)
    return os.getpid()


def fail(number: int) -> int:
    raise PipelineError(f"Number {number} is no good.")


def read_what_is_not_there(number: int) -> int:
    return len(Path(f"/not/here/{number}").read_bytes())


def import_what_is_not_there(number: int) -> int:
    raise ModuleNotFoundError("No module named 'pipeline'")


@dataclass(frozen=True)
class Deadly:
    """Ends its process at number 2, until the folder has the marks of so many deaths."""

    folder: Path
    deaths: int

    def __call__(self, number: int) -> int:
        if number == 2 and len(list(self.folder.iterdir())) < self.deaths:
            (self.folder / str(os.getpid())).touch()
            os._exit(1)
        return number**2
