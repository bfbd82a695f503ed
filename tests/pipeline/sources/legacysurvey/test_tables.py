import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import Angle, Latitude, Longitude
from astropy.io import fits
from astropy.table import Table
from hypothesis import given
from hypothesis import strategies as st
from mocpy import MOC

from pipeline.sources import SourceError
from pipeline.sources.legacysurvey.columns import (
    IDENTIFIER_BITS,
    ab_magnitude,
    identifier_keys,
    key_object_id,
    object_ids,
)
from pipeline.sources.legacysurvey.config import Cuts, FieldRule
from pipeline.sources.legacysurvey.files import TableChoice
from pipeline.sources.legacysurvey.tables import read_table


def read(catalogue, within=lambda frame: frame, **knobs):
    return read_table(TableChoice(catalogue=catalogue, **knobs), within)


def test_photo_z_and_mask_bits_need_a_sweep_catalogue(tmp_path):
    path = tmp_path / "targets.csv"
    path.write_text("id,ra,dec\na,1,2\n")
    for knobs in ({"photo_z": "pz.fits"}, {"masked_by": ["BRIGHT"]}):
        with pytest.raises(SourceError, match="is no sweep catalogue"):
            read(str(path), **knobs)


def test_a_mere_list_of_positions_is_named_by_them(tmp_path):
    path = tmp_path / "positions.csv"
    path.write_text("RA,Dec\n13:17:20,-0:30:00\n10.5,20\n10.5,20\n,4\n")
    rows = read(str(path))
    assert rows.catalogue["object_id"].tolist() == ["199.33333-0.50000", "10.50000+20.00000"]
    assert [item.reason for item in rows.rejected] == [
        "Row 3: Its identifier is that of row 2, which is kept.",
        "Row 4: It has no position.",
    ]


def test_any_catalogue_keeps_its_columns(tmp_path):
    path = tmp_path / "mine.fits"
    Table({"name": ["x", "y"], "alpha": [1.0, 2.0], "delta": [3.0, 4.0], "t": [5, 6]}).write(path)
    rows = read(str(path), ra_column="alpha", dec_column="delta")
    assert list(rows.catalogue.columns) == ["object_id", "ra_deg", "dec_deg", "t"]
    kept = read(str(path), keep=[], columns={"t": {"unit": "mag"}})
    assert list(kept.catalogue.columns) == ["object_id", "ra_deg", "dec_deg"]


@pytest.mark.parametrize("text", ["id,value\na,1\n", "", "SIMPLE\x00"])
def test_a_catalogue_without_positions_is_an_error(tmp_path, text):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(SourceError):
        read(str(path))


def test_a_fits_file_that_is_none_is_an_error(tmp_path):
    path = tmp_path / "bad.fits"
    path.write_bytes(b"nothing")
    with pytest.raises(SourceError, match=r"bad\.fits"):
        read(str(path))
    fits.PrimaryHDU(np.zeros((3, 3))).writeto(path, overwrite=True)
    with pytest.raises(SourceError, match="no table"):
        read(str(path))


def test_the_ngc_and_the_ic_come_with_positions_names_and_sizes():
    rows = read("ngc")
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
    cuts = Cuts(dec_min_deg=-10, dec_max_deg=40, brightest_mag=15.5, faintest_mag=18.0)
    assert cuts.within(FRAME)["mag_z"].tolist() == [16.0, 17.0]
    assert len(Cuts().within(FRAME)) == 5
    assert len(Cuts(faintest_mag=30.0).within(FRAME)) == 4
    assert len(Cuts(brightness_column="size", brightest_mag=0.5).within(FRAME)) == 2


@pytest.mark.parametrize("dtype", ["float32", "float64", "Int64"])
def test_a_limit_is_the_number_in_the_catalogue_whatever_its_precision(dtype):
    mags = [16, 17, None] if dtype == "Int64" else [16.1, 17.1, np.inf]
    frame = pd.DataFrame({"dec_deg": 0.0, "mag_z": pd.Series(mags, dtype=dtype)})
    cuts = Cuts(brightest_mag=mags[0], faintest_mag=mags[1])
    assert cuts.within(frame).index.tolist() == [0, 1]


def test_a_sample_is_drawn_in_the_order_of_the_rows():
    drawn = Cuts(sample=3, seed=5).sampled(FRAME.iloc[1:])
    assert drawn.index.tolist() == [0, 1, 2]
    assert drawn["dec_deg"].is_monotonic_increasing
    assert drawn["dec_deg"].min() >= 0
    pd.testing.assert_frame_equal(Cuts(sample=3, seed=5).sampled(FRAME.iloc[1:]), drawn)
    assert len(Cuts(sample=9).sampled(FRAME)) == 5


def test_limits_need_a_magnitude():
    with pytest.raises(SourceError, match="need a magnitude"):
        Cuts(faintest_mag=18.0).within(FRAME[["dec_deg"]])


def test_fields_are_in_proportion_within_limits():
    sides = FieldRule(field_column="size", field_diameters=2.0).sides_arcsec(FRAME)
    # 0.1 arcmin is less than the least; 1 arcmin doubled; unknown; zero; a degree at most.
    assert sides.tolist() == [30.0, 120.0, 90.0, 90.0, 3600.0]
    with pytest.raises(SourceError, match="must be positive"):
        FieldRule(field_column="size", field_diameters=0.0).sides_arcsec(FRAME)


def test_only_what_lies_in_the_footprint_is_wanted():
    footprint = MOC.from_cone(
        Longitude(10, "deg"), Latitude(20, "deg"), radius=Angle(1, "deg"), max_depth=10
    )
    frame = pd.DataFrame({"ra_deg": [10.0, 10.5, 14.0, 10.0], "dec_deg": [20.0, 20.0, 20.0, -20.0]})
    cuts = Cuts()
    assert cuts.within(frame, footprint).index.tolist() == [0, 1]
    assert cuts.within(frame[:0], footprint).empty
