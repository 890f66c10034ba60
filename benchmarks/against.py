"""This checkout against another one, in turns: ratios of speed, start and memory.

Each round starts both servers anew, one after the other, and the next round in the other order.
Only what version 1.3 has is used: `api_server.py --port --results --log`, and the contract. On a
busy machine all of it differs from round to round: look at the spread of the ratios.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from benchmarks import http_client, jobs, servers
from benchmarks.http_client import request
from benchmarks.programs import (
    PROJECT,
    memory_mb,
    processor_seconds,
    programs_in,
    wait_until_idle,
)
from benchmarks.tables import progress, ratios, spread, table

_CLIENTS = 8
_RESULTS = 500  # finished jobs that are asked for again and again


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("checkout", type=Path, help="folder of the other checkout")
    parser.add_argument("--python", help="its interpreter (its venv/bin/python, or else this one)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--jobs", type=int, default=2000, help="jobs a round (2000)")
    parser.add_argument("--batch", type=int, default=5000, help="jobs of a batch (5000)")


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    other = options.checkout.resolve()
    # Until version 1.3 it was called .venv.
    own = [other / name / "bin" / "python" for name in ("venv", ".venv")]
    python = options.python or next((str(one) for one in own if one.exists()), sys.executable)
    sides = [(PROJECT, sys.executable), (other, python)]
    seen: list[list[dict[str, float]]] = [[], []]
    for number in range(options.rounds):
        for side in (1, 0) if number % 2 else (0, 1):
            progress(f"round {number + 1} of {options.rounds}: {sides[side][0]}")
            seen[side].append(_round(*sides[side], options, folder))
    print(f"medians of {options.rounds} rounds (least-most)\n")
    rows = []
    for head in seen[0][0]:
        ours, theirs = ([one[head] for one in rounds] for rounds in seen)
        rows.append([head, spread(ours), spread(theirs), spread(ratios(ours, theirs))])
    table(["", "this checkout", "the other", "ratio"], rows)


def _round(
    checkout: Path, python: str, options: argparse.Namespace, folder: Path
) -> dict[str, float]:
    with programs_in(folder) as programs:
        began = perf_counter()
        port, process_id = servers.launch(programs, checkout=checkout, python=python)
        seen = {"start to the first answer, s": jobs.seconds_to_first_answer(port, began)}
        seen["start, processor s"] = processor_seconds(process_id)

        def measure(what: str, count: int, work: Callable[[], float]) -> None:
            before = processor_seconds(process_id)
            seen[f"{what}, /s"] = work()
            used = processor_seconds(process_id) - before
            seen[f"{what}, processor us each"] = used / count * 1e6

        wait_until_idle(process_id)
        jobs.measure(port, _CLIENTS, _RESULTS)  # warms up, and leaves results
        collects = [
            request("GET", f"/api/get_results/job_id_{1 + number % _RESULTS}")
            for number in range(2 * options.jobs)
        ]
        measure(
            "finished results collected",
            len(collects),
            lambda: http_client.run(port, _CLIENTS, collects).per_second,
        )
        measure(
            "jobs submitted and done",
            options.jobs,
            lambda: jobs.submit_until_done(port, _CLIENTS, options.jobs),
        )
        measure("jobs of a batch", options.batch, lambda: jobs.batch(port, options.batch))
        seen["peak memory, MB"] = memory_mb(process_id, peak=True)
        return seen
