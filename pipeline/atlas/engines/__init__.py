"""How an atlas finds neighbours: nothing outside knows which engine proposes them."""

from pipeline.atlas.engines.criteria import AnyOf, Between, Criterion, Remote, among
from pipeline.atlas.engines.engine import Engine, EngineError
from pipeline.atlas.engines.exact import ExactEngine, exact_neighbours
from pipeline.atlas.engines.registry import ENGINES, engine_file, open_engine
from pipeline.atlas.engines.sample_search import SampleSearch
from pipeline.atlas.engines.vectors import Vectors

__all__ = [
    "ENGINES",
    "AnyOf",
    "Between",
    "Criterion",
    "Engine",
    "EngineError",
    "ExactEngine",
    "Remote",
    "SampleSearch",
    "Vectors",
    "among",
    "engine_file",
    "exact_neighbours",
    "open_engine",
]
