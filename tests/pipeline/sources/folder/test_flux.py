"""Folders of fluxes: cubes, a file for each band, and pictures made of them."""

import pickle

import numpy as np
import pytest

from pipeline.atlas.rgb import LuptonColours
from pipeline.sources import SourceError
from pipeline.sources.folder.config import FolderConfig
from pipeline.sources.registry import open_source
from tests.pipeline.picture_folder import flux_cube, sky_header, write_fits, write_png

GRZ = ["g", "r", "z"]
IRG = {"red": "i", "green": "r", "blue": "g"}


@pytest.fixture
def folder(tmp_path):
    """Three galaxies by identifier only, no file yet."""
    folder = tmp_path / "survey"
    (folder / "images").mkdir(parents=True)
    (folder / "catalogue.csv").write_text("id,ra,dec\na,1,1\nb,2,2\nc,3,3\n")
    return folder


def write_bands(folder, name, bands="grz", side=32, **cards):
    cube = flux_cube(len(bands), side)
    for band, plane in zip(bands, cube, strict=True):
        write_fits(folder / "images" / f"{name}-{band}.fits", plane, **cards)
    return cube


def test_cubes_stay_fluxes(folder):
    cube = flux_cube(3)
    write_fits(folder / "images/a.fits", cube)
    write_fits(folder / "images/b.fits.gz", flux_cube(4), BANDS="griz")
    write_png(folder / "images/c.png")
    source = FolderConfig(folder, bands=GRZ).open()
    chunk = source.read(0, 3)
    assert source.survey.bands == ("g", "r", "z")
    assert chunk.catalogue["object_id"].tolist() == ["a", "b"]
    assert chunk.cutouts.dtype == np.float32
    np.testing.assert_array_equal(chunk.cutouts[0], cube[:, ::-1])
    np.testing.assert_array_equal(chunk.cutouts[1], flux_cube(4)[[0, 1, 3], ::-1])
    assert [item.reason for item in chunk.rejected] == [
        "c.png is not FITS; bands g, r, z need fluxes, which only FITS holds."
    ]


def test_a_file_for_each_band_by_a_pattern(folder):
    cube = write_bands(folder, "a")
    write_bands(folder, "b", "gz")
    write_bands(folder, "c")
    (folder / "images/c-r.fits").unlink()
    (folder / "images/c-z.fits").unlink()
    source = FolderConfig(folder, bands=GRZ, file_pattern="{object_id}-{band}.fits").open()
    chunk = source.read(0, 3)
    np.testing.assert_array_equal(chunk.cutouts, [cube[:, ::-1]])
    assert [(item.object_id, item.reason) for item in chunk.rejected] == [
        ("b", "Band r: There is no picture b-r.fits."),
        ("c", "Band r: There is no picture c-r.fits. Band z: There is no picture c-z.fits."),
    ]


def test_a_pattern_for_each_band_may_leave_the_suffix_open(folder):
    for band, plane in zip("grz", flux_cube(3), strict=True):
        write_fits(folder / "images" / band / "a.fits.gz", plane)
    source = FolderConfig(folder, bands=GRZ, file_pattern="{band}/{object_id}.*").open()
    assert source.read(0, 1).catalogue["object_id"].tolist() == ["a"]


def test_a_file_for_each_band_by_columns_that_the_catalogue_of_the_atlas_does_not_keep(folder):
    cube = write_bands(folder, "a")
    write_bands(folder, "b")
    (folder / "catalogue.csv").write_text(
        "id,ra,dec,file_g,file_r,file_z,image\n"
        "a,1,1,a-g.fits,a-r.fits,a-z.fits,1\nb,2,2,b-g.fits,,../b-z.fits,2\n"
    )
    source = FolderConfig(folder, bands=GRZ, file_column="file_{band}").open()
    chunk = source.read(0, 2)
    assert list(chunk.catalogue.columns) == ["object_id", "ra_deg", "dec_deg", "image"]
    np.testing.assert_array_equal(chunk.cutouts, [cube[:, ::-1]])
    assert [item.reason for item in chunk.rejected] == [
        "Band r: The catalogue names no picture for it. "
        "Band z: The picture ../b-z.fits lies outside the folder of the catalogue."
    ]


