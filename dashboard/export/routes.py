"""Files to take away, at /export/ATLAS/CONTENT.SUFFIX, made as they are asked for.

What follows on the ``?`` is the query as the address of the page has it (`query_address`), so a
file holds the galaxies that the page shows; ``n`` asks for another number of neighbours, ``ranks``
for those that were selected among the first `MOST_NEIGHBOURS`. The server keeps nothing, and no
file is ever whole in its memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from flask import Flask, Response, abort, request
from werkzeug.datastructures import MultiDict

from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import Neighbours, NoCommonDirectionError
from dashboard.export.formats import FORMATS, Export, download
from dashboard.export.pictures import picture_archive
from dashboard.export.table import ExportError
from dashboard.filters import FilterError
from dashboard.pictures.addresses import Pictures
from dashboard.query.address import from_address, to_address, unread
from dashboard.query.query import Query, QueryError
from dashboard.query.ranks import MOST_RANKS, ranks_from_text, ranks_to_text
from dashboard.untrusted import quoted

MOST_NEIGHBOURS = MOST_RANKS
PICTURES_SUFFIX = ".zip"
_KINDS = {form.suffix: kind for kind, form in FORMATS.items()}
_FORESEEN = (QueryError, FilterError, ExportError, NoCommonDirectionError)


def download_address(
    explorer: Explorer,
    content: str,
    suffix: str,
    query: Query,
    n: int | None = None,
    ranks: Sequence[int] = (),
) -> str:
    """Return the address of a file.

    Parameters
    ----------
    content : str
        ``neighbours`` of the query, at most ``n``; the ``selection`` among them, by their ``ranks``
        from 1; or ``catalogue``: all galaxies that pass its filters.
    suffix : str
        Of one of `FORMATS`, or `PICTURES_SUFFIX`.
    """
    more = ("" if n is None else f"&n={n}") + (f"&ranks={ranks_to_text(ranks)}" if ranks else "")
    return f"/export/{explorer.name}/{content}{suffix}{to_address(query, explorer)}{more}"


def register_downloads(server: Flask, explorers: Mapping[str, Explorer]) -> None:
    """Serve the files of ``explorers``."""
    pictures = {name: Pictures(explorer) for name, explorer in explorers.items()}

    @server.get("/export/<atlas>/<any(neighbours, selection, catalogue):content>.<suffix>")
    def export(atlas: str, content: str, suffix: str) -> Response:
        if atlas not in explorers or f".{suffix}" not in (*_KINDS, PICTURES_SUFFIX):
            abort(404)
        return file_response(explorers[atlas], pictures[atlas], content, f".{suffix}")


def file_response(explorer: Explorer, pictures: Pictures, content: str, suffix: str) -> Response:
    """Return the file that the request asks for, in pieces; or a sentence, if it cannot be."""
    search = request.query_string.decode("ascii", "replace")
    try:
        site = request.host_url.rstrip("/")
        export = read_export(explorer, pictures, content, search, request.args, site)
        if suffix == PICTURES_SUFFIX:
            file = picture_archive(export)
        else:
            file = download(export, _KINDS[suffix])
    except _FORESEEN as error:
        response = Response(f"{error}\n", 400, mimetype="text/plain")
    else:
        response = Response(file.chunks, mimetype=file.mime_type)
        response.headers.set("Content-Disposition", "attachment", filename=file.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.cache_control.no_store = True  # the same question may have another answer tomorrow
    return response


def read_export(
    explorer: Explorer,
    pictures: Pictures,
    content: str,
    search: str,
    fields: MultiDict[str, str],
    site: str = "",
) -> Export:
    """Return the export that an address asks for.

    That is ``search``, the address from the ``?`` on, and what it says of ``n`` and ``ranks``, in
    ``fields``. What names no galaxy means the one that the page starts with. ``site`` is
    where the pages are, such as ``https://galaxies.example``.

    Raises
    ------
    QueryError
        Mangled, or a galaxy, a filter, a number of neighbours or a selection that cannot be.
    ExportError
        No galaxy is left.
    NoCommonDirectionError
        The galaxies of the query have no neighbours in common.
    """
    if left_out := unread(search, explorer):  # the page may do without it, a file may not
        raise QueryError(f"{left_out} The file would not be what was asked for, so it is not made.")
    query = from_address(search, explorer) or Query((explorer.default_row(),))
    made = partial(
        Export,
        explorer,
        content=content,
        filters=query.filters.to_words(explorer.columns),
        page=f"{site}/atlas/{explorer.name}/{to_address(query, explorer)}" if site else "",
        pictures=pictures,
    )
    if content == "catalogue":
        passes = query.passing(explorer)
        rows = np.arange(explorer.n_objects) if passes is None else np.flatnonzero(passes)
        return made(rows)
    if content == "selection":
        found, ranks = _selected(query.neighbours(explorer, MOST_NEIGHBOURS), fields)
    else:
        found, ranks = query.neighbours(explorer, _number(fields.getlist("n"))), None
    return made(found.rows, similarity=found.similarity, ranks=ranks, query=query)


def _selected(found: Neighbours, fields: MultiDict[str, str]) -> tuple[Neighbours, np.ndarray]:
    ranks = np.array(ranks_from_text(",".join(fields.getlist("ranks"))))
    if ranks[-1] > len(found.rows):
        raise QueryError(
            f"The address selects the neighbour of rank {ranks[-1]}, but there are only "
            f"{len(found.rows)}. Select in the table again."
        )
    return Neighbours(found.rows[ranks - 1], found.similarity[ranks - 1]), ranks


def _number(texts: list[str]) -> int | None:
    if not texts:
        return None
    text = texts[0]
    # int() also reads other scripts' digits and 1_000, and long ones slowly.
    if len(texts) == 1 and len(text) <= 4 and text.isascii() and text.isdigit():
        number = int(text)
        if 1 <= number <= MOST_NEIGHBOURS:
            return number
    raise QueryError(
        f"A file has 1 to {MOST_NEIGHBOURS:,} neighbours, not {quoted(', '.join(texts))}."
    )
