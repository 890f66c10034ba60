"""How long a first visitor waits for the page Explore, and how much is sent: in a browser.

Each round is a new profile of a headless Chromium on this machine, whose cache is empty. The server
has been asked the same once before. Times are from the click to the first paint, and to when every
card shows its answer; bytes are those on the wire, answers included; the shift is the sum of all
that moved.
"""

import argparse
import shutil
from pathlib import Path
from typing import Any

from benchmarks.programs import missing, programs_in
from benchmarks.servers import this_server
from benchmarks.tables import number, progress, spread, table

_WIDTHS = (1440, 360)
_WATCH = """
globalThis.seen = { shift: 0 };
new PerformanceObserver((list) => {
  for (const { value } of list.getEntries()) seen.shift += value;
}).observe({ type: "layout-shift", buffered: true });
const busy = () => document.querySelector('[data-card][aria-busy="true"]');
new MutationObserver(() => {
  if (!document.querySelector("#states tbody") || busy() || seen.drawn) return;
  seen.drawn = performance.now();
}).observe(document, { subtree: true, attributeFilter: ["aria-busy"] });
"""
_TOLD = """() => {
  const entries = ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type));
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  const bytes = entries.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  return { ...seen, paint: paint.startTime, bytes, requests: entries.length };
}"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--rounds", type=int, default=9)


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    absent = missing(modules=("playwright",), programs=("chromium",))
    if absent:
        raise SystemExit(absent)
    from playwright.sync_api import sync_playwright

    lines = []
    with programs_in(folder) as programs, sync_playwright() as playwright:
        address = f"http://127.0.0.1:{this_server()(programs)}/"
        flags = ["--no-sandbox", "--disable-gpu"]
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        for width in _WIDTHS:
            _visit(browser, address, width)
            rounds = []
            for number_of in range(options.rounds):
                progress(f"{width} pixels, round {number_of + 1}")
                rounds.append(_visit(browser, address, width))
            lines.append([f"{width} pixels", *_columns(rounds)])
        browser.close()
    heads = ["first view", "first paint, ms", "all answers shown, ms", "bytes", "requests", "shift"]
    table(heads, lines)


def _visit(browser: Any, address: str, width: int) -> dict[str, float]:
    """Return what a visitor of a new profile sees."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(address)
    page.wait_for_load_state("networkidle")  # which looks at nothing in the page, and slows nothing
    page.wait_for_function("seen.drawn")
    told: dict[str, float] = page.evaluate(_TOLD)
    context.close()
    return told


def _columns(rounds: list[dict[str, float]]) -> list[str]:
    last = rounds[-1]
    return [
        spread([one["paint"] for one in rounds]),
        spread([one["drawn"] for one in rounds]),
        f"{last['bytes']:,}",
        number(last["requests"]),
        f"{max(one['shift'] for one in rounds):.3f}",
    ]