def test_a_file_for_each_band_needs_an_identifier(folder):
    (folder / "catalogue.csv").write_text("image,ra,dec\na,1,1\n")
    with pytest.raises(SourceError, match=r"has no identifier, .* Name its column"):
        FolderConfig(folder, bands=GRZ, file_pattern="{object_id}-{band}.fits").open()


def test_identifiers_cannot_lead_to_other_files(folder):
    write_bands(folder, "a")
    (folder / "catalogue.csv").write_text(
        "id,ra,dec\na,1,1\n../images/a,2,2\n*,3,3\n{band},4,4\n" + "x" * 999 + ",5,5\n"
    )
    source = FolderConfig(folder, bands=GRZ, file_pattern="{object_id}-{band}.fits").open()
    assert source.read(0, 9).catalogue["object_id"].tolist() == ["a"]


def test_a_galaxy_whose_files_cannot_be_used_is_left_out(folder):
    write_bands(folder, "a", **sky_header(0.262))
    write_bands(folder, "b", **sky_header(0.4))
    write_bands(folder, "c")
    path = folder / "images/c-r.fits"
    path.write_bytes(path.read_bytes()[:4000])
    knobs = {"file_pattern": "{object_id}-{band}.fits", "pixel_scale_arcsec": 0.262}
    source = FolderConfig(folder, bands=GRZ, **knobs).open()
    chunk = source.read(0, 3)
    assert chunk.catalogue["object_id"].tolist() == ["a"]
    assert chunk.rejected[0].reason.startswith("b-g.fits has 0.4 arcsec per pixel, not 0.262")
    assert chunk.rejected[1].reason.startswith("c-r.fits cannot be decoded (")
    assert source.survey.pixel_scale_arcsec == 0.262


def test_larger_cubes_are_cropped_and_resampled_without_loss_of_flux(folder):
    cube = np.pad(flux_cube(3, 64), ((0, 0), (0, 0), (0, 20)))
    write_fits(folder / "images/a.fits", cube)
    source = FolderConfig(folder, bands=GRZ, cutout_px=32, pixel_scale_arcsec=0.2).open()
    smaller = source.read(0, 1).cutouts[0]
    # The central square of 84 x 64 pixels of 0.2 arcsec; 32 x 32 pixels of 0.4 have the same field.
    square = cube[:, :, 10:74]
    np.testing.assert_allclose(smaller.sum(axis=(1, 2)), square.sum(axis=(1, 2)), rtol=0.02)
    assert source.survey.pixel_scale_arcsec == pytest.approx(0.4)


def test_any_three_bands_become_pictures_with_the_colours_of_the_configuration(folder):
    cube = write_bands(folder, "a", "gri")
    knobs = {"file_pattern": "{object_id}-{band}.fits", "rgb": {**IRG, "stretch": 0.1}}
    source = open_source({"kind": "folder", "folder": str(folder), **knobs})
    chunk = pickle.loads(pickle.dumps(source)).read(0, 1)
    assert source.survey.bands == ("R", "G", "B")
    assert not source.survey.is_flux
    expected = LuptonColours(**IRG, stretch=0.1).rgb(cube[::-1, ::-1])
    np.testing.assert_array_equal(chunk.cutouts, [expected])
    # i is brighter than r, and r than g: the galaxy is red.
    assert (np.diff(chunk.cutouts[0, :, 16, 16].astype(int)) < 0).all()


def test_cubes_in_any_bands_become_pictures_too(folder):
    write_fits(folder / "images/a.fits", flux_cube(5), BANDS="grizy")
    write_fits(folder / "images/b.fits", flux_cube(5))
    source = FolderConfig(folder, rgb=IRG).open()
    chunk = source.read(0, 2)
    np.testing.assert_array_equal(
        chunk.cutouts, [LuptonColours(**IRG).rgb(flux_cube(3)[::-1, ::-1])]
    )
    assert chunk.rejected[0].reason.startswith("b.fits does not say which bands its planes are")
    named = FolderConfig(folder, rgb=IRG, bands=["g", "r", "i", "z", "y"]).open()
    assert len(named.read(0, 2).catalogue) == 2


@pytest.mark.parametrize("wrong", [{"stretch": 0}, {"gamma": 2}, {"scales": [1, 1]}])
def test_a_wrong_knob_of_the_colours_is_named(folder, wrong):
    options = {"kind": "folder", "folder": str(folder), "rgb": {**IRG, **wrong}}
    with pytest.raises(SourceError, match=next(iter(wrong))):
        open_source(options)
