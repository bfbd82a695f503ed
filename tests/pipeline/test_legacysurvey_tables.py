import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import Table
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import SourceError
from pipeline.sources.legacysurvey_columns import (
    IDENTIFIER_BITS,
    ab_magnitude,
    identifier_keys,
    key_object_id,
    object_ids,
)
from pipeline.sources.legacysurvey_rows import Cuts, FieldRule
from pipeline.sources.legacysurvey_tables import PositionNames, read_table


def sweep(n=4):
    """A sweep catalogue as published, in big-endian FITS; object i is in brick 500 + i."""
    number = np.arange(n)
    table = Table(
        {
            "RELEASE": np.full(n, 9010, np.int16),
            "BRICKID": (500 + number).astype(np.int32),
            "BRICKNAME": [f"0001p00{i}" for i in number],
            "OBJID": (7 * number).astype(np.int32),
            "TYPE": ["SER", "PSF", "REX", "DUP"][:n],
            "RA": 150.0 + number,
            "DEC": 2.0 + number,
            "EBV": np.full(n, 0.05, np.float32),
            "SHAPE_R": np.full(n, 1.7, np.float32),
            "MASKBITS": np.full(n, 4, np.int16),
            "WISE_COADD_ID": ["x"] * n,
            "LC_FLUX_W1": np.ones((n, 15), np.float32),
        }
    )
    for band, flux in zip("GRZ", (1.0, 10.0, 100.0), strict=True):
        table[f"FLUX_{band}"] = np.full(n, flux, np.float32)
        table[f"MW_TRANSMISSION_{band}"] = np.full(n, 0.5, np.float32)
        table[f"PSFSIZE_{band}"] = np.full(n, 1.4, np.float32)
        table[f"NOBS_{band}"] = np.full(n, 3, np.int16)
    return table


def photo_z(bricks, redshifts):
    n = len(bricks)
    return Table(
        {
            "RELEASE": np.full(n, 9010, np.int16),
            "BRICKID": np.array(bricks, np.int32),
            "OBJID": 7 * (np.array(bricks, np.int32) - 500),
            "Z_PHOT_MEDIAN": np.array(redshifts, np.float32),
            "Z_PHOT_STD": np.full(n, 0.03, np.float32),
            "Z_SPEC": np.full(n, -99, np.float32),
        }
    )


@pytest.fixture
def sweep_path(tmp_path):
    path = tmp_path / "sweep-150p000-160p005.fits"
    sweep().write(path)
    return str(path)


def test_a_sweep_catalogue_gives_galaxies_with_magnitudes(sweep_path):
    rows = read_table(sweep_path)
    assert rows.catalogue["object_id"].tolist() == ["9010-500-0", "9010-502-14"]
    assert rows.catalogue["source_type"].tolist() == ["SER", "REX"]
    assert rows.catalogue["ra_deg"].tolist() == [150.0, 152.0]
    first = rows.catalogue.iloc[0]
    assert first[["mag_g", "mag_r", "mag_z"]].tolist() == pytest.approx([22.5, 20.0, 17.5])
    # Half of the light arrives: 2.5 log10(2) = 0.7526 mag brighter without the dust.
    assert first["mag_g_dereddened"] == pytest.approx(22.5 - 0.752575)
    assert first["psf_fwhm_arcsec_r"] == pytest.approx(1.4)
    assert (first["maskbits"], first["nobs_z"]) == (4, 3)
    assert "wise_coadd_id" not in rows.catalogue
    assert [column.name for column in rows.columns] == list(rows.catalogue.columns)
    assert rows.rejected == ()


def test_other_models_and_other_columns_of_a_sweep_catalogue_can_be_had(sweep_path):
    rows = read_table(sweep_path, source_types=["PSF"], keep=["brickname"])
    assert rows.catalogue["object_id"].tolist() == ["9010-501-7"]
    assert rows.catalogue["brickname"].tolist() == ["0001p001"]


