import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from pipeline.evaluation import retrieval
from pipeline.evaluation.labels import Label
from pipeline.evaluation.neighbourhood import Neighbourhood
from pipeline.evaluation.representations import unit
from pipeline.evaluation.retrieval import (
    EXAMPLES,
    FEWEST_EXAMPLES,
    first_other,
    first_other_at_random,
    ndcg_by_mean,
    ndcg_by_one,
    precision,
    relevances,
)


def separate_classes(n):
    """Return n galaxies of each of two classes in two places that have nothing in common."""
    rng = np.random.default_rng(1)
    vectors = 0.01 * rng.standard_normal((2 * n, 4))
    vectors[:n, 0] += 1
    vectors[n:, 1] += 1
    return unit(vectors), Label("kind", "class", np.repeat(["a", "b"], n))


def test_a_perfect_representation_has_an_ndcg_of_one():
    vectors, label = separate_classes(FEWEST_EXAMPLES)
    assert ndcg_by_one(Neighbourhood(vectors), label, 10).value == pytest.approx(1)
    assert ndcg_by_mean([vectors], label, 10, seed=1).value == pytest.approx(1)


def test_examples_are_not_among_what_their_mean_finds():
    # Classes that have nothing to do with the vectors: half of all galaxies, but of 30 members 15
    # are examples, so that 15 of the 45 candidates are left.
    vectors, _ = separate_classes(FEWEST_EXAMPLES)
    mixed = np.where(np.arange(2 * FEWEST_EXAMPLES) % 2, "a", "b")
    value = ndcg_by_mean([vectors], Label("kind", "class", mixed), 10, seed=1).value
    assert value == pytest.approx(15 / 45, abs=0.08)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_ndcg_by_one_example_is_that_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    n, k = 2 * FEWEST_EXAMPLES, 5
    vectors, values = unit(rng.standard_normal((n, 3))), rng.integers(5, size=n) / 4
    values[: FEWEST_EXAMPLES + 1] = 1.0
    label = Label("share", "number", values)
    own = np.flatnonzero(values >= 0.5)
    others = np.array([np.delete(np.arange(n), row) for row in own])
    similarity = (vectors[others] * vectors[own][:, None]).sum(axis=2)
    expected = ndcg_score(values[others], similarity, k=k)
    estimate = ndcg_by_one(Neighbourhood(vectors), label, k)
    assert estimate.value == pytest.approx(expected)


def test_numbers_that_are_no_fractions_are_not_searched_for():
    n = 2 * FEWEST_EXAMPLES
    for values in (np.linspace(0, 2, n), np.linspace(-1, 1, n), np.linspace(0, 0.9, n)):
        assert relevances(Label("x", "number", values)) == []
    assert len(relevances(Label("x", "number", np.linspace(0, 1, n)))) == 1


def test_classes_of_few_are_not_searched_for():
    rare = Label("kind", "class", np.repeat(["a", "b"], [FEWEST_EXAMPLES, FEWEST_EXAMPLES - 1]))
    ((relevance, examples),) = relevances(rare)
    assert relevance.sum() == examples.sum() == FEWEST_EXAMPLES > EXAMPLES


def test_precision_is_the_share_of_ones_own_class():
    # On a line: a a a b b, the two nearest of each.
    angle = np.array([0.0, 0.1, 0.21, 0.5, 0.61])
    vectors = np.column_stack([np.cos(angle), np.sin(angle)]).astype(np.float32)
    label = Label("kind", "class", np.array(["a", "a", "a", "b", "b"]))
    found = precision(Neighbourhood(vectors), label, 2)
    # The a's: 1, 1, 1. The b's: the first sees b and the last a, the second b and the last a.
    assert found["a"].value == pytest.approx(1)
    assert found["b"].value == pytest.approx(0.5)


def test_the_first_other_is_counted_among_all_galaxies():
    angle = np.array([0.0, 0.1, 0.2, 0.35, 1.0])
    vectors = np.column_stack([np.cos(angle), np.sin(angle)]).astype(np.float32)
    members = np.array([True, False, False, True, False])
    # From the first: 0.1 and 0.2 come before 0.35, rank 3. From the fourth: 0.2, 0.1, 0.0: rank 3.
    estimate = first_other(Neighbourhood(vectors), members, np.random.default_rng(1))
    assert estimate == (3, 0)


def test_many_queries_are_asked_in_batches_with_the_same_answer(monkeypatch):
    vectors = unit(np.random.default_rng(1).standard_normal((60, 4)))
    members = np.arange(60) % 3 == 0
    whole = first_other(Neighbourhood(vectors), members, np.random.default_rng(1))
    monkeypatch.setattr(retrieval, "_BATCH", 7)
    assert first_other(Neighbourhood(vectors), members, np.random.default_rng(1)) == whole


def test_a_representation_that_tells_nothing_finds_nothing_early():
    same = np.tile(np.array([[1, 0]], np.float32), (9, 1))
    members = np.arange(9) < 2
    assert first_other(Neighbourhood(same), members, np.random.default_rng(1)).value == 8


@pytest.mark.parametrize(("n", "members", "rank"), [(3, 2, 1), (11, 2, 5), (5, 5, 1), (9, 3, 3)])
def test_the_rank_at_random_worked_out_by_hand(n, members, rank):
    # (9, 3): none of 2 others in the first two of 8 has a chance of 6/8 * 5/7 = 0.54, in the first
    # three 6/8 * 5/7 * 4/6 = 0.36.
    assert first_other_at_random(n, members) == rank


def test_the_rank_at_random_is_that_of_random_ranks():
    rng = np.random.default_rng(1)
    ranks = [1 + min(rng.choice(199, 9, replace=False)) for _ in range(4000)]
    assert first_other_at_random(200, 10) == pytest.approx(np.median(ranks), abs=1)
