"""Journeys: the real server in a process of its own, and a real Chromium that watches itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ViewportSize, expect, sync_playwright

from dashboard.explorer.explorer import Explorer
from pipeline.atlas import open_atlas
from tests.browser.chromium import MISSING, REQUIRED, find_browser
from tests.browser.cutouts_stand_in import CutoutsStandIn, cutouts_of
from tests.browser.nearby_atlas import publish_nearby
from tests.browser.serving import ARGUMENTS, DESKTOP, PHONE, serving
from tests.browser.sesame_stand_in import SesameStandIn, sesame_that_knows
from tests.browser.visitor import Visitor


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.section("JOURNEYS SKIPPED", sep="!", red=True, bold=True)
        terminalreporter.line(MISSING, red=True, bold=True)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A Chromium that keeps what it has compiled: a page opens in a quarter of the time.

    On its disk, and in the process of the pages, which is one for all visits: see `visiting`.
    """
    executable = find_browser()
    if executable is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{MISSING} ({REQUIRED} is 1.)")
        pytest.skip(MISSING)
    expect.set_options(timeout=20_000)  # as Visitor's: a busy machine is no fault
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("chromium"),
            executable_path=executable,
            args=[*ARGUMENTS, "--process-per-site"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sesame(explorer: Explorer) -> Iterator[SesameStandIn]:
    with sesame_that_knows(explorer.galaxy(42).position) as sesame:
        yield sesame


@pytest.fixture(scope="session")
def server(tiny_atlas: Path, sesame: SesameStandIn) -> Iterator[str]:
    """The address of Galaxy Finder with one atlas, started as a user starts it."""
    with serving(tiny_atlas, sesame=sesame.address) as address:
        yield address


@pytest.fixture(scope="session")
def nearby_atlas(tiny_atlas: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An atlas of "real" galaxies, whose pictures come from the Legacy Surveys."""
    return publish_nearby(tiny_atlas, tmp_path_factory.mktemp("real") / "nearby")


@pytest.fixture(scope="session")
def cutouts(explorer: Explorer) -> Iterator[CutoutsStandIn]:
    """What the server takes for the Legacy Surveys: every position looks like the same galaxy."""
    assert explorer.thumbnails is not None
    with cutouts_of(bytes(explorer.thumbnails[42])) as cutouts:
        yield cutouts


@pytest.fixture(scope="session")
def server_of_two(nearby_atlas: Path, tiny_atlas: Path, cutouts: CutoutsStandIn) -> Iterator[str]:
    with serving(nearby_atlas, tiny_atlas, cutouts=cutouts.address) as address:
        yield address


@pytest.fixture(scope="session")
def explorer(tiny_atlas: Path) -> Explorer:
    return Explorer(open_atlas(tiny_atlas))


@pytest.fixture(scope="session")
def nearby(nearby_atlas: Path) -> Explorer:
    return Explorer(open_atlas(nearby_atlas))


@pytest.fixture
def visitor(browser: BrowserContext, server: str) -> Iterator[Visitor]:
    """Someone with a wide screen; afterwards the console must be empty."""
    with visiting(browser, server) as visitor:
        yield visitor


@pytest.fixture
def phone(browser: BrowserContext, server: str) -> Iterator[Visitor]:
    with visiting(browser, server, PHONE) as visitor:
        yield visitor


@pytest.fixture
def traveller(browser: BrowserContext, server_of_two: str) -> Iterator[Visitor]:
    """Someone with two atlases to choose from; journeys say what the Legacy Surveys answer."""
    with visiting(browser, server_of_two) as visitor:
        yield visitor


@pytest.fixture
def traveller_with_phone(browser: BrowserContext, server_of_two: str) -> Iterator[Visitor]:
    with visiting(browser, server_of_two, PHONE) as visitor:
        yield visitor


@pytest.fixture
def newcomer(browser: BrowserContext, server: str) -> Iterator[Visitor]:
    """Someone who is here for the first time; all others have seen the hints."""
    with visiting(browser, server, hints_seen=0) as visitor:
        yield visitor


def _keep_process(browser: BrowserContext, server: str) -> None:
    """Let the tab that is always there be of the same site, whose process then never ends."""
    first = browser.pages[0]
    if first.url == "about:blank":
        first.goto(f"{server}/health")


@contextmanager
def visiting(
    browser: BrowserContext, server: str, screen: ViewportSize = DESKTOP, hints_seen: int = 3
) -> Iterator[Visitor]:
    """Yield someone who has never been here, save for the hints; then forget them."""
    _keep_process(browser, server)
    page = browser.new_page()
    page.set_viewport_size(screen)
    path = urlsplit(server).path
    name = f"{path}:hints" if path else "hints"
    page.add_init_script(
        f"if (location.protocol === 'http:') localStorage['{name}'] ??= '{hints_seen}'"
    )
    with closing(Visitor(page, server)) as visitor:
        yield visitor
        visitor.wait_until_idle()
    assert visitor.complaints == []
