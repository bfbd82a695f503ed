"""The scripts of Dash and its components as one file, in their order: for one request, not a dozen.

Ours come before it, and are at work while it is on its way.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# Dash's parts that come later are looked for beside what is running: those of dash.dcc.
PACKAGE, FOLDER = "dash", "dcc"
_NAME = "dash-renderer"  # which Dash looks for in the document
_SOURCE_MAP = re.compile(rb"^//# sourceMappingURL=.*$", re.MULTILINE)
# All that was needed for this to run has come: what the page does without may follow.
_BEGIN = b"window.galaxyFinder?.beginMap?.();"


@dataclass(frozen=True)
class Libraries:
    """A file made of several.

    Attributes
    ----------
    name : str
        Has the fingerprint of the content.
    content : bytes
    """

    name: str
    content: bytes


@lru_cache(1)
def libraries(paths: tuple[Path, ...]) -> Libraries:
    """Return the files one after another, as they are when first asked for."""
    parts = [_SOURCE_MAP.sub(b"", path.read_bytes()) for path in paths]
    content = b"\n;".join([_BEGIN, *parts])
    return Libraries(f"{_NAME}.{hashlib.sha256(content).hexdigest()[:12]}.js", content)
