import inspect
import os
import pickle
import re
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock

from pipeline.config import Config, InputConfig
from pipeline.ingest import run
from pipeline.sources import SourceError
from pipeline.sources.legacysurvey import LegacySurveySource
from pipeline.sources.registry import open_source, source_state
from pipeline.workspace import Workspace
from tests.pipeline.cutout_stand_in import cutout_stand_in, flux

ROOT = Path(__file__).parents[2]
FAST = {"requests_per_second": 1000, "timeout_s": 5, "backoff_s": 0.001, "attempts": 3}
NO_IMAGE = "The survey has no image at its position: outside the footprint, or masked."


@pytest.fixture
def service(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with cutout_stand_in() as stand_in:
        yield stand_in


@pytest.fixture
def catalogue(tmp_path):
    path = tmp_path / "targets.csv"
    path.write_text("id,ra,dec,mag_z\na,10,1,15\nb,20,2,16\nc,30,3,17\n")
    return path


@pytest.fixture
def options(service, catalogue, tmp_path):
    return {
        "catalogue": str(catalogue),
        "viewer_url": service.url,
        "cache": str(tmp_path / "cache"),
        "cutout_px": 32,
        **FAST,
    }


def pictures(options):
    return [path for path in Path(options["cache"]).rglob("*") if path.suffix in (".fits", ".jpg")]


def test_fluxes_come_north_up_with_the_rows_of_the_catalogue(service, options):
    source = LegacySurveySource(**options)
    chunk = source.read(0, 2)
    assert chunk.catalogue["object_id"].tolist() == ["a", "b"]
    assert (chunk.cutouts.dtype, chunk.cutouts.shape) == (np.float32, (2, 3, 32, 32))
    np.testing.assert_array_equal(chunk.cutouts[1], flux(20.0, 32)[:, ::-1])
    assert source.survey.bands == ("g", "r", "z")
    assert source.survey.pixel_scale_arcsec == 0.262
    assert source.survey.brightness_column == "mag_z"
    assert not source.survey.simulated


def test_the_service_is_asked_with_its_own_parameters(service, options):
    options |= {"layer": "ls-dr9-south", "pixel_scale_arcsec": 0.5}
    LegacySurveySource(**options).read(2, 3)
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


def test_jpeg_gives_pictures(service, options):
    source = LegacySurveySource(**options, picture_format="jpeg")
    chunk = source.read(0, 1)
    assert (chunk.cutouts.dtype, chunk.cutouts.shape) == (np.uint8, (1, 3, 32, 32))
    assert source.survey.bands == ("R", "G", "B")
    assert service.asked[0]["page"] == "jpeg-cutout"
    # The middle: 85 times 3, 2 and 1 in red, green and blue.
    np.testing.assert_allclose(chunk.cutouts[0, :, 15, 15], [255, 168, 84], atol=8)


def test_a_field_in_proportion_sets_the_scale_of_each_galaxy(service, options, catalogue):
    catalogue.write_text("id,ra,dec,size\na,10,1,2\nb,20,2,\nc,30,3,0.01\n")
    source = LegacySurveySource(**options, field_column="size", field_diameters=1.6)
    source.read(0, 3)
    scales = {item["ra"]: float(item["pixscale"]) for item in service.asked}
    # 1.6 * 2 arcmin; unknown: 90 arcsec; at least 30 arcsec; each over 32 px.
    assert scales == {"10.000000": 6.0, "20.000000": 2.8125, "30.000000": 0.9375}
    assert source.survey.pixel_scale_arcsec is None


def test_nothing_is_fetched_twice(service, options):
    first = LegacySurveySource(**options).read(0, 3)
    again = pickle.loads(pickle.dumps(LegacySurveySource(**options))).read(0, 3)
    assert len(service.asked) == 3
    np.testing.assert_array_equal(first.cutouts, again.cutouts)
    pd.testing.assert_frame_equal(first.catalogue, again.catalogue)


def test_rows_at_one_place_share_a_picture(service, options, catalogue):
    catalogue.write_text("id,ra,dec\na,10,1\nb,10,1\n")
    chunk = LegacySurveySource(**options).read(0, 2)
    assert len(chunk.catalogue) == 2
    assert len(service.asked) == 1


def test_other_pixels_are_kept_apart(service, options):
    LegacySurveySource(**options).read(0, 1)
    LegacySurveySource(**{**options, "layer": "ls-dr10"}).read(0, 1)
    LegacySurveySource(**{**options, "cutout_px": 48}).read(0, 1)
    assert len(service.asked) == 3


def test_a_picture_that_was_spoilt_on_the_disk_is_fetched_again(service, options):
    LegacySurveySource(**options).read(0, 1)
    [path] = pictures(options)
    path.write_bytes(path.read_bytes()[:3000])
    assert len(LegacySurveySource(**options).read(0, 1).catalogue) == 1
    assert len(service.asked) == 2


@pytest.mark.parametrize("mood", ["blank", "hole"])
@pytest.mark.parametrize("picture_format", ["fits", "jpeg"])
def test_outside_the_footprint_is_reported_and_remembered(service, options, mood, picture_format):
    service.moods[20.0, 2.0] = [mood]
    options["picture_format"] = picture_format
    for _ in range(2):
        chunk = LegacySurveySource(**options).read(0, 3)
        assert chunk.catalogue["object_id"].tolist() == ["a", "c"]
        assert [(item.object_id, item.reason) for item in chunk.rejected] == [("b", NO_IMAGE)]
    assert len(service.asked) == 3


@pytest.mark.parametrize("picture_format", ["fits", "jpeg"])
@pytest.mark.parametrize("mood", ["html", "html as picture", "cut off", "broken", "small", "500"])
def test_what_is_no_picture_is_asked_for_again_and_never_kept(
    service, options, mood, picture_format
):
    service.moods[20.0, 2.0] = [mood, mood, "ok"]
    options["picture_format"] = picture_format
    chunk = LegacySurveySource(**options).read(0, 3)
    assert len(chunk.catalogue) == 3
    assert service.times_asked(20.0, 2.0) == 3
    assert len(pictures(options)) == 3


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("html", "the answer is text/html, not fits"),
        ("html as picture", "the answer does not begin as fits does"),
        ("cut off", "the answer was cut off"),
        ("small", "the answer has 16 x 16 pixels, not 32 x 32"),
        ("500", "the answer is 500 Internal Server Error"),
        ("404", "the answer is 404 Not Found"),
    ],
)
def test_one_bad_place_does_not_stop_the_others(service, options, mood, reason):
    service.moods[20.0, 2.0] = [mood]
    chunk = LegacySurveySource(**options).read(0, 3)
    assert chunk.catalogue["object_id"].tolist() == ["a", "c"]
    [rejected] = chunk.rejected
    assert rejected.object_id == "b"
    assert rejected.reason == f"Its cutout could not be fetched ({reason})."
    assert len(pictures(options)) == 2
    # "Not found" is the last word; everything else is asked for again.
    assert service.times_asked(20.0, 2.0) == (1 if mood == "404" else 3)


