"""Find a Chromium or Chrome, or install one: ``python -m tests.browser.chromium``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.browser import proxy

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
REQUIRED = "GALAXY_FINDER_REQUIRE_BROWSER"  # 1: tests fail, rather than skip, without a browser
MISSING = (
    "NO CHROMIUM OR CHROME FOUND: the journeys through the dashboard were NOT tested. "
    "Install one (Debian: apt install chromium) and run the tests again."
)


def find_browser() -> str | None:
    """Return the path of a browser on this machine, of the system's before Playwright's own."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> None:
    """Install Chromium: the system's package as root on Debian, else Playwright's build."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        commands = [
            ["apt-get", "update", "--quiet"],
            ["apt-get", "install", "--yes", "--quiet", "chromium"],
        ]
    else:
        commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    print("Installing Chromium for the browser tests.", flush=True)
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr[-1000:], file=sys.stderr)
            return


def main() -> int:
    """Make sure that there is a browser; fail only where one is required.

    Where it is, nginx comes, too, if it can be had: journeys behind it are skipped without.
    """
    required = os.environ.get(REQUIRED) == "1"
    if find_browser() is None:
        install()
    if required and proxy.find_nginx() is None:
        print("Installing nginx for the browser tests.", flush=True)
        proxy.install()
    if find_browser() is not None:
        return 0
    print(MISSING, file=sys.stderr)
    return 1 if required else 0


if __name__ == "__main__":
    sys.exit(main())