def test_photo_z_are_joined_by_identifier_not_by_row(sweep_path, tmp_path):
    path = tmp_path / "sweep-150p000-160p005-pz.fits"
    photo_z([502, 500, 777], [0.4, -99, 0.9]).write(path)
    catalogue = read_table(sweep_path, photo_z=str(path)).catalogue
    assert catalogue["photo_z"].tolist() == pytest.approx([np.nan, 0.4], nan_ok=True)
    assert catalogue["photo_z_err"].tolist() == pytest.approx([0.03, 0.03])
    assert catalogue["z_spec"].isna().all()
    assert catalogue["object_id"].tolist() == ["9010-500-0", "9010-502-14"]


def test_photo_z_of_another_part_of_the_sky_is_an_error(sweep_path, tmp_path):
    path = tmp_path / "other-pz.fits"
    photo_z([600], [0.4]).write(path)
    with pytest.raises(SourceError, match="No galaxy of the sweep catalogue is in"):
        read_table(sweep_path, photo_z=str(path))


def test_a_photo_z_file_without_redshifts_is_an_error(sweep_path):
    with pytest.raises(SourceError, match="is no photo-z catalogue"):
        read_table(sweep_path, photo_z=sweep_path)


def test_photo_z_needs_a_sweep_catalogue(tmp_path):
    path = tmp_path / "targets.csv"
    path.write_text("id,ra,dec\na,1,2\n")
    with pytest.raises(SourceError, match="is no sweep catalogue"):
        read_table(str(path), photo_z="pz.fits")


def test_rows_of_a_sweep_catalogue_as_csv_are_understood(tmp_path):
    path = tmp_path / "datalab.csv"
    path.write_text(
        "release,brickid,objid,ra,dec,flux_z,type,maskbits\n9010,500,3,10,2,100,SER,0\n"
        "9010,500,4,11,2,,EXP,\n9010,500,4,12,2,1,EXP,0\n"
    )
    rows = read_table(str(path))
    assert rows.catalogue["mag_z"].tolist() == pytest.approx([17.5, np.nan], nan_ok=True)
    assert [item.reason for item in rows.rejected] == [
        "Row 3: Its identifier is that of row 2, which is kept."
    ]


def test_a_truncated_sweep_catalogue_is_an_error(sweep_path):
    with open(sweep_path, "r+b") as file:
        file.truncate(9_000)
    with pytest.raises(SourceError, match="cannot be read as FITS"):
        read_table(sweep_path)


def test_a_mere_list_of_positions_is_named_by_them(tmp_path):
    path = tmp_path / "positions.csv"
    path.write_text("RA,Dec\n13:17:20,-0:30:00\n10.5,20\n10.5,20\n,4\n")
    rows = read_table(str(path))
    assert rows.catalogue["object_id"].tolist() == ["199.33333-0.50000", "10.50000+20.00000"]
    assert [item.reason for item in rows.rejected] == [
        "Row 3: Its identifier is that of row 2, which is kept.",
        "Row 4: It has no position.",
    ]


def test_any_catalogue_keeps_its_columns(tmp_path):
    path = tmp_path / "mine.fits"
    Table({"name": ["x", "y"], "alpha": [1.0, 2.0], "delta": [3.0, 4.0], "t": [5, 6]}).write(path)
    rows = read_table(str(path), by_hand=PositionNames(ra="alpha", dec="delta"))
    assert list(rows.catalogue.columns) == ["object_id", "ra_deg", "dec_deg", "t"]
    kept = read_table(str(path), keep=[], options={"t": {"unit": "mag"}})
    assert list(kept.catalogue.columns) == ["object_id", "ra_deg", "dec_deg"]


@pytest.mark.parametrize("text", ["id,value\na,1\n", "", "SIMPLE\x00"])
def test_a_catalogue_without_positions_is_an_error(tmp_path, text):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(SourceError):
        read_table(str(path))


def test_a_fits_file_that_is_none_is_an_error(tmp_path):
    path = tmp_path / "bad.fits"
    path.write_bytes(b"nothing")
    with pytest.raises(SourceError, match=r"bad\.fits"):
        read_table(str(path))
    fits.PrimaryHDU(np.zeros((3, 3))).writeto(path, overwrite=True)
    with pytest.raises(SourceError, match="no table"):
        read_table(str(path))


