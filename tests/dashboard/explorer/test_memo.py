import gc
import weakref

import numpy as np

from dashboard.explorer.explorer import Explorer
from dashboard.explorer.memo import remembered
from tests.dashboard.small_atlas import random_unit_rows, small_atlas


def explorer_of(n):
    return Explorer(small_atlas(random_unit_rows(n, 3)))


def counting(most):
    asked = []

    @remembered(most)
    def count(explorer, times):
        asked.append(times)
        return np.full(times, explorer.n_objects)

    return count, asked


def test_what_was_asked_before_is_not_worked_out_again():
    count, asked = counting(2)
    explorer = explorer_of(4)
    assert count(explorer, 3) is count(explorer, 3)
    assert asked == [3]


def test_only_the_last_answers_are_kept():
    count, asked = counting(2)
    explorer = explorer_of(4)
    for times in (1, 2, 3, 3, 2, 1):
        count(explorer, times)
    assert asked == [1, 2, 3, 1]


def test_every_explorer_has_answers_of_its_own_and_is_not_kept_for_them():
    count, _ = counting(2)
    one, another = explorer_of(4), explorer_of(5)
    assert (count(one, 1)[0], count(another, 1)[0]) == (4, 5)
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None
