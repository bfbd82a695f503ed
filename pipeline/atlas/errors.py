"""The base of every error that a user can do something about."""

from __future__ import annotations


class PipelineError(Exception):
    """Something expected went wrong; the message says what, where and what to do."""
