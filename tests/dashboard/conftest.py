from dataclasses import replace

import numpy as np
import pytest
from flask import Flask

from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.page import create_page
from pipeline.atlas import Column
from tests.dashboard.panel_words import N
from tests.dashboard.small_atlas import small_atlas, unit_rows
from tests.dashboard.two_pages import explorer_called


@pytest.fixture(scope="module")
def explorer():
    """Forty galaxies on the equator, a degree apart; similarity falls with the row's distance."""
    angles = np.radians(np.arange(N))
    columns = {
        "name": ["M 1", "", *[f"NGC {row}" for row in range(2, N)]],
        "mag_z": [np.nan, *np.linspace(14, 20, N - 1)],
        "kind": [None, *["disk", "spiral", "ring"] * 13],
        "truth_redshift": np.linspace(0.01, 0.4, N),
    }
    atlas = small_atlas(
        unit_rows(np.stack([np.cos(angles), np.sin(angles)], axis=1)),
        (np.arange(N, dtype=float), np.zeros(N)),
        columns,
    )
    units = {"mag_z": Column("mag_z", "mag", "Magnitude in z")}
    return Explorer(replace(atlas, columns=atlas.columns | units))


@pytest.fixture(scope="module")
def explorers():
    return {name: explorer_called(name) for name in ("one", "two")}


@pytest.fixture(scope="module")
def app(explorers):
    """The page of the first of two atlases."""
    return create_page(Flask("dashboard"), explorers["one"], explorers)


@pytest.fixture(scope="module")
def client(explorers):
    return create_app(explorers).test_client()
