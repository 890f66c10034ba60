"""The second executor beside one process, and beside plain Flask with Celery and Redis.

All programs run, one at a time works, in turns. Each shape is so many web processes on one port and
one worker with so many processes.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks import batches, cluster_costs, jobs_load, latency, wrk
from benchmarks.asking import Jobs, Question, all_questions, mixed
from benchmarks.cluster_costs import Cost
from benchmarks.cluster_programs import Launch, Place, Shape, alone, cluster, plain
from benchmarks.goals import Goal, at_least, at_most
from benchmarks.load import Connection, percentile, request
from benchmarks.session import Session

# Rounds, jobs a round, clients. These are more than elsewhere: the kernel deals out connections to
# web processes by chance, and none of them is to be left without.
USUAL = (3, 800, 32)

ONE_PROCESS = "one process, threads"
_CONNECTIONS = 128
_SECONDS = 1
_SECONDS_FOR_GOAL = 2
_BATCH = 1000
_SINGLES = 50
_SHAPES = (Shape(1, 1), Shape(1, 2), Shape(2, 1), Shape(2, 2))
_PLAIN_SHAPES = (Shape(1, 1), Shape(2, 2))
# Of the jobs, for plain Celery: each of its jobs takes milliseconds.
_PLAIN_SHARE = 0.25


def ours(shape: Shape) -> str:
    """Return what this server on Celery and Redis is called."""
    return f"cluster, {shape}"


def theirs(shape: Shape) -> str:
    """Return what plain Celery is called."""
    return f"plain Celery, {shape}"


def beside_plain() -> dict[str, str]:
    """Return which plain Celery each shape is beside: the same shape, or else the largest one."""
    one, two = map(theirs, _PLAIN_SHAPES)
    return {ours(shape): one if shape == _PLAIN_SHAPES[0] else two for shape in _SHAPES}


@dataclass(frozen=True)
class Round:
    """What one round of one contestant showed; rates are per second."""

    submit_rate: float
    jobs_rate: float  # from the first submit to the last answer collected
    collect_rate: float | None  # of finished jobs, by wrk
    batch_rate: float
    single_p50_ms: float
    single_p99_ms: float
    errors: int


@dataclass
class Seen:
    """All that was seen, by contestant; `to_two_webs`: how much more two web processes collect."""

    rounds: dict[str, list[Round]] = field(default_factory=dict)
    costs: dict[str, dict[str, Cost]] = field(default_factory=dict)
    to_two_webs: list[float] = field(default_factory=list)


def run(session: Session) -> Seen:
    """Start all, check their answers, measure them in turns."""
    questions, seen = all_questions(), Seen()
    contestants: dict[str, tuple[Launch, float]] = {
        ONE_PROCESS: (alone, 1.0),
        **{ours(shape): (cluster(shape), 1.0) for shape in _SHAPES},
        **{theirs(shape): (plain(shape), _PLAIN_SHARE) for shape in _PLAIN_SHAPES},
    }
    with ExitStack() as stack:
        places = {}
        for name, (launch, _) in contestants.items():
            session.tell(f"starting: {name}")
            places[name] = launch(stack.enter_context(session.programs()))
        for name, place in places.items():
            session.tell(f"checking the answers: {name}")
            _prepare(place, questions, int(_BATCH * contestants[name][1]))
        for number in range(session.rounds):
            for name, place in places.items():
                session.tell(f"round {number + 1} of {session.rounds}: {name}")
                share = contestants[name][1]
                seen.rounds.setdefault(name, []).append(_round(session, place, questions, share))
        if not wrk.MISSING:
            pair = [places[ours(shape)] for shape in (Shape(1, 1), Shape(2, 1))]
            seen.to_two_webs = _to_two_webs(session, pair)
        for name in (ours(Shape(1, 1)), theirs(Shape(1, 1))):
            session.tell(f"what a job costs in Redis: {name}")
            share = contestants[name][1]
            seen.costs[name] = cluster_costs.measure(
                places[name], session.clients, questions, share
            )
    return seen


def _prepare(place: Place, questions: Sequence[Question], count: int) -> None:
    """Check the answers, and leave finished jobs to be collected. Raises where one is wrong."""
    api = Jobs()
    wrong = jobs_load.wrong_answers(place.port, api, questions)
    if wrong:
        raise RuntimeError(f"wrong answers: {'; '.join(wrong)}")
    with Connection(place.port) as connection:
        body = connection.ask(batches.request_of(mixed(questions, count))).body
        connection.ask(request("POST", "/api/batch/results?wait=30", body))
    ids = json.loads(body)["job_ids"]
    wrk.write_paths(place.folder / "paths.txt", [f"/api/get_results/{one}" for one in ids])


def _round(session: Session, place: Place, questions: Sequence[Question], share: float) -> Round:
    asked = mixed(questions, int(session.jobs * share))
    jobs = jobs_load.measure(place.port, Jobs(), session.clients, asked)
    many = mixed(questions, int(_BATCH * share))
    with Connection(place.port) as connection:
        batch = batches.one(connection, batches.request_of(many), len(many))
    assert batch is not None, "all of them take batches"
    singles = latency.question_to_answer(place.port, mixed(questions, _SINGLES))
    return Round(
        submit_rate=jobs.submit_rate,
        jobs_rate=jobs.jobs_rate,
        collect_rate=None if wrk.MISSING else _collect_rate(place, _SECONDS),
        batch_rate=batch.answers_rate,
        single_p50_ms=percentile(singles, 0.5),
        single_p99_ms=percentile(singles, 0.99),
        errors=jobs.errors,
    )


def _collect_rate(place: Place, seconds: int) -> float:
    return wrk.get(place.port, place.folder / "paths.txt", _CONNECTIONS, seconds).per_second


def _to_two_webs(session: Session, pair: Sequence[Place]) -> list[float]:
    """Return by how much the second of a pair collects more than the first, round by round."""
    ratios = []
    for number in range(session.rounds + 6):
        session.tell(f"two web processes to one, round {number + 1} of {session.rounds + 6}")
        one, two = (_collect_rate(place, _SECONDS_FOR_GOAL) for place in pair)
        ratios.append(two / one)
    return ratios


def goals(seen: Seen) -> list[Goal]:
    """Return the goals of the second executor."""
    errors = [sum(one.errors for rounds in seen.rounds.values() for one in rounds)]
    return [
        at_least(
            "2 web processes, finished results collected, to 1",
            1.6,
            seen.to_two_webs,
            remark=wrk.MISSING,
        ),
        at_most("errors of all contestants", 0, errors),
    ]
