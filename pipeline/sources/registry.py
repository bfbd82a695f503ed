"""Which sources there are, and which of them a configuration asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipeline.sources.decals_h5.config import DecalsH5Config
from pipeline.sources.folder.config import FolderConfig
from pipeline.sources.legacysurvey.config import LegacySurveyConfig
from pipeline.sources.mock.config import MockConfig
from pipeline.sources.source import Source, SourceConfig, SourceError, file_states

# What a [source] table may be, told apart by its `kind`.
SOURCES: dict[str, type[SourceConfig]] = {
    "mock": MockConfig,
    "folder": FolderConfig,
    "decals_h5": DecalsH5Config,
    "legacysurvey": LegacySurveyConfig,
}
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
}


def source_config(options: Mapping[str, Any]) -> SourceConfig:
    """Return what the ``[source]`` table of a configuration asks for; nothing is opened.

    Parameters
    ----------
    options : mapping
        ``kind``, and the knobs of that kind. Paths are relative to the current directory.

    Raises
    ------
    SourceError
        Unknown kind, or a knob that is unknown, missing, out of range or of a wrong type.
    """
    kind = str(options.get("kind"))
    if kind not in SOURCES:
        raise SourceError(f"[source] kind is '{kind}'; it must be one of {', '.join(SOURCES)}.")
    try:
        return SOURCES[kind](**options)
    except ValidationError as error:
        raise SourceError(_sentence(error.errors(), SOURCES[kind], options)) from error


def open_source(options: Mapping[str, Any]) -> Source:
    """Open the source that a ``[source]`` table asks for.

    Raises
    ------
    SourceError
        As of `source_config`, or the source cannot be opened.
    """
    return source_config(options).open()


def source_state(options: Mapping[str, Any]) -> list[Any]:
    """Return what changes when the files that a source reads change.

    Raises
    ------
    SourceError
        As of `source_config`; the folder, or a catalogue in it, cannot be found.
    """
    return file_states(source_config(options).files())


def _sentence(
    errors: list[ErrorDetails], member: type[SourceConfig], options: Mapping[str, Any]
) -> str:
    """Return what is wrong with a table."""
    types = get_type_hints(member)
    hints = {field.name: types[field.name] for field in fields(member)}  # type: ignore[arg-type]
    problems = [_problem(error, hints, options) for error in errors]
    unknown = options.keys() - hints.keys()
    knobs = ", ".join(name for name in hints if name != "kind")
    known = f" The knobs of kind '{options['kind']}' are {knobs}." if unknown else ""
    return f"{'; '.join(dict.fromkeys(problems))}.{known}"


def _problem(error: ErrorDetails, hints: dict[str, Any], options: Mapping[str, Any]) -> str:
    knob, *inner = error["loc"]
    if knob not in hints:
        return f"source.{knob} is unknown"
    words = _type_words(hints[str(knob)])
    if knob not in options:
        return f"source.{knob} is missing" + (f"; it is {words}" if words else "")
    value = options[str(knob)]
    if words == "a table" and isinstance(value, Mapping):
        where = ".".join(map(str, (knob, *inner)))
        return f"source.{where}: {error['msg'].removeprefix('Value error, ')}"
    if error["type"].startswith(("greater_than", "less_than")) or not words:
        return f"source.{knob} is {value!r}, but {error['msg'].lower()}"
    return f"source.{knob} is {value!r}, which is not {words}"


def _type_words(hint: Any) -> str:
    """Return what people call a type; empty where there is no word for it.

    Examples
    --------
    >>> _type_words(int | None), _type_words(str | Sequence[str])
    ('a whole number', 'text or a list of text')
    >>> _type_words(Literal["grey", "rgb"])
    "'grey' or 'rgb'"
    """
    if get_origin(hint) in (Union, UnionType):
        words = [_type_words(part) for part in get_args(hint) if part is not NoneType]
        return " or ".join(dict.fromkeys(words))
    if is_dataclass(hint) or get_origin(hint) is Mapping:
        return "a table"
    if get_origin(hint) is Literal:
        return " or ".join(map(repr, get_args(hint)))
    return _TYPES.get(hint, "")
