"""A catalogue that is mapped: the same as in memory, nothing copied, and no crash of a bad file."""

from contextlib import suppress

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.atlas import AtlasError, Catalogue, Column, files, open_atlas
from pipeline.atlas.atlas import verify_atlas
from pipeline.atlas.catalogue import read_atlas_catalogue, write_catalogue
from pipeline.atlas.mapped_columns import are_unique, map_columns
from tests.pipeline.damage import make_manifest_true
from tests.pipeline.mapped_catalogue import with_mapped_catalogue, write_mapped

N = 40
FRAME = pd.DataFrame(
    {
        "object_id": [f"G{row} ä" for row in range(N)],
        "ra_deg": np.linspace(0, 359, N),
        "dec_deg": np.linspace(-90, 90, N),
        "mag": np.where(np.arange(N) % 5, np.linspace(14, 20, N), np.nan).astype(np.float32),
        "mag.z": np.arange(N, dtype=np.float64),
        "whole": np.arange(N, dtype=np.int16),
        "large": np.arange(N, dtype=np.uint64) + 2**63,
        "kind": (["disk", "", "ring"] * N)[:N],
        "faulty": np.arange(N) % 3 == 0,
        "gaps": pd.array([None, 2, 3, 4] * (N // 4), dtype="Int64"),
        "nothing": np.full(N, np.nan),
    }
)


def mapped(frame, folder, columns=(), size=7):
    """Return a catalogue as it is published: in pieces, then mapped; and the one in memory."""
    parquet, file = folder / "c.parquet", folder / "c.arrow"
    pieces = [frame.iloc[start : start + size] for start in range(0, len(frame), size)]
    described = {name: Column(name) for name in frame} | {one.name: one for one in columns}
    write_catalogue(pieces, described.values(), parquet)
    write_mapped(parquet, file, len(frame))
    content = np.memmap(file, np.uint8, "r")
    series, about = map_columns(file, content, len(frame), thorough=True)
    in_memory, also = read_atlas_catalogue(parquet)
    assert about == also
    return Catalogue(series), Catalogue.of_frame(in_memory), content


def test_every_column_is_the_same_mapped_and_in_memory(tmp_path):
    magnitude = Column("mag", "mag", "Magnitude", "phot.mag")
    ours, theirs, _ = mapped(FRAME, tmp_path, [magnitude])
    assert len(ours) == len(theirs) == N
    assert ours.names == theirs.names == list(FRAME)
    for name in ours:
        values = ours[name].astype(theirs[name].dtype)
        pd.testing.assert_series_equal(values, theirs[name])
    rows = np.array([7, 0, 39])
    pd.testing.assert_frame_equal(
        ours.take(rows, ["mag", "whole"]), theirs.take(rows, ["mag", "whole"])
    )
    assert sum(len(block) for block in ours.blocks(["kind"])) == N


def test_numbers_texts_and_the_numbers_of_labels_lie_in_the_file(tmp_path):
    ours, _, content = mapped(FRAME, tmp_path)
    first = content.ctypes.data
    arrays = [ours[name].to_numpy() for name in ("mag", "whole", "large", "faulty", "nothing")]
    arrays.append(ours["kind"].array.codes)
    assert ours["kind"].cat.codes.dtype == np.int8
    for array in arrays:
        assert first <= array.ctypes.data <= first + content.nbytes - array.nbytes
        assert not array.flags.writeable


def test_many_texts_lie_one_behind_the_other(tmp_path):
    n = 33_000
    frame = pd.DataFrame({"object_id": [f"g{row}" for row in range(n)]})
    frame = frame.assign(ra_deg=1.0, dec_deg=2.0, name=[f"n{row % 200}" for row in range(n)])
    ours, _, _ = mapped(frame, tmp_path, size=20_000)
    assert ours["object_id"].dtype == "str"
    assert ours["object_id"].tolist() == frame["object_id"].tolist()
    assert ours["name"].cat.codes.dtype == np.int16
    assert ours["name"].astype("str").tolist() == frame["name"].tolist()


TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)


@settings(max_examples=15)
@given(
    texts=st.lists(TEXTS, min_size=1, max_size=12),
    numbers=st.lists(st.floats(width=32), min_size=12, max_size=12),
    size=st.integers(1, 12),
)
def test_any_text_and_number_is_the_same(tmp_path_factory, texts, numbers, size):
    n = len(texts)
    frame = pd.DataFrame({"object_id": [f"{row}" for row in range(n)]})
    frame = frame.assign(ra_deg=0.0, dec_deg=0.0, text=texts, number=np.float32(numbers[:n]))
    ours, theirs, _ = mapped(frame, tmp_path_factory.mktemp("any"), size=size)
    assert ours["text"].tolist() == theirs["text"].tolist()
    np.testing.assert_array_equal(ours["number"], theirs["number"])


@pytest.fixture
def large(copy):
    return with_mapped_catalogue(copy)


def test_an_atlas_with_the_file_maps_it_and_is_the_same_atlas(tiny_atlas, large):
    ours, theirs = open_atlas(large), open_atlas(tiny_atlas)
    assert ours.columns == theirs.columns
    for name in theirs.catalogue:
        values = ours.catalogue[name].astype(theirs.catalogue[name].dtype)
        pd.testing.assert_series_equal(values, theirs.catalogue[name])
    verify_atlas(large)


def sentence(folder, opened=open_atlas):
    make_manifest_true(folder)
    with pytest.raises(AtlasError) as caught:
        opened(folder)
    return str(caught.value)


def rewritten(folder, change, **options):
    """Write the file with other content, or in another way."""
    path = folder / files.MAPPED_CATALOGUE
    table = change(pa.ipc.open_file(path.read_bytes()).read_all())
    with pa.ipc.new_file(str(path), table.schema, options=pa.ipc.IpcWriteOptions(**options)) as out:
        out.write_table(table)
    return folder


def changed(table, name, array):
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(name).with_type(array.type), array)


