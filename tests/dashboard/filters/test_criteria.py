"""What an engine is told of filters never keeps out a galaxy that passes them."""

import numpy as np
import pytest

from dashboard.filters.all_columns import FilterColumns
from dashboard.filters.criteria import criteria_of
from dashboard.filters.filters import SIMILARITY, Choice, Filters, Part, Range
from pipeline.atlas import Catalogue, Column
from tests.pipeline.milvus_server import build, catalogue, needs_milvus

N = 400
# With how many galaxies more than pass may come back: none, or any number.
EXACT, WIDER = "exact", "wider"


@pytest.fixture(scope="module")
def engine():
    return build(N)


@needs_milvus
@pytest.mark.parametrize(
    ("filters", "how"),
    [
        ({"mag_r": Range(15.5, 17)}, EXACT),
        ({"mag_r": Range(most=float(catalogue(N)["mag_r"][3]))}, EXACT),
        ({"mag_r": Range(1e300, None)}, EXACT),
        ({"mag_r": Choice(("",))}, EXACT),
        ({"n_arms": Choice(("0", "3"))}, EXACT),
        ({"kind": Choice(("ring", "disk"))}, EXACT),
        ({"kind": Choice(("", "ring"))}, EXACT),
        ({"kind": Choice(('a "b"',))}, WIDER),
        ({"is_star": Choice(("yes",))}, EXACT),
        ({"is_star": Choice(("no",)), "mag_r": Range(None, 18.25)}, EXACT),
        ({"object_id": Part("7")}, WIDER),
        ({SIMILARITY: Range(0.5, None)}, WIDER),
    ],
)
def test_milvus_returns_every_galaxy_that_passes(engine, filters, how):
    table = catalogue(N)
    about = {name: Column(name) for name in table}
    about["n_arms"] = Column("n_arms", "", "0 = none, 1 = one, 2 = two, 3 = three or more")
    columns = FilterColumns(Catalogue.of_frame(table), about, np.zeros((N, 2)))
    wanted = Filters(tuple(filters.items()))
    passes = columns.passing(wanted)
    allowed = np.ones(N, dtype=bool) if passes is None else passes
    told = engine.among(criteria_of(wanted))
    found = told._access.ask(
        lambda client: client.nearest(np.ones(6, np.float32), N, {}, told._criteria)
    )
    assert set(np.flatnonzero(allowed)) <= set(found)
    if how == EXACT:
        assert sorted(found) == np.flatnonzero(allowed).tolist()
