"""Several processes on Redis, beside one process and plain Celery: some three minutes.

All programs run, one server at a time is measured, in turns. Each has so many web processes on one
port, one worker with so many processes, and a Redis of its own with an append-only file. Plain
Celery computes its answers by this project's functions, so that only what is around them differs;
its jobs take milliseconds, so it gets a quarter of them. `Redis` is its processor time for a job.
"""

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks import jobs, servers
from benchmarks.programs import Programs, missing, programs_in
from benchmarks.tables import progress, spread, table

_BATCH = 1000
_ONE_BY_ONE = 50
_PLAIN_SHARE = 0.25

Several = Callable[[Programs, int, int, int], int]


class Place(NamedTuple):
    """Where a server is asked, its Redis (0: it has none), and the share of jobs that it gets."""

    port: int
    redis_port: int = 0
    share: float = 1.0


def _alone(programs: Programs) -> Place:
    return Place(servers.this_server()(programs))


def _with_redis(
    start: Several, webs: int, workers: int, programs: Programs, *, share: float = 1.0
) -> Place:
    redis_port = servers.redis(programs)
    return Place(start(programs, redis_port, webs, workers), redis_port, share)


CONTESTANTS: dict[str, Callable[[Programs], Place]] = {
    "one process, threads": _alone,
    "cluster, 1 web, 1 worker": partial(_with_redis, servers.cluster, 1, 1),
    "cluster, 2 web, 1 worker": partial(_with_redis, servers.cluster, 2, 1),
    "cluster, 2 web, 2 worker": partial(_with_redis, servers.cluster, 2, 2),
    "plain Celery, 2 web, 2 worker": partial(
        _with_redis, servers.plain_celery, 2, 2, share=_PLAIN_SHARE
    ),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=800, help="jobs a round (800)")
    # The kernel deals out connections by chance: with few, a web process may get none.
    parser.add_argument("--clients", type=int, default=32)


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    lacks = missing(modules=["celery", "redis"], programs=["redis-server"])
    if lacks:
        sys.exit(f"this needs {lacks}")
    with ExitStack() as stack:
        places = {}
        for name, start in CONTESTANTS.items():
            progress(f"starting: {name}")
            places[name] = start(stack.enter_context(programs_in(folder)))
        right = jobs.answers(next(iter(places.values())).port)
        for name, place in places.items():
            progress(f"checking the answers: {name}")
            jobs.check(name, place.port, right)
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in places}
        for number in range(options.rounds):
            for name, place in places.items():
                progress(f"round {number + 1} of {options.rounds}: {name}")
                rounds[name].append(_round(place, options.jobs, options.clients))
    print(f"{options.clients} clients; medians of {options.rounds} rounds (least-most)\n")
    heads = list(rounds[next(iter(rounds))][0])
    columns = {
        name: [[one[head] for one in seen] for head in heads] for name, seen in rounds.items()
    }
    table(
        ["", *heads],
        [
            [name, *(spread(cell) if any(cell) else "-" for cell in cells)]
            for name, cells in columns.items()
        ],
    )


def _round(place: Place, count: int, clients: int) -> dict[str, float]:
    count, many = int(count * place.share), int(_BATCH * place.share)
    before = _redis_seconds(place.redis_port)
    rates = jobs.measure(place.port, clients, count)
    redis_seconds = _redis_seconds(place.redis_port) - before
    return {
        "submits/s": rates.submits,
        "jobs/s": rates.jobs,
        "results collected/s": rates.collects,
        "a batch, jobs/s": jobs.batch(place.port, many),
        "one job, ms": jobs.one_by_one(place.port, _ONE_BY_ONE),
        "Redis, us a job": redis_seconds / count * 1e6,
    }


def _redis_seconds(port: int) -> float:
    """Return the processor time that a Redis has taken, in seconds."""
    if not port:
        return 0.0
    import redis

    with redis.Redis(port=port) as client:
        used = client.info("cpu")
    return float(used["used_cpu_user"] + used["used_cpu_sys"])
