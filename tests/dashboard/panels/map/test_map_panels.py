"""What the map and its colours say and ask, without a browser."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest
from dash import no_update

from dashboard.explorer.explorer import Explorer
from dashboard.filters.filters import SIMILARITY, Choice, Filters
from dashboard.filters.region import Region
from dashboard.map import sample as map_sample
from dashboard.map.colour_choices import colour_by
from dashboard.panels.map import colour as map_colour
from dashboard.panels.map import download as map_download
from dashboard.panels.map import selection as map_selection
from dashboard.panels.map import sky_view, umap_map
from dashboard.pictures.addresses import Pictures
from dashboard.query.answer import answer
from tests.dashboard.panel_words import N, all_of, page_of, texts, turn_of
from tests.dashboard.small_atlas import random_unit_rows, small_atlas, unit_rows


def point(row, **others):
    box = {"x0": 1, "x1": 2, "y0": 3, "y1": 4}
    return {"points": [{"curveNumber": 1, "pointNumber": row, "bbox": box} | others]}


def operations(patch):
    return {
        "/".join(map(str, operation["location"])): operation["params"].get("value")
        for operation in patch.to_plotly_json()["operations"]
    }


def drawn(explorer, before, *happened, **look):
    """Return what changes of the figure after something has happened."""
    return operations(umap_map.show(explorer, turn_of(explorer, before, *happened, **look)))


def test_rings_and_outline_move_and_nothing_else_is_sent(explorer):
    region = Region(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    page = page_of(explorer, 0, negatives=(3, 4), k=16, filters=Filters(region=region))
    sent = drawn(explorer, page)
    rings = {f"data/{trace}/{axis}" for trace in (2, 3, 4, 6) for axis in "xy"}
    sizes = {"data/3/marker/size", "data/3/marker/line/width"}
    assert set(sent) == rings | sizes | {"layout/meta/rings"}
    assert sent["layout/meta/rings"] == "most similar"
    assert [len(sent[f"data/{trace}/x"]) for trace in (2, 3, 4)] == [16, 1, 2]
    assert sent["data/6/x"] == [0, 1, 1, 0]


def test_a_query_of_many_galaxies_has_slimmer_rings(explorer):
    few, many = (drawn(explorer, page_of(explorer, *range(n))) for n in (9, 10))
    assert many["data/3/marker/size"] < few["data/3/marker/size"]


def test_the_browser_is_told_which_trace_is_which(explorer):
    traces = map_of(explorer).layout.meta["traces"]
    assert (traces["galaxies"], traces["neighbours"], traces["region"]) == (1, 2, 6)
    assert sorted(traces.values()) == list(range(len(map_of(explorer).data)))


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "x",
        {},
        {"points": []},
        {"points": [None]},
        {"points": {"0": 1}},
        point(N),
        point(-1),
        point("9"),
        point(9.0),
        point(True),
        point(9, curveNumber=0),
    ],
)
def test_what_is_no_galaxy_is_not_described(explorer, event):
    assert described(explorer, event)[0] is False


def described(explorer, event, colour="mag_z", row=0):
    page = replace(page_of(explorer, row), colour=colour)
    return umap_map.describe(explorer, Pictures(explorer), event, page.to_store())


def test_the_pointer_shows_name_and_values(explorer):
    show, box, children = described(explorer, point(2), row=2)
    assert show
    assert box == {"x0": 1, "x1": 2, "y0": 3, "y1": 4}
    assert texts(children)[-3:] == ["NGC 2", "z magnitude 14.16 mag", "similarity 1.000"]
    assert texts(described(explorer, point(0), "kind")[2])[-2] == "kind –"
    truth = described(explorer, point(0), "truth_redshift")[2]
    assert texts(truth)[-2] == "truth: redshift 0.01"


@pytest.mark.parametrize("box", [None, "x", {}, {"x0": "1", "x1": 2, "y0": 3, "y1": 4}])
def test_a_hover_card_without_a_place_is_not_shown(explorer, box):
    event = point(2, bbox=box)
    assert described(explorer, event)[0] is False


def recoloured(explorer, name, theme="dark", page=None):
    """Return the change of the figure and the legend after another colour was chosen."""
    asked = ("colour", {"name": name})
    turn = turn_of(explorer, page or page_of(explorer, 0), asked, theme=theme)
    return operations(umap_map.show(explorer, turn)), map_colour.show(explorer, turn)


def coloured(sent):
    return {name for name in sent if "color" in name or "themes" in name or "legend" in name}


def test_another_colour_sends_colours_and_a_legend(explorer):
    sent, legend = recoloured(explorer, "mag_z", "light")
    assert coloured(sent) == {
        "data/1/marker/color",
        "data/1/marker/colorscale",
        "layout/meta/themes",
        "layout/meta/legend",
    }
    assert texts(legend) == ["14.12 and below", "19.88 mag and above", "not known"]


def test_the_same_colour_sends_none(explorer):
    sent, legend = recoloured(explorer, "kind")
    assert (coloured(sent), legend) == (set(), no_update)


def test_another_query_recolours_a_map_of_similarity_and_no_other(explorer):
    for name, are_coloured in (("mag_z", False), (SIMILARITY, True)):
        page = replace(page_of(explorer, 5), colour=name)
        turns = [turn_of(explorer, page, ("card", {"row": row})) for row in (0, 39)]
        one, another = (operations(umap_map.show(explorer, turn)) for turn in turns)
        colours = "data/1/marker/color"
        assert (colours in one) == are_coloured
        assert (map_colour.show(explorer, turns[0]) is not no_update) == are_coloured
    assert one[colours] != another[colours]


def test_the_colour_of_the_address_is_drawn_at_once(explorer):
    turn = turn_of(explorer, None, ("address", {"search": "?colour=mag_z"}))
    assert "data/1/marker/color" in operations(umap_map.show(explorer, turn))
    assert texts(map_colour.show(explorer, turn))[0] == "14.12 and below"
    plain = turn_of(explorer, None, ("address", {"search": ""}))
    assert coloured(operations(umap_map.show(explorer, plain))) == set()


def test_an_atlas_with_nothing_to_colour_by_has_a_map_too():
    explorer = Explorer(small_atlas(unit_rows([[1, 0]])))
    assert map_colour.legend(explorer).children == []
    assert map_colour.choice(explorer)[1].disabled
    assert map_of(explorer) is not None
    assert texts(described(explorer, point(0), "")[2]) == ["G0", "similarity 1.000"]


# The legend filters


def test_categories_are_buttons_with_their_counts_and_say_whether_they_are_chosen(explorer):
    page = page_of(explorer, 0, filters=Filters((("kind", Choice(("ring",))),)))
    page = replace(page, colour="mag_z")
    _, legend = recoloured(explorer, "kind", page=page)
    assert texts(legend) == ["disk", "ring", "spiral", "not known"]
    assert legend[0].title == "disk: 13 galaxies. Click to filter."
    assert legend[3].title == "not known: 1 galaxy. Click to filter."
    asked = [json.loads(getattr(entry, "data-request")) for entry in legend]
    assert [one["values"] for one in asked] == [
        {"column": "kind", "label": label} for label in ("disk", "ring", "spiral", "")
    ]
    pressed = [getattr(entry, "aria-pressed") for entry in legend]
    assert pressed == ["false", "true", "false", "false"]


# A map of very many


@pytest.fixture
def crowded(monkeypatch):
    """Sixty galaxies, of which the map draws twenty; their row is their magnitude."""
    monkeypatch.setattr(map_sample, "MOST_DRAWN", 20)
    atlas = small_atlas(random_unit_rows(60, 4), columns={"mag_z": np.arange(60.0)})
    atlas.map_xy[:] = np.random.default_rng(1).random((60, 2))
    return Explorer(atlas)


def test_point_i_of_a_sample_is_the_galaxy_at_its_place(crowded):
    rows = map_sample.drawn_rows(crowded)
    figure = map_of(crowded)
    galaxies = figure.data[1]
    places = np.stack([galaxies.x, galaxies.y], axis=1)
    assert len(rows) <= 20
    assert places.tolist() == crowded.map_xy[rows].tolist()
    for i, row in enumerate(rows.tolist()):
        assert map_sample.pointed_row(crowded, point(i)) == row
    assert map_sample.pointed_row(crowded, point(len(rows))) is None


def test_neighbours_that_the_sample_leaves_out_are_points_of_their_own(crowded):
    page = page_of(crowded, 0)
    sent = drawn(crowded, page)
    rows = sent["data/5/customdata"]
    assert rows == map_sample.nearby_rows(crowded, answer(crowded, page.query))
    assert sent["data/5/x"] == crowded.map_xy[rows, 0].tolist()
    beside = point(0, curveNumber=5, customdata=rows[0])
    assert map_sample.pointed_row(crowded, beside) == rows[0]
    for hostile in (60, -1, "1", None, True, [1]):
        event = point(0, curveNumber=5, customdata=hostile)
        assert map_sample.pointed_row(crowded, event) is None


def test_every_colour_of_a_sample_is_that_of_its_galaxy(crowded):
    page = replace(page_of(crowded, 0), colour="~density")
    found = answer(crowded, page.query)
    sent, _ = recoloured(crowded, "mag_z", page=page)
    whole = colour_by(crowded, "mag_z").position
    for trace, rows in (
        (1, map_sample.drawn_rows(crowded)),
        (5, map_sample.nearby_rows(crowded, found)),
    ):
        packed = base64.b64decode(sent[f"data/{trace}/marker/color"]["bdata"])
        assert np.frombuffer(packed, "<f4").tolist() == whole[rows].tolist()


def map_of(explorer):
    """Return the figure of the page."""
    page = umap_map.layout(
        explorer,
        map_colour.choice(explorer),
        map_colour.legend(explorer),
        map_selection.layout(explorer),
        map_download.layout(),
        sky_view.switch(),
        sky_view.layout(),
    )
    return all_of(page, "Graph")[0].figure
