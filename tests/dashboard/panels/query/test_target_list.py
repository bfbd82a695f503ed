"""What the panels of the list say and ask, without a browser."""

import base64

import numpy as np
import pytest
from dash import no_update

from dashboard.panels.query import list_matches, target_list
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import MOST_ROWS, Query
from dashboard.search.target_list import MATCHED, TargetList
from dashboard.tables.matches import INVITATION
from tests.dashboard.panel_words import after, page_of
from tests.dashboard.small_atlas import fan

LIST = "NGC 7\n5.0 +0.0001\n5.0 +0.5\nno such name\n"


def shown(explorer, text=LIST, may_ask=True):
    store, _ = target_list.read_pasted(text)
    return list_matches.show(explorer, Pictures(explorer), may_ask, store)


def data_url(data):
    return "data:text/csv;base64," + base64.b64encode(data).decode()


def test_a_pasted_list_becomes_what_the_page_keeps():
    store, message = target_list.read_pasted(LIST)
    assert [entry.text for entry in TargetList.from_store(store).entries] == LIST.splitlines()
    assert message == ""


@pytest.mark.parametrize("text", [None, "", " ", 7, ["M 51"], {"a": 1}])
def test_what_is_no_list_changes_nothing_but_the_message(text):
    store, message = target_list.read_pasted(text)
    assert store is no_update
    assert "no entries" in message


def test_an_uploaded_file_keeps_its_name():
    store, message = target_list.read_uploaded(data_url(b"name\nM 51\n"), "mine.csv")
    assert (store["name"], store["entries"], message) == (
        "mine.csv",
        [[2, "M 51", "M 51", ""]],
        "",
    )


@pytest.mark.parametrize("contents", ["", "nonsense", "data:;base64,%%%", 7, ["x"], {"a": 1}])
def test_a_mangled_upload_is_refused_with_a_sentence(contents):
    store, message = target_list.read_uploaded(contents, None)
    assert store is no_update
    assert message.endswith(".")


def test_forgetting_an_upload_reads_nothing():
    assert target_list.read_uploaded(None, "mine.csv") == (no_update, no_update)


def test_the_table_shows_entry_galaxy_and_separation(explorer):
    rows = shown(explorer).rows
    assert [(row["number"], row["entry"], row["galaxy"]) for row in rows] == [
        (1, "NGC 7", "NGC 7"),
        (2, "5.0 +0.0001", "NGC 5"),
        (3, "5.0 +0.5", "NGC 5"),
        (4, "no such name", ""),
    ]
    assert [row["separation"] for row in rows] == ["by name", "0.4 arcsec", "30.0 arcmin", ""]
    assert [row["status"] for row in rows] == [MATCHED, MATCHED, "far", "unknown"]
    assert [row["row"] for row in rows] == [7, 5, 5, None]


def test_the_page_says_what_can_be_done_with_a_list(explorer):
    now = shown(explorer)
    assert now.invitation == "Your list: 2 of 4 matched"
    assert (now.use_all_words, now.use_all_disabled) == ("Use all 2 together", False)
    assert (now.sesame_words, now.sesame_style) == ("Ask Sesame (CDS) for 1 unknown", {})
    assert shown(explorer, may_ask=False).sesame_style == {"display": "none"}
    assert shown(explorer, "NGC 7").sesame_style == {"display": "none"}
    assert shown(explorer, "nobody knows this").use_all_disabled


def test_what_another_atlas_has_of_a_list_has_a_way_to_it(explorer):
    store, _ = target_list.read_pasted(LIST)
    other = fan([0, 90], (np.array([5.0, 9.0]), np.array([0.5, 50.0])))
    now = list_matches.show(explorer, Pictures(explorer), True, store, [other])
    sentence, _, link = now.summary
    assert sentence == "2 of 4 entries matched; 1 far, 1 unknown."
    assert (link.children, link.href) == ("Small atlas has 1 more.", "/atlas/small/")
    assert shown(explorer).summary == [sentence]


def test_without_a_list_there_is_the_form(explorer):
    now = list_matches.show(explorer, Pictures(explorer), True, None)
    assert (now.rows, now.style, now.invitation) == (
        [],
        "list-dialog is-empty",
        INVITATION,
    )


def test_the_browser_knows_which_entries_match_and_where_they_lie(explorer):
    rows = shown(explorer).rows
    assert [row["isMatched"] for row in rows] == [True, True, False, False]
    opened = {"rows": [rows[2]["row"]], "separation_arcsec": rows[2]["separation_arcsec"]}
    query = after(explorer, page_of(explorer, 0, k=16), ("list", opened)).page.query
    assert query == Query((5,), k=16, origin="list", separation_arcsec=query.separation_arcsec)
    assert query.separation_arcsec == pytest.approx(1800)


def test_the_button_for_what_is_selected_says_how_many_and_why_not():
    def selected(n):
        return [{"row": row, "status": MATCHED} for row in range(n)]

    use, hint = "Use the selected", list_matches.TABLE_HELP
    assert list_matches.offer(None) == (use, True, True, hint)
    assert list_matches.offer(selected(1)) == (use, False, False, hint)
    assert list_matches.offer(selected(2) * 2)[:2] == ("Use the 2 selected together", False)
    assert list_matches.offer(selected(MOST_ROWS + 1)) == (
        "Use the 101 selected together",
        True,
        True,
        "A query takes at most 100 galaxies; 101 are selected.",
    )
