"""The measured load: clients submit jobs, wait until the last is finished, then collect them all.

Nobody polls while jobs are worked off: the polls would be what is measured, and would slow down
whoever is slow already.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import load
from benchmarks.asking import Api, Question, alike, is_final

_PATIENCE = 300.0
_PAUSE = 0.002


@dataclass(frozen=True)
class Figures:
    """One round of one contestant. Rates are per second; nan for submits where there are none."""

    jobs_rate: float
    submit_rate: float
    collect_rate: float
    submit_p50_ms: float
    submit_p99_ms: float
    collect_p50_ms: float
    collect_p99_ms: float
    request_p99_ms: float  # of submits and collects alike
    errors: int


def measure(port: int, api: Api, clients: int, asked: Sequence[Question]) -> Figures:
    """Submit what is asked, wait until it is done, collect it."""
    submits = api.submits(asked)
    submitted = load.run(port, clients, submits) if submits else load.Result()
    began = time.perf_counter()
    collects = api.collects(asked, submitted.answers)
    prepared = time.perf_counter() - began  # the client's own work
    if submits:
        await_answer(port, collects[-1])
    waited = max(0.0, time.perf_counter() - began - prepared)
    collected = load.run(port, clients, collects, is_final)
    return Figures(
        jobs_rate=len(collected.answers) / (submitted.seconds + waited + collected.seconds),
        submit_rate=submitted.per_second if submits else math.nan,
        collect_rate=collected.per_second,
        submit_p50_ms=load.percentile(submitted.latencies, 0.5),
        submit_p99_ms=load.percentile(submitted.latencies, 0.99),
        collect_p50_ms=load.percentile(collected.latencies, 0.5),
        collect_p99_ms=load.percentile(collected.latencies, 0.99),
        request_p99_ms=load.percentile(submitted.latencies + collected.latencies, 0.99),
        errors=submitted.errors + collected.errors,
    )


def await_answer(port: int, collect: bytes, pause: float = _PAUSE) -> bytes:
    """Ask for a job's result until it is there, with a pause in between, and return it."""
    deadline = time.monotonic() + _PATIENCE
    with load.Connection(port) as connection:
        while time.monotonic() < deadline:
            status, body = connection.ask(collect)
            if status != 200:
                raise RuntimeError(f"answered {status}: {body[:200]!r}")
            if is_final(body):
                return body
            time.sleep(pause)
    raise TimeoutError("a job does not end")


def wrong_answers(port: int, api: Api, questions: Sequence[Question]) -> list[str]:
    """Ask every question once; return what was answered otherwise than this project answers."""
    submitted = [_ask(port, submit) for submit in api.submits(questions)]
    wrong = []
    for question, collect in zip(questions, api.collects(questions, submitted), strict=True):
        answer = api.answer(question, await_answer(port, collect))
        if answer is not None and not alike(answer, question.answer):
            wrong.append(f"{question.statistic} of {question.question}")
    return wrong


def _ask(port: int, data: bytes) -> bytes:
    with load.Connection(port) as connection:
        status, body = connection.ask(data)
    if status != 200:
        raise RuntimeError(f"answered {status}: {body[:200]!r}")
    return body
