"""Lists of galaxies as text and CSV: every line is an entry, or is said to be none."""

import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.search.list_reading import read_file, read_text
from dashboard.search.list_tables import ListColumns, find_columns
from dashboard.search.target_list import (
    LONGEST_CELL,
    MOST_ENTRIES,
    Entry,
    TargetList,
    TargetListError,
)
from dashboard.sky.coordinates import parse_position


def asked(text):
    """Return the numbers, labels and texts of the entries."""
    return [(entry.number, entry.label, entry.text) for entry in read_text(text).entries]


def test_each_line_is_an_entry_as_typed_and_keeps_its_number():
    text = "M 51\n\n# a comment\n  199.3324 +20.6382 \n13:17:19.8, +20:38:17\n"
    assert asked(text) == [
        (1, "M 51", "M 51"),
        (4, "199.3324 +20.6382", "199.3324 +20.6382"),
        (5, "13:17:19.8, +20:38:17", "13:17:19.8, +20:38:17"),
    ]


@pytest.mark.parametrize("separator", [",", "\t", ";", "|", " , "])
def test_a_header_says_which_columns_count(separator):
    lines = [["mag", "RA", "Dec", "Name"], ["17", "10.5", "-0.25", "NGC 1"]]
    assert asked("\n".join(separator.join(line) for line in lines)) == [(2, "NGC 1", "10.5, -0.25")]


def test_a_header_may_have_blanks_between_its_words():
    assert asked("ra dec\n10.5 -0.25\n") == [(2, "10.5 -0.25", "10.5, -0.25")]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["RA_ICRS", "DE_ICRS"], ListColumns(None, 0, 1)),
        (["_RAJ2000", "_DEJ2000", "RAJ2000", "DEJ2000"], ListColumns(None, 0, 1)),
        (["ra_deg", "dec_deg", "object_id"], ListColumns(2, 0, 1)),
        (["id", "main_id"], ListColumns(1, None, None)),
        (["ra", "mag"], ListColumns(None, None, None)),
        ([], ListColumns(None, None, None)),
    ],
)
def test_columns_are_found_by_their_usual_names(names, expected):
    assert find_columns(names) == expected


def test_a_position_counts_more_than_a_name_and_a_name_where_there_is_no_position():
    text = "name,ra,dec\nmine,10,20\nM 51,,\nM 52,nan,NaN\n,,\n"
    entries = read_text(text).entries
    assert [(entry.label, entry.text) for entry in entries[:3]] == [
        ("mine", "10, 20"),
        ("M 51", "M 51"),
        ("M 52", "M 52"),
    ]
    assert entries[3].problem == "It has neither a name nor a position."


def test_sexagesimal_columns_with_blanks_stay_a_position():
    assert asked("RAJ2000\tDEJ2000\n13 17 19.8\t+20 38 17\n") == [
        (2, "13 17 19.8 +20 38 17", "13 17 19.8, +20 38 17")
    ]


def test_a_line_with_too_many_columns_is_said_to_have_them_and_the_others_are_kept():
    entries = read_text("name,ra,dec\nA,1,2,3\nB,1,2,\nC\n").entries
    assert entries[0].problem == "It has 4 columns, and the header has 3."
    assert [entry.text for entry in entries[1:]] == ["1, 2", "C"]


@pytest.mark.parametrize(
    ("line", "label", "text"),
    [
        ("NGC 1, 12.0, 30.1", "NGC 1", "12.0, 30.1"),
        ("12.0\t+30.1\tNGC 1", "NGC 1", "12.0, +30.1"),
        ("M 51, the whirlpool", "M 51", "M 51"),
        ('"M 51","a, b"', "M 51", "M 51"),
        ("13:17:19.8;+20:38:17;x", "x", "13:17:19.8, +20:38:17"),
    ],
)
def test_without_a_header_the_cells_with_a_position_are_found(line, label, text):
    assert asked(line) == [(1, label, text)]


def test_without_a_header_three_numbers_are_not_guessed_at():
    (entry,) = read_text("12.0,30.1,17.5").entries
    assert entry.text == ""
    assert "Put a header above the first line" in entry.problem


def test_words_that_could_be_a_name_are_no_header():
    assert asked("galaxy 1\n") == [(1, "galaxy 1", "galaxy 1")]
    assert asked("NGC galaxy 1\nM 51") == [(1, "NGC galaxy 1", "NGC galaxy 1"), (2, "M 51", "M 51")]


def test_what_exceeds_the_most_entries_is_counted():
    brought = read_text("name\n" + "M 51\n" * (MOST_ENTRIES + 5))
    assert (len(brought.entries), brought.n_left_out) == (MOST_ENTRIES, 5)


@pytest.mark.parametrize("text", ["", " \n\n", "# only a comment", "name,ra,dec\n"])
def test_a_list_without_entries_is_refused_with_an_example(text):
    with pytest.raises(TargetListError, match=r"no entries\. Write one name or one position"):
        read_text(text)


