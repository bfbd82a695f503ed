import numpy as np
import pandas as pd
import pytest

from pipeline.sources import SourceError
from pipeline.sources.legacysurvey.files import TableChoice
from pipeline.sources.legacysurvey.tables import read_table
from pipeline.sources.registry import open_source
from tests.pipeline.sweep_files import photo_z, sweep


def read(catalogue, within=lambda frame: frame, **knobs):
    return read_table(TableChoice(catalogue=catalogue, **knobs), within)


@pytest.fixture
def sweep_path(tmp_path):
    path = tmp_path / "sweep-150p000-160p005.fits"
    sweep().write(path)
    return str(path)


def test_a_sweep_catalogue_gives_galaxies_with_magnitudes(sweep_path):
    rows = read(sweep_path)
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
    rows = read(sweep_path, source_types=["PSF"], keep=["brickname"])
    assert rows.catalogue["object_id"].tolist() == ["9010-501-7"]
    assert rows.catalogue["brickname"].tolist() == ["0001p001"]


def test_photo_z_are_joined_by_identifier_not_by_row(sweep_path, tmp_path):
    path = tmp_path / "sweep-150p000-160p005-pz.fits"
    photo_z([502, 500, 777], [0.4, -99, 0.9]).write(path)
    catalogue = read(sweep_path, photo_z=str(path)).catalogue
    assert catalogue["photo_z"].tolist() == pytest.approx([np.nan, 0.4], nan_ok=True)
    assert catalogue["photo_z_err"].tolist() == pytest.approx([0.03, 0.03])
    assert catalogue["z_spec"].isna().all()
    assert catalogue["object_id"].tolist() == ["9010-500-0", "9010-502-14"]


def test_photo_z_of_another_part_of_the_sky_is_an_error(sweep_path, tmp_path):
    path = tmp_path / "other-pz.fits"
    photo_z([600], [0.4]).write(path)
    with pytest.raises(SourceError, match=r"No galaxy of .* is in .* same part of the sky"):
        read(sweep_path, photo_z=str(path))


def test_a_photo_z_file_without_redshifts_is_an_error(sweep_path):
    with pytest.raises(SourceError, match="is no photo-z catalogue"):
        read(sweep_path, photo_z=sweep_path)


def test_rows_of_a_sweep_catalogue_as_csv_are_understood(tmp_path):
    path = tmp_path / "datalab.csv"
    path.write_text(
        "release,brickid,objid,ra,dec,flux_z,type,maskbits\n9010,500,3,10,2,100,SER,0\n"
        "9010,500,4,11,2,,EXP,\n9010,500,4,12,2,1,EXP,0\n"
    )
    rows = read(str(path))
    assert rows.catalogue["mag_z"].tolist() == pytest.approx([17.5, np.nan], nan_ok=True)
    assert [item.reason for item in rows.rejected] == [
        "Row 3: Its identifier is that of row 2, which is kept."
    ]


def test_a_truncated_sweep_catalogue_is_an_error(sweep_path):
    with open(sweep_path, "r+b") as file:
        file.truncate(9_000)
    with pytest.raises(SourceError, match="cannot be read as FITS"):
        read(sweep_path)


def test_objects_with_mask_bits_are_left_out_by_name_or_number(tmp_path):
    path = tmp_path / "sweep-a.fits"
    table = sweep(4)
    table["TYPE"] = "SER"
    # Nothing, BRIGHT (bit 1), MEDIUM (bit 11), GALAXY and SATUR_G (bits 12 and 2).
    table["MASKBITS"] = np.array([0, 2, 2048, 4096 + 4], np.int16)
    table.write(path)

    def rows(*masked_by):
        ra = read(str(path), masked_by=masked_by).catalogue["ra_deg"]
        return (ra - 150).astype(int).tolist()

    assert rows() == [0, 1, 2, 3]
    assert rows("BRIGHT") == [0, 2, 3]
    assert rows("BRIGHT", "MEDIUM") == [0, 3]
    assert rows(1, 11) == [0, 3]
    assert rows("GALAXY") == rows("SATUR_G") == [0, 1, 2]
    assert rows("CLUSTER", 0) == [0, 1, 2, 3]


@pytest.mark.parametrize("bit", ["STAR", 32, -1])
def test_a_mask_bit_that_is_none_is_an_error(sweep_path, bit):
    with pytest.raises(SourceError, match="is no bit of MASKBITS"):
        read(sweep_path, masked_by=[bit])


def test_half_a_mask_bit_is_an_error(sweep_path):
    with pytest.raises(SourceError, match=r"masked_by is \[1.5\], which is not a list of text and"):
        open_source({"kind": "legacysurvey", "catalogue": sweep_path, "masked_by": [1.5]})


def test_mask_bits_need_their_column(tmp_path):
    table = sweep()
    del table["MASKBITS"]
    table.write(tmp_path / "sweep-a.fits")
    with pytest.raises(SourceError, match=r"sweep-a\.fits has no column maskbits"):
        read(str(tmp_path / "sweep-a.fits"), masked_by=["BRIGHT"])


@pytest.fixture
def sweeps(tmp_path):
    """A folder of two sweep catalogues, brick 500 to 503 and 600 to 603, with their redshifts."""
    folder = tmp_path / "sweeps"
    folder.mkdir()
    for number, brick in enumerate((500, 600)):
        table = sweep()
        table["BRICKID"] += np.int32(brick - 500)
        table.write(folder / f"sweep-{number}.fits")
        redshifts = photo_z([500, 501, 502], [0.1 + number] * 3)
        redshifts["BRICKID"] += np.int32(brick - 500)
        redshifts.write(folder / f"sweep-{number}-pz.fits")
    (folder / "README.txt").write_text("sweep")
    return folder