def test_broken_data_are_named_without_a_path(service, options):
    service.moods[20.0, 2.0] = ["broken"]
    [rejected] = LegacySurveySource(**options).read(1, 2).rejected
    assert rejected.reason.startswith("Its cutout could not be fetched (the answer cannot be")
    assert "partial" not in rejected.reason


def test_the_wait_that_the_service_asks_for_is_kept_by_all_connections(service, options):
    service.moods[10.0, 1.0] = ["429", "ok"]
    LegacySurveySource(**options, connections=1).read(0, 2)
    first, *others = service.times
    assert len(others) == 2
    assert min(others) - first > 0.99


def test_a_service_that_asks_for_a_long_wait_is_left_alone(service, options):
    service.moods[10.0, 1.0] = ["429 long"]
    start = time.monotonic()
    with pytest.raises(SourceError, match=r"asks to be left alone for 3,600 s \(429 .* is kept"):
        LegacySurveySource(**options, connections=1).read(0, 2)
    assert time.monotonic() - start < 5
    assert len(service.asked) == 1


def test_slow_answers_are_waited_for(service, options):
    service.moods[10.0, 1.0] = ["slow"]
    assert len(LegacySurveySource(**options).read(0, 1).catalogue) == 1


@pytest.mark.parametrize("mood", ["slow", "trickle"])
def test_answers_that_are_too_slow_are_given_up(service, options, mood):
    service.moods[10.0, 1.0] = [mood, "ok"]
    source = LegacySurveySource(**{**options, "timeout_s": 0.5})
    assert len(source.read(0, 1).catalogue) == 1
    assert service.times_asked(10.0, 1.0) == 2


