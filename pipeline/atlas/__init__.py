"""The contract: all that both packages know of a published atlas."""

from pipeline import __version__
from pipeline.atlas.angles import (
    POSITION_EXAMPLES,
    CoordinateError,
    degrees_per,
    latitude_deg,
    longitude_deg,
    plain_signs,
    plain_units,
    quoted,
    read_angle,
    right_ascension_deg,
)
from pipeline.atlas.atlas import Atlas, check_destination, list_atlases, open_atlas
from pipeline.atlas.catalogue import Column
from pipeline.atlas.column_names import POSITION_NAMES, normal_name
from pipeline.atlas.columns import Catalogue
from pipeline.atlas.condition import Condition
from pipeline.atlas.cutout_service import (
    LAYER,
    MOST_CUTOUT_PX,
    VIEWER_URL,
    CutoutService,
    cutout_parameters,
)
from pipeline.atlas.engines import (
    AnyOf,
    Between,
    Criterion,
    Engine,
    ExactEngine,
    Remote,
    Vectors,
    among,
)
from pipeline.atlas.errors import AtlasError, ChangedError
from pipeline.atlas.evaluation import Evaluation, EvaluationError, Line, parse_evaluation
from pipeline.atlas.field import binned, encoder_input
from pipeline.atlas.files import ENCODER, INDEX, MANIFEST
from pipeline.atlas.formats import READING_ERRORS, first_fits_table
from pipeline.atlas.frame import Frame
from pipeline.atlas.manifest import EncoderInput, Manifest
from pipeline.atlas.map_order import (
    DEEPEST,
    LEAST,
    SIDE,
    blocks_of_codes,
    cell_codes,
    cells,
    in_map_order,
)
from pipeline.atlas.names import (
    LONGEST_NAME,
    NAME,
    NAME_COLUMNS,
    OBJECT_ID,
    OTHER_NAMES,
    bearers_of,
    key_hash,
    name_key,
    name_table,
    names_in,
)
from pipeline.atlas.picture_files import (
    celestial_wcs,
    decoded,
    first_fits_image,
    fits_image,
    named_planes,
    pixel_scale_arcsec,
)
from pipeline.atlas.rgb import nanomaggies_to_rgb, stretch
from pipeline.atlas.sizes import major_axes_arcsec, semi_major_axes_arcsec, size_columns
from pipeline.atlas.sky_order import FAN, SkyOrder, boxes_of_levels, sky_order, unit_vectors
from pipeline.atlas.thumbnails import MIME_TYPE
from pipeline.atlas.upstream import Upstream
from pipeline.atlas.whole_texts import FORMULA, json_value

__all__ = [
    "DEEPEST",
    "ENCODER",
    "FAN",
    "FORMULA",
    "INDEX",
    "LAYER",
    "LEAST",
    "LONGEST_NAME",
    "MANIFEST",
    "MIME_TYPE",
    "MOST_CUTOUT_PX",
    "NAME",
    "NAME_COLUMNS",
    "OBJECT_ID",
    "OTHER_NAMES",
    "POSITION_EXAMPLES",
    "POSITION_NAMES",
    "READING_ERRORS",
    "SIDE",
    "VIEWER_URL",
    "AnyOf",
    "Atlas",
    "AtlasError",
    "Between",
    "Catalogue",
    "ChangedError",
    "Column",
    "Condition",
    "CoordinateError",
    "Criterion",
    "CutoutService",
    "EncoderInput",
    "Engine",
    "Evaluation",
    "EvaluationError",
    "ExactEngine",
    "Frame",
    "Line",
    "Manifest",
    "Remote",
    "SkyOrder",
    "Upstream",
    "Vectors",
    "__version__",
    "among",
    "bearers_of",
    "binned",
    "blocks_of_codes",
    "boxes_of_levels",
    "celestial_wcs",
    "cell_codes",
    "cells",
    "check_destination",
    "cutout_parameters",
    "decoded",
    "degrees_per",
    "encoder_input",
    "first_fits_image",
    "first_fits_table",
    "fits_image",
    "in_map_order",
    "json_value",
    "key_hash",
    "latitude_deg",
    "list_atlases",
    "longitude_deg",
    "major_axes_arcsec",
    "name_key",
    "name_table",
    "named_planes",
    "names_in",
    "nanomaggies_to_rgb",
    "normal_name",
    "open_atlas",
    "parse_evaluation",
    "pixel_scale_arcsec",
    "plain_signs",
    "plain_units",
    "quoted",
    "read_angle",
    "right_ascension_deg",
    "semi_major_axes_arcsec",
    "size_columns",
    "sky_order",
    "stretch",
    "unit_vectors",
]
