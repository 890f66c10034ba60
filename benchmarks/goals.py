"""The goals, each with what was seen: ratios of one run, so that the machine matters little."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import batches, contest, crowds, latency, starts
from benchmarks.contest import Rounds
from benchmarks.contestants import BARE, OURS, UNCACHED, USUAL, uncached
from benchmarks.session import Session

_CROWDS = (64, 256)
_THREADS = (1, 2, 4, 8, 16)
_WAITING = 200
# "In proportion to the clients", with the tenth that is allowed to the throughput.
_IN_PROPORTION = 1.1


@dataclass(frozen=True)
class Goal:
    """A goal and what was seen of it: median, least and most of the rounds; none, not measured."""

    name: str
    wanted: float
    at_least: bool
    unit: str
    seen: float | None = None
    low: float | None = None
    high: float | None = None
    remark: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where it was not measured."""
        if self.seen is None:
            return None
        return self.seen >= self.wanted if self.at_least else self.seen <= self.wanted

    @property
    def verdict(self) -> str:
        """What to print."""
        return {True: "met", False: "not met", None: "not available"}[self.met]


def at_least(
    name: str, wanted: float, seen: Sequence[float], unit: str = "", remark: str = ""
) -> Goal:
    """Return a goal that is met by as much as is wanted, or more."""
    return _goal(name, wanted, True, unit, seen, remark)


def at_most(
    name: str, wanted: float, seen: Sequence[float], unit: str = "", remark: str = ""
) -> Goal:
    """Return a goal that is met by as little as is wanted, or less."""
    return _goal(name, wanted, False, unit, seen, remark)


def _goal(
    name: str, wanted: float, least: bool, unit: str, seen: Sequence[float], remark: str
) -> Goal:
    if not seen:
        return Goal(name, wanted, least, unit, remark=remark)
    return Goal(name, wanted, least, unit, statistics.median(seen), min(seen), max(seen), remark)


def of_contest(rounds: Rounds) -> list[Goal]:
    """Return the goals that the contest shows."""

    def ratios(name: str, other: str, figure: str) -> list[float]:
        ran = name in rounds and other in rounds
        return contest.ratios(rounds, name, other, figure) if ran else []

    goals = [at_least("jobs, to the usual way", 10, ratios(OURS, USUAL, "jobs_rate"))]
    for name, how in ((OURS, ""), (UNCACHED, ", no answer cached")):
        goals += [
            at_least(f"jobs, to bare{how}", 0.75, ratios(name, BARE, "jobs_rate")),
            at_least(f"collecting, to bare{how}", 0.9, ratios(name, BARE, "collect_rate")),
        ]
    return goals


def measured(session: Session) -> list[Goal]:
    """Measure what the contest does not show, and return the goals of it."""
    return [
        *_of_one_client(session, ""),
        *(_of_one_client(session, ", no answer cached") if uncached() else ()),
        *_of_crowds(session),
        _of_threads(session),
        _of_waiting(session),
        _of_batches(session, ""),
        *([_of_batches(session, ", no answer cached")] if uncached() else ()),
        at_most("start to first answer", 1, starts.measure(session), "s"),
        at_most("the same, 106,000 rows", 1, starts.measure_rows(session), "s"),
    ]


def _of_one_client(session: Session, how: str) -> list[Goal]:
    rounds = latency.measure(session, cached=not how)
    return [
        at_most(
            f"one client, question to answer, p50, to bare{how}",
            2.5,
            [one.p50_ms / one.bare_p50_ms for one in rounds],
        ),
        at_most(
            f"one client, question to answer, p99, to bare{how}",
            5,
            [one.p99_ms / one.bare_p99_ms for one in rounds],
        ),
    ]


def _of_crowds(session: Session) -> list[Goal]:
    rounds = crowds.by_clients(session, (session.clients, *_CROWDS))
    few = rounds[session.clients]
    goals = []
    for count in _CROWDS:
        pairs = list(zip(rounds[count], few, strict=True))
        share = session.clients / count
        goals += [
            at_least(
                f"{count} clients, jobs, to {session.clients}",
                0.9,
                [many.jobs_rate / one.jobs_rate for many, one in pairs],
            ),
            at_most(
                f"{count} clients, p99 for each client, to {session.clients}",
                _IN_PROPORTION,
                [many.request_p99_ms / one.request_p99_ms * share for many, one in pairs],
            ),
            at_most(f"{count} clients, errors", 0, [sum(many.errors for many, _ in pairs)]),
        ]
    return goals


def _of_threads(session: Session) -> Goal:
    rounds = crowds.by_threads(session, _THREADS)
    rates = {count: contest.median(figures, "jobs_rate") for count, figures in rounds.items()}
    # What more threads cost: each count beside the best of the smaller ones.
    slower = {
        more: rates[more] / max(rates[fewer] for fewer in _THREADS if fewer < more)
        for more in _THREADS[1:]
    }
    worst = min(slower, key=slower.__getitem__)
    return at_least(
        "1 to 16 worker threads, jobs, to the best with fewer",
        0.9,
        [slower[worst]],
        remark=f"least with {worst} threads",
    )


def _of_waiting(session: Session) -> Goal:
    rounds = crowds.while_others_wait(session, _WAITING)
    waited = min(one.waited for one in rounds)
    return at_least(
        f"{_WAITING} clients wait, jobs of {session.clients} others, to without them",
        0.9,
        [one.jobs_rate / one.jobs_rate_alone for one in rounds] if waited else [],
        remark="" if waited == _WAITING else f"{waited} were let wait, the others answered at once",
    )


def _of_batches(session: Session, how: str) -> Goal:
    seen = batches.measure(session, cached=not how) or []
    return at_least(
        f"batches of 10,000{how}",
        20_000,
        [one.answers_rate for one in seen],
        "answers/s",
        f"{seen[0].megabytes:.0f} MB each" if seen else "",
    )
