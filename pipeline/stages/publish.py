"""Stage 7: put the results together as an atlas, in one step."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from pipeline import __version__
from pipeline.atlas import AtlasError, files
from pipeline.atlas.atlas import add_evaluation, publish, staging_folder
from pipeline.atlas.catalogue import write_catalogue
from pipeline.atlas.engines import engine_file
from pipeline.atlas.footprint import footprint_of
from pipeline.atlas.lookup_files import write_lookup_files
from pipeline.atlas.manifest import (
    EmbeddingInfo,
    EncoderInput,
    IndexInfo,
    LayoutInfo,
    Manifest,
    ModelInfo,
)
from pipeline.atlas.map_order import in_map_order
from pipeline.atlas.mapped_columns import join_columns, plan_columns, write_buffers
from pipeline.atlas.names import NAME_COLUMNS
from pipeline.atlas.rgb import nanomaggies_to_rgb
from pipeline.atlas.thumbnails import encode_thumbnail, join_thumbnails, write_thumbnails
from pipeline.atlas.whole_files import file_sha256, fingerprint, whole_file
from pipeline.config import Config
from pipeline.encoder.onnx_export import export_onnx, is_export_of
from pipeline.encoder.weights import load_encoder, read_training
from pipeline.store.cutouts import CutoutStore
from pipeline.store.progress import progress
from pipeline.store.sums import Ledger, kept_file
from pipeline.store.workspace import Workspace
from pipeline.views.field import Field

log = logging.getLogger(__name__)

# Beside what is left half-way: which atlas was published without its figures, made of what.
_UNEVALUATED = "unevaluated"


def run(
    config: Config, workspace: Workspace, destination: Path, *, is_evaluated: bool = True
) -> None:
    """Write the atlas at ``destination``; a former one there is replaced when all is well.

    Interrupted, it goes on with the thumbnails of the next chunk, or the next column of a large
    catalogue. If it is not evaluated yet, it is published without figures of merit; the next time
    they are added, and all else stays.

    Raises
    ------
    AtlasError
        The results do not belong together, or lack the galaxy that is to be seen first.
    """
    if _is_published_unevaluated(workspace, destination) and (
        not is_evaluated or _takes_evaluation(workspace, destination)
    ):
        return
    store = CutoutStore(workspace.cutout_store)
    first = config.first_object_id
    if first is not None and not _is_there(first, store):
        raise AtlasError(
            f"first_object_id is {first!r}, but {store.survey.title} has no such galaxy. Give "
            "the object_id of one that it has, or leave first_object_id out."
        )
    with staging_folder(destination) as staging:
        write_catalogue(store.catalogue_pieces(), store.columns.values(), staging / files.CATALOGUE)
        if len(store) > files.MAPPED_FROM:
            _write_mapped_catalogue(staging, len(store), workspace.folder("publish"))
        shutil.copyfile(workspace.embeddings, staging / files.EMBEDDINGS)
        if (index := engine_file(_index_info(workspace))) is not None:
            shutil.copyfile(workspace.folder("index") / index, staging / index)
        shutil.copyfile(workspace.map_xy, staging / files.MAP_XY)
        if len(store) > files.MAPPED_FROM:
            np.save(staging / files.MAP_ORDER, in_map_order(np.load(staging / files.MAP_XY)))
        if is_evaluated:
            shutil.copyfile(workspace.evaluation, staging / files.EVALUATION)
        if config.thumbnails.keep:
            parts = _thumbnail_parts(store, config.thumbnails.quality, workspace.folder("publish"))
            join_thumbnails(parts, staging / files.THUMBNAILS, staging / files.THUMBNAIL_OFFSETS)
        _write_encoder(config, workspace, staging / files.ENCODER)
        positions = store.catalogue(["ra_deg", "dec_deg"]).to_numpy("float64")
        footprint = footprint_of(config.footprint, *positions.T)
        if footprint is not None:
            footprint.save(staging / files.FOOTPRINT)
        if len(store) > files.MAPPED_FROM:
            named = [name for name in NAME_COLUMNS if name in store.columns]
            write_lookup_files(staging, store.catalogue_pieces(named), *positions.T)
        publish(staging, destination, _manifest(config, workspace, store))
    for name in ("thumbnails-*", "column-*"):
        for part in workspace.folder("publish").glob(name):
            part.unlink()
    note = workspace.folder("publish") / _UNEVALUATED
    note.unlink(missing_ok=True)
    if not is_evaluated:
        note.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(note) as partial:
            partial.write_text(_made_of(workspace, destination))


def _is_published_unevaluated(workspace: Workspace, destination: Path) -> bool:
    note = workspace.folder("publish") / _UNEVALUATED
    return (
        note.is_file()
        and (destination / files.MANIFEST).is_file()
        and note.read_text() == _made_of(workspace, destination)
    )


def _made_of(workspace: Workspace, destination: Path) -> str:
    """Return what tells the atlas that is there, and what it was made of, from others."""
    stages = ("ingest", "train", "embed", "index", "umap2d")
    digests = [workspace.digest(stage) for stage in stages]
    return fingerprint(digests, file_sha256(destination / files.MANIFEST))


def _takes_evaluation(workspace: Workspace, destination: Path) -> bool:
    """Add the figures of merit to an atlas without them; False if it is damaged."""
    try:
        add_evaluation(destination, workspace.evaluation)
    except AtlasError as error:
        log.warning("publish: again, since %s", error)
        return False
    (workspace.folder("publish") / _UNEVALUATED).unlink()
    return True


def _index_info(workspace: Workspace) -> IndexInfo:
    return IndexInfo(**json.loads(workspace.index_info.read_text()))


def _is_there(object_id: str, store: CutoutStore) -> bool:
    return any(
        (piece == object_id).any(axis=None) for piece in store.catalogue_pieces(["object_id"])
    )


def _write_mapped_catalogue(staging: Path, n_objects: int, folder: Path) -> None:
    """Write the catalogue once more, to be mapped; columns that lie ready in a folder are taken."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue, ledger = staging / files.CATALOGUE, Ledger(folder)
    plans = plan_columns(catalogue)
    parts = [
        [folder / f"column-{number:04d}-{piece}" for piece in range(plan.n_buffers)]
        for number, plan in enumerate(plans)
    ]
    with progress("columns", total=len(plans), unit="column") as bar:
        for plan, pieces in zip(plans, parts, strict=True):
            if not all(map(ledger.knows, pieces)):
                with ExitStack() as stack:
                    partial = [stack.enter_context(kept_file(piece)) for piece in pieces]
                    write_buffers(catalogue, plan, partial)
            bar.update()
    join_columns(plans, parts, n_objects, staging / files.MAPPED_CATALOGUE)


