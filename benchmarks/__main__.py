"""Measure this server beside others of its kind, in turns, in one session.

    make bench                    or  python -m benchmarks [--rounds N] [--jobs N] [--clients N]

Prints a table of medians, with the spread over the rounds, and ratios to the bare Flask route on
the same server; writes the numbers to benchmarks/out/results.json. Machines differ: quote ratios.
"""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import load

PROJECT = Path(__file__).resolve().parent.parent
OUT = PROJECT / "benchmarks" / "out" / "results.json"


@dataclass(frozen=True)
class Contestant:
    """A program to measure: how it is started on a port, and whether it knows our jobs."""

    name: str
    command: Callable[[int, str], list[str]]
    serves_jobs: bool = False


def _this_server(*options: str) -> Callable[[int, str], list[str]]:
    def command(port: int, folder: str) -> list[str]:
        files = ["--results", f"{folder}/results", "--log", f"{folder}/webserver.log"]
        return [str(PROJECT / "api_server.py"), "--port", str(port), *files, *options]

    return command


def _bare(server: str) -> Callable[[int, str], list[str]]:
    return lambda port, _folder: ["-m", "benchmarks.apps.bare", server, str(port)]


CONTESTANTS = [
    Contestant("this server", _this_server(), serves_jobs=True),
    Contestant("this server, power", _this_server("--journal", "power"), serves_jobs=True),
    Contestant("bare route, same server", _bare("bridge")),
    Contestant("bare route, granian WSGI", _bare("granian")),
    Contestant("bare route, waitress", _bare("waitress")),
    Contestant("bare route, gunicorn", _bare("gunicorn")),
]


@dataclass(frozen=True)
class Measure:
    """One round of one contestant."""

    submit_per_second: float
    collect_per_second: float
    jobs_per_second: float
    submit_p50_ms: float
    submit_p99_ms: float
    collect_p50_ms: float
    collect_p99_ms: float
    errors: int


def questions() -> list[tuple[str, bytes]]:
    """Return every statistic of every question, as paths and bodies."""
    sys.path.insert(0, str(PROJECT))
    from app.data_ingestor import DataIngestor
    from app.statistics import STATISTICS

    dataset = DataIngestor(PROJECT / "nutrition_activity_obesity_usa_subset.csv")
    return [
        (f"/api/{name}", json.dumps({"question": text, "state": "Ohio"}).encode())
        for text in dataset.tables
        for name in STATISTICS
    ]


def measure(contestant: Contestant, jobs: int, clients: int) -> Measure:
    """Start a contestant, submit `jobs`, collect them all, and stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    asked = questions()
    if contestant.serves_jobs:
        submits = [load.request("POST", *asked[number % len(asked)]) for number in range(jobs)]
    else:
        submits = [
            load.request("POST", "/submit", asked[number % len(asked)][1]) for number in range(jobs)
        ]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, *contestant.command(port, folder)],
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port)
            load.run(port, clients, submits[: jobs // 10])
            submitted = load.run(port, clients, submits)
            collects = [load.request("GET", "/collect")] * jobs
            if contestant.serves_jobs:
                ids = [json.loads(answer)["job_id"] for answer in submitted.answers]
                collects = [load.request("GET", f"/api/get_results/{job_id}") for job_id in ids]
            collected = load.run_until_right(
                port, clients, collects, lambda body: not body.endswith(b'"running"}')
            )
        finally:
            process.terminate()
            process.wait(30)
    return Measure(
        submitted.per_second,
        collected.per_second,
        jobs / (submitted.seconds + collected.seconds),
        submitted.percentile(0.5),
        submitted.percentile(0.99),
        collected.percentile(0.5),
        collected.percentile(0.99),
        submitted.errors + collected.errors,
    )


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    raise TimeoutError(f"nothing listens on port {port}")


def main() -> None:
    """Run the rounds and print what they showed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=3000)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()

    rounds: dict[str, list[Measure]] = {contestant.name: [] for contestant in CONTESTANTS}
    for number in range(1, options.rounds + 1):
        for contestant in CONTESTANTS:
            if sys.stderr.isatty():
                print(f"\rround {number}: {contestant.name:30}", end="", file=sys.stderr)
            rounds[contestant.name].append(measure(contestant, options.jobs, options.clients))
    if sys.stderr.isatty():
        print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({k: [asdict(m) for m in v] for k, v in rounds.items()}, indent=1))
    _report(rounds, options.clients)


def _report(rounds: dict[str, list[Measure]], clients: int) -> None:
    limit = _median(rounds["bare route, same server"], "jobs_per_second")
    print(f"{clients} clients; medians of {len(next(iter(rounds.values())))} rounds\n")
    print(f"{'':26} jobs/s  (spread)     ratio  submit/s  collect/s  p50/p99 submit  collect, ms")
    for name, measures in rounds.items():
        jobs = [measure.jobs_per_second for measure in measures]
        cells = (
            f"{name:26}",
            f"{statistics.median(jobs):6.0f}",
            f"({min(jobs):.0f}-{max(jobs):.0f})".ljust(12),
            f"{statistics.median(jobs) / limit:6.2f}",
            f"{_median(measures, 'submit_per_second'):9.0f}",
            f"{_median(measures, 'collect_per_second'):10.0f}",
            f"{_median(measures, 'submit_p50_ms'):7.2f}/{_median(measures, 'submit_p99_ms'):.2f}",
            f"{_median(measures, 'collect_p50_ms'):7.2f}/{_median(measures, 'collect_p99_ms'):.2f}",
        )
        print(" ".join(cells))
        errors = sum(measure.errors for measure in measures)
        if errors:
            print(f"{'':26} {errors} errors")


def _median(measures: list[Measure], name: str) -> float:
    return float(statistics.median(getattr(measure, name) for measure in measures))


if __name__ == "__main__":
    main()
