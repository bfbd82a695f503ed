"""The encoder that we have: a ResNet with torchvision's parameter names.

Torchvision has no CPU build in every registry, and its checkpoints are worth loading, so the
network is written out here.

Source: He et al. 2016 (arXiv 1512.03385).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.config import EncoderConfig
from pipeline.encoder.encoder import Encoder

_LEAST_VARIANCE = 1e-12  # of a map that is the same everywhere, whose root has no gradient
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}


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


class ResNet(Encoder):
    """A ResNet as an encoder.

    Its four stages see ever larger parts of a galaxy and forget ever more of what the views differ
    by, the last one also of what makes galaxies alike: training compares the last, export takes
    earlier ones as well or instead (docs/decisions/007).

    Parameters
    ----------
    config : EncoderConfig
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__(config)
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
        self.last_dim = self._inplanes
        self.dim = sum(self.last_dim >> (4 - stage) for stage in config.export_stages)
        if config.export_spread:
            self.dim *= 2
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def _stage(self, planes: int, n_blocks: int, stride: int) -> nn.Sequential:
        blocks = []
        for number in range(n_blocks):
            blocks.append(self._block(self._inplanes, planes, stride if number == 0 else 1))
            self._inplanes = planes * self._block.expansion
        return nn.Sequential(*blocks)

    @property
    def name(self) -> str:
        """Depth, and filters of the first stage."""
        return f"resnet{self.config.depth}-{self.config.width}"

    @property
    def size(self) -> str:
        """The knobs of these names."""
        return f"depth {self.config.depth} and width {self.config.width}"

    def forward(self, pictures: Tensor) -> Tensor:
        """Encode pictures.

        Parameters
        ----------
        pictures : Tensor, shape (n, 3, y, x)
            RGB in [0, 1].

        Returns
        -------
        Tensor, shape (n, dim)
            The mean over the map of each exported stage and, if the configuration says so, its
            standard deviation; each of these parts at unit length.
        """
        stages = self.config.export_stages
        maps = self._maps(pictures, max(stages))
        parts = []
        for stage in stages:
            kept = maps[stage - 1].float()
            parts.append(kept.mean(dim=(2, 3)))
            if self.config.export_spread:
                variance = kept.var(dim=(2, 3), unbiased=False)
                parts.append((variance + _LEAST_VARIANCE).sqrt())
        return torch.cat([F.normalize(part, dim=1) for part in parts], dim=1)

    def last(self, pictures: Tensor) -> Tensor:
        """Map pictures (n, 3, y, x) to the mean of the last stage (n, last_dim): for training."""
        return self._maps(pictures, 4)[-1].mean(dim=(2, 3))

    def _maps(self, pictures: Tensor, n_stages: int) -> list[Tensor]:
        x = self.conv1(self.normalised(pictures))
        x = self.maxpool(self.relu(self.bn1(x)))
        maps = []
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4)[:n_stages]:
            x = stage(x)
            maps.append(x)
        return maps
