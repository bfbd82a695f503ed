import pytest
import torch

from pipeline.config import ConfigError, InputConfig
from pipeline.sources import Survey
from pipeline.views.field import Field


def survey(cutout_px):
    return Survey("s", "My survey", False, ("R", "G", "B"), 0.4, cutout_px)


@pytest.mark.parametrize(
    ("cutout_px", "field_px", "binning"),
    [(256, None, 4), (48, None, 1), (88, None, 1), (152, 128, 2)],
)
def test_the_encoder_sees_the_whole_cutout_unless_told_otherwise(cutout_px, field_px, binning):
    field = Field.of(InputConfig(field_px=field_px, input_px=64), survey(cutout_px))
    assert field.field_px == (field_px or cutout_px)
    assert field.binning == binning
    assert field.pixel_scale_arcsec == 0.4
    cutouts = torch.full((2, 3, cutout_px, cutout_px), 255, dtype=torch.uint8)
    seen = field.encoder_input(cutouts)
    assert seen.shape == (2, 3, 64, 64)
    assert seen.min() > 0.999


def test_a_field_beyond_the_cutout_is_refused():
    with pytest.raises(ConfigError, match="field_px is 96, but the cutouts of My survey are 88 px"):
        Field.of(InputConfig(field_px=96), survey(88))


def test_the_encoder_sees_the_centre():
    cutouts = torch.zeros(1, 3, 96, 96, dtype=torch.uint8)
    cutouts[..., 32:64, 32:64] = 255
    seen = Field(96, 32, 16, is_flux=False).encoder_input(cutouts)
    assert seen.shape == (1, 3, 16, 16)
    assert seen.min() == 1
