"""What is sent of the sky: positions of what the map draws, and of a query."""

import base64

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from dashboard.filters.filters import Filters
from dashboard.filters.region import Region
from dashboard.map import sample as map_sample
from dashboard.map.on_sky import extent, galactic_plane, query_on_sky, survey_on_sky
from dashboard.map.selection import sky_region_of
from dashboard.query.answer import answer
from dashboard.query.query import Query

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]]


def unpacked(packed):
    return np.frombuffer(base64.b64decode(packed["bdata"]), dtype=f"<{packed['dtype']}")


def test_point_i_is_point_i_of_the_map(explorer, monkeypatch):
    monkeypatch.setattr(explorer, "memory", {})
    whole = survey_on_sky(explorer)
    assert whole["rows"] is None
    assert (unpacked(whole["ra"]) == explorer.catalogue["ra_deg"]).all()
    assert (unpacked(whole["dec"]) == explorer.catalogue["dec_deg"]).all()

    monkeypatch.setattr(explorer, "memory", {})
    monkeypatch.setattr(map_sample, "MOST_DRAWN", explorer.n_objects // 2)
    rows = map_sample.drawn_rows(explorer)
    some = survey_on_sky(explorer)
    assert (unpacked(some["rows"]) == rows).all()
    assert (unpacked(some["ra"]) == explorer.catalogue["ra_deg"].to_numpy()[rows]).all()


def test_a_query_is_marked_with_its_neighbours_in_their_order(explorer):
    region = sky_region_of(SQUARE, ["TAN", 10, 20])
    query = Query(rows=(3,), negatives=(5, 6), k=16)
    found = answer(explorer, query)
    sent = query_on_sky(explorer, found)
    assert sent["neighbours"]["rows"] == found.neighbours.rows.tolist()
    assert sent["negatives"]["rows"] == [5, 6]
    assert sent["query"]["ra"] == [explorer.galaxy(3).position.ra_deg]
    assert sent["nearby"] == {"rows": [], "ra": [], "dec": []}
    assert sent["region"] is None
    everywhere = sky_region_of([[-200, -200], [200, -200], [200, 200]], ["AIT", 180, 0])
    for one in (region, everywhere):
        filtered = Query(rows=(3,), filters=Filters(region=one))
        drawn = query_on_sky(explorer, answer(explorer, filtered))["region"]
        assert drawn["view"] == [one.projection.kind, one.projection.ra_deg, one.projection.dec_deg]
        assert drawn["places"] == [list(place) for place in one.polygon.vertices]
    on_map = Query(rows=(3,), filters=Filters(region=Region(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))))
    assert query_on_sky(explorer, answer(explorer, on_map))["region"] is None


def test_the_extent_holds_all_galaxies_with_some_room():
    ra, dec, width = extent(np.array([359.0, 1.0]), np.array([10.0, 10.0]))
    assert ra % 360 == pytest.approx(0, abs=1e-9)
    assert dec == pytest.approx(10, abs=0.01)
    assert 1.1 * 1.97 < width < 1.2 * 1.97  # 2 degrees of right ascension at declination 10
    assert extent(np.array([10.0]), np.array([5.0]))[2] > 0
    assert extent(np.array([0.0, 180.0]), np.array([0.0, 0.0]))[2] == 360


def test_the_plane_of_the_galaxy_has_latitude_0():
    ra_deg, dec_deg = galactic_plane()
    plane = SkyCoord(ra_deg * u.deg, dec_deg * u.deg).galactic
    assert np.abs(plane.b.deg).max() < 1e-9
