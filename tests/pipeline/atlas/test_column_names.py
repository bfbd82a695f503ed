import pandas as pd
import pytest

from pipeline.atlas.catalogue import CatalogueError
from pipeline.atlas.column_names import standard_names


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["ID", "RA", "Dec", "File"], ("ID", "RA", "Dec", "File")),
        (["name", "objid", "RAJ2000", "DEJ2000"], ("objid", "RAJ2000", "DEJ2000")),
        # VizieR: the calculated column is in degrees, the published one may be sexagesimal.
        (["RAJ2000", "DEJ2000", "_RAJ2000", "_DEJ2000", "id"], ("id", "_RAJ2000", "_DEJ2000")),
        (["NUMBER", "ALPHA_J2000", "DELTA_J2000"], ("NUMBER", "ALPHA_J2000", "DELTA_J2000")),
        (["objID", "raMean", "decMean", "path"], ("objID", "raMean", "decMean", "path")),
        (["object_id", "RA (deg)", "Dec (deg)"], ("object_id", "RA (deg)", "Dec (deg)")),
        (["filename", "ra_deg", "decl"], (None, "ra_deg", "decl", "filename")),
        (["source_id", "ra", "dec", "l", "b"], ("source_id", "ra", "dec")),
    ],
)  # fmt: skip
def test_columns_are_found_under_their_usual_names(columns, expected):
    names = standard_names(pd.DataFrame({name: ["x"] for name in columns}))
    assert (names.object_id, names.ra, names.dec, names.file) == (*expected, None)[:4]


def test_a_number_is_not_taken_for_a_file_name():
    frame = pd.DataFrame({"id": [1], "ra": [1.0], "dec": [1.0], "image": [17]})
    assert standard_names(frame).file is None


def test_columns_chosen_by_hand_win():
    frame = pd.DataFrame({"id": [1], "ra": [1.0], "dec": [1.0], "x": [1.0], "pgc": [4]})
    names = standard_names(frame, ra="x", object_id="pgc")
    assert (names.object_id, names.ra, names.dec) == ("pgc", "x", "dec")


@pytest.mark.parametrize(
    ("columns", "by_hand", "sentence"),
    [
        (["id", "l", "b"], {}, "right ascension; its columns are id, l, b. .* as ra_column"),
        (["id", "ra", "b"], {}, "declination; .* as dec_column"),
        (["ra", "dec", "mag"], {}, "identifier; .* as object_id_column"),
        (["id", "ra", "dec"], {"file": "png"}, "sets file_column = 'png', but"),
    ],
)
def test_column_that_is_not_found_is_said_with_the_knob_that_names_it(columns, by_hand, sentence):
    with pytest.raises(CatalogueError, match=sentence):
        standard_names(pd.DataFrame({name: [1] for name in columns}), **by_hand)
