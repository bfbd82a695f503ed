import gzip

import numpy as np
import pytest
from astropy.io import fits

from pipeline.images.flux_files import FluxLayout, nanomaggies_per
from pipeline.images.pictures import BlankPictureError, PictureError
from tests.pipeline.picture_folder import flux_cube, sky_header, write_fits

GRZ = ("g", "r", "z")
LAYOUT = FluxLayout(GRZ, GRZ)
CUBE = flux_cube(3)


def read(path, cube=CUBE, layout=LAYOUT, **cards):
    write_fits(path, cube, **cards)
    return layout.read_cube(path)


def test_a_cube_is_nanomaggies_with_the_upper_line_first(tmp_path):
    flux = read(tmp_path / "a.fits")
    assert flux.dtype == np.float32
    np.testing.assert_array_equal(flux, CUBE[:, ::-1])


@pytest.mark.parametrize(
    "cards",
    [
        {"BANDS": "griz"},
        {"BANDS": "g,r,i,z"},
        {"BANDS": "g r i z"},
        {"BAND0": "g", "BAND1": "r", "BAND2": "i", "BAND3": "z"},
    ],
)
def test_the_header_says_which_plane_is_which_band(tmp_path, cards):
    cube = flux_cube(4)
    flux = read(tmp_path / "a.fits", cube, **cards)
    np.testing.assert_array_equal(flux, cube[[0, 1, 3], ::-1])


def test_where_the_header_says_nothing_the_configuration_does(tmp_path):
    cube = flux_cube(4)
    flux = read(tmp_path / "a.fits", cube, FluxLayout(GRZ, ("z", "g", "y", "r")))
    np.testing.assert_array_equal(flux, cube[[1, 3, 0], ::-1])
    with pytest.raises(PictureError, match=r"b\.fits does not say which bands .* Set bands in the"):
        read(tmp_path / "b.fits", cube, FluxLayout(GRZ))


def test_a_missing_band_and_a_wrong_shape_are_named(tmp_path):
    with pytest.raises(PictureError, match=r"^a\.fits has the bands g, r, i; z is missing\.$"):
        read(tmp_path / "a.fits", BANDS="gri")
    shape = r"shape \(5, 32, 32\), not a plane for each of the bands g, r, z\.$"
    with pytest.raises(PictureError, match=shape):
        read(tmp_path / "b.fits", flux_cube(5))
    with pytest.raises(PictureError, match=r"shape \(32, 32\), not a plane for each"):
        read(tmp_path / "c.fits", CUBE[0])


@pytest.mark.parametrize(
    ("cards", "factor"),
    [
        ({}, 1.0),
        ({"BUNIT": "nanomaggy"}, 1.0),
        ({"BUNIT": "nmgy"}, 1.0),
        ({"BUNIT": "nanomaggies"}, 1.0),
        ({"BUNIT": "Nanomaggies"}, 1.0),
        ({"BUNIT": "nmgy/pix"}, 1.0),
        ({"BUNIT": "Jy/pixel"}, 275_423),
        ({"BUNIT": "microJy"}, 0.275423),
        # 1 Jy is AB magnitude 8.9 (more exactly 8.90002): 10 ** (0.4 * (22.5 - 8.9)) = 275,423.
        ({"BUNIT": "Jy"}, 275_423),
        ({"BUNIT": "mJy"}, 275.423),
        ({"BUNIT": "uJy"}, 0.275423),
        ({"BUNIT": "nJy"}, 2.75423e-4),
    ],
)
def test_flux_in_any_unit_becomes_nanomaggies(tmp_path, cards, factor):
    flux = read(tmp_path / "a.fits", **cards)
    np.testing.assert_allclose(flux, factor * CUBE[:, ::-1], rtol=2e-5)


@pytest.mark.parametrize("unit", ["adu", "MJy/sr", "nanomaggy/arcsec2", "furlong", "???"])
def test_another_unit_is_a_sentence_that_says_what_to_do(tmp_path, unit):
    assert nanomaggies_per(unit) is None
    with pytest.raises(PictureError, match=r"a\.fits is in '.*', which is no .* zero_point_mag"):
        read(tmp_path / "a.fits", BUNIT=unit)


def test_the_zero_point_of_the_configuration_goes_before_the_header(tmp_path):
    # Counts of zero point 27: 4.5 mag fainter than nanomaggies, a factor of 63.0957.
    layout = FluxLayout(GRZ, GRZ, zero_point_mag=27.0)
    flux = read(tmp_path / "a.fits", layout=layout, BUNIT="adu")
    np.testing.assert_allclose(flux, CUBE[:, ::-1] / 63.0957, rtol=1e-5)


def test_the_wcs_must_have_the_pixel_scale_of_the_configuration(tmp_path):
    layout = FluxLayout(GRZ, GRZ, pixel_scale_arcsec=0.262)
    right, wrong = sky_header(0.262), sky_header(0.168)
    assert read(tmp_path / "right.fits", layout=layout, **right).shape == (3, 32, 32)
    assert read(tmp_path / "without.fits", layout=layout).shape == (3, 32, 32)
    assert read(tmp_path / "any.fits", **wrong).shape == (3, 32, 32)
    with pytest.raises(PictureError, match=r"wrong\.fits has 0\.168 arcsec per pixel, not 0\.262"):
        read(tmp_path / "wrong.fits", layout=layout, **wrong)


