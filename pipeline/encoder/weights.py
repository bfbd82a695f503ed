"""Encoder weights in files: our own, and published checkpoints of ResNets.

Ours are safetensors with the configuration in their metadata. Published ones are torch files, or
safetensors, with torchvision's parameter names, perhaps behind a prefix.
"""

from __future__ import annotations

import json
import logging
import pickle  # for the name of its error  # nosec B403
import struct
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from pipeline.atlas.errors import PipelineError
from pipeline.config import AnyEncoderConfig, EncoderConfig
from pipeline.encoder.encoder import Encoder, new_encoder
from pipeline.encoder.resnet import BLOCKS
from pipeline.encoder.whitening import Whitening

log = logging.getLogger(__name__)

TORCH_SUFFIXES = (".pt", ".pth", ".pth.tar", ".ckpt")
WRAPPERS = ("state_dict", "model")  # where training scripts put the weights beside other things
# Of the encoder's parameters; MoCo v2 (as in Stein et al. 2021) also keeps a slower `encoder_k`.
PREFIXES = ("", "module.", "encoder.", "module.encoder_q.", "encoder_q.")
# What torch's reader raises where it meets bytes that it does not expect.
_UNREADABLE = (
    OSError, EOFError, RuntimeError, LookupError, TypeError, ValueError, AttributeError,
    AssertionError, struct.error, pickle.UnpicklingError,
)  # fmt: skip
_STEM = "conv1.weight"
_DEPTHS = ", ".join(map(str, BLOCKS))
_OF_THE_ENCODER = ("conv1.", "bn1.", "layer")


class WeightsError(PipelineError):
    """Encoder weights cannot be read or do not fit the configuration."""


def save_encoder(encoder: Encoder, path: Path, training: dict[str, Any]) -> None:
    """Write weights with their configuration.

    Parameters
    ----------
    training : dict
        How they were trained, for people and for `read_training`; ``name`` names the model.
    """
    weights = {}
    for name, value in encoder.state_dict().items():
        # Filters at 16 bits halve the file; statistics of the batch norms may need the range of 32,
        # and the whitening, which is small, the precision.
        dtype = torch.float16 if value.ndim == 4 else value.dtype
        weights[name] = value.detach().cpu().to(dtype).contiguous()
    about = {"encoder": json.dumps(asdict(encoder.config)), "training": json.dumps(training)}
    path.write_bytes(_in_order(save(weights, metadata=about)))


def _in_order(file: bytes) -> bytes:
    """Return a safetensors file with its metadata sorted: the library writes them in any order.

    A file is the length of its header in 8 bytes, the header as JSON, the tensors. Source: the
    format's description, https://github.com/huggingface/safetensors.
    """
    (length,) = struct.unpack("<Q", file[:8])
    parts = json.loads(file[8 : 8 + length])
    parts["__metadata__"] = dict(sorted(parts["__metadata__"].items()))
    header = json.dumps(parts, separators=(",", ":"), ensure_ascii=False).encode()
    header += b" " * (-len(header) % 8)  # tensors begin at a multiple of 8 bytes
    return struct.pack("<Q", len(header)) + header + file[8 + length :]


def load_encoder(path: Path, config: EncoderConfig | None = None) -> Encoder:
    """Read an encoder, in evaluation mode, on the CPU.

    Parameters
    ----------
    path : Path
        Written by `save_encoder`, or a published checkpoint.
    config : EncoderConfig, optional
        Of a published checkpoint, which does not say how its pictures were normalised; depth and
        width are found out if it is left out. Our own files have theirs.

    Raises
    ------
    WeightsError
        No such file, not a file of weights, no ResNet in it, or shapes that do not fit.
    """
    weights, metadata = _read(path)
    own = _own_config(metadata, path)
    encoder = new_encoder(own or config or _fitting_config(weights, path))
    encoder.whitening = _whitening(weights, encoder.dim, path)
    _fill(encoder, weights, path, "its own configuration" if own else "[encoder]")
    return encoder.eval()


def load_start(encoder: Encoder, path: Path) -> None:
    """Fill an encoder that is to be trained from a file; a whitening is left out.

    Parameters
    ----------
    path : Path
        Written by `save_encoder`, or a published checkpoint.

    Raises
    ------
    WeightsError
        As of `load_encoder`; the message says which depth and width would fit.
    """
    weights, metadata = _read(path)
    own, config = _own_config(metadata, path), encoder.config
    if own is not None and (own.mean, own.std) != (config.mean, config.std):
        log.warning(
            "%s was trained with encoder.mean %s and std %s, this configuration has %s and %s.",
            path, own.mean, own.std, config.mean, config.std,
        )  # fmt: skip
    _fill(encoder, weights, path, "[encoder]")
    log.info("encoder: starts from %s", path)


def read_training(path: Path) -> dict[str, Any]:
    """Return what `save_encoder` was told of the training; empty for weights from elsewhere.

    Raises
    ------
    WeightsError
        No such file, or not a file of weights.
    """
    if _is_torch(path):
        return {}
    return dict(json.loads(_read_safetensors(path)[1].get("training", "{}")))


