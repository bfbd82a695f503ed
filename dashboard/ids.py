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

# The selected galaxy: picture, position, data.
SELECTED = "selected"

# Gallery: a heading in words, the cards, and the number of neighbours as a string of K_CHOICES.
GALLERY_HEADING = "gallery-heading"
GALLERY = "gallery"
GALLERY_K = "gallery-k"

# The map: dcc.Graph with the traces of figures.py (umap_xy in [0, 1] but for outliers, no unit);
# the name of the colour column; what the colours mean; what the pointer is on.
MAP = "map"
MAP_COLOUR = "map-colour"
MAP_LEGEND = "map-legend"
MAP_HOVER = "map-hover"


def search_suggestion(text: Any) -> dict[str, Any]:
    """Return the id of the button that searches for ``text``, or of all of them for ``ALL``."""
    return {"type": "search-suggestion", "text": text}


def neighbour_card(row: Any) -> dict[str, Any]:
    """Return the id of the gallery card of galaxy ``row``, or of all cards for ``ALL``."""
    return {"type": "neighbour-card", "row": row}
