"""Which source a configuration asks for."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from pipeline.sources.source import Source, SourceError

# Module and name of the class of each kind.
SOURCES = {
    "mock": ("pipeline.sources.mock.source", "MockSource"),
    "folder": ("pipeline.sources.folder.source", "FolderSource"),
    "decals_h5": ("pipeline.sources.decals_h5.source", "DecalsH5Source"),
    "legacysurvey": ("pipeline.sources.legacysurvey.source", "LegacySurveySource"),
}
_STRICT = ConfigDict(strict=True, allow_inf_nan=False)
# What people call the types of knobs.
_TYPES: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "text",
    bool: "true or false",
    Sequence[str]: "a list of text",
    Sequence[int]: "a list of whole numbers",
    Sequence[str | int]: "a list of text and whole numbers",
    Mapping: "a table",
}


def open_source(options: Mapping[str, Any]) -> Source:
    """Open the source that the ``[source]`` table of a configuration describes.

    Parameters
    ----------
    options : mapping
        ``kind``, and the arguments of that source. Paths are relative to the current directory.

    Raises
    ------
    SourceError
        Unknown kind, or a knob that is unknown, missing or of a wrong type, or the source cannot be
        opened.
    """
    kind = options.get("kind")
    opened = _checked_class(options)
    try:
        source: Source = opened(**{key: value for key, value in options.items() if key != "kind"})
    except ValidationError as error:
        problems = "; ".join(
            ": ".join(filter(None, (".".join(map(str, problem["loc"])), _plain(problem["msg"]))))
            for problem in error.errors()
        )
        raise SourceError(f"The [source] table does not fit kind '{kind}': {problems}.") from error
    except TypeError as error:
        raise SourceError(f"The [source] table does not fit kind '{kind}': {error}.") from error
    return source


def _checked_class(options: Mapping[str, Any]) -> Any:
    """Return the class of a source, if its signature has every knob that is set, and all it needs.

    Raises
    ------
    SourceError
    """
    kind = options.get("kind")
    if kind not in SOURCES:
        raise SourceError(f"[source] kind is '{kind}'; it must be one of {', '.join(SOURCES)}.")
    module, name = SOURCES[kind]
    found = getattr(import_module(module), name)
    knobs = inspect.signature(found).parameters
    hints = get_type_hints(found.__init__)
    problems = [
        f"source.{key} is missing; it is {_type_words(hints[key])}"
        for key, knob in knobs.items()
        if knob.default is knob.empty and key not in options
    ]
    unknown = sorted(options.keys() - knobs.keys() - {"kind"})
    problems += [f"source.{key} is unknown" for key in unknown]
    for key in sorted(options.keys() & knobs.keys()):
        try:
            TypeAdapter(hints[key], config=_STRICT).validate_python(options[key])
        except ValidationError:
            wanted = _type_words(hints[key])
            problems.append(f"source.{key} is {options[key]!r}, which is not {wanted}")
    if problems:
        known = f" The knobs of kind '{kind}' are {', '.join(knobs)}." if unknown else ""
        raise SourceError(f"{'; '.join(problems)}.{known}")
    return found


def _type_words(hint: Any) -> str:
    """Return what people call a type.

    Examples
    --------
    >>> _type_words(int | None), _type_words(str | Sequence[str])
    ('a whole number', 'text or a list of text')
    """
    if get_origin(hint) in (Union, UnionType):
        words = [_type_words(part) for part in get_args(hint) if part is not NoneType]
        return " or ".join(dict.fromkeys(words))
    return _TYPES.get(hint) or _TYPES[get_origin(hint)]


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def source_state(options: Mapping[str, Any]) -> list[Any]:
    """Return what changes when the files that a source reads change: names, sizes, times.

    Raises
    ------
    SourceError
        A knob is wrong, as of `open_source`; the folder, or a catalogue in it, cannot be found.
    """
    _checked_class(options)
    paths: list[Path] = []
    if options.get("kind") == "folder":
        paths = _folder_files(options)
    elif options.get("kind") == "decals_h5":
        from pipeline.sources.decals_h5.files import find_files

        paths = find_files(Path(options.get("path", "")))
    elif options.get("kind") == "legacysurvey":
        from pipeline.sources.hats import description_files
        from pipeline.sources.legacysurvey.files import table_files

        # Pictures of a service are the same whenever they are fetched.
        tables = [key for key in ("catalogue", "photo_z") if options.get(key)]
        if "hats" in options and "catalogue" in tables:
            tables.remove("catalogue")
            paths = description_files(options["catalogue"])
        if options.get("footprint"):
            paths = [*paths, Path(options["footprint"])]
        for key in tables:
            paths += table_files(options[key], photo_z=key == "photo_z")
    return [
        [str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in paths if path.exists()
    ]


def _folder_files(options: Mapping[str, Any]) -> list[Path]:
    from pipeline.sources.folder.files import PICTURE_SUFFIXES, find_catalogue, find_images

    folder = Path(options.get("folder", ""))
    catalogue = find_catalogue(folder, options.get("catalogue"))
    images = find_images(folder, options.get("images"))
    pictures = [path for path in images.rglob("*") if path.name.lower().endswith(PICTURE_SUFFIXES)]
    return [catalogue, *sorted(pictures)]
