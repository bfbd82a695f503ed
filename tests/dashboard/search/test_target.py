"""What a text in the search field leads to, and what is said about it."""

from dataclasses import replace

import numpy as np
import pytest
from mocpy import MOC

from dashboard.explorer.explorer import Explorer
from dashboard.names.sesame import SesameError
from dashboard.search.target import TargetError, find_target
from dashboard.sky.coordinates import SkyPosition
from tests.dashboard.small_atlas import small_atlas

WHIRLPOOL = SkyPosition(202.469625, 47.195167)


class StandIn:
    """Answers like Sesame, and remembers what it was asked."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def position(self, name):
        self.asked.append(name)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(scope="module")
def explorer():
    """Five galaxies; of the names in the last two columns some are shared, as in real lists."""
    columns = {
        "object_id": ["PGC0047404", "PGC0000212", "12345", "PGC0053933", "PGC0054267"],
        "name": ["M 51", "IC 5381", "", "M 102", "NGC 5866"],
        "other_names": ["M 51;Arp 85", "UGC 7", "Arp 85;Pair 1", "NGC 5866", "Pair 1"],
    }
    ra_deg = np.array([202.4697, 0.797, 50.0, 226.6232, 228.0306])
    dec_deg = np.array([47.1952, 15.9657, 10.0, 55.7633, 55.7846])
    return Explorer(small_atlas(np.eye(5, dtype=np.float32), (ra_deg, dec_deg), columns))


@pytest.fixture(scope="module")
def nameless():
    """One galaxy, 20 arcsec north of the Whirlpool's centre, and one far from everything."""
    ra_deg = np.array([WHIRLPOOL.ra_deg, 10.0])
    dec_deg = np.array([WHIRLPOOL.dec_deg + 20 / 3600, -80.0])
    return Explorer(small_atlas(np.eye(2, dtype=np.float32), (ra_deg, dec_deg)))


@pytest.fixture(scope="module")
def equatorial():
    """Galaxies at right ascensions 44 and 50; the footprint has a corner at 45, on the equator."""
    positions = np.array([44.0, 50.0]), np.zeros(2)
    atlas = small_atlas(np.eye(2, dtype=np.float32), positions)
    return Explorer(replace(atlas, footprint=MOC.from_string("0/4")))


@pytest.mark.parametrize(
    ("text", "row", "answer"),
    [
        ("m51", 0, "M 51 = PGC0047404, 13:29:52.73 +47:11:42.7 (this atlas)."),
        ("  pgc  47404 ", 0, "PGC0047404 = M 51, 13:29:52.73 +47:11:42.7 (this atlas)."),
        ("ugc 0007", 1, "UGC 7 = IC 5381 = PGC0000212, 00:03:11.28 +15:57:56.5 (this atlas)."),
        ("12345", 2, "12345, 03:20:00.00 +10:00:00.0 (this atlas)."),
    ],
)
def test_a_name_of_the_atlas_is_that_galaxy_whatever_the_spelling(explorer, text, row, answer):
    target = find_target(explorer, text)
    assert (target.row, target.separation_arcsec, target.is_near) == (row, None, True)
    assert target.answer == answer


def test_another_name_of_an_object_that_the_atlas_knows_is_that_galaxy(explorer):
    target = find_target(explorer, "UGC 8493")
    assert (target.row, target.separation_arcsec) == (0, None)
    assert target.answer.startswith("UGC 8493 = NGC 5194 = M 51 = PGC0047404, 13:29:52.7")
    assert target.answer.endswith("(bundled NGC/IC catalogue and this atlas).")


def test_a_name_that_two_galaxies_bear_is_the_one_that_the_bundled_names_mean(explorer):
    # Row 4 is called NGC 5866 in the list, but PGC 53933, row 3, is.
    assert find_target(explorer, "NGC 5866").row == 3


def test_a_name_that_the_bundled_names_have_elsewhere_is_doubted():
    # A degree north of M 51; the bundled position is 0.2 arcsec from the atlas's in the fixture.
    atlas = small_atlas(
        np.eye(1, dtype=np.float32), ([202.469625], [48.195167]), {"name": ["M 51"]}
    )
    assert find_target(Explorer(atlas), "M 51").answer == (
        "M 51 = G0, 13:29:52.71 +48:11:42.6 (this atlas). "
        "But the bundled NGC/IC catalogue has it 1.0 deg from there."
    )


def test_a_name_that_nothing_tells_apart_is_a_choice(explorer):
    with pytest.raises(TargetError, match="2 galaxies of this atlas are called 'pair 1'") as error:
        find_target(explorer, "pair 1")
    assert error.value.suggestions == ("12345", "PGC0054267")
    assert [find_target(explorer, name).row for name in error.value.suggestions] == [2, 4]


