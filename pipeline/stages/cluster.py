"""Work on the processes of a Dask cluster, which may be on other machines."""

from __future__ import annotations

import concurrent.futures
import logging
import pickle  # what Dask sends its own workers  # nosec B403
import socket
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pipeline.atlas.errors import PipelineError

if TYPE_CHECKING:
    from distributed import Client, Future

log = logging.getLogger(__name__)

CONNECT_S = 5.0
# How long nothing may be done before we look whether there is a worker at all.
PATIENCE_S = 30.0
# Enough to keep a cluster busy, or to make one that adapts itself grow; a scheduler that was given
# the chunks of a whole survey would be busy with them alone.
LEAST_UNDER_WAY = 64
ALSO_COMPARED = ("torch",)  # beside the packages that Dask itself compares

T = TypeVar("T")


class ClusterError(PipelineError):
    """A Dask cluster cannot be reached, or cannot do the work."""


def on_workers(
    address: str, work: Callable[[int], T], numbers: Iterable[int]
) -> Generator[tuple[int, T], None, None]:
    """Yield each number with what `work` makes of it, in the order in which they are done.

    A number whose worker dies is given to another one. Closed early, as by Ctrl-C, the cluster is
    told to begin no more.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://127.0.0.1:8786``.
    work : callable
        Picklable; the workers must be able to import it.
    numbers : iterable of int

    Raises
    ------
    ClusterError
        Dask is not installed, the scheduler cannot be reached or is lost, a worker has other
        versions, cannot import `work` or not read what it needs, or workers die again and again.
    PipelineError
        As `work` raises it.
    """
    with _client(address) as client:
        from distributed import wait

        _check_versions(client)
        call, pickled = _unpickling(), pickle.dumps(work)
        waiting = iter(numbers)
        under_way: dict[Future, int] = {}
        while True:
            n_tasks = max(LEAST_UNDER_WAY, 4 * sum(client.nthreads().values()))
            for number in islice(waiting, n_tasks - len(under_way)):
                # Impure: a task of the same arguments would be taken for one that is done.
                under_way[client.submit(call, pickled, number, pure=False)] = number
            if not under_way:
                return
            try:
                done = wait(list(under_way), timeout=PATIENCE_S, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                if not client.nthreads():
                    log.warning(
                        "The cluster has no worker: waiting for one. Start it with 'python -m dask "
                        "worker %s' in this folder, or stop with Ctrl-C; what is done is kept.",
                        address,
                    )
                continue
            for future in done:
                yield under_way.pop(future), _result(future)


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """Connect, and turn what can go wrong with the connection into sentences."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(
            f"A Dask cluster needs dask.distributed ({error}). Install it with 'pip install -r "
            "pipeline/requirements-optional.txt', here and where the workers run."
        ) from error
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # our errors say it
    try:
        _knock(address)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions, which we compare ourselves
            client = Client(address, timeout=CONNECT_S)
    # Dask takes the first bytes of another service's answer for a size.
    except (OSError, ValueError, MemoryError) as error:
        raise ClusterError(
            f"No Dask scheduler answers at {address} ({error}). Start one with 'python -m dask "
            "scheduler', and give the address that it prints."
        ) from error
    with client:
        try:
            yield client
        except (OSError, concurrent.futures.CancelledError) as error:
            raise ClusterError(
                f"The scheduler at {address} was lost. What is done is kept: start it and its "
                "workers, and run the same command again."
            ) from error


def _knock(address: str) -> None:
    """Find out whether a scheduler is there; a client of Dask takes long to give up, if ever."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme not in ("tcp", "tls") or not parts.hostname or not parts.port:
        raise ValueError("an address is tcp://HOST:PORT")
    with socket.create_connection((parts.hostname, parts.port), CONNECT_S) as connection:
        # A scheduler speaks first; what else listens, such as its dashboard, waits to be asked.
        if parts.scheme == "tcp" and not connection.recv(1):
            raise OSError("it hangs up")


def _check_versions(client: Client) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client.get_versions(check=True, packages=ALSO_COMPARED)
    if caught:
        raise ClusterError(
            "The cluster has other versions of what we need, which may fail or give other results. "
            f"Install the same requirements everywhere. {caught[0].message}"
        )


def _unpickling() -> Callable[[bytes, int], Any]:
    # A function within a function travels as code, not by its name. A scheduler or a worker that
    # cannot import a name in a message ends at once; an error of a task is reported.
    def call(pickled: bytes, number: int) -> Any:
        return pickle.loads(pickled)(number)  # by `call` of this process  # nosec B301

    return call


def _result(future: Future) -> Any:
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        raise ClusterError(
            "Workers died again and again at the same piece of work, perhaps for want of memory. "
            "Their logs say why. Lower embed.batch_size, or give them more memory; what is done is "
            "kept."
        ) from error
    except ImportError as error:
        raise ClusterError(
            f"A worker cannot import what it needs ({error}). Start the workers in this folder "
            "with 'python -m dask worker', the same requirements installed."
        ) from error
    except OSError as error:
        raise ClusterError(
            f"A worker cannot read what it needs ({error}). The folder of atlases must be on a "
            "disk that all workers see under the same path."
        ) from error
