"""Stage 7: put the results together as an atlas, in one step."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from pipeline import __version__, atlas
from pipeline.catalogue import write_catalogue
from pipeline.config import Config
from pipeline.cutouts import CutoutStore
from pipeline.encoder_weights import load_encoder, read_training
from pipeline.manifest import EmbeddingInfo, IndexInfo, Manifest, ModelInfo, UmapInfo
from pipeline.progress import progress
from pipeline.rgb import nanomaggies_to_rgb
from pipeline.thumbnails import encode_thumbnail, write_thumbnails
from pipeline.workspace import Workspace, file_sha256


def run(config: Config, workspace: Workspace, destination: Path) -> None:
    """Write the atlas at ``destination``; a former one there is replaced when all is well.

    Raises
    ------
    AtlasError
        The results do not belong together, or lack the galaxy that is to be seen first.
    """
    store = CutoutStore(workspace.cutout_store)
    catalogue = store.catalogue()
    if config.showpiece is not None and config.showpiece not in set(catalogue["object_id"]):
        raise atlas.AtlasError(
            f"showpiece is {config.showpiece!r}, but {store.survey.title} has no such galaxy. Give "
            "the object_id of one that it has, or leave showpiece out."
        )
    with atlas.staging_folder(destination) as staging:
        write_catalogue(catalogue, list(store.columns.values()), staging / atlas.CATALOGUE)
        shutil.copyfile(workspace.embeddings, staging / atlas.EMBEDDINGS)
        shutil.copyfile(workspace.index, staging / atlas.INDEX)
        shutil.copyfile(workspace.umap_xy, staging / atlas.UMAP_XY)
        shutil.copyfile(workspace.evaluation, staging / atlas.EVALUATION)
        if config.thumbnails.keep:
            write_thumbnails(
                _thumbnails(store, config.thumbnails.quality),
                staging / atlas.THUMBNAILS,
                staging / atlas.THUMBNAIL_OFFSETS,
            )
        atlas.publish(staging, destination, _manifest(config, workspace, store))


def _thumbnails(store: CutoutStore, quality: int) -> Iterator[bytes]:
    is_flux = store.survey.is_flux
    with progress("pictures", total=len(store), unit="galaxy") as bar:
        for cutouts in store.batches(64):
            pictures = nanomaggies_to_rgb(cutouts) if is_flux else np.moveaxis(cutouts, 1, -1)
            for rgb in pictures:
                yield encode_thumbnail(rgb, quality)
                bar.update()


def _manifest(config: Config, workspace: Workspace, store: CutoutStore) -> Manifest:
    survey = store.survey
    embeddings = np.load(workspace.embeddings, mmap_mode="r")
    encoder = load_encoder(workspace.encoder_weights).config
    training = read_training(workspace.encoder_weights)
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
        n_objects=len(store),
        model=ModelInfo(
            name=training.get("name") or f"simclr-resnet{encoder.depth}-{encoder.width}",
            config={
                "encoder": asdict(encoder),
                "training": training,
                "embed": asdict(config.embed),
            },
            weights_sha256=file_sha256(workspace.encoder_weights),
        ),
        embedding=EmbeddingInfo(dim=embeddings.shape[1], dtype=config.embed.dtype),
        index=IndexInfo(**json.loads(workspace.index_info.read_text())),
        umap=UmapInfo(
            n_neighbors=config.umap.n_neighbors,
            min_dist=config.umap.min_dist,
            metric=config.umap.metric,
            seed=config.seed,
        ),
        brightness_column=survey.brightness_column,
        cutout_service=config.cutout_service,
        showpiece=config.showpiece,
        citations=survey.citations,
    )
