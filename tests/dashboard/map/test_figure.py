import base64
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard.filters.region import Region
from dashboard.map import figure as figures
from dashboard.map.colours import THEMES, UNKNOWN, categorical, continuous, plain
from dashboard.map.figure import map_figure

TOKENS = (Path(__file__).parents[3] / "assets" / "tokens.css").read_text()


def colour_at(scale, position):
    """Return the colour of a plotly scale at a colour position between UNKNOWN and 1."""
    at = (position - UNKNOWN) / (1 - UNKNOWN)
    return [colour for edge, colour in scale if edge <= at + 1e-9][-1]


def tokens(theme):
    block = re.search(rf':root\[data-theme="{theme}"\] {{(.*?)}}', TOKENS, re.S).group(1)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))


def luminance(colour):
    digits = colour.lstrip("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    parts = np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def contrast(a, b):
    """WCAG 2.2: 1 for equal colours, 21 for black on white."""
    bright, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


# Colours


def test_numbers_are_coloured_between_their_2nd_and_98th_percentile():
    colours = continuous(np.arange(101.0))
    assert colours.limits == (2, 98)
    assert colours.position[[0, 2, 50, 98, 100]] == pytest.approx([0, 0, 0.5, 1, 1])


def test_missing_numbers_get_the_colour_of_the_unknown_and_do_not_move_the_limits():
    colours = continuous(np.array([0.0, np.nan, 1.0, np.inf]))
    assert colours.position[[1, 3]] == pytest.approx([UNKNOWN, UNKNOWN])
    assert colours.n_unknown == 2
    assert colours.limits == pytest.approx((0.02, 0.98))
    for theme, palette in THEMES.items():
        assert colour_at(colours.colorscale(theme), UNKNOWN) == palette.unknown
        assert colour_at(colours.colorscale(theme), 1) == palette.scale[-1]
        assert colour_at(colours.colorscale(theme), 0) == palette.scale[0]


def test_a_constant_column_and_an_empty_one_have_a_colour_too():
    assert continuous(np.full(3, 7.0)).position.tolist() == [0, 0, 0]
    assert continuous(np.full(3, np.nan)).n_unknown == 3
    assert plain(3).position == pytest.approx([0.6, 0.6, 0.6])


def test_categories_are_sorted_counted_and_each_has_the_hue_of_its_place():
    colours = categorical(np.array(["spiral", None, "disk", "spiral"], dtype=object))
    assert colours.categories == (("disk", 1), ("spiral", 2))
    assert colours.n_unknown == 1
    assert colours.position == pytest.approx([0.75, UNKNOWN, 0.25, 0.75])
    for theme, palette in THEMES.items():
        scale = colours.colorscale(theme)
        hues = [colour_at(scale, position) for position in colours.position]
        assert hues == [palette.hues[1], palette.unknown, palette.hues[0], palette.hues[1]]


@pytest.mark.parametrize("n", range(1, 13))
def test_up_to_twelve_categories_have_hues_of_their_own(n):
    names = np.array([f"{i:02d}" for i in range(n)], dtype=object)
    colours = categorical(names)
    for theme in THEMES:
        scale = colours.colorscale(theme)
        edges = [edge for edge, _ in scale]
        assert edges == sorted(edges)
        assert (edges[0], edges[-1]) == (0, pytest.approx(1))
        assert len({colour_at(scale, position) for position in colours.position}) == n


# The figure


def test_point_i_is_row_i_and_only_points_can_be_clicked():
    xy = np.array([[0.1, 0.2], [0.3, 0.4]], dtype=np.float32)
    traces = map_figure(xy, plain(2), "dark").data
    points = traces[figures.GALAXIES]
    assert np.stack([points.x, points.y], axis=1).tolist() == xy.tolist()
    assert points.type == "scattergl"
    others = [trace for trace in traces if trace is not points]
    assert [len(trace.x) for trace in others] == [0] * 6
    told = {figures.GALAXIES: "none", figures.NEARBY: "none"}  # none: the panel tells instead
    assert [trace.hoverinfo for trace in traces] == [told.get(i, "skip") for i in range(7)]


def test_what_is_not_wanted_is_marked_by_more_than_a_colour():
    traces = map_figure(np.zeros((2, 2)), plain(2), "dark").data
    negatives, query = traces[figures.NEGATIVES].marker, traces[figures.QUERY].marker
    assert negatives.color == THEMES["dark"].negative != query.color
    assert "x" in negatives.symbol != query.symbol


def test_the_outline_of_a_region_is_closed():
    region = Region(((0.0, 0.5), (1.0, 0.5), (1.0, 0.75)))
    assert figures.outline(region) == {"x": [0, 1, 1, 0], "y": [0.5, 0.5, 0.75, 0.5]}
    assert figures.outline(None) == {"x": [], "y": []}


def test_a_picture_of_the_map_has_the_colours_of_paper_a_name_and_a_unit():
    colours = replace(continuous(np.array([1.0, np.nan, 3.0])), label="mag z", unit="mag")
    legend = figures.colours_meta(colours)["legend"]
    assert legend["title"] == "mag z [mag]"
    assert legend["limits"] == pytest.approx((1.04, 2.96))
    assert (legend["scale"], legend["unknown"]) == (THEMES["light"].scale, True)
    kinds = categorical(np.array(["spiral", "disk"], dtype=object))
    named = figures.colours_meta(replace(kinds, label="kind"))["legend"]["categories"]
    assert named == [["disk", THEMES["light"].hues[0]], ["spiral", THEMES["light"].hues[1]]]


def test_zoom_survives_every_change_because_the_revision_is_constant():
    xy = np.zeros((2, 2), dtype=np.float32)
    dark, light = (map_figure(xy, plain(2), theme).layout for theme in ("dark", "light"))
    assert dark.uirevision == light.uirevision == "map"


def test_a_far_outlier_does_not_shrink_the_others():
    assert figures.axis_range(np.array([0.0, 1.0, 40.0])) == pytest.approx([-0.0375, 1.2875])
    assert figures.axis_range(np.array([-0.1, 1.1])) == pytest.approx([-0.136, 1.136])


def test_rings_lie_at_the_places_of_their_rows():
    xy = np.array([[0.0, 0.5], [0.25, 0.75], [1.0, 0.0]], dtype=np.float32)
    assert figures.ring_positions(xy, [2, 1]) == {"x": [1.0, 0.25], "y": [0.0, 0.75]}


def test_packed_numbers_are_what_plotly_unpacks():
    packed = figures.packed(np.array([0.5, -0.1]))
    assert packed["dtype"] == "f4"
    unpacked = np.frombuffer(base64.b64decode(packed["bdata"]), dtype="<f4")
    assert unpacked == pytest.approx([0.5, -0.1])


def test_points_are_smaller_where_there_are_more_of_them():
    sizes = [figures.marker_size_px(n) for n in (10, 300, 10_000, 100_000, 10**7)]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (9, 2)


# Colours that have to fit each other


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_background(theme):
    named = tokens(theme)
    for text in ("text", "text-quiet", "accent", "error"):
        for ground in ("ground", "raised", "field"):
            assert contrast(named[text], named[ground]) >= 4.5, (text, ground)
    assert contrast(named["on-accent"], named["accent"]) >= 4.5
    assert contrast(named["on-accent"], named["accent-hover"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_points_rings_borders_and_focus_stand_out(theme):
    named, palette = tokens(theme), THEMES[theme]
    graphics = (*palette.hues, palette.selection, palette.negative)
    graphics += (named["line-strong"], named["selection"])
    assert {c: r for c in graphics if (r := contrast(c, named["ground"])) < 3} == {}
    assert min(contrast(colour, named["ground"]) for colour in palette.scale) >= 2


@pytest.mark.parametrize("theme", THEMES)
def test_the_rings_have_the_colours_of_the_page(theme):
    assert THEMES[theme].selection == tokens(theme)["selection"]
    assert THEMES[theme].negative == tokens(theme)["error"]


def test_a_flag_that_few_galaxies_have_keeps_its_two_ends():
    colours = continuous(np.array([0.0] * 99 + [1.0]))
    assert colours.limits == (0, 1)
    assert colours.position[-1] == 1


def test_numbers_of_any_size_have_a_place_on_the_scale():
    colours = continuous(np.array([-1.7e308, 0.0, 1.7e308]))
    assert np.isfinite(colours.position).all()


def test_a_mask_is_packed_one_bit_for_each_galaxy_the_first_lowest():
    mask = np.array([True, False, False, True, False, False, False, False, True])
    assert list(base64.b64decode(figures.packed_mask(mask))) == [0b1001, 0b1]
