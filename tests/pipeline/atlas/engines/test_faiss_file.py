"""A file that is not what it should be is refused before faiss, which would trust it, sees it."""

import os
import shutil
from collections import namedtuple

import numpy as np
import pytest

from pipeline.atlas.engines import EngineError, Vectors
from pipeline.atlas.engines.faiss_build import n_lists_for
from pipeline.atlas.engines.faiss_file import header_of
from pipeline.atlas.engines.faiss_index import FaissEngine
from pipeline.atlas.errors import AtlasError
from tests.pipeline.atlas.engines.built_engines import OPTIONS, built, many, unit_rows

N = 2_000


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    file = tmp_path_factory.mktemp("faiss") / "index.faiss"
    engine = built("faiss", Vectors(many()[:N]), file)
    return file.read_bytes(), engine.parameters


def opened(tmp_path, content, parameters, vectors=None):
    file = tmp_path / "index.faiss"
    file.write_bytes(content)
    return FaissEngine.open(vectors or Vectors(many()[:N]), file, parameters, file)


def what_comes_of(tmp_path, content, parameters):
    """Return what is wrong with a file; "" for one that answers."""
    try:
        engine = opened(tmp_path, content, parameters)
    except AtlasError as error:
        return str(error)
    return "" if len(next(engine.proposals(many()[3], 30))) else "no answer"


def test_no_bit_of_the_header_can_be_wrong_without_being_noticed_or_harmless(whole, tmp_path):
    content, parameters = whole
    layout = header_of(128, parameters["n_lists"])
    rng = np.random.default_rng(0)
    said = []
    for name in layout.names:
        offset = layout.fields[name][1]
        for bit in rng.integers(8 * layout.fields[name][0].itemsize, size=2).tolist():
            damaged = bytearray(content)
            damaged[offset + bit // 8] ^= 1 << bit % 8
            said.append(what_comes_of(tmp_path, bytes(damaged), parameters))
    refused = [text for text in said if text]
    assert len(refused) > len(said) / 2
    assert all("is not the index of these embeddings" in text for text in refused)


@pytest.mark.parametrize("n_bytes", [0, 3, 1_000, -1, -128 * N // 2])
def test_a_file_that_was_cut_off_is_refused(whole, tmp_path, n_bytes):
    content, parameters = whole
    with pytest.raises(AtlasError, match="another length"):
        opened(tmp_path, content[:n_bytes], parameters)
    with pytest.raises(AtlasError, match="another length"):
        opened(tmp_path, content + b"more", parameters)


@pytest.mark.parametrize("row", [-1, N, 2**62, 0])
def test_rows_that_are_no_galaxies_or_come_twice_are_refused(whole, tmp_path, row):
    content, parameters = whole
    at_end = content[:-8] + np.int64(row).tobytes()
    assert at_end != content
    with pytest.raises(AtlasError, match=r"no galaxies|twice"):
        opened(tmp_path, at_end, parameters)


def test_an_index_of_other_embeddings_is_refused(whole, tmp_path):
    content, parameters = whole
    with pytest.raises(AtlasError, match="other embeddings"):
        opened(tmp_path, content, parameters, Vectors(unit_rows(N, dim=128)))
    with pytest.raises(AtlasError, match="another length"):
        opened(tmp_path, content, parameters, Vectors(many()[: N - 1]))
    with pytest.raises(AtlasError, match="has dimension 128, the embeddings have 6"):
        opened(tmp_path, content, parameters, Vectors(unit_rows(N)))
    with pytest.raises(AtlasError, match=r"describes .* wrongly or not at all"):
        opened(tmp_path, content, parameters | {"nprobe": 0})


def test_a_disk_without_room_is_said_before_anything_is_written(tmp_path, monkeypatch):
    disk = namedtuple("disk", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: disk(1000))
    with pytest.raises(EngineError, match=r"The index needs .* GB .* --atlases"):
        built("faiss", Vectors(many()[:N]), tmp_path / "index.faiss")
    assert not list(tmp_path.iterdir())


def test_there_are_as_many_lists_as_pay():
    assert [n_lists_for(10**power) for power in range(8)] == [1, 1, 4, 32, 256, 1024, 4096, 8192]


def test_chunks_do_not_change_the_file(whole, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.atlas.engines.faiss_build._CHUNK_ROWS", 300)
    built("faiss", Vectors(many()[:N]), tmp_path / "index.faiss")
    one, other = np.frombuffer(whole[0], np.uint8), np.fromfile(tmp_path / "index.faiss", np.uint8)
    assert len(one) == len(other)
    assert np.mean(one != other) < 0.01  # sums of other lengths of block differ in the last digit


def test_faiss_and_torch_work_in_one_process():
    import torch

    ones = torch.ones(300, 300)
    before = (ones @ ones).sum()
    engine = built("faiss", Vectors(many()[:N]))
    assert 5 in next(engine.proposals(many()[5], 10))
    assert (ones @ ones).sum() == before


def test_an_interrupted_build_leaves_nothing_open(tmp_path):
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()

    def interrupt():
        raise KeyboardInterrupt

    vectors = Vectors(many()[:N])
    with pytest.raises(KeyboardInterrupt):
        FaissEngine.build(
            vectors, tmp_path / "index.faiss", OPTIONS, recall=lambda _: 1.0, advance=interrupt
        )
    assert not before or len(os.listdir("/proc/self/fd")) <= len(before)
