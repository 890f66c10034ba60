"""What a job costs in Redis: commands, bytes, time, and memory that is kept."""

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import redis

from benchmarks import batches, jobs_load, latency, load
from benchmarks.asking import Jobs, Question, is_final, mixed
from benchmarks.cluster_programs import Place
from benchmarks.load import Connection

_ONE_BY_ONE = 200
_TOGETHER = 1000

# Seconds until workers have told Redis of all that they did; and for which an idle one is watched.
_SETTLED = 0.5
_IDLE = 2.0

# Between looks whether all is done: a look is counted, too.
_PAUSE = 0.05


@dataclass(frozen=True)
class Cost:
    """What a job costs. `commands` are all that Redis carried out, those of scripts included.

    `reads` is how often it took something from a client: what is sent together counts once.
    """

    commands: float
    reads: float
    bytes_in: float
    bytes_out: float
    microseconds: float  # of Redis' processor time
    bytes_kept: float  # in memory
    bytes_on_disk: float  # written to its append-only file
    by_command: dict[str, float]


def measure(
    place: Place, clients: int, questions: Sequence[Question], share: float
) -> dict[str, Cost]:
    """Return what a job costs, by how it is asked; `idle` is for each second without jobs.

    `share` of the usual numbers of jobs is measured.

    All questions were asked before, so that an answer that is kept once is there already.
    """
    alone = mixed(questions, int(_ONE_BY_ONE * share))
    together = mixed(questions, int(_TOGETHER * share))
    with redis.Redis(port=place.redis_port) as client:
        return {
            "idle, each second": replace(
                _cost(client, lambda: time.sleep(_IDLE), _IDLE + _SETTLED), bytes_kept=math.nan
            ),
            "one by one": _cost(
                client, lambda: latency.question_to_answer(place.port, alone), len(alone)
            ),
            f"{clients} clients": _cost(
                client, lambda: _under_load(place.port, clients, together), len(together)
            ),
            f"a batch of {len(together):,}": _cost(
                client, lambda: _batch(place.port, together), len(together)
            ),
        }


def _under_load(port: int, clients: int, asked: Sequence[Question]) -> None:
    api = Jobs()
    submitted = load.run(port, clients, api.submits(asked))
    collects = api.collects(asked, submitted.answers)
    for collect in collects[-clients:]:
        jobs_load.await_answer(port, collect, _PAUSE)
    load.run(port, clients, collects, is_final)


def _batch(port: int, asked: Sequence[Question]) -> None:
    with Connection(port) as connection:
        batches.one(connection, batches.request_of(asked), len(asked))


def _cost(client: redis.Redis, work: Callable[[], object], count: float) -> Cost:
    time.sleep(_SETTLED)
    first, before = _look(client), _look(client)
    work()
    time.sleep(_SETTLED)
    after = _look(client)
    # A look costs something as well: what two in a row differ by.
    seen = {
        name: (value - before[name] - (before[name] - first[name])) / count
        for name, value in after.items()
    }
    return Cost(
        commands=seen["commands"],
        reads=seen["reads"],
        bytes_in=seen["in"],
        bytes_out=seen["out"],
        microseconds=seen["cpu"],
        bytes_kept=seen["memory"],
        bytes_on_disk=seen["disk"],
        by_command={
            name.removeprefix("cmdstat_"): round(value, 2)
            for name, value in sorted(seen.items(), key=lambda pair: -pair[1])
            if name.startswith("cmdstat_") and value >= 0.01
        },
    )


def _look(client: redis.Redis) -> Counter[str]:
    """Return what Redis has counted until now; what it has not is 0."""
    told = client.info("stats", "memory", "persistence", "cpu", "commandstats")
    buffers = ("mem_clients_normal", "mem_clients_slaves", "mem_aof_buffer")
    calls = {name: one["calls"] for name, one in told.items() if name.startswith("cmdstat_")}
    return Counter(
        {
            "commands": sum(calls.values()),
            "reads": told["total_reads_processed"],
            "in": told["total_net_input_bytes"],
            "out": told["total_net_output_bytes"],
            "cpu": round((told["used_cpu_user"] + told["used_cpu_sys"]) * 1e6),
            "memory": told["used_memory"] - sum(told[name] for name in buffers),
            "disk": told["aof_current_size"],
            **calls,
        }
    )
