"""The table of neighbours: columns in the order people look for them, numbers aligned, rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboard.explorer.explorer import Explorer
from dashboard.pictures.addresses import Pictures
from dashboard.tables.neighbours import choices, definitions, table_columns, table_rows
from pipeline.atlas import Column
from tests.dashboard.small_atlas import small_atlas, unit_rows

ANGLES = np.radians([0, 60, 90, 180])  # cosines with the first: 1, 0.5, 0, -1


def explorer_of(units=(), **columns):
    atlas = small_atlas(
        unit_rows(np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)),
        (np.array([0.0, 90.0, 180.0, 270.0]), np.zeros(4)),
        columns,
    )
    return Explorer(replace(atlas, columns=atlas.columns | {one.name: one for one in units}))


def rows_of(explorer):
    return table_rows(explorer, Pictures(explorer), explorer.neighbours([0], 3))


def cell(explorer, name, row):
    fields = {one["colId"]: one["field"] for one in definitions(explorer) if "field" in one}
    return rows_of(explorer)[row][fields[f"~{name}"]]


def decimals(explorer):
    return {one.about.name: one.decimals for one in table_columns(explorer)}


def test_columns_come_in_groups_and_truths_last():
    names = [
        *("ebv", "truth_redshift", "z_phot_err", "source_type", "mag_z", "size", "redshift"),
        "mag_g",
    ]
    explorer = explorer_of(**{name: np.arange(4.0) for name in names})
    assert [one.about.name for one in table_columns(explorer)] == [
        *("ra_deg", "dec_deg", "mag_z", "mag_g", "z_phot_err", "redshift", "source_type"),
        *("ebv", "size", "truth_redshift"),
    ]


def test_rank_name_and_similarity_come_first():
    ids = [one["colId"] for one in definitions(explorer_of())]
    assert ids == ["rank", "galaxy", "similarity", "share", "query", "~ra_deg", "~dec_deg"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([17.34567, 20.1, 19.0, 15.5], 2),  # four digits
        ([0.123456, 0.2, 0.3, 0.4], 4),
        ([0.25, 0.5, 1.0, np.nan], 2),  # no more than there are
        ([1.0, 2.0, 3.0, np.nan], 0),
        ([12345.6, 23456.7, 34567.8, 45678.9], 0),
        ([0.0, 0.0, 0.0, np.nan], 0),
        ([1e-12, 2e-12, 3e-12, 4e-12], 12),  # written as a power of ten
        (np.array([17.1, 18.2, 19.3, 20.4], dtype=np.float32), 1),
        (np.array([1, 2, 3, 4], dtype=np.int16), 0),
        (["a", "b", "c", ""], None),
    ],
)
def test_the_numbers_of_a_column_have_the_decimals_they_need(values, expected):
    assert decimals(explorer_of(values=values))["values"] == expected


def test_headers_have_units_and_explain_themselves():
    explorer = explorer_of(
        [Column("psf_arcsec", "arcsec", "Width of a star")], psf_arcsec=[1.0] * 4
    )
    header = definitions(explorer)[-1]
    assert header["headerName"] == "PSF [arcsec]"
    assert header["headerTooltip"] == "Width of a star [arcsec] · column psf_arcsec"


def test_a_row_holds_a_galaxy_as_it_is_shown():
    explorer = explorer_of(mag_z=[14.0, 15.12345, np.nan, np.inf], kind=["", "ring", None, "disk"])
    first, second, third = rows_of(explorer)
    assert (first["row"], first["rank"], first["galaxy"]) == (1, 1, "G1")
    assert [row["similarity"] for row in (first, second, third)] == [0.5, 0, -1]
    assert first["at"] == explorer.map_xy[1].astype(float).tolist()
    assert [cell(explorer, "mag_z", i) for i in range(3)] == [15.12, None, None]
    assert [cell(explorer, "kind", i) for i in range(3)] == ["ring", "–", "disk"]


def test_values_that_pandas_calls_missing_are_missing():
    explorer = explorer_of(
        n_arms=pd.array([1, 2, None, 4], dtype="Int16"),
        is_bright=pd.array([True, True, None, False], dtype="boolean"),
    )
    assert [cell(explorer, "n_arms", i) for i in range(3)] == [2, None, 4]
    assert [cell(explorer, "is_bright", i) for i in range(3)] == ["yes", "–", "no"]


def test_galaxies_are_called_by_their_names_where_they_have_some():
    explorer = explorer_of(name=["M 1", " M 2 ", "", None])
    assert [row["galaxy"] for row in rows_of(explorer)] == ["M 2", "G2", "G3"]
    assert cell(explorer, "object_id", 0) == "G1"
    assert "~name" not in choices(explorer)[0]


def test_further_names_can_be_chosen_but_are_not_shown_at_first():
    explorer = explorer_of(name=["M 1", "", "", ""], other_names=["NGC 1;UGC 2", "", "", ""])
    called, shown = choices(explorer)
    assert set(called) - set(shown) == {"~other_names"}


def test_names_of_columns_are_never_read_as_anything_else():
    explorer = explorer_of(**{"rank": [5.0] * 4, "a.b": [6.0] * 4, "row": ["x"] * 4})
    assert rows_of(explorer)[0]["rank"] == 1
    assert [cell(explorer, name, 0) for name in ("rank", "a.b", "row")] == [5, 6, "x"]


def test_every_choice_is_a_column_of_the_table():
    explorer = explorer_of(name=["M 1", "", "", ""], mag_z=np.arange(4.0))
    called, shown = choices(explorer)
    ids = {one["colId"] for one in definitions(explorer)}
    assert set(shown) <= set(called) <= ids
