"""The nine answers, computed without the code that is tested."""

import csv
import json
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from unittests.helpers.files import PROJECT

Group = tuple[str | None, tuple[str, str] | None]


class Figures:
    """The nine answers, from exact sums of dataset/course_rows.csv and nothing else."""

    def __init__(self) -> None:
        folder = PROJECT / "dataset"
        dimensions = json.loads((folder / "dimensions.json").read_text(encoding="utf-8"))
        strata = dimensions["strata"]
        self.directions = {q["question"]: q["best_is"] for q in dimensions["questions"].values()}
        # The estimates of each state and stratum, and, under None, of all.
        estimates: dict[str, dict[Group, list[Decimal]]] = {}
        with (folder / "course_rows.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                question = dimensions["questions"][row["question_id"]]["question"]
                state = dimensions["locations"][row["location_abbr"]]["name"]
                stratum = strata.get(row["stratum_id"])
                key = (stratum["category"], stratum["stratum"]) if stratum else None
                groups = estimates.setdefault(question, {})
                for group in {(state, key), (state, None), (None, None)}:
                    groups.setdefault(group, []).append(Decimal(row["value"]))
        # Sums of decimals are exact here: they have far fewer digits than the 28 that are kept.
        self._means = {
            question: {
                group: float(Fraction(sum(values)) / len(values))
                for group, values in groups.items()
            }
            for question, groups in estimates.items()
        }
        self._states = {
            question: sorted(
                {state for state, _ in means if state},
                key=lambda state: (means[state, None], state),
            )
            for question, means in self._means.items()
        }

    @property
    def questions(self) -> list[str]:
        """Return the questions, in the order of the file."""
        return list(self._means)

    def mean(
        self, question: str, state: str | None = None, stratum: tuple[str, str] | None = None
    ) -> float:
        """Return a mean as the nearest float to the exact fraction."""
        return self._means[question][state, stratum]

    def states(self, question: str) -> list[str]:
        """Return the states of a question, ascending by mean, ties by name."""
        return [*self._states[question]]

    def strata(self, question: str, state: str) -> list[tuple[str, str]]:
        """Return the strata of a question in a state, ascending."""
        return sorted(key for name, key in self._means[question] if name == state and key)

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
