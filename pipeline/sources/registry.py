"""Which source a configuration asks for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.sources import Source, SourceError

KINDS = ("mock", "folder", "decals_h5", "legacysurvey")


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
        if kind == "decals_h5":
            from pipeline.sources.decals_h5 import DecalsH5Source

            return DecalsH5Source(**arguments)
        if kind == "legacysurvey":
            from pipeline.sources.legacysurvey import LegacySurveySource

            return LegacySurveySource(**arguments)
    except (TypeError, ValidationError) as error:
        raise SourceError(f"The [source] table does not fit kind '{kind}': {error}.") from error
    raise SourceError(f"[source] kind is '{kind}'; it must be one of {', '.join(KINDS)}.")


def source_state(options: Mapping[str, Any]) -> list[Any]:
    """Return what changes when the files that a source reads change: names, sizes, times.

    Raises
    ------
    SourceError
        The folder, or a catalogue in it, cannot be found.
    """
    paths: list[Path] = []
    if options.get("kind") == "folder":
        paths = _folder_files(options)
    elif options.get("kind") == "decals_h5":
        from pipeline.sources.decals_h5_files import find_files

        paths = find_files(Path(options.get("path", "")))
    elif options.get("kind") == "legacysurvey":
        from pipeline.sources.hats import description_files
        from pipeline.sources.legacysurvey_files import table_files

        # Pictures of a service are the same whenever they are fetched.
        tables = [key for key in ("catalogue", "photo_z") if options.get(key)]
        if "hats" in options and "catalogue" in tables:
            tables.remove("catalogue")
            paths = description_files(options["catalogue"])
        for key in tables:
            paths += table_files(options[key], photo_z=key == "photo_z")
    return [
        [str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in paths if path.exists()
    ]


def _folder_files(options: Mapping[str, Any]) -> list[Path]:
    from pipeline.sources.folder_files import PICTURE_SUFFIXES, find_catalogue, find_images

    folder = Path(options.get("folder", ""))
    catalogue = find_catalogue(folder, options.get("catalogue"))
    images = find_images(folder, options.get("images"))
    pictures = [path for path in images.rglob("*") if path.name.lower().endswith(PICTURE_SUFFIXES)]
    return [catalogue, *sorted(pictures)]
