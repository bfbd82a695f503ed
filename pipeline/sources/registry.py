"""Which source a configuration asks for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.sources import Source, SourceError

KINDS = ("mock", "folder")


def open_source(options: Mapping[str, Any]) -> Source:
    """Open the source that the ``[source]`` table of a configuration describes.

    Parameters
    ----------
    options : mapping
        ``kind``, and the arguments of that source. Paths are relative to the current directory.

    Raises
    ------
    SourceError
        Unknown kind or argument, or the source cannot be opened.
    """
    arguments = {key: value for key, value in options.items() if key != "kind"}
    kind = options.get("kind")
    try:
        if kind == "mock":
            from pipeline.sources.mock import MockSource

            return MockSource(**arguments)
        if kind == "folder":
            from pipeline.sources.folder import FolderSource

            return FolderSource(**arguments)
    except TypeError as error:
        raise SourceError(f"The [source] table does not fit kind '{kind}': {error}.") from error
    raise SourceError(f"[source] kind is '{kind}'; it must be one of {', '.join(KINDS)}.")


def source_state(options: Mapping[str, Any]) -> list[Any]:
    """Return what changes when the files that a source reads change.

    Names, sizes and times of the files directly in the source's folder, and the times of its
    sub-folders: enough to notice a new catalogue or an added picture without reading them all.
    """
    if "folder" not in options:
        return []
    folder = Path(options["folder"])
    if not folder.is_dir():
        return []
    return [
        [path.name, path.stat().st_mtime_ns, path.stat().st_size if path.is_file() else 0]
        for path in sorted(folder.iterdir())
        if path.is_dir() or path.suffix.lower() not in {".jpg", ".jpeg", ".png"}
    ] + [folder.stat().st_mtime_ns]
