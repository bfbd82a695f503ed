import os
import pickle
import re
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.atlas.catalogue import REQUIRED
from pipeline.config import Config, InputConfig
from pipeline.sources import SourceError
from pipeline.sources.decals_h5.config import DecalsH5Config
from pipeline.sources.decals_h5.files import _read_rows
from pipeline.sources.registry import open_source, source_state
from pipeline.stages.ingest import run
from pipeline.store.workspace import Workspace
from tests.pipeline.decals_files import SIDE, content, write

ROOT = Path(__file__).parents[4]


@pytest.fixture
def folder(tmp_path):
    """Two files of six and four galaxies."""
    write(tmp_path / "south" / "images_npix152_000000000_000000006.h5", content(6))
    write(tmp_path / "south" / "images_npix152_000000006_000000010.h5", content(4, first=6))
    return tmp_path / "south"


def test_files_follow_each_other_and_cutouts_are_turned_north_up(folder):
    source = DecalsH5Config(folder).open()
    chunk = source.read(5, 8)
    assert len(source) == 10
    assert chunk.catalogue["object_id"].tolist() == [
        "9010-300005-6",
        "9010-300006-7",
        "9010-300007-8",
    ]
    assert chunk.catalogue["ra_deg"].tolist() == [15.0, 16.0, 17.0]
    assert chunk.catalogue["dec_deg"].tolist() == [-45.0, -44.0, -43.0]
    expected = np.concatenate([content(6)["images"], content(4, first=6)["images"]])[5:8]
    np.testing.assert_array_equal(chunk.cutouts, expected[:, :, ::-1])
    assert chunk.cutouts.dtype == np.float32
    assert source.survey.bands == ("g", "r", "z")
    assert source.survey.pixel_scale_arcsec == 0.262
    assert source.survey.brightness_column == "mag_z"


def test_catalogue_has_physical_quantities(folder):
    source = DecalsH5Config(folder).open()
    row = source.read(0, 2).catalogue.iloc[0]
    # 1, 10 and 100 nanomaggies; half the light lost to dust makes 0.7526 mag.
    assert row[["mag_g", "mag_r", "mag_z"]].tolist() == pytest.approx([22.5, 20.0, 17.5])
    assert row["mag_z_dereddened"] == pytest.approx(17.5 - 0.752575)
    assert row["photo_z"] == pytest.approx(0.2)
    assert row["photo_z_err"] == pytest.approx(0.02)
    assert (row["photo_z_l68"], row["photo_z_u68"]) == pytest.approx((0.18, 0.22))
    assert np.isnan(row["z_spec"])
    assert (row["source_type"], row["maskbits"], row["nobs_z"]) == ("SER", 0, 4)
    assert row[[f"psf_fwhm_arcsec_{b}" for b in "grz"]].tolist() == pytest.approx([1.5, 1.3, 1.1])
    # Inverse variance 25: sigma 0.2, 5 sigma one nanomaggy.
    assert row["depth_mag_g"] == pytest.approx(22.5)
    assert np.isnan(source.read(0, 2).catalogue["photo_z"].iloc[1])


def test_every_column_is_described(folder):
    source = DecalsH5Config(folder).open()
    assert [column.name for column in source.columns] == list(source.read(0, 1).catalogue.columns)
    assert source.columns[:3] == REQUIRED
    assert all(column.description for column in source.columns)
    units = {column.name: column.unit for column in source.columns}
    assert (units["mag_z"], units["psf_fwhm_arcsec_g"], units["photo_z"]) == ("mag", "arcsec", "")


def test_magnitude_is_missing_where_the_flux_is_not_positive(tmp_path):
    datasets = content(3)
    datasets["flux"][1, 0], datasets["flux"][2, 0] = -1.0, 0.0
    mags = DecalsH5Config(write(tmp_path / "a.h5", datasets)).open().read(0, 3).catalogue["mag_g"]
    assert mags.isna().tolist() == [False, True, True]


def ids(source):
    chunk = source.read(0, len(source))
    return [int(name.split("-")[2]) - 1 for name in chunk.catalogue["object_id"]]


def test_a_range_of_rows_counts_through_the_files(folder):
    assert ids(DecalsH5Config(folder, rows=[4, 8]).open()) == [4, 5, 6, 7]


def test_a_range_of_magnitudes_uses_the_z_band(folder):
    # Fluxes 98 to 95 lie between 17.52 and 17.56 mag: -2.5 log10(0.98) = 0.0219, 0.95: 0.0557.
    limits = {"brightest_mag_z": 17.52, "faintest_mag_z": 17.556}
    assert ids(DecalsH5Config(folder, **limits).open()) == [2, 3, 4, 5]


def test_a_galaxy_without_a_magnitude_is_within_no_limit(tmp_path):
    datasets = content(3)
    datasets["flux"][1, 2] = -5.0
    path = write(tmp_path / "a.h5", datasets)
    assert ids(DecalsH5Config(path, faintest_mag_z=30).open()) == [0, 2]
    assert len(DecalsH5Config(path).open()) == 3


