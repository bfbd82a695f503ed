"""What tiles hold, against counting galaxy by galaxy; and their addresses."""

import gzip
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import Choice, Filters, Range
from dashboard.filters.region import Region
from dashboard.map import sample as map_sample
from dashboard.map import tiles
from dashboard.map.colour_choices import colour_by
from dashboard.map.quadtree import Tile
from dashboard.map.sample import drawn_rows
from dashboard.map.shown import Shown
from dashboard.map.tile_routes import tiles_of
from dashboard.query.query import Query
from pipeline.atlas import cells
from tests.dashboard.crowded_atlas import crowded_atlas

N = 3000
ALL = Shown("kind", Filters())
SPIRALS = Filters((("kind", Choice(("spiral",))),))


@pytest.fixture(scope="module")
def explorer():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(map_sample, "MOST_DRAWN", 400)
        yield Explorer(crowded_atlas(N))


def read_picture(content):
    """Return blocks, fullness and places as they were sent."""
    blocks = np.frombuffer(content, "<u4", 64).reshape(8, 8)
    planes = np.frombuffer(content, np.uint8, -1, 256)
    if not len(planes):
        return blocks, np.zeros((256, 256), np.uint8), np.zeros((256, 256), np.uint8)
    return blocks, *planes.reshape(2, 256, 256)


def read_galaxies(content):
    n = len(content) // 13
    columns = zip((0, 4, 8, 12), ("<u4", "<f4", "<f4", np.uint8), strict=True)
    return [np.frombuffer(content, kind, n, n * at) for at, kind in columns]


def rows_in(explorer, tile):
    columns, lines = cells(explorer.map_xy, tile.z)
    return np.flatnonzero((columns == tile.x) & (lines == tile.y))


def cell_of(explorer, rows, tile):
    """Return line and column of galaxies in the picture of a tile, from above."""
    columns, lines = cells(explorer.map_xy[rows], tile.z + 8)
    return list(zip((255 - lines % 256).tolist(), (columns % 256).tolist(), strict=True))


