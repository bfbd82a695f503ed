import numpy as np
import pandas as pd
import pytest

from pipeline.atlas.catalogue import REQUIRED
from pipeline.sources import Chunk, Rejected, Survey
from pipeline.store.cutouts import CutoutStore, CutoutStoreError

SURVEY = Survey("s", "S", False, ("g", "r", "z"), 0.262, 4, "mag_z", ("Cite me",))


def chunk(first, n, rejected=()):
    cutouts = np.arange(first, first + n, dtype=np.float32)[:, None, None, None]
    catalogue = pd.DataFrame(
        {"object_id": [str(first + i) for i in range(n)], "ra_deg": 1.0, "dec_deg": 2.0}
    )
    return Chunk(catalogue, np.broadcast_to(cutouts, (n, 3, 4, 4)), rejected)


@pytest.fixture
def store(tmp_path):
    store = CutoutStore(tmp_path / "store")
    store.write_chunk(1, chunk(5, 3))
    store.write_chunk(0, chunk(0, 5, (Rejected("x", "unreadable"),)))
    store.write_chunk(2, chunk(8, 0))
    store.write_survey(SURVEY, REQUIRED, (Rejected("y", "no position"),))
    return store


def test_row_i_is_the_same_galaxy_in_cutouts_and_catalogue(store):
    assert len(store) == 8
    assert store.catalogue()["object_id"].tolist() == [str(i) for i in range(8)]
    assert np.concatenate(list(store.batches(2)))[:, 0, 0, 0].tolist() == list(range(8))


def test_rows_come_in_the_order_asked_for(store):
    rows = np.array([7, 0, 5, 4, 0])
    assert store.read(rows)[:, 2, 3, 3].tolist() == rows.tolist()


@pytest.mark.parametrize("size", [1, 3, 5, 8, 100])
def test_the_catalogue_comes_in_pieces_of_one_size(store, size):
    pieces = list(store.catalogue_pieces(size=size))
    assert {len(piece) for piece in pieces[:-1]} <= {size}
    assert 0 < len(pieces[-1]) <= size
    pd.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), store.catalogue())


def test_some_rows_and_columns_of_the_catalogue_can_be_had(store):
    some = store.catalogue(["object_id"], rows=np.array([0, 4, 5, 7]))
    assert some.to_dict("list") == {"object_id": ["0", "4", "5", "7"]}


def test_a_column_has_one_type_in_all_pieces(tmp_path):
    store = CutoutStore(tmp_path)
    for number, values in enumerate(([1, 2], [0.5, np.nan], [None, None])):
        one = chunk(2 * number, 2)
        store.write_chunk(number, Chunk(one.catalogue.assign(value=values), one.cutouts))
    pieces = list(store.catalogue_pieces(size=2))
    assert [piece["value"].dtype for piece in pieces] == [np.float64] * 3
    whole = pd.concat(pieces)["value"].to_numpy()
    assert np.array_equal(whole, [1, 2, 0.5, np.nan, np.nan, np.nan], equal_nan=True)


def test_the_survey_and_what_was_left_out_survive_the_files(store):
    again = CutoutStore(store.folder)
    assert again.survey == SURVEY
    assert list(again.columns.values()) == list(REQUIRED)
    assert again.rejected() == [Rejected("y", "no position"), Rejected("x", "unreadable")]


def test_a_chunk_is_there_only_when_it_is_complete(tmp_path):
    store = CutoutStore(tmp_path)
    (tmp_path / "cutouts-000000.npy").write_bytes(b"half a chunk")
    assert not store.has_chunk(0)
    store.write_chunk(0, chunk(0, 2))
    assert store.has_chunk(0)


def test_fluxes_beyond_half_precision_stay_finite(tmp_path):
    store = CutoutStore(tmp_path)
    bright = chunk(0, 1)
    store.write_chunk(0, Chunk(bright.catalogue, bright.cutouts + np.float32(1e6)))
    assert np.isfinite(store.read(np.array([0]))).all()


def test_a_store_that_is_not_there_says_which_stage_makes_it(tmp_path):
    with pytest.raises(CutoutStoreError, match="Run the ingest stage"):
        CutoutStore(tmp_path).catalogue()
    with pytest.raises(CutoutStoreError, match="Run the ingest stage"):
        _ = CutoutStore(tmp_path).survey
