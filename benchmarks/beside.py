"""This server beside others of its kind: rates and times, some five minutes.

The servers take turns, one at a time. 8 keep-alive clients submit mixed questions to all nine
statistics; when the last job is done, they collect every result. `one job` is one client's time
from question to answer. `to bare` compares jobs per second with those of a Flask route that does
nothing, on the same HTTP server, round by round. The answers of the others are checked against
this server's.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

from benchmarks import jobs
from benchmarks.programs import Programs, missing, programs_in
from benchmarks.servers import BARE_APP, GUNICORN, Start, plain_celery, python, redis, this_server
from benchmarks.tables import median, progress, ratios, spread, table

_SLOW = 0.1  # of the jobs, for servers that take milliseconds for each
_ONE_BY_ONE = 200
_BATCH = 10_000


class Contestant(NamedTuple):
    """A server: what starts it, whether it answers, its share of the jobs, what it lacks here."""

    start: Start
    answers: bool = True
    share: float = 1.0
    lacks: str = ""


def _celery(programs: Programs) -> int:
    return plain_celery(programs, redis(programs), webs=1, workers=2)


_GRANIAN = ("-m", "granian", "--interface", "wsgi", "--blocking-threads", "1", "--no-log")
_USUAL = ("-m", "benchmarks.apps.usual", "{port}", "{folder}")
OURS, BARE = "this server", "bare route, same server"
CONTESTANTS = {
    OURS: Contestant(this_server()),
    "this server, `--cache 0`": Contestant(this_server("--cache", "0")),
    "this server, `--journal power`": Contestant(this_server("--journal", "power")),
    BARE: Contestant(python("-m", "benchmarks.apps.bare", "{port}"), answers=False),
    "bare route, Granian's WSGI": Contestant(
        python(*_GRANIAN, "--port", "{port}", "--factory", BARE_APP), answers=False
    ),
    "bare route, waitress": Contestant(
        python("-m", "waitress", "--listen=127.0.0.1:{port}", "--threads=8", "--call", BARE_APP),
        answers=False,
    ),
    "bare route, gunicorn": Contestant(
        python(*GUNICORN, "--bind", "127.0.0.1:{port}", f"{BARE_APP}()"), answers=False
    ),
    "the usual way": Contestant(python(*_USUAL), share=_SLOW, lacks=missing(modules=["pandas"])),
    "Flask, Celery, Redis": Contestant(
        _celery, share=_SLOW, lacks=missing(modules=["celery"], programs=["redis-server"])
    ),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2000, help="jobs a round (2000)")
    parser.add_argument("--clients", type=int, default=8)


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    able = {name: one for name, one in CONTESTANTS.items() if not one.lacks}
    rates: dict[str, list[jobs.Rates]] = {name: [] for name in able}
    single: dict[str, list[float]] = {name: [] for name in able}
    batches: dict[str, list[float]] = {name: [] for name in able}
    with programs_in(folder) as programs:
        right = jobs.answers(this_server()(programs))
    for number in range(options.rounds):
        for name, one in able.items():
            progress(f"round {number + 1} of {options.rounds}: {name}")
            count = int(options.jobs * one.share)
            with programs_in(folder) as programs:
                port = one.start(programs)
                if one.answers and not number:
                    jobs.check(name, port, right)
                jobs.measure(port, options.clients, max(count // 10, options.clients))  # warms up
                rates[name].append(jobs.measure(port, options.clients, count))
                single[name].append(jobs.one_by_one(port, int(_ONE_BY_ONE * one.share)))
                if name.startswith(OURS):
                    batches[name].append(jobs.batch(port, _BATCH))
    print(f"{options.clients} clients; medians of {options.rounds} rounds (least-most)\n")
    rows = []
    for name, seen in rates.items():
        job_rates, *others = zip(*seen, strict=True)
        to_bare = ratios(job_rates, [one.jobs for one in rates[BARE]])
        batch = median(batches[name]) if batches[name] else ""
        medians = map(median, others)
        rows.append(
            [name, spread(job_rates), median(to_bare), *medians, median(single[name]), batch]
        )
    heads = ["jobs/s", "to bare", "submits/s", "collects/s", "submit p99, ms", "collect p99, ms"]
    table(["", *heads, "one job, ms", "batch, jobs/s"], rows)
    for name, one in CONTESTANTS.items():
        if one.lacks:
            print(f"left out: {name}, which needs {one.lacks}")
