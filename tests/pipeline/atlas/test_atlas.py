"""Every way in which an atlas can be wrong: the sentence that the user gets, and no crash."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from annoy import AnnoyIndex

from pipeline.atlas import AtlasError, files, open_atlas
from pipeline.atlas.catalogue import read_atlas_catalogue, write_catalogue
from pipeline.atlas.engines import ENGINES
from pipeline.atlas.manifest import read_manifest, write_manifest
from tests.pipeline.damage import change_manifest, make_manifest_true


def rebuild_index(folder, embeddings, metric="angular"):
    index = AnnoyIndex(embeddings.shape[1], metric)
    for row, embedding in enumerate(embeddings):
        index.add_item(row, embedding)
    index.build(5, n_jobs=1)
    index.save(str(folder / files.INDEX))
    make_manifest_true(folder)


def change_parameters(folder, **changes):
    index = json.loads((folder / files.MANIFEST).read_text())["index"]
    change_manifest(folder, index=index | {"parameters": index["parameters"] | changes})


def sentence(folder):
    with pytest.raises(AtlasError) as caught:
        open_atlas(folder)
    return str(caught.value)


def test_a_published_atlas_opens_and_row_i_is_the_same_galaxy_everywhere(tiny_atlas):
    opened = open_atlas(tiny_atlas)
    n = opened.manifest.n_objects
    assert n == len(opened.catalogue) == len(opened.vectors) == len(opened.map_xy) == 300
    assert len(opened.thumbnails) == n
    assert opened.catalogue["object_id"].is_unique
    assert list(opened.columns) == list(opened.catalogue.columns)
    assert opened.columns["ra_deg"].unit == "deg"
    row = 123
    assert next(opened.engine.proposals(opened.vectors[row], 1)).tolist() == [row]


def test_what_is_open_cannot_be_written(tiny_atlas):
    with pytest.raises(ValueError, match="read-only"):
        open_atlas(tiny_atlas).map_xy[0] = 0


def test_a_folder_without_a_manifest(tmp_path):
    assert "is not an atlas: it has no manifest.json. Build one with 'make pipeline'." in sentence(
        tmp_path
    )


def test_a_manifest_that_is_not_json(copy):
    (copy / files.MANIFEST).write_text("{")
    assert "manifest.json cannot be read" in sentence(copy)


def test_a_newer_schema(copy):
    change_manifest(copy, schema_version=99)
    assert "has schema version 99, this release reads 1. Update Galaxy Finder" in sentence(copy)


def test_a_manifest_with_a_wrong_field_names_it(copy):
    change_manifest(copy, n_objects="many", colour="red")
    message = sentence(copy)
    assert "n_objects" in message
    assert "colour" in message


@pytest.mark.parametrize(
    "name", [*files.REQUIRED_FILES, files.INDEX, files.THUMBNAILS, files.EVALUATION]
)
def test_a_missing_file(copy, name):
    (copy / name).unlink()
    message = sentence(copy)
    assert f"{name} is missing" in message
    assert "Rebuild the atlas with 'make pipeline CONFIG=...'" in message


def test_a_file_that_the_manifest_does_not_list(copy):
    listed = json.loads((copy / files.MANIFEST).read_text())["files"]
    del listed[files.INDEX]
    change_manifest(copy, files=listed)
    assert "does not list index.ann" in sentence(copy)


def test_a_manifest_that_names_a_file_elsewhere(copy):
    listed = json.loads((copy / files.MANIFEST).read_text())["files"]
    listed["../secret"] = listed[files.INDEX]
    change_manifest(copy, files=listed)
    assert "secret is missing" in sentence(copy)


def test_a_flipped_byte_in_the_index(copy):
    data = bytearray((copy / files.INDEX).read_bytes())
    data[len(data) // 2] ^= 0xFF
    (copy / files.INDEX).write_bytes(data)
    assert "index.ann has changed since it was published" in sentence(copy)


def test_an_index_cut_at_a_node_boundary(copy):
    dim = open_atlas(copy).vectors.dim
    data = (copy / files.INDEX).read_bytes()
    (copy / files.INDEX).write_bytes(data[: -(12 + 4 * dim)])
    assert "it is damaged or was cut off" in sentence(copy)


def test_an_index_cut_before_publishing(copy):
    dim = open_atlas(copy).vectors.dim
    data = (copy / files.INDEX).read_bytes()
    (copy / files.INDEX).write_bytes(data[: 200 * (12 + 4 * dim)])
    make_manifest_true(copy)
    assert "is not the index of these embeddings" in sentence(copy)


def test_an_index_of_another_dimension(copy):
    embeddings = np.load(copy / files.EMBEDDINGS)
    rebuild_index(copy, embeddings[:, :32])
    assert "is not the index of these embeddings" in sentence(copy)


def test_an_index_that_says_another_dimension(copy):
    change_parameters(copy, dim=32)
    assert "has dimension 32, the embeddings have 96" in sentence(copy)


@pytest.mark.parametrize("metric", ["euclidean", "dot", "manhattan"])
def test_an_index_of_another_metric(copy, metric):
    rebuild_index(copy, np.load(copy / files.EMBEDDINGS), metric)
    assert "is not the index of these embeddings" in sentence(copy)


def test_an_index_that_says_another_metric(copy):
    change_parameters(copy, metric="euclidean")
    assert "has metric 'euclidean', this release reads 'angular'" in sentence(copy)


def test_parameters_that_no_index_has(copy):
    change_parameters(copy, search_k=0, depth=3)
    assert "describes" in (message := sentence(copy))
    assert "search_k, depth" in message


def test_an_engine_that_this_release_does_not_have(copy):
    index = json.loads((copy / files.MANIFEST).read_text())["index"]
    change_manifest(copy, index=index | {"engine": "oracle"})
    assert f"with 'oracle', this release with {', '.join(ENGINES)}. Update" in sentence(copy)


def test_an_atlas_of_an_earlier_release_has_annoy(copy, tiny_atlas):
    index = json.loads((copy / files.MANIFEST).read_text())["index"]
    change_manifest(copy, index=index["parameters"] | {"recall_at_100": 0.5})
    earlier, now = open_atlas(copy), open_atlas(tiny_atlas)
    assert earlier.engine.summary == now.engine.summary
    assert earlier.manifest.index.recall_at_100 == 0.5
    assert earlier.manifest.index.query_ms is None


def test_a_manifest_says_why_an_engine_was_chosen_if_it_was(copy, tmp_path):
    manifest = open_atlas(copy).manifest
    for why in (None, "It was the quickest."):
        write_manifest(replace(manifest, index=replace(manifest.index, why=why)), tmp_path / "it")
        said = json.loads((tmp_path / "it").read_text())["index"]
        assert said.get("why", "not said") == (why or "not said")
        assert read_manifest(tmp_path / "it").index.why == why


def test_an_index_of_other_galaxies(copy):
    rebuild_index(copy, np.load(copy / files.EMBEDDINGS)[::-1])
    assert "is not the index of these embeddings" in sentence(copy)


@pytest.mark.parametrize("more", [-1, 1])
def test_an_index_with_another_number_of_galaxies(copy, more):
    embeddings = np.load(copy / files.EMBEDDINGS)
    rebuild_index(copy, embeddings[:-1] if more < 0 else np.vstack([embeddings, embeddings[:1]]))
    assert "index" in sentence(copy)


def test_fewer_rows_in_the_catalogue(copy):
    catalogue, columns = read_atlas_catalogue(copy / files.CATALOGUE)
    write_catalogue([catalogue.iloc[:-1]], columns.values(), copy / files.CATALOGUE)
    make_manifest_true(copy)
    assert "catalogue.parquet has 299 rows, the manifest says 300" in sentence(copy)


def test_the_same_galaxy_twice_in_the_catalogue(copy):
    catalogue, columns = read_atlas_catalogue(copy / files.CATALOGUE)
    catalogue.loc[1, "object_id"] = catalogue.loc[0, "object_id"]
    write_catalogue([catalogue], columns.values(), copy / files.CATALOGUE)
    make_manifest_true(copy)
    assert "has the same object_id twice" in sentence(copy)


def test_a_catalogue_that_is_not_parquet(copy):
    (copy / files.CATALOGUE).write_text("object_id,ra_deg\n")
    make_manifest_true(copy)
    assert "catalogue.parquet cannot be read" in sentence(copy)


def test_a_catalogue_without_positions(copy):
    pd.DataFrame({"object_id": ["a"]}).to_parquet(copy / files.CATALOGUE)
    make_manifest_true(copy)
    assert "lacks ra_deg, dec_deg" in sentence(copy)


@pytest.mark.parametrize("name", [files.EMBEDDINGS, files.MAP_XY])
def test_fewer_rows_in_an_array(copy, name):
    np.save(copy / name, np.load(copy / name)[:-1])
    make_manifest_true(copy)
    assert f"{name} holds float32 (299, " in sentence(copy)


def test_an_array_of_another_type(copy):
    np.save(copy / files.EMBEDDINGS, np.load(copy / files.EMBEDDINGS).astype("float64"))
    make_manifest_true(copy)
    assert "holds float64 (300, 96), the manifest says float32 (300, 96)" in sentence(copy)


def test_an_array_that_would_run_code(copy):
    np.save(copy / files.MAP_XY, np.array([{"not": "numbers"}], dtype=object))
    make_manifest_true(copy)
    assert "umap.npy cannot be read" in sentence(copy)


@pytest.mark.parametrize(
    ("value", "what"), [(np.nan, "is not finite"), (0, "is not of unit length")]
)
def test_an_embedding_that_annoy_would_answer_with_nonsense(copy, value, what):
    embeddings = np.load(copy / files.EMBEDDINGS)
    embeddings[17] = value
    np.save(copy / files.EMBEDDINGS, embeddings)
    make_manifest_true(copy)
    assert f"the embedding of row 17 {what}" in sentence(copy)


def test_a_map_with_holes(copy):
    map_xy = np.load(copy / files.MAP_XY)
    map_xy[3, 1] = np.inf
    np.save(copy / files.MAP_XY, map_xy)
    make_manifest_true(copy)
    assert "umap.npy has values that are not finite" in sentence(copy)


def test_thumbnails_that_do_not_fit_their_boundaries(copy):
    with (copy / files.THUMBNAILS).open("ab") as file:
        file.write(b"more")
    make_manifest_true(copy)
    assert "The thumbnails of" in sentence(copy)


def test_an_evaluation_that_is_not_json(copy):
    (copy / files.EVALUATION).write_text("{")
    make_manifest_true(copy)
    assert "evaluation.json cannot be read" in sentence(copy)


@pytest.mark.parametrize(
    ("column", "value"), [("ra_deg", np.nan), ("ra_deg", 400), ("dec_deg", -91)]
)
def test_a_position_that_is_not_on_the_sky(copy, column, value):
    catalogue, columns = read_atlas_catalogue(copy / files.CATALOGUE)
    catalogue.loc[5, column] = value
    write_catalogue([catalogue], columns.values(), copy / files.CATALOGUE)
    make_manifest_true(copy)
    assert f"has positions that are not on the sky ({column})" in sentence(copy)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04"])
def test_an_array_file_that_is_empty_or_cut_off(copy, content):
    (copy / files.MAP_XY).write_bytes(content)
    make_manifest_true(copy)
    assert "umap.npy" in sentence(copy)


def test_an_archive_of_arrays_in_the_place_of_one(copy):
    np.savez(copy / "several.npz", a=np.zeros(2))
    (copy / "several.npz").replace(copy / files.MAP_XY)
    make_manifest_true(copy)
    assert "umap.npy cannot be read" in sentence(copy)
