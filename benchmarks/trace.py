"""What it costs to record the steps of jobs, and to measure locks.

Three servers take turns, started anew in each round: one that nobody looks at, one that somebody
has asked for a trace, so that it records, and one with the page Pool open, which asks all the time.
Processor time is of the server, for each job: on a busy machine it says more than rates. What it
costs that steps could be recorded, though nobody looks, `against` tells beside an older checkout.
"""

import argparse
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import jobs, servers
from benchmarks.http_client import Connection, request
from benchmarks.programs import PROJECT, processor_seconds, programs_in
from benchmarks.tables import progress, ratios, spread, table

_CLIENTS = 8
_NOBODY = "nobody looks"
_SOMEBODY = "somebody has asked for a trace"
_PAGE = "the page is open"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--jobs", type=int, default=3000, help="jobs a round (3000)")
    parser.add_argument("--batch", type=int, default=5000, help="jobs of a batch (5000)")


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    names = [_NOBODY, _SOMEBODY, _PAGE]
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for number in range(options.rounds):
        for name in names if number % 2 else names[::-1]:
            progress(f"round {number + 1} of {options.rounds}: {name}")
            seen[name].append(_round(name, options, folder))
    print(f"medians of {options.rounds} rounds (least-most)\n")
    rows = []
    for name, rounds in seen.items():
        cells = [name]
        for head in rounds[0]:
            ours, base = ([one[head] for one in seen[side]] for side in (name, _NOBODY))
            cells += [spread(ours), spread(ratios(ours, base))]
        rows.append(cells)
    table(["", "a job, processor us", "ratio", "a job of a batch, processor us", "ratio"], rows)


def _round(name: str, options: argparse.Namespace, folder: Path) -> dict[str, float]:
    with programs_in(folder) as programs:
        port, process_id = servers.launch(programs, checkout=PROJECT)
        jobs.seconds_to_first_answer(port, perf_counter())
        jobs.measure(port, _CLIENTS, 300)  # warms up
        with _looking(name, port):
            return {
                "jobs": _cost(
                    process_id,
                    options.jobs,
                    lambda: jobs.submit_until_done(port, _CLIENTS, options.jobs),
                ),
                "batch": _cost(process_id, options.batch, lambda: jobs.batch(port, options.batch)),
            }


def _cost(process_id: int, count: int, work: Callable[[], float]) -> float:
    """Return the microseconds of processor that the server takes for each job."""
    before = processor_seconds(process_id)
    work()
    return (processor_seconds(process_id) - before) / count * 1e6


@contextmanager
def _looking(name: str, port: int) -> Iterator[None]:
    if name == _NOBODY:
        yield
        return
    with Connection(port) as connection:
        connection.ask(request("GET", "/api/trace"))
    if name == _SOMEBODY:
        yield
        return
    over = threading.Event()
    page = threading.Thread(target=_watch, args=(port, over))
    page.start()
    try:
        yield
    finally:
        over.set()
        page.join()


def _watch(port: int, over: threading.Event) -> None:
    """Ask as the page does, until it is over."""
    told: dict[str, Any] = {}
    with Connection(port) as connection:
        while not over.wait(0.1):
            known = f"?since={told['state']}&wait=1&after={told['count'] or 1}" if told else ""
            told = json.loads(connection.ask(request("GET", f"/api/pool{known}")))["data"]
