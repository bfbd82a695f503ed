"""What the command line does: `build`, one sub-command for each stage, and `model`."""

from __future__ import annotations

import argparse
import errno
import json
import logging
import sys
from pathlib import Path

from pipeline.atlas import MANIFEST, open_atlas
from pipeline.atlas.errors import PipelineError
from pipeline.config import read_config, read_model_config
from pipeline.encoder.hardware import leads
from pipeline.evaluation.report import table
from pipeline.sources import SourceError
from pipeline.stages.build import Build
from pipeline.stages.stage import MODEL_STAGES, STAGES

DEFAULT_CONFIG = Path(__file__).parent / "configs" / "mock.toml"


# Of a disk that is full, of a quota, of what one file may have.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status; interrupted, raise KeyboardInterrupt."""
    options = _parser().parse_args(arguments)
    level = logging.INFO if leads() else logging.WARNING
    logging.basicConfig(level=level, format="%(message)s", stream=sys.stderr)
    for noisy in ("lightning_fabric.utilities", "numba", "onnx_ir", "onnxscript"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        _run(options)
    except PipelineError as error:
        print(f"galaxy-finder: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"galaxy-finder: {_sentence(error)}", file=sys.stderr)
        return 1
    return 0


def _sentence(error: OSError) -> str:
    """Return what an error of the system means for a build."""
    if error.errno in NO_ROOM:
        return (
            f"There is no room for {error.filename or 'what is to be written'} ({error.strerror}). "
            "Free some on that disk, or choose another one with --atlases; the same command then "
            "goes on where it was."
        )
    return f"{error}. The same command goes on where it was."


def _run(options: argparse.Namespace) -> None:
    if options.command == "model":
        _run_model(options)
        return
    build = Build(
        read_config(options.config), options.atlases, options.config.stem, options.scheduler
    )
    if not leads():
        if options.command in ("build", "train"):
            build.follow()
        return
    if options.command == "build":
        if options.evaluate_later:
            build.run_until_seen()
        else:
            build.run_all()
        if build.left_out:
            print("Done. Galaxies without a position make no atlas: nothing is published.")
        elif not build.is_evaluated:
            print(
                f"The atlas is in {build.destination}, without its figures of merit; the same "
                "command without --evaluate-later adds them."
            )
        else:
            print(f"The atlas is in {build.destination}.")
        return
    if options.command != "evaluate":
        build.run(options.command)
    elif _is_embedded(build):
        build.run("evaluate")
        print(table(json.loads(build.workspace.evaluation.read_text())))
        if build.is_done("index"):
            info = json.loads(build.workspace.index_info.read_text())
            print(f"Index: recall@100 {info['recall_at_100']:.4f}.")
    else:
        # Built with another configuration of the same name, or elsewhere, as atlases that ship.
        atlas = open_atlas(build.destination)
        print(f"{build.destination}, as it was published on {atlas.manifest.created}")
        print(table(atlas.evaluation))
        print(f"Index: recall@100 {atlas.manifest.index.recall_at_100:.4f}.")


def _is_embedded(build: Build) -> bool:
    try:
        return build.is_done("embed")
    except SourceError:
        if not (build.destination / MANIFEST).exists():
            raise
        return False


def _run_model(options: argparse.Namespace) -> None:
    config = read_model_config(options.config)
    build = Build.of_model(config, options.config.parent, options.atlases)
    if leads():
        build.run_all()
        weights, onnx = (getattr(build.workspace, name) for name in MODEL_STAGES[-1].results)
        print(f"The model is {weights}, and {onnx}.")
    else:
        build.follow()


def _parser() -> argparse.ArgumentParser:
    about = "Command line of the pipeline: `build`, one sub-command for each stage, and `model`."
    parser = argparse.ArgumentParser(prog="python -m pipeline", description=about)
    commands = parser.add_subparsers(dest="command", required=True)
    everything = "run every stage that is not up to date"
    for name, text in [("build", everything), *((stage.name, stage.help) for stage in STAGES)]:
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument(
            "config", type=Path, nargs="?", default=DEFAULT_CONFIG, help="TOML file (mock.toml)"
        )
        _add_atlases(command)
        command.set_defaults(scheduler=None)
        if name == "build":
            command.add_argument(
                "--evaluate-later",
                action="store_true",
                help="end when the atlas can be looked at, without its figures of merit; the same "
                "command without this option measures them and adds them",
            )
        if name in ("build", "embed"):
            command.add_argument(
                "--scheduler",
                metavar="tcp://HOST:PORT",
                help="Dask cluster that embeds; its workers see the folder of atlases under the "
                "same path, and use as many threads as this process (OMP_NUM_THREADS)",
            )
    text = MODEL_STAGES[-1].help
    model = commands.add_parser("model", help=text, description=text)
    model.add_argument("config", type=Path, help="TOML file that names the surveys' own")
    _add_atlases(model)
    return parser


def _add_atlases(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--atlases", type=Path, default=Path("atlases"), help="folder of atlases (atlases)"
    )
