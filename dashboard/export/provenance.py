"""Where the galaxies of an export come from: the same entries and keys in every format."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from dashboard.formatting import count_of
from pipeline.atlas import __version__

if TYPE_CHECKING:
    from dashboard.export.formats import Export
    from pipeline.atlas import Manifest

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_NOT_PRINTABLE_ASCII = re.compile(r"[^ -~]")


def provenance(export: Export) -> dict[str, str]:
    """Return what has to be known of an export to trust it, to repeat it and to cite it.

    Parameters
    ----------
    export : Export

    Returns
    -------
    dict of str to str
        Keys have at most 8 letters, digits and underscores, for a FITS header takes no longer
        ones: ``creator``, ``made`` (UTC), ``content``, ``n_rows``; of the atlas ``atlas``,
        ``title``, ``survey``, ``galaxies`` (how many, and whether they are simulated), ``created``,
        ``built_by``, ``model``, ``weights`` (their hash), ``index``; of the question ``query``,
        ``order``, ``filters``, ``page`` (the address that shows the answer; only where it is
        known); ``cite_1``... of the galaxies and of the method. Values are one line of text.
    """
    manifest = export.explorer.manifest
    entries = {
        "creator": f"Galaxy Finder {__version__}",
        "made": export.made.isoformat(timespec="seconds"),
        "content": export.content,
        "n_rows": str(len(export.rows)),
        "atlas": manifest.name,
        "title": manifest.title,
        "survey": manifest.survey,
        "galaxies": count_of(manifest),
        "created": manifest.created,
        "built_by": f"Galaxy Finder {manifest.code_version}",
        "model": manifest.model.name,
        "weights": f"sha256:{manifest.model.weights_sha256}",
        "index": f"{export.explorer.search.engine.summary}, "
        f"recall of the 100 nearest {manifest.index.recall_at_100:.4f}",
        "query": _query(export),
        "order": _order(export),
        "filters": export.filters or "none",
    }
    if export.page:
        entries["page"] = export.page
    works = [f"{work}, {name}" for work, name, _ in method_citations(manifest)]
    cited = dict.fromkeys([*manifest.citations, *works])
    entries |= {f"cite_{i}": citation for i, citation in enumerate(cited, start=1)}
    return {key: _CONTROL.sub(" ", value).strip() for key, value in entries.items()}


def method_citations(manifest: Manifest) -> list[tuple[str, str, str]]:
    """Return the works that an atlas's answers rest on: title, short name and address of each."""
    works = [
        (
            "Stein et al. 2021, Self-supervised similarity search for large scientific datasets",
            "2110.13151",
        ),
        (
            "Stein et al. 2022, ApJ 932, 107, Mining for strong gravitational lenses with "
            "self-supervised learning",
            "2110.00023",
        ),
        (
            "Chen et al. 2020, A simple framework for contrastive learning of visual "
            "representations (SimCLR)",
            "2002.05709",
        ),
    ]
    if manifest.map_layout.layout == "umap":
        works.append(
            (
                "McInnes et al. 2018, UMAP: uniform manifold approximation and projection",
                "1802.03426",
            )
        )
    cited = [(work, f"arXiv {n}", f"https://arxiv.org/abs/{n}") for work, n in works]
    if manifest.index.engine == "faiss":
        cited.append(
            (
                "Douze et al. 2024, The Faiss library",
                "arXiv 2401.08281",
                "https://arxiv.org/abs/2401.08281",
            )
        )
    if manifest.index.engine == "annoy":
        where = "github.com/spotify/annoy"
        work = "Bernhardsson, Annoy: approximate nearest neighbours"
        cited.append((work, where, f"https://{where}"))
    return cited


def ascii_text(text: str) -> str:
    r"""Return a text as printable ASCII: without accents, what remains as escapes of Python.

    >>> ascii_text("Sérsic"), ascii_text("α Cen")
    ('Sersic', '\\u03b1 Cen')
    """
    if not _NOT_PRINTABLE_ASCII.search(text):
        return text
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _NOT_PRINTABLE_ASCII.sub(
        lambda found: found[0].encode("unicode_escape").decode("ascii"), bare
    )


def file_safe(text: str) -> str:
    """Return a text as part of a file's name that every system takes.

    >>> file_safe("../M 51/α")
    'M_51_u03b1'
    """
    return re.sub(r"[^A-Za-z0-9+-]+", "_", ascii_text(text)).strip("_")[:60]


def _query(export: Export) -> str:
    if export.query is None:
        return "none"
    query, identifiers = export.query, export.explorer.catalogue["object_id"]
    asked = [str(identifiers.iloc[row]) for row in query.rows]
    asked += [f"{guest.object_id} of {guest.atlas}" for guest in query.guests]
    own = [] if query.embedding is None else ["own picture"]
    unlike = [f"not {identifiers.iloc[row]}" for row in query.negatives]
    unlike += [f"not {guest.object_id} of {guest.atlas}" for guest in query.unlike_guests]
    return "; ".join([*asked, *own, *unlike])


def _order(export: Export) -> str:
    if export.query is None or export.similarity is None:
        return "as in the catalogue"
    first = "least" if export.query.least_similar else "most"
    by_hand = "; selected by hand" if export.content == "selection" else ""
    apart = f"{export.query.min_separation_arcsec:g} arcsec apart or more"
    return f"{first} similar first; {apart}{by_hand}"
