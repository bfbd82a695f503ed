import importlib.util
import sys

import lightning_fabric.loggers.tensorboard as boards

from pipeline.training.log import LOG_FILE, TENSORBOARD, TrainingLog


def test_columns_that_come_later_stay_empty_before(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    log = TrainingLog(tmp_path)
    log.add({"epoch": 1, "loss": 2.5})
    log.add({"epoch": 2, "loss": 2.0, "probe_recall": 0.25})
    lines = (tmp_path / LOG_FILE).read_text().splitlines()
    assert lines == ["epoch,loss,probe_recall", "1,2.5,", "2,2.0,0.25"]


def test_what_was_written_after_the_checkpoint_is_replaced(tmp_path):
    TrainingLog(tmp_path, [{"epoch": 1, "loss": 3.0}]).add({"epoch": 2, "loss": 2.0})
    TrainingLog(tmp_path, [{"epoch": 1, "loss": 3.0}]).add({"epoch": 2, "loss": 1.0})
    assert (tmp_path / LOG_FILE).read_text().splitlines()[1:] == ["1,3.0", "2,1.0"]


def test_without_tensorboard_nothing_is_said_of_it(tmp_path, monkeypatch, capsys, caplog):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    TrainingLog(tmp_path).add({"epoch": 1, "loss": 2.5})
    assert [path.name for path in tmp_path.iterdir()] == [LOG_FILE]
    assert not caplog.records
    assert capsys.readouterr() == ("", "")


def test_with_tensorboard_every_epoch_is_shown_once(tmp_path, monkeypatch):
    logged = []

    class Board:
        def __init__(self, root_dir, name, version):
            assert (root_dir, name, version) == (tmp_path, TENSORBOARD, "")

        def log_metrics(self, metrics, step):
            logged.append((step, metrics))

        def save(self):
            pass

    # The package is not a dependency: a stand-in for Fabric's logger, told that it is there.
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: sys.modules[__name__].__spec__)
    monkeypatch.setattr(boards, "TensorBoardLogger", Board)
    (tmp_path / TENSORBOARD).mkdir()
    (tmp_path / TENSORBOARD / "events.of.a.killed.run").touch()
    TrainingLog(tmp_path, [{"epoch": 1, "loss": 3.0}]).add({"epoch": 2, "loss": 2.0})
    assert logged == [(1, {"loss": 3.0}), (2, {"loss": 2.0})]
    assert not (tmp_path / TENSORBOARD).exists()
