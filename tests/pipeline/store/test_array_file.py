import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.store import array_file
from pipeline.store.array_file import ArrayFile

N = 90
ARRAY = np.random.default_rng(1).standard_normal((N, 3)).astype(np.float16)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("array") / "array.npy"
    np.save(path, ARRAY)
    return ArrayFile(path)


def test_a_file_says_what_it_holds(file):
    assert (len(file), file.dim, file.dtype) == (N, 3, np.float16)


@pytest.mark.parametrize(("start", "stop"), [(0, 4), (80, 200), (5, 5), (90, 95)])
def test_a_range_of_rows_is_that_of_a_slice(file, start, stop):
    assert np.array_equal(file.between(start, stop), ARRAY[start:stop])


@given(
    rows=st.sets(st.integers(0, N - 1)),
    gap=st.sampled_from([0, 6, 60, 10_000]),
    most=st.sampled_from([1, 30, 10_000]),
)
def test_some_rows_are_those_of_an_index(file, rows, gap, most):
    wanted = np.array(sorted(rows), dtype=np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(array_file, "_GAP_BYTES", gap)
        patch.setattr(array_file, "_READ_BYTES", most)
        assert np.array_equal(file.rows(wanted), ARRAY[wanted])


def test_blocks_are_all_rows_once(file):
    starts, blocks = zip(*file.blocks(40), strict=True)
    assert starts == (0, 40, 80)
    assert np.array_equal(np.concatenate(blocks), ARRAY)
