"""The load: mixed questions, submitted, waited for and collected, by the contract alone.

Nobody polls while jobs are computed: the polls would be what is measured, and would slow down
whoever is slow already.
"""

import json
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle, islice
from typing import Any, NamedTuple

from benchmarks.http_client import Connection, percentile, request, run
from benchmarks.programs import PROJECT

DATASET = PROJECT / "nutrition_activity_obesity_usa_subset.csv"

_STATISTICS = (
    *("states_mean", "state_mean", "best5", "worst5", "global_mean", "diff_from_mean"),
    *("state_diff_from_mean", "mean_by_category", "state_mean_by_category"),
)
_STATE = "Ohio"
_PAUSE = 0.002  # between two looks, where a server does not know `?wait=`
_START_SECONDS = 600.0


class Question(NamedTuple):
    """One question to one statistic."""

    statistic: str
    question: str

    def request(self) -> bytes:
        """Return the request that submits it."""
        body = json.dumps({"question": self.question, "state": _STATE}).encode()
        return request("POST", f"/api/{self.statistic}", body)


def questions(count: int | None = None) -> list[Question]:
    """Return so many questions, all kinds in turn; by default each kind once."""
    dimensions = json.loads((PROJECT / "dataset" / "dimensions.json").read_text())
    texts = [one["question"] for one in dimensions["questions"].values()]
    each = [Question(statistic, text) for text in texts for statistic in _STATISTICS]
    return list(islice(cycle(each), len(each) if count is None else count))


class Rates(NamedTuple):
    """What many clients saw: rates per second, times in milliseconds.

    `jobs` counts from the first submit to the last result collected.
    """

    jobs: float
    submits: float
    collects: float
    submit_p99: float
    collect_p99: float


def measure(port: int, clients: int, count: int) -> Rates:
    """Submit `count` jobs, wait until they are done, collect their results."""
    submitted = run(port, clients, [one.request() for one in questions(count)])
    waited = _wait_for(port, submitted.bodies[-1])
    collects = [_collect(body) for body in submitted.bodies]
    collected = run(port, clients, collects, _is_final)
    return Rates(
        count / (submitted.seconds + waited + collected.seconds),
        submitted.per_second,
        collected.per_second,
        percentile(submitted.latencies, 0.99),
        percentile(collected.latencies, 0.99),
    )


def submit_until_done(port: int, clients: int, count: int) -> float:
    """Submit `count` jobs; return how many are accepted, computed and stored per second."""
    submitted = run(port, clients, [one.request() for one in questions(count)])
    return count / (submitted.seconds + _wait_for(port, submitted.bodies[-1]))


def one_by_one(port: int, count: int) -> float:
    """Ask one question after another; return the median time from question to answer, in ms."""
    seconds = []
    with Connection(port) as connection:
        for one in questions(count):
            began = time.perf_counter()
            _await_result(connection, connection.ask(one.request()))
            seconds.append(time.perf_counter() - began)
    return percentile(seconds, 0.5)


def batch(port: int, count: int) -> float:
    """Submit a batch and collect it; return its jobs per second."""
    submit = batch_request(questions(count))
    with Connection(port) as connection:
        began = time.perf_counter()
        ids = connection.ask(submit)
        # The ids go back as they came: {"job_ids": [...]} is what the other route takes.
        body = connection.ask(request("POST", "/api/batch/results?wait=60", ids))
        seconds = time.perf_counter() - began
    done = sum(json.loads(line)["status"] == "done" for line in body.splitlines())
    if done != count:
        raise RuntimeError(f"{done} of {count} jobs of a batch are done")
    return count / seconds


def batch_request(asked: Sequence[Question]) -> bytes:
    """Return the request that submits a batch."""
    items = [{**one._asdict(), "state": _STATE} for one in asked]
    return request("POST", "/api/batch", json.dumps(items).encode())


def seconds_to_first_answer(port: int, began: float) -> float:
    """Return the seconds from `began` until a server that starts has answered its first job."""
    while time.perf_counter() < began + _START_SECONDS:
        with suppress(ConnectionError), Connection(port) as connection:
            _await_result(connection, connection.ask(questions(1)[0].request()))
            return time.perf_counter() - began
        time.sleep(_PAUSE)
    raise TimeoutError("the server does not start")


def answers(port: int) -> list[dict[str, Any]]:
    """Return the answers to all questions."""
    with Connection(port) as connection:
        return [
            json.loads(_await_result(connection, connection.ask(one.request())))["data"]
            for one in questions()
        ]


def check(name: str, port: int, right: Sequence[object]) -> None:
    """Raise RuntimeError unless a server answers all questions as another one has."""
    for one, ours, theirs in zip(questions(), right, answers(port), strict=True):
        if not _alike(theirs, ours):
            raise RuntimeError(f"{name} answers otherwise: {one.statistic} of {one.question}")


def _collect(submitted: bytes, options: str = "") -> bytes:
    return request("GET", f"/api/get_results/{json.loads(submitted)['job_id']}{options}")


def _await_result(connection: Connection, submitted: bytes) -> bytes:
    while not _is_final(body := connection.ask(_collect(submitted, "?wait=10"))):
        time.sleep(_PAUSE)
    return body


def _wait_for(port: int, submitted: bytes) -> float:
    """Wait until a job is done; return the seconds that it took."""
    began = time.perf_counter()
    with Connection(port) as connection:
        _await_result(connection, submitted)
    return time.perf_counter() - began


def _is_final(body: bytes) -> bool:
    return b'"running"' not in body[-24:]


def _alike(one: object, other: object) -> bool:
    """Tell whether two answers have the same keys, and the same means but for the rounding."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    assert isinstance(one, float), one
    assert isinstance(other, float), other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
