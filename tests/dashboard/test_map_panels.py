"""What the map and its colours say and ask, without a browser."""

import pytest
from dash import no_update

from dashboard.colouring import UnknownColumnError, default_column
from dashboard.cutouts import Pictures
from dashboard.explorer import Explorer
from dashboard.panels import map_colour, umap_map
from dashboard.query import Query
from tests.dashboard.panel_words import N, store_of, texts
from tests.dashboard.small_atlas import small_atlas, unit_rows


def point(row, **others):
    box = {"x0": 1, "x1": 2, "y0": 3, "y1": 4}
    return {"points": [{"curveNumber": 1, "pointNumber": row, "bbox": box} | others]}


def operations(patch):
    return {
        "/".join(map(str, operation["location"])): operation["params"].get("value")
        for operation in patch.to_plotly_json()["operations"]
    }


def test_the_rings_move_and_nothing_else_is_sent(explorer):
    sent = operations(umap_map.highlight(explorer, store_of(0, k=16)))
    assert set(sent) == {"data/2/x", "data/2/y", "data/3/x", "data/3/y"}
    assert (len(sent["data/2/x"]), len(sent["data/3/x"])) == (16, 1)


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
    assert umap_map.describe(explorer, Pictures(explorer), event, "mag_z")[0] is False


def test_the_pointer_shows_name_and_value(explorer):
    show, box, children = umap_map.describe(explorer, Pictures(explorer), point(2), "mag_z")
    assert show
    assert box == {"x0": 1, "x1": 2, "y0": 3, "y1": 4}
    assert texts(children)[-2:] == ["NGC 2", "mag z 14.16 mag"]
    kind = umap_map.describe(explorer, Pictures(explorer), point(0), "kind")[2]
    assert texts(kind)[-1] == "kind –"
    truth = umap_map.describe(explorer, Pictures(explorer), point(0), "truth_redshift")[2]
    assert texts(truth)[-1] == "truth: redshift 0.01"


@pytest.mark.parametrize("box", [None, "x", {}, {"x0": "1", "x1": 2, "y0": 3, "y1": 4}])
def test_a_hover_card_without_a_place_is_not_shown(explorer, box):
    event = point(2, bbox=box)
    assert umap_map.describe(explorer, Pictures(explorer), event, "mag_z")[0] is False


def test_another_colour_sends_colours_only_and_a_legend(explorer):
    patch, legend = map_colour.recolour(explorer, "mag_z", "light")
    assert set(operations(patch)) == {
        "data/1/marker/color",
        "data/1/marker/colorscale",
        "layout/meta/themes",
    }
    assert texts(legend) == ["14.12", "19.88 mag", "not known"]


def test_categories_have_a_legend_with_their_counts(explorer):
    _, legend = map_colour.recolour(explorer, "kind", "dark")
    assert texts(legend) == ["disk", "ring", "spiral", "not known"]
    assert legend[0].title == "disk: 13 galaxies"
    assert legend[3].title == "not known: 1 galaxy"


@pytest.mark.parametrize("name", ["object_id", "no_such_column", None, 3, ["mag_z"], ""])
def test_a_colour_that_was_not_offered_is_refused(explorer, name):
    with pytest.raises(UnknownColumnError):
        map_colour.recolour(explorer, name, "dark")


def test_the_map_begins_with_kinds_of_galaxies_else_with_numbers(explorer):
    assert default_column(explorer) == "kind"
    assert default_column(Explorer(small_atlas(unit_rows([[1, 0], [0, 1]])))) == "ra_deg"


def test_an_atlas_with_nothing_to_colour_by_has_a_map_too():
    explorer = Explorer(small_atlas(unit_rows([[1, 0]])))
    assert default_column(explorer) == ""
    assert map_colour.legend(explorer).children == []
    choice = map_colour.choice(explorer)
    assert choice[1].disabled
    assert umap_map.layout(explorer, choice, map_colour.legend(explorer)) is not None
    shown = umap_map.describe(explorer, Pictures(explorer), point(0), "")
    assert texts(shown[2])[-2:] == ["G0", ""]
