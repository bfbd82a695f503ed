"""Builds atlases: ingest, train, embed, index, umap2d, evaluate, publish."""

__version__ = "0.2.0"
