"""How the server grows: with rows, retained jobs, clients and worker threads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks import crowds, growth_jobs, growth_rows
from benchmarks.contest import median
from benchmarks.goals import Goal
from benchmarks.panels import Panel, Row
from benchmarks.session import Session

Rows = list[Row]


@dataclass(frozen=True)
class Series:
    """One series: its sizes, what measures them, what of it is drawn, and its goals."""

    title: str
    sizes: Sequence[int]
    measure: Callable[[Session, Sequence[int]], Rows]
    panels: Sequence[Panel]
    goals: Callable[[Rows], list[Goal]] = lambda _rows: []


def _by_clients(session: Session, sizes: Sequence[int]) -> Rows:
    return _rates("clients", crowds.by_clients(session, sizes))


def _by_threads(session: Session, sizes: Sequence[int]) -> Rows:
    return _rates("threads", crowds.by_threads(session, sizes))


def _rates(of: str, rounds: crowds.Rounds) -> Rows:
    return [
        {
            of: size,
            "jobs_rate": median(figures, "jobs_rate"),
            "p99_ms": median(figures, "request_p99_ms"),
            "errors": sum(one.errors for one in figures),
        }
        for size, figures in rounds.items()
    ]


_RATES = (
    Panel("jobs_rate", "Submitting and collecting", "jobs/s"),
    Panel("p99_ms", "p99 of a request", "ms"),
)

SERIES = {
    "rows": Series(
        "rows of the dataset",
        growth_rows.SIZES,
        growth_rows.measure,
        growth_rows.PANELS,
        growth_rows.goals,
    ),
    "jobs": Series(
        "retained jobs",
        growth_jobs.SIZES,
        growth_jobs.measure,
        growth_jobs.PANELS,
        growth_jobs.goals,
    ),
    "clients": Series("clients at once", [2**power for power in range(10)], _by_clients, _RATES),
    "threads": Series("worker threads", (1, 2, 4, 8, 16), _by_threads, _RATES),
}
NAMES = ", ".join(SERIES)
