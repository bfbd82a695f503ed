"""What was selected in the table, as files: with rank and similarity, and hostile selections."""

import io
import zipfile

import numpy as np
import pytest

from dashboard.explorer.explorer import Explorer
from dashboard.export.formats import FORMATS
from dashboard.export.routes import MOST_NEIGHBOURS, download_address
from dashboard.panels.results import download
from dashboard.query.page import LONGEST_ADDRESS
from dashboard.query.query import Query
from tests.dashboard.downloading import (
    atlas_of,
    client_of,
    csv_rows,
    explorer_with_pictures,
    links,
    said,
)
from tests.dashboard.exported import read_back
from tests.dashboard.panel_words import page_of

LABELS = [form.label for form in FORMATS.values()]


@pytest.fixture(scope="module")
def explorer():
    return explorer_with_pictures()


@pytest.fixture(scope="module")
def client(explorer):
    return client_of(explorer)


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "csv"])
def test_each_format_holds_what_was_selected_with_rank_and_similarity(client, explorer, kind):
    query, ranks = Query((3,), k=16), (2, 40, 119)
    suffix = FORMATS[kind].suffix
    answer = client.get(download_address(explorer, "selection", suffix, query, ranks=ranks))
    table = read_back(answer.data, kind)
    found = query.neighbours(explorer, MOST_NEIGHBOURS)
    places = [rank - 1 for rank in ranks]
    assert [int(name[1:]) for name in table["object_id"]] == found.rows[places].tolist()
    assert list(table["rank"]) == list(ranks)
    assert np.asarray(table["similarity"]) == pytest.approx(found.similarity[places])
    assert table.meta["content"] == "selection"
    assert table.meta["order"].endswith("; selected by hand")


def test_pictures_of_what_was_selected_are_called_by_their_ranks(client, explorer):
    address = download_address(explorer, "selection", ".zip", Query((3,)), ranks=(7, 100))
    names = zipfile.ZipFile(io.BytesIO(client.get(address).data)).namelist()
    assert [name.partition("_")[0] for name in names[2:]] == ["007", "100"]


def test_an_address_has_room_for_a_selection_of_all():
    longest = Query(tuple(range(100)))
    address = download_address(
        Explorer(atlas_of()), "selection", ".parquet", longest, ranks=range(1, 1001)
    )
    assert len(address) < LONGEST_ADDRESS


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ("galaxy=G3", "selects the neighbours '', which cannot be read"),
        ("galaxy=G3&ranks=!", "cannot be read"),
        ("galaxy=G3&ranks=gA&ranks=gA", "'gA,gA', which cannot be read"),
        ("galaxy=G3&ranks=" + "_" * 20, "rank 120, but there are only 119"),
    ],
)
def test_a_selection_that_cannot_be_is_answered_by_a_sentence(client, search, sentence):
    assert sentence in said(client.get(f"/export/small/selection.csv?{search}"))


def test_the_menu_of_the_table_leads_to_files_of_what_is_selected(client, explorer):
    menu = links(download.show_of_selected(explorer, [2, 5], page_of(explorer, 3).to_store()))
    assert list(menu) == [f"{label}: The 2 selected" for label in (*LABELS, "Pictures")]
    assert len(csv_rows(client.get(menu["CSV: The 2 selected"]))) == 2
