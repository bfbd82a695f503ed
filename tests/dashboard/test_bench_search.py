"""The benchmark of the search still runs, and its figures are what it says."""

import re

from tests.bench import bench_search


def test_the_benchmark_prints_recall_and_ratios(capsys):
    bench_search.main(["--rows", "2000"])
    printed = capsys.readouterr().out
    assert re.findall(r"neighbours, k = (\d+) .*recall ([\d.]+)", printed) == [
        ("25", "1.0000"),
        ("100", "1.0000"),
    ]
    assert f"{bench_search.N_QUERIES} of {bench_search.N_QUERIES} the same" in printed
    assert len(re.findall(r"[\d.]+ x faster than", printed)) == 4
