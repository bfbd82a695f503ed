"""What a page shows first, written into its document: it is seen before Dash is there to ask.

The page still asks for its first answer as for any other. This is the part of it that the browser
draws without Dash, sooner: assets/first_answer.js.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

from dashboard.explorer.explorer import Explorer
from dashboard.map.requests import KINDS, first_page
from dashboard.panels.parts import CONTENT, Part, Turn
from dashboard.query.answer import answer
from dashboard.query.page import Request, fold

logger = logging.getLogger(__name__)


def drawn_places(parts: Sequence[Part]) -> list[str]:
    """Return the ids of what the browser draws without Dash."""
    return [
        str(output.component_id)
        for part in parts
        for output in part.outputs
        if output.component_property == CONTENT
    ]


def first_answer(explorer: Explorer, parts: Sequence[Part], search: str) -> str:
    """Return what to draw for the address ``search`` of a page, as JSON by the ids of the places.

    Empty where the answer may take its time, or where there is none: nobody waits for the page, and
    what is wrong is said when it asks.
    """
    if explorer.condition().status == "checking":
        return ""
    try:
        request = Request(1, "address", {"search": search})
        page = fold(explorer, first_page(explorer), [request], KINDS).page
        if page.query.filters or page.query.everywhere:
            return ""
        turn = Turn(None, page, answer(explorer, page.query), (request,))
        shown: dict[str, str] = {}
        for part in parts:
            if drawn_places([part]):
                for output, value in zip(part.outputs, part.show(turn), strict=True):
                    if output.component_property == CONTENT:
                        shown[str(output.component_id)] = value
    except Exception:  # the page comes in any case
        logger.info("A page began without its first answer.", exc_info=True)
        return ""
    # Within an element <script>: no "</script>" of a name ends it.
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