def test_a_name_of_several_bundled_objects_is_a_choice(explorer):
    with pytest.raises(TargetError, match="2 objects are called 'antennae'") as error:
        find_target(explorer, "antennae")
    assert error.value.suggestions == ("NGC 4038", "NGC 4039")


def test_a_bundled_name_leads_to_the_galaxy_at_its_position(nameless):
    target = find_target(nameless, "M 51")
    assert target.row == 0
    assert target.separation_arcsec == pytest.approx(20, abs=0.1)
    # 20 arcsec are little in a galaxy of 13.71 arcmin.
    assert target.is_near
    assert target.answer == (
        "M 51 = NGC 5194, 13:29:52.71 +47:11:42.6 (bundled NGC/IC catalogue). "
        "Found 20.0 arcsec off."
    )


def test_the_same_separation_is_far_from_a_position(nameless):
    target = find_target(nameless, f"{WHIRLPOOL.ra_deg} {WHIRLPOOL.dec_deg}")
    assert (target.row, target.is_near) == (0, False)


def test_a_name_without_a_galaxy_near_says_how_far_the_nearest_is(nameless):
    target = find_target(nameless, "ngc 5195")
    assert (target.row, target.is_near) == (0, False)
    assert target.answer.startswith("NGC 5195, 13:29:59.59 +47:15:58.1 (bundled NGC/IC catalogue).")
    assert "Nothing in this atlas lies there. The nearest galaxy is G0, 4." in target.answer


@pytest.mark.parametrize(
    ("text", "row", "answer"),
    [
        (
            "90 0",
            1,
            "90.0000, +0.0000 (06:00:00.00 +00:00:00.0) is outside Small atlas' footprint, 45.0 "
            "deg from its edge. The nearest galaxy is G1, 40.0 deg away.",
        ),
        (
            "45.5 0",
            0,
            "45.5000, +0.0000 (03:02:00.00 +00:00:00.0) is outside Small atlas' footprint, 30.0 "
            "arcmin from its edge. The nearest galaxy is G0, 1.5 deg away.",
        ),
        (
            "0 0",
            0,
            "Nothing in this atlas lies at 0.0000, +0.0000 (00:00:00.00 +00:00:00.0). "
            "The nearest galaxy is G0, 44.0 deg away.",
        ),
        # What is there is there, whatever its footprint.
        ("50 0", 1, "Found at 50.0000, +0.0000 (03:20:00.00 +00:00:00.0), 0.0 arcsec off."),
    ],
)
def test_a_position_outside_the_footprint_is_said_to_be(equatorial, text, row, answer):
    target = find_target(equatorial, text)
    assert (target.row, target.answer) == (row, answer)


def test_a_name_of_something_outside_the_footprint_is_said_to_be(equatorial):
    assert find_target(equatorial, "M 51").answer.startswith(
        "M 51 = NGC 5194, 13:29:52.71 +47:11:42.6 (bundled NGC/IC catalogue). "
        "That is outside Small atlas' footprint, "
    )
    sesame = StandIn(SkyPosition(90.0, 0.0))
    assert find_target(equatorial, "3C 273", sesame).answer == (
        "3C 273, 06:00:00.00 +00:00:00.0 (Sesame). That is outside Small atlas' footprint, "
        "45.0 deg from its edge. The nearest galaxy is G1, 40.0 deg away."
    )


@pytest.fixture(scope="module")
def real():
    """M 51, 11.2 arcmin across, of a survey of the real sky that has no NGC 5195."""
    columns = {"name": ["M 51", "Other"], "major_axis_arcmin": [11.2, 1.0]}
    positions = np.array([WHIRLPOOL.ra_deg, 10.0]), np.array([WHIRLPOOL.dec_deg, -80.0])
    atlas = small_atlas(np.eye(2, dtype=np.float32), positions, columns)
    return Explorer(replace(atlas, manifest=replace(atlas.manifest, simulated=False)))


def test_a_position_in_a_galaxy_is_that_galaxy(real):
    target = find_target(real, "202.4696 47.1961")
    assert (target.row, target.is_near) == (0, True)
    assert target.answer == (
        "202.4696, +47.1961 (13:29:52.70 +47:11:46.0) is in M 51, 3.4 arcsec from its centre."
    )
    outside = find_target(real, f"{WHIRLPOOL.ra_deg} {WHIRLPOOL.dec_deg - 340 / 3600}")
    assert (outside.row, outside.is_near) == (0, False)


