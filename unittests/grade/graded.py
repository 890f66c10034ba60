"""Servers to grade: the plain one and its mutants, on a file of few rows, forked for speed."""

import csv
import random
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from app.grade.bench import Bench, Launch, Places, Process
from app.grade.checks import Check, all_checks
from app.grade.expected import Expected
from app.grade.findings import Outcome
from app.grade.grading import Grading, grade
from app.grade.http_client import Address
from app.grade.weights import read_weights
from unittests.grade.mutants import PLAIN, Mutant
from unittests.helpers.forked import Forked
from unittests.helpers.server import free_port

_COLUMNS = ("YearStart", "YearEnd", "LocationDesc", "Question", "QuestionID", "Data_Value",
            "StratificationCategory1", "Stratification1")  # fmt: skip
_STATES = ("National", "Guam", "Ohio", "Texas", "Iowa", "Utah", "Maine", "Puerto Rico")
_STRATA = (
    ("Sex", "Male"),
    ("Sex", "Female"),
    ("", ""),
    *(("Income", f"{number}0,000") for number in range(9)),
)
# What a forked server does that `python FILE` with PYTHONPATH and TZ does by itself.
_PREFACE = """\
import os, sys, time
os.setsid()
time.tzset()
if "PYTHONPATH" in os.environ:
    sys.setswitchinterval(5e-5)
"""


def small_csv(path: Path) -> Path:
    """Write a file of the course's layout: two questions, eight states, and what is left out."""
    chance = random.Random(7)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for question, name in (("Q036", "Percent of obesity"), ("Q043", "Percent of activity")):
            for place, state in enumerate(_STATES):
                for number, stratum in enumerate(_STRATA):
                    year = 2011 + (place + number) % 12
                    value = round(20 + chance.random() * 40, 1)
                    writer.writerow([year, year, state, name, question, value, *stratum])
                writer.writerow([2010, 2010, state, name, question, 99, *_STRATA[0]])
                writer.writerow([2023, 2023, state, name, question, 99, *_STRATA[0]])
                writer.writerow([2012, 2012, state, name, question, "", *_STRATA[0]])
    return path


def forked(source: str, folder: Path, port: int, data: Path) -> Launch:
    """Return what starts a server of this source in a folder."""
    numbers = count(1)

    def launch(environ: Mapping[str, str]) -> Process:
        program = ["-c", _PREFACE + source, str(port), str(data)]
        errors = folder / f"errors-{next(numbers)}.txt"
        errors.touch()
        return Forked(program, {"TZ": "UTC", **environ}, folder, errors=errors)

    return launch


def bench_of(
    folder: Path, mutant: Mutant | None = None, *, seed: int = 1, seconds: float = 20.0
) -> Bench:
    """Return a bench for the plain server, or a mutant of it.

    It has less patience with a mutant: there, what hangs for no reason costs no finding.
    """
    data, port = small_csv(folder / "data.csv"), free_port()
    source = mutant.source() if mutant else PLAIN.read_text(encoding="utf-8")
    return Bench(
        Address(f"http://127.0.0.1:{port}", timeout=1.5 if mutant else 5.0),
        Expected(data),
        Places(folder / "results", folder / "webserver.log"),
        forked(source, folder, port, data),
        seed=seed,
        seconds=seconds,
        patience=2.0 if mutant else 6.0,
        faults=mutant.found if mutant else (),
    )


def check_named(name: str) -> Check:
    """Return a check."""
    return next(check for check in all_checks() if check.name == name)


def outcome_of(bench: Bench, name: str) -> Outcome:
    """Run one check, and return what came of it."""
    return graded(bench, name).outcomes[0]


def graded(bench: Bench, *names: str) -> Grading:
    """Run checks, or all of them."""
    return grade(bench, read_weights(), 1, only=names)