def test_a_random_sample_is_the_same_for_the_same_seed_and_in_order(folder):
    drawn = ids(DecalsH5Config(folder, sample=4, seed=3).open())
    assert drawn == sorted(set(drawn))
    assert len(drawn) == 4
    assert ids(DecalsH5Config(folder, sample=4, seed=3).open()) == drawn
    others = [ids(DecalsH5Config(folder, sample=4, seed=seed).open()) for seed in range(4, 8)]
    assert any(other != drawn for other in others)
    assert len(DecalsH5Config(folder, sample=99).open()) == 10


def test_reading_in_pieces_or_in_another_process_changes_nothing(folder):
    source = DecalsH5Config(folder, sample=7).open()
    whole = source.read(0, 7)
    copy = pickle.loads(pickle.dumps(source))
    pieces = [copy.read(start, start + 2) for start in range(0, 8, 2)]
    np.testing.assert_array_equal(np.concatenate([p.cutouts for p in pieces]), whole.cutouts)
    joined = pd.concat([p.catalogue for p in pieces], ignore_index=True)
    pd.testing.assert_frame_equal(joined, whole.catalogue)
    assert copy.read(9, 12).cutouts.shape == (0, 3, SIDE, SIDE)


def test_a_smaller_cutout_is_the_central_square(folder):
    cutouts = DecalsH5Config(folder, cutout_px=16).open().read(0, 1).cutouts
    np.testing.assert_array_equal(cutouts[0], content(1)["images"][0, :, 2:18, 2:18][:, ::-1])


def test_only_what_is_asked_for_is_read(folder, monkeypatch):
    read = []
    whole = h5py.Dataset.__getitem__

    def watched(self, item):
        data = whole(self, item)
        if self.name == "/images":
            read.append(len(data) if data.ndim == 4 else 1)
        return data

    monkeypatch.setattr(h5py.Dataset, "__getitem__", watched)
    source = DecalsH5Config(folder).open()
    assert read == []
    source.read(4, 7)
    assert read == [2, 1]


def test_a_file_that_has_gone_stops_the_build(folder):
    source = DecalsH5Config(folder).open()
    sorted(folder.iterdir())[1].unlink()
    with pytest.raises(SourceError, match=r"cannot be opened any more .* same command again"):
        source.read(6, 8)


@given(st.lists(st.integers(0, 49), min_size=1, unique=True).map(sorted))
def test_rows_are_read_as_if_the_whole_were_in_memory(rows):
    data = np.arange(100).reshape(50, 2)
    np.testing.assert_array_equal(_read_rows(data, np.array(rows)), data[rows])


def test_far_apart_rows_are_read_one_by_one():
    data = np.arange(10_000)
    rows = np.array([3, 4, 9_999])
    assert _read_rows(data, rows).tolist() == [3, 4, 9_999]


def test_ingest_reads_it_into_the_store(folder, tmp_path):
    config = Config(name="decals", source={"kind": "decals_h5", "path": str(folder)})
    config = replace(
        config,
        input=InputConfig(field_px=16, input_px=16),
        ingest=replace(config.ingest, chunk_rows=4, processes=1),
    )
    run(config, Workspace(tmp_path / "build"))
    paths = sorted((tmp_path / "build" / "ingest").glob("catalogue-*.parquet"))
    assert [len(pd.read_parquet(path)) for path in paths] == [4, 4, 2]


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"path": "gone"}, "There is no HDF5 file gone, nor a folder"),
        ({"rows": [5, 5]}, "is not a range of the 10 rows"),
        ({"rows": [10, 20]}, "is not a range of the 10 rows"),
        ({"sample": 0}, "sample = 0 is not positive"),
        ({"cutout_px": 21}, "cutout_px = 21 is not between 16 and the 20"),
        ({"faintest_mag_z": 3.0}, "No galaxy of .* is left"),
        ({"colour": "red"}, "is unknown. The knobs of kind 'decals_h5' are"),
    ],
)
def test_wrong_knob_is_named(folder, knobs, message):
    with pytest.raises(SourceError, match=message):
        open_source({"kind": "decals_h5", "path": str(folder), **knobs})


def test_a_folder_of_broken_files_is_an_error(tmp_path):
    (tmp_path / "a.h5").write_bytes(b"not HDF5")
    with pytest.raises(SourceError, match=r"None of the 1 files .* a\.h5: .* Download it again"):
        DecalsH5Config(tmp_path).open()


def test_a_file_that_is_replaced_is_noticed(folder):
    options = {"kind": "decals_h5", "path": str(folder)}
    before = source_state(options)
    os.utime(sorted(folder.iterdir())[0], ns=(1, 1))
    assert source_state(options) != before


def test_the_template_names_every_knob():
    text = (ROOT / "pipeline/configs/decals.toml").read_text()
    uncommented = re.sub(r"^# ?(?=[a-z_]+ = |\[[a-z])", "", text, flags=re.MULTILINE)
    knobs = set(tomllib.loads(uncommented)["source"])
    assert knobs == {field.name for field in fields(DecalsH5Config)}
