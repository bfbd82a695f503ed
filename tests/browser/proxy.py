"""The nginx of this machine, with the configuration that ships, in front of a server of ours."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.browser.serving import ROOT

SHIPPED = ROOT / "docs" / "deploy" / "nginx"
MISSING = "nginx is not installed: what is behind it was not tested. Debian: apt install nginx."
# Where Debian has it for administrators; not in everybody's PATH.
_PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
_MAIN = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log notice;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/galaxy-finder-http.conf;
    {server}
}}
"""
SITE = "include {folder}/galaxy-finder-site.conf;"
_PLAIN = """
    server {{
        listen 127.0.0.1:{port};
        large_client_header_buffers 4 16k;
        include {folder}/galaxy-finder-locations.conf;
    }}
"""


def find_nginx() -> str | None:
    """Return the path of nginx on this machine."""
    return shutil.which("nginx", path=_PLACES)


def install() -> None:
    """Install Debian's nginx, as root, without starting it; elsewhere do nothing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    subprocess.run(
        ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "nginx"],
        env=os.environ | {"RUNLEVEL": "1"},  # no service is started
        capture_output=True,
        check=False,
    )


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        return int(place.getsockname()[1])


def write_configuration(
    folder: Path, server: str, changes: Mapping[str, str], port: int = 0
) -> Path:
    """Write the files that ship into ``folder``, and a main one around them; return that one.

    Parameters
    ----------
    server : str
        What stands in the main one for servers, such as `SITE`.
    changes : mapping of str to str
        What is written otherwise, as an administrator would: each must be there.
    """
    changes = {
        "/var/cache/nginx/galaxy-finder": f"{folder}/cache",
        "/etc/nginx/snippets/galaxy-finder.conf": f"{folder}/galaxy-finder-locations.conf",
        **changes,
    }
    texts = {path.name: path.read_text(encoding="utf-8") for path in SHIPPED.glob("*.conf")}
    for former, new in changes.items():
        assert any(former in text for text in texts.values()), former
        texts = {name: text.replace(former, new) for name, text in texts.items()}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""  # or its workers could not write here
    main = folder / "nginx.conf"
    main.write_text(
        _MAIN.format(user=user, folder=folder, server=server.format(folder=folder, port=port)),
        encoding="utf-8",
    )
    return main


def complaints_about(configuration: Path) -> str:
    """Return what nginx says of a configuration; empty if it likes it."""
    command = [str(find_nginx()), "-t", "-q", "-c", str(configuration), "-p", configuration.parent]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr + (f"status {done.returncode}" if done.returncode else "")


@contextmanager
def proxied(
    folder: Path, upstream: str, server: str = _PLAIN, changes: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Yield the address of nginx in front of ``upstream``, such as ``http://127.0.0.1:8050``."""
    port = free_port()
    upstream = upstream.removeprefix("http://")
    changes = {"127.0.0.1:8050": upstream, **(changes or {})}
    main = write_configuration(folder, server, changes, port)
    assert complaints_about(main) == ""
    command = [str(find_nginx()), "-c", str(main), "-p", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        pid = folder / "nginx.pid"
        until = time.monotonic() + 20
        while not pid.exists() or not pid.stat().st_size:  # `nginx -t` leaves an empty one
            assert process.poll() is None, (folder / "error.log").read_text(encoding="utf-8")
            assert time.monotonic() < until, "nginx has not started"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