def test_a_packed_file_is_not_mapped(large):
    assert "catalogue.arrow" in sentence(rewritten(large, lambda t: t, compression="zstd"))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda t: t.slice(1).combine_chunks(), "has 299 rows, the manifest says 300"),
        (lambda t: pa.concat_tables([t.slice(0, 9), t.slice(9)]), "in 2 parts, not in one"),
        (lambda t: t.drop_columns(["dec_deg"]), "lacks dec_deg"),
        (lambda t: changed(t, "mag_z", pa.nulls(300, pa.float32())), "lacks values"),
        (lambda t: changed(t, "mag_z", pa.array([[1]] * 300)), "column mag_z is of type list"),
        (lambda t: changed(t, "object_id", pa.array(range(300))), "object_id as numbers"),
        (lambda t: changed(t, "ra_deg", pa.array([400.0] * 300)), "not on the sky (ra_deg)"),
    ],
)
def test_a_file_that_is_no_catalogue_of_this_atlas_is_named(large, change, what):
    said = sentence(rewritten(large, change))
    assert what in said
    assert "catalogue.arrow" in said


def test_the_same_galaxy_twice_is_found_before_an_atlas_is_published(large):
    twice = pa.array(["G"] * 300, pa.large_string())
    folder = rewritten(large, lambda t: changed(t, "object_id", twice))
    assert "same object_id twice" in sentence(folder, verify_atlas)
    assert are_unique(pd.Series(["a", "b"]))
    assert not are_unique(pd.Series(["a", "b", "a"]))


def test_no_change_of_bytes_crashes_the_reader(tmp_path):
    _, _, content = mapped(FRAME, tmp_path)
    rng = np.random.default_rng(3)
    n_refused = 0
    for trial in range(400):
        damaged = np.array(content)
        if trial % 2:  # most of what is not a number of the catalogue lies at the ends
            places = np.concatenate([np.arange(700), np.arange(len(damaged) - 3000, len(damaged))])
        else:
            places = np.arange(len(damaged))
        damaged[rng.choice(places, 4)] = rng.integers(0, 256, 4)
        damaged = damaged[: len(damaged) - (trial % 3 == 0) * int(rng.integers(200))]
        try:
            series, _ = map_columns(tmp_path, damaged, N, thorough=False)
        except AtlasError:
            n_refused += 1
            continue
        for column in series.values():
            assert len(column) == N
            with suppress(UnicodeDecodeError):
                column.tolist()
    assert n_refused > 100
