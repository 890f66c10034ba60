"""Batches: thousands of questions in one request, all answers in one streamed answer."""

import json
import time
from dataclasses import dataclass

from benchmarks.asking import all_questions, mixed
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
    items = [
        {"statistic": one.statistic, "question": one.question, "state": one.state}
        for one in mixed(all_questions(), _MOST)
    ]
    submit = request("POST", "/api/batch", json.dumps(items).encode())
    batches = []
    with session.programs() as programs:
        port = this_server(*([] if cached else uncached()))(programs)
        with Connection(port) as connection:
            for number in range(session.rounds + 1):
                session.tell(f"batches, round {number} of {session.rounds}")
                batch = _one(connection, submit)
                if batch is None:
                    return None
                batches.append(batch)
    return batches[1:]  # the first one warms up


def _one(connection: Connection, submit: bytes) -> Batch | None:
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
    if status != 200 or done != _MOST:
        raise RuntimeError(f"{done} of {_MOST} jobs of a batch are done, status {status}")
    return Batch(_MOST / (ended - began), submitted - began, ended - submitted, len(body) / 1e6)
