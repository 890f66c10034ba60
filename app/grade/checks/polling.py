"""Clients that ask as fast as they can, from the moment that they have an id."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.grade.bench import ANSWER_SECONDS, Bench, as_job_id, until
from app.grade.findings import Exchange
from app.grade.http_client import Client, Prepared, sent_and_answered, side_by_side

_JOBS, _LISTS = 12, 6  # at once
_CLIENTS, _EACH = 2, 6
_LARGEST = "mean_by_category"  # takes longest to write
_INVALID = {"status": "error", "reason": "Invalid job_id"}


def run(bench: Bench) -> None:
    """Submit and poll in rounds, until something is found or time is up."""
    known: list[str] = []
    polls = 0
    _unknown_ids(bench)
    for _ in until(bench.seconds, bench.has_found):
        one = _Round(bench, known)
        one.run()
        polls += one.polls
    if bench.can_start:
        _counts_down(bench)
    bench.silence(
        f"{len(known):,} jobs were polled {polls:,} times, from the moment that their ids came. "
        "Windows that are shorter than the way of a request are seldom hit."
    )


@dataclass(frozen=True, slots=True)
class _Job:
    id: str
    submit: Exchange
    right: Mapping[str, Any]


class _Round:
    """Jobs that come at once, with requests for the list between them, and clients that poll."""

    def __init__(self, bench: Bench, known: list[str]) -> None:
        self._bench = bench
        self._known = known
        self.polls = 0
        self._lock = threading.Lock()  # guards findings and `polls`

    def run(self) -> None:
        """Run the round."""
        asked = [self._bench.question() for _ in range(_JOBS)]
        submits = [Prepared(self._bench.address, f"/api/{route}", body) for route, body, _ in asked]
        lists = [Prepared(self._bench.address, "/api/jobs") for _ in range(_LISTS)]
        mixed = [*submits[:_LISTS]]
        for one, other in zip(submits[_LISTS:], lists, strict=True):
            mixed += [one, other]
        exchanges = dict(zip(mixed, sent_and_answered(self._bench.address, mixed), strict=True))
        for one in lists:
            wrong = _wrong_list(exchanges[one], self._known)
            if wrong:
                self._bench.found("jobs-list", wrong, exchanges[one], again=_again(self._bench))
        jobs = [
            _Job(job_id, exchanges[one], right)
            for one, (_, _, right) in zip(submits, asked, strict=True)
            if (job_id := exchanges[one].job_id) is not None
        ]
        self._known += [job.id for job in jobs]
        with self._bench.client() as http:
            for job in jobs[-1:]:
                self._poll_once(http, job)
                self._counted(http, job)
            for job in jobs[-2:]:
                self._poll(http, job)
        if not self._bench.has_found():
            side_by_side([self._client] * _CLIENTS)

    def _client(self) -> None:
        """Submit and poll one job after another: few clients ask more often."""
        with self._bench.client() as http:
            for number in range(_EACH):
                with self._lock:
                    if self._bench.has_found():
                        return
                    route, body, right = self._bench.question(_LARGEST if number % 2 else None)
                submit = http.submit(route, body)
                if submit.job_id is not None:
                    with self._lock:
                        self._known.append(submit.job_id)
                    self._poll(http, _Job(submit.job_id, submit, right))

    def _poll_once(self, http: Client, job: _Job, first: Exchange | None = None) -> Exchange | None:
        """Ask for a job; return the answer if there is nothing wrong with it."""
        result = http.get(f"/api/get_results/{job.id}")
        name, seen = judged(result, job.right, first)
        with self._lock:
            self.polls += 1
            if name:
                before = [job.submit] if first is None else [job.submit, first]
                self._bench.found(name, f"{job.id}: {seen}", *before, result)
                return None
        return result

    def _poll(self, http: Client, job: _Job) -> None:
        first: Exchange | None = None
        after_done = 0
        end = time.monotonic() + ANSWER_SECONDS
        while after_done < 3 and time.monotonic() < end:
            result = self._poll_once(http, job, first)
            if result is None:
                return
            if not _runs(result):
                first = first or result
                after_done += 1

    def _counted(self, http: Client, job: _Job) -> None:
        """Ask for the number of jobs, while the last one runs: it must be in it."""
        end = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < end:
            number = http.get("/api/num_jobs")
            result = http.get(f"/api/get_results/{job.id}")
            counted = _number(number)
            if counted is None:
                self._bench.found("num-jobs", "this is no number of jobs", number)
                return
            if not _runs(result):
                return
            if counted == 0:
                seen = f"num_jobs is 0, and {job.id}, accepted before, runs after it"
                self._bench.found("num-jobs", seen, job.submit, number, result)
                return


def _runs(result: Exchange) -> bool:
    answer = result.json
    return isinstance(answer, dict) and answer.get("status") == "running"


def _again(bench: Bench) -> str:
    return (
        f"while true; do curl -s {bench.address.url}/api/jobs; done"
        "   # and in another shell, many submits"
    )


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
