"""The nine answers, computed without the code that is tested."""

import csv
import json
from decimal import Decimal, Inexact, localcontext
from functools import cache
from typing import Any

from unittests.helpers.files import PROJECT

Group = tuple[str | None, tuple[str, str] | None]
Sum = tuple[Decimal, int]


class Figures:
    """The nine answers, in exact fractions, from dataset/course_rows.csv and nothing else."""

    def __init__(self) -> None:
        folder = PROJECT / "dataset"
        dimensions = json.loads((folder / "dimensions.json").read_text(encoding="utf-8"))
        strata = dimensions["strata"]
        self.directions = {q["question"]: q["best_is"] for q in dimensions["questions"].values()}
        # Sum and count of the estimates of each state and stratum, and, under None, of all.
        self._sums: dict[str, dict[Group, Sum]] = {}
        self._states: dict[str, list[str]] = {}
        with (
            (folder / "course_rows.csv").open(newline="", encoding="utf-8") as file,
            localcontext() as context,
        ):
            context.traps[Inexact] = True  # a fraction all the same, in a tenth of the time
            for row in csv.DictReader(file):
                question = dimensions["questions"][row["question_id"]]["question"]
                state = dimensions["locations"][row["location_abbr"]]["name"]
                stratum = strata.get(row["stratum_id"])
                key = (stratum["category"], stratum["stratum"]) if stratum else None
                value = Decimal(row["value"])
                sums = self._sums.setdefault(question, {})
                for group in {(state, key), (state, None), (None, None)}:
                    total, count = sums.get(group, (Decimal(0), 0))
                    sums[group] = (total + value, count + 1)

    @property
    def questions(self) -> list[str]:
        """Return the questions, in the order of the file."""
        return list(self._sums)

    def mean(
        self, question: str, state: str | None = None, stratum: tuple[str, str] | None = None
    ) -> float:
        """Return a mean as the nearest float to the exact fraction."""
        total, count = self._sums[question][state, stratum]
        numerator, denominator = total.as_integer_ratio()
        return numerator / (denominator * count)  # of whole numbers, so it is rounded once

    def states(self, question: str) -> list[str]:
        """Return the states of a question, ascending by mean, ties by name."""
        if question not in self._states:
            states = {state for state, _ in self._sums[question] if state}
            ascending = sorted(states, key=lambda state: (self.mean(question, state), state))
            self._states[question] = ascending
        return self._states[question]

    def strata(self, question: str, state: str) -> list[tuple[str, str]]:
        """Return the strata of a question in a state, ascending."""
        return sorted(key for name, key in self._sums[question] if name == state and key)

    def answer(self, statistic: str, question: str, state: str | None = None) -> Any:
        """Return what the contract says that a statistic answers."""
        means = {name: self.mean(question, name) for name in self.states(question)}
        overall = self.mean(question)
        high_first = sorted(means.items(), key=lambda item: (-item[1], item[0]))
        best_first, worst_first = high_first, list(means.items())
        if self.directions[question] == "min":
            best_first, worst_first = worst_first, best_first
        wanted = [state] if state else list(means)
        match statistic:
            case "states_mean" | "state_mean":
                return {name: means[name] for name in wanted}
            case "best5":
                return dict(best_first[:5])
            case "worst5":
                return dict(worst_first[:5])
            case "global_mean":
                return {"global_mean": overall}
            case "diff_from_mean" | "state_diff_from_mean":
                return {name: overall - means[name] for name in wanted}
            case "mean_by_category":
                return {
                    repr((name, *stratum)): self.mean(question, name, stratum)
                    for name in sorted(means)
                    for stratum in self.strata(question, name)
                }
            case "state_mean_by_category":
                assert state
                return {
                    state: {
                        repr(stratum): self.mean(question, state, stratum)
                        for stratum in self.strata(question, state)
                    }
                }
        raise KeyError(statistic)


@cache
def figures() -> Figures:
    """Return the figures, read once in a process: they do not change."""
    return Figures()
