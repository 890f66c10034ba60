"""One client: how long it waits from question to answer, beside a bare request.

It submits, then asks once for the result with `?wait=`, over one connection. The bare route is
measured the same way: a POST, then a GET.
"""

import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.asking import Bare, Question, all_questions, is_final, mixed
from benchmarks.contestants import bare, this_server, uncached
from benchmarks.load import Connection, percentile, request
from benchmarks.session import Session

_QUESTIONS = 600
_WARM_UP = 100


@dataclass(frozen=True)
class Round:
    """Milliseconds from question to answer, and those of a bare request (mean of POST and GET)."""

    p50_ms: float
    p99_ms: float
    bare_p50_ms: float
    bare_p99_ms: float


def measure(session: Session, *, cached: bool = True) -> list[Round]:
    """Measure both in turns."""
    asked = mixed(all_questions(), _QUESTIONS)
    options = [] if cached else uncached()
    rounds = []
    with session.programs() as programs:
        port, bare_port = this_server(*options)(programs), bare("bridge")(programs)
        question_to_answer(port, asked[:_WARM_UP])
        _bare_requests(bare_port, asked[:_WARM_UP])
        for number in range(session.rounds):
            session.tell(f"one client, round {number + 1} of {session.rounds}")
            ours = question_to_answer(port, asked)
            posts, gets = _bare_requests(bare_port, asked)
            rounds.append(
                Round(
                    percentile(ours, 0.5),
                    percentile(ours, 0.99),
                    statistics.mean((percentile(posts, 0.5), percentile(gets, 0.5))),
                    statistics.mean((percentile(posts, 0.99), percentile(gets, 0.99))),
                )
            )
    return rounds


def question_to_answer(port: int, asked: Sequence[Question]) -> list[float]:
    """Ask one question after another; return the seconds until each one's answer was there."""
    seconds = []
    with Connection(port) as connection:
        for one in asked:
            submit = request("POST", f"/api/{one.statistic}", one.body)
            began = time.perf_counter()
            job_id = json.loads(connection.ask(submit).body)["job_id"]
            collect = request("GET", f"/api/get_results/{job_id}?wait=10")
            while not is_final(connection.ask(collect).body):
                pass  # waited for in vain; asks again, as a client would
            seconds.append(time.perf_counter() - began)
    return seconds


def _bare_requests(port: int, asked: Sequence[Question]) -> tuple[list[float], list[float]]:
    posts, gets = [], []
    api = Bare()
    with Connection(port) as connection:
        for submit in api.submits(asked):
            began = time.perf_counter()
            connection.ask(submit)
            middle = time.perf_counter()
            connection.ask(request("GET", "/collect"))
            posts.append(middle - began)
            gets.append(time.perf_counter() - middle)
    return posts, gets
