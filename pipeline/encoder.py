"""The encoder, a ResNet with torchvision's parameter names, and SimCLR's projection head.

Torchvision has no CPU build in every registry, and its checkpoints are worth loading, so the
network is written out here.

Source: He et al. 2016 (arXiv 1512.03385); Chen et al. 2020 (SimCLR, arXiv 2002.05709).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from pipeline.config import EncoderConfig
from pipeline.errors import PipelineError

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}


class WeightsError(PipelineError):
    """Encoder weights cannot be read or do not fit the configuration."""


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a short cut."""

    expansion = 1

    def __init__(self, inplanes: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _downsample(inplanes, planes, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inplanes, y, x) to (n, planes, y / stride, x / stride)."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """A 3x3 convolution between two 1x1 convolutions, and a short cut; stride on the 3x3."""

    expansion = 4

    def __init__(self, inplanes: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, planes * self.expansion, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _downsample(inplanes, planes * self.expansion, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inplanes, y, x) to (n, 4 planes, y / stride, x / stride)."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


def _downsample(inplanes: int, outplanes: int, stride: int) -> nn.Sequential | None:
    if stride == 1 and inplanes == outplanes:
        return None
    return nn.Sequential(
        nn.Conv2d(inplanes, outplanes, 1, stride, bias=False), nn.BatchNorm2d(outplanes)
    )


class Encoder(nn.Module):
    """Map pictures to representations.

    Parameters
    ----------
    config : EncoderConfig
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        self._block = BasicBlock if config.depth < 50 else Bottleneck
        width, counts = config.width, BLOCKS[config.depth]
        self._inplanes = width
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = self._stage(width, counts[0], 1)
        self.layer2 = self._stage(width * 2, counts[1], 2)
        self.layer3 = self._stage(width * 4, counts[2], 2)
        self.layer4 = self._stage(width * 8, counts[3], 2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dim = self._inplanes
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def _stage(self, planes: int, n_blocks: int, stride: int) -> nn.Sequential:
        blocks = []
        for number in range(n_blocks):
            blocks.append(self._block(self._inplanes, planes, stride if number == 0 else 1))
            self._inplanes = planes * self._block.expansion
        return nn.Sequential(*blocks)

    def forward(self, pictures: Tensor) -> Tensor:
        """Encode pictures.

        Parameters
        ----------
        pictures : Tensor, shape (n, 3, y, x)
            RGB in [0, 1].

        Returns
        -------
        Tensor, shape (n, dim)
        """
        x = pictures * 2 - 1
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return torch.flatten(self.avgpool(x), 1)


class ProjectionHead(nn.Sequential):
    """SimCLR's two-layer perceptron, used in training only."""

    def __init__(self, dim: int, head_dim: int) -> None:
        super().__init__(
            nn.Linear(dim, dim, bias=False),
            nn.BatchNorm1d(dim),
            nn.ReLU(inplace=True),
            nn.Linear(dim, head_dim),
        )


def save_encoder(encoder: Encoder, path: Path, training: dict[str, Any]) -> None:
    """Write weights with their configuration.

    Parameters
    ----------
    training : dict
        How they were trained, for people and for `read_training`.
    """
    weights = {}
    for name, value in encoder.state_dict().items():
        # Filters at 16 bits halve the file; statistics of the batch norms may need the range of 32.
        dtype = torch.float16 if value.ndim > 1 else value.dtype
        weights[name] = value.detach().cpu().to(dtype).contiguous()
    save_file(
        weights,
        path,
        metadata={"encoder": json.dumps(asdict(encoder.config)), "training": json.dumps(training)},
    )


def load_encoder(path: Path) -> Encoder:
    """Read an encoder that `save_encoder` wrote, in evaluation mode, on the CPU.

    Raises
    ------
    WeightsError
        No such file, not safetensors, no configuration, or shapes that do not fit it.
    """
    try:
        with safe_open(path, framework="pt") as file:
            config = json.loads((file.metadata() or {})["encoder"])
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        encoder = Encoder(EncoderConfig(**config))
        encoder.load_state_dict(
            {n: w.float() if w.is_floating_point() else w for n, w in weights.items()}
        )
    except FileNotFoundError:
        raise WeightsError(f"There are no encoder weights at {path}.") from None
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path} is not a safetensors file ({error}).") from error
    except (KeyError, ValueError, TypeError) as error:
        raise WeightsError(f"{path} does not say which encoder it belongs to ({error}).") from error
    except RuntimeError as error:
        raise WeightsError(f"{path} does not fit its own configuration: {error}") from error
    return encoder.eval()


def read_training(path: Path) -> dict[str, Any]:
    """Return what `save_encoder` was told of the training; empty for weights from elsewhere."""
    with safe_open(path, framework="pt") as file:
        return dict(json.loads((file.metadata() or {}).get("training", "{}")))