def test_a_position_in_a_known_companion_is_not_the_galaxy_beside_it(real):
    # NGC 5195 lies 4.6 arcmin from the centre of M 51, which reaches 5.6 arcmin.
    target = find_target(real, "13:29:59.6 +47:15:58")
    assert (target.row, target.is_near) == (0, False)
    assert ", in NGC 5195 (bundled NGC/IC catalogue). Nothing in this atlas" in target.answer


@pytest.mark.parametrize("name", ["NGC 5195", "SN 2005cs"])
def test_a_named_object_is_not_the_galaxy_in_which_it_lies(real, name):
    sesame = StandIn(SkyPosition(202.4699, 47.1766))
    assert not find_target(real, name, sesame).is_near


def test_a_name_that_only_another_open_atlas_knows_is_looked_for_where_it_has_it(explorer, real):
    sesame = StandIn(None)
    target = find_target(explorer, "other", sesame, [real])
    assert sesame.asked == []
    assert not target.is_near
    assert target.answer.startswith(
        "Other = G1, 00:40:00.00 -80:00:00.0 (Small atlas). Nothing in this atlas lies there. "
    )
    with pytest.raises(TargetError, match="only a number"):
        find_target(real, "4321", sesame, [explorer])
    assert find_target(real, "12345", sesame, [explorer]).position == SkyPosition(50.0, 10.0)


def test_the_names_that_everybody_knows_do_not_come_from_another_atlas(nameless, real):
    assert "(bundled NGC/IC catalogue)" in find_target(nameless, "M 51", None, [real]).answer


def test_what_is_not_a_galaxy_is_said_not_to_be(nameless):
    assert "M 1 = NGC 1952" in find_target(nameless, "M 1").answer
    assert "not a galaxy" in find_target(nameless, "M 1").answer


def test_what_has_no_position_is_explained(nameless):
    with pytest.raises(TargetError, match=r"IC 1064 is in the bundled .* without a position"):
        find_target(nameless, "ic1064")


def test_galactic_coordinates_are_echoed_as_a_position(nameless):
    answer = find_target(nameless, "gal 123.4 -45.6").answer
    assert answer.startswith("gal 123.4 -45.6, 00:52:48.59 +17:16:13.8 (ICRS). Nothing")


def test_a_bare_number_may_be_one_of_several_catalogues(nameless):
    with pytest.raises(TargetError, match=r"only a number\. Did you mean:$") as error:
        find_target(nameless, "4321")
    assert error.value.suggestions == ("NGC 4321", "IC 4321")


def test_a_misspelled_name_has_suggestions_of_the_atlas_and_of_the_bundled_names(explorer):
    with pytest.raises(TargetError, match=r"Did you mean:$") as error:
        find_target(explorer, "pgc 47405")
    assert error.value.suggestions[0] == "PGC 47404"
    with pytest.raises(TargetError) as error:
        find_target(explorer, "whirpool")
    assert error.value.suggestions == ("Whirlpool",)


def test_sesame_is_asked_only_for_what_nobody_here_knows(explorer):
    sesame = StandIn(SkyPosition(50.0, 10.0))
    for text in ("M 51", "UGC 8493", "10 20", "400 20", "4321", "gal 10 91", ""):
        try:
            find_target(explorer, text, sesame)
        except TargetError:
            continue
    assert sesame.asked == []
    target = find_target(explorer, " 3C  273 ", sesame)
    assert sesame.asked == ["3C 273"]
    assert target.row == 2
    assert target.answer == "3C 273, 03:20:00.00 +10:00:00.0 (Sesame). Found 0.0 arcsec off."


def test_a_name_that_sesame_does_not_know_either_is_unknown(explorer):
    with pytest.raises(TargetError, match=r"known here\. Sesame \(CDS\) does not know it either"):
        find_target(explorer, "Mrk 99999999", StandIn(None))


def test_a_sesame_that_does_not_answer_leaves_suggestions(explorer):
    with pytest.raises(TargetError, match="cannot be reached") as error:
        find_target(explorer, "NCG 4321", StandIn(SesameError("Sesame cannot be reached.")))
    assert error.value.suggestions[0] == "NGC 4321"


@pytest.mark.parametrize(
    "text",
    [
        "M 51" + " " * 300 + "x",
        "<img src=x onerror=alert(1)>",
        "x" * 100_000,
        "\x00M 51",
        "'; DROP TABLE objects; --",
        "%s",
    ],
)
def test_hostile_texts_are_answered_in_a_short_sentence(explorer, text):
    with pytest.raises(TargetError) as error:
        find_target(explorer, text)
    assert len(str(error.value)) < 300
