import os
import pickle
import re
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.config import Config, InputConfig
from pipeline.sources import SourceError
from pipeline.sources.legacysurvey.config import LegacySurveyConfig
from pipeline.sources.registry import open_source, source_state
from pipeline.stages.ingest import run
from pipeline.store.workspace import Workspace
from tests.pipeline.cutout_stand_in import flux, pictures

ROOT = Path(__file__).parents[4]
NO_IMAGE = (
    "The survey has no image at its position, or not in every band: outside the footprint, or "
    "masked."
)


def test_fluxes_come_north_up_with_the_rows_of_the_catalogue(service, fetching):
    source = LegacySurveyConfig(**fetching).open()
    chunk = source.read(0, 2)
    assert chunk.catalogue["object_id"].tolist() == ["a", "b"]
    assert (chunk.cutouts.dtype, chunk.cutouts.shape) == (np.float32, (2, 3, 32, 32))
    np.testing.assert_array_equal(chunk.cutouts[1], flux(20.0, 32)[:, ::-1])
    assert source.survey.bands == ("g", "r", "z")
    assert source.survey.pixel_scale_arcsec == 0.262
    assert source.survey.brightness_column == "mag_z"
    assert not source.survey.simulated


def test_the_service_is_asked_with_its_own_parameters(service, fetching):
    fetching |= {"layer": "ls-dr9-south", "pixel_scale_arcsec": 0.5}
    LegacySurveyConfig(**fetching).open().read(2, 3)
    assert service.asked == [
        {
            "page": "fits-cutout",
            "ra": "30.000000",
            "dec": "3.000000",
            "size": "32",
            "layer": "ls-dr9-south",
            "pixscale": "0.5000",
            "bands": "grz",
        }
    ]


def test_jpeg_gives_pictures(service, fetching):
    source = LegacySurveyConfig(**fetching, picture_format="jpeg").open()
    chunk = source.read(0, 1)
    assert (chunk.cutouts.dtype, chunk.cutouts.shape) == (np.uint8, (1, 3, 32, 32))
    assert source.survey.bands == ("R", "G", "B")
    assert service.asked[0]["page"] == "jpeg-cutout"
    # The middle: 85 times 3, 2 and 1 in red, green and blue.
    np.testing.assert_allclose(chunk.cutouts[0, :, 15, 15], [255, 168, 84], atol=8)


def test_a_field_in_proportion_sets_the_scale_of_each_galaxy(service, fetching, targets):
    targets.write_text("id,ra,dec,size\na,10,1,2\nb,20,2,\nc,30,3,0.01\n")
    source = LegacySurveyConfig(**fetching, field_column="size", field_diameters=1.6).open()
    source.read(0, 3)
    scales = {item["ra"]: float(item["pixscale"]) for item in service.asked}
    # 1.6 * 2 arcmin; unknown: 90 arcsec; at least 30 arcsec; each over 32 px.
    assert scales == {"10.000000": 6.0, "20.000000": 2.8125, "30.000000": 0.9375}
    assert source.survey.pixel_scale_arcsec is None


def test_nothing_is_fetched_twice(service, fetching):
    first = LegacySurveyConfig(**fetching).open().read(0, 3)
    again = pickle.loads(pickle.dumps(LegacySurveyConfig(**fetching).open())).read(0, 3)
    assert len(service.asked) == 3
    np.testing.assert_array_equal(first.cutouts, again.cutouts)
    pd.testing.assert_frame_equal(first.catalogue, again.catalogue)


def test_rows_at_one_place_share_a_picture(service, fetching, targets):
    targets.write_text("id,ra,dec\na,10,1\nb,10,1\n")
    chunk = LegacySurveyConfig(**fetching).open().read(0, 2)
    assert len(chunk.catalogue) == 2
    assert len(service.asked) == 1


def test_other_pixels_are_kept_apart(service, fetching):
    LegacySurveyConfig(**fetching).open().read(0, 1)
    LegacySurveyConfig(**{**fetching, "layer": "ls-dr10"}).open().read(0, 1)
    LegacySurveyConfig(**{**fetching, "cutout_px": 48}).open().read(0, 1)
    assert len(service.asked) == 3