IDS = ["9010-500-0", "9010-502-14", "9010-600-0", "9010-602-14"]


def test_several_sweep_catalogues_follow_each_other(sweeps):
    files = [str(sweeps / "sweep-0.fits"), str(sweeps / "sweep-1.fits")]
    for catalogue in (str(sweeps), files):
        for redshifts in (str(sweeps), [str(sweeps / f"sweep-{i}-pz.fits") for i in (1, 0)]):
            rows = read(catalogue, photo_z=redshifts)
            assert rows.catalogue["object_id"].tolist() == IDS
            assert rows.catalogue["photo_z"].tolist() == pytest.approx([0.1, 0.1, 1.1, 1.1])
            assert rows.catalogue.index.tolist() == [0, 1, 2, 3]
    assert read(files[::-1]).catalogue["object_id"].tolist() == [*IDS[2:], *IDS[:2]]


def test_a_sweep_catalogue_given_twice_counts_once(sweeps):
    files = [str(sweeps / f"sweep-{i}.fits") for i in (0, 1, 0)]
    rows = read(files)
    assert rows.catalogue["object_id"].tolist() == IDS
    assert [item.object_id for item in rows.rejected] == IDS[:2]
    assert "an earlier file, which is kept" in rows.rejected[0].reason


def test_what_is_wrong_with_one_of_several_files_is_said(sweeps):
    (sweeps / "sweep-1-pz.fits").unlink()
    with pytest.raises(SourceError, match=r"have no photo-z files sweep-1-pz\.fits\. Put them"):
        read(str(sweeps), photo_z=str(sweeps))
    (sweeps / "targets.csv").write_text("id,ra,dec\na,1,2\n")
    with pytest.raises(SourceError, match=r"targets\.csv is no sweep catalogue"):
        read([str(sweeps / "sweep-0.fits"), str(sweeps / "targets.csv")])
    table = sweep()
    del table["EBV"]
    table.write(sweeps / "sweep-2.fits")
    with pytest.raises(SourceError, match="have different columns"):
        read(str(sweeps))
    for path in sweeps.iterdir():
        path.unlink()
    with pytest.raises(SourceError, match=r"has no files sweep-\*\.fits"):
        read(str(sweeps))


@pytest.mark.parametrize("block_rows", [1, 3, 100])
def test_blocks_of_any_size_give_the_same_rows(sweeps, monkeypatch, block_rows):
    whole = read(str(sweeps), photo_z=str(sweeps), masked_by=["BRIGHT"], keep=["brickname"])
    monkeypatch.setattr("pipeline.sources.legacysurvey.files.BLOCK_ROWS", block_rows)
    rows = read(str(sweeps), photo_z=str(sweeps), masked_by=["BRIGHT"], keep=["brickname"])
    pd.testing.assert_frame_equal(rows.catalogue, whole.catalogue)
    assert rows.columns == whole.columns


def test_cuts_are_made_before_the_next_block_is_read(sweeps, monkeypatch):
    monkeypatch.setattr("pipeline.sources.legacysurvey.files.BLOCK_ROWS", 2)
    seen = []

    def within(frame):
        seen.append(len(frame))
        return frame[frame["dec_deg"] > 3]

    rows = read(str(sweeps), within=within)
    # Objects 0 and 2 of each file are galaxies, and the second of them lies north of 3 deg.
    assert seen == [1, 1, 1, 1]
    assert rows.catalogue["object_id"].tolist() == [IDS[1], IDS[3]]


def test_a_row_that_cannot_be_used_is_named_by_its_row_in_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.sources.legacysurvey.files.BLOCK_ROWS", 2)
    table = sweep(3)
    table["RA"][2] = np.nan
    table.write(tmp_path / "sweep-a.fits")
    rows = read(str(tmp_path / "sweep-a.fits"))
    assert [(item.object_id, item.reason) for item in rows.rejected] == [
        ("9010-502-14", "Row 3: It has no position.")
    ]
    nothing = read(str(tmp_path / "sweep-a.fits"), source_types=["COMP"], masked_by=[0])
    assert nothing.catalogue.empty
    assert "mag_z" in nothing.catalogue


def test_a_compressed_sweep_catalogue_is_a_sweep_catalogue(sweep_path, tmp_path):
    folder = tmp_path / "compressed"
    folder.mkdir()
    sweep().write(folder / "sweep-a.fits.gz")
    photo_z([500, 502], [0.2, 0.4]).write(folder / "sweep-a-pz.fits.gz")
    expected = read(sweep_path).catalogue
    alone = read(str(folder / "sweep-a.fits.gz")).catalogue
    pd.testing.assert_frame_equal(alone, expected)
    found = read(str(folder), photo_z=str(folder)).catalogue
    pd.testing.assert_frame_equal(found[expected.columns], expected)
    assert found["photo_z"].tolist() == pytest.approx([0.2, 0.4])


def test_the_i_band_is_taken_where_it_was_measured(tmp_path):
    table = sweep()
    table["FLUX_I"] = np.full(4, 10.0, np.float32)
    table["MW_TRANSMISSION_I"] = np.full(4, 0.5, np.float32)
    table.write(tmp_path / "sweep-dr10.fits")
    catalogue = read(str(tmp_path / "sweep-dr10.fits")).catalogue
    # 22.5 - 2.5 log10(10), and 2.5 log10(2) brighter without the dust.
    assert catalogue["mag_i"].tolist() == pytest.approx([20.0, 20.0])
    assert catalogue["mag_i_dereddened"].tolist() == pytest.approx([19.247425] * 2)