def _is_torch(path: Path) -> bool:
    return path.name.endswith(TORCH_SUFFIXES)


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return weights by torchvision's names, and the file's metadata."""
    weights, metadata = (_read_torch(path), {}) if _is_torch(path) else _read_safetensors(path)
    found = [prefix for prefix in PREFIXES if prefix + _STEM in weights]
    # Names that do not begin with the prefix keep theirs, for the report of what is ignored.
    prefix = found[-1] if found else ""
    named = {
        name.removeprefix(prefix): value.float() if value.is_floating_point() else value
        for name, value in weights.items()
    }
    return named, metadata


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return weights, file.metadata() or {}
    except FileNotFoundError:
        raise WeightsError(f"There are no encoder weights at {path}.") from None
    except (OSError, SafetensorError) as error:
        raise WeightsError(
            f"{path} is not a safetensors file ({error}). Files of torch are known by their names: "
            f"{', '.join(TORCH_SUFFIXES)}."
        ) from error


def _read_torch(path: Path) -> dict[str, Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise WeightsError(f"There are no encoder weights at {path}.") from None
    except _UNREADABLE as error:
        raise WeightsError(
            f"{path} is not a torch file of nothing but weights and plain values. What else it "
            "holds might run code, so it is not opened; where you trust it, save its state_dict "
            "alone, or as safetensors."
        ) from error
    for wrapper in WRAPPERS:
        if isinstance(content, dict) and isinstance(content.get(wrapper), dict):
            content = content[wrapper]
    if not isinstance(content, dict):
        raise WeightsError(f"{path} holds a {type(content).__name__}, not a state_dict of weights.")
    return {str(name): value for name, value in content.items() if isinstance(value, Tensor)}


def _own_config(metadata: dict[str, str], path: Path) -> AnyEncoderConfig | None:
    if "encoder" not in metadata:
        return None
    try:
        return TypeAdapter(AnyEncoderConfig).validate_json(metadata["encoder"])
    except ValueError as error:
        raise WeightsError(f"{path} does not say which encoder it belongs to ({error}).") from error


def _fitting_config(weights: dict[str, Tensor], path: Path) -> EncoderConfig:
    found = _depth_and_width(weights)
    if found is None:
        raise WeightsError(
            f"{path} does not say which encoder it belongs to, and its names are not those of a "
            f"ResNet of {_DEPTHS} layers as torchvision has them."
        )
    # What is published as the features of a ResNet: the mean of its last stage.
    return EncoderConfig(depth=found[0], width=found[1], export_stages=(4,), export_spread=False)


def _depth_and_width(weights: dict[str, Tensor]) -> tuple[Any, int] | None:
    """Return depth and width of the network that weights are of; None if we have no such one."""
    counts = tuple(
        len({name.split(".")[1] for name in weights if name.startswith(f"layer{stage}.")})
        for stage in range(1, 5)
    )
    has_bottlenecks = "layer1.0.conv3.weight" in weights
    for depth, blocks in BLOCKS.items():
        if _STEM in weights and counts == blocks and has_bottlenecks == (depth >= 50):
            return depth, len(weights[_STEM])
    return None


def _whitening(weights: dict[str, Tensor], dim: int, path: Path) -> Whitening | None:
    mean, matrix = weights.get("whitening.mean"), weights.get("whitening.matrix")
    if mean is None or matrix is None:
        return None
    if mean.shape != (dim,) or matrix.ndim != 2 or len(matrix) != dim:
        raise WeightsError(
            f"{path} has a whitening of shapes {tuple(mean.shape)} and {tuple(matrix.shape)}, but "
            f"representations of length {dim}. Train again."
        )
    return Whitening(mean, matrix)


def _fill(encoder: Encoder, weights: dict[str, Tensor], path: Path, whose: str) -> None:
    """Copy the weights that the encoder wants; `whose` wants them goes into the message."""
    expected = {n: w for n, w in encoder.state_dict().items() if not n.startswith("whitening.")}
    problems = []
    for name, value in expected.items():
        if name not in weights:
            # Files older than torch 0.4.1 do not count batches; nor does anything here.
            if not name.endswith("num_batches_tracked"):
                problems.append(f"{name} is missing")
        elif weights[name].shape != value.shape:
            shapes = [tuple(which.shape) for which in (weights[name], value)]
            problems.append(f"{name} has shape {shapes[0]} where {shapes[1]} is expected")
    left = weights.keys() - expected.keys() - {"whitening.mean", "whitening.matrix"}
    problems += [f"{n} has no place" for n in sorted(left) if n.startswith(_OF_THE_ENCODER)]
    if problems:
        more = f", and {len(problems) - 3} more" if len(problems) > 3 else ""
        remedy = f"It must be a ResNet of {_DEPTHS} layers with torchvision's names"
        if found := _depth_and_width(weights):
            remedy = f"It would fit encoder.depth = {found[0]} and encoder.width = {found[1]}"
        raise WeightsError(
            f"{path} does not fit {whose}, {encoder.size}: {'; '.join(problems[:3])}{more}. "
            f"{remedy}."
        )
    encoder.load_state_dict({n: weights[n] for n in expected if n in weights}, strict=False)
    if left:
        groups = sorted({name.removeprefix("module.").split(".")[0] for name in left})
        log.info("%s: ignored %s, which the encoder does not have", path.name, ", ".join(groups))