def test_pixels_that_are_not_finite_count_as_no_flux(tmp_path):
    cube = CUBE.astype(np.float64)
    cube[0, 0, :4] = np.nan, np.inf, -np.inf, 1e300
    flux = read(tmp_path / "a.fits", cube)
    assert flux[0, 31, :4].tolist() == [0, 0, 0, 0]
    np.testing.assert_array_equal(flux[1:], CUBE[1:, ::-1])


def test_no_image_in_the_middle_is_no_galaxy(tmp_path):
    cube = CUBE.copy()
    cube[:, 12:20, 12:20] = np.nan
    with pytest.raises(BlankPictureError, match=r"a\.fits is blank in the middle"):
        read(tmp_path / "a.fits", cube)
    cube[1] = CUBE[1]
    with pytest.raises(BlankPictureError, match=r"b\.fits is blank in the middle in g, z\.$"):
        read(tmp_path / "b.fits", cube)


@pytest.mark.parametrize("value", [0, np.nan])
def test_a_band_without_data_is_named(tmp_path, value):
    cube = CUBE.copy()
    cube[2] = value
    with pytest.raises(BlankPictureError, match=r"a\.fits is blank in z: one value throughout"):
        read(tmp_path / "a.fits", cube)
    paths = {band: tmp_path / f"a-{band}.fits" for band in GRZ}
    for band, plane in zip(GRZ, cube, strict=True):
        write_fits(paths[band], plane)
    with pytest.raises(BlankPictureError, match="Its image is blank in z: one value throughout"):
        LAYOUT.read_bands(paths)


def test_a_galaxy_that_is_undetected_in_one_band_is_kept(tmp_path):
    cube = CUBE.copy()
    cube[0] = np.random.default_rng(1).normal(0, 1e-3, cube[0].shape)
    assert read(tmp_path / "a.fits", cube).shape == (3, 32, 32)


def test_cubes_without_any_data_are_blank(tmp_path):
    with pytest.raises(BlankPictureError, match="one value throughout"):
        read(tmp_path / "b.fits", CUBE * 0)


def test_compressed_files_are_read_and_the_first_image_counts(tmp_path):
    write_fits(tmp_path / "a.fits", CUBE)
    (tmp_path / "a.fits.gz").write_bytes(gzip.compress((tmp_path / "a.fits").read_bytes()))
    np.testing.assert_array_equal(LAYOUT.read_cube(tmp_path / "a.fits.gz"), CUBE[:, ::-1])
    # As fpack and the coadds of surveys do: an empty primary unit, image, mask.
    header = fits.Header({"BUNIT": "uJy"})
    image = fits.CompImageHDU(CUBE, header, compression_type="GZIP_2", quantize_level=0)
    units = [fits.PrimaryHDU(), image, fits.ImageHDU(np.ones((32, 32), np.int16))]
    fits.HDUList(units).writeto(tmp_path / "a.fits.fz")
    flux = LAYOUT.read_cube(tmp_path / "a.fits.fz")
    np.testing.assert_allclose(flux, 0.275423 * CUBE[:, ::-1], rtol=2e-5)


def test_broken_files_and_files_without_flux_are_sentences(tmp_path):
    path = tmp_path / "a.fits"
    write_fits(path, CUBE)
    path.write_bytes(path.read_bytes()[:6000])
    with pytest.raises(PictureError, match=r"a\.fits cannot be decoded \("):
        LAYOUT.read_cube(path)
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(PictureError, match=r"a\.fits is not FITS; bands g, r, z need fluxes"):
        LAYOUT.read_cube(path)
    path.write_bytes(b"")
    with pytest.raises(PictureError, match=r"a\.fits is empty"):
        LAYOUT.read_cube(path)


def test_a_file_for_each_band_gives_the_same_as_a_cube(tmp_path):
    paths = {band: tmp_path / f"{band}.fits" for band in GRZ}
    units = {"g": "nmgy", "r": "nJy", "z": "nmgy"}
    for band, plane in zip(GRZ, CUBE, strict=True):
        factor = 1 / 2.75423e-4 if units[band] == "nJy" else 1.0
        write_fits(paths[band], (factor * plane).astype(np.float32), BUNIT=units[band])
    np.testing.assert_allclose(LAYOUT.read_bands(paths), CUBE[:, ::-1], rtol=2e-5)


def test_bands_of_different_sizes_are_refused(tmp_path):
    paths = {band: tmp_path / f"{band}.fits" for band in GRZ}
    for band, side in zip(GRZ, (32, 30, 32), strict=True):
        write_fits(paths[band], flux_cube(1, side)[0])
    sizes = r"different sizes: g 32 x 32, r 30 x 30, z 32 x 32 pixels\.$"
    with pytest.raises(PictureError, match=sizes):
        LAYOUT.read_bands(paths)
    write_fits(paths["r"].with_name("cube.fits"), CUBE)
    with pytest.raises(PictureError, match=r"cube\.fits holds .* \(3, 32, 32\), not of one band"):
        LAYOUT.read_bands(paths | {"r": tmp_path / "cube.fits"})
