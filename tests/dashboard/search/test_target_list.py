"""What the entries of a list match, and what the page may send back as a list."""

from dataclasses import replace

import numpy as np
import pytest
from mocpy import MOC

from dashboard.explorer.explorer import Explorer
from dashboard.names.sesame import SesameError
from dashboard.search.list_reading import read_text
from dashboard.search.target_list import (
    AMBIGUOUS,
    FAR,
    LONGEST_CELL,
    MATCHED,
    MOST_ENTRIES,
    OUTSIDE,
    UNKNOWN,
    UNREAD,
    Entry,
    TargetList,
    TargetListError,
    ask_sesame,
    match_all,
)
from dashboard.sky.coordinates import SkyPosition
from dashboard.tables.matches import counts_elsewhere, matched_rows, summary
from tests.dashboard.small_atlas import small_atlas

# Of the explorer of conftest.py: 40 galaxies a degree apart on the equator, NGC 2 to NGC 39.
TEXT = """NGC 7
5.0 +0.0001
5.0 +0.5
no such name
400 20
4321
12,13,14
G9
"""


def statuses(explorer, text):
    return [match.status for match in match_all(explorer, read_text(text))]


def test_each_entry_is_matched_or_told_why_not(explorer):
    matches = match_all(explorer, read_text(TEXT))
    assert [match.status for match in matches] == [
        *(MATCHED, MATCHED, FAR, UNKNOWN, UNREAD, AMBIGUOUS, UNREAD, MATCHED)
    ]
    assert [match.target and match.target.row for match in matches] == [
        *(7, 5, 5, None, None, None, None, 9)
    ]
    assert matches[0].target.separation_arcsec is None
    assert matches[1].target.separation_arcsec == pytest.approx(0.36)
    assert matches[2].target.separation_arcsec == pytest.approx(1800)
    assert "400" in matches[4].answer
    assert matches[5].answer.endswith("Did you mean: NGC 4321, IC 4321")
    assert "header" in matches[6].answer


def test_a_position_outside_the_footprint_is_told_from_one_that_is_only_far():
    # Galaxies at right ascensions 44 and 50; the footprint has a corner at 45, on the equator.
    positions = np.array([44.0, 50.0]), np.zeros(2)
    atlas = small_atlas(np.eye(2, dtype=np.float32), positions)
    explorer = Explorer(replace(atlas, footprint=MOC.from_string("0/4")))
    assert statuses(explorer, "43.0 0.0\n50.0 0.0\n60.0 0.0") == [FAR, MATCHED, OUTSIDE]


def test_a_designation_with_letters_is_a_position_and_not_an_unknown_name(explorer):
    assert statuses(explorer, "SDSS J002000.0+000000.3") == [MATCHED]


def test_the_summary_counts_what_matched_and_what_did_not(explorer):
    brought = read_text(TEXT)
    assert summary(brought, match_all(explorer, brought)) == (
        "3 of 8 entries matched; 2 not read, 1 far, 1 unknown, 1 ambiguous."
    )


def test_the_summary_says_what_was_left_out_and_that_too_many_cannot_be_one_query(explorer):
    brought = TargetList((Entry(1, "NGC 7", "NGC 7"),), n_left_out=1_234, kind="row", name="a.fits")
    assert summary(brought, match_all(explorer, brought)) == (
        "1 of 1 entry of a.fits matched. The 1,234 rows after the first 1 entry were left out."
    )


def test_the_summary_counts_one_line_as_one(explorer):
    brought = TargetList((Entry(1, "NGC 7", "NGC 7"),), n_left_out=1)
    answer = summary(brought, match_all(explorer, brought))
    assert answer.endswith(" The line after the first 1 entry was left out.")


def test_a_name_makes_up_for_a_position_within_the_galaxy(explorer):
    # 36 and 72 arcsec from NGC 7, of which the bundled catalogue says 2.4 arcmin across.
    text = "NGC 7,7.0,0.01\nNGC 7,7.0,0.5\nNGC 8,7.0,0.01\nmine,7.0,0.01\n7.0,0.01"
    assert statuses(explorer, text) == [MATCHED, FAR, FAR, FAR, FAR]
    match = match_all(explorer, read_text(text))[0]
    assert (match.target.row, match.target.separation_arcsec) == (7, pytest.approx(36))


