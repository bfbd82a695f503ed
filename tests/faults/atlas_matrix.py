"""Every kind of damage to every file of an atlas, at start and while it is served.

``python -m tests.faults.atlas_matrix FOLDER`` prints the table of counts for an atlas. Each case is
a process of its own: one that crashes or hangs is a line in the table.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.explorer.embedder import EmbedderError
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.opening import open_all
from pipeline.atlas import ENCODER, MANIFEST, condition
from pipeline.atlas.engines import engine_file
from pipeline.atlas.files import EMBEDDINGS
from pipeline.atlas.manifest import read_manifest, write_content
from pipeline.atlas.private_copies import MEMORY
from tests.faults.atlas_damage import HARMLESS, KINDS, Vault

DEADLINE_S = 30.0
WELL = ("right", "said")
OTHER = "other"
_WHEN_MADE = re.compile(rb'""made"": ""[^"]*""')
# The disk is not read as long as a file looks as it did.
_NOT_SEEN_BY_HEALTH = ("the disk fails",)


class Matrix:
    """An atlas to damage, another beside it, and what both answer while all is well."""

    def __init__(self, atlas: Path, folder: Path, *, in_place: bool = False) -> None:
        self.atlas = shutil.copytree(atlas, folder / "damaged")
        self.other = shutil.copytree(atlas, folder / OTHER)
        content = json.loads((self.other / MANIFEST).read_text())
        write_content(content | {"name": OTHER}, self.other / MANIFEST)
        self.names = sorted(file.name for file in self.atlas.iterdir())
        self._vault = Vault(self.atlas)
        if in_place:
            os.environ[MEMORY] = "0"
        try:
            opened = open_all([self.atlas, self.other])
        finally:
            os.environ.pop(MEMORY, None)
        assert not opened.closed, opened.closed
        condition._LOOK_EVERY_S = 0.0
        importlib.import_module("onnxruntime")  # here, so that no child has to
        self._app = create_app(opened.explorers)
        self._explorers = opened.explorers
        self._reference = None
        self._reference = self._in_child(lambda: _answers(self._app, self._explorers))

    def at_start(self, name: str, kind: str) -> str:
        """Return what happens if the file is damaged before the atlas is opened."""

        def start() -> str:
            _all_kinds()[kind](self.atlas / name)
            opened = open_all([self.atlas, self.other])
            if OTHER not in opened.explorers:
                return "the other is closed, too"
            if opened.closed:
                (sentence,) = opened.closed.values()
                named = name in sentence or MANIFEST in sentence
                return "said" if named and sentence.count(".") > 1 else f"not named: {sentence}"
            return self._compared(_answers(create_app(opened.explorers), opened.explorers), True)

        return self._case(name, start)

    def serving(self, name: str, kind: str) -> str:
        """Return what happens if the file is damaged while the atlas is served."""

        def serve() -> str:
            _all_kinds()[kind](self.atlas / name)
            self._settle()
            is_whole = None if kind in _NOT_SEEN_BY_HEALTH else kind in HARMLESS
            return self._compared(_answers(self._app, self._explorers), is_whole)

        return self._case(name, serve)

    def _settle(self) -> None:
        """Wait until what was only touched has been read again, as a minute later in real life."""
        explorer = next(iter(self._explorers.values()))
        while explorer.condition().status == "checking":
            time.sleep(0.01)

    def _compared(self, answers: dict, is_whole: bool | None) -> str:
        health = answers.pop("health")
        if is_whole is not None and health != (200 if is_whole else 503):
            return f"health is {health}"
        reference = {name: value for name, value in self._reference.items() if name != "health"}
        different = [name for name in reference if answers[name] != reference[name]]
        wrong = [name for name in different if answers[name][0] != "said"]
        return f"wrong: {', '.join(wrong)}" if wrong else "said" if different else "right"

    def _case(self, name: str, work) -> str:
        try:
            return self._in_child(work)
        finally:
            self._vault.put_back(name)

    def _in_child(self, work):
        """Return what ``work`` returns in a process of its own, or how that ended."""
        reading, writing = os.pipe()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                result = work()
                with os.fdopen(writing, "w") as stream:
                    json.dump(result, stream)
            finally:  # what was raised is on stderr, and nothing was written
                traceback.print_exc() if sys.exc_info()[0] else None
                os._exit(0)
        os.close(writing)
        with _deadline(child), os.fdopen(reading) as stream:
            text = stream.read()
            _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            return "hung" if number == signal.SIGALRM else f"crashed: {signal.Signals(number).name}"
        return json.loads(text) if text else "raised an exception"


@contextmanager
def _deadline(child: int):
    """End a child that takes too long, by the signal of a clock that ran down."""
    import threading

    timer = threading.Timer(DEADLINE_S, os.kill, (child, signal.SIGALRM))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _all_kinds():
    return KINDS | HARMLESS


def _answers(app: Flask, explorers: dict[str, Explorer]) -> dict[str, list]:
    """Return what an atlas answers to questions that need each of its files."""
    client = app.test_client()
    ours, other = explorers.values()
    answers = {"health": client.get("/health").status_code}
    for explorer in (ours, other):
        ids = explorer.catalogue["object_id"]
        for row in (0, explorer.n_objects // 2, explorer.n_objects - 1):
            answers[f"picture {row} of {explorer.name}"] = _asked(
                client, f"/cutouts/{explorer.name}/{row}.jpg"
            )
            answers[f"neighbours of {row} in {explorer.name}"] = _asked(
                client, f"/export/{explorer.name}/neighbours.csv?galaxy={ids[row]}"
            )
        answers[f"catalogue of {explorer.name}"] = _asked(
            client, f"/export/{explorer.name}/catalogue.csv"
        )
        page = client.get(f"/atlas/{explorer.name}/method").status_code
        answers[f"method of {explorer.name}"] = ["said" if page == 503 else "status", page]
    answers["health of the other"] = ["status", client.get(f"/health/{other.name}").status_code]
    answers["said of us"] = ["status", client.get("/api").get_json()["atlases"][0]]
    answers["map"] = ["content", hashlib.sha256(ours.map_xy.tobytes()).hexdigest()]
    if ours.embedder is not None:
        answers[ENCODER] = _embedded(ours)
    return answers


def _asked(client: FlaskClient, address: str) -> list:
    answer = client.get(address)
    if answer.status_code != 200:
        is_said = answer.status_code in (404, 503) and "." in answer.text
        return ["said" if is_said else "status", answer.status_code]
    content = _WHEN_MADE.sub(b"", answer.data)
    return ["content", hashlib.sha256(content).hexdigest()]


def _embedded(explorer: Explorer) -> list:
    side = explorer.manifest.encoder_input.input_px
    seen = np.linspace(0, 1, 3 * side * side, dtype=np.float32).reshape(3, side, side)
    try:
        return ["content", explorer.embedder.embed(seen).round(4).tolist()]
    except EmbedderError as error:
        return ["said", str(error)]


@contextmanager
def matrix(atlas: Path, *, in_place: bool = False):
    """Yield a matrix in a folder that others may look into."""
    with tempfile.TemporaryDirectory(prefix="atlas-matrix-") as folder:
        Path(folder).chmod(0o755)
        yield Matrix(atlas, Path(folder), in_place=in_place)


def main(arguments: list[str]) -> int:
    """Print the table of an atlas; return how many cases went wrong."""
    (atlas,) = arguments or ["atlases/mock"]
    started_s = time.monotonic()
    tables: dict[str, Counter] = {}
    bad = 0
    with matrix(Path(atlas)) as copied, matrix(Path(atlas), in_place=True) as mapped:
        index = engine_file(read_manifest(Path(atlas) / MANIFEST).index)
        runs = {
            "at start": (copied.at_start, copied.names),
            "while serving": (copied.serving, copied.names),
            "mapped in place": (
                mapped.serving,
                [name for name in (EMBEDDINGS, index) if name is not None],
            ),
        }
        for when, (case, names) in runs.items():
            for kind in _all_kinds():
                counts = tables.setdefault(kind, Counter())
                for name in names:
                    outcome = case(name, kind)
                    counts[when, outcome if outcome in WELL else "bad"] += 1
                    if outcome not in WELL or (kind in HARMLESS and outcome != "right"):
                        bad += 1
                        print(f"{when}: {name}, {kind}: {outcome}")
    columns = [(when, outcome) for when in runs for outcome in (*WELL, "bad")]
    print(
        "kind of damage".ljust(28), *(f"{when}: {outcome}" for when, outcome in columns), sep=" | "
    )
    for kind, counts in tables.items():
        cells = (str(counts[c]).rjust(len(f"{c[0]}: {c[1]}")) for c in columns)
        print(kind.ljust(28), *cells, sep=" | ")
    n = sum(sum(counts.values()) for counts in tables.values())
    print(f"{n} cases, {bad} bad, {time.monotonic() - started_s:.0f} s")
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
