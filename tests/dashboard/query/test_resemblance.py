"""Whether anything in an atlas resembles a picture that somebody brought."""

import numpy as np
import pytest

from dashboard.explorer.embedder import embedding_to_text
from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import Filters, Range
from dashboard.panels.results import certainty as panel
from dashboard.query import query as queries
from dashboard.query import resemblance
from dashboard.query.answer import answer
from dashboard.query.query import Query
from dashboard.query.resemblance import FALSE_ALARMS, resembles_nothing
from tests.dashboard.panel_words import texts
from tests.dashboard.small_atlas import small_atlas, unit_rows

N, DIM = 2_000, 24


def kinds(n, seed):
    """Galaxies of six kinds, each a direction of its own with some scatter around it."""
    rng = np.random.default_rng(seed)
    centres = np.eye(DIM)[:6]
    return unit_rows(centres[rng.integers(6, size=n)] + 0.1 * rng.normal(size=(n, DIM)))


@pytest.fixture(scope="module")
def explorer():
    return Explorer(small_atlas(kinds(N, 1), columns={"mag_z": np.linspace(14, 20, N)}))


def picture(explorer, vector, **others):
    return Query(rows=(), embedding=embedding_to_text(vector, explorer.manifest), **others)


def test_new_galaxies_of_the_same_kinds_hardly_ever_raise_the_alarm(explorer):
    alarms = [resembles_nothing(explorer, picture(explorer, one)) for one in kinds(400, 2)]
    assert np.mean(alarms) < 4 * FALSE_ALARMS


def test_another_kind_of_object_raises_it(explorer):
    others = unit_rows(np.eye(DIM)[10] + 0.1 * np.random.default_rng(3).normal(size=(50, DIM)))
    noise = unit_rows(np.random.default_rng(4).normal(size=(50, DIM)))
    for strange in (others, noise):
        assert all(resembles_nothing(explorer, picture(explorer, one)) for one in strange)


def test_galaxies_of_the_atlas_and_pictures_among_them_never_do(explorer):
    strange = np.eye(DIM, dtype=np.float32)[10]
    assert not resembles_nothing(explorer, Query(rows=(5,)))
    assert not resembles_nothing(explorer, picture(explorer, strange, negatives=(5,)))
    text = embedding_to_text(strange, explorer.manifest)
    assert not resembles_nothing(explorer, Query(rows=(5,), embedding=text))


def test_filters_are_not_the_reason(explorer):
    few = Filters((("mag_z", Range(None, 14.01)),))
    known = kinds(1, 5)[0]
    assert not resembles_nothing(explorer, picture(explorer, known, filters=few))


def test_few_galaxies_do_not_tell_what_is_usual():
    explorer = Explorer(small_atlas(kinds(resemblance.FEWEST - 1, 1)))
    assert not resembles_nothing(explorer, picture(explorer, np.eye(DIM, dtype=np.float32)[10]))


def test_a_large_atlas_asks_its_index_what_is_usual(explorer, monkeypatch):
    compared = resemblance._least_usual(explorer)
    monkeypatch.setattr(resemblance, "MOST_EXACT", N - 1)
    monkeypatch.setattr(queries, "MOST_EXACT", N - 1)
    large = Explorer(small_atlas(kinds(N, 1)))
    monkeypatch.setattr(resemblance, "_best_of_all", None)
    assert resemblance._least_usual(large) == pytest.approx(compared, abs=0.03)


def test_the_page_says_so_with_likely_reasons_and_what_to_try(explorer):
    found = answer(explorer, picture(explorer, np.eye(DIM, dtype=np.float32)[10]))
    words = " ".join(texts(panel.warning(explorer, found)))
    assert words.startswith("Nothing here resembles your picture.")
    for reason in ("99 have nearer neighbours", "zoom until", "colours", "another atlas"):
        assert reason in words
    assert panel.show(explorer, found) == ("", "")  # how sure the neighbours are is no question
    known = answer(explorer, picture(explorer, kinds(1, 5)[0]))
    assert panel.warning(explorer, known) == []
    assert panel.show(explorer, known)[0] != ""
