"""Shutdown under load: what is lost, what is accepted too late, and what does not end."""

import signal
import threading
import time
from collections.abc import Set
from dataclasses import dataclass, field

from app.grade.bench import (
    Bench,
    Running,
    as_job_id,
    counted,
    data_of,
    settled,
    side_by_side_of,
    until,
)
from app.grade.findings import Exchange
from app.grade.http_client import Client, Prepared, answered, sent_and_answered

THREADS = 4
_FLOODS, _AHEAD = 4, 40  # clients that submit, and how many jobs they have at most beforehand
_LOADED, _BURST = 12, 16  # jobs that are accepted before, and such that come at once
_RACING, _LATE = 6, 6  # submits that come with the shutdown, and after its answer
_REFUSED = {"status": "error", "reason": "shutting down"}
_STATES = ({"status": "running"}, {"status": "done"})
_PATH = "/api/graceful_shutdown"
_MOST_ROUNDS = 6


def run(bench: Bench) -> None:
    """Shut servers down, until something is found or time is up; one that is not ours only once."""
    rounds = jobs = 0
    for _ in until(2 * bench.seconds, bench.has_found):
        with bench.server(THREADS) as running:
            one = _Shutdown(bench, running)
            one.run()
        rounds, jobs = rounds + 1, jobs + len(one.accepted)
        if not bench.can_start or rounds == _MOST_ROUNDS:
            break
    more = "" if bench.can_start else " Its threads and its end could not be looked at."
    bench.silence(
        f"{counted(rounds, 'shutdown')} under load, with {jobs:,} acknowledged jobs, of which all"
        " came to their end."
        f" In each, {_RACING + _LATE} submits waited for their last byte when it began.{more}"
    )


