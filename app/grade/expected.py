"""What the nine routes answer, from the CSV file by the contract's words and nothing else."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROUTES = (
    "states_mean", "state_mean", "best5", "worst5", "global_mean", "diff_from_mean",
    "state_diff_from_mean", "mean_by_category", "state_mean_by_category",
)  # fmt: skip
OF_A_STATE = frozenset({"state_mean", "state_diff_from_mean", "state_mean_by_category"})
# Questions whose best is the lowest mean, by CDC's id; of all others it is the highest.
LOW_IS_GOOD = frozenset({"Q036", "Q037", "Q047", "Q018", "Q019"})
FIRST_YEAR, LAST_YEAR = 2011, 2022

_COLUMNS = ("YearStart", "LocationDesc", "Question", "QuestionID", "Data_Value",
            "StratificationCategory1", "Stratification1")  # fmt: skip


class DataError(ValueError):
    """A file whose answers cannot be known; the message says why."""


class Expected:
    """The right answers to a file of the course's layout."""

    def __init__(self, path: Path) -> None:
        """Read the file; raise DataError where it is no such file."""
        self._values: dict[str, dict[str, dict[tuple[str, str], list[float]]]] = {}
        self._low_is_good: set[str] = set()
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                reader = csv.DictReader(file)
                lacking = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
                if lacking:
                    raise DataError(f"{path} has no column {lacking[0]}")
                for row in reader:
                    self._add(row)
        except (UnicodeDecodeError, csv.Error) as error:
            raise DataError(f"{path}: {error}") from None
        if not self._values:
            raise DataError(f"{path} has no values of {FIRST_YEAR} to {LAST_YEAR}")

    def _add(self, row: dict[str, str]) -> None:
        text, years = row["Data_Value"] or "", [row["YearStart"], row.get("YearEnd")]
        try:
            inside = all(FIRST_YEAR <= int(float(year)) <= LAST_YEAR for year in years if year)
            value = float(text)
        except ValueError:
            return
        if not inside or not math.isfinite(value):
            return
        question, state = row["Question"], row["LocationDesc"]
        stratum = (row["StratificationCategory1"] or "", row["Stratification1"] or "")
        strata = self._values.setdefault(question, {}).setdefault(state, {})
        strata.setdefault(stratum if all(stratum) else ("", ""), []).append(value)
        if row["QuestionID"] in LOW_IS_GOOD:
            self._low_is_good.add(question)

    @property
    def questions(self) -> list[str]:
        """The questions, in the order of the file."""
        return list(self._values)

    def states(self, question: str) -> list[str]:
        """Return the states that have an answer to a question, by name."""
        return sorted(self._values[question])

    def cases(self) -> Iterator[tuple[str, str, str | None]]:
        """Give everything that can be asked: route, question, and state where one is needed."""
        for question in self.questions:
            for route in ROUTES:
                for state in self.states(question) if route in OF_A_STATE else (None,):
                    yield route, question, state

    def answer(self, route: str, question: str, state: str | None = None) -> dict[str, Any]:
        """Return the data of the answer."""
        values = self._values[question]
        if route == "global_mean":
            return {"global_mean": self._global_mean(question)}
        if route == "mean_by_category":
            return {
                repr((name, *stratum)): _mean(values[name][stratum])
                for name in sorted(values)
                for stratum in sorted(values[name])
                if all(stratum)
            }
        if route == "state_mean_by_category":
            strata = values[state or ""]
            return {
                state or "": {
                    repr(stratum): _mean(strata[stratum])
                    for stratum in sorted(strata)
                    if all(stratum)
                }
            }
        means = {
            name: _mean([one for part in strata.values() for one in part])
            for name, strata in values.items()
        }
        ascending = dict(sorted(means.items(), key=lambda item: (item[1], item[0])))
        descending = dict(sorted(means.items(), key=lambda item: (-item[1], item[0])))
        low_first = question in self._low_is_good
        match route:
            case "states_mean":
                return ascending
            case "state_mean":
                return {state or "": means[state or ""]}
            case "best5":
                return _first_five(ascending if low_first else descending)
            case "worst5":
                return _first_five(descending if low_first else ascending)
            case "diff_from_mean":
                overall = self._global_mean(question)
                return {name: overall - mean for name, mean in ascending.items()}
            case "state_diff_from_mean":
                return {state or "": self._global_mean(question) - means[state or ""]}
        raise KeyError(route)

    def _global_mean(self, question: str) -> float:
        return _mean(
            [
                one
                for strata in self._values[question].values()
                for part in strata.values()
                for one in part
            ]
        )


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def _first_five(means: dict[str, float]) -> dict[str, float]:
    return dict(list(means.items())[:5])


# Routes whose order the contract fixes.
ORDERED = frozenset({"states_mean", "best5", "worst5", "mean_by_category",
                     "state_mean_by_category"})  # fmt: skip
