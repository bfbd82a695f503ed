"""python -m dashboard: open atlases and serve them until Ctrl-C."""

from __future__ import annotations

import signal

if __name__ == "__main__":  # Ctrl-C is quiet while all that follows is loaded, too
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import ipaddress
import sys
from collections.abc import Sequence
from pathlib import Path

from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.opening import open_all
from dashboard.web.gate import Gate
from dashboard.web.limits import give_back_memory
from dashboard.web.logs import FORMATS, set_up_logging
from dashboard.web.metrics import share_between_processes
from dashboard.web.server import AddressError, listen
from dashboard.web.workers import Workers
from pipeline.atlas import AtlasError, list_atlases

MOST_WORKERS = 64
ATLASES = Path(__file__).resolve().parent.parent / "atlases"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C; return the exit status."""
    options = parse(arguments)
    with_access = options.log_format == "json" if options.access_log is None else options.access_log
    set_up_logging(options.log_format, with_access=with_access)
    try:
        closed: dict[str, str] = {}
        explorers = open_explorers(options.atlas or list_atlases(ATLASES), closed)
        if not options.atlas:
            explorers = real_sky_first(explorers)
        listener = listen(options.host, options.port)
    except (AtlasError, AddressError) as error:
        print(error, file=sys.stderr)
        return 1
    host, port = listener.getsockname()[:2]
    give_back_memory()
    line = announcement(host, port, explorers)
    if options.workers > 1:
        share_between_processes()
    gate = Gate(options.trusted_host, options.metrics_from)
    server = create_app(explorers, gate, closed)
    return Workers(server, listener, options.workers, lambda: print(line, flush=True)).run()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m dashboard", description="Serve atlases of galaxies on this machine."
    )
    parser.add_argument(
        "atlas",
        nargs="*",
        type=Path,
        help="folder of an atlas; a visit begins with the first whose pictures can be shown "
        "(default: all in atlases/, those of the real sky first)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", default=8050, type=_port, help="port, 0 for any free one")
    parser.add_argument(
        "--trusted-host",
        action="append",
        default=[],
        metavar="NAME",
        help="name under which visitors reach the server, such as galaxies.example; with a dot "
        "before it also those below. All others are refused. May be given several times "
        "(default: any name)",
    )
    parser.add_argument(
        "--log-format",
        choices=FORMATS,
        default="plain",
        help="lines for people, or a JSON object on each line (default: plain)",
    )
    parser.add_argument(
        "--access-log",
        action=argparse.BooleanOptionalAction,
        help="write a line for each request (default: only with --log-format json)",
    )
    parser.add_argument(
        "--metrics-from",
        action="append",
        default=[],
        type=_network,
        metavar="NETWORK",
        help="network that may read /metrics, such as 10.1.0.0/16, besides this machine; may be "
        "given several times",
    )
    parser.add_argument(
        "--workers",
        default=1,
        type=_workers,
        metavar="N",
        help="processes that answer; they share the atlases, and one for each CPU is enough "
        "(default: 1)",
    )
    return parser.parse_args(arguments)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a network: {error}.") from error


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text}' is not a port; ports are 0 to 65535.")


def _workers(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_WORKERS:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text}' is no number of workers from 1 to {MOST_WORKERS}.")


def open_explorers(
    paths: Sequence[Path], closed: dict[str, str] | None = None
) -> dict[str, Explorer]:
    """Open atlases; say on stderr which ones cannot be opened, and go on with the others.

    ``closed``, if it is given, takes the names of those, and why.

    Raises
    ------
    AtlasError
        Not one could be opened.
    """
    opened = open_all(paths)
    sentences = "\n".join(opened.closed.values())
    if not opened.explorers:
        raise AtlasError(sentences or f"{ATLASES} holds no atlas. Run 'make pipeline'.")
    if sentences:
        print(sentences, file=sys.stderr)
    if closed is not None:
        closed.update(opened.closed)
    return opened.explorers


def real_sky_first(explorers: dict[str, Explorer]) -> dict[str, Explorer]:
    """Return the atlases in the order in which a visitor will want to see them."""
    return dict(sorted(explorers.items(), key=lambda item: item[1].manifest.simulated))


def announcement(host: str, port: int, explorers: dict[str, Explorer]) -> str:
    """Return the line that says where Galaxy Finder is and what it shows."""
    shown, *others = explorers.values()
    more = f" and {len(others)} more" if others else ""
    place = f"[{host}]" if ":" in host else host
    return (
        f"Galaxy Finder is open at http://{place}:{port} "
        f"(atlas: {shown.title}, {shown.n_objects:,} galaxies{more}). Stop it with Ctrl-C."
    )


if __name__ == "__main__":
    sys.exit(main())
