"""The pool as it works: its runners, its queue, its locks, and the last steps of jobs.

Both views begin to record, for a minute: see `concurrency/trace.py`.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Collection, Sequence
from functools import partial
from itertools import islice
from typing import Any

from app.concurrency.changes import Changes
from app.concurrency.limiter import Limiter
from app.concurrency.slow_motion import SlowMotion
from app.concurrency.trace import Step
from app.errors import BadRequest
from app.http.query import Query
from app.http.request import Request
from app.http.responses import AfterWait, Header, OnThread, Reply, Response, done
from app.job import Job
from app.job_service import JobService
from app.messages import reasons
from app.views.chrome_trace import ChromeTrace
from app.views.job_ids import AFTER_ALL, find_number
from app.views.pool_runs import Run, clock_offset, percentiles, runs_of, runs_recorded
from app.views.watching import when_changed

# Steps that an answer is made of, the last ones; and jobs that are looked at for what is on them.
_MOST_STEPS = 8192
_MOST_JOBS = 300
_MOST_JOBS_IN_TRACE = 1000
_SHOWN_SECONDS = 30.0  # that the page has in its lanes
_RATE_SECONDS = 2.0  # over which what happens in a second is counted

# The way of a job: what each part of it is counted by.
_PARTS = {"submit": "post", "journal": "journal", "queue": "queue"}
_PARTS |= {"take": "runner", "file": "file", "done": "done"}


class PoolViews:
    """The views of the pool and of the trace."""

    def __init__(self, service: JobService, slow_motion: SlowMotion | None = None) -> None:
        """`slow_motion` is there in a server that teaches."""
        self._service = service
        self._slow_motion = slow_motion
        # In a cluster, a job itself tells when it ended, and this process what is posted to it.
        of_a_cluster = ("post", "done")
        self._known_parts = of_a_cluster if service.waits_for_network else _PARTS.values()
        self._limiter = Limiter(1, 16)
        self._changes = Changes[int](self._state, self._make)

    def pool(self, request: Request) -> Response:
        """Show what the pool does at this moment; or wait for a change."""
        query = Query(request)
        after = query.whole_number("after") or 0
        self._service.trace.look()
        respond = partial(self._respond, after)
        return when_changed(self._service, self._changes, query, after, respond)

    def trace(self, request: Request) -> Response:
        """Return what happened last, as JSON in Chrome's trace format, which Perfetto opens."""
        query = Query(request)
        seconds, asked = query.wait_seconds(), query.text("job")
        number = None if asked is None else find_number(asked)
        if asked is not None and number is None:
            raise BadRequest(reasons.A_JOB_ID(name="job"))
        if number is not None:
            self._service.job(number)
        self._service.trace.look()
        later = OnThread(lambda: self._trace(number))
        wait = self._service.wait_for_change() if seconds else None
        return later if wait is None else AfterWait(wait, seconds, lambda: later)

    def _trace(self, number: int | None) -> Reply:
        with self._limiter.turn():
            steps = self._service.trace.latest().steps
            now, clock = time.monotonic(), clock_offset()
            jobs = self._jobs(number, _MOST_JOBS_IN_TRACE)
            if number is not None:
                steps = [step for step in steps if number in step.numbers]
            recorded = {step.number for step in steps if step.name in ("queued", "run")}
            made = ChromeTrace(self._service.runners, are_processes=self._service.waits_for_network)
            made.add_steps(steps, now)
            made.add_runs(run for run in runs_of(jobs, clock) if run.number not in recorded)
            return Reply(made.encode(clock))

    def _jobs(self, number: int | None, most: int) -> Sequence[Job]:
        if number is not None:
            return [self._service.job(number)]
        return list(islice(self._service.newest(AFTER_ALL), most))

    def _respond(self, after: int, *headers: Header) -> Response:
        def reply() -> Reply:
            return Reply(self._make(after), headers=headers)

        return OnThread(reply)

    def _state(self) -> str:
        """Return a text that is another one whenever anything has changed."""
        jobs, slow = self._service, self._slow_motion
        now = jobs.job_counts, jobs.running, jobs.accepting, jobs.trace.changes
        content = f"{jobs.identity} {now} {slow.changes if slow else 0}".encode()
        return hashlib.blake2b(content, digest_size=9).hexdigest()

    def _make(self, after: int) -> bytes:
        """Return the answer, with the runs that were recorded after so many steps."""
        service, state = self._service, self._state()
        recorded = service.trace.latest(_MOST_STEPS)
        first = recorded.total - len(recorded.steps)
        runs = runs_recorded(recorded.steps)
        known = [*runs.values()]
        new = [run for place, run in runs.items() if first + place >= after]
        clock, now = clock_offset(), time.monotonic()
        counts, running = service.job_counts, service.running
        if not after or service.waits_for_network:
            seen = {run.number for run in known}
            others = [
                run
                for run in runs_of((j for j in self._jobs(None, _MOST_JOBS) if j.finished), clock)
                if run.number not in seen and run.ended > now - _SHOWN_SECONDS
            ]
            known, new = [*others, *known], [*others, *new]
        content = {
            "accepting": service.accepting,
            "now": _milliseconds(now),
            "runners": self._runners(running, clock),
            "webs": list(service.webs),
            "queue": {
                "waiting": counts.queued(len(running)),
                "limit": service.most_unfinished,
                "permits": service.permits,
            },
            "jobs": {
                "kept": counts.kept,
                "running": len(running),
                "finished": counts.finished,
            },
            "per_second": _rates(recorded.steps, known, now, known=self._known_parts),
            "queued_ms": percentiles([run.queued for run in known]),
            "running_ms": percentiles([run.ended - run.began for run in known]),
            "answers": _answers(known),
            "runs": [_run(run) for run in new],
            "left_out": max(0, first - after) if after else 0,
            "locks": self._locks(),
            "slow_motion": self._slow_motion.as_data() if self._slow_motion else None,
            "count": recorded.total,
            "state": state,
        }
        return done(content)

    def _runners(self, running: Sequence[int], clock: float) -> list[dict[str, Any]]:
        """Return what each runner does; jobs that end meanwhile are left out."""
        busy: dict[str, Job] = {}
        for job in self._service.some_jobs(running):
            if job.runner and not job.finished:
                busy.setdefault(job.runner, job)
        idle = {"job_id": None, "statistic": None, "began": None}
        return [
            {"name": name, **(_running(busy[name], clock) if name in busy else idle)}
            for name in dict.fromkeys([*self._service.runners, *busy])
        ]

    def _locks(self) -> list[dict[str, Any]]:
        return [
            {
                "name": use.name,
                "seconds": round(use.seconds, 3),
                "taken": use.taken,
                "contended": use.contended,
                "waited_ms": _milliseconds(use.waited),
                "longest_ms": _milliseconds(use.longest),
            }
            for use in self._service.trace.locks
        ]


