"""A grading: the checks one after another, their outcomes, and the score."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from app.grade.bench import Bench, Running
from app.grade.checks import Check, all_checks
from app.grade.faults import FAULTS, SECTIONS
from app.grade.findings import CannotGradeError, Finding, Outcome
from app.grade.weights import Weights


@dataclass(frozen=True, slots=True)
class Grading:
    """What came of all checks."""

    url: str
    seed: int
    began: float  # seconds since 1970
    outcomes: Sequence[Outcome]
    weights: Weights

    @property
    def findings(self) -> list[Finding]:
        """All findings, those that cost most first; a fault in a route counts once."""
        seen: dict[tuple[str, str], Finding] = {}
        for outcome in self.outcomes:
            for finding in outcome.findings:
                seen.setdefault((finding.fault.name, finding.where), finding)
        return sorted(seen.values(), key=lambda finding: -self.weights.cost(finding))

    @property
    def scores(self) -> dict[str, tuple[float, float]]:
        """Points and full points of each section that was looked at."""
        looked_at = {section for one in self.outcomes for section in one.sections}
        looked_at |= {finding.fault.section for finding in self.findings}
        return {
            section: (self.weights.score(section, self.findings), self.weights.sections[section])
            for section in SECTIONS
            if section in looked_at
        }

    @property
    def score(self) -> tuple[float, float]:
        """Points, and full points."""
        scores = self.scores.values()
        return sum(points for points, _ in scores), sum(full for _, full in scores)


def grade(
    bench: Bench,
    weights: Weights,
    seed: int,
    *,
    only: Sequence[str] = (),
    drains: bool = False,
    told: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Grading:
    """Run the checks, all or `only` some, and return what came of them.

    With `drains` a server that we did not start is shut down, too. `told` hears how many checks
    are done, of how many, and which one runs. Raises CannotGradeError.
    """
    began = time.time()
    sections = {FAULTS[name].section for name in bench.faults}
    checks = [
        check
        for check in all_checks()
        if (not only or check.name in only)
        and (not sections or not sections.isdisjoint(check.sections))
    ]
    if not checks:
        raise CannotGradeError("none of these checks looks for such a fault")
    outcomes: list[Outcome] = []
    shared: AbstractContextManager[Running] | None = None
    running: Running | None = None

    def stop() -> None:
        nonlocal shared, running
        if shared is not None:
            shared.__exit__(None, None, None)
        shared = running = None

    try:
        for number, check in enumerate(checks):
            told(number, len(checks), check.name)
            bench.outcome = Outcome(check.name, check.looks_for)
            outcomes.append(bench.outcome)
            bench.outcome.left_out = _left_out(bench, check, drains)
            if bench.outcome.left_out:
                continue
            bench.outcome.sections = check.sections
            since = time.monotonic()
            own = check.starts or check.ends or check.name == "left open"
            if own or (running is not None and running.process is not None and running.reap()):
                stop()
            try:
                if not own and running is None:
                    entered = bench.server()
                    running = entered.__enter__()
                    shared = entered
                    bench.check_admitted()
                check.run(bench)
            except CannotGradeError as error:
                if not any(outcome.seconds for outcome in outcomes):
                    raise
                bench.outcome.left_out = str(error)  # what others found counts
                bench.outcome.sections = ()
            bench.outcome.seconds = time.monotonic() - since
        told(len(checks), len(checks), "")
    finally:
        stop()
    if all(outcome.left_out for outcome in outcomes):
        why = "; ".join(f"{outcome.name}: {outcome.left_out}" for outcome in outcomes)
        raise CannotGradeError(f"no check could be run; {why}")
    return Grading(bench.address.url, seed, began, outcomes, weights)


def _left_out(bench: Bench, check: Check, drains: bool) -> str:
    """Tell why a check cannot be run; nothing where it can."""
    if check.starts and not bench.can_start:
        return "it starts servers of its own: --start says how"
    if check.ends and not bench.can_start and not drains:
        return "it shuts the server down: --drain asks for it"
    if check.reads and getattr(bench.places, check.reads) is None:
        return f"it reads {check.reads}: --cwd, or --{check.reads}, says where"
    return ""