def test_an_entry_that_only_another_atlas_has_says_so_and_is_not_matched(explorer):
    positions = np.array([5.0, 30.0]), np.array([0.5, 60.0])
    other = Explorer(small_atlas(np.eye(2, dtype=np.float32), positions, {"name": ["", "Rose"]}))
    text = "5.0 +0.5\nNGC 7\nrose\nno such name"
    matches = match_all(explorer, read_text(text), [other])
    assert [match.status for match in matches] == [FAR, MATCHED, FAR, UNKNOWN]
    assert [len(match.elsewhere) for match in matches] == [1, 0, 1, 0]
    assert matches[0].answer.endswith(
        "The nearest galaxy is NGC 5, 30.0 arcmin away. "
        "Small atlas (simulated) has G0, 0.0 arcsec off."
    )
    assert counts_elsewhere(matches) == [(other, 2)]


def test_an_entry_within_a_large_galaxy_is_that_galaxy():
    columns = {"major_axis_arcmin": [11.2]}
    atlas = small_atlas(np.eye(1, dtype=np.float32), (np.array([5.0]), np.zeros(1)), columns)
    assert statuses(Explorer(atlas), "5.0 +0.09\n5.0 +0.1") == [MATCHED, FAR]


def test_a_galaxy_that_comes_twice_is_used_once(explorer):
    matches = match_all(explorer, read_text("NGC 7\nNGC 9\nngc7\n7 0\nunknown one"))
    assert matched_rows(matches) == [7, 9]


# Sesame


class StandIn:
    """Knows positions by name; what it does not know has None; notes what it was asked."""

    def __init__(self, known):
        self.known, self.asked = known, []

    def position(self, name):
        self.asked.append(name)
        if isinstance(self.known, Exception):
            raise self.known
        return self.known.get(name)


def test_sesame_is_asked_only_for_names_that_nobody_here_knows(explorer):
    sesame = StandIn({"Mrk 1018": SkyPosition(9.0, 0.0)})
    brought, answer = ask_sesame(explorer, read_text(f"{TEXT}Mrk 1018\n"), sesame)
    assert sesame.asked == ["no such name", "Mrk 1018"]
    assert answer == "Sesame (CDS) knows 1 of 2 names."
    assert brought.entries[-1] == Entry(9, "Mrk 1018", "9.0000, +0.0000")
    last = match_all(explorer, brought)[-1]
    assert (last.status, last.target.row) == (MATCHED, 9)


def test_when_the_time_is_over_the_rest_is_for_the_next_request(explorer):
    seconds = iter(range(0, 100, 4))  # at the start 0, before each question 4 more
    sesame = StandIn({})
    _, answer = ask_sesame(
        explorer,
        read_text("\n".join(f"Unknown X{i}" for i in range(5))),
        sesame,
        limit_s=10,
        clock=lambda: next(seconds),
    )
    assert len(sesame.asked) == 2
    assert answer == ("Sesame (CDS) knows 0 of 2 names. The other 3 were not asked yet: ask again.")


def test_a_sesame_that_does_not_answer_is_asked_once(explorer):
    sesame = StandIn(SesameError("Sesame (CDS) cannot be reached."))
    brought = read_text("Unknown X1\nUnknown X2")
    assert ask_sesame(explorer, brought, sesame) == (brought, "Sesame (CDS) cannot be reached.")
    assert sesame.asked == ["Unknown X1"]


# The store


def test_a_list_survives_the_page():
    brought = TargetList((Entry(3, "M 51", "M 51"), Entry(4, "", "", "Empty.")), 7, "row", "a.vot")
    assert TargetList.from_store(brought.to_store()) == brought


GOOD = TargetList((Entry(1, "M 51", "M 51"),)).to_store()


@pytest.mark.parametrize(
    "data",
    [
        [],
        "M 51",
        7,
        {},
        {"entries": []},
        GOOD | {"entries": "M 51"},
        GOOD | {"entries": [["1", "M 51", "M 51", ""]]},
        GOOD | {"entries": [[0, "M 51", "M 51", ""]]},
        GOOD | {"entries": [[1, "M 51", "M 51"]]},
        GOOD | {"entries": [[1, "M 51", {"a": 1}, ""]]},
        GOOD | {"entries": [[1, "M 51", "x" * (LONGEST_CELL + 1), ""]]},
        GOOD | {"entries": [[1, "M 51", "M 51", ""]] * (MOST_ENTRIES + 1)},
        GOOD | {"n_left_out": -1},
        GOOD | {"n_left_out": "many"},
        GOOD | {"kind": "script"},
        GOOD | {"name": "x" * (LONGEST_CELL + 1)},
        GOOD | {"name": None},
    ],
)
def test_what_is_not_a_list_is_refused(data):
    with pytest.raises(TargetListError, match="not a list of galaxies"):
        TargetList.from_store(data)
