"""Fixtures of the browser tests: one browser, few servers, a new profile for each test."""

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from unittests.helpers.server import Server, box_server
from unittests.helpers.waiting import PATIENCE

if TYPE_CHECKING:  # where it is not installed, the modules that import it are skipped
    from unittests.browser.explore import Explore
    from unittests.browser.playwrights import Browser
    from unittests.browser.tab import Tab

# Nothing is asked of other hosts, by the page or by the browser itself.
_FLAGS = (
    "--no-sandbox",  # tests may be run by root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

Opens = Callable[..., "Tab"]


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Give a headless Chromium; skip where there is none."""
    from unittests.browser.playwrights import expect, sync_playwright

    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server of the bundled dataset, for tests that leave it as it is."""
    with box_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(bundled: Server) -> Server:
    """Give the server that the tests of a module drive; modules have others of this name."""
    return bundled


@pytest.fixture
def opens(browser: "Browser") -> Iterator[Opens]:
    """Give what opens a tab at an address, in a new profile; at the end, nothing was wrong in it.

    Keywords are those of Playwright's `new_context`.
    """
    from unittests.browser.tab import Tab

    tabs = []

    def open_tab(address: str, **options: Any) -> "Tab":
        options.setdefault("viewport", {"width": 1440, "height": 900})
        tab = Tab(browser.new_context(**options), address)
        tabs.append(tab)
        tab.open(address)
        return tab

    yield open_tab
    faults = [fault for tab in tabs for fault in tab.close()]
    assert not faults


@pytest.fixture
def explore(opens: Opens, server: Server) -> "Explore":
    """Give the page Explore as a first visitor has it, all drawn."""
    from unittests.browser.explore import Explore

    return Explore(opens(server.url)).drawn()
