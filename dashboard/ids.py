"""Every component id, spelled once, with what the component holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# The shared state: dcc.Store, data = Page.to_store() (rows and small values, no arrays); None until
# the address has been read.
QUERY = "query"
# What happened, for the server: dcc.Store, data = {"atlas": name, "log": [{"n", "kind", "values"},
# ...], "look": {"size", "theme"}}, all that QUERY may not contain yet; assets/requests.js appends.
REQUESTS = "requests"
# What is shown from then on: dcc.Store, data = {"COMPONENT.PROPERTY": value}.
ANSWER = "answer"
# What a callback of the server has understood: dcc.Store, data = {"kind", "values"}; the browser
# makes a request of it.
UNDERSTOOD = "understood"

# dcc.Location, search = "" or "?galaxy=OBJECT_ID&k=25".
ADDRESS = "address"

# One sentence about a mangled address, one about a failed callback; empty when all is well.
ADDRESS_NOTICE = "address-notice"
NOTICE = "notice"

# dcc.Store in the browser's local storage, data = "dark" or "light"; and the button that turns it.
THEME = "theme"
THEME_SWITCH = "theme-switch"

# Search panel: the text as typed, the two buttons, the sentence that answers, and buttons and links
# with what may have been meant, or what there is instead.
SEARCH_TEXT = "search-text"
SEARCH_BUTTON = "search-button"
RANDOM_BUTTON = "random-button"
SEARCH_MESSAGE = "search-message"
SEARCH_SUGGESTIONS = "search-suggestions"

# Which galaxies to draw from at random: "bright" or "any".
RANDOM_KIND = "random-kind"

# The list of galaxies that someone brought: dcc.Store in the session's storage, data =
# TargetList.to_store() or None (the same entries in every atlas); the button that opens the dialog
# and its words, the dialog itself.
TARGET_LIST = "target-list"
# dcc.Store, data = the list whose matches the dialog shows.
LIST_SHOWN = "list-shown"
LIST_OPEN = "list-open"
LIST_WORDS = "list-words"
LIST_DIALOG = "list-dialog"
LIST_CLOSE = "list-close"
# In the dialog: the text as pasted, the upload (contents = a data URL), the buttons that read the
# text and that go back to it, and what is said of all that.
LIST_TEXT = "list-text"
LIST_UPLOAD = "list-upload"
LIST_READ = "list-read"
LIST_CHANGE = "list-change"
LIST_TITLE = "list-title"
LIST_MESSAGE = "list-message"
# What the list matches: a summary; the table, rowData = list_table.table_row of each entry and
# eventData = the entry that was opened; whether to show only what was not matched; the button that
# asks Sesame; those that make a query of the selected or of all matched galaxies, or add the
# selected to the query, and why they do not.
LIST_SUMMARY = "list-summary"
LIST_TABLE = "list-table"
LIST_UNMATCHED = "list-unmatched"
LIST_SESAME = "list-sesame"
LIST_USE_SELECTED = "list-use-selected"
LIST_USE_ALL = "list-use-all"
LIST_ADD = "list-add"
LIST_USE_HINT = "list-use-hint"

# Filters: the column to add one for, the button that does, dcc.Store, data = options of all columns
# there are, a row for each filter with its controls (below), the sentence about one that cannot be.
FILTER_COLUMN = "filter-column"
FILTER_ADD = "filter-add"
FILTER_COLUMNS = "filter-columns"
FILTER_ROWS = "filter-rows"
FILTER_MESSAGE = "filter-message"
# The row of a selection on the map; hidden without one.
FILTER_REGION = "filter-region"
# Of a map of very many: dcc.Store, data = how often its points in view have become others, which
# assets/tiles_view.js holds.
MAP_IN_VIEW = "map-in-view"
# What the filters leave: a sentence, empty without filters, and dcc.Store, data = a bit for each
# point of the map (figures.packed_mask) or None.
FILTERS_LEFT = "filters-left"
FILTERS_PASSING = "filters-passing"

# A picture of one's own: dcc.Store, data = {"square": data URL of own_picture.planes_to_url,
# "source": data URL of what is shown, "note": words, "sky": SkyPlane.to_store or None, "proposed":
# Crop.to_store, "crops": {embedding as text: Crop.to_store and {"seen": data URL, "framing":
# words, "position": text or None}}} or None; dcc.Store, data = the frame that was chosen last,
# as Crop.to_store and {"n": number}; the upload (contents = a data URL), words while it is read,
# and what is wrong with it.
OWN_PICTURE = "own-picture"
OWN_CHOSEN = "own-chosen"
OWN_UPLOAD = "own-upload"
OWN_PROGRESS = "own-progress"
OWN_MESSAGE = "own-message"
# In the place of the selected galaxy: the picture with its crop, what the model sees, the zoom (1
# to crop.MOST_ZOOM), the button back to the frame that was proposed, the one that searches at the
# position of the frame, and how the picture was read.
OWN_FRAME = "own-frame"
OWN_IMAGE = "own-image"
OWN_SEEN = "own-seen"
OWN_ZOOM = "own-zoom"
OWN_RESET = "own-reset"
OWN_POSITION = "own-position"
OWN_NOTE = "own-note"

# The query in other atlases: what holds its address in each, as the JSON of {"to": {atlas:
# address}, "tabs": whether tabs lead there, too}; what is said while the best of all are shown.
ACROSS = "across"
ACROSS_NOTE = "across-note"

# The selected galaxy: picture, position, data.
SELECTED = "selected"

# Gallery: a heading in words, the cards (assets/gallery.js draws both), the number of neighbours as
# a string of K_CHOICES; what stands in the place of cards if there are none; the keys that work on
# cards.
GALLERY_HEADING = "gallery-heading"
GALLERY = "gallery"
GALLERY_K = "gallery-k"
GALLERY_INSTEAD = "gallery-instead"
GALLERY_KEYS = "gallery-keys"

# The tray with the examples of a query: positives, negatives, the picture that a user brought (a
# place and an image), a sentence about what cannot be.
TRAY = "tray"
TRAY_LIKE = "tray-like"
TRAY_UNLIKE = "tray-unlike"
TRAY_OWN = "tray-own"
TRAY_OWN_IMAGE = "tray-own-image"
TRAY_MESSAGE = "tray-message"

# Options: dcc.Store in the browser's local storage, data = {"size": one of options.SIZES,
# "crosshair": bool}, and the controls of the two; least separation in arcsec as slider and field;
# "most" or "least"; the button that puts all back, and what is wrong with the separation.
PREFERENCES = "preferences"
PICTURE_SIZE = "picture-size"
CROSSHAIR = "crosshair"
APART_SLIDER = "apart-slider"
APART_FIELD = "apart-field"
ORDER = "order"
OPTIONS_RESET = "options-reset"
OPTIONS_MESSAGE = "options-message"

# The menu of the gallery: links to the files of what is shown.
DOWNLOADS = "downloads"

# Whether neighbours are shown as "gallery" or "table"; kept in the browser's local storage.
VIEW = "view"
# The table of neighbours: dcc.Store, data = {"atlas", "query"} of what it shows, as QUERY has them,
# None until it is seen; a heading in words; the table, rowData = neighbour_table.table_rows; the
# columns shown, value = their colIds, kept for each atlas.
TABLE_QUERY = "table-query"
# dcc.Store, data = the same, of the query whose neighbours the rows are; ranks are of these.
TABLE_SHOWN = "table-shown"
TABLE_HEADING = "table-heading"
TABLE = "neighbour-table"
TABLE_COLUMNS = "table-columns"
# Of it: dcc.Store, data = the ranks that are selected, ascending; what holds the rest; how many in
# words, the buttons that add them to the query and forget them, the menu with links to their files.
TABLE_SELECTED = "table-selected"
TABLE_FOOT = "table-foot"
TABLE_SELECTED_WORDS = "table-selected-words"
TABLE_ADD = "table-add"
TABLE_CLEAR = "table-clear"
TABLE_DOWNLOADS = "table-downloads"

# What is said above the cards if nothing resembles a picture that somebody brought.
RESEMBLANCE = "resemblance"
# How sure the neighbours are: one line, and what it means, for who opens it.
CERTAINTY = "certainty"
CERTAINTY_MEANING = "certainty-meaning"

# The map: dcc.Graph with the traces of map/figure.py (map_xy in [0, 1] but for outliers, no unit);
# what it is coloured by, one of map_colours.choices; what the colours mean; what the pointer is on.
MAP = "map"
MAP_COLOUR = "map-colour"
MAP_LEGEND = "map-legend"
MAP_HOVER = "map-hover"
# Selecting there: how many are selected, or how to select; buttons: select what is in view, search
# for galaxies like the selected, and clear; what holds the last two; what went wrong.
MAP_SELECTED = "map-selected"
MAP_SELECT_VIEW = "map-select-view"
MAP_MORE_LIKE = "map-more-like"
MAP_CLEAR = "map-clear"
MAP_SELECTION = "map-selection"
MAP_MESSAGE = "map-message"

# Whether the galaxies are shown by "similarity" or on the "sky"; kept in the browser's local
# storage. The place of the sky; dcc.Stores: whether it has ever been seen, data = True or None;
# data = on_sky.survey_on_sky; {"atlas", "query"} of what it is to mark, as QUERY has them, while it
# is seen; data = on_sky.query_on_sky.
MAP_VIEW = "map-view"
SKY = "sky"
SKY_WANTED = "sky-wanted"
SKY_SURVEY = "sky-survey"
SKY_ASKED = "sky-asked"
SKY_QUERY = "sky-query"


def search_suggestion(text: Any) -> dict[str, Any]:
    """Return the id of the button that searches for ``text``, or of all of them for ``ALL``."""
    return {"type": "search-suggestion", "text": text}


def search_fetch(position: Any, name: Any) -> dict[str, Any]:
    """Return the id of the button that fetches the picture of a position in degrees, or of all."""
    return {"type": "search-fetch", "position": position, "name": name}


def _of_column(kind: str) -> Callable[[Any], dict[str, Any]]:
    """Return a function from a column, or ``ALL``, to the id of what its filter has of a kind."""
    return lambda column: {"type": kind, "column": column}


# Of the filter of a column: histogram and slider, style = --from and --to in per cent; the slider,
# value = two numbers in the column's unit; the fields for the least and the largest number, value =
# a number or None; the check list, value = the labels chosen; the field for a part of a text, value
# = that part; the button that removes the filter.
filter_spread = _of_column("filter-spread")
filter_slider = _of_column("filter-slider")
filter_least = _of_column("filter-least")
filter_most = _of_column("filter-most")
filter_choice = _of_column("filter-choice")
filter_part = _of_column("filter-part")
filter_remove = _of_column("filter-remove")
