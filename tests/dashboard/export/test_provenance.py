from dataclasses import replace

import numpy as np
import pytest
from astropy.io.fits import Header
from hypothesis import given
from hypothesis import strategies as st

from dashboard.export.formats import Export
from dashboard.export.provenance import ascii_text, file_safe, provenance
from dashboard.query.query import Query
from pipeline.atlas import __version__
from tests.dashboard.exported import MADE, explorer_of, read_back, written

CITATIONS = ("Müller et al. 2025, A&A 1, 1: " + "a long title, " * 10, "B 2026")


@pytest.fixture
def export():
    explorer = explorer_of({"kind": ["a", "b", "c"]}, citations=CITATIONS)
    return Export(
        explorer,
        np.array([2]),
        "neighbours",
        similarity=np.array([0.5]),
        query=Query((1, 0)),
        filters="kind is c",
        made=MADE,
    )


def test_provenance_says_where_galaxies_come_from(export):
    told = provenance(export)
    of_method = {key: told.pop(key) for key in list(told) if key in ("cite_3", "cite_4", "cite_5")}
    assert [told.pop("cite_6")[:12], told.pop("cite_7")[:10]] == ["McInnes et a", "Bernhardss"]
    assert list(of_method.values())[2].endswith("(SimCLR), arXiv 2002.05709")
    assert told == {
        "creator": f"Galaxy Finder {__version__}",
        "made": "2026-11-24T18:55:07+00:00",
        "content": "neighbours",
        "n_rows": "1",
        "atlas": "small",
        "title": "Small atlas",
        "survey": "test",
        "galaxies": "3 simulated galaxies",
        "created": "2025-01-01T00:00:00Z",
        "built_by": "Galaxy Finder test",
        "model": "none",
        "weights": "sha256:",
        "index": "Annoy, angular, 10 trees, search_k 2000, recall of the 100 nearest 1.0000",
        "query": "G1; G0",
        "order": "most similar first; 25.15 arcsec apart or more",
        "filters": "kind is c",
        "cite_1": CITATIONS[0].strip(),
        "cite_2": "B 2026",
    }


def test_real_galaxies_are_called_so_and_no_filter_and_no_query_too(export):
    real = explorer_of({"kind": ["a"]}, simulated=False)
    told = provenance(Export(real, np.array([0]), "catalogue"))
    assert (told["galaxies"], told["query"], told["filters"]) == ("1 real galaxy", "none", "none")


def test_a_picture_that_the_user_brought_is_no_galaxy_of_the_atlas(export):
    own = replace(export, query=Query((), origin="picture", embedding="AAAA"))
    assert provenance(own)["query"] == "own picture"
    both = replace(export, query=Query((2,), origin="picture", embedding="AAAA"))
    assert provenance(both)["query"] == "G2; own picture"


def test_the_order_is_that_of_similarity_or_of_the_catalogue(export):
    assert provenance(replace(export, similarity=None))["order"] == "as in the catalogue"
    least = Query((1,), negatives=(0,), min_separation_arcsec=5, least_similar=True)
    said = provenance(replace(export, query=least))
    assert said["order"] == "least similar first; 5 arcsec apart or more"
    assert said["query"] == "G1; not G0"


@pytest.mark.parametrize("kind", ["ecsv", "fits", "votable", "parquet"])
def test_every_format_has_the_same_provenance_under_the_same_keys(export, kind):
    expected = provenance(export)
    if kind == "fits":
        expected = {key: ascii_text(value) for key, value in expected.items()}
    assert read_back(written(export, kind), kind).meta.items() >= expected.items()


def test_keys_fit_into_a_fits_header(export):
    header = Header()
    for key in provenance(export):
        header[key] = "value"
        assert header.cards[-1].image.startswith(f"{key.upper():8}= ")


def test_a_value_is_one_line(export):
    told = provenance(replace(export, filters="two\nlines\x00 "))
    assert told["filters"] == "two lines"


@given(st.text())
def test_ascii_text_is_ascii_and_leaves_ascii_alone(text):
    plain = ascii_text(text)
    assert all(" " <= letter <= "~" for letter in plain)
    assert ascii_text(plain) == plain


@given(st.text(max_size=200))
def test_a_safe_name_is_one_on_every_system(text):
    name = file_safe(text)
    assert len(name) <= 60
    assert not set(name) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-")


def test_a_file_says_the_address_of_the_page_that_shows_its_galaxies(export):
    page = "https://galaxies.example/atlas/small/?galaxy=G1&k=25"
    assert "page" not in provenance(export)
    assert provenance(replace(export, page=page))["page"] == page
