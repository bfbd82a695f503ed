"""The real server in a process of its own, and the Chromium that visits it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import ViewportSize

from dashboard.names.sesame import ENVIRONMENT as SESAME
from dashboard.pictures.fetched import ENVIRONMENT as CUTOUTS
from dashboard.web.strict_bundle import ENVIRONMENT as PLOTLY

ROOT = Path(__file__).parents[2]
# WebGL without a graphics card, all else drawn by the processor, which is quicker; and no calls
# home, which would fill the log of failed requests.
ARGUMENTS = (
    "--no-sandbox",
    "--use-angle=swiftshader-webgl",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
)
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@contextmanager
def serving(
    *atlases: Path,
    sesame: str = "off",
    cutouts: str = "off",
    plotly: str = "off",
    repository: Path = ROOT,
) -> Iterator[str]:
    """Yield the address of Galaxy Finder with these atlases, started as a user starts it.

    Parameters
    ----------
    sesame, cutouts : str
        Addresses of the name service and of the cutout service; "off" asks nobody.
    plotly : str
        Where plotly's strict bundle is; "off" serves the other one, which needs eval.
    repository : Path
        Another version of Galaxy Finder may be served; with the interpreter that runs this.
    """
    command = [sys.executable, "-m", "dashboard", *map(str, atlases), "--port", "0"]
    environment = os.environ | {SESAME: sesame, CUTOUTS: cutouts, PLOTLY: plotly}
    process = subprocess.Popen(
        command, cwd=repository, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert address, f"The server did not say where it is, but: {line!r}"
    try:
        yield address.group()
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=20)
        process.stdout.close()
    assert status == 0
