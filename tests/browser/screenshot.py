"""A picture of a page of a running dashboard: ``python -m tests.browser.screenshot --help``."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.chromium import find_browser
from tests.browser.serving import ARGUMENTS, DESKTOP, PHONE


def main(arguments: list[str] | None = None) -> int:
    """Draw a page as a visitor sees it who has seen the hints; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshot")
    parser.add_argument("address", help="such as http://127.0.0.1:8050/atlas/mock/")
    parser.add_argument("path", type=Path, help="picture to write: .png, or .webp without loss")
    parser.add_argument("--light", action="store_true", help="in the light theme")
    parser.add_argument("--phone", action="store_true", help="as narrow as a telephone")
    options = parser.parse_args(arguments)
    theme = "light" if options.light else "dark"
    executable = find_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        page = browser.new_page(viewport=PHONE if options.phone else DESKTOP)
        page.add_init_script(f"localStorage.hints = '3'; localStorage.theme = '\"{theme}\"';")
        page.goto(options.address, wait_until="networkidle")
        picture = page.screenshot()
        browser.close()
    Image.open(io.BytesIO(picture)).save(options.path, lossless=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
