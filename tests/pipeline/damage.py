"""Ways to spoil a published atlas."""

import hashlib
import json

from pipeline.atlas import files
from pipeline.atlas.manifest import write_content


def change_manifest(folder, **changes):
    path = folder / files.MANIFEST
    write_content(json.loads(path.read_text()) | changes, path)


def make_manifest_true(folder):
    """Give the manifest the hashes of the files that are there: a damage from before publishing."""
    content = json.loads((folder / files.MANIFEST).read_text())
    for name, info in content["files"].items():
        data = (folder / name).read_bytes()
        info.update(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    change_manifest(folder, files=content["files"])
