"""How training goes, epoch by epoch: a CSV file, and TensorBoard where it is installed."""

from __future__ import annotations

import csv
import importlib.util
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.atlas.whole_files import whole_file

LOG_FILE = "metrics.csv"
TENSORBOARD = "tensorboard"

Row = dict[str, float]


class TrainingLog:
    """The rows so far, one for each epoch, in a folder.

    They begin with those of the checkpoint that training goes on from; what was written after it is
    replaced.
    """

    def __init__(self, folder: Path, rows: Iterable[Row] = ()) -> None:
        self.folder, self.rows = folder, list(rows)
        self._tensorboard: Any = None
        if importlib.util.find_spec("tensorboard") is not None:
            from lightning_fabric.loggers.tensorboard import TensorBoardLogger

            shutil.rmtree(folder / TENSORBOARD, ignore_errors=True)
            self._tensorboard = TensorBoardLogger(folder, TENSORBOARD, version="")
            for row in self.rows:
                self._show(row)

    def add(self, row: Row) -> None:
        """Write one more epoch; what a row does not know stays empty."""
        self.rows.append(row)
        columns = dict.fromkeys(name for known in self.rows for name in known)
        with whole_file(self.folder / LOG_FILE) as partial, partial.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(columns))
            writer.writeheader()
            writer.writerows(self.rows)
        if self._tensorboard is not None:
            self._show(row)
            self._tensorboard.save()

    def _show(self, row: Row) -> None:
        values = {name: value for name, value in row.items() if name != "epoch"}
        self._tensorboard.log_metrics(values, step=int(row["epoch"]))
