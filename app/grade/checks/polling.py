"""Clients that ask as fast as they can, from the moment that they have an id."""

import threading
import time
from collections.abc import Mapping
from typing import Any

from app.grade.bench import ANSWER_SECONDS, Bench, as_job_id, side_by_side_of, until
from app.grade.findings import Exchange
from app.grade.http_client import Client, at_once

_CLIENTS, _PER_ROUND = 6, 8
_INVALID = {"status": "error", "reason": "Invalid job_id"}


def run(bench: Bench) -> None:
    """Submit and poll in rounds, until something is found or time is up."""
    bench.looked_at("results", "lists")
    polls = jobs = 0
    _unknown_ids(bench)
    for _ in until(bench.seconds, bench.has_found):
        one = _Round(bench)
        one.run()
        polls, jobs = polls + one.polls, jobs + one.jobs
        if not bench.has_found("num-jobs"):
            _counted(bench)
    if bench.can_start:
        _counts_down(bench)
    bench.silence(
        f"{jobs:,} jobs were polled {polls:,} times, from the moment their ids came. Windows "
        "that are "
        "shorter than the way of a request are seldom hit."
    )


class _Round:
    """Some clients, each with jobs of its own, while one asks for the lists."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.polls = self.jobs = 0
        self._lock = threading.Lock()
        self._given: list[str] = []
        self._left = _CLIENTS

    def run(self) -> None:
        """Run the round."""
        side_by_side_of(self._client, _CLIENTS, self._lister)

    def _client(self) -> None:
        with self._bench.client() as http:
            try:
                for _ in range(_PER_ROUND):
                    with self._lock:
                        if self._bench.has_found():
                            return
                        route, body, right = self._bench.question()
                    submit = http.submit(route, body)
                    if submit.job_id is not None:
                        with self._lock:
                            self._given.append(submit.job_id)
                            self.jobs += 1
                        self._poll(http, submit, submit.job_id, right)
            finally:
                with self._lock:
                    self._left -= 1

    def _poll(self, http: Client, submit: Exchange, job_id: str, right: Mapping[str, Any]) -> None:
        first: Exchange | None = None
        after_done = 0
        end = time.monotonic() + ANSWER_SECONDS
        while after_done < 3 and time.monotonic() < end:
            result = http.get(f"/api/get_results/{job_id}")
            name, seen = judged(result, right, first)
            with self._lock:
                self.polls += 1
                if name:
                    before = [submit] if first is None else [submit, first]
                    self._bench.found(name, f"{job_id}: {seen}", *before, result)
                    return
            answer = result.json
            if isinstance(answer, dict) and answer.get("status") != "running":
                first = first or result
                after_done += 1

    def _lister(self) -> None:
        with self._bench.client() as http:
            while self._left:
                with self._lock:
                    known = list(self._given)
                exchange = http.get("/api/jobs")
                wrong = _wrong_list(exchange, known)
                number = http.get("/api/num_jobs")
                with self._lock:
                    if wrong:
                        self._bench.found("jobs-list", wrong, exchange)
                    if _number(number) is None:
                        self._bench.found("num-jobs", "this is no number of jobs", number)
                if self._bench.has_found():
                    return


def judged(result: Exchange, right: Mapping[str, Any], first: Exchange | None) -> tuple[str, str]:
    """Return the fault that an answer of get_results shows, and what is wrong; else two nothings.

    `first` is the answer with which the job ended before.
    """
    answer = result.json
    if result.status == 0 or result.status >= 500:
        return "poll-fails", "an error for a job that was acknowledged"
    if answer is None:
        return "half-json", "an answer that is no JSON"
    if not isinstance(answer, dict):
        return "wrong-result-body", "an answer that is no object"
    if result.status != 200 or answer == _INVALID:
        name = "job-unknown" if first is None else "result-changes"
        return name, f"{result.status} for a job that was acknowledged"
    status = answer.get("status")
    if first is not None and answer != first.json:
        return "result-changes", "it had ended with another answer before"
    if status == "running":
        return "", ""
    if status == "done":
        if answer.get("data") is None or (right and not answer["data"]):
            return "done-without-data", "done, and there is no data"
        return "", ""
    if status == "error":
        return "poll-fails", f"the job failed: {str(answer.get('reason'))[:100]}"
    return "wrong-result-body", "neither running, done nor an error"


def _unknown_ids(bench: Bench) -> None:
    with bench.client() as http:
        for job_id in ("job_id_987654321", "987654321"):
            result = http.get(f"/api/get_results/{job_id}")
            answer = result.json
            if answer != _INVALID:
                bench.found("unknown-id", f"{job_id} was never given", result)
            elif result.status != 404:
                bench.note(f"An unknown id gets the status {result.status}; the contract says 404.")


def _wrong_list(exchange: Exchange, known: list[str]) -> str:
    answer = exchange.json
    if exchange.status != 200 or not isinstance(answer, dict):
        return f"/api/jobs got {exchange.status or 'no answer'}"
    data = answer.get("data")
    if answer.get("status") != "done" or not isinstance(data, list):
        return "/api/jobs has another form than the contract's"
    listed: list[str] = []
    for entry in data:
        if not (isinstance(entry, dict) and len(entry) == 1):
            return "an entry of /api/jobs is not an object with one id"
        [(job_id, status)] = entry.items()
        if status not in ("running", "done", "error"):
            return f"{job_id} has the status {str(status)[:40]!r}"
        listed.append(job_id)
    numbers = [as_job_id(job_id) for job_id in listed]
    if None not in numbers and numbers != sorted(
        number for number in numbers if number is not None
    ):
        return "/api/jobs is not in the order of ids"
    if len(set(listed)) != len(listed):
        return "/api/jobs has an id twice"
    ours = {as_job_id(job_id) for job_id in known}
    missing = sorted(number for number in ours if number is not None and number not in set(numbers))
    if missing:
        return f"/api/jobs lacks job {missing[0]}, which was acknowledged before"
    return ""


def _number(exchange: Exchange) -> int | None:
    answer = exchange.json
    if exchange.status != 200 or not isinstance(answer, dict) or answer.get("status") != "done":
        return None
    number = answer.get("num_jobs")
    is_number = isinstance(number, int) and not isinstance(number, bool) and number >= 0
    return number if is_number else None


def _counted(bench: Bench) -> None:
    """Ask for the number of jobs while some run: those still running afterwards must be in it."""
    asked = bench.different(_PER_ROUND)
    submits = at_once(bench.address, [(route, body) for route, body, _ in asked])
    with bench.client() as http:
        for _ in range(10):
            number = http.get("/api/num_jobs")
            counted = _number(number)
            still = []
            for submit in submits:
                if submit.job_id is not None:
                    result = http.get(f"/api/get_results/{submit.job_id}")
                    answer = result.json
                    if isinstance(answer, dict) and answer.get("status") == "running":
                        still.append((submit, result))
            if counted is not None and counted < len(still):
                submit, result = still[-1]
                bench.found(
                    "num-jobs",
                    f"num_jobs is {counted}, and {len(still)} jobs accepted before run after it",
                    submit,
                    number,
                    result,
                )
            submits = [submit for submit, _ in still]
            if not submits or bench.has_found("num-jobs"):
                break
        for submit in submits:
            if submit.job_id is not None:
                bench.ended(http, submit.job_id)


def _counts_down(bench: Bench) -> None:
    """See that the number is 0 when all jobs have ended. Nobody else asks this server."""
    end = time.monotonic() + bench.patience
    with bench.client() as http:
        while True:
            number = http.get("/api/num_jobs")
            listed = http.get("/api/jobs")
            if not _number(number) or '"running"' in listed.text:
                return
            if time.monotonic() > end:
                bench.found("num-jobs", "all jobs have ended, and it is not 0", number, listed)
                return
            time.sleep(0.1)
