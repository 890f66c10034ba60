"""The nine statistics of the contract: pure functions from one question's table to an answer.

A mean is the plain mean of `Data_Value` over all rows of a question (and place, and stratum)
within 2011-2022, rows with no value left out. Every location counts as a state, `National`
included. Answers are in percent (31.2 is 31.2 %) and keep their order when written as JSON.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from app.data_ingestor import QuestionTable


def states_mean(table: QuestionTable) -> dict[str, float]:
    """Mean of each state, ascending; ties by name."""
    return dict(table.state_means)


def best5(table: QuestionTable) -> dict[str, float]:
    """The five states with the best means, best first; ties by name."""
    return _first_five(table, highest_first=not table.question.lower_is_better)


def worst5(table: QuestionTable) -> dict[str, float]:
    """The five states with the worst means, worst first; ties by name."""
    return _first_five(table, highest_first=bool(table.question.lower_is_better))


def global_mean(table: QuestionTable) -> dict[str, float]:
    """Mean over all rows of the question."""
    return {"global_mean": table.global_mean}


def diff_from_mean(table: QuestionTable) -> dict[str, float]:
    """Global mean minus the state's mean, for each state, in the order of `states_mean`."""
    return {state: table.global_mean - mean for state, mean in table.state_means.items()}


def mean_by_category(table: QuestionTable) -> dict[str, float]:
    """Mean of each stratum of each state, ascending by name.

    The keys are the repr of (state, category, stratum).
    """
    return table.category_means.copy()


def state_mean(table: QuestionTable, state: str) -> dict[str, float]:
    """Mean of one state."""
    return {state: table.state_means[state]}


def state_diff_from_mean(table: QuestionTable, state: str) -> dict[str, float]:
    """Global mean minus the mean of one state."""
    return {state: table.global_mean - table.state_means[state]}


def state_mean_by_category(table: QuestionTable, state: str) -> dict[str, dict[str, float]]:
    """Mean of each stratum of one state, keyed by the repr of (category, stratum)."""
    return {state: dict(table.stratum_means.get(state, {}))}


def _first_five(table: QuestionTable, *, highest_first: bool) -> dict[str, float]:
    means = table.state_means.items()
    if highest_first:
        # Not simply the reverse: names of equal means stay in ascending order.
        return dict(sorted(means, key=lambda item: (-item[1], item[0]))[:5])
    return dict(islice(means, 5))


METHOD = (
    "plain mean of Data_Value over all rows of 2011-2022, as the course defines it: strata overlap,"
    " National counts as a state, and constants in place of suppressed estimates are included"
)


@dataclass(frozen=True, slots=True)
class Statistic:
    """One statistic: its name in URLs, what computes it, and what it must be told.

    `sentence` says what a job of it asks, with `{question}` and `{state}` to fill in.
    """

    name: str
    compute: Callable[..., Mapping[str, object]]
    summary: str
    sentence: str
    needs_state: bool = False
    needs_direction: bool = False


def _table() -> Mapping[str, Statistic]:
    rows = (
        Statistic(
            "states_mean",
            states_mean,
            "Mean of each state, ascending",
            "The mean of each state, lowest first, of {question}",
        ),
        Statistic(
            "state_mean",
            state_mean,
            "Mean of one state",
            "The mean of {state}, of {question}",
            needs_state=True,
        ),
        Statistic(
            "best5",
            best5,
            "The five best states, best first",
            "The five best states, best first, by {question}",
            needs_direction=True,
        ),
        Statistic(
            "worst5",
            worst5,
            "The five worst states, worst first",
            "The five worst states, worst first, by {question}",
            needs_direction=True,
        ),
        Statistic(
            "global_mean",
            global_mean,
            "Mean over all states",
            "The mean over all states, of {question}",
        ),
        Statistic(
            "diff_from_mean",
            diff_from_mean,
            "Global mean minus each state's mean",
            "How far the mean of each state lies below the mean over all states, of {question}",
        ),
        Statistic(
            "state_diff_from_mean",
            state_diff_from_mean,
            "Global mean minus one state's mean",
            "How far the mean of {state} lies below the mean over all states, of {question}",
            needs_state=True,
        ),
        Statistic(
            "mean_by_category",
            mean_by_category,
            "Mean of each stratum of each state",
            "The mean of each stratum of each state, of {question}",
        ),
        Statistic(
            "state_mean_by_category",
            state_mean_by_category,
            "Mean of each stratum of one state",
            "The mean of each stratum of {state}, of {question}",
            needs_state=True,
        ),
    )
    return MappingProxyType({row.name: row for row in rows})


STATISTICS = _table()
