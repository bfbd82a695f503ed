"""The base of every error that a user can do something about, and that of an atlas."""

from __future__ import annotations

REBUILD = "Rebuild the atlas with 'make pipeline CONFIG=...', the configuration it came from."


class PipelineError(Exception):
    """Something expected went wrong; the message says what, where and what to do."""


class AtlasError(PipelineError):
    """An atlas cannot be opened or published; the message says why and how to mend it."""


class ChangedError(AtlasError):
    """A file of an open atlas is not what it was; the message is for those who use the atlas."""


class UnreachableError(ChangedError):
    """What finds neighbours gives no answer now; the message is for those who use the atlas."""
