"""plotly's strict bundle: the same plotly.js, made so that it never makes a script of words.

The package plotly brings another one, whose WebGL maps call ``Function``. The strict one is taken
from npm by ``make strict``, pinned by its hash in docs/deploy/strict/package-lock.json; without it
the page works as well, under a policy that allows eval.
"""

from __future__ import annotations

import logging
import os
import re
from importlib.resources import files
from pathlib import Path

logger = logging.getLogger(__name__)

# Another place of the bundle, or "off" to do without it.
ENVIRONMENT = "GALAXY_FINDER_PLOTLY"
BUNDLE = (
    Path(__file__).resolve().parents[2]
    / "docs/deploy/strict/node_modules/plotly.js-strict-dist-min/plotly-strict.min.js"
)
_TITLE = re.compile(rb"\* plotly\.js (?P<strict>\(strict[^)]*\) )?v(?P<version>[\w.-]+)")
_TITLE_BYTES = 200  # within the first of these
_WITHOUT = "Scripts may use eval (SECURITY.md)."


def find_strict_bundle() -> Path | None:
    """Return the bundle if it is there and of the version that plotly draws with."""
    chosen = os.environ.get(ENVIRONMENT, "")
    if chosen == "off":
        return None
    path = Path(chosen) if chosen else BUNDLE
    try:
        found = _title(path)
    except OSError as error:
        why = "is not here" if isinstance(error, FileNotFoundError) else f"cannot be read: {error}"
        logger.warning("plotly's strict bundle %s; 'make strict' fetches it. %s", why, _WITHOUT)
        return None
    wanted = _title(_plotly_js())
    if found is None or wanted is None or found["version"] != wanted["version"]:
        logger.warning("%s is of another version than plotly. %s", path, _WITHOUT)
        return None
    if not found["strict"]:
        logger.warning("%s is not the strict bundle. %s", path, _WITHOUT)
        return None
    return path


def _title(path: Path) -> re.Match[bytes] | None:
    with path.open("rb") as file:
        return _TITLE.search(file.read(_TITLE_BYTES))


def _plotly_js() -> Path:
    return Path(str(files("plotly"))) / "package_data" / "plotly.min.js"
