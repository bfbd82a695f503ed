"""The address of a page as a query, and back: what is kept in bookmarks and sent to others.

``?galaxy=ID&not=ID&k=25&f.COLUMN=14..17.5&region=0.1,0.2 ...&apart=10&order=least``: ``galaxy`` and
``not`` may come several times, ``picture`` is the embedding of a picture; all may be left out.
``galaxy.ATLAS=ID`` and ``not.ATLAS=ID`` are galaxies of another atlas, ``in=all`` asks all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from dashboard.explorer.across import Guest, GuestError, example_of
from dashboard.explorer.explorer import UnknownGalaxyError
from dashboard.explorer.neighbours import SHREDDED_ARCSEC
from dashboard.query.page import LONGEST_ADDRESS
from dashboard.query.query import (
    DEFAULT_K,
    K_CHOICES,
    MOST_ROWS,
    Query,
    QueryError,
)
from dashboard.untrusted import quoted

if TYPE_CHECKING:
    from dashboard.explorer.explorer import Explorer

_LEAST, _EVERYWHERE = "least", "all"
_OWN = ("galaxy", "not", "picture", "k", "apart", "order", "in")
_K_OF_TEXT: dict[str | None, Any] = {None: DEFAULT_K} | {str(k): k for k in K_CHOICES}
_MOST_SENTENCES = 3  # about one address


def to_address(query: Query, explorer: Explorer) -> str:
    """Return the part of a page's address that brings a query back, from the ``?`` on."""
    identifiers = explorer.catalogue["object_id"]
    fields: list[tuple[str, Any]] = [
        (f"{name}.{one.atlas}", one.object_id)
        if isinstance(one, Guest)
        else (name, str(identifiers.iloc[one]))
        for name, examples in (("galaxy", query.likes), ("not", query.unlikes))
        for one in examples
    ]
    if query.embedding is not None:
        fields.append(("picture", query.embedding))
    fields.append(("k", query.k))
    if query.min_separation_arcsec != SHREDDED_ARCSEC:
        fields.append(("apart", f"{query.min_separation_arcsec:g}"))
    if query.least_similar:
        fields.append(("order", _LEAST))
    if query.everywhere:
        fields.append(("in", _EVERYWHERE))
    return "?" + urlencode([*fields, *query.filters.to_address()], safe="|,")


def from_address(search: str | None, explorer: Explorer) -> Query | None:
    """Read the part of a page's address from the ``?`` on.

    What others append to addresses is passed over, and so are options and filters that cannot be;
    `unread` has the sentences about them.

    Returns
    -------
    Query or None
        None where the address says nothing of a query.

    Raises
    ------
    QueryError
        Mangled, or a galaxy that this atlas does not have, or that cannot come here.
    """
    if not isinstance(search, str) or not search.strip("?"):
        return None
    fields = _fields(search, explorer)
    said = {name: [value for field, value in fields if field == name] for name in _OWN}
    examples = [_examples(name, fields, explorer) for name in ("galaxy", "not")]
    filters, _ = explorer.filter_columns.read_address(fields)
    if not filters and not any(said.values()) and not any(map(any, examples)):
        return None
    embedding = said["picture"][0] if said["picture"] else None
    (rows, guests), (negatives, unlike_guests) = examples
    if not rows and not guests and embedding is None:
        rows = tuple(row for row in (explorer.default_row(),) if row not in negatives)
    query = Query(
        rows,
        origin="url",
        filters=filters,
        embedding=embedding,
        negatives=negatives,
        guests=guests,
        unlike_guests=unlike_guests,
    )
    query.question(explorer)  # its picture can be read here
    options, _ = _options(query, said)
    return replace(query, **options)


def unread(search: str | None, explorer: Explorer) -> str:
    """Return what is said of the options and filters of an address that were left out."""
    try:
        fields = _fields(search, explorer) if isinstance(search, str) else []
    except QueryError:  # the address as a whole has been answered
        return ""
    said = {name: [value for field, value in fields if field == name] for name in _OWN}
    _, of_options = _options(Query((0,)), said)
    _, of_filters = explorer.filter_columns.read_address(fields)
    return " ".join([*of_options, *of_filters][:_MOST_SENTENCES])


