"""Which spellings are one name, who bears it, and which names are near."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.names.atlas import MOST_SPELLED, AtlasNames
from dashboard.names.openngc import BundledNames, BundledObject, bundled_names
from dashboard.names.spellings import (
    LONGEST_NAME,
    MOST_SUGGESTIONS,
    NameIndex,
    Spellings,
    each_once,
    may_be_name,
    name_key,
    spelled_like,
    suggest,
    tidy,
)
from pipeline.atlas import Catalogue

# Spellings


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("M 51", ["m51", "M051", " m  51 ", "Messier 51", "MESSIER051", "M_51", "M-51", "Ｍ５１"]),
        ("NGC 224", ["ngc224", "NGC0224", "N.G.C. 0224", "ngc\u00a0224", "Ngc-224"]),
        ("ESO 409-022", ["eso409-22", "ESO 409-G 022", "ESO 409-IG022"]),
        ("MCG +08-25-012", ["mcg 8-25-12", "MCG+08-25-012", "MCG 08-25-012"]),
        ("MCG -02-01-031", ["mcg-2-1-31", "MCG −02−01−031"]),
        ("PGC0047404", ["PGC 47404", "LEDA 47404", "pgc47404"]),
        ("MOCK-000007", ["mock-7", "Mock 7", "MOCK000007"]),
        ("Barnard's Galaxy", ["barnards galaxy", "Barnard’s galaxy", "BARNARDSGALAXY"]),
        ("IC 80 NED01", ["ic0080 ned01", "IC80NED1"]),
    ],
)
def test_case_blanks_and_leading_zeros_do_not_matter(name, others):
    assert {name_key(other) for other in others} == {name_key(name)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("M 51", "M 5 1"),
        ("M 51", "M 510"),
        ("NGC 5194", "NGC 5194A"),
        ("MCG -02-01-031", "MCG +02-01-031"),
        ("BD -06 1", "BD 06 1"),
        ("PN G120.0+09.8", "PN G120+09.8"),
        ("A 1.05", "A 1.5"),
        ("IC 10", "IC 1"),
        ("UGC 1", "UGCA 1"),
    ],
)
def test_what_makes_another_name_does_matter(one, other):
    assert name_key(one) != name_key(other)


@given(text=st.text(max_size=60))
@example(text="0" * 60)
@example(text="ﷺ" * 200)
@example(text="' . " * 50)
@settings(deadline=2_000)  # ms: a pattern that backtracks would need many seconds
def test_a_key_is_short_and_blind_to_case_and_blanks(text):
    assert name_key(f"  {text.lower()} ") == name_key(text.lower())
    assert len(name_key(text)) <= 4 * LONGEST_NAME


@pytest.mark.parametrize(
    "text",
    ["M 51", "m51", "47 Tuc", "3C 273", "2MASX J00424433+4116074", "whirlpool", "h 5", "l 98-59"],
)
def test_a_text_with_words_that_no_position_has_may_be_a_name(text):
    assert may_be_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "400 20",
        "13h17m 19.8",
        "13 h 17 m 19.8 s + 91 d",
        "RA 199 Dec 95",
        "gal 10 91",
        "l=10 b=91",
        "1e9 20",
        "10 deg 95 deg",
        "J2000 13:61:00 20",
        "4321",
        "",
        "-",
    ],
)
def test_a_position_with_a_fault_is_no_name(text):
    assert not may_be_name(text)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("NGC0224", "NGC 224"),
        ("IC0080 NED01", "IC 80 NED01"),
        ("NGC5194A", "NGC 5194A"),
        ("UGC 00454", "UGC 454"),
        ("IRAS 00400+4059", "IRAS 00400+4059"),
        ("ESO 029-021", "ESO 029-021"),
        ("2MASX J00424433+4116074", "2MASX J00424433+4116074"),
        ("Whirlpool Galaxy", "Whirlpool Galaxy"),
    ],
)
def test_names_are_tidied_but_positions_in_names_are_not(name, written):
    assert tidy(name) == written
    assert name_key(tidy(name)) == name_key(name)


def test_of_several_spellings_one_stays():
    assert each_once(["M 51", "NGC 5194", "m051", "ngc 5194"]) == ["M 51", "NGC 5194"]
    assert spelled_like("m051", ["NGC 5194", "M 51"]) == "M 51"
    assert spelled_like("Arp 85", ["NGC 5194", "M 51"]) == "Arp 85"


# Who bears a name


def test_a_name_leads_to_all_who_bear_it_once_each():
    index = NameIndex([("M 51", 3), ("m051", 3), ("NGC 78", 9), ("NGC 0078", 2), ("", 5)])
    assert index.bearers("M51") == [3]
    assert index.bearers("ngc 78") == [2, 9]
    assert index.bearers("ngc 79") == []
    assert NameIndex([]).bearers("M 51") == []


@given(numbers=st.lists(st.integers(0, 30), max_size=40), wanted=st.integers(0, 30))
def test_an_index_finds_what_a_full_scan_finds(numbers, wanted):
    index = NameIndex((f"NGC {number}", row) for row, number in enumerate(numbers))
    scan = [row for row, number in enumerate(numbers) if number == wanted]
    assert index.bearers(f"ngc{wanted:04d}") == scan


def atlas_names(**columns):
    return AtlasNames(Catalogue.of_frame(pd.DataFrame(columns)))


def test_galaxies_are_known_by_identifier_common_name_and_further_names():
    known = atlas_names(
        object_id=["PGC0000212", "PGC0000218"],
        name=["IC 5381", ""],
        other_names=["IC 5381;UGC 7", None],
    )
    assert [known.rows(name) for name in ("pgc 212", "ic5381", "UGC 0007")] == [[0]] * 3
    assert known.rows("PGC 218") == [1]
    assert known.rows("") == known.rows("None") == known.rows("nan") == []


def test_what_a_galaxy_is_mainly_called_comes_before_what_others_are_called_too():
    known = atlas_names(
        object_id=["A", "B"], name=["M 102", "NGC 5866"], other_names=["NGC 5866", np.nan]
    )
    assert known.rows("NGC 5866") == [1, 0]
    assert known.main_rows("NGC 5866") == [1]


def test_an_atlas_without_names_knows_its_identifiers():
    known = atlas_names(object_id=["MOCK-000000", "MOCK-000010"])
    assert known.rows("mock 10") == [1]
    assert suggest("moc-10", [known.spellings])[0] == "MOCK-000010"


def test_identifiers_of_a_large_atlas_are_found_but_not_suggested():
    known = atlas_names(object_id=[f"J{row}" for row in range(MOST_SPELLED + 1)])
    assert known.rows("j 0777") == [777]
    assert suggest("jj 777", [known.spellings]) == []


# Bundled names


@pytest.mark.parametrize(
    ("name", "main", "ra_deg", "dec_deg"),
    [
        # Positions of the NASA/IPAC Extragalactic Database, to a few arcsec.
        ("M 51", "NGC 5194", 202.4696, 47.1952),
        ("ngc4321", "NGC 4321", 185.7287, 15.8223),
        ("IC 1101", "IC 1101", 227.7337, 5.7448),
        ("UGC 7", "IC 5381", 0.7970, 15.9657),
        ("LEDA 2557", "NGC 224", 10.6847, 41.2690),
        ("andromeda galaxy", "NGC 224", 10.6847, 41.2690),
        ("Whirlpool", "NGC 5194", 202.4696, 47.1952),
        ("IC 11", "NGC 281", 13.2473, 56.6219),  # a duplicate
        ("M102", "NGC 5457", 210.8023, 54.3489),  # held to be Messier 101
    ],
)
def test_bundled_names_lead_to_positions(name, main, ra_deg, dec_deg):
    (found,) = bundled_names().find(name)
    assert found.names[0] == main
    assert found.position == pytest.approx((ra_deg, dec_deg), abs=1e-3)
    assert name_key(name) in map(name_key, found.names)


def test_all_messier_objects_are_there():
    assert [len(bundled_names().find(f"M {number}")) for number in range(1, 111)] == [1] * 110


def test_bundled_objects_know_their_size_and_whether_they_are_galaxies():
    (whirlpool,), (crab,) = bundled_names().find("M 51"), bundled_names().find("M 1")
    assert whirlpool.is_galaxy
    assert whirlpool.size_arcsec == pytest.approx(13.71 * 60)
    assert not crab.is_galaxy


def test_what_was_never_found_again_has_no_position():
    (lost,) = bundled_names().find("IC 1064")
    assert lost.position is None


# Suggestions


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("NCG 4321", "NGC 4321"),
        ("whirpool", "Whirlpool"),
        ("somberro", "Sombrero"),
        ("M 510", "M 51"),
        ("ngc 5194x", "NGC 5194"),
        ("magellanic", "Small Magellanic Cloud"),
    ],
)
def test_a_misspelling_is_near_what_was_meant(typed, meant):
    suggestions = suggest(typed, [bundled_names().spellings])
    assert meant in suggestions
    assert len(suggestions) <= MOST_SUGGESTIONS


def test_of_equally_near_names_those_of_the_first_list_come_first_and_each_once():
    own, bundled = Spellings(["NGC 12", "M 0051"]), Spellings(["NGC 13", "M 51", "NGC 12"])
    assert suggest("NGC 1", [own, bundled]) == ["NGC 12", "NGC 13"]
    assert suggest("M 5", [own, bundled]) == ["M 0051"]


def test_nothing_is_near_what_is_like_nothing():
    known = BundledNames([BundledObject(("M 51",), None, True, 0.0)])
    assert suggest("zzzzzzzz", [known.spellings]) == []
    assert suggest("", [known.spellings]) == []


@settings(deadline=2_000, max_examples=30)
@given(text=st.text(max_size=300))
@example(text="A" * 300)
@example(text="<script>alert(1)</script>")
def test_any_text_gets_at_most_five_suggestions_that_exist(text):
    known = bundled_names()
    suggestions = suggest(text, [known.spellings])
    assert len(suggestions) <= MOST_SUGGESTIONS
    assert all(known.find(name) for name in suggestions)