def test_a_picture_that_was_spoilt_on_the_disk_is_fetched_again(service, fetching):
    LegacySurveyConfig(**fetching).open().read(0, 1)
    [path] = pictures(fetching)
    path.write_bytes(path.read_bytes()[:3000])
    assert len(LegacySurveyConfig(**fetching).open().read(0, 1).catalogue) == 1
    assert len(service.asked) == 2


@pytest.mark.parametrize("mood", ["blank", "hole"])
@pytest.mark.parametrize("picture_format", ["fits", "jpeg"])
def test_outside_the_footprint_is_reported_and_remembered(service, fetching, mood, picture_format):
    service.moods[20.0, 2.0] = [mood]
    fetching["picture_format"] = picture_format
    for _ in range(2):
        chunk = LegacySurveyConfig(**fetching).open().read(0, 3)
        assert chunk.catalogue["object_id"].tolist() == ["a", "c"]
        assert [(item.object_id, item.reason) for item in chunk.rejected] == [("b", NO_IMAGE)]
    assert len(service.asked) == 3


def config_of(fetching, **ingest):
    config = Config(name="fetched", source={"kind": "legacysurvey", **fetching})
    config = replace(config, input=InputConfig(field_px=32, input_px=16))
    return replace(config, ingest=replace(config.ingest, **ingest))


def test_ingest_resumes_without_fetching_again(service, fetching, tmp_path):
    config = config_of(fetching, chunk_rows=2, processes=1)
    service.moods[30.0, 3.0] = ["html", "html", "html", "ok"]
    service.moods[199.3324, 20.6382] = ["html"]
    workspace = Workspace(tmp_path / "build")
    with pytest.raises(SourceError, match="run the same command again later"):
        run(config, workspace)
    run(config, workspace)
    store = sorted((tmp_path / "build" / "ingest").glob("catalogue-*.parquet"))
    assert [len(pd.read_parquet(path)) for path in store] == [2, 1]
    assert service.times_asked(10.0, 1.0) == service.times_asked(20.0, 2.0) == 1


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"layer": "sdss"}, "layer = 'sdss' is unknown"),
        ({"cutout_px": 513}, "cutout_px = 513 is not between 16 and 512"),
        ({"picture_format": "png"}, "picture_format = 'png' is neither"),
        ({"bands": "gr"}, "bands = 'gr' is not understood"),
        ({"bands": "gri"}, "bands = 'gri' lacks one of g, r and z"),
        ({"viewer_url": "file:///etc"}, "is no address"),
        ({"connections": 50}, "connections = 50 is not between 1 and 8"),
        ({"timeout_s": 0}, "timeout_s = 0 is not positive"),
        ({"pixel_scale_arcsec": 0.0}, "pixel_scale_arcsec = 0.0"),
        ({"field_column": "diameter"}, "field_column = 'diameter' is no numeric column"),
        ({"brightness_column": "id"}, "brightness_column = 'id' is no numeric column"),
        ({"dec_min_deg": 50}, "No row of .* is left"),
        ({"sample": 0}, "sample = 0 is not positive"),
        ({"catalogue": "gone.csv"}, "There is no catalogue gone.csv"),
        ({"colour": "red"}, "is unknown. The knobs of kind 'legacysurvey' are"),
    ],
)
def test_wrong_knob_is_named_before_anything_is_fetched(service, fetching, knobs, message):
    with pytest.raises(SourceError, match=message):
        open_source({"kind": "legacysurvey", **fetching, **knobs})
    assert service.asked == []


def test_a_new_catalogue_is_noticed(fetching, targets):
    before = source_state({"kind": "legacysurvey", **fetching})
    os.utime(targets, ns=(1, 1))
    assert source_state({"kind": "legacysurvey", **fetching}) != before


def test_the_template_names_every_knob_with_its_default():
    text = (ROOT / "pipeline/configs/legacysurvey.toml").read_text()
    uncommented = re.sub(r"^# ?(?=[a-z_]+ = |\[[a-z])", "", text, flags=re.MULTILINE)
    knobs = set(tomllib.loads(uncommented)["source"])
    assert knobs == {field.name for field in fields(LegacySurveyConfig)}
