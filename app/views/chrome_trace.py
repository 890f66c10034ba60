"""A trace as JSON in Chrome's format, which Perfetto and chrome://tracing open.

The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU ("Trace
Event Format"). Times are in microseconds, here from the first event on.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from app import json_bytes
from app.concurrency.trace import Step
from app.views.pool_runs import Run

Event = dict[str, Any]

_LOOP = "MainThread"
_NAMES = {_LOOP: "event loop", "log": "webserver.log"}
# The lanes from top to bottom: the loop, other threads, what is written, the queue.
_LAST = ("journal", "log")
_WEB = 1  # the number of this process; the processes of workers have others


class ChromeTrace:
    """Collects events, and gives each lane a number."""

    def __init__(self, lanes: Iterable[str], *, are_processes: bool) -> None:
        """`lanes` are the names of what runs jobs: threads of this process, or processes."""
        self._are_processes = are_processes
        self._runners = list(lanes)
        self._lanes: dict[str, int] = {}
        self._events: list[Event] = []
        self._first = float("inf")

    def add_steps(self, steps: Sequence[Step], now: float) -> None:
        """Add recorded steps, and the arrows from a submit to its jobs, and on to their answers.

        A run that was not recorded by `now` goes on then.
        """
        ran = {step.number for step in steps if step.name == "run"}
        running = [step for step in steps if step.name == "queued" and step.number not in ran]
        ran |= {step.number for step in running}
        steps = [*steps, *(one._replace(name="run", began=one.ended, ended=now) for one in running)]
        for step in steps:
            if step.name == "queued":
                self._add_queued(step.number, step.detail, step.began, step.ended)
                continue
            self._slice(step)
            if step.name == "submit":
                for number in sorted(ran.intersection(step.numbers)):
                    self._arrow("s", step, number)
            elif step.name == "run":
                self._arrow("t", step, step.number)
            elif step.name == "collect" and step.number in ran:
                self._arrow("f", step, step.number)

    def add_runs(self, runs: Iterable[Run]) -> None:
        """Add jobs of which no more is known than when they were accepted, began and ended."""
        until: dict[str, float] = {}
        for run in sorted(runs, key=lambda run: run.began):
            self._add_queued(run.number, run.statistic, run.began - run.queued, run.began)
            step = Step(run.runner, "run", run.began, run.ended, run.number, 1, run.statistic)
            # A worker starts the jobs of a message together: what overlaps is no stack of calls.
            if self._are_processes or run.began < until.get(run.runner, 0.0):
                self._between("job", step)
            else:
                self._slice(step)
            until[run.runner] = run.ended

    def encode(self, clock: float) -> bytes:
        """Return the trace; `clock` is the time since 1970 when the monotonic clock was 0."""
        first = self._first if self._events else 0.0
        for event in self._events:
            event["ts"] = round((event["ts"] - first) * 1e6, 3)
        self._events.sort(key=lambda event: (event["ts"], -event.get("dur", 0.0)))
        began = datetime.fromtimestamp(first + clock, UTC).isoformat() if self._events else None
        return json_bytes.encode(
            {
                "traceEvents": [*self._names(), *self._events],
                "displayTimeUnit": "ms",
                "otherData": {"began": began},
            }
        )

    def _names(self) -> list[Event]:
        named = [_named("process_name", _WEB, 0, "Le Stats Sportif")]
        for lane, place in self._lanes.items():
            pid, tid = self._place(lane)
            if pid != _WEB:
                named.append(_named("process_name", pid, 0, lane))
                continue
            order = _LAST.index(lane) + 10_000 if lane in _LAST else place * (lane != _LOOP)
            named.append(_named("thread_name", pid, tid, _NAMES.get(lane, lane)))
            named.append(
                {"ph": "M", "name": "thread_sort_index", "pid": pid, "tid": tid, "ts": 0}
                | {"args": {"sort_index": order}}
            )
        return named

    def _place(self, lane: str) -> tuple[int, int]:
        number = self._lanes.setdefault(lane, len(self._lanes) + 1)
        if self._are_processes and lane in self._runners:
            return _WEB + number, 1
        return _WEB, number

    def _event(self, ph: str, name: str, at: float, lane: str) -> Event:
        pid, tid = self._place(lane)
        self._first = min(self._first, at)
        event: Event = {"ph": ph, "name": name, "ts": at, "pid": pid, "tid": tid}
        self._events.append(event)
        return event

    def _slice(self, step: Step) -> None:
        event = self._event("X", _title(step), step.began, step.lane)
        event |= {
            "cat": step.name,
            "dur": round((step.ended - step.began) * 1e6, 3),
            "args": _arguments(step),
        }
        if step.cpu is not None:
            event["tdur"] = round(step.cpu * 1e6, 3)

    def _add_queued(self, number: int, statistic: str, began: float, ended: float) -> None:
        step = Step(_LOOP, "queued", began, ended, number, detail=statistic)
        self._between("queue", step)

    def _between(self, kind: str, step: Step) -> None:
        """Add something that others overlap."""
        for ph, at in (("b", step.began), ("e", step.ended)):
            event = self._event(ph, _title(step) if kind == "job" else kind, at, step.lane)
            event |= {"cat": kind, "id": step.number, "args": _arguments(step)}

    def _arrow(self, ph: str, step: Step, number: int) -> None:
        # It belongs to the slice that is there at its time: when that begins, for arrows go forward
        # in time, and a thread that waits for its turn ends late.
        event = self._event(ph, "job", step.began, step.lane)
        event |= {"cat": "job", "id": number, "bp": "e"}


def _title(step: Step) -> str:
    return step.detail or step.name if step.name == "run" else step.name


def _arguments(step: Step) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if step.number:
        told["job_id"] = f"job_id_{step.number}"
    if step.jobs > 1:
        told["jobs"] = step.jobs
    if step.detail:
        told["detail"] = step.detail
    if step.cpu is not None:
        told["processor_ms"] = round(step.cpu * 1e3, 3)
    return told


def _named(name: str, pid: int, tid: int, text: str) -> Event:
    return {"ph": "M", "name": name, "pid": pid, "tid": tid, "ts": 0, "args": {"name": text}}
