"""The area of the sky that an atlas covers: drawn around its galaxies, or given by the survey."""

import json
from dataclasses import replace

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mocpy import MOC

from pipeline.atlas import AtlasError, files, open_atlas
from pipeline.atlas.footprint import FINEST_ORDER, footprint_around, footprint_of, given_footprint
from pipeline.config import ThumbnailConfig
from pipeline.stages import publish as publish_stage
from pipeline.stages.build import Build, StageError
from tests.pipeline.damage import change_manifest, make_manifest_true

WITHOUT_PICTURES = ThumbnailConfig(keep=False)


def cap(n, ra_deg, dec_deg, radius_deg, seed=0):
    """Return n positions, evenly strewn over a round area, and the share of the sky it covers."""
    rng = np.random.default_rng(seed)
    cos_away = rng.uniform(np.cos(np.radians(radius_deg)), 1, n)
    sin_away, angle = np.sqrt(1 - cos_away**2), rng.uniform(0, 2 * np.pi, n)
    south, east = sin_away * np.cos(angle), sin_away * np.sin(angle)
    dec = np.radians(dec_deg)
    # From around the pole to around the declination, then to the right ascension.
    x, z = (
        south * np.sin(dec) + cos_away * np.cos(dec),
        cos_away * np.sin(dec) - south * np.cos(dec),
    )
    ra = np.degrees(np.arctan2(east, x)) + ra_deg
    share = (1 - np.cos(np.radians(radius_deg))) / 2
    return (ra % 360, np.degrees(np.arcsin(np.clip(z, -1, 1)))), share


def holds(footprint, ra_deg, dec_deg):
    return footprint.contains_lonlat(np.asarray(ra_deg) * u.deg, np.asarray(dec_deg) * u.deg)


@pytest.mark.parametrize("radius_deg", [2.0, 12.0, 45.0, 90.0])
@pytest.mark.parametrize(("ra_deg", "dec_deg"), [(0.0, 0.0), (77.0, 90.0), (200.0, -80.0)])
def test_a_round_survey_has_its_area_in_one_piece_without_a_hole(ra_deg, dec_deg, radius_deg):
    galaxies, share = cap(10_000, ra_deg, dec_deg, radius_deg)
    footprint = footprint_around(*galaxies)
    assert 1 <= footprint.sky_fraction / share < 1.05
    assert footprint.split_count() == footprint.complement().split_count() == 1
    assert holds(footprint, *galaxies).all()


def test_cells_are_as_small_as_the_galaxies_are_dense():
    # 1.6 to 6.5 galaxies per cell, of 12 * 4**order on the sky.
    orders = [footprint_around(*cap(n, 10, 10, 180)[0]).max_order for n in (200, 3_000, 50_000)]
    assert orders == [1, 3, 5]
    assert footprint_around(*cap(5_000, 10, 10, 0.05)[0]).max_order == FINEST_ORDER


def test_close_companions_do_not_make_cells_smaller():
    (ra_deg, dec_deg), _ = cap(3_000, 150, 30, 40)
    companions = np.append(dec_deg, dec_deg + 20 / 3600)
    assert (
        footprint_around(np.append(ra_deg, ra_deg), companions).max_order
        == footprint_around(ra_deg, dec_deg).max_order
    )


def test_two_fields_are_two_pieces():
    (ra_a, dec_a), share = cap(2_000, 359.9, 5, 3)
    (ra_b, dec_b), _ = cap(2_000, 120, -50, 3, seed=1)
    footprint = footprint_around(np.append(ra_a, ra_b), np.append(dec_a, dec_b))
    assert footprint.split_count() == 2
    assert footprint.sky_fraction == pytest.approx(2 * share, rel=0.1)


@pytest.mark.parametrize(
    ("ra_deg", "dec_deg"), [([10.0], [20.0]), ([10.0, 10.0], [20.0, 20.0]), ([0.0, 180.0], [0, 0])]
)
def test_a_few_galaxies_strewn_over_the_sky_cover_no_area(ra_deg, dec_deg):
    assert footprint_around(np.array(ra_deg), np.array(dec_deg, dtype=float)) is None


@given(
    ra_deg=arrays(float, 40, elements=st.floats(0, 360, exclude_max=True)),
    dec_deg=arrays(float, 40, elements=st.floats(-90, 90)),
    size=st.floats(1e-3, 1),
)
def test_every_galaxy_is_inside_its_footprint(ra_deg, dec_deg, size):
    footprint = footprint_around(ra_deg * size, dec_deg * size)
    assert footprint is None or holds(footprint, ra_deg * size, dec_deg * size).all()


def test_a_published_footprint_is_a_coverage_map_by_the_standard(tiny_atlas):
    with fits.open(tiny_atlas / files.FOOTPRINT) as hdus:
        header = hdus[1].header
    wanted = {"MOCVERS": "2.0", "MOCDIM": "SPACE", "ORDERING": "RANGE", "COORDSYS": "C"}
    assert {key: header[key] for key in wanted} == wanted
    opened = open_atlas(tiny_atlas)
    assert holds(opened.footprint, opened.catalogue["ra_deg"], opened.catalogue["dec_deg"]).all()


