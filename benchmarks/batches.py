"""Batches: thousands of questions in one request, all answers in one streamed answer."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.asking import Question, all_questions, mixed
from benchmarks.contestants import this_server, uncached
from benchmarks.load import Connection, request
from benchmarks.session import Session

_MOST = 10_000


@dataclass(frozen=True)
class Batch:
    """One batch: its answers per second from the first byte sent to the last one received."""

    answers_rate: float
    submit_seconds: float
    collect_seconds: float
    megabytes: float


def measure(session: Session, *, cached: bool = True) -> list[Batch] | None:
    """Measure one client with batches of 10,000; None where the server takes no batches."""
    submit = request_of(mixed(all_questions(), _MOST))
    batches = []
    with session.programs() as programs:
        port = this_server(*([] if cached else uncached()))(programs)
        with Connection(port) as connection:
            for number in range(session.rounds + 1):
                session.tell(f"batches, round {number} of {session.rounds}")
                batch = one(connection, submit, _MOST)
                if batch is None:
                    return None
                batches.append(batch)
    return batches[1:]  # the first one warms up


def request_of(asked: Sequence[Question]) -> bytes:
    """Return the request that submits a batch."""
    items = [
        {"statistic": one.statistic, "question": one.question, "state": one.state} for one in asked
    ]
    return request("POST", "/api/batch", json.dumps(items).encode())


def one(connection: Connection, submit: bytes, jobs: int) -> Batch | None:
    """Submit a batch of `jobs` and collect it; None where the server takes no batches."""
    began = time.perf_counter()
    status, body = connection.ask(submit)
    if status in (404, 405):
        return None
    if status != 200:
        raise RuntimeError(f"a batch was answered {status}: {body[:200]!r}")
    submitted = connection.answered_at
    # The ids go back as they came: {"job_ids": [...]} is what the other route takes.
    status, body = connection.ask(request("POST", "/api/batch/results?wait=30", body))
    ended = connection.answered_at
    done = sum(json.loads(line)["status"] == "done" for line in body.splitlines())
    if status != 200 or done != jobs:
        raise RuntimeError(f"{done} of {jobs} jobs of a batch are done, status {status}")
    return Batch(jobs / (ended - began), submitted - began, ended - submitted, len(body) / 1e6)
