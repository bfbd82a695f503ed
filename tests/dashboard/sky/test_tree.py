"""Positions are found as a full scan finds them, wherever they lie and however few they are."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.sky.separations import Sky
from dashboard.sky.tree import SkyTree
from pipeline.atlas import FAN, boxes_of_levels, sky_order, unit_vectors

KINDS = ("all", "small field", "poles", "both sides of 0", "few places")


def galaxies(n, kind, seed=0):
    """Return right ascensions and declinations of so many galaxies."""
    rng = np.random.default_rng(seed)
    ra_deg = rng.uniform(0, 360, n)
    dec_deg = np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    match kind:
        case "small field":
            ra_deg, dec_deg = 150 + ra_deg / 200, 2 + dec_deg / 90
        case "poles":
            dec_deg = np.sign(dec_deg) * (90 - np.abs(dec_deg) / 1e4)
            dec_deg[: n // 10] = 90
        case "both sides of 0":
            ra_deg = (ra_deg / 360 - 0.5) % 360
        case "few places":
            places = rng.integers(5, size=n)
            ra_deg, dec_deg = ra_deg[places % n], dec_deg[places % n]
    return ra_deg, dec_deg


def scan(ra_deg, dec_deg, centre):
    return np.linalg.norm(unit_vectors(ra_deg, dec_deg) - centre, axis=1)


@settings(deadline=None, max_examples=150)
@given(
    n=st.sampled_from([1, 2, FAN, FAN + 1, 500, FAN * FAN + 1, 3_000]),
    kind=st.sampled_from(KINDS),
    ra=st.floats(0, 360, exclude_max=True) | st.sampled_from([0.0, 150.5, 359.9999999]),
    dec=st.floats(-90, 90) | st.sampled_from([-90.0, 2.1, 89.9999, 90.0]),
    chord=st.sampled_from([0.0, 1e-6, 1e-3, 0.1, 1.0, 2.0]),
)
@example(n=3_000, kind="few places", ra=0.0, dec=90.0, chord=2.0)
def test_a_tree_finds_what_a_full_scan_finds(n, kind, ra, dec, chord):
    ra_deg, dec_deg = galaxies(n, kind)
    tree, centre = SkyTree(ra_deg, dec_deg), unit_vectors(ra, dec)
    chords = scan(ra_deg, dec_deg, centre)
    row, nearest = tree.nearest(centre)
    assert (row, nearest) == (int(np.argmin(chords)), chords.min())  # of equals the first
    rows, found = tree.within(centre, chord)
    assert rows.tolist() == np.flatnonzero(chords <= chord).tolist()
    assert found.tolist() == chords[rows].tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_every_galaxy_is_found_at_its_own_position(kind):
    ra_deg, dec_deg = galaxies(2_000, kind)
    sky = Sky(ra_deg, dec_deg)
    for row in range(0, 2_000, 7):
        found, separation = sky.nearest(sky.position(row))
        assert (ra_deg[found], dec_deg[found]) == (ra_deg[row], dec_deg[row]) or separation == 0
        assert row in sky.within(sky.position(row), 1e-6)[0]


def test_a_part_of_the_sky_counts_its_own_rows():
    ra_deg, dec_deg = galaxies(500, "all")
    rows = np.arange(3, 500, 5)
    sky = Sky(ra_deg, dec_deg)
    found, separation = sky.part(rows).nearest(sky.position(int(rows[17])))
    assert (found, separation) == (17, 0)


def test_directions_are_worked_out_for_the_rows_that_are_asked_for():
    ra_deg, dec_deg = galaxies(50, "all")
    directions, vectors = Sky(ra_deg, dec_deg).directions, unit_vectors(ra_deg, dec_deg)
    assert directions[7].tolist() == vectors[7].tolist()
    assert directions[np.int64(7)].shape == (3,)
    assert directions[[3, 4]].tolist() == vectors[[3, 4]].tolist()
    assert directions[np.array([5])].shape == (1, 3)
    assert directions[[]].shape == (0, 3)


@pytest.mark.parametrize("n", [1, FAN, FAN + 1, 5_000])
def test_an_order_has_every_galaxy_once_and_boxes_have_in_them_what_they_say(n):
    ra_deg, dec_deg = galaxies(n, "all")
    rows, boxes = sky_order(ra_deg, dec_deg)
    assert sorted(rows.tolist()) == list(range(n))
    counts = boxes_of_levels(n)
    assert len(boxes) == sum(counts)
    vectors, size, start = unit_vectors(ra_deg, dec_deg)[rows], FAN, 0
    for count in counts:
        for box in range(count):
            inside = vectors[box * size : (box + 1) * size]
            assert (boxes[start + box, :3] < inside).all()
            assert (inside < boxes[start + box, 3:]).all()
        start, size = start + count, size * FAN
    assert counts[-1] <= FAN


def test_neighbours_in_the_order_are_neighbours_on_the_sky():
    ra_deg, dec_deg = galaxies(20_000, "all")
    _, boxes = sky_order(ra_deg, dec_deg)
    lowest = boxes[: boxes_of_levels(20_000)[0]]
    # 32 of 20,000 galaxies fill 66 square degrees, which are 8 degrees or 0.14 wide.
    assert np.median(np.linalg.norm(lowest[:, 3:] - lowest[:, :3], axis=1)) < 0.4


def test_an_order_that_changed_on_the_disk_is_not_read():
    def changed():
        raise RuntimeError("changed")

    ra_deg, dec_deg = galaxies(10, "all")
    tree = SkyTree(ra_deg, dec_deg, sky_order(ra_deg, dec_deg), changed)
    for ask in (tree.nearest, lambda centre: tree.within(centre, 1.0)):
        with pytest.raises(RuntimeError, match="changed"):
            ask(np.array([1.0, 0, 0]))