def _thumbnail_parts(store: CutoutStore, quality: int, folder: Path) -> list[tuple[Path, Path]]:
    """Write the thumbnails of each chunk that has none yet; return where all of them are."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        (folder / f"thumbnails-{number:06d}.bin", folder / f"thumbnails-{number:06d}.npy")
        for number in range(store.n_chunks)
    ]
    ledger = Ledger(folder)
    done = [all(map(ledger.knows, part)) for part in parts]
    n_done = int(np.dot(done, store.chunk_rows))
    with progress("pictures", total=len(store), unit="galaxy", done=n_done) as bar:
        for number in np.flatnonzero(~np.array(done)):
            data, offsets = parts[number]
            with kept_file(offsets) as partial_offsets, kept_file(data) as partial_data:
                pictures = _thumbnails(store, int(number), quality)
                bar.update(write_thumbnails(pictures, partial_data, partial_offsets))
    return parts


def _thumbnails(store: CutoutStore, number: int, quality: int) -> Iterator[bytes]:
    is_flux = store.survey.is_flux
    for cutouts in store.batches(64, [number]):
        pictures = nanomaggies_to_rgb(cutouts) if is_flux else np.moveaxis(cutouts, 1, -1)
        for rgb in pictures:
            yield encode_thumbnail(rgb, quality)


def _write_encoder(config: Config, workspace: Workspace, path: Path) -> None:
    """Copy the ONNX file that lies ready beside the configured weights, or else export one."""
    weights = workspace.encoder_weights
    orientations, input_px = config.embed.orientations, config.input.input_px
    # A copy takes no space in git where the original is there, too; and exporting takes seconds.
    exported = workspace.folder("publish") / path.name
    beside = Path(config.train.weights).with_suffix(".onnx") if config.train.weights else exported
    own = Ledger(exported.parent)
    for ready in (beside, exported):
        if (ready != exported or own.knows(ready)) and is_export_of(
            weights, ready, orientations, input_px
        ):
            break
    else:
        exported.parent.mkdir(parents=True, exist_ok=True)
        with kept_file(exported) as partial:
            export_onnx(load_encoder(weights), partial, orientations, input_px, weights)
        ready = exported
    shutil.copyfile(ready, path)


def _manifest(config: Config, workspace: Workspace, store: CutoutStore) -> Manifest:
    survey = store.survey
    field = Field.of(config.input, survey)
    encoder = load_encoder(workspace.encoder_weights)
    training = read_training(workspace.encoder_weights)
    parameters = asdict(config.layout)
    n_fitted = min(parameters.pop("n_fitted"), len(store))
    return Manifest(
        name=config.name,
        title=survey.title,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        code_version=__version__,
        simulated=survey.simulated,
        survey=survey.name,
        bands=survey.bands,
        pixel_scale_arcsec=survey.pixel_scale_arcsec,
        cutout_px=survey.cutout_px,
        north_up=survey.north_up,
        n_objects=len(store),
        model=ModelInfo(
            name=training.get("name") or f"simclr-{encoder.name}",
            config={
                "encoder": asdict(encoder.config),
                "training": training,
                "embed": asdict(config.embed),
            },
            weights_sha256=file_sha256(workspace.encoder_weights),
        ),
        embedding=EmbeddingInfo(**json.loads(workspace.embedding_info.read_text())),
        index=_index_info(workspace),
        map_layout=LayoutInfo(
            layout=config.layout.name, parameters=parameters, seed=config.seed, n_fitted=n_fitted
        ),
        encoder_input=EncoderInput(field_px=field.field_px, input_px=field.input_px),
        brightness_column=survey.brightness_column,
        cutout_service=config.cutout_service,
        first_object_id=config.first_object_id,
        citations=survey.citations,
    )
