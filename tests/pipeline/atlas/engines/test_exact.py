import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.atlas.engines import exact
from pipeline.atlas.engines.exact import exact_neighbours


def unit_rows(n, dim, seed):
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 40), seed=st.integers(0, 10_000), data=st.data())
def test_neighbours_are_those_of_sorting_everything(n, seed, data):
    k = data.draw(st.integers(1, n))
    embeddings = unit_rows(n, 5, seed)
    rows, similarity = exact_neighbours(embeddings, embeddings[:3], k)
    everything = embeddings[:3] @ embeddings.T
    expected = -np.sort(-everything, axis=1)[:, :k]
    assert np.allclose(similarity, expected, atol=1e-6)
    assert np.allclose(np.take_along_axis(everything, rows, axis=1), expected, atol=1e-6)


def test_blocks_do_not_change_the_answer(monkeypatch):
    embeddings = unit_rows(100, 8, 1)
    whole = exact_neighbours(embeddings, embeddings[:10], 7)
    monkeypatch.setattr(exact, "_BLOCK_ROWS", 13)
    rows, similarity = exact_neighbours(embeddings, embeddings[:10], 7)
    assert np.array_equal(rows, whole[0])
    assert np.allclose(similarity, whole[1], atol=1e-6)
    assert rows[:, 0].tolist() == list(range(10))


def test_the_lower_row_comes_first_where_two_are_equally_similar():
    embeddings = np.array([[0, 1], [1, 0], [1, 0]], dtype=np.float32)
    assert exact_neighbours(embeddings, embeddings[2:], 3)[0].tolist() == [[1, 2, 0]]
