"""The contract: all that both packages know of a published atlas."""

from pipeline import __version__
from pipeline.atlas.angles import (
    POSITION_EXAMPLES,
    CoordinateError,
    latitude_deg,
    longitude_deg,
    plain_signs,
    plain_units,
    quoted,
    read_angle,
    right_ascension_deg,
)
from pipeline.atlas.atlas import (
    Atlas,
    check_destination,
    list_atlases,
    open_atlas,
    publish,
    staging_folder,
    verify_atlas,
)
from pipeline.atlas.catalogue import Column
from pipeline.atlas.column_names import POSITION_NAMES, normal_name
from pipeline.atlas.cutout_service import MOST_CUTOUT_PX, VIEWER_URL, CutoutService
from pipeline.atlas.engines import Engine, ExactEngine, Vectors
from pipeline.atlas.evaluation import Evaluation, EvaluationError, Line, parse_evaluation
from pipeline.atlas.field import binned, encoder_input
from pipeline.atlas.files import (
    CATALOGUE,
    EMBEDDINGS,
    ENCODER,
    EVALUATION,
    FOOTPRINT,
    INDEX,
    MANIFEST,
    MAP_XY,
    REQUIRED_FILES,
    THUMBNAIL_OFFSETS,
    THUMBNAILS,
)
from pipeline.atlas.formats import READING_ERRORS, first_fits_table
from pipeline.atlas.manifest import AtlasError, EncoderInput, Manifest
from pipeline.atlas.picture_files import (
    decoded,
    first_fits_image,
    fits_image,
    named_planes,
    pixel_scale_arcsec,
)
from pipeline.atlas.positions import degrees_per
from pipeline.atlas.rgb import nanomaggies_to_rgb
from pipeline.atlas.sizes import semi_major_axes_arcsec
from pipeline.atlas.stretch import stretch
from pipeline.atlas.thumbnails import MIME_TYPE

__all__ = [
    "CATALOGUE",
    "EMBEDDINGS",
    "ENCODER",
    "EVALUATION",
    "FOOTPRINT",
    "INDEX",
    "MANIFEST",
    "MAP_XY",
    "MIME_TYPE",
    "MOST_CUTOUT_PX",
    "POSITION_EXAMPLES",
    "POSITION_NAMES",
    "READING_ERRORS",
    "REQUIRED_FILES",
    "THUMBNAILS",
    "THUMBNAIL_OFFSETS",
    "VIEWER_URL",
    "Atlas",
    "AtlasError",
    "Column",
    "CoordinateError",
    "CutoutService",
    "EncoderInput",
    "Engine",
    "Evaluation",
    "EvaluationError",
    "ExactEngine",
    "Line",
    "Manifest",
    "Vectors",
    "__version__",
    "binned",
    "check_destination",
    "decoded",
    "degrees_per",
    "encoder_input",
    "first_fits_image",
    "first_fits_table",
    "fits_image",
    "latitude_deg",
    "list_atlases",
    "longitude_deg",
    "named_planes",
    "nanomaggies_to_rgb",
    "normal_name",
    "open_atlas",
    "parse_evaluation",
    "pixel_scale_arcsec",
    "plain_signs",
    "plain_units",
    "publish",
    "quoted",
    "read_angle",
    "right_ascension_deg",
    "semi_major_axes_arcsec",
    "staging_folder",
    "stretch",
    "verify_atlas",
]
