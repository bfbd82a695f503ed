"""What the map and its colours say and ask, without a browser."""

import base64

import numpy as np
import pytest
from dash import no_update

from dashboard.explorer.explorer import Explorer, UnknownColumnError
from dashboard.filters.filters import Choice, FilterError, Filters
from dashboard.filters.region import Region
from dashboard.map import sample as map_sample
from dashboard.map.colour_choices import SIMILARITY, colour_by
from dashboard.panels.map import colour as map_colour
from dashboard.panels.map import download as map_download
from dashboard.panels.map import selection as map_selection
from dashboard.panels.map import umap_map
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import Query
from tests.dashboard.panel_words import N, all_of, store_of, texts
from tests.dashboard.small_atlas import random_unit_rows, small_atlas, unit_rows


def point(row, **others):
    box = {"x0": 1, "x1": 2, "y0": 3, "y1": 4}
    return {"points": [{"curveNumber": 1, "pointNumber": row, "bbox": box} | others]}


def operations(patch):
    return {
        "/".join(map(str, operation["location"])): operation["params"].get("value")
        for operation in patch.to_plotly_json()["operations"]
    }


def test_rings_and_outline_move_and_nothing_else_is_sent(explorer):
    region = Region(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    query = Query(rows=(0,), negatives=(3, 4), k=16, filters=Filters(region=region))
    sent = operations(umap_map.highlight(explorer, query.to_store(), "kind"))
    rings = {f"data/{trace}/{axis}" for trace in (2, 3, 4, 6) for axis in "xy"}
    sizes = {"data/3/marker/size", "data/3/marker/line/width"}
    assert set(sent) == rings | sizes | {"layout/meta/rings"}
    assert sent["layout/meta/rings"] == "most similar"
    assert [len(sent[f"data/{trace}/x"]) for trace in (2, 3, 4)] == [16, 1, 2]
    assert sent["data/6/x"] == [0, 1, 1, 0]


def test_a_query_of_many_galaxies_has_slimmer_rings(explorer):
    few, many = (
        operations(umap_map.highlight(explorer, Query(rows=range(n)).to_store(), "kind"))
        for n in (9, 10)
    )
    assert many["data/3/marker/size"] < few["data/3/marker/size"]


def test_a_click_on_a_point_searches_from_it_and_is_forgotten(explorer):
    store, click = umap_map.choose(explorer, point(9), store_of(0, k=36))
    assert store == Query((9,), k=36, origin="map").to_store()
    assert click is None


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
def test_what_is_no_click_on_a_galaxy_changes_nothing(explorer, event):
    assert umap_map.choose(explorer, event, store_of()) == (no_update, None)
    assert described(explorer, event)[0] is False


def described(explorer, event, colour="mag_z", store=None):
    return umap_map.describe(explorer, Pictures(explorer), event, colour, store)


def test_the_pointer_shows_name_and_values(explorer):
    show, box, children = described(explorer, point(2), store=store_of(2))
    assert show
    assert box == {"x0": 1, "x1": 2, "y0": 3, "y1": 4}
    assert texts(children)[-3:] == ["NGC 2", "mag z 14.16 mag", "similarity 1.000"]
    assert texts(described(explorer, point(0), "kind")[2])[-1] == "kind –"
    truth = described(explorer, point(0), "truth_redshift")[2]
    assert texts(truth)[-1] == "truth: redshift 0.01"


@pytest.mark.parametrize("box", [None, "x", {}, {"x0": "1", "x1": 2, "y0": 3, "y1": 4}])
def test_a_hover_card_without_a_place_is_not_shown(explorer, box):
    event = point(2, bbox=box)
    assert described(explorer, event)[0] is False


def recoloured(explorer, name, theme="dark", store=None, changed="map-colour.value"):
    return map_colour.recolour(explorer, {changed: changed}, name, theme, store)


def test_another_colour_sends_colours_only_and_a_legend(explorer):
    patch, legend = recoloured(explorer, "mag_z", "light", store_of())
    assert set(operations(patch)) == {
        "data/1/marker/color",
        "data/1/marker/colorscale",
        "layout/meta/themes",
        "layout/meta/legend",
    }
    assert texts(legend) == ["14.12", "19.88 mag", "not known"]


def test_another_query_recolours_a_map_of_similarity_and_no_other(explorer):
    assert recoloured(explorer, "mag_z", store=store_of(), changed="query.data") == (
        no_update,
        no_update,
    )
    one, another = (
        recoloured(explorer, SIMILARITY, store=store_of(row), changed="query.data")[0]
        for row in (0, 39)
    )
    colours = "data/1/marker/color"
    assert operations(one)[colours] != operations(another)[colours]


@pytest.mark.parametrize("name", ["object_id", None, ""])
def test_a_colour_that_was_not_offered_is_refused(explorer, name):
    with pytest.raises(UnknownColumnError):
        recoloured(explorer, name)


def test_an_atlas_with_nothing_to_colour_by_has_a_map_too():
    explorer = Explorer(small_atlas(unit_rows([[1, 0]])))
    assert map_colour.legend(explorer).children == []
    assert map_colour.choice(explorer)[1].disabled
    assert map_of(explorer) is not None
    assert texts(described(explorer, point(0), "")[2])[-1] == "G0"


# The legend filters


def pressed(legend):
    return {button.id["label"]: getattr(button, "aria-pressed") for button in legend}


def store_with(*labels):
    filters = Filters((("kind", Choice(labels)),)) if labels else Filters()
    return Query(rows=(0,), filters=filters).to_store()


def test_categories_are_buttons_with_their_counts_and_say_whether_they_are_chosen(explorer):
    _, legend = recoloured(explorer, "kind", store=store_with("ring"))
    assert texts(legend) == ["disk", "ring", "spiral", "not known"]
    assert legend[0].title == "disk: 13 galaxies. Click to filter."
    assert legend[3].title == "not known: 1 galaxy. Click to filter."
    assert pressed(legend) == {"disk": "false", "ring": "true", "spiral": "false", "": "false"}


@pytest.mark.parametrize(
    ("before", "label", "after"),
    [
        ((), "disk", ("disk",)),
        (("disk",), "ring", ("disk", "ring")),
        (("disk", "ring"), "disk", ("ring",)),
        (("disk",), "disk", ()),
        ((), "", ("",)),  # those without a value
    ],
)
def test_a_click_on_a_category_adds_it_to_the_filter_or_takes_it_away(
    explorer, before, label, after
):
    clicked = {"type": "legend-entry", "label": label}
    asked = map_colour.filter_by(explorer, clicked, 1, "kind", store_with(*before))
    assert asked == store_with(*after)


def test_a_category_that_no_galaxy_has_is_refused_and_one_that_only_appears_is_no_click(explorer):
    clicked = {"type": "legend-entry", "label": "nope"}
    with pytest.raises(FilterError, match="No galaxy has 'nope'"):
        map_colour.filter_by(explorer, clicked, 1, "kind", store_of())
    assert map_colour.filter_by(explorer, clicked, None, "kind", store_of()) is no_update
    assert map_colour.filter_by(explorer, None, 1, "kind", store_of()) is no_update


def test_the_marks_of_the_legend_follow_the_filters(explorer):
    entries = [{"id": {"label": label}} for label in ("disk", "ring")]
    marks = map_colour.mark_chosen(explorer, entries, "kind", store_with("ring"))
    assert marks == ["false", "true"]
    assert map_colour.mark_chosen(explorer, entries, "kind", store_of()) == ["false", "false"]
    assert map_colour.mark_chosen(explorer, [], "mag_z", store_of()) == []


# A map of very many


@pytest.fixture
def crowded(monkeypatch):
    """Sixty galaxies, of which the map draws twenty; their row is their magnitude."""
    monkeypatch.setattr(map_sample, "MOST_DRAWN", 20)
    atlas = small_atlas(random_unit_rows(60, 4), columns={"mag_z": np.arange(60.0)})
    atlas.umap_xy[:] = np.random.default_rng(1).random((60, 2))
    return Explorer(atlas)


def test_point_i_of_a_sample_is_the_galaxy_at_its_place(crowded):
    drawn = map_sample.drawn_rows(crowded)
    figure = map_of(crowded)
    galaxies = figure.data[1]
    places = np.stack([galaxies.x, galaxies.y], axis=1)
    assert len(drawn) <= 20
    assert places.tolist() == crowded.umap_xy[drawn].tolist()
    for i, row in enumerate(drawn.tolist()):
        assert umap_map.choose(crowded, point(i), store_of())[0]["rows"] == [row]
    assert umap_map.choose(crowded, point(len(drawn)), store_of()) == (no_update, None)


def test_neighbours_that_the_sample_leaves_out_are_points_of_their_own(crowded):
    query = Query(rows=(0,), k=25)
    sent = operations(umap_map.highlight(crowded, query.to_store(), "mag_z"))
    rows = sent["data/5/customdata"]
    assert rows == map_sample.nearby_rows(crowded, query)
    assert sent["data/5/x"] == crowded.umap_xy[rows, 0].tolist()
    beside = point(0, curveNumber=5, customdata=rows[0])
    assert umap_map.choose(crowded, beside, store_of())[0]["rows"] == [rows[0]]
    for hostile in (60, -1, "1", None, True, [1]):
        event = point(0, curveNumber=5, customdata=hostile)
        assert umap_map.choose(crowded, event, store_of()) == (no_update, None)


def test_every_colour_of_a_sample_is_that_of_its_galaxy(crowded):
    query = Query(rows=(0,), k=25)
    sent = operations(recoloured(crowded, "mag_z", store=query.to_store())[0])
    whole = colour_by(crowded, "mag_z").position
    for trace, rows in (
        (1, map_sample.drawn_rows(crowded)),
        (5, map_sample.nearby_rows(crowded, query)),
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
    )
    return all_of(page, "Graph")[0].figure
