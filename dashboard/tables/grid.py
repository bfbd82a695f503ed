"""What the tables of the page share: how AG Grid looks and behaves in them."""

from __future__ import annotations

from typing import Any

# Colours are those of assets/tokens.css, so that a table follows the theme of the page.
_THEME = """themeQuartz.withParams({
  backgroundColor: 'var(--field)',
  foregroundColor: 'var(--text)',
  borderColor: 'var(--line)',
  accentColor: 'var(--selection)',
  checkboxUncheckedBorderColor: 'var(--line-strong)',
  headerBackgroundColor: 'var(--raised)',
  headerTextColor: 'var(--text-quiet)',
  fontFamily: 'inherit',
  fontSize: 13,
  spacing: 6,
  rowHeight: 46,
  wrapperBorderRadius: 6,
})"""

OPTIONS: dict[str, Any] = {
    "theme": {"function": _THEME},
    "enableBrowserTooltips": True,
    "suppressMovableColumns": True,
    "animateRows": False,
    # Who has the page read out meets the rows in the order in which they are seen.
    "ensureDomOrder": True,
    # Tab leads out of the table, which may have 1,000 rows; the arrows go from cell to cell.
    "tabToNextCell": {"function": "leaveTable()"},
}
# Boxes select, a click does not: it opens.
ROW_SELECTION: dict[str, Any] = {
    "mode": "multiRow",
    "selectAll": "filtered",
    "enableClickSelection": False,
}
SELECTION_COLUMN: dict[str, Any] = {"width": 44, "pinned": "left"}
DEFAULT_COLUMN: dict[str, Any] = {
    "sortable": True,
    "resizable": True,
    "suppressHeaderMenuButton": True,
    "suppressHeaderFilterButton": True,
}
