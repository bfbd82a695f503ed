"""The views of the method page: one galaxy, changed as cutouts of a survey are in training."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dashboard.formatting import format_number
from dashboard.method.training import SurveyViews

# Standard deviation of feTurbulence's fractal noise, as templates/method_views.html asks for it.
_TURBULENCE_SIGMA = 0.12
_SPREADS = 3  # standard deviations at which normal distributions are drawn
# What one in twenty cutouts of fluxes gets more of, by the distributions of `pipeline.images`, of
# the Legacy Surveys DR9 (Stein et al. 2022): a seeing of 1.69 arcsec in r where 1.33 is usual,
# sigmas of 0.45 arcsec apart; noise of 0.0077 nanomaggies a pixel, 1.8 times the usual; 0.10 mag of
# E(B-V) more, which dims g, r and z to these shares.
_BLUR_SIGMA_ARCSEC = 0.45
_NOISE_OF_WHITE = 0.04  # as the viewer's colours show it of a faint sky
_DUST = (0.894, 0.819, 0.744)  # of red, green and blue: z, r and g


@dataclass(frozen=True)
class ViewTile:
    """One galaxy changed in one way: its CSS, and what it shows."""

    title: str
    caption: str
    style: str


@dataclass(frozen=True)
class Nuisances:
    """What changes a cutout besides its geometry, as strong as it is drawn.

    Attributes
    ----------
    fainter : float
        Factor of the brightness; 1 where that is left alone.
    blur : float
        Sigma over the side of what the encoder sees; 0 where nothing is blurred.
    noise : float
        Standard deviation as a share of white.
    colour : tuple of float
        Factors of red, green and blue.
    """

    fainter: float
    blur: float
    noise: float
    colour: tuple[float, float, float]

    @classmethod
    def of(
        cls, views: SurveyViews, are_fluxes: bool, pixel_scale_arcsec: float | None
    ) -> Nuisances:
        """Return what training does to fluxes, or to pictures: their knobs are not the same.

        What is drawn at random is as strong as it gets: a range at its end, a normal distribution
        at three standard deviations, one of the survey where one in twenty is stronger.
        """
        strengths = views.strengths
        if are_fluxes:
            field_arcsec = (views.field_px or views.input_px) * (pixel_scale_arcsec or math.inf)
            return cls(
                1.0,
                _BLUR_SIGMA_ARCSEC / field_arcsec if strengths.psf else 0.0,
                _NOISE_OF_WHITE if strengths.noise else 0.0,
                _DUST if strengths.reddening else (1.0, 1.0, 1.0),
            )
        factor = math.exp(_SPREADS * strengths.band_gain)
        return cls(
            math.exp(-_SPREADS * strengths.gain),
            strengths.blur_px / views.input_px,
            strengths.picture_noise,
            (factor, 1.0, 1 / factor),
        )

    @property
    def filters(self) -> dict[str, float]:
        """The numbers of the SVG filters: amplitude of the noise, factors of the colours."""
        colours = dict(zip(("red", "green", "blue"), self.colour, strict=True))
        numbers = {"noise": self.noise / _TURBULENCE_SIGMA} | colours
        return {name: round(value, 4) for name, value in numbers.items()}

    @property
    def styles(self) -> dict[str, str]:
        """The CSS of each change that there is, by its name."""
        drawn = {
            "faint": self.fainter < 1 and f"--bright:{self.fainter:.3f};",
            "blur": self.blur > 0 and f"--blur:{100 * self.blur:.2f}cqw;",
            "noise": self.noise > 0 and "--noise:url(#view-noise);",
            "colour": self.colour != (1, 1, 1) and "--colour:url(#view-redder);",
        }
        return {name: style for name, style in drawn.items() if style}


def view_tiles(
    views: SurveyViews, nuisances: Nuisances, are_fluxes: bool, field_share: float
) -> list[ViewTile]:
    """Return the changes that training makes, one by one and then together, as CSS variables.

    Parameters
    ----------
    field_share : float
        Side of what the encoder sees over the side of the picture, 0 to 1.

    Notes
    -----
    assets/method.css turns the variables into transformations and filters of the picture, and the
    lengths are relative to its frame.
    """
    strengths = views.strengths
    zoom = f"--zoom:{1 / field_share:.4f};"
    low, high = strengths.size
    shift = 100 * strengths.shift_px / views.input_px
    tiles = [
        ("Unchanged", "as the encoder sees it", ""),
        ("Turned", "by any angle", "--turn:38deg;"),
        ("Mirrored", "half of the time", "--mirror:-1;"),
    ]
    if low < high:
        tiles.append(("Magnified", f"{low:g} to {high:g} times", f"--size:{high:.3f};"))
    if shift:
        style = f"--x:{shift:.2f}%;--y:{-shift:.2f}%;"
        tiles.append(("Shifted", f"by up to {shift:.0f} % of the field", style))
    styles = nuisances.styles
    words = _words_of_fluxes() if are_fluxes else _words_of_pictures(views)
    tiles += [(title, words[name], styles[name]) for name, title in _TITLES if name in styles]
    some, others = (
        "".join(styles.get(name, "") for name in names)
        for names in (("noise", "colour"), ("faint", "blur"))
    )
    one = f"--turn:152deg;--size:{high:.3f};--x:{shift / 2:.2f}%;{some}"
    two = f"--turn:-70deg;--mirror:-1;--size:{low:.3f};--y:{shift / 2:.2f}%;{others}"
    tiles += [
        ("One view", "several changes at once", one),
        ("Another view", "others, of the same galaxy", two),
    ]
    return [ViewTile(title, caption, zoom + style) for title, caption, style in tiles]


_TITLES = (
    ("faint", "Fainter"),
    ("colour", "Redder"),
    ("blur", "Blurred"),
    ("noise", "Noisier"),
)


def _words_of_fluxes() -> dict[str, str]:
    return {
        "blur": "by the seeing of worse nights",
        "noise": "as in a shorter exposure",
        "colour": "and fainter, behind more dust",
    }


def _words_of_pictures(views: SurveyViews) -> dict[str, str]:
    strengths = views.strengths
    gain, band_gain, noise = (
        f"{format_number(round(100 * share, 1))}\N{NO-BREAK SPACE}%"
        for share in (strengths.gain, strengths.band_gain, strengths.picture_noise)
    )
    return {
        "faint": f"or brighter, by some {gain}",
        "colour": f"or bluer: each colour by {band_gain}",
        "blur": f"by up to {format_number(strengths.blur_px)} of {views.input_px} px",
        "noise": f"by up to {noise} of white",
    }
