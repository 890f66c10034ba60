"""How long a question takes of each statistic, over the release that comes with the program.

Each is checked and answered on a single thread, without a server and without a cache, as if nobody
had asked it before. Milliseconds of processor time, the median of some rounds, and the most that a
round took; `check` is the part until a job is accepted. Those with a simulation are marked.
"""

import argparse
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, NamedTuple

from app.answers.compute import Answers, Caches
from app.data_ingestor import DataIngestor
from app.sources import BOX, RELEASE
from app.statistics.registry import STATISTICS
from benchmarks.tables import number, progress, table


class _Asked(NamedTuple):
    label: str
    statistic: str
    body: dict[str, Any]


_ONE = {"question": "Q036"}
_EACH_STATE = {"question": "Q036", "group_by": ["state"]}
_OHIO = {"question": "Q036", "where": {"state": "Ohio"}}
_INCOME = {"question": "Q036", "category": "Income"}
_AGED = {"adjust": "age2000"}

_QUESTIONS = (
    _Asked("one estimate", "query", _OHIO),
    _Asked("each state", "query", _EACH_STATE),
    _Asked("each year of a state", "query", {**_OHIO, "group_by": ["year"]}),
    _Asked("each state, by age", "query", {**_EACH_STATE, **_AGED}),
    _Asked("pooled strata", "query", {**_EACH_STATE, "method": "sample_weighted"}),
    _Asked("one state", "trend", {**_ONE, "state": "Ohio"}),
    _Asked("all states", "trend", _ONE),
    _Asked("all states", "change", _ONE),
    _Asked("all states, by age", "change", {**_ONE, **_AGED}),
    _Asked("", "ranking", _ONE),
    _Asked("one state's own rank", "ranking", {**_ONE, "state": "Ohio"}),
    _Asked("by age", "ranking", {**_ONE, **_AGED}),
    _Asked("by differences (simulated)", "ranking", {**_ONE, "method": "differences"}),
    _Asked("the nation", "disparity", _INCOME),
    _Asked("the nation (simulated)", "inequality", _INCOME),
    _Asked("two states", "compare", {"states": ["Ohio", "Texas"]}),
    _Asked("two states, by age", "compare", {"states": ["Ohio", "Texas"], **_AGED}),
    _Asked("two strata", "compare", {"strata": ["Male", "Female"]}),
    _Asked("all other states", "against", {**_ONE, "state": "Ohio"}),
    _Asked("", "correlation", {"questions": ["Q036", "Q047"]}),
    _Asked("", "mean_by_category", _ONE),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--rounds", type=int, default=15)


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    del folder
    source = next(one for one in BOX.datasets if one.name == RELEASE)
    dataset = DataIngestor(source.path)
    lines = []
    for label, name, body in _QUESTIONS:
        progress(f"{name} {label}")
        _taken(dataset, name, body)  # imports, and adds up what is added up once
        rounds = [_taken(dataset, name, body) for _ in range(options.rounds)]
        checks, answers = zip(*rounds, strict=True)
        figures = (median(checks), median(answers), max(answers))
        lines.append([f"`{name}` {label}".strip(), *(number(1000 * one) for one in figures)])
    table(["question", "check, ms", "check and answer, ms", "at most, ms"], lines)


def _taken(dataset: DataIngestor, name: str, body: dict[str, Any]) -> tuple[float, float]:
    """Return the seconds until a question was checked, and until it was answered."""
    answers = Answers(RELEASE, dataset, STATISTICS, Caches(0), 0.0)
    began = process_time()
    request = answers.request(STATISTICS[name], body)
    checked = process_time()
    answers.answer(request)
    return checked - began, process_time() - began
