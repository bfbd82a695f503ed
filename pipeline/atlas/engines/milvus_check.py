"""python -m pipeline.atlas.engines.milvus_check: whether a collection is that of an atlas.

A process of its own looks, since the one that opens atlases forks workers (milvus_access).
"""

from __future__ import annotations

import json
import logging
import os
import subprocess  # of this program only  # nosec B404
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from pipeline.atlas.engines.milvus_access import (
    TIMEOUT_S,
    MilvusParameters,
    check_collection,
    token,
)
from pipeline.atlas.engines.milvus_client import MilvusClient, MilvusGoneError
from pipeline.atlas.errors import AtlasError, ChangedError

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[3]
_LONGEST_S = 30.0  # with loading Python and pymilvus


def check_elsewhere(settings: MilvusParameters, rows: list[int], vectors: np.ndarray) -> None:
    """Raise an AtlasError if a cluster answers that its collection is another one.

    One that does not answer may do so later: the first question will tell.
    """
    asked = {"settings": asdict(settings), "rows": rows, "vectors": vectors.tolist()}
    try:
        done = subprocess.run(  # ourselves, no shell  # nosec B603
            [sys.executable, "-m", "pipeline.atlas.engines.milvus_check"],
            cwd=_ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
            check=True,
        )
        found = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        found = {"gone": str(error)}
    if "changed" in found:
        raise AtlasError(found["changed"])
    if "gone" in found:
        log.warning("Milvus could not be asked about %s: %s", settings.collection, found["gone"])


def main() -> int:
    """Say as JSON what is wrong with a collection; return the exit status."""
    asked = json.load(sys.stdin)
    settings = TypeAdapter(MilvusParameters).validate_python(asked["settings"])
    vectors = np.array(asked["vectors"], dtype=np.float32)
    found = {}
    try:
        client = MilvusClient(settings.address(), token(), settings.collection, TIMEOUT_S)
        check_collection(client, settings, asked["rows"], vectors)
    except ChangedError as error:
        found["changed"] = str(error)
    except MilvusGoneError as error:
        found["gone"] = str(error)
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
