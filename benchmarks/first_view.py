"""The first view of the page: milliseconds until it is drawn, and bytes that it takes.

`python -m benchmarks.first_view` prints medians; it needs chromium and requirements-dev.txt. A
browser and a server that run already open the page in a new profile each round, and once more in
the same profile, which has the files by then.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.contestants import this_server_command
from benchmarks.programs import Programs, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
_PATIENCE_MS = 60_000

# Milliseconds from the start of the navigation until the map, and until all views are there.
_WATCH = """
window.seen = {};
const views = ["map", "ranking", "difference", "strata"];
new MutationObserver(() => {
  const now = performance.now();
  if (document.querySelector("#map .chart svg")) seen.map ??= now;
  const settled = views.every((name) => document.querySelector(`#${name}[aria-busy=false]`));
  if (seen.map && settled && document.querySelectorAll(".chart svg").length === 3) seen.all ??= now;
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
_SEEN = """() => new Promise((resolve) => {
  const look = () => (seen.all ? resolve([seen.map, seen.all]) : setTimeout(look, 5));
  look();
})"""
_BYTES = """() => [
  ...performance.getEntriesByType("navigation"),
  ...performance.getEntriesByType("resource"),
].map((entry) => entry.transferSize).reduce((sum, size) => sum + size, 0)"""


class View(NamedTuple):
    """What one view took: milliseconds until the map and until all views were there; bytes."""

    map_ms: float
    all_ms: float
    sent: int


def measure(rounds: int, folder: Path) -> tuple[list[View], list[View]]:
    """Return the views of new profiles, and those of profiles that have the files."""
    from playwright.sync_api import sync_playwright

    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    with Programs(folder / "server") as programs, sync_playwright() as playwright:
        programs.python(*this_server_command(programs.folder, port))
        programs.wait_for(port)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(_FLAGS)
        )
        _views(browser, address)  # so that the server has its answers, and the browser its fonts
        both = [_views(browser, address) for _ in range(rounds)]
        browser.close()
    return [new for new, _ in both], [again for _, again in both]


def _views(browser: "Browser", address: str) -> tuple[View, View]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(_PATIENCE_MS)
    context.add_init_script(_WATCH)
    views = _view(context, address), _view(context, address)
    context.close()
    return views


def _view(context: "BrowserContext", address: str) -> View:
    page = context.new_page()
    page.goto(address)
    map_ms, all_ms = page.evaluate(_SEEN)
    page.wait_for_load_state("networkidle")
    sent = page.evaluate(_BYTES)
    page.close()
    return View(map_ms, all_ms, sent)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the first view of the page.")
    parser.add_argument("--rounds", type=int, default=5, help="medians are of so many (5)")
    rounds = parser.parse_args().rounds
    if shutil.which("chromium") is None:
        print("there is no chromium: apt-get install chromium", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        found = measure(rounds, Path(folder))
    print(f"medians of {rounds} rounds   map drawn, ms   all drawn, ms     bytes")
    for what, views in zip(("new profile", "files are there"), found, strict=True):
        map_ms, all_ms, sent = (statistics.median(column) for column in zip(*views, strict=True))
        print(f"{what:<21}{map_ms:>16.0f}{all_ms:>16.0f}{sent:>10,.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