def unknown_galaxies(search: object, explorer: Explorer) -> list[str]:
    """Return the galaxies to be similar to, of an address, that this atlas does not have."""
    try:
        fields = _fields(search, explorer) if isinstance(search, str) else []
    except QueryError:
        return []
    return [text for name, text in fields if name == "galaxy" and not explorer.has(text)]


def _options(query: Query, said: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], list[str]]:
    """Return the options that an address has, and a sentence for each that cannot be."""
    readers: dict[str, tuple[str, Callable[[Sequence[str]], Any]]] = {
        "k": ("k", _k),
        "min_separation_arcsec": ("apart", _min_separation_arcsec),
        "least_similar": ("order", partial(_is, "order", _LEAST, "the most similar first")),
        "everywhere": ("in", partial(_is, "in", _EVERYWHERE, "this atlas alone")),
    }
    options: dict[str, Any] = {}
    sentences = []
    for option, (name, read) in readers.items():
        try:
            value = read(said[name])
            replace(query, **{option: value})  # it knows what it takes
        except QueryError as error:
            sentences.append(f"An option of the address is left out: {error}")
        else:
            options[option] = value
    return options, sentences


def _fields(search: str, explorer: Explorer) -> list[tuple[str, str]]:
    """Return the fields of an address; a ``+`` that somebody wrote in a name stays one."""
    if len(search) > LONGEST_ADDRESS:
        raise QueryError(
            f"The address has {len(search)} characters, more than the {LONGEST_ADDRESS} that "
            "are read. Search for a position instead."
        )
    try:
        fields = parse_qsl(
            search.removeprefix("?"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=2 * MOST_ROWS,
        )
    except ValueError as error:  # not UTF-8, or too many fields
        raise QueryError(
            "The address is mangled: it cannot be read. Copy it again, or search for a position."
        ) from error
    return [
        (name, _meant(text, explorer) if name in ("galaxy", "not") else text)
        for name, text in fields
    ]


def _meant(text: str, explorer: Explorer) -> str:
    """Return J000411.19+020924.0 for J000411.19 020924.0, where the atlas has the one only."""
    with_plus = text.replace(" ", "+")
    return with_plus if not explorer.has(text) and explorer.has(with_plus) else text


def _examples(
    name: str, fields: Sequence[tuple[str, str]], explorer: Explorer
) -> tuple[tuple[int, ...], tuple[Guest, ...]]:
    """Return the galaxies that an address gives under a name: rows, and those of other atlases."""
    try:
        found: list[int | Guest] = [explorer.row_of(text) for one, text in fields if one == name]
        found += [
            example_of(explorer, Guest(field.removeprefix(f"{name}."), text))
            for field, text in fields
            if field.startswith(f"{name}.")
        ]
    except (UnknownGalaxyError, GuestError) as error:
        raise QueryError(str(error)) from error
    guests = tuple(one for one in found if isinstance(one, Guest))
    return tuple(one for one in found if not isinstance(one, Guest)), guests


def _k(texts: Sequence[str]) -> Any:
    text = _one("k", texts)
    return _K_OF_TEXT.get(text, text)


def _min_separation_arcsec(texts: Sequence[str]) -> float:
    text = _one("apart", texts)
    if text is None:
        return SHREDDED_ARCSEC
    try:
        return float(text[:20])
    except ValueError:
        raise QueryError(
            f"The address wants galaxies apart by {quoted(text)}, which is no number of arcsec. "
            "Remove it, or choose it anew."
        ) from None


def _is(name: str, word: str, without: str, texts: Sequence[str]) -> bool:
    """Return whether a field of an address says its one word; ``without`` it, what holds."""
    text = _one(name, texts)
    if text not in (None, word):
        wants = "the order" if name == "order" else "to search in"
        raise QueryError(
            f"The address wants {wants} {quoted(text)}; there is only '{word}', and {without} "
            "without it."
        )
    return text == word


def _one(name: str, texts: Sequence[str]) -> str | None:
    if len(texts) > 1:
        raise QueryError(f"The address has {name} {len(texts)} times; once is enough.")
    return texts[0] if texts else None
