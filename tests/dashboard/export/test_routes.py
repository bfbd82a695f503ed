"""Files over HTTP: the galaxies that the page shows, in every format, and hostile addresses."""

import io
import json
import zipfile
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explorer.embedder import embedding_to_text
from dashboard.explorer.explorer import Explorer
from dashboard.export.formats import FORMATS
from dashboard.export.routes import MOST_NEIGHBOURS, download_address
from dashboard.filters.filters import Choice, Filters, Range
from dashboard.panels.results import download
from dashboard.pictures.addresses import Pictures
from dashboard.query.answer import answer
from dashboard.query.query import Query
from pipeline.atlas.manifest import CutoutService
from tests.dashboard.downloading import (
    N,
    atlas_of,
    client_of,
    csv_rows,
    explorer_with_pictures,
    identifiers,
    links,
    said,
)
from tests.dashboard.exported import read_back
from tests.dashboard.panel_words import all_of, texts
from tests.dashboard.small_atlas import small_atlas, unit_rows, with_values

KINDS = Filters((("kind", Choice(("ring",))), ("mag_z", Range(None, 16.5))))
SUFFIXES = [form.suffix for form in FORMATS.values()]
SERVICE = CutoutService(base_url="https://www.legacysurvey.org/viewer/jpeg-cutout", layer="ls-dr9")


@pytest.fixture(scope="module")
def explorer():
    return explorer_with_pictures()


@pytest.fixture(scope="module")
def client(explorer):
    return client_of(explorer)


@pytest.fixture
def of_service():
    return Explorer(atlas_of(cutout_service=SERVICE))


# What is in a file


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "csv"])
def test_each_format_holds_the_neighbours_that_the_page_shows(client, explorer, kind):
    query = Query((3,), k=16, filters=KINDS)
    answer = client.get(download_address(explorer, "neighbours", FORMATS[kind].suffix, query))
    table = read_back(answer.data, kind)
    found = query.neighbours(explorer)
    assert [int(name[1:]) for name in table["object_id"]] == found.rows.tolist()
    assert np.asarray(table["similarity"]) == pytest.approx(found.similarity)
    assert table["mag_z"].unit == "mag"
    assert table.meta["query"] == "G3"
    assert table.meta["filters"] == "kind: ring; mag_z: 16.5 mag or less"


def test_a_spreadsheet_holds_them_too(client, explorer):
    query = Query((3,), k=16)
    answer = client.get(download_address(explorer, "neighbours", ".csv", query))
    assert [float(row["similarity"]) for row in csv_rows(answer)] == pytest.approx(
        query.neighbours(explorer).similarity
    )
    assert json.loads(csv_rows(answer)[0]["provenance"])["filters"] == "none"


def test_an_archive_holds_their_pictures(client, explorer):
    query = Query((3,), k=16)
    answer = client.get(download_address(explorer, "neighbours", ".zip", query))
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    first = query.neighbours(explorer).rows[0]
    assert archive.read(f"01_G{first}.jpg") == f"picture {first}".encode()
    assert len(archive.namelist()) == 16 + 2


@pytest.mark.parametrize(("n", "expected"), [(1, 1), (30, 30), (MOST_NEIGHBOURS, N - 1)])
def test_more_neighbours_than_are_shown_can_be_had(client, explorer, n, expected):
    query = Query((3,), k=16)
    names = identifiers(client.get(download_address(explorer, "neighbours", ".csv", query, n)))
    assert len(names) == expected
    away = sorted(abs(row - 3) for row in range(N) if row != 3)  # in half degrees of embedding
    assert [abs(int(name[1:]) - 3) for name in names] == away[:n]


def test_filters_hold_for_the_catalogue_in_its_own_order(client, explorer):
    answer = client.get(download_address(explorer, "catalogue", ".csv", Query((3,), filters=KINDS)))
    assert identifiers(answer) == [f"G{row}" for row in range(1, 66, 2)]  # mag_z = 10 + row / 10
    assert "similarity" not in csv_rows(answer)[0]


def test_without_a_question_a_file_is_of_what_the_page_starts_with(client):
    assert len(identifiers(client.get("/export/small/catalogue.csv"))) == N
    assert identifiers(client.get("/export/small/neighbours.csv"))[:2] == ["G1", "G2"]


def test_a_picture_of_ones_own_has_neighbours_to_take_away(client, explorer):
    own = embedding_to_text(np.array([1.0, 0.0], dtype=np.float32), explorer.manifest)
    query = Query((), k=16, embedding=own)
    answer = client.get(download_address(explorer, "neighbours", ".csv", query))
    assert identifiers(answer) == [f"G{row}" for row in range(16)]
    assert json.loads(csv_rows(answer)[0]["provenance"])["query"] == "own picture"


def test_tables_have_the_addresses_of_pictures_that_are_elsewhere(of_service):
    answer = client_of(of_service).get("/export/small/neighbours.csv?galaxy=G3")
    row = of_service.row_of(csv_rows(answer)[0]["object_id"])
    assert csv_rows(answer)[0]["picture_url"] == Pictures(of_service).url(row)


# How it is sent


def test_a_file_is_saved_under_its_name_and_never_kept_or_guessed_at(client):
    headers = client.get("/export/small/neighbours.csv?galaxy=G3").headers
    assert headers["Content-Disposition"].startswith("attachment; filename=small_neighbours_G3_")
    assert headers["Content-Disposition"].endswith(".csv")
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_a_large_catalogue_is_sent_in_pieces(client, monkeypatch):
    monkeypatch.setattr("dashboard.export.table.BLOCK_ROWS", 9)
    with client.get("/export/small/catalogue.csv") as answer:
        assert len(list(answer.iter_encoded())) > N / 9


