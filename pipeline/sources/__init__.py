"""Surveys to read: each source yields catalogue rows and their cutouts."""

from pipeline.sources.source import Chunk, Rejected, Source, SourceError, Survey

__all__ = ["Chunk", "Rejected", "Source", "SourceError", "Survey"]
