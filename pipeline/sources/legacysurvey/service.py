"""The cutout service of the Legacy Surveys: what it is asked, how often, and what is an answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from pipeline.atlas.cutout_service import MOST_CUTOUT_PX, VIEWER_URL, cutout_parameters
from pipeline.atlas.whole_files import fingerprint
from pipeline.images.flux_files import FluxLayout
from pipeline.images.legacy_surveys import BANDS
from pipeline.images.pictures import LEAST_PX, PictureError, check_middle, read_picture
from pipeline.sources.source import STRICT, SourceError

LAYERS = ("ls-dr9", "ls-dr9-south", "ls-dr9-north", "ls-dr10")


class CutoutRequest(NamedTuple):
    """One picture of one place: ICRS degrees, and the scale of the pixels.

    `near` makes requests that are equal if they ask for the same picture.
    """

    ra_deg: float
    dec_deg: float
    pixel_scale_arcsec: float

    @classmethod
    def near(cls, ra_deg: float, dec_deg: float, pixel_scale_arcsec: float) -> CutoutRequest:
        """Round to a hundredth of a pixel: what the address and the file name carry."""
        return cls(round(ra_deg, 6) % 360, round(dec_deg, 6), round(pixel_scale_arcsec, 4))

    @property
    def name(self) -> str:
        """Name for files."""
        return f"{self.ra_deg:.6f}_{self.dec_deg:+.6f}_{self.pixel_scale_arcsec:.4f}"


class _Format(NamedTuple):
    """How pictures come: their suffix, and the content types and first bytes of an answer."""

    suffix: str
    content_types: tuple[str, ...]
    signatures: tuple[bytes, ...]


FORMATS = {
    "fits": _Format(
        ".fits",
        ("image/fits", "application/fits", "application/octet-stream", "binary/octet-stream"),
        (b"SIMPLE  =", b"\x1f\x8b"),
    ),
    "jpeg": _Format(".jpg", ("image/jpeg", "image/jpg"), (b"\xff\xd8\xff",)),
}


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Pace:
    """How much is asked of a shared service: few connections at a time, at a steady pace.

    Attributes
    ----------
    connections : int
        Requests under way at a time.
    requests_per_second : float
        Largest rate at which requests begin.
    timeout_s : float
        Longest that one request may take, body included.
    attempts : int
        Requests for one picture before it is given up.
    backoff_s : float
        Scale of the waits between them, which double each time.

    Raises
    ------
    SourceError
        A number is not positive, or the service would suffer.
    """

    connections: int = 2
    requests_per_second: float = 3.0
    timeout_s: float = 60.0
    attempts: int = 5
    backoff_s: float = 1.0

    @model_validator(mode="after")
    def _bearable(self) -> Pace:
        if not 1 <= self.connections <= 8:
            raise SourceError(f"connections = {self.connections} is not between 1 and 8.")
        for name in ("requests_per_second", "timeout_s", "attempts", "backoff_s"):
            if not getattr(self, name) > 0:
                raise SourceError(f"{name} = {getattr(self, name):g} is not positive.")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CutoutQuery:
    """What all pictures of a survey have in common.

    Attributes
    ----------
    viewer_url : str
        Address before ``/fits-cutout`` and ``/jpeg-cutout``.
    layer : str
        The service's name for a survey.
    picture_format : str
        "fits" for fluxes, "jpeg" for pictures.
    cutout_px : int
        Side of the pictures.
    bands : str
        Letters of the bands.

    Raises
    ------
    SourceError
        Anything that the service does not know, or clips in silence.
    """

    viewer_url: str = VIEWER_URL
    layer: str = "ls-dr9"
    picture_format: str = "fits"
    cutout_px: int = 152
    bands: str = "".join(BANDS)

    @model_validator(mode="after")
    def _understood(self) -> CutoutQuery:
        parts = urlsplit(self.viewer_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
            raise SourceError(
                f"viewer_url = {self.viewer_url!r} is no address. Give one such as {VIEWER_URL}."
            )
        if self.layer not in LAYERS:
            raise SourceError(
                f"layer = {self.layer!r} is unknown. It must be one of {', '.join(LAYERS)}."
            )
        if self.picture_format not in FORMATS:
            raise SourceError(
                f"picture_format = {self.picture_format!r} is neither 'fits' nor 'jpeg'."
            )
        if not LEAST_PX <= self.cutout_px <= MOST_CUTOUT_PX:
            raise SourceError(
                f"cutout_px = {self.cutout_px} is not between {LEAST_PX} and {MOST_CUTOUT_PX}, "
                "the most that the service gives."
            )
        if not re.fullmatch("[griz]{3,4}", self.bands) or len(set(self.bands)) < len(self.bands):
            raise SourceError(f"bands = {self.bands!r} is not understood. Use 'grz' or 'griz'.")
        if self.is_flux and not set(BANDS) <= set(self.bands):
            raise SourceError(f"bands = {self.bands!r} lacks one of g, r and z, which FITS needs.")
        return self

    @property
    def is_flux(self) -> bool:
        """Whether pictures are fluxes in g, r, z rather than RGB."""
        return self.picture_format == "fits"

    @property
    def url(self) -> str:
        """Address of the pictures, without parameters."""
        return f"{self.viewer_url.rstrip('/')}/{self.picture_format}-cutout"

    def parameters(self, request: CutoutRequest) -> dict[str, str]:
        """Return the parameters of an address."""
        ra_deg, dec_deg, scale_arcsec = request
        shared = cutout_parameters(ra_deg, dec_deg, self.cutout_px, self.layer, scale_arcsec)
        return shared | {"pixscale": f"{scale_arcsec:.4f}", "bands": self.bands}

    def path(self, cache: Path, request: CutoutRequest) -> Path:
        """Return where a picture is kept: no folder of a large survey holds too many."""
        # What asks for other pixels keeps them elsewhere.
        parts = (self.url, self.layer, self.cutout_px, self.bands)
        folder = f"{self.layer}-{self.cutout_px}px-{fingerprint(*parts)[:8]}"
        suffix = FORMATS[self.picture_format].suffix
        return cache / folder / f"{int(request.ra_deg):03d}" / f"{request.name}{suffix}"

    def check_header(self, content_type: str, start: bytes) -> None:
        """See that an answer begins as a picture does, else raise a PictureError."""
        expected = FORMATS[self.picture_format]
        kind = content_type.split(";")[0].strip().lower()
        if kind not in expected.content_types:
            raise PictureError(f"the answer is {kind or 'of no type'}, not {self.picture_format}")
        if not start.startswith(expected.signatures):
            raise PictureError(f"the answer does not begin as {self.picture_format} does")

    def read(self, path: Path) -> np.ndarray:
        """Read a picture that was fetched.

        Returns
        -------
        ndarray, shape (3, cutout_px, cutout_px)
            float32 nanomaggies in g, r, z, or uint8 RGB; row 0 in the North, column 0 in the East.

        Raises
        ------
        BlankPictureError
            The survey has no image there.
        PictureError
            It is cut off, cannot be decoded or has another size.
        """
        picture = FluxLayout(BANDS).read_cube(path) if self.is_flux else read_picture(path)
        if picture.shape[1:] != (self.cutout_px, self.cutout_px):
            height, width = picture.shape[1:]
            raise PictureError(
                f"{path.name} has {width} x {height} pixels, not {self.cutout_px} x "
                f"{self.cutout_px}."
            )
        check_middle(picture, path.name)
        return picture
