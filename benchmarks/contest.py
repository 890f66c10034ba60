"""The contest: all contestants in turns, round after round, under the same load."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmarks import jobs_load
from benchmarks.asking import Question, all_questions, mixed
from benchmarks.contestants import BARE, Contestant, all_contestants
from benchmarks.jobs_load import Figures
from benchmarks.session import Session

Rounds = Mapping[str, Sequence[Figures]]


class Contest(NamedTuple):
    """What was seen: figures by contestant and round, and why some are left out."""

    rounds: Rounds
    remarks: dict[str, str]
    left_out: dict[str, str]


def run(session: Session) -> Contest:
    """Measure every contestant that can run here, once a round."""
    questions = all_questions()
    contestants = all_contestants()
    able = [one for one in contestants if not one.missing]
    rounds: dict[str, list[Figures]] = {one.name: [] for one in able}
    for number in range(session.rounds):
        for one in able:
            session.tell(f"contest, round {number + 1} of {session.rounds}: {one.name}")
            rounds[one.name].append(_once(session, one, questions, check=not number))
    return Contest(
        rounds,
        {one.name: one.remark for one in able if one.remark},
        {one.name: one.missing for one in contestants if one.missing},
    )


def _once(
    session: Session, one: Contestant, questions: Sequence[Question], *, check: bool
) -> Figures:
    """Start a contestant, warm it up, measure it, and stop it. Raises when it answers wrongly."""
    with session.programs() as programs:
        port = one.start(programs)
        if check:
            wrong = jobs_load.wrong_answers(port, one.api, questions)
            if wrong:
                raise RuntimeError(f"{one.name} answers wrongly: {'; '.join(wrong)}")
        jobs = max(len(questions), int(session.jobs * one.share))
        jobs_load.measure(
            port, one.api, session.clients, mixed(questions, max(len(questions), jobs // 10))
        )
        return jobs_load.measure(port, one.api, session.clients, mixed(questions, jobs))


def ratios(rounds: Rounds, name: str, other: str, figure: str = "jobs_rate") -> list[float]:
    """Return by how much one contestant's figure was another's, round by round."""
    return [
        getattr(one, figure) / getattr(to, figure)
        for one, to in zip(rounds[name], rounds[other], strict=True)
    ]


def ratio_to_bare(rounds: Rounds, name: str) -> float:
    """Return the median of the ratios of jobs to those of the bare route on the same server."""
    return statistics.median(ratios(rounds, name, BARE)) if BARE in rounds else math.nan


def median(figures: Sequence[Figures], name: str) -> float:
    """Return the median of one figure over the rounds."""
    return float(statistics.median(getattr(one, name) for one in figures))
