from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from dashboard.explorer.explorer import Explorer
from dashboard.pictures.addresses import Pictures
from dashboard.pictures.pairs import (
    FRAME,
    SCALE,
    SCALES_NOT_KNOWN,
    SIZES_NOT_KNOWN,
    pair,
    words_of,
)
from dashboard.pictures.rulers import OWN_SCALE
from pipeline.atlas.manifest import CutoutService
from tests.dashboard.small_atlas import small_atlas, unit_rows

SERVICE = CutoutService(
    base_url="https://www.legacysurvey.org/viewer/jpeg-cutout",
    layer="ls-dr9",
    field_column="major_axis_arcmin",
)


def explorer_of_three(columns, **manifest):
    atlas = small_atlas(unit_rows(np.eye(3)), columns=columns)
    return Explorer(replace(atlas, manifest=replace(atlas.manifest, **manifest)))


def pair_of(explorer, *rows):
    return pair(explorer, Pictures(explorer), rows)


def scale_asked(url):
    asked = parse_qs(urlsplit(url).query)
    return float(asked["pixscale"][0]) * int(asked["size"][0])


def test_frames_that_follow_galaxies_can_be_asked_for_at_the_scale_of_the_larger():
    explorer = explorer_of_three(
        {"major_axis_arcmin": [1.0, 5.0, np.nan]}, cutout_service=SERVICE, pixel_scale_arcsec=None
    )
    found = pair_of(explorer, 0, 1)
    assert (found.first, found.why_not) == (FRAME, "")
    assert [view.side_arcsec for view in found.views[FRAME]] == [96, 480]
    assert [scale_asked(view.url) for view in found.views[FRAME]] == pytest.approx([96, 480])
    assert [view.side_arcsec for view in found.views[SCALE]] == [480, 480]
    assert [scale_asked(view.url) for view in found.views[SCALE]] == pytest.approx([480, 480])


def test_pictures_of_one_scale_are_enlarged_until_galaxies_fill_their_frames_if_they_can():
    sizes = {"half_light_radius_arcsec": [2.5, 0.1, 99.0]}
    explorer = explorer_of_three(sizes, pixel_scale_arcsec=0.5, cutout_px=80)
    found = pair_of(explorer, 0, 1)
    assert found.first == SCALE
    assert [view.zoom for view in found.views[SCALE]] == [1, 1]
    assert [view.zoom for view in found.views[FRAME]] == [2, 4]  # 40 to 20 arcsec; 4 at most
    assert [view.side_arcsec for view in found.views[FRAME]] == [20, 10]
    assert [view.zoom for view in pair_of(explorer, 2).views[FRAME]] == [1]  # there is no more


def test_without_scales_or_sizes_there_is_one_way_and_the_reason():
    no_scale = explorer_of_three({"major_axis_arcmin": [1.0, 2, 3]}, pixel_scale_arcsec=None)
    found = pair_of(no_scale, 0, 1)
    assert (list(found.views), found.first, found.why_not) == ([FRAME], FRAME, SCALES_NOT_KNOWN)
    no_size = explorer_of_three({"half_light_radius_arcsec": [1.0, np.nan, 0.0]})
    for rows in ((0, 1), (0, 2)):
        found = pair_of(no_size, *rows)
        assert (list(found.views), found.first) == ([SCALE], SCALE)
        assert found.why_not == SIZES_NOT_KNOWN


def test_a_picture_says_that_its_frame_follows_the_galaxy_only_where_it_does():
    sizes = {"half_light_radius_arcsec": [2.5, 99.0, 1.0]}
    explorer = explorer_of_three(sizes, pixel_scale_arcsec=0.5, cutout_px=80, north_up=True)
    pictures, found = Pictures(explorer), pair_of(explorer, 0, 1)
    notes = [
        words_of(pictures, view, mode)["ruler"]["note"]
        for mode in (SCALE, FRAME)
        for view in found.views[mode]
    ]
    assert notes == ["", "", OWN_SCALE, ""]
    first = words_of(pictures, found.views[FRAME][0], FRAME)
    assert (first["zoom"], first["ruler"]["across"]) == (2, "20 arcsec across")
    assert first["ruler"]["north_up"]
