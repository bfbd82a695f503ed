"""The survey of `bench_million` is one that the pipeline reads."""

import pytest

from pipeline.sources.registry import SOURCES, open_source
from tests.bench.generated_survey import PICTURED, generated_build


@pytest.fixture
def build(tmp_path, monkeypatch):
    monkeypatch.setitem(SOURCES, "generated", None)  # and take it away afterwards
    return generated_build(tmp_path, PICTURED, 100, "exact")


def test_a_generated_survey_can_be_read_and_built(build):
    source = open_source(build.config.source)
    chunk = source.read(40, 60)
    assert len(chunk.catalogue) == len(chunk.cutouts) == 20
    assert set(chunk.catalogue) == {column.name for column in source.columns}
    assert not build.is_done("ingest")
