"""Every component id, spelled once, with what the component holds."""

from __future__ import annotations

from typing import Any

# The shared state: dcc.Store, data = Query.to_store() (rows and small values, no arrays); None
# until the address has been read.
QUERY = "query"

# dcc.Location, search = "" or "?galaxy=OBJECT_ID&k=25".
ADDRESS = "address"

# One sentence about a mangled address or a failed callback; empty when all is well.
NOTICE = "notice"

# dcc.Store in the browser's local storage, data = "dark" or "light"; and the button that turns it.
THEME = "theme"
THEME_SWITCH = "theme-switch"

# Search panel: the text as typed, the two buttons, the sentence that answers, and buttons with
# what may have been meant.
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
# asks Sesame; those that make a query of the selected or of all matched galaxies, and why they do
# not.
LIST_SUMMARY = "list-summary"
LIST_TABLE = "list-table"
LIST_UNMATCHED = "list-unmatched"
LIST_SESAME = "list-sesame"
LIST_USE_SELECTED = "list-use-selected"
LIST_USE_ALL = "list-use-all"
LIST_USE_HINT = "list-use-hint"

# Filters: the button that removes all, the column to add one for and the button that does, a row
# for each filter with its controls (below), the sentence about one that cannot be.
FILTERS_CLEAR = "filters-clear"
FILTER_COLUMN = "filter-column"
FILTER_ADD = "filter-add"
FILTER_ROWS = "filter-rows"
FILTER_MESSAGE = "filter-message"
# dcc.Store, data = Filters.to_store() as the rows show them; what it leaves: a sentence, empty
# without filters, and dcc.Store, data = a bit for each galaxy (figures.packed_mask) or None.
FILTERS = "filters"
FILTERS_LEFT = "filters-left"
FILTERS_PASSING = "filters-passing"

# A picture of one's own: dcc.Store, data = {"square": data URL of own_picture.planes_to_url,
# "source": data URL of what is shown, "note": words, "crops": {embedding as text: {"zoom": number,
# "seen": data URL, "framing": words}}} or None; the upload (contents = a data URL), words while it
# is read, and what is wrong with it.
OWN_PICTURE = "own-picture"
OWN_UPLOAD = "own-upload"
OWN_PROGRESS = "own-progress"
OWN_MESSAGE = "own-message"
# In the place of the selected galaxy: the picture with its crop, what the model sees, the zoom (1
# to own_picture.MOST_ZOOM), and how the picture was read.
OWN_FRAME = "own-frame"
OWN_IMAGE = "own-image"
OWN_SEEN = "own-seen"
OWN_ZOOM = "own-zoom"
OWN_NOTE = "own-note"

# The selected galaxy: picture, position, data.
SELECTED = "selected"

# Gallery: a heading in words, the cards, and the number of neighbours as a string of K_CHOICES.
GALLERY_HEADING = "gallery-heading"
GALLERY = "gallery"
GALLERY_K = "gallery-k"

# The menu of the gallery: links to the files of what is shown.
DOWNLOADS = "downloads"

# How sure the neighbours are: one line, and what it means, for who opens it.
CERTAINTY = "certainty"
CERTAINTY_MEANING = "certainty-meaning"

# The map: dcc.Graph with the traces of figures.py (umap_xy in [0, 1] but for outliers, no unit);
# the name of the colour column; what the colours mean; what the pointer is on.
MAP = "map"
MAP_COLOUR = "map-colour"
MAP_LEGEND = "map-legend"
MAP_HOVER = "map-hover"


def search_suggestion(text: Any) -> dict[str, Any]:
    """Return the id of the button that searches for ``text``, or of all of them for ``ALL``."""
    return {"type": "search-suggestion", "text": text}


def filter_spread(column: Any) -> dict[str, Any]:
    """Return the id of histogram and slider of a column, style = --from and --to in per cent."""
    return {"type": "filter-spread", "column": column}


def filter_slider(column: Any) -> dict[str, Any]:
    """Return the id of the slider of a column of numbers, value = two numbers in its unit."""
    return {"type": "filter-slider", "column": column}


def filter_least(column: Any) -> dict[str, Any]:
    """Return the id of the field for the least number, value = a number or None."""
    return {"type": "filter-least", "column": column}


def filter_most(column: Any) -> dict[str, Any]:
    """Return the id of the field for the largest number, value = a number or None."""
    return {"type": "filter-most", "column": column}


def filter_choice(column: Any) -> dict[str, Any]:
    """Return the id of the check list of a column, value = the labels chosen."""
    return {"type": "filter-choice", "column": column}


def filter_part(column: Any) -> dict[str, Any]:
    """Return the id of the field for a part of a text, value = that part."""
    return {"type": "filter-part", "column": column}


def filter_remove(column: Any) -> dict[str, Any]:
    """Return the id of the button that removes the filter of a column."""
    return {"type": "filter-remove", "column": column}


def filters_clear(place: Any) -> dict[str, Any]:
    """Return the id of another button that removes all filters, such as of the "gallery"."""
    return {"type": "filters-clear", "place": place}


def neighbour_card(row: Any) -> dict[str, Any]:
    """Return the id of the gallery card of galaxy ``row``, or of all cards for ``ALL``."""
    return {"type": "neighbour-card", "row": row}
