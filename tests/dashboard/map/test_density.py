import numpy as np
import pytest

from dashboard.map.colour_choices import RADIUS, galaxies_within_radius


def test_a_galaxy_alone_counts_itself_and_so_does_one_far_out():
    xy = np.array([[0.2, 0.2], [0.8, 0.8], [40.0, -3.0], [0.5, 7.0]])
    assert galaxies_within_radius(xy).tolist() == [1, 1, 1, 1]


def test_an_even_map_has_the_density_that_the_area_of_the_circle_says():
    # 400 x 400 galaxies, 0.0025 apart: pi (0.02 / 0.0025)^2 = 201 within the radius.
    line = (np.arange(400) + 0.5) / 400
    xy = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    inner = (np.abs(xy - 0.5) < 0.4).all(axis=1)
    expected = np.pi * (RADIUS * 400) ** 2
    assert galaxies_within_radius(xy)[inner] == pytest.approx(expected, rel=0.02)


def test_it_agrees_with_counting_where_galaxies_crowd():
    rng = np.random.default_rng(2)
    xy = np.concatenate([rng.normal(0.3, 0.05, (3000, 2)), rng.normal(0.7, 0.1, (3000, 2))])
    chosen = rng.choice(6000, 200, replace=False)
    separation = np.linalg.norm(xy[chosen, None] - xy[None], axis=2)
    counted = (separation < RADIUS).sum(axis=1)
    near = galaxies_within_radius(xy)[chosen]
    assert np.corrcoef(near, counted)[0, 1] > 0.97
    assert near.mean() == pytest.approx(counted.mean(), rel=0.1)
