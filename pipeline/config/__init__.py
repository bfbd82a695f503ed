"""How an atlas is to be built: frozen dataclasses, read from TOML and checked."""

from pipeline.config.config import (
    LAYOUTS,
    AnyLayoutConfig,
    Config,
    ConfigError,
    EmbedConfig,
    EvaluateConfig,
    IndexConfig,
    IngestConfig,
    ModelConfig,
    ThumbnailConfig,
    UmapConfig,
    read_config,
    read_model_config,
)
from pipeline.config.encoder import (
    ENCODERS,
    AnyEncoderConfig,
    EncoderConfig,
    HardwareConfig,
    InputConfig,
    TrainConfig,
    ViewsConfig,
)

__all__ = [
    "ENCODERS",
    "LAYOUTS",
    "AnyEncoderConfig",
    "AnyLayoutConfig",
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
