"""How the server grows: with rows, kept jobs, clients and worker threads.

`--most` leaves out sizes above it: 10,000,000 rows need 3 GB of disk, a million jobs 4 GB of it and
some minutes.
"""

import argparse
import random
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import generate, http_client, jobs, servers
from benchmarks.http_client import Connection, request
from benchmarks.programs import memory_mb, programs_in
from benchmarks.tables import number, progress, table

_CLIENTS = 8
_ONE_BY_ONE = 200
_BATCH = 10_000
_PAGES = 50


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("series", nargs="*", metavar="SERIES", help=f"{', '.join(SERIES)} (all)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2000, help="jobs a round (2000)")
    parser.add_argument("--most", type=int, default=1_000_000, help="largest size (1000000)")


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    for name in options.series or SERIES:
        sizes, measure = SERIES[name]
        measure(options, folder, [size for size in sizes if size <= options.most] or [sizes[0]])


def rows(options: argparse.Namespace, folder: Path, sizes: list[int]) -> None:
    """Measure a server on generated rows."""
    del options
    seen = []
    for size in sizes:
        progress(f"{size:,} rows")
        path = folder / f"{size}.csv"
        generate.write(path, size)
        with programs_in(folder) as programs:
            began = perf_counter()
            port, process_id = servers.launch(programs, "--data", str(path), "--cache", "0")
            ready = jobs.seconds_to_first_answer(port, began)
            answer = jobs.one_by_one(port, _ONE_BY_ONE)
            seen.append([ready, memory_mb(process_id, peak=True), answer])
        path.unlink()  # gigabytes
    _print(["rows", "first answer after, s", "peak memory, MB", "one job, ms"], sizes, seen)


def kept_jobs(options: argparse.Namespace, folder: Path, sizes: list[int]) -> None:
    """Measure a server that keeps ever more jobs, started anew at each size."""
    seen, kept = [], 0
    with programs_in(folder) as programs:
        for size in sizes:
            progress(f"{size:,} kept jobs: running them")
            port = servers.this_server("--keep-jobs", "0")(programs)
            while kept < size:
                kept += _run_batch(port, min(_BATCH, size - kept))
            programs.stop()
            progress(f"{size:,} kept jobs: starting with them")
            began = perf_counter()
            port, process_id = servers.launch(programs, "--keep-jobs", "0")
            ready = jobs.seconds_to_first_answer(port, began)
            memory = memory_mb(process_id)
            jobs.measure(port, _CLIENTS, options.jobs // 10)  # warms up
            rounds = []
            for _ in range(options.rounds):
                submits = jobs.measure(port, _CLIENTS, options.jobs).submits
                rounds.append((submits, _collects(port, size, options.jobs)))
            kept += 1 + options.jobs // 10 + options.jobs * options.rounds
            rates = [median(column) for column in zip(*rounds, strict=True)]
            seen.append([ready, memory, *rates, _page_ms(port)])
            programs.stop()
    heads = ["first answer after, s", "memory, MB", "submits/s", "collects/s", "page of list, ms"]
    _print(["kept jobs", *heads], sizes, seen)


def _run_batch(port: int, count: int) -> int:
    asked = [jobs.Question("state_mean", one.question) for one in jobs.questions(count)]
    with Connection(port) as connection:
        ids = connection.ask(jobs.batch_request(asked))
        connection.ask(request("POST", "/api/batch/results?wait=60", ids))
    return count


def _collects(port: int, size: int, count: int) -> float:
    """Return how many results are collected per second, of any jobs that are kept."""
    draw = random.Random(1)
    # Those that were submitted just now count too: an empty server has no others.
    numbers = (draw.randint(1, size + count) for _ in range(count))
    collects = [request("GET", f"/api/get_results/job_id_{one}") for one in numbers]
    return http_client.run(port, _CLIENTS, collects).per_second


def _page_ms(port: int) -> float:
    pages = [request("GET", "/api/jobs?limit=100")] * _PAGES
    return http_client.percentile(http_client.run(port, 1, pages).latencies, 0.5)


def clients(options: argparse.Namespace, folder: Path, sizes: list[int]) -> None:
    """Measure one server under ever more clients."""
    with programs_in(folder) as programs:
        port = servers.this_server()(programs)
        _in_turns("clients", {size: (port, size) for size in sizes}, options)


def threads(options: argparse.Namespace, folder: Path, sizes: list[int]) -> None:
    """Measure servers with ever more worker threads: all run, one at a time is asked."""
    with ExitStack() as stack:
        places = {}
        for size in sizes:
            programs = stack.enter_context(programs_in(folder))
            places[size] = servers.this_server("--threads", str(size))(programs), _CLIENTS
        _in_turns("worker threads", places, options)


def _in_turns(what: str, places: dict[int, tuple[int, int]], options: argparse.Namespace) -> None:
    """Measure what is at each port, with so many clients; print medians."""
    seen: dict[int, list[jobs.Rates]] = {size: [] for size in places}
    for port, count in places.values():
        jobs.measure(port, count, max(options.jobs // 10, count))  # warms up
    for turn in range(options.rounds):
        for size, (port, count) in places.items():
            progress(f"{size} {what}, round {turn + 1} of {options.rounds}")
            seen[size].append(jobs.measure(port, count, max(options.jobs, count)))
    heads = [what, "jobs/s", "submits/s", "collects/s", "submit p99, ms", "collect p99, ms"]
    _print(heads, list(seen), [list(map(median, zip(*one, strict=True))) for one in seen.values()])


def _print(heads: list[str], sizes: list[int], seen: list[list[float]]) -> None:
    table(heads, [[f"{size:,}", *map(number, row)] for size, row in zip(sizes, seen, strict=True)])


Measure = Callable[[argparse.Namespace, Path, list[int]], None]
SERIES: dict[str, tuple[list[int], Measure]] = {
    "rows": ([18_650, 106_000, 1_000_000, 10_000_000], rows),
    "jobs": ([1, 10_000, 100_000, 1_000_000], kept_jobs),
    "clients": ([1, 8, 64, 512], clients),
    "threads": ([1, 4, 16], threads),
}
