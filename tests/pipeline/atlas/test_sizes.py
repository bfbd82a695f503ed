"""How large galaxies are, by the columns of real catalogues."""

import numpy as np
import pandas as pd
import pytest

from pipeline.atlas import Column, semi_major_axes_arcsec


def axes(columns, **units):
    frame = pd.DataFrame(columns)
    return semi_major_axes_arcsec(frame, {name: Column(name, unit) for name, unit in units.items()})


@pytest.mark.parametrize(
    ("name", "value", "arcsec"),
    [
        ("major_axis_arcmin", 11.2, 336.0),  # M 51 in EFIGI: half of 11.2 arcmin
        ("D25_arcsec", 30.0, 15.0),
        ("petroRad_r", 8.0, 8.0),
        ("shape_r", 3.0, 6.0),
        ("half_light_radius_arcsec", 2.0, 4.0),
    ],
)
def test_the_name_of_a_column_tells_what_it_is_and_its_unit(name, value, arcsec):
    assert axes({name: [value]}).tolist() == [pytest.approx(arcsec)]


def test_the_unit_that_a_catalogue_gives_counts_more_than_the_name():
    assert axes({"r25": [0.5]}, r25="arcmin").tolist() == [30.0]
    assert axes({"major_axis": [0.01]}, major_axis="deg").tolist() == [18.0]


@pytest.mark.parametrize(
    "columns",
    [
        {"r25": [0.3]},  # a logarithm, maybe
        {"mag_r": [17.0]},
        {"major_axis_arcmin": ["11.2"]},
    ],
)
def test_what_is_not_surely_a_size_is_none(columns):
    assert axes(columns).tolist() == [0.0]


def test_a_size_in_kiloparsecs_is_none_on_the_sky():
    assert axes({"diameter": [20.0]}, diameter="kpc").tolist() == [0.0]


def test_of_several_columns_the_most_trusted_with_a_value_counts():
    sizes = axes({"shape_r": [3.0, 3.0, -1.0], "major_axis_arcmin": [1.0, np.nan, np.inf]})
    assert sizes.tolist() == [30.0, 6.0, 0.0]


def test_no_number_makes_a_galaxy_larger_than_half_a_degree():
    assert axes({"major_axis_arcmin": [1e300, 400.0]}).tolist() == [1800.0, 1800.0]
