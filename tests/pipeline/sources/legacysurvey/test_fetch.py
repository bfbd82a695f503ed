"""Fetching cutouts from a service in all its moods."""

import time
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline.sources import SourceError
from pipeline.sources.legacysurvey.config import LegacySurveyConfig
from tests.pipeline.cutout_stand_in import pictures


@pytest.mark.parametrize("picture_format", ["fits", "jpeg"])
@pytest.mark.parametrize("mood", ["html", "html as picture", "cut off", "broken", "small", "500"])
def test_what_is_no_picture_is_asked_for_again_and_never_kept(
    service, fetching, mood, picture_format
):
    service.moods[20.0, 2.0] = [mood, mood, "ok"]
    fetching["picture_format"] = picture_format
    chunk = LegacySurveyConfig(**fetching).open().read(0, 3)
    assert len(chunk.catalogue) == 3
    assert service.times_asked(20.0, 2.0) == 3
    assert len(pictures(fetching)) == 3


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
def test_one_bad_place_does_not_stop_the_others(service, fetching, mood, reason):
    service.moods[20.0, 2.0] = [mood]
    chunk = LegacySurveyConfig(**fetching).open().read(0, 3)
    assert chunk.catalogue["object_id"].tolist() == ["a", "c"]
    [rejected] = chunk.rejected
    assert rejected.object_id == "b"
    assert rejected.reason == f"Its cutout could not be fetched ({reason})."
    assert len(pictures(fetching)) == 2
    # "Not found" is the last word; everything else is asked for again.
    assert service.times_asked(20.0, 2.0) == (1 if mood == "404" else 3)


def test_broken_data_are_named_without_a_path(service, fetching):
    service.moods[20.0, 2.0] = ["broken"]
    [rejected] = LegacySurveyConfig(**fetching).open().read(1, 2).rejected
    assert rejected.reason.startswith("Its cutout could not be fetched (the answer cannot be")
    assert "partial" not in rejected.reason


def test_the_wait_that_the_service_asks_for_is_kept_by_all_connections(service, fetching):
    service.moods[10.0, 1.0] = ["429", "ok"]
    LegacySurveyConfig(**fetching, connections=1).open().read(0, 2)
    first, *others = service.times
    assert len(others) == 2
    assert min(others) - first > 0.99


def test_a_service_that_asks_for_a_long_wait_is_left_alone(service, fetching):
    service.moods[10.0, 1.0] = ["429 long"]
    start = time.monotonic()
    with pytest.raises(SourceError, match=r"asks to be left alone for 3,600 s \(429 .* is kept"):
        LegacySurveyConfig(**fetching, connections=1).open().read(0, 2)
    assert time.monotonic() - start < 5
    assert len(service.asked) == 1


def test_slow_answers_are_waited_for(service, fetching):
    service.moods[10.0, 1.0] = ["slow"]
    assert len(LegacySurveyConfig(**fetching).open().read(0, 1).catalogue) == 1


@pytest.mark.parametrize("mood", ["slow", "trickle"])
def test_answers_that_are_too_slow_are_given_up(service, fetching, mood):
    service.moods[10.0, 1.0] = [mood, "ok"]
    source = LegacySurveyConfig(**{**fetching, "timeout_s": 0.5}).open()
    assert len(source.read(0, 1).catalogue) == 1
    assert service.times_asked(10.0, 1.0) == 2


def test_few_requests_are_under_way_at_a_time(service, fetching, targets):
    rows = "".join(f"{i},{i},0\n" for i in range(12))
    targets.write_text("id,ra,dec\n" + rows)
    assert len(LegacySurveyConfig(**fetching).open().read(0, 12).catalogue) == 12
    assert 1 <= service.busiest <= 2


def test_requests_keep_the_pace(service, fetching):
    start = time.monotonic()
    LegacySurveyConfig(**{**fetching, "requests_per_second": 5}).open().read(0, 3)
    assert max(service.times) - start >= 0.4  # the third begins after two intervals of 0.2 s


@pytest.mark.parametrize("mood", ["html", "500", "404"])
def test_a_service_that_is_not_well_stops_the_build_and_what_was_fetched_is_kept(
    service, fetching, mood
):
    LegacySurveyConfig(**fetching).open().read(0, 1)
    service.otherwise = mood
    with pytest.raises(SourceError, match=r"does not answer as it should .* again later"):
        LegacySurveyConfig(**fetching).open().read(0, 3)
    assert len(pictures(fetching)) == 1
    service.otherwise = "ok"
    assert len(LegacySurveyConfig(**fetching).open().read(0, 3).catalogue) == 3
    assert service.times_asked(10.0, 1.0) == 1


def test_a_service_that_is_not_there_stops_the_build(fetching):
    fetching["viewer_url"] = "http://127.0.0.1:9/viewer"
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:9/viewer/fits-cutout .*no connection"):
        LegacySurveyConfig(**fetching).open().read(0, 3)


def test_only_one_process_fetches_into_a_cache(service, fetching, monkeypatch):
    monkeypatch.setattr(
        "pipeline.sources.legacysurvey.source.FileLock",
        lambda path, poll_interval: FileLock(path, timeout=0.1, poll_interval=0.02),
    )
    source = LegacySurveyConfig(**fetching).open()
    source.read(0, 1)
    with FileLock(Path(fetching["cache"]) / ".lock"):
        assert len(source.read(0, 1).catalogue) == 1  # what is kept needs no turn
        with pytest.raises(TimeoutError):
            source.read(1, 2)
    assert len(service.asked) == 1
