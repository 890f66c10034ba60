"""Sixteen clients submit at the same moment: whose ids are given twice, skipped, or mixed up."""

import json
from dataclasses import dataclass
from typing import Any

from app.grade.bench import Bench, as_job_id, counted, data_of, differs, until
from app.grade.findings import Exchange
from app.grade.http_client import at_once

CLIENTS = 16


@dataclass(frozen=True, slots=True)
class _Job:
    submit: Exchange
    right: dict[str, Any]


def run(bench: Bench) -> None:
    """Submit in rounds, until something is found or time is up."""
    jobs: dict[str, _Job] = {}
    numbers: set[int] = set()
    whole = True  # no submit failed: each number belongs to a job that we know
    rounds = 0
    for _ in until(bench.seconds, bench.has_found):
        rounds += 1
        asked = bench.different(CLIENTS)
        submits = at_once(bench.address, [(route, body) for route, body, _ in asked])
        fresh: dict[str, _Job] = {}
        for submit, (_, _, right) in zip(submits, asked, strict=True):
            job_id = submit.job_id
            if job_id is None:
                whole = False
                bench.found(
                    "submit-failed",
                    f"one of {CLIENTS} submits at the same moment got no job_id",
                    submit,
                    again=_again(bench),
                )
                continue
            before = fresh.get(job_id) or jobs.get(job_id)
            if before is not None:
                bench.found(
                    "id-given-twice",
                    f"{job_id} was given to two clients in round {rounds}",
                    before.submit,
                    submit,
                    again=_again(bench),
                )
            fresh[job_id] = _Job(submit, right)
            number = as_job_id(job_id)
            if number is not None:
                numbers.add(number)
            if not job_id.startswith("job_id_"):
                bench.note(f"Ids look like {job_id!r}; the contract has them like 'job_id_1'.")
        jobs.update(fresh)
        if whole and not bench.has_found("id-given-twice"):
            _gaps(bench, numbers, fresh)
        _compare(bench, fresh)
    bench.silence(
        f"{rounds * CLIENTS:,} submits in {counted(rounds, 'round')} of {CLIENTS} at the same"
        f" moment. A race that shows in one of {counted(max(rounds // 3, 1), 'round')} would have"
        " been found in 19 of 20 runs; one whose window is a few instructions may be there all the"
        " same."
    )


def _compare(bench: Bench, jobs: dict[str, _Job]) -> None:
    with bench.client() as http:
        for job_id, job in jobs.items():
            result = bench.ended(http, job_id)
            data = data_of(result)
            if data is None:
                continue  # which other checks look for
            wrong = differs(data, job.right)
            if wrong:
                bench.found(
                    "answer-of-another",
                    f"{job_id} answers another question than it was asked: {wrong}",
                    job.submit,
                    result,
                    again=_again(bench),
                )


def _gaps(bench: Bench, numbers: set[int], fresh: dict[str, _Job]) -> None:
    if not numbers or len(numbers) == max(numbers) - min(numbers) + 1:
        return
    missing = next(n for n in range(min(numbers), max(numbers)) if n not in numbers)
    if not bench.can_start:
        bench.note(f"No submit of this check got the id {missing}; another client may have it.")
        return
    last = list(fresh.values())[-2:]
    bench.found(
        "id-skipped",
        f"{len(numbers):,} jobs have the numbers {min(numbers)} to {max(numbers)}; none has "
        f"{missing}",
        *(job.submit for job in last),
        again=_again(bench),
    )


def _again(bench: Bench) -> str:
    url = f"{bench.address.url}/api/state_mean"
    (_, body, _), *_ = bench.different(1)
    return (
        f"for n in $(seq {CLIENTS}); do curl -s {url} -H 'Content-Type: application/json' "
        f"-d '{json.dumps(body)}' & done; wait   # several times"
    )
