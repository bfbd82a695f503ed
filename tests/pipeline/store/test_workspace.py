import pytest

from pipeline.atlas.whole_files import fingerprint, whole_file
from pipeline.store.workspace import OUT_OF_DATE, Workspace


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "result"
    path.write_text("former")

    def interrupted():
        with whole_file(path) as partial:
            partial.write_text("half of the n")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "former"
    with whole_file(path) as partial:
        partial.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_finished_stage_is_done_for_its_own_fingerprint_only(tmp_path):
    workspace = Workspace(tmp_path)
    assert workspace.fault("train", "a", [], {}) == OUT_OF_DATE
    workspace.begin("train", "a")
    assert workspace.fault("train", "a", [], {}) == OUT_OF_DATE
    workspace.finish("train", "a")
    assert workspace.fault("train", "a", [], {}) is None
    assert workspace.fault("train", "b", [], {}) == OUT_OF_DATE


def test_an_interrupted_stage_keeps_its_files_and_a_changed_one_does_not(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.begin("embed", "a")
    part = workspace.folder("embed") / "part"
    part.write_text("x")
    workspace.begin("embed", "a")
    assert part.exists()
    workspace.begin("embed", "b")
    assert not part.exists()


def test_what_a_killed_run_has_half_written_is_cleared_away(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.begin("index", "a")
    whole = workspace.folder("index") / "index.ann"
    whole.write_text("whole")
    whole.with_name(".index.ann.partial-17").write_text("half of the in")
    workspace.begin("index", "a")
    assert sorted(path.name for path in whole.parent.iterdir()) == ["index.ann", "started.json"]


def test_fingerprints_tell_values_and_places_apart():
    assert fingerprint({"b": 1, "a": 2}) == fingerprint({"a": 2, "b": 1})
    assert len({fingerprint(1), fingerprint("1"), fingerprint(1, 2), fingerprint(2, 1)}) == 4
