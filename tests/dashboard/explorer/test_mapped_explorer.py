"""An explorer of a mapped catalogue answers as one in memory does, and its files are the same."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboard.explorer.explorer import Explorer, UnknownColumnError
from dashboard.export.formats import FORMATS, Export, download
from dashboard.filters import FilterError
from dashboard.filters.columns import ChoiceColumn, NumberColumn, TextColumn
from dashboard.filters.filters import MISSING, Choice, Filters, Part, Range
from dashboard.tables.differences import differences
from dashboard.tables.neighbours import table_columns
from pipeline.atlas import Atlas, Catalogue, ChangedError, Column
from pipeline.atlas.catalogue import read_atlas_catalogue, write_catalogue
from pipeline.atlas.mapped_columns import map_columns
from tests.dashboard.exported import MADE
from tests.dashboard.small_atlas import random_unit_rows, small_atlas
from tests.pipeline.mapped_catalogue import write_mapped

N = 120
COLUMNS = {
    "name": ["", "NGC 1", "ngc 12", *(f"M {row}" for row in range(N - 3))],
    "kind": ["disk", "ring", ""] * (N // 3),
    "same": ["x"] * N,
    "mag": np.where(np.arange(N) % 7, np.linspace(14, 20, N), np.nan).astype(np.float32),
    "redshift": np.linspace(0, 1, N),
    "whole": np.arange(N) % 9,
    "t_type": np.arange(N) % 12 - 5,
    "faulty": np.arange(N) % 4 == 0,
}
T_TYPE = Column("t_type", "", "Type from -5 (elliptical) to 6 (late)")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Return the explorers of a catalogue in memory and mapped, as both are read from files."""
    atlas = small_atlas(random_unit_rows(N, 8), columns=COLUMNS)
    columns = atlas.columns | {"t_type": T_TYPE}
    folder = tmp_path_factory.mktemp("catalogue")
    parquet, file = folder / "c.parquet", folder / "c.arrow"
    write_catalogue([atlas.catalogue.take(slice(None))], columns.values(), parquet)
    write_mapped(parquet, file, N)
    series, about = map_columns(file, np.memmap(file, np.uint8, "r"), N, thorough=True)
    frame, _ = read_atlas_catalogue(parquet)
    catalogues = Catalogue.of_frame(frame), Catalogue(series)
    return [Explorer(replace(atlas, catalogue=one, columns=about)) for one in catalogues]


@pytest.mark.parametrize("name", ["object_id", "ra_deg", *COLUMNS])
def test_values_and_labels_are_the_same(both, name):
    ours, theirs = both
    assert ours.is_category(name) == theirs.is_category(name)
    values = [list(one.values(name)) for one in both]
    assert pd.Series(values[0]).equals(pd.Series(values[1]))
    if ours.is_category(name):
        codes, labels = theirs.codes(name)
        assert [labels[code] for code in codes] == values[0]
        assert not codes.flags.writeable
    else:
        assert not ours.values(name).flags.writeable
        with pytest.raises(UnknownColumnError, match="holds numbers"):
            ours.codes(name)


def test_galaxies_tables_and_differences_are_the_same(both):
    ours, theirs = both
    for row in (0, 1, N - 1):
        assert ours.galaxy(row) == theirs.galaxy(row)
    assert table_columns(ours) == table_columns(theirs)
    assert differences(ours, 3, 50) == differences(theirs, 3, 50)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("mag", Range(15, 17)),
        ("mag", Choice((MISSING,))),
        ("redshift", Range(None, 0.25)),
        ("whole", Range(3)),
        ("kind", Choice(("disk", MISSING))),
        ("t_type", Choice(("-5", "3"))),
        ("faulty", Choice(("yes",))),
        ("name", Part("ngc 1")),
        ("name", Choice((MISSING,))),
        ("object_id", Part("g1")),
    ],
)
def test_filters_let_the_same_galaxies_pass(both, name, wanted):
    ours, theirs = (one.passing(Filters(((name, wanted),))) for one in both)
    assert 0 < ours.sum() < N
    np.testing.assert_array_equal(ours, theirs)


def test_what_there_is_to_filter_by_is_the_same(both):
    ours, theirs = (one.filter_columns for one in both)
    assert ours.offered() == theirs.offered()
    for column in ours.offered():
        mine, other = ours[column.name], theirs[column.name]
        assert type(mine) is type(other)
        if isinstance(mine, NumberColumn):
            assert mine.histogram == other.histogram
        if isinstance(mine, ChoiceColumn):
            assert mine.counts == other.counts
        if isinstance(mine, NumberColumn | TextColumn):
            assert mine.n_missing == other.n_missing
    for found in (ours, theirs):
        with pytest.raises(FilterError):
            found["kind"].passing(Choice(("spiral",)))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("rows", [np.arange(N), np.array([7, 3, 100])])
def test_files_are_the_same_byte_for_byte(both, kind, rows):
    ours, theirs = (Export(one, rows, "catalogue", made=MADE) for one in both)
    assert b"".join(download(ours, kind).chunks) == b"".join(download(theirs, kind).chunks)


def test_a_catalogue_whose_file_has_changed_is_read_no_more():
    def refuse():
        raise ChangedError("catalogue.arrow was changed.")

    atlas: Atlas = small_atlas(random_unit_rows(N, 8), columns=COLUMNS)
    columns = {name: atlas.catalogue[name] for name in atlas.catalogue}
    catalogue = Catalogue(columns)
    explorer = Explorer(replace(atlas, catalogue=catalogue))
    wanted = Filters((("mag", Range(15, 17)),))
    catalogue.guard = refuse
    for ask in (
        lambda: explorer.passing(wanted),
        lambda: explorer.galaxy(3),
        lambda: explorer.values("mag"),
        lambda: b"".join(download(Export(explorer, np.arange(N), "catalogue"), "csv").chunks),
    ):
        with pytest.raises(ChangedError):
            ask()
