"""The views of the method page."""

from dashboard.method.training import Strengths, SurveyViews
from dashboard.method.view_tiles import Nuisances, view_tiles

GEOMETRY = {"size": (0.8, 1.25), "shift_px": 4}
PICTURES = {"gain": 0.2, "band_gain": 0.1, "blur_px": 1, "picture_noise": 0.03}
FLUXES = {"psf": True, "noise": True, "reddening": True}
ALWAYS = ["Unchanged", "Turned", "Mirrored", "Magnified", "Shifted"]
VIEWS = ["One view", "Another view"]
SCALE_ARCSEC = 0.25


def tiles_of(are_fluxes, **strengths):
    """Return the tiles of a survey whose cutouts are 96 px wide, by their titles; its filters."""
    views = SurveyViews("survey", Strengths(**strengths), input_px=64, field_px=96)
    nuisances = Nuisances.of(views, are_fluxes, SCALE_ARCSEC)
    tiles = view_tiles(views, nuisances, are_fluxes, field_share=0.5)
    return {tile.title: tile for tile in tiles}, nuisances.filters


def test_views_of_pictures_are_as_strong_as_the_configuration_says():
    tiles, filters = tiles_of(False, **GEOMETRY, **PICTURES, **FLUXES)
    assert list(tiles) == [*ALWAYS, "Fainter", "Redder", "Blurred", "Noisier", *VIEWS]
    assert all(tile.style.startswith("--zoom:2.0000;") for tile in tiles.values())
    assert "--size:1.250;" in tiles["Magnified"].style
    assert "--x:6.25%;" in tiles["Shifted"].style  # 4 of 64 px
    assert tiles["Shifted"].caption == "by up to 6 % of the field"
    assert "--blur:1.56cqw;" in tiles["Blurred"].style  # 1 of 64 px
    assert tiles["Blurred"].caption == "by up to 1 of 64 px"
    assert "--bright:0.549;" in tiles["Fainter"].style  # e^-0.6
    assert tiles["Redder"].caption == "or bluer: each colour by 10\N{NO-BREAK SPACE}%"
    expected = {"noise": 0.25, "red": 1.3499, "green": 1, "blue": 0.7408}  # e^±0.3
    assert filters == expected


def test_views_of_fluxes_are_those_of_the_sky_whatever_the_knobs_of_pictures_are():
    tiles, filters = tiles_of(True, **GEOMETRY, **PICTURES, **FLUXES)
    assert list(tiles) == [*ALWAYS, "Redder", "Blurred", "Noisier", *VIEWS]
    assert tiles["Redder"].caption == "and fainter, behind more dust"
    assert "--blur:1.88cqw;" in tiles["Blurred"].style  # 0.45 of 24 arcsec
    assert filters["red"] > filters["green"] > filters["blue"]
    assert "--bright" not in "".join(tile.style for tile in tiles.values())


def test_what_training_leaves_alone_is_not_drawn():
    tiles, _ = tiles_of(True, **GEOMETRY, **PICTURES, noise=True)
    assert list(tiles) == [*ALWAYS, "Noisier", *VIEWS]
    assert "--blur" not in tiles["Another view"].style
    tiles, filters = tiles_of(False, band_gain=0.1, **FLUXES)
    assert list(tiles) == ["Unchanged", "Turned", "Mirrored", "Redder", *VIEWS]
    assert filters["noise"] == 0


def test_seeing_is_not_drawn_where_no_scale_says_how_large_it_is():
    views = SurveyViews("survey", Strengths(psf=True), input_px=64)
    assert Nuisances.of(views, True, None).styles == {}