@dataclass(slots=True)
class _Shutdown:
    """One shutdown under load."""

    bench: Bench
    running: Running
    accepted: list[Exchange] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _called: threading.Event = field(default_factory=threading.Event)
    _call: Exchange | None = None
    _queued: int = 0
    _deep: bool = False  # so many jobs were left that each worker had one

    def run(self) -> None:
        """Run it; what comes later is not looked at where the server is gone."""
        before = self._warm()
        racing, late = self.bench.prepared(_RACING), self.bench.prepared(_LATE)
        burst = self.bench.prepared(_BURST)
        side_by_side_of(self._flood, _FLOODS, lambda: self._shut_down(burst, racing))
        assert self._call is not None
        self._afterwards(late)
        if self._judge_call() and self._drained():
            if before is not None:
                self._threads_end(before)
            self._second_call()
        self._ends()

    def _warm(self) -> Set[str] | None:
        """Run a few jobs; return which threads there are when all is idle again."""
        with self.bench.client() as http:
            for _ in range(THREADS):
                route, body, _ = self.bench.question()
                job_id = http.submit(route, body).job_id
                if job_id is not None:
                    self.bench.ended(http, job_id)
        family = self.running.family
        if family is None:
            return None
        settled(family.threads)
        return family.turns().keys()

    # -- the load, and the call

    def _flood(self) -> None:
        refused = 0
        with self.bench.client() as http:
            while refused < 3:
                with self._lock:
                    room = self._queued < _AHEAD
                    self._queued += room
                    route, body, _ = self.bench.question()
                if not room and not self._called.wait(0.002):
                    continue
                submit = http.submit(route, body)
                refused += not self._note(submit)
                if not submit.status:
                    return
                with self._lock:
                    if (
                        self.bench.has_found("accepted-afterwards")
                        or len(self.accepted) > 5 * _AHEAD
                    ):
                        return

    def _shut_down(self, burst: list[Prepared], racing: list[Prepared]) -> None:
        end = time.monotonic() + 2.0
        while len(self.accepted) < _LOADED and time.monotonic() < end:
            time.sleep(0.002)
        for submit in sent_and_answered(self.bench.address, burst):
            self._note(submit)
        with self.bench.client() as http:
            answer = http.get("/api/num_jobs").json
            number = answer.get("num_jobs") if isinstance(answer, dict) else None
            self._deep = isinstance(number, int) and number >= 2 * THREADS
            before, after = racing[: len(racing) // 2], racing[len(racing) // 2 :]
            for one in before:
                one.send()
            self._called.set()
            self._call = http.get(_PATH)
            for submit in answered(self.bench.address, before):
                self._note(submit)
            if self._call.status == 200:
                self._done_at_last(http)
        for submit in sent_and_answered(self.bench.address, after):
            self._note(submit)

    def _afterwards(self, late: list[Prepared]) -> None:
        """Send the last bytes of submits that the server has waited for since before the call."""
        for submit in sent_and_answered(self.bench.address, late):
            self._note(submit)

    def _note(self, submit: Exchange) -> bool:
        """Judge a submit; tell whether it was accepted."""
        with self._lock:
            call = self._call
            if submit.job_id is not None:
                self.accepted.append(submit)
                if call is not None and call.status == 200 and submit.sent > call.ended:
                    self.bench.found(
                        "accepted-afterwards",
                        f"{submit.job_id} was given for a submit whose end was sent "
                        f"{1000 * (submit.sent - call.ended):.1f} ms after the shutdown had "
                        "answered",
                        call,
                        submit,
                        again=_again(self.bench),
                    )
                return True
            if submit.status and submit.json != _REFUSED:
                self.bench.found(
                    "wrong-refusal-body", "a submit was refused in other words", submit
                )
            elif submit.status and submit.status != 503:
                self.bench.note(
                    f"A submit after the shutdown gets the status {submit.status}; the "
                    "contract says 503."
                )
            return False

    # -- what came of it

    def _judge_call(self) -> bool:
        """Look at the answer to the first call; tell whether the server still answers."""
        assert self._call is not None
        self._judge_answer(self._call)
        with self.bench.client() as http:
            again = http.get(_PATH)
        if again.status == 0 and "timed out" not in again.text and self._is_gone():
            if self._call.status or self.accepted:
                self.bench.found(
                    "results-gone",
                    f"{len(self.accepted)} jobs were acknowledged, and nobody answers any more",
                    self._call,
                    again,
                    again=_again(self.bench),
                )
            return False
        self._judge_answer(again, "second-call")
        return again.status != 0

    def _judge_answer(self, call: Exchange, failed: str = "wrong-shutdown-body") -> None:
        if call.status == 0 and "timed out" in call.text:
            self.bench.found("call-hangs", f"{_PATH} did not answer", call)
        elif call.status >= 400:
            self.bench.found(failed, f"{_PATH} got {call.status}", call)
        elif call.status and call.json not in _STATES:
            self.bench.found("wrong-shutdown-body", "neither running nor done", call)

    def _done_at_last(self, http: Client) -> None:
        """Ask until all is said to be done; then none of the last jobs may run any more."""
        with self._lock:
            ids = [submit.job_id or "" for submit in self.accepted]
        last = sorted(ids, key=lambda job_id: as_job_id(job_id) or 0)[-THREADS:]
        paths = [f"/api/get_results/{job_id}" for job_id in last]
        asked = [Prepared(self.bench.address, path) for path in paths]
        began = time.monotonic()
        while (call := http.get(_PATH)).json != {"status": "done"}:
            waited = time.monotonic() - began
            if call.status != 200 or waited > self.bench.patience:
                for one in asked:
                    one.close()
                return
            time.sleep(min(max(waited / 20, 0.001), 0.05))
        results = sent_and_answered(self.bench.address, asked)
        for job_id, result in zip(last, results, strict=True):
            if _runs(result):
                # One that never ends is lost, which is another fault.
                ended = self.bench.ended(http, job_id, self.bench.patience)
                if data_of(ended) is not None:
                    seen = f"{job_id} still ran"
                    again = _again(self.bench)
                    self.bench.found("done-too-soon", seen, call, result, ended, again=again)
                return

    def _drained(self) -> bool:
        """Wait until all accepted jobs have ended; tell whether the server still answers."""
        left = list(self.accepted)
        end = time.monotonic() + self.bench.patience
        with self.bench.client() as http:
            while left:
                result = http.get(f"/api/get_results/{left[0].job_id}")
                if not self._judge_result(left[0], result):
                    return False
                if result.status and not _runs(result):
                    left.pop(0)
                    end = time.monotonic() + self.bench.patience
                elif time.monotonic() > end:
                    # A queue is no promise of an order: as long as others end, it may still run.
                    others = [submit for submit in left if self._runs_still(http, submit)]
                    if len(others) < len(left):
                        left, end = others, time.monotonic() + self.bench.patience
                        continue
                    self.bench.found(
                        "jobs-lost",
                        f"{left[0].job_id} was acknowledged and never ends; for "
                        f"{self.bench.patience:g} s no job has ended",
                        left[0],
                        *filter(None, [self._call]),
                        result,
                        again=_again(self.bench),
                    )
                    return True
                else:
                    time.sleep(0.02)
            return self._says_done(http)

    def _runs_still(self, http: Client, submit: Exchange) -> bool:
        result = http.get(f"/api/get_results/{submit.job_id}")
        return self._judge_result(submit, result) and (_runs(result) or not result.status)

    def _judge_result(self, submit: Exchange, result: Exchange) -> bool:
        """Look at the answer for a job; tell whether the server still answers."""
        calls = [self._call] if self._call else []
        again = _again(self.bench)
        if result.status == 0:
            if not self._is_gone():
                return True
            seen = f"{submit.job_id} was acknowledged, and nobody answers any more"
            self.bench.found("results-gone", seen, *calls, result, again=again)
            return False
        if not _runs(result) and data_of(result) is None:
            seen = f"{submit.job_id} was acknowledged, and has no answer"
            self.bench.found("jobs-lost", seen, submit, *calls, result, again=again)
        return True

    def _is_gone(self) -> bool:
        """Tell whether nobody answers for a while: one connection may fail for another reason."""
        end = time.monotonic() + min(self.bench.patience, 3.0)
        with self.bench.client() as http:
            while time.monotonic() < end:
                if http.get(_PATH).status:
                    return False
                time.sleep(0.1)
        return True

    def _says_done(self, http: Client) -> bool:
        end = time.monotonic() + self.bench.patience
        while True:
            call = http.get(_PATH)
            if call.json == {"status": "done"} or call.status == 0:
                return call.status != 0
            if time.monotonic() > end:
                if call.status < 400:
                    self.bench.found(
                        "never-done", f"all {len(self.accepted)} accepted jobs have ended", call
                    )
                return True
            time.sleep(0.05)

    def _threads_end(self, before: Set[str]) -> None:
        """Wait until as many threads have ended as there were workers; others may have come."""
        family = self.running.family
        assert family is not None
        if self.bench.has_found("jobs-lost", "never-done"):
            return
        end = time.monotonic() + self.bench.patience
        while (ended := len(before - family.turns().keys())) < THREADS:
            if time.monotonic() > end:
                if not ended or self._deep:
                    self.bench.found(
                        "threads-remain",
                        f"of {len(before)} threads before, among them {THREADS} workers, "
                        f"{ended} had ended {self.bench.patience:g} s after all was done",
                        again=f"curl {self.bench.address.url}{_PATH}; ls /proc/PID/task | wc -l",
                    )
                return
            time.sleep(0.05)

    def _second_call(self) -> None:
        """Ask again when all is over."""
        with self.bench.client() as http:
            call = http.get(_PATH)
            self._judge_answer(call, "second-call")
            post = http.call("POST", _PATH, b"")
            if post.status != 200:
                self.bench.note(
                    f"POST {_PATH} gets {post.status}; the contract has it work as GET."
                )

    def _ends(self) -> None:
        """Send SIGTERM."""
        family = self.running.family
        if family is None or not family.pids():
            return
        family.signal(signal.SIGTERM)
        if not family.ends_within(self.bench.patience, self.running.reap):
            self.bench.found(
                "does-not-end",
                "after a shutdown, SIGTERM did not end the process within "
                f"{self.bench.patience:g} s",
                again=f"curl {self.bench.address.url}{_PATH}; kill PID; sleep 10; ps PID",
            )


def _runs(result: Exchange) -> bool:
    answer = result.json
    return isinstance(answer, dict) and answer.get("status") == "running"


def _again(bench: Bench) -> str:
    return (
        "# submit from several shells at once, and in another one:\ncurl -i "
        f"{bench.address.url}{_PATH}\n"
        f"# then ask for each id that you got:\ncurl -i {bench.address.url}/api/get_results/ID"
    )
