"""What is asked of a contestant, in the form that it understands, and the right answers."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

from app.data_ingestor import DataIngestor
from app.statistics.course import STATISTICS
from benchmarks.load import request
from benchmarks.programs import PROJECT

DATASET = PROJECT / "nutrition_activity_obesity_usa_subset.csv"
_STATE = "Ohio"


class Question(NamedTuple):
    """One question to one statistic, and its right answer."""

    statistic: str
    question: str
    state: str
    answer: Mapping[str, Any]

    @property
    def body(self) -> bytes:
        """The body of a POST that asks it."""
        return json.dumps({"question": self.question, "state": self.state}).encode()


def all_questions() -> list[Question]:
    """Return every statistic of every question of the bundled dataset."""
    tables = DataIngestor(DATASET).tables
    return [
        Question(
            name,
            text,
            _STATE,
            dict(statistic.compute(table, *((_STATE,) if statistic.needs_state else ()))),
        )
        for text, table in tables.items()
        for name, statistic in STATISTICS.items()
    ]


def mixed(questions: Sequence[Question], count: int) -> list[Question]:
    """Return `count` questions, all kinds in turn."""
    return list(islice(cycle(questions), count))


class Api(Protocol):
    """How a contestant is asked."""

    def submits(self, asked: Sequence[Question]) -> list[bytes]:
        """Return the requests that submit jobs; none where a question is answered at once."""

    def collects(self, asked: Sequence[Question], submitted: Sequence[bytes]) -> list[bytes]:
        """Return the requests that collect the answers of what was submitted."""

    def answer(self, question: Question, body: bytes) -> Mapping[str, Any] | None:
        """Return what was answered in the form of the contract; None where nothing was."""


@dataclass(frozen=True)
class Jobs:
    """The contract's routes: POST a question, GET the result of the job."""

    def submits(self, asked: Sequence[Question]) -> list[bytes]:
        """Return a POST for each question."""
        return [request("POST", f"/api/{one.statistic}", one.body) for one in asked]

    def collects(self, asked: Sequence[Question], submitted: Sequence[bytes]) -> list[bytes]:
        """Return a GET for each job."""
        del asked
        ids = [json.loads(body)["job_id"] for body in submitted]
        return [request("GET", f"/api/get_results/{one}") for one in ids]

    def answer(self, question: Question, body: bytes) -> Mapping[str, Any] | None:
        """Return the result's data."""
        del question
        data: Mapping[str, Any] = json.loads(body)["data"]
        return data


@dataclass(frozen=True)
class Bare:
    """Routes that do nothing: one to POST to, one to GET."""

    def submits(self, asked: Sequence[Question]) -> list[bytes]:
        """Return a POST for each question."""
        return [request("POST", "/submit", one.body) for one in asked]

    def collects(self, asked: Sequence[Question], submitted: Sequence[bytes]) -> list[bytes]:
        """Return as many GETs."""
        del asked
        return [request("GET", "/collect")] * len(submitted)

    def answer(self, question: Question, body: bytes) -> Mapping[str, Any] | None:
        """Return None: it answers nothing."""
        del question, body
        return None


@dataclass(frozen=True)
class Sql:
    """Datasette's stored queries: one GET is the question and brings the answer."""

    def submits(self, asked: Sequence[Question]) -> list[bytes]:
        """Return none: there are no jobs."""
        del asked
        return []

    def collects(self, asked: Sequence[Question], submitted: Sequence[bytes]) -> list[bytes]:
        """Return a GET for each question."""
        del submitted
        return [request("GET", self._path(one)) for one in asked]

    @staticmethod
    def _path(one: Question) -> str:
        named = {"question": one.question, "_shape": "arrays"}
        if STATISTICS[one.statistic].needs_state:
            named["state"] = one.state
        return f"/brfss/{one.statistic}.json?{urlencode(named)}"

    def answer(self, question: Question, body: bytes) -> Mapping[str, Any] | None:
        """Return the rows as the contract has them: the last column is the mean, others name it."""
        rows = json.loads(body)["rows"]
        if question.statistic == "state_mean_by_category":
            return {question.state: {repr(tuple(key)): mean for _, *key, mean in rows}}
        return {key[0] if len(key) == 1 else repr(tuple(key)): mean for *key, mean in rows}


def is_final(body: bytes) -> bool:
    """Tell whether an answer is more than that the job is not finished yet."""
    return b'"running"' not in body[-24:]


def alike(seen: object, right: object) -> bool:
    """Tell whether two answers have the same keys, and the same means but for the rounding."""
    if isinstance(right, Mapping):
        return (
            isinstance(seen, Mapping)
            and seen.keys() == right.keys()
            and all(alike(seen[key], right[key]) for key in right)
        )
    return (
        isinstance(seen, float)
        and isinstance(right, float)
        and math.isclose(seen, right, rel_tol=1e-9, abs_tol=1e-9)
    )
