"""Runs of jobs: from steps that were recorded, or from what each job itself has on it."""

import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from app.concurrency.trace import Step
from app.job import Job


class Run(NamedTuple):
    """A job that has run, or runs: `ended` is now then; times are of the monotonic clock.

    `queued` is how long it waited, in seconds; `how` its answer came about, empty where that is not
    known.
    """

    number: int
    runner: str
    statistic: str
    queued: float
    began: float
    ended: float
    how: str = ""


def clock_offset() -> float:
    """Return the time since 1970 when the monotonic clock was 0."""
    return time.time() - time.monotonic()


def runs_recorded(steps: Iterable[Step]) -> dict[int, Run]:
    """Return the runs among some steps, by the place of the step that ended each."""
    found: dict[int, Run] = {}
    queued: dict[int, float] = {}
    how: dict[int, str] = {}
    for place, step in enumerate(steps):
        if step.name == "queued":
            queued[step.number] = step.ended - step.began
        elif step.name == "answer":
            how[step.number] = step.detail
        elif step.name == "run":
            number = step.number
            waited = queued.pop(number, 0.0)
            how_made = how.pop(number, "")
            found[place] = Run(
                number, step.lane, step.detail, waited, step.began, step.ended, how_made
            )
    return found


def runs_of(jobs: Iterable[Job], clock: float) -> list[Run]:
    """Return the runs of jobs that began; `clock` is as `clock_offset` returns it."""
    runs = []
    for job in jobs:
        began, runner, end = job.started_at, job.runner, job.end
        if began is None or not runner:
            continue
        ended = end.at if end is not None else time.time()
        waited = max(0.0, began - job.accepted_at)
        statistic = job.request.statistic
        runs.append(
            Run(job.number, runner, statistic, waited, began - clock, max(began, ended) - clock)
        )
    return runs


def percentiles(seconds: Sequence[float]) -> dict[str, Any]:
    """Return the median and the 99th percentile in milliseconds, None of nothing."""
    ordered = sorted(seconds)
    if not ordered:
        return {"p50": None, "p99": None}
    return {
        name: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1e3, 3)
        for name, share in (("p50", 0.5), ("p99", 0.99))
    }
