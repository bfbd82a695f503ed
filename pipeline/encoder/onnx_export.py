"""The embedder as ONNX: what a server without torch embeds pictures with that users bring.

Filters are kept at 16 bits and cast to 32 when the model is loaded, which halves the file and costs
nothing later. The same encoder gives the same bytes.
"""

from __future__ import annotations

import copy
import json
import logging
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError

from pipeline.atlas.whole_files import file_sha256, whole_file
from pipeline.encoder.encoder import Embedder, Encoder
from pipeline.encoder.weights import read_training

INPUT, OUTPUT = "pictures", "embeddings"


def export_onnx(
    encoder: Encoder, path: Path, orientations: int, input_px: int, weights: Path | None = None
) -> None:
    """Write the embedder of an encoder as ONNX.

    Its input ``pictures``, float32 (n, 3, input_px, input_px), is RGB in [0, 1]; its output
    ``embeddings``, float32 (n, dim), is at unit length; n is free.

    Parameters
    ----------
    encoder : Encoder
        Not changed.
    path : Path
        A former file there is replaced when all is well.
    orientations : int
        1, 4 or 8, as of the atlas whose galaxies the embeddings will be compared with.
    input_px : int
        Side of the pictures.
    weights : Path, optional
        The file that the encoder was read from: its name, SHA-256 and training are then told.
    """
    model = _graph(encoder, orientations, input_px)
    _halve_filters(model)
    _forget_origin(model)
    metadata = {
        "encoder": json.dumps(asdict(encoder.config)),
        "input_px": str(input_px),
        "orientations": str(orientations),
    }
    if weights is not None:
        training = read_training(weights)
        metadata |= {
            "name": str(training.get("name", weights.stem)),
            "training": json.dumps(training),
            "weights_sha256": file_sha256(weights),
        }
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    with whole_file(path) as partial:
        partial.write_bytes(model.SerializeToString(deterministic=True))


def is_export_of(weights: Path, path: Path, orientations: int, input_px: int) -> bool:
    """Whether ``path`` is what `export_onnx` makes of these weights, for these pictures."""
    try:
        properties = onnx.load(path, load_external_data=False).metadata_props
    except (OSError, DecodeError):
        return False
    told = {item.key: item.value for item in properties}
    return (told.get("weights_sha256"), told.get("orientations"), told.get("input_px")) == (
        file_sha256(weights),
        str(orientations),
        str(input_px),
    )


def _graph(encoder: Encoder, orientations: int, input_px: int) -> onnx.ModelProto:
    on_cpu = copy.deepcopy(encoder).cpu().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    embedder = Embedder(on_cpu, orientations).eval()
    # Two pictures: torch.export takes a batch of one for a constant.
    example = torch.zeros(2, 3, input_px, input_px)
    registry = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = registry.level
    registry.setLevel(logging.ERROR)  # it complains of operators of torchvision, which is not here
    try:
        with warnings.catch_warnings():
            # Of torch's own exporter, which uses what torch has deprecated.
            warnings.simplefilter("ignore", FutureWarning)
            program = torch.onnx.export(
                embedder,
                (example,),
                input_names=[INPUT],
                output_names=[OUTPUT],
                dynamic_shapes={"pictures": {0: torch.export.Dim("n")}},
                dynamo=True,
                verbose=False,
            )
    finally:
        registry.setLevel(level)
    assert program is not None  # with dynamo there is one  # nosec B101
    return program.model_proto


def _halve_filters(model: onnx.ModelProto) -> None:
    """Keep the filters of convolutions at 16 bits, and cast them to 32 where they are used."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.ndim != 4 or values.dtype != np.float32:
            continue
        # The exporter has folded batch norms into the filters, which may take one out of range.
        if np.abs(values).max() > np.finfo(np.float16).max:
            continue
        name, half = tensor.name, f"{tensor.name}.half"
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), half))
        casts.append(onnx.helper.make_node("Cast", [half], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _forget_origin(model: onnx.ModelProto) -> None:
    """Remove what the exporter notes of the code that it traced, and where that lies."""
    graph = model.graph
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    del graph.value_info[:]
