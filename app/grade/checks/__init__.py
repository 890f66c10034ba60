"""A module for each check."""

from collections.abc import Callable
from dataclasses import dataclass

from app.grade.bench import Bench


@dataclass(frozen=True, slots=True)
class Check:
    """What looks for faults of one kind, and what it needs beside an address."""

    name: str
    looks_for: str
    run: Callable[[Bench], None]
    sections: tuple[str, ...] = ()  # of the contract
    starts: bool = False  # it starts servers of its own
    ends: bool = False  # it ends the server that it asks
    reads: str = ""  # "results" or "log"


def all_checks() -> tuple[Check, ...]:
    """Return the checks, in the order in which they run."""
    from app.grade.checks import (
        answers,
        drain,
        files,
        identity,
        left_open,
        log,
        polling,
        refusals,
        workers,
    )

    return (
        Check(
            "answers",
            "nine routes, each question and state, against the CSV",
            answers.run,
            ("answers",),
        ),
        Check(
            "identity",
            "ids given twice, skipped, or with another's answer",
            identity.run,
            ("ids",),
        ),
        Check(
            "impatience",
            "errors, lost jobs and halves for who asks often",
            polling.run,
            ("results", "lists"),
        ),
        Check(
            "files", "torn, late or wrong files in results/", files.run, ("files",), reads="results"
        ),
        Check("input", "what a bad body does", refusals.run, ("refusals",)),
        Check(
            "log",
            "entry and exit, UTC, rotation, torn lines",
            log.run,
            ("log",),
            starts=True,
            reads="log",
        ),
        Check(
            "workers",
            "their number, speed-up, idle CPU, growth, bad jobs",
            workers.run,
            ("workers",),
            starts=True,
        ),
        Check("drain", "what a shutdown under load loses", drain.run, ("shutdown",), ends=True),
        Check("left open", "what the course leaves open: told, not graded", left_open.run),
    )
