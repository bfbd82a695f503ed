"""The method page of an atlas: how similarity comes about, with the atlas's own galaxies.

A page of plain HTML at /atlas/NAME/method: templates/method.html and its sections, filled with what
the atlas says of itself. Every number on it is read from the atlas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial

from flask import Flask, render_template

from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import SHREDDED_ARCSEC
from dashboard.export.provenance import method_citations
from dashboard.formatting import count_of, format_number
from dashboard.method.examples import examples, small_map
from dashboard.method.figures import groups, kept_when_turned, representations, value_text
from dashboard.method.training import SurveyViews, shown_views, surveys_of, training_facts
from dashboard.method.view_tiles import Nuisances, view_tiles
from dashboard.pictures.addresses import Pictures
from dashboard.query.query import DEFAULT_K, K_CHOICES, MOST_EXACT, MOST_NEIGHBOURS
from dashboard.site import address, base_path, page_address, page_route
from dashboard.web.assets import asset_address, early_script
from pipeline.atlas import EvaluationError, Manifest, __version__, parse_evaluation


def method_address(name: str) -> str:
    """Return the address of the method page of an atlas."""
    return address(_route(name))


def _route(name: str) -> str:
    return f"{page_route(name)}method"


def register_method(server: Flask, explorers: Mapping[str, Explorer]) -> None:
    """Serve the method page of each atlas; it is made when it is first asked for.

    And once more when there are figures of merit, which may be measured while the page is open.
    """

    @cache
    def made(name: str, has_evaluation: bool) -> str:
        return page(explorers[name], explorers)

    def show(name: str) -> str:
        return made(name, bool(explorers[name].evaluation))

    for name in explorers:
        # Below the address of a Dash app, which answers everything there that nobody else does.
        server.add_url_rule(
            _route(name),
            endpoint=f"method-{name}",
            view_func=partial(show, name),
            strict_slashes=False,
        )


def page(explorer: Explorer, explorers: Mapping[str, Explorer]) -> str:
    """Return the method page of ``explorer``, with links to those of the others."""
    manifest, pictures = explorer.manifest, Pictures(explorer)
    views, nuisances, tiles = shown_views(manifest), None, []
    are_fluxes = tuple(manifest.bands) != ("R", "G", "B")
    if views is not None:
        nuisances = Nuisances.of(views, are_fluxes, manifest.pixel_scale_arcsec)
        tiles = view_tiles(views, nuisances, are_fluxes, _field_share(manifest, pictures))
    surveys = surveys_of(manifest)
    evaluation = why = None
    try:
        evaluation = parse_evaluation(explorer.evaluation)
    except EvaluationError as error:
        why = str(error)
    return render_template(
        "method.html",
        asset=asset_address,
        base_path=base_path(),
        early=early_script,
        atlas=manifest,
        explorer_address=page_address(explorer.name),
        explorer=explorer,
        explorers=list(explorers.values()),
        method_address=method_address,
        count_of=count_of,
        host=pictures.host,
        examples=examples(explorer, pictures),
        views=views,
        tiles=tiles,
        filters=nuisances and nuisances.filters,
        surveys=surveys,
        facts=training_facts(manifest),
        data=_data(explorer, pictures),
        card=_card(manifest, surveys),
        engine=explorer.search.engine,
        shredded_arcsec=SHREDDED_ARCSEC,
        most_exact=MOST_EXACT,
        small_map=small_map(explorer),
        evaluation=evaluation,
        why_no_evaluation=why,
        names=[] if evaluation is None else representations(evaluation),
        groups=[] if evaluation is None else groups(evaluation, explorer.columns),
        value_text=value_text,
        method_citations=method_citations(manifest),
        has_pictures=not are_fluxes,
        default_k=DEFAULT_K,
        k_choices=K_CHOICES,
        most_neighbours=MOST_NEIGHBOURS,
        kept_when_turned=None if evaluation is None else kept_when_turned(evaluation),
        k_of_figures=None if evaluation is None else evaluation.k,
        release=__version__,
        number=format_number,
    )


def _field_share(manifest: Manifest, pictures: Pictures) -> float:
    """Return how much of a picture's side the encoder sees; all of it where that is not known."""
    seen = manifest.encoder_input
    if seen is None or pictures.host is not None:  # a cutout service frames galaxies its own way
        return 1.0
    return min(1.0, seen.field_px / manifest.cutout_px)


def _data(explorer: Explorer, pictures: Pictures) -> list[tuple[str, str]]:
    """Return what the manifest knows of the galaxies: term and definition."""
    manifest = explorer.manifest
    scale, seen = manifest.pixel_scale_arcsec, manifest.encoder_input
    cutout = f"{manifest.cutout_px} × {manifest.cutout_px} px"
    if scale is not None:
        side = format_number(manifest.cutout_px * scale)
        cutout += f" of {format_number(scale)} arcsec, {side} arcsec in all"
    else:
        cutout += ", each with a scale of its own"
    facts = [
        ("Galaxies", count_of(manifest)),
        ("Survey", manifest.survey),
        ("Bands", ", ".join(manifest.bands)),
        ("Cutouts", cutout),
    ]
    if seen is not None:
        part = f"the central {seen.field_px} px, as {seen.input_px} × {seen.input_px} px"
        sky = "" if scale is None else f" ({format_number(seen.field_px * scale)} arcsec)"
        facts.append(("What the encoder sees", part + sky))
    if explorer.footprint is not None:
        facts.append(("Area on the sky", f"{explorer.footprint.area_deg2:,.0f} square degrees"))
    return [
        *facts,
        ("Pictures on these pages", _pictures_from(explorer, pictures)),
        ("Catalogue", f"{len(explorer.catalogue.names)} columns"),
        ("Published", f"{manifest.created[:10]}, by Galaxy Finder {manifest.code_version}"),
    ]


def _card(manifest: Manifest, surveys: Sequence[SurveyViews]) -> list[tuple[str, str]]:
    """Return what the model is: term and definition."""
    model, embedding = manifest.model, manifest.embedding
    learnt_from = ", ".join(survey.survey for survey in surveys)
    facts = [
        ("Model", model.name),
        ("Gives", f"{embedding.dim} numbers of unit length, kept as {embedding.dtype}"),
        ("Learnt from", f"{learnt_from}; no label" if learnt_from else ""),
        ("Weights", model.weights_sha256 and f"SHA-256 {model.weights_sha256}"),
    ]
    return [(term, definition) for term, definition in facts if definition]


def _pictures_from(explorer: Explorer, pictures: Pictures) -> str:
    if explorer.thumbnails is not None:
        return "the cutouts, kept with the atlas"
    if pictures.host is not None:
        return f"from {pictures.host}, not always those that the encoder saw"
    return "none: the atlas has no pictures"
