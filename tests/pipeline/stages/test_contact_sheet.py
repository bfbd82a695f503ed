"""Views of a few galaxies, to look at."""

import numpy as np
import pytest
from PIL import Image

from pipeline.config import Config, InputConfig
from pipeline.stages.contact_sheet import galaxies_sheet, main, tile, views_sheet
from tests.pipeline.picture_folder import write_survey

MOCK = Config(name="mock", source={"kind": "mock", "n_objects": 4}, input=InputConfig(input_px=32))


@pytest.fixture
def folder(tmp_path):
    return Config(
        name="mine",
        source={"kind": "folder", "folder": str(write_survey(tmp_path / "mine"))},
        input=InputConfig(input_px=16),
    )


def test_a_row_is_a_galaxy_and_its_views_in_flux():
    sheet = views_sheet(MOCK, n_galaxies=2, n_views=3)
    assert sheet.shape == (2 * 34 - 2, 4 * 34 - 2, 3)
    assert sheet.dtype == np.uint8
    assert np.array_equal(sheet, views_sheet(MOCK, n_galaxies=2, n_views=3))
    assert not np.array_equal(sheet[:32, 34:66], sheet[:32, 68:100])


def test_a_row_is_a_galaxy_and_its_views_in_pictures(folder):
    sheet = views_sheet(folder, n_galaxies=9, n_views=1)
    assert sheet.shape == (3 * 18 - 2, 2 * 18 - 2, 3)
    # First as it is: red grows to the right, green downwards, blue is 7.
    assert sheet[8, 1, 0] < sheet[8, 14, 0]
    assert sheet[1, 8, 1] < sheet[14, 8, 1]
    assert np.unique(sheet[:16, :16, 2]).tolist() == [7]


@pytest.mark.parametrize(("n_galaxies", "n_views"), [(0, 3), (3, 0)])
def test_a_sheet_of_nothing_is_refused(n_galaxies, n_views):
    with pytest.raises(ValueError, match="at least one galaxy and one view"):
        views_sheet(MOCK, n_galaxies, n_views)


def test_the_command_writes_views_of_a_configuration(tmp_path):
    config = tmp_path / "mock.toml"
    config.write_text('name = "mock"\n[source]\nkind = "mock"\nn_objects = 3\n')
    sheet = tmp_path / "views.png"
    assert main([str(config), str(sheet), "--galaxies", "1", "--views", "2"]) == 0
    with Image.open(sheet) as picture:
        assert picture.size == (3 * 66 - 2, 64)


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    assert main([str(tmp_path / "none.toml"), str(tmp_path / "views.png")]) == 1
    assert "There is no configuration" in capsys.readouterr().err


def test_tiles_lie_row_by_row_with_black_lines_between():
    images = np.stack([np.full((4, 5, 3), value, np.uint8) for value in (10, 20, 30)])
    sheet = tile(images, n_columns=2)
    assert sheet.shape == (4 + 2 + 4, 5 + 2 + 5, 3)
    assert (sheet[0, 0, 0], sheet[0, 7, 0], sheet[6, 0, 0]) == (10, 20, 30)
    assert sheet[:, 5:7].max() == 0
    assert sheet[6:, 7:].max() == 0


def test_a_contact_sheet_of_no_rows_is_refused():
    with pytest.raises(ValueError, match="at least one row"):
        galaxies_sheet(MOCK, 0)


def test_the_command_writes_galaxies_alone_where_no_views_are_asked_for(tmp_path):
    config = tmp_path / "mock.toml"
    config.write_text('name = "mock"\n[source]\nkind = "mock"\nn_objects = 3\nseed = 2\n')
    sheet = tmp_path / "mock.png"
    assert main([str(config), str(sheet), "--galaxies", "64", "--views", "0"]) == 0
    with Image.open(sheet) as picture:
        assert picture.size == (2 * 152 + 2, 2 * 152 + 2)