# Hostile addresses


@pytest.mark.parametrize(
    "address",
    [
        *("other/neighbours.csv", "small/neighbours.exe", "small/neighbours", "small/secrets.csv"),
        *("small/selection", "small/../small/neighbours.csv", "small/neighbours.csv.zip"),
    ],
)
def test_there_are_no_other_files(client, address):
    assert client.get(f"/export/{address}?galaxy=G3").status_code == 404


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ("galaxy=<script>", "has no galaxy called '<script>'"),
        ("galaxy=%ff", "mangled"),
        ("galaxy=G3&k=1000000", "16, 25, 36, 49, 64, 81 or 100"),
        ("galaxy=G3&picture=x", "picture"),
        ("galaxy=" + "x" * 20_000, "characters"),
        ("galaxy=G3&f.mag_z=..x", "'x' is not a number. The file"),
        ("galaxy=G3&f.nothing=1..2", "no column 'nothing'"),
        ("galaxy=G3&f.kind=square", "No galaxy has 'square'"),
        ("galaxy=G3&f.mag_z=90..", "no galaxy to take away"),
        ("galaxy=G3&n=5&n=6", "1 to 1,000 neighbours, not '5, 6'"),
    ],
)
def test_what_cannot_be_is_answered_by_a_sentence(client, search, sentence):
    assert sentence in said(client.get(f"/export/small/neighbours.csv?{search}"))


@pytest.mark.parametrize("n", ["", "0", "-1", "1001", "1e3", "٣", "1_0", "9" * 5000, "x"])
def test_a_number_of_neighbours_is_from_1_to_1000(client, n):
    search = urlencode({"galaxy": "G3", "n": n})
    answer = client.get(f"/export/small/neighbours.csv?{search}")
    assert said(answer).startswith("A file has 1 to 1,000 neighbours, not ")
    assert len(answer.text) < 200


@given(st.binary(max_size=60))
def test_no_address_is_a_failure(explorer, search):
    text = search.decode("latin-1").replace("#", "")
    answer = client_of(explorer).get("/export/small/neighbours.csv", query_string=text)
    assert answer.status_code in (200, 400)


def test_galaxies_without_anything_in_common_have_a_sentence():
    opposites = Explorer(small_atlas(unit_rows([[1, 0], [-1, 0], [0, 1]])))
    answer = client_of(opposites).get("/export/small/neighbours.csv?galaxy=G0&galaxy=G1")
    assert "opposites of each other" in said(answer)


def test_pictures_that_are_elsewhere_are_not_fetched(of_service):
    answer = client_of(of_service).get("/export/small/neighbours.zip")
    assert "are with legacysurvey.org, not here" in said(answer)


# The menu


def shown(explorer, query):
    return download.show(explorer, answer(explorer, query))


def test_every_link_of_the_menu_leads_to_a_file(client, explorer):
    menu = links(shown(explorer, Query((3,), filters=KINDS)))
    assert len(menu) == 3 * (len(SUFFIXES) + 1)
    for address in menu.values():
        assert client.get(address).status_code == 200


def test_the_menu_says_what_it_gives(explorer):
    assert texts(all_of(shown(explorer, Query((3,), filters=KINDS)), "H3")) == [
        "The neighbours shown",
        "Up to 1,000 neighbours",
        "All 33 galaxies within the filters",
    ]


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (10.75, ["The neighbours shown", "All 5 galaxies within the filters"]),  # rows 3 to 7
        (10.35, ["The one galaxy within the filters"]),  # of the query
    ],
)
def test_no_neighbours_are_offered_but_those_there_are(explorer, most, expected):
    narrow = Filters((("mag_z", Range(10.25, most)),))
    assert texts(all_of(shown(explorer, Query((3,), filters=narrow)), "H3")) == expected


def test_filters_that_leave_nothing_are_said_to(explorer):
    none = Filters((("mag_z", Range(90, None)),))
    assert "leave no galaxy" in " ".join(texts(shown(explorer, Query((3,), filters=none))[0]))


def test_more_pictures_than_a_file_holds_are_not_offered():
    explorer = Explorer(atlas_of(1002))
    explorer.thumbnails = [b""] * 1002
    menu = links(shown(explorer, Query((3,))))
    assert "Pictures: Up to 1,000 neighbours" in menu
    assert "Pictures: All 1,002 galaxies of the atlas" not in menu


def test_an_atlas_without_pictures_of_its_own_says_who_has_them(of_service):
    menu = shown(of_service, Query((3,)))
    assert not [key for key in links(menu) if key.startswith("Pictures")]
    assert "are with legacysurvey.org, not here" in " ".join(texts(menu[-1]))


def test_texts_of_people_stay_texts_in_an_address(explorer):
    atlas = atlas_of()
    identifiers_there = atlas.catalogue["object_id"].tolist()
    identifiers_there[3] = 'J12+34 "&n=1#'
    atlas = with_values(atlas, object_id=identifiers_there)
    odd = Explorer(atlas)
    address = download_address(odd, "neighbours", ".csv", Query((3,), k=16))
    assert len(identifiers(client_of(odd).get(address))) == 16
