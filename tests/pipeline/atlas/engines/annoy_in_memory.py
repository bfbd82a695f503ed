"""Annoy without a file, for atlases that tests keep in memory."""

from dataclasses import replace

from pipeline.atlas.engines.annoy_index import AnnoyEngine


def annoy_in_memory(vectors, *, n_trees, search_k):
    """Return an engine that inspects so many nodes, whatever it then finds."""
    options = {"n_trees": n_trees, "seed": 1, "recall_target": 0.0}
    engine = AnnoyEngine.build(vectors, None, options, recall=lambda engine: 1.0)
    engine.settings = replace(engine.settings, search_k=search_k)
    return engine
