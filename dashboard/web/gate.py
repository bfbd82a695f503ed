"""What stands between the network and all that answers: names, sizes, calls, faults and counts.

What is refused here costs one line in the log and a sentence on the page (assets/refused.js), which
keeps what it has. What fails behind it is told with the identifier of its request.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Request, Response, request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from dashboard.counted import TOO_LARGE, UPLOAD, count
from dashboard.web.calls import Callbacks, checked_call
from dashboard.web.hosts import register_hosts
from dashboard.web.limits import (
    MOST_BYTES,
    MOST_UPLOAD_BYTES,
    RefusedError,
    TooLargeError,
    checked_json,
    read_limited,
)
from dashboard.web.metrics import Metrics, register_metrics
from dashboard.web.observed import ROUTE, Observed, log_access, request_identifier

logger = logging.getLogger(__name__)

_LONGEST_PATH = 200  # characters, in the log
CALL = "_dash-update-component"  # where Dash takes calls, below the address of a page
_NOT_OURS = (
    "The server did not understand what the page sent, and this step was not done. Nothing else "
    "has changed; reloading the page is safe."
)
_TOO_LARGE = (
    "This is larger than the server takes, and this step was not done. Nothing else has changed: "
    "take a smaller file, or fewer galaxies."
)
_FAILED = "Something went wrong on the server. Its log says what; trying again is safe."
_SENTENCES = {400: _NOT_OURS, 413: _TOO_LARGE, 415: _NOT_OURS, 500: _FAILED}


@dataclass(frozen=True)
class Gate:
    """What an administrator decides on, and what the pages need.

    Attributes
    ----------
    trusted_hosts : sequence of str
        Names under which the server answers; all, if there are none.
    metrics_from : sequence of str
        Networks that may read /metrics besides this machine, such as ``10.1.0.0/16``.
    most_bytes : mapping of str to int
        How much a call may be in which a component, by its id, has a part; else `MOST_BYTES`.
    """

    trusted_hosts: Sequence[str] = ()
    metrics_from: Sequence[str] = ()
    most_bytes: Mapping[str, int] = field(default_factory=dict)


class CheckedRequest(Request):
    """A request whose JSON, where it is a call of a page, has been looked through."""

    checked: Any = None

    def get_json(self, *arguments: Any, **options: Any) -> Any:
        """Return what was sent; called by Dash."""
        return super().get_json(*arguments, **options) if self.checked is None else self.checked


def register_gate(
    server: Flask,
    gate: Gate,
    callbacks: Mapping[str, Callbacks],
    atlas_states: Callable[[], Mapping[str, str]],
) -> None:
    """Put the gate before all that ``server`` answers; before anything else is registered.

    Parameters
    ----------
    callbacks : mapping of str to mapping
        Those of each page by its address; they may be added to until the first request.
    atlas_states : callable
        Returns the state of each atlas by its name.
    """
    server.request_class = CheckedRequest
    server.config["MAX_CONTENT_LENGTH"] = MOST_UPLOAD_BYTES
    metrics = Metrics(atlas_states)
    server.wsgi_app = Observed(  # type: ignore[method-assign]  # as Flask's manual has it
        server.wsgi_app, (log_access, metrics.answered)
    )

    @server.before_request
    def name_route() -> None:
        request.environ[ROUTE] = route_of(request, callbacks)

    register_hosts(server, gate.trusted_hosts)

    @server.before_request
    def check_call() -> None:
        page, found, _ = request.path.rpartition(CALL)
        if request.method == "POST" and found and page in callbacks:
            name, request.checked = read_call(request, callbacks[page], gate.most_bytes)  # type: ignore[attr-defined]
            request.environ[ROUTE] = f"callback {name}"

    @server.errorhandler(HTTPException)
    def tell(error: HTTPException) -> HTTPException | Response:
        return answer_to(error)

    register_metrics(server, metrics, gate.metrics_from)


def route_of(asked: Request, pages: Mapping[str, Any]) -> str:
    """Return what is asked for: the rule that answers, the same for all atlases."""
    if asked.url_rule is None:
        return "unmatched"
    rule = asked.url_rule.rule
    for page in pages:
        if rule.startswith(page):
            return f"/atlas/<atlas>/{rule.removeprefix(page)}"
    return rule


def read_call(
    asked: Request, callbacks: Callbacks, most_bytes: Mapping[str, int]
) -> tuple[str, Any]:
    """Return the name of what a page calls, and the call.

    Raises
    ------
    BadRequest, RequestEntityTooLarge, UnsupportedMediaType
    """
    if not asked.is_json:
        raise UnsupportedMediaType
    declared = asked.content_length
    try:
        if declared is not None and declared > MOST_UPLOAD_BYTES:
            raise TooLargeError(f"{declared:,} bytes, and at most {MOST_UPLOAD_BYTES:,} are read")
        data = read_limited(
            asked.stream,
            declared,
            lambda output: most_of(output, callbacks, most_bytes),
        )
        body = checked_json(data)
        return checked_call(body, callbacks), body
    except (TooLargeError, RequestEntityTooLarge) as error:
        count(UPLOAD, "any", TOO_LARGE)
        raise RequestEntityTooLarge(str(error)) from error
    except RefusedError as error:
        raise BadRequest(str(error)) from error


def most_of(output: str, callbacks: Callbacks, most_bytes: Mapping[str, int]) -> int:
    """Return how many bytes a call may be, by the components that it brings something of."""
    callback = callbacks.get(output, {})
    parts = [*callback.get("inputs", ()), *callback.get("state", ())]
    return max((most_bytes.get(part["id"], MOST_BYTES) for part in parts), default=MOST_BYTES)


def answer_to(error: HTTPException) -> HTTPException | Response:
    """Return the sentence about what was refused or has failed, with the request's identifier."""
    sentence = _SENTENCES.get(error.code or 0)
    if sentence is None:
        return error
    if error.code != 500:  # which Flask has logged, with its traceback
        why = getattr(error, "description", "") or error.name
        path = request.path[:_LONGEST_PATH]
        logger.warning("Refused %s %s: %d, %s.", request.method, path, error.code, why.rstrip("."))
        sentence = getattr(error, "sentence", sentence)
    response = Response(
        f"{sentence} (Request {request_identifier()}.)\n", error.code, mimetype="text/plain"
    )
    response.cache_control.no_store = True
    return response
