"""Growth with retained jobs: starting, memory, submitting, collecting, and a page of the list."""

import json
import random
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks import jobs_load, journals, load, starts
from benchmarks.asking import Jobs, all_questions, mixed
from benchmarks.goals import Goal, at_least, at_most
from benchmarks.panels import Panel, Row
from benchmarks.programs import memory_mb
from benchmarks.session import Session

SIZES = (1, 1_000, 10_000, 100_000, 1_000_000)
PANELS = (
    Panel("start_s", "Start to first answer", "s"),
    Panel("memory_mb", "Memory after the start", "MB"),
    Panel("submit_rate", "Submitting", "jobs/s"),
    Panel("collect_rate", "Collecting", "results/s"),
    Panel("page_ms", "A page of 100 jobs, p50", "ms"),
)
_PAGES = 50
_PAGE = 100


def measure(session: Session, sizes: Sequence[int]) -> list[Row]:
    """Start a server on a journal of each size; then measure them in turns."""
    asked = mixed(all_questions(), session.jobs)
    with ExitStack() as stack:
        servers, rows = {}, {}
        for size in sizes:
            session.tell(f"{size:,} retained jobs: writing")
            programs = stack.enter_context(session.programs())
            journals.write(programs.folder / "results", size)
            session.tell(f"{size:,} retained jobs: starting")
            server = servers[size] = starts.start(programs, asked[0], "--keep-jobs", "0")
            memory = memory_mb(server.process_id)
            jobs_load.measure(server.port, Jobs(), session.clients, asked[: session.jobs // 10])
            rows[size] = {"jobs": float(size), "start_s": server.seconds, "memory_mb": memory}
        rates: dict[int, list[tuple[float, float]]] = {size: [] for size in sizes}
        for number in range(session.rounds):
            for size, server in servers.items():
                session.tell(f"{size:,} retained jobs, round {number + 1} of {session.rounds}")
                submits = jobs_load.measure(server.port, Jobs(), session.clients, asked).submit_rate
                rates[size].append((submits, _collect_retained(session, server.port, size)))
        return [
            {
                **rows[size],
                "submit_rate": statistics.median(submits for submits, _ in rates[size]),
                "collect_rate": statistics.median(collects for _, collects in rates[size]),
                "page_ms": _page_ms(server.port),
            }
            for size, server in servers.items()
        ]


def _collect_retained(session: Session, port: int, size: int) -> float:
    """Return how many results are collected per second, of any jobs that are kept."""
    draw = random.Random(1)
    # Those that were submitted just now count too; so an empty server has more than one to show.
    numbers = (draw.randint(1, size + session.jobs) for _ in range(session.jobs))
    collects = [load.request("GET", f"/api/get_results/job_id_{number}") for number in numbers]
    return load.run(port, session.clients, collects).per_second


def _page_ms(port: int) -> float | None:
    """Return how long a page of the list takes; None where the server only gives the whole."""
    page = load.request("GET", f"/api/jobs?limit={_PAGE}")
    seconds = []
    with load.Connection(port) as connection:
        for _ in range(_PAGES):
            began = time.perf_counter()
            body = connection.ask(page).body
            seconds.append(time.perf_counter() - began)
            if len(json.loads(body)["data"]) > _PAGE:
                return None
    return load.percentile(seconds, 0.5)


def goals(rows: Sequence[Row]) -> list[Goal]:
    """Return the goals for 1,000,000 retained jobs, beside a server that is nearly empty."""
    empty, most = rows[0], rows[-1]
    if most["jobs"] != 1_000_000:
        return []
    slowest = 1 / 1.2
    return [
        at_least(
            "submits, to those of an empty server", slowest, _ratio(most, empty, "submit_rate")
        ),
        at_least(
            "collects, to those of an empty server", slowest, _ratio(most, empty, "collect_rate")
        ),
        at_most("1,000,000 jobs, memory", 600, _values(most["memory_mb"]), "MB"),
        at_most("1,000,000 jobs, start", 10, _values(most["start_s"]), "s"),
    ]


def _values(*values: float | None) -> list[float]:
    return [value for value in values if value is not None]


def _ratio(one: Row, other: Row, column: str) -> list[float]:
    seen, beside = one[column], other[column]
    return [] if seen is None or beside is None else [seen / beside]
