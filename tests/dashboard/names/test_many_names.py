"""Names among millions: a table of hashes says who may bear one, the catalogue who does."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.names import atlas
from dashboard.names.atlas import AtlasNames
from dashboard.names.spellings import suggest, within_one_letter
from pipeline.atlas import Catalogue, key_hash, name_key, name_table, names

CATALOGUE = pd.DataFrame(
    {
        "object_id": ["PGC0000212", "PGC 212", "'", "J1", "J2"],
        "name": ["IC 5381", None, "", "M 51", "Mayall's Object"],
        "other_names": ["UGC 7;UGC 0007", "IC 5381", None, "NGC 5194; ;M 051", ""],
    }
)


def known_of(frame, *table):
    return AtlasNames(Catalogue.of_frame(frame), *table)


def test_an_identifier_is_one_galaxys_as_it_is_written():
    known = known_of(CATALOGUE)
    assert [known.row_of(text) for text in CATALOGUE["object_id"]] == [0, 1, 2, 3, 4]
    assert known.row_of("pgc 212") is known.row_of("M 51") is known.row_of("") is None
    assert known.rows("pgc 212") == [0, 1]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_table_made_in_pieces_is_the_same(size):
    pieces = [CATALOGUE.iloc[start : start + size] for start in range(0, len(CATALOGUE), size)]
    whole, table = name_table([CATALOGUE]), name_table(pieces)
    assert table[0].tolist() == whole[0].tolist() == sorted(whole[0].tolist())
    assert sorted(table.T.tolist()) == sorted(whole.T.tolist())
    known = known_of(CATALOGUE, table)
    assert known.rows("ic5381") == [0, 1]
    assert known.main_rows("ic5381") == [0]
    assert known.rows("ngc 5194") == [3]


@given(ids=st.lists(st.text(max_size=6), min_size=1, max_size=20, unique=True))
def test_every_identifier_is_found_whatever_it_is_made_of(ids):
    known = known_of(pd.DataFrame({"object_id": ids}))
    assert [known.row_of(one) for one in ids] == list(range(len(ids)))
    for row, one in enumerate(ids):
        assert row in known.rows(one) or not name_key(one)


def test_names_that_have_one_hash_are_told_apart_by_the_catalogue(monkeypatch):
    for module in (names, atlas):
        monkeypatch.setattr(module, "key_hash", lambda key: len(key))
    known = known_of(CATALOGUE)
    assert known.rows("m 51") == [3]
    assert known.rows("m 52") == known.rows("ugc 8") == []
    assert [known.row_of(text) for text in CATALOGUE["object_id"]] == [0, 1, 2, 3, 4]
    assert known.row_of("PGC 213") is None


def test_a_hash_is_the_same_on_every_machine():
    # The first 8 bytes of BLAKE2b with that length, the least significant first.
    assert key_hash("M51") == 0x572A229170609327


def test_of_very_many_names_those_of_the_first_galaxies_and_the_nearest_are_suggested(monkeypatch):
    monkeypatch.setattr(atlas, "MOST_COMPARED", 3)
    monkeypatch.setattr(atlas, "MOST_SPELLED", 3)
    many = pd.DataFrame(
        {
            "object_id": [f"J{row}" for row in range(60)],
            "name": [f"UGC {500 + row}" for row in range(59)] + ["Zwicky's Nonsuch"],
        }
    )
    known = known_of(many)
    near = suggest("ugc 5555", [known.spellings])
    assert near[0] in ("UGC 555", "UGC 505")
    assert "UGC 555" in near  # the letter too many may be any of them
    assert suggest("Zwickys Nonsuhc", [known.spellings]) == ["Zwicky's Nonsuch"]
    assert suggest("J 777", [known.spellings]) == []  # identifiers are not
    assert suggest("Zwicky Object", [known.spellings]) == []  # more than a letter away
    assert suggest("UGC 5O", [known.spellings])[0] == "UGC 500"  # one of the first


def test_one_letter_more_less_other_or_in_the_other_order():
    found = within_one_letter("M51")
    assert len(found) == len(set(found))
    assert {"M5", "51", "M15", "M52", "M515", "NM51", "5M1"} <= set(found)
    assert not {"M51", "", "M", "M5151"} & set(found)
    assert len(within_one_letter("A" * 1_000)) < 4_000


def test_a_table_that_changed_on_the_disk_is_not_read():
    def changed():
        raise RuntimeError("changed")

    known = known_of(CATALOGUE, name_table([CATALOGUE]), changed)
    for ask in (known.rows, known.main_rows, known.row_of, lambda name: known.spellings):
        with pytest.raises(RuntimeError, match="changed"):
            ask("M 51")


def test_a_name_of_very_many_galaxies_leads_to_all_of_them():
    known = known_of(pd.DataFrame({"object_id": list(map(str, range(3_000))), "name": "no name"}))
    assert known.rows("No Name") == list(range(3_000))
    assert known.rows("12") == [12]
    assert np.all(np.diff(known.main_rows("noname")) == 1)
