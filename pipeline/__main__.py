"""Command line of the pipeline: `build`, and one sub-command for each stage."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path

from pipeline.config import read_config
from pipeline.errors import PipelineError
from pipeline.stages import STAGES, Build

DEFAULT_CONFIG = Path(__file__).parent / "configs" / "mock.toml"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    for noisy in ("lightning", "lightning_fabric", "numba"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        _run(options)
    except PipelineError as error:
        print(f"galaxy-finder: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where it was.", file=sys.stderr)
        return 130
    return 0


def _run(options: argparse.Namespace) -> None:
    build = Build(read_config(options.config), options.atlases)
    if options.command == "build":
        build.run_all()
        print(f"The atlas is in {build.destination}.")
        return
    build.run(options.command)
    if options.command == "evaluate":
        from pipeline.evaluate import table

        print(table(json.loads(build.workspace.evaluation.read_text())))
        info = json.loads(build.workspace.index_info.read_text())
        print(f"Index: recall@100 {info['recall_at_100']:.4f} with search_k {info['search_k']}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipeline", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    everything = "run every stage that is not up to date"
    for name, text in [("build", everything), *((stage.name, stage.help) for stage in STAGES)]:
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument(
            "config", type=Path, nargs="?", default=DEFAULT_CONFIG, help="TOML file (mock.toml)"
        )
        command.add_argument(
            "--atlases", type=Path, default=Path("atlases"), help="folder of atlases (atlases)"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