@pytest.mark.parametrize("tile", [Tile(0, 0, 0), Tile(2, 1, 2), Tile(4, 7, 7), Tile(8, 130, 130)])
def test_a_picture_says_how_many_are_where(explorer, tile):
    rows = rows_in(explorer, tile)
    blocks, full, _ = read_picture(tiles.picture(explorer, ALL, tile))
    at = cell_of(explorer, rows, tile)
    assert blocks.sum() == len(rows)
    assert set(zip(*map(np.ndarray.tolist, np.nonzero(full)), strict=True)) == set(at)
    of_blocks = Counter((line // 32, column // 32) for line, column in at)
    assert {place: blocks[place] for place in of_blocks} == of_blocks
    counts = Counter(at)
    for one, n in counts.items():
        for other, m in counts.items():
            assert n >= m or full[one] <= full[other]


def test_numbers_are_coloured_by_their_mean_and_kinds_by_the_most_frequent(explorer):
    tile = Tile(1, 1, 1)
    rows = rows_in(explorer, tile)
    at = cell_of(explorer, rows, tile)
    for colour, tell in (
        ("mag_z", np.mean),
        ("kind", lambda p: Counter(sorted(p)).most_common()[0][0]),
    ):
        position = colour_by(explorer, colour).position[rows]
        _, _, place = read_picture(tiles.picture(explorer, Shown(colour, Filters()), tile))
        for cell in set(at):
            inside = [p for p, one in zip(position.tolist(), at, strict=True) if one == cell]
            assert place[cell] == pytest.approx(1 + 254 * tell(inside), abs=0.51)


def test_what_filters_leave_out_is_told_apart(explorer):
    tile, shown = Tile(0, 0, 0), Shown("kind", SPIRALS)
    passing = explorer.passing(SPIRALS)
    blocks, full, _ = read_picture(tiles.picture(explorer, shown, tile))
    assert blocks.sum() == passing.sum()
    some = set(cell_of(explorer, np.flatnonzero(passing), tile))
    left = set(cell_of(explorer, np.flatnonzero(~passing), tile)) - some
    assert {full[cell] < tiles.LEFT_OUT for cell in some} == {True}
    assert {full[cell] > tiles.LEFT_OUT for cell in left} == {True}


@pytest.mark.parametrize("z", [0, 1, 3])
@pytest.mark.parametrize(
    "filters", [Filters(), SPIRALS, Filters(region=Region(((0, 0), (1, 0), (1, 1))))]
)
def test_tiles_and_points_have_every_galaxy_that_passes_once(explorer, z, filters):
    shown = Shown("mag_z", filters)
    passing = explorer.passing(filters)
    wanted = np.arange(N) if passing is None else np.flatnonzero(passing)
    found, drawn = [], drawn_rows(explorer)
    position = colour_by(explorer, "mag_z").position
    for x in range(2**z):
        for y in range(2**z):
            rows, xs, ys, place = read_galaxies(tiles.galaxies(explorer, shown, Tile(z, x, y)))
            assert np.stack([xs, ys], axis=1).tolist() == explorer.map_xy[rows].tolist()
            assert place == pytest.approx(1 + 254 * position[rows], abs=0.51)
            found += rows.tolist()
    assert sorted(found) == sorted(set(wanted.tolist()) - set(drawn.tolist()))


def test_all_tiles_of_a_level_are_as_bright_as_each_other(explorer):
    assert tiles.fullest(explorer, ALL, 1) >= tiles.fullest(explorer, ALL, 2)
    assert tiles.fullest(explorer, ALL, 8) == 4


def test_too_many_galaxies_are_not_sent(explorer, monkeypatch):
    monkeypatch.setattr(tiles, "MOST_GALAXIES", 10)
    assert tiles.galaxies(explorer, ALL, Tile(0, 0, 0)) is None


def test_similarity_colours_what_can_be_compared(explorer, monkeypatch):
    shown = Shown("~similarity", Filters(), Query((5,)))
    (cell,) = cell_of(
        explorer, [5], Tile(2, *(int(one[0]) for one in cells(explorer.map_xy[[5]], 2)))
    )
    tile = Tile(2, *(int(one[0]) for one in cells(explorer.map_xy[[5]], 2)))
    _, _, place = read_picture(tiles.picture(explorer, shown, tile))
    assert place[cell] > 128
    monkeypatch.setattr(tiles, "_MOST_COMPARED", 10)
    other = replace(shown, query=Query((6,)))
    assert not read_picture(tiles.picture(explorer, other, tile))[2].any()


# The addresses


@pytest.fixture(scope="module")
def visit(explorer):
    return create_app({"crowded": explorer}).test_client()


def test_a_tile_is_kept_for_ever_and_goes_packed_to_who_can_read_it(visit, explorer):
    version = tiles_of(explorer)["version"]
    address = f"/map-tiles/crowded/picture/1/0/0?v={version}&colour=kind"
    packed = visit.get(address, headers={"Accept-Encoding": "gzip"})
    plain = visit.get(address, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.data == tiles.picture(explorer, ALL, Tile(1, 0, 0))
    assert packed.cache_control.immutable
    assert not visit.get(address.replace(version, "former")).cache_control.immutable


def test_filters_region_and_query_are_read_from_the_address(visit, explorer):
    filters = Filters((("mag_z", Range(17, None)),), Region(((0, 0), (1, 0), (1, 1))))
    for more, shown in (
        ("&colour=kind&f.mag_z=17..&region=0,0+1,0+1,1", Shown("kind", filters)),
        (
            "&galaxy=G7&colour=~similarity",
            Shown("~similarity", Filters(), Query((7,), origin="url")),
        ),
        ("", Shown("", Filters())),
    ):
        answer = visit.get(f"/map-tiles/crowded/galaxies/0/0/0?v=x{more}")
        assert answer.data == tiles.galaxies(explorer, shown, Tile(0, 0, 0))


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ("crowded/picture/9/0/0", 404),
        ("crowded/galaxies/17/0/0", 404),
        ("crowded/picture/1/2/0", 404),
        ("crowded/other/1/0/0", 404),
        ("elsewhere/picture/1/0/0", 404),
        ("crowded/picture/1/0/0?colour=beauty", 400),
        ("crowded/picture/1/0/0?colour=~similarity&galaxy=nobody", 400),
        ("crowded/picture/1/0/0?colour=" + "x" * 9000, 414),
    ],
)
def test_what_there_is_not_is_refused(visit, rest, status):
    assert visit.get(f"/map-tiles/{rest}").status_code == status


def test_a_map_that_is_drawn_whole_has_no_tiles(monkeypatch):
    explorer = Explorer(crowded_atlas(50))
    assert tiles_of(explorer) is None
    client = create_app({"crowded": explorer}).test_client()
    assert client.get("/map-tiles/crowded/picture/0/0/0").status_code == 404