def test_the_ngc_and_the_ic_come_with_positions_names_and_sizes():
    rows = read_table("ngc")
    assert len(rows.catalogue) > 10_000
    assert rows.catalogue["object_id"].is_unique
    galaxies = rows.catalogue.set_index("object_id")
    # M 31: 00:42:44.33 +41:16:07.4.
    m31 = galaxies.loc["NGC 224"]
    assert (m31["ra_deg"], m31["dec_deg"]) == pytest.approx((10.6847, 41.2687), abs=1e-3)
    assert m31["name"] == "Andromeda Galaxy"
    assert "M 31" in m31["other_names"].split("; ")
    assert m31["major_axis_arcmin"] == pytest.approx(178, abs=20)
    assert (galaxies.loc["IC 4", "ra_deg"], galaxies.loc["IC 4", "dec_deg"]) == pytest.approx(
        (3.36, 17.49), abs=0.01
    )
    assert all(column.description for column in rows.columns)


@given(st.lists(st.tuples(*(st.integers(0, 2**bits - 1) for bits in IDENTIFIER_BITS)), min_size=1))
def test_a_key_says_which_galaxy_it_is(numbers):
    frame = pd.DataFrame(numbers, columns=["release", "brickid", "objid"])
    keys, usable = identifier_keys(frame)
    assert usable.all()
    assert [key_object_id(int(key)) for key in keys] == object_ids(frame).tolist()


def test_an_impossible_identifier_is_not_usable():
    frame = pd.DataFrame({"release": [9010, -1, 9010], "brickid": [1, 1, 2**24], "objid": 3})
    assert identifier_keys(frame)[1].tolist() == [True, False, False]


@given(st.floats(1e-6, 1e6))
def test_a_hundred_times_the_flux_is_five_magnitudes(flux):
    mags = ab_magnitude(np.array([flux, 100 * flux]))
    assert mags[0] - mags[1] == pytest.approx(5)


FRAME = pd.DataFrame(
    {
        "dec_deg": [-40.0, 0.0, 10.0, 20.0, 40.0],
        "mag_z": [15.0, 16.0, 17.0, np.nan, 19.0],
        "size": [0.1, 1.0, np.nan, 0.0, 90.0],
    }
)


def test_cuts_leave_what_is_within_all_limits():
    cut = Cuts(-10, 40, 15.5, 18.0, None, 1).apply(FRAME, "mag_z")
    assert cut["mag_z"].tolist() == [16.0, 17.0]
    assert cut.index.tolist() == [0, 1]
    assert len(Cuts(-90, 90, None, None, None, 1).apply(FRAME, None)) == 5
    assert len(Cuts(-90, 90, None, 30.0, None, 1).apply(FRAME, "mag_z")) == 4


def test_a_sample_is_drawn_of_what_the_limits_leave():
    drawn = Cuts(0, 40, None, None, 3, 5).apply(FRAME, None)["dec_deg"].tolist()
    assert len(drawn) == 3
    assert drawn == sorted(set(drawn))
    assert min(drawn) >= 0
    assert Cuts(0, 40, None, None, 3, 5).apply(FRAME, None)["dec_deg"].tolist() == drawn


def test_limits_need_a_magnitude():
    with pytest.raises(SourceError, match="need a magnitude"):
        Cuts(-90, 90, None, 18.0, None, 1).apply(FRAME, None)


def test_fields_are_in_proportion_within_limits():
    sides = FieldRule("size", 2.0, 30.0, 90.0).sides_arcsec(FRAME)
    # 0.1 arcmin is less than the least; 1 arcmin doubled; unknown; zero; a degree at most.
    assert sides.tolist() == [30.0, 120.0, 90.0, 90.0, 3600.0]
    with pytest.raises(SourceError, match="must be positive"):
        FieldRule("size", 0.0, 30.0, 90.0).sides_arcsec(FRAME)