def test_an_atlas_without_a_footprint_opens(copy):
    (copy / files.FOOTPRINT).unlink()
    listed = json.loads((copy / files.MANIFEST).read_text())["files"]
    del listed[files.FOOTPRINT]
    change_manifest(copy, files=listed)
    assert open_atlas(copy).footprint is None


def test_a_missing_footprint_is_missed(copy):
    (copy / files.FOOTPRINT).unlink()
    with pytest.raises(AtlasError, match=r"footprint\.fits is missing\. Rebuild the atlas"):
        open_atlas(copy)


def empty_map(file):
    MOC.new_empty(max_depth=5).save(file, overwrite=True)


def picture(file):
    fits.PrimaryHDU(np.zeros((4, 4))).writeto(file, overwrite=True)


def half_a_map(file):
    file.write_bytes(file.read_bytes()[:4000])


@pytest.mark.parametrize("damage", [empty_map, picture, half_a_map])
def test_a_footprint_that_is_none_is_named(copy, damage):
    damage(copy / files.FOOTPRINT)
    make_manifest_true(copy)
    with pytest.raises(AtlasError, match=r"footprint\.fits cannot be read \(.*\)\. Rebuild the"):
        open_atlas(copy)


@pytest.mark.parametrize("v1_compatible", [False, True])
def test_the_footprint_that_a_survey_gives_wins(tmp_path, v1_compatible):
    file = tmp_path / "survey.fits"
    given_by_survey = MOC.from_cone(10 * u.deg, 20 * u.deg, radius=9 * u.deg, max_depth=8)
    given_by_survey.save(file, v1_compatible=v1_compatible)
    galaxies, _ = cap(500, 10, 20, 5)
    assert footprint_of(str(file), *galaxies) == given_by_survey
    assert footprint_of(None, *galaxies) != given_by_survey


def test_cells_of_a_given_footprint_are_merged_where_they_are_needlessly_small(tmp_path):
    fine = MOC.from_cone(10 * u.deg, 20 * u.deg, radius=0.3 * u.deg, max_depth=14)
    fine.save(tmp_path / "fine.fits")
    merged = given_footprint(str(tmp_path / "fine.fits"))
    assert merged.max_order == FINEST_ORDER
    assert fine.difference(merged).empty()


def test_a_given_footprint_without_a_galaxy_is_refused_and_galaxies_outside_are_counted(
    tmp_path, caplog
):
    file = tmp_path / "survey.fits"
    MOC.from_cone(10 * u.deg, 20 * u.deg, radius=5 * u.deg, max_depth=6).save(file)
    with pytest.raises(AtlasError, match=r"No galaxy of the atlas lies in the footprint .*ICRS"):
        footprint_of(str(file), np.array([200.0]), np.array([20.0]))
    footprint_of(str(file), np.array([200.0, 10.0, 11.0]), np.array([20.0, 20.0, 20.0]))
    assert "1 of 3 galaxies lie outside" in caplog.text


@pytest.mark.parametrize("content", [None, b"", b"not a map"])
def test_a_configured_footprint_that_cannot_be_read_stops_the_build_at_once(
    tiny_build, tmp_path, content
):
    file = tmp_path / "survey.fits"
    if content is not None:
        file.write_bytes(content)
    build = Build(replace(tiny_build.config, footprint=str(file)), tmp_path)
    with pytest.raises(AtlasError, match=r"footprint is .*survey\.fits, which cannot be read \(.*"):
        build.run_all()
    assert not build.workspace.root.exists()


def test_another_footprint_outdates_the_atlas_and_nothing_before_it(tiny_build, tmp_path):
    file = tmp_path / "survey.fits"
    changed = Build(
        replace(tiny_build.config, footprint=str(file)), tiny_build.destination.parent, "tiny"
    )
    with pytest.raises(StageError, match=r"footprint is .*, which cannot be read \(No such file"):
        changed.is_done("publish")
    file.write_bytes(b"one")
    first = changed.fingerprint("publish")
    file.write_bytes(b"two")
    assert len({first, changed.fingerprint("publish"), tiny_build.fingerprint("publish")}) == 3
    assert changed.is_done("evaluate")


def test_publishing_writes_the_footprint_that_the_survey_gives(tiny_build, tmp_path):
    file = tmp_path / "survey.fits"
    MOC.from_string("0/0-11").save(file)
    config = replace(tiny_build.config, thumbnails=WITHOUT_PICTURES, footprint=str(file))
    publish_stage.run(config, tiny_build.workspace, tmp_path / "whole_sky")
    assert open_atlas(tmp_path / "whole_sky").footprint.sky_fraction == 1
