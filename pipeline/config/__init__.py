"""How an atlas is to be built: frozen dataclasses, read from TOML and checked."""

from pipeline.config.config import (
    Config,
    ConfigError,
    EmbedConfig,
    EncoderConfig,
    HardwareConfig,
    IngestConfig,
    InputConfig,
    ModelConfig,
    ThumbnailConfig,
    TrainConfig,
    UmapConfig,
    ViewsConfig,
    read_config,
    read_model_config,
)
from pipeline.config.evaluate import EvaluateConfig
from pipeline.config.index import IndexConfig

__all__ = [
    "Config",
    "ConfigError",
    "EmbedConfig",
    "EncoderConfig",
    "EvaluateConfig",
    "HardwareConfig",
    "IndexConfig",
    "IngestConfig",
    "InputConfig",
    "ModelConfig",
    "ThumbnailConfig",
    "TrainConfig",
    "UmapConfig",
    "ViewsConfig",
    "read_config",
    "read_model_config",
]