def test_few_requests_are_under_way_at_a_time(service, options, catalogue):
    rows = "".join(f"{i},{i},0\n" for i in range(12))
    catalogue.write_text("id,ra,dec\n" + rows)
    assert len(LegacySurveySource(**options).read(0, 12).catalogue) == 12
    assert 1 <= service.busiest <= 2


def test_requests_keep_the_pace(service, options):
    start = time.monotonic()
    LegacySurveySource(**{**options, "requests_per_second": 5}).read(0, 3)
    assert max(service.times) - start >= 0.4  # the third begins after two intervals of 0.2 s


@pytest.mark.parametrize("mood", ["html", "500", "404"])
def test_a_service_that_is_not_well_stops_the_build_and_what_was_fetched_is_kept(
    service, options, mood
):
    LegacySurveySource(**options).read(0, 1)
    service.otherwise = mood
    with pytest.raises(SourceError, match=r"does not answer as it should .* again later"):
        LegacySurveySource(**options).read(0, 3)
    assert len(pictures(options)) == 1
    service.otherwise = "ok"
    assert len(LegacySurveySource(**options).read(0, 3).catalogue) == 3
    assert service.times_asked(10.0, 1.0) == 1


def test_a_service_that_is_not_there_stops_the_build(options):
    options["viewer_url"] = "http://127.0.0.1:9/viewer"
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:9/viewer/fits-cutout .*no connection"):
        LegacySurveySource(**options).read(0, 3)


def test_only_one_process_fetches_into_a_cache(service, options, monkeypatch):
    monkeypatch.setattr(
        "pipeline.sources.legacysurvey.FileLock",
        lambda path, poll_interval: FileLock(path, timeout=0.1, poll_interval=0.02),
    )
    source = LegacySurveySource(**options)
    source.read(0, 1)
    with FileLock(Path(options["cache"]) / ".lock"):
        assert len(source.read(0, 1).catalogue) == 1  # what is kept needs no turn
        with pytest.raises(TimeoutError):
            source.read(1, 2)
    assert len(service.asked) == 1


def config_of(options, **ingest):
    config = Config(name="fetched", source={"kind": "legacysurvey", **options})
    config = replace(config, input=InputConfig(field_px=32, input_px=16))
    return replace(config, ingest=replace(config.ingest, **ingest))


def test_ingest_resumes_without_fetching_again(service, options, tmp_path):
    config = config_of(options, chunk_rows=2, processes=1)
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
        ({"colour": "red"}, "does not fit kind 'legacysurvey'"),
    ],
)
def test_wrong_knob_is_named_before_anything_is_fetched(service, options, knobs, message):
    with pytest.raises(SourceError, match=message):
        open_source({"kind": "legacysurvey", **options, **knobs})
    assert service.asked == []


def test_a_new_catalogue_is_noticed(options, catalogue):
    before = source_state({"kind": "legacysurvey", **options})
    os.utime(catalogue, ns=(1, 1))
    assert source_state({"kind": "legacysurvey", **options}) != before


def test_the_template_names_every_knob_with_its_default():
    text = (ROOT / "pipeline/configs/legacysurvey.toml").read_text()
    uncommented = re.sub(r"^# ?(?=[a-z_]+ = |\[[a-z])", "", text, flags=re.MULTILINE)
    knobs = set(tomllib.loads(uncommented)["source"]) - {"kind"}
    assert knobs == set(inspect.signature(LegacySurveySource).parameters)
