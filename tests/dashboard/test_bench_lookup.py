"""The bench of names and positions runs, on a catalogue with the files of a large one."""

import numpy as np

from tests.bench.bench_lookup import bench, generated_explorer


def test_all_that_is_asked_is_answered_with_files_as_without(tmp_path, capsys):
    explorer = generated_explorer(tmp_path, 3_000)
    assert explorer.rows_called("ugc 20") == explorer.rows_called("MCG 0020") == [20]
    assert explorer.row_of("GENERATED-000000002999") == 2_999
    bench(explorer, np.random.default_rng(0))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("3,000 galaxies")
    assert all("at most" in line for line in lines[1:])
