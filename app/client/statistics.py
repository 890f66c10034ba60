"""The fifteen statistics as methods: each submits a job and waits for its answer.

`timeout` is in seconds, None for the client's own. Questions and states are passed on as they are:
full texts, CDC's ids and abbreviations are understood by the server. What is left out (None) is not
sent. docs/asking.md of the server tells what the answers mean.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, cast

from app.client.errors import UnexpectedAnswer
from app.client.table import Data, Table

Means = dict[str, float]
Texts = str | Sequence[str]

# As the server names them; the first nine answer dictionaries, the others tables.
STATISTICS = (
    "states_mean",
    "state_mean",
    "best5",
    "worst5",
    "global_mean",
    "diff_from_mean",
    "state_diff_from_mean",
    "mean_by_category",
    "state_mean_by_category",
    "query",
    "trend",
    "ranking",
    "disparity",
    "compare",
    "correlation",
)


class Asking(ABC):
    """The statistics, for a class that has `ask`."""

    @abstractmethod
    def ask(
        self, statistic: str, asked: Mapping[str, Any], timeout: float | None = None
    ) -> Data | Table:
        """Submit a job and return its answer, waiting for it."""

    def states_mean(self, question: str, *, timeout: float | None = None) -> Means:
        """Return the mean of each state, ascending."""
        return self._means("states_mean", timeout, question=question)

    def state_mean(self, question: str, state: str, *, timeout: float | None = None) -> Means:
        """Return the mean of one state, keyed by its name."""
        return self._means("state_mean", timeout, question=question, state=state)

    def best5(self, question: str, *, timeout: float | None = None) -> Means:
        """Return the five states with the best means, best first."""
        return self._means("best5", timeout, question=question)

    def worst5(self, question: str, *, timeout: float | None = None) -> Means:
        """Return the five states with the worst means, worst first."""
        return self._means("worst5", timeout, question=question)

    def global_mean(self, question: str, *, timeout: float | None = None) -> Means:
        """Return the mean over all states, under `global_mean`."""
        return self._means("global_mean", timeout, question=question)

    def diff_from_mean(self, question: str, *, timeout: float | None = None) -> Means:
        """Return the global mean minus the mean of each state."""
        return self._means("diff_from_mean", timeout, question=question)

    def state_diff_from_mean(
        self, question: str, state: str, *, timeout: float | None = None
    ) -> Means:
        """Return the global mean minus the mean of one state."""
        return self._means("state_diff_from_mean", timeout, question=question, state=state)

    def mean_by_category(self, question: str, *, timeout: float | None = None) -> Means:
        """Return the mean of each stratum of each state.

        Keys are such as `"('Ohio', 'Income', 'Less than $15,000')"`.
        """
        return self._means("mean_by_category", timeout, question=question)

    def state_mean_by_category(
        self, question: str, state: str, *, timeout: float | None = None
    ) -> dict[str, Means]:
        """Return the mean of each stratum of one state, under its name.

        Keys are such as `"('Income', 'Less than $15,000')"`.
        """
        asked = {"question": question, "state": state}
        return cast("dict[str, Means]", self.ask("state_mean_by_category", asked, timeout))

    def query(
        self,
        *,
        question: Texts | None = None,
        group_by: Sequence[str] | None = None,
        where: Mapping[str, Any] | None = None,
        method: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> Table:
        """Return estimates, filtered, grouped and pooled: a row for each group."""
        return self._table(
            "query",
            timeout,
            question=question,
            group_by=group_by,
            where=where,
            method=method,
            sort=sort,
            limit=limit,
        )

    def trend(
        self,
        question: str,
        *,
        state: Texts | None = None,
        stratum: str | None = None,
        years: Mapping[str, int] | None = None,
        timeout: float | None = None,
    ) -> Table:
        """Return the change over the years, `{"from": 2013, "to": 2023}`: a row for each state."""
        return self._table(
            "trend", timeout, question=question, state=state, stratum=stratum, years=years
        )

    def ranking(
        self,
        question: str,
        *,
        year: int | None = None,
        stratum: str | None = None,
        timeout: float | None = None,
    ) -> Table:
        """Return the states from best to worst, with the interval of each rank."""
        return self._table("ranking", timeout, question=question, year=year, stratum=stratum)

    def disparity(
        self,
        question: str,
        category: str,
        *,
        state: Texts | None = None,
        year: int | None = None,
        reference: str | None = None,
        timeout: float | None = None,
    ) -> Table:
        """Return gap and ratio between the strata of a category."""
        return self._table(
            "disparity",
            timeout,
            question=question,
            category=category,
            state=state,
            year=year,
            reference=reference,
        )

    def compare(
        self,
        *,
        states: Sequence[str] | None = None,
        strata: Sequence[str] | None = None,
        state: str | None = None,
        stratum: str | None = None,
        year: int | None = None,
        timeout: float | None = None,
    ) -> Table:
        """Return the difference of two states, or of two strata, on every question."""
        return self._table(
            "compare",
            timeout,
            states=states,
            strata=strata,
            state=state,
            stratum=stratum,
            year=year,
        )

    def correlation(
        self,
        questions: Sequence[str],
        *,
        year: int | None = None,
        stratum: str | None = None,
        timeout: float | None = None,
    ) -> Table:
        """Return how two questions go together over the states."""
        return self._table("correlation", timeout, questions=questions, year=year, stratum=stratum)

    def _means(self, statistic: str, timeout: float | None, **asked: Any) -> Means:
        answer = self.ask(statistic, asked, timeout)
        if isinstance(answer, Table):
            raise UnexpectedAnswer(f"{statistic} answers a table")
        return answer

    def _table(self, statistic: str, timeout: float | None, **asked: Any) -> Table:
        answer = self.ask(statistic, asked, timeout)
        if not isinstance(answer, Table):
            raise UnexpectedAnswer(f"{statistic} answers no table")
        return answer