def _rates(
    steps: Sequence[Step], runs: Sequence[Run], now: float, *, known: Collection[str]
) -> dict[str, float | None]:
    """Return how many jobs passed each part of their way, in a second of the last two.

    None where that is not `known`.
    """
    since = now - _RATE_SECONDS
    if len(steps) == _MOST_STEPS:  # what was before is not looked at any more
        since = max(since, steps[0].ended)
    found: Counter[str] = Counter()
    for step in reversed(steps):
        if step.ended < since:
            break
        if part := _PARTS.get(step.name):
            found[part] += step.jobs
    if not found["done"]:  # of a cluster, only what jobs tell themselves is known
        found["done"] = sum(run.ended >= since for run in runs)
    seconds = max(0.05, now - since)
    return {
        part: round(found[part] / seconds, 1) if part in known else None for part in _PARTS.values()
    }


def _answers(runs: Sequence[Run]) -> dict[str, int]:
    how = Counter(run.how for run in runs)
    return {kind: how[kind] for kind in ("cached", "computed")}


def _running(job: Job, clock: float) -> dict[str, Any]:
    began = _milliseconds((job.started_at or 0.0) - clock)
    return {"job_id": job.id, "statistic": job.request.statistic, "began": began}


def _run(run: Run) -> dict[str, Any]:
    return {
        "job_id": f"job_id_{run.number}",
        "runner": run.runner,
        "statistic": run.statistic,
        "queued_ms": _milliseconds(run.queued),
        "began": _milliseconds(run.began),
        "ended": _milliseconds(run.ended),
        "how": run.how or None,
    }


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1e3, 3)
