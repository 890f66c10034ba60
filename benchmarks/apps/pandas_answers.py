"""The nine statistics as pandas has them: a filter and a groupby for each request."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from app.datasets.questions import LOWER_IS_BETTER

_STRATUM = ["StratificationCategory1", "Stratification1"]
_COLUMNS = ["YearStart", "YearEnd", "LocationDesc", "Question", "QuestionID", "Data_Value"]


class PandasAnswers:
    """The dataset as a DataFrame in memory."""

    def __init__(self, path: str) -> None:
        data = pd.read_csv(path, usecols=[*_COLUMNS, *_STRATUM])
        self._data = data[(data["YearStart"] >= 2011) & (data["YearEnd"] <= 2022)]
        self._computes: dict[str, Callable[[Any, str], dict[str, Any]]] = {
            "states_mean": lambda rows, _: self._states(rows).to_dict(),
            "state_mean": lambda rows, state: {state: self._of_state(rows, state)},
            "best5": lambda rows, _: self._five(rows, best=True),
            "worst5": lambda rows, _: self._five(rows, best=False),
            "global_mean": lambda rows, _: {"global_mean": rows["Data_Value"].mean()},
            "diff_from_mean": self._differences,
            "state_diff_from_mean": self._difference,
            "mean_by_category": self._by_category,
            "state_mean_by_category": self._state_by_category,
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The statistics, as URLs name them."""
        return tuple(self._computes)

    def answer(self, statistic: str, question: str, state: str) -> dict[str, Any]:
        """Return one statistic of one question."""
        rows = self._data[self._data["Question"] == question]
        return self._computes[statistic](rows, state)

    @staticmethod
    def _states(rows: Any) -> Any:
        return rows.groupby("LocationDesc")["Data_Value"].mean().sort_values(kind="stable")

    @staticmethod
    def _of_state(rows: Any, state: str) -> Any:
        return rows.loc[rows["LocationDesc"] == state, "Data_Value"].mean()

    def _five(self, rows: Any, *, best: bool) -> dict[str, Any]:
        lower_is_better = rows["QuestionID"].iloc[0] in LOWER_IS_BETTER
        means = rows.groupby("LocationDesc")["Data_Value"].mean()
        ordered = means.sort_values(ascending=lower_is_better == best, kind="stable")
        five: dict[str, Any] = ordered.head(5).to_dict()
        return five

    def _differences(self, rows: Any, _state: str) -> dict[str, Any]:
        differences: dict[str, Any] = (rows["Data_Value"].mean() - self._states(rows)).to_dict()
        return differences

    def _difference(self, rows: Any, state: str) -> dict[str, Any]:
        return {state: rows["Data_Value"].mean() - self._of_state(rows, state)}

    @staticmethod
    def _by_category(rows: Any, _state: str) -> dict[str, Any]:
        means = rows.groupby(["LocationDesc", *_STRATUM])["Data_Value"].mean()
        return {str(key): mean for key, mean in means.items()}

    @staticmethod
    def _state_by_category(rows: Any, state: str) -> dict[str, Any]:
        means = rows[rows["LocationDesc"] == state].groupby(_STRATUM)["Data_Value"].mean()
        return {state: {str(key): mean for key, mean in means.items()}}
