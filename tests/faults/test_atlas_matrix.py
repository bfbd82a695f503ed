"""Every kind of damage to every file of an atlas: nothing crashes, and nothing wrong is shown.

A part of the matrix runs with all tests: every kind, and every file, at least once.
"""

import shutil

import pytest

from tests.faults.atlas_damage import HARMLESS, KINDS
from tests.faults.atlas_matrix import WELL, matrix
from tests.pipeline.mapped_catalogue import with_mapped_catalogue


@pytest.fixture(scope="module")
def atlas(tiny_atlas, tmp_path_factory):
    """Return a small atlas with the files that large ones have."""
    folder = tmp_path_factory.mktemp("large") / "tiny"
    return with_mapped_catalogue(shutil.copytree(tiny_atlas, folder))


@pytest.fixture(scope="module")
def damaged(atlas):
    with matrix(atlas) as made:
        yield made


@pytest.fixture(scope="module")
def mapped(atlas):
    with matrix(atlas, in_place=True) as made:
        yield made


def outcomes(case, names, kinds):
    """Return what went wrong, by file and kind."""
    found = {(name, kind): case(name, kind) for kind, name in zip(kinds, names, strict=True)}
    return {
        which: outcome
        for which, outcome in found.items()
        if outcome not in (WELL if which[1] in KINDS else ("right",))
    }


def diagonal(names, first=0):
    """Return a file for every kind, so that each has its turn."""
    return [names[(first + place) % len(names)] for place in range(len(KINDS))]


def test_damage_before_the_start_is_named_and_the_others_open(damaged):
    assert outcomes(damaged.at_start, diagonal(damaged.names), KINDS) == {}


def test_damage_while_serving_crashes_nothing_and_shows_nothing_wrong(damaged):
    assert outcomes(damaged.serving, diagonal(damaged.names, 3), KINDS) == {}


def test_what_is_mapped_in_its_place_is_looked_at_before_it_is_read(mapped):
    names = ["embeddings.npy", "index.ann", "catalogue.arrow"] * 2
    kinds = ["cut in half", "zeros", "empty", "gone", "a bit flipped", "noise by rename"]
    assert outcomes(mapped.serving, names, kinds) == {}


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_changes_no_content_changes_nothing(damaged, mapped, kind):
    for made, name in ((damaged, "thumbnails.bin"), (damaged, "index.ann"), (mapped, "index.ann")):
        assert made.serving(name, kind) == "right"


@pytest.mark.long_fault
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("when", ["at_start", "serving"])
@pytest.mark.parametrize("kind", [*KINDS, *HARMLESS])
def test_all_files(damaged, when, kind):
    case = getattr(damaged, when)
    assert outcomes(case, damaged.names, [kind] * len(damaged.names)) == {}