@pytest.mark.parametrize(
    "data",
    [
        "name\nÅngström 1\n".encode(),
        "name\nÅngström 1\n".encode("utf-8-sig"),
        "name\nÅngström 1\n".encode("latin-1"),
        "name\nÅngström 1\n".encode("utf-16"),
        "name\r\nÅngström 1\r\n".encode(),
    ],
)
def test_files_of_all_usual_encodings_are_read(data):
    expected = TargetList((Entry(2, "Ångström 1", "Ångström 1"),), name="mine.csv")
    assert read_file(data, "mine.csv") == expected


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n\0", b"a\0b"])
def test_what_is_no_text_is_refused_with_what_to_do(data):
    with pytest.raises(TargetListError, match="save a spreadsheet as CSV"):
        read_file(data, "mine.xlsx")


def test_a_web_page_is_called_one():
    with pytest.raises(TargetListError, match=r"^mine\.vot is a web page, not a list\."):
        read_file(b"\n<!DOCTYPE HTML><html><body>Not found</body></html>", "mine.vot")


@pytest.mark.parametrize("name", ["RA (h)", "ra_hours", "RAh", "ra[hours]", "RA (hours, J2000)"])
def test_right_ascension_in_hours_is_read_as_hours(name):
    assert asked(f"Name;{name};Dec (deg)\nM 51;13.5;47.2\n") == [(2, "M 51", "13.5h, 47.2")]
    assert parse_position("13.5h, 47.2") == (202.5, 47.2)


def test_a_header_of_blanks_may_have_units_and_sexagesimal_hours_stay_as_they_are():
    assert asked("RA (h) Dec (deg)\n13.5 47.2\n")[0][2] == "13.5h, 47.2"
    assert asked("ra_hours,dec\n13:17:19.8,+20:38:17\n")[0][2] == "13:17:19.8, +20:38:17"


@pytest.mark.parametrize("header", ["RA_mine,Dec_mine", "ra;mag", "RAJ2015 DecJ2015"])
def test_a_header_whose_position_is_not_understood_is_refused(header):
    with pytest.raises(TargetListError, match="'ra_hours' and 'dec' if right ascension is in hou"):
        read_text(f"{header}\n13.5 47.2\n")


def test_a_position_split_over_columns_is_refused_unless_it_is_there_in_one_piece_too():
    split = "RAh,RAm,RAs,DE-,DEd,DEm,DEs"
    with pytest.raises(TargetListError, match="split over the columns RAh, RAm and RAs"):
        read_text(f"{split}\n13,17,19.8,+,20,38,17\n")
    whole = f"{split},_RAJ2000,_DEJ2000\n13,17,19.8,+,20,38,17,199.3325,20.6381\n"
    assert asked(whole)[0][2] == "199.3325, 20.6381"


@pytest.mark.parametrize(
    "text",
    [
        "Name;RA;Dec\nM 51;202,4696;-47,1952\n",
        "sep=;\nName;RA;Dec\nM 51;202,4696;-47,1952\n",
        "M 51;202,4696;-47,1952\n",
        "M 51\t202,4696\t-47,1952\n",
        "202,4696;-47,1952;M 51\n",
    ],
)
def test_decimals_may_have_commas_where_something_else_is_between_the_columns(text):
    assert [entry[1:] for entry in asked(text)] == [("M 51", "202.4696, -47.1952")]


def test_excels_first_line_is_no_entry_and_says_what_is_between_the_columns():
    assert asked('"sep=|"\nM 51, or so|10|20\n') == [(2, "M 51, or so", "10, 20")]
    with pytest.raises(TargetListError, match="has no entries"):
        read_text("sep=;\n")


@pytest.mark.parametrize("line", ["inf,0", "-Infinity;5", "nan,0"])
def test_numbers_without_end_are_neither_names_nor_positions(line):
    (entry,) = read_text(line).entries
    assert entry.problem == "It has neither a name nor a position."


def test_a_line_of_many_cells_without_a_header_is_not_searched(monkeypatch):
    monkeypatch.setattr("dashboard.search.list_reading._is_position", refuse_pairs)
    (entry,) = read_text("1," * 100 + "1").entries
    assert entry.problem.startswith("It has more than 100 columns. Put a header above")


def refuse_pairs(text):
    assert text.count(",") != 1, "a pair of cells was read"
    return False


def test_the_search_for_a_position_ends_at_the_second(monkeypatch):
    read = []
    monkeypatch.setattr(
        "dashboard.search.list_reading._is_position",
        lambda text: read.append(text) or len(read) > 1,
    )
    assert read_text("1,2,3,4,5,6,7,8").entries[0].text == ""
    assert read == ["1,2,3,4,5,6,7,8", "1, 2", "2, 3"]


def test_lines_beyond_the_most_entries_take_no_memory():
    text = "a\n" * 200_000
    tracemalloc.start()
    brought = read_text(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert brought.n_left_out == 200_000 - MOST_ENTRIES
    assert peak < 15 * len(text)  # as text, up to four bytes a character, and one copy


@given(st.text(max_size=300) | st.text(alphabet="ra,dec\n\t\"'; 0123456789.+-#|", max_size=300))
@example('"' * 20 + "\n,")
@example("ra,dec\n" + "x" * 2_000)
@example("1" * 2_000 + "," + "2" * 2_000)
@example("\x00,\r\n\x85")
def test_any_text_is_a_list_that_the_page_can_keep_or_is_refused(text):
    try:
        brought = read_text(text)
    except TargetListError:
        return
    assert TargetList.from_store(brought.to_store()) == brought
    for entry in brought.entries:
        assert bool(entry.text) != bool(entry.problem)
        assert max(len(entry.label), len(entry.text)) <= LONGEST_CELL
