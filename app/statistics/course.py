"""The nine statistics of the course, which its contract fixes.

A mean is the plain mean of `Data_Value` over all rows of a question (and place, and stratum)
within 2011-2022, rows with no value left out. Every location counts as a state, `National`
included. Answers are in the question's unit (in percent, 31.2 is 31.2 %) and keep their order when
written as JSON.

Answers are objects: by state, or by the repr of (state, category, stratum). They come from means
that the dataset has ready, so they take microseconds.
"""

from ast import literal_eval
from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from app.datasets.layouts import Layout
from app.datasets.units import Unit
from app.errors import BadRequest
from app.messages import reasons
from app.statistics.parameters import Parameters, Question, State
from app.statistics.statistic import Asked, Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import place

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor, QuestionTable

METHOD = (
    "plain mean of Data_Value over all rows of 2011-2022, as the course defines it: strata overlap,"
    " National counts as a state, and constants in place of missing estimates are included"
)

_STATE = Column("state", "text", "name of the state, or National")
_CATEGORY = Column("category", "text", "what people are told apart by, such as Income")
_STRATUM = Column("stratum", "text", "the group of people within the category")


class Value(NamedTuple):
    """What numbers of an answer are: their column in a table, and the axis of a chart of them.

    What is relative to all states is of the rows of all of them, whichever state is asked for.
    """

    column: Column
    axis: str
    is_relative: bool = False


MEAN = Value(
    Column("mean", "number", "plain mean over all rows of 2011-2022, {plain}"),
    "{share}, plain mean of all rows of 2011-2022",
)
DIFFERENCE = Value(
    Column("difference", "number", "mean over all rows minus the state's mean, {difference}"),
    "{difference}: mean of all states minus the state's mean",
    is_relative=True,
)


def states_mean(table: "QuestionTable") -> dict[str, float]:
    """Mean of each state, ascending; ties by name."""
    return dict(table.state_means)


def best5(table: "QuestionTable") -> dict[str, float]:
    """The five states with the best means, best first; ties by name."""
    return _first_five(table, highest_first=not table.question.lower_is_better)


def worst5(table: "QuestionTable") -> dict[str, float]:
    """The five states with the worst means, worst first; ties by name."""
    return _first_five(table, highest_first=bool(table.question.lower_is_better))


def global_mean(table: "QuestionTable") -> dict[str, float]:
    """Mean over all rows of the question."""
    return {"global_mean": table.global_mean}


def diff_from_mean(table: "QuestionTable") -> dict[str, float]:
    """Global mean minus the state's mean, for each state, in the order of `states_mean`."""
    return {state: table.global_mean - mean for state, mean in table.state_means.items()}


def mean_by_category(table: "QuestionTable") -> dict[str, float]:
    """Mean of each stratum of each state, ascending by name.

    The keys are the repr of (state, category, stratum).
    """
    return table.category_means.copy()


def state_mean(table: "QuestionTable", state: str) -> dict[str, float]:
    """Mean of one state."""
    return {state: table.state_means[state]}


def state_diff_from_mean(table: "QuestionTable", state: str) -> dict[str, float]:
    """Global mean minus the mean of one state."""
    return {state: table.global_mean - table.state_means[state]}


def state_mean_by_category(table: "QuestionTable", state: str) -> dict[str, dict[str, float]]:
    """Mean of each stratum of one state, keyed by the repr of (category, stratum)."""
    return {state: dict(table.stratum_means.get(state, {}))}


def _first_five(table: "QuestionTable", *, highest_first: bool) -> dict[str, float]:
    means = table.state_means.items()
    if highest_first:
        # Not simply the reverse: names of equal means stay in ascending order.
        return dict(sorted(means, key=lambda item: (-item[1], item[0]))[:5])
    return dict(islice(means, 5))


class CourseParameters(Parameters, frozen=True):
    """Which question to answer."""

    question: Question


class CourseStateParameters(CourseParameters, frozen=True):
    """Which question to answer, and for which state."""

    state: State


class CourseStatistic(Statistic[CourseParameters]):
    """One of the nine."""

    is_quick = True
    dataset = "course"
    years = "2011-2022"

    def __init__(
        self,
        compute: Callable[..., Mapping[str, Any]],
        summary: str,
        sentence: str,
        *,
        needs_state: bool = False,
        needs_direction: bool = False,
        value: Value = MEAN,
        by_stratum: bool = False,
        overall: bool = False,
        chart: str = "bar",
        ordered: bool = False,
    ) -> None:
        """`compute` has the statistic's name, and takes the means of a question (and a state).

        `sentence` is what is asked, with `{question}` and `{state}` to fill in. It answers a
        `value` for each state; `by_stratum`, for each stratum of these; `overall`, one for all
        states together.
        """
        self.name = compute.__name__
        self.title = self.summary = summary
        self.needs_state = needs_state
        # By the contract: a body may have it where it is not needed.
        self.ignored = () if needs_state else ("state",)
        self.parameters = CourseStateParameters if needs_state else CourseParameters
        self.example = {"question": "Q036"} | ({"state": "Ohio"} if needs_state else {})
        self.client_type = "dict[str, Means]" if needs_state and by_stratum else "Means"
        self._means = compute
        self._sentence = sentence
        self._needs_direction = needs_direction
        self._by_stratum = by_stratum
        self._overall = overall
        self._value = value
        self.chart = Chart(
            chart,
            value.column.name,
            value.axis,
            diverging=value.is_relative,
            turned=True,
            ordered=ordered,
        )

    def resolve(self, parameters: CourseParameters, dataset: "DataIngestor") -> CourseParameters:
        """Return parameters by full names; raise BadRequest for what has no answer."""
        table = dataset.question(parameters.question)
        text = table.question.text
        if not table.state_means:
            raise BadRequest(reasons.COURSE_NO_ESTIMATES(question=text))
        if self._needs_direction and table.question.lower_is_better is None:
            raise BadRequest(reasons.BETTER_UNKNOWN(question=table.question.id))
        if not isinstance(parameters, CourseStateParameters):
            return CourseParameters(question=text)
        state = dataset.state(parameters.state)
        if state not in table.state_means:
            raise BadRequest(reasons.COURSE_STATE_NO_ESTIMATES(state=state, question=text))
        return CourseStateParameters(question=text, state=state)

    def find(self, dataset: "DataIngestor", parameters: CourseParameters) -> "QuestionTable":
        """Return the means of the question."""
        return dataset.question(parameters.question)

    def answer(self, asked: Asked[CourseParameters, "QuestionTable"]) -> Mapping[str, Any]:
        """Return the answer as the contract has it."""
        _, parameters, table = asked
        state = (parameters.state,) if isinstance(parameters, CourseStateParameters) else ()
        return self._means(table, *state)

    def compute(self, asked: Asked[CourseParameters, "QuestionTable"]) -> Table:
        """Return the answer as a table, its rows in the order of the answer."""
        unit = asked.dataset.unit(self.questions(asked.parameters))
        return self.table(self.answer(asked), unit)

    def table(self, data: Any, unit: Unit) -> Table:
        """Return the table that the JSON values of an answer hold, in their order."""
        state, category, stratum, value = in_unit(
            (_STATE, _CATEGORY, _STRATUM, self._value.column), unit
        )
        if self._overall:
            return Table((value,), [[*data.values()]], {})
        if not self._by_stratum:
            return Table((state, value), [[name, mean] for name, mean in data.items()], {})
        if self.needs_state:
            data = {
                f"({name!r}, {key[1:]}": mean
                for name, of in data.items()
                for key, mean in of.items()
            }
        rows = [[*literal_eval(key), mean] for key, mean in data.items()]
        return Table((state, category, stratum, value), rows, {})

    def used(self, asked: Asked[CourseParameters, "QuestionTable"]) -> "pl.DataFrame":
        """Return the rows that go into the answer."""
        import polars as pl

        from app.datasets.survey_rows import counted_years

        dataset, parameters, _ = asked
        rows = dataset.estimates.filter(
            pl.col("question") == parameters.question,
            counted_years(),
            pl.col("value").is_not_null(),
        )
        if isinstance(parameters, CourseStateParameters) and not self._value.is_relative:
            rows = rows.filter(pl.col("state") == parameters.state)
        if self._by_stratum:
            rows = rows.filter(pl.col("category") != "", pl.col("stratum") != "")
        return rows

    def sentence(self, parameters: CourseParameters, _layout: Layout) -> str:
        """Return what is asked."""
        state = parameters.state if isinstance(parameters, CourseStateParameters) else None
        where = "" if state is None else place(state)
        return self._sentence.format(question=f'"{parameters.question}"', state=where)

    def method(self, _parameters: CourseParameters, _layout: Layout) -> str:
        """Return what the course calls a mean."""
        return METHOD


COURSE_STATISTICS = (
    CourseStatistic(
        states_mean,
        "Mean of each state, ascending",
        "The mean of each state, lowest first, of {question}",
        chart="map",
    ),
    CourseStatistic(
        state_mean, "Mean of one state", "The mean of {state}, of {question}", needs_state=True
    ),
    CourseStatistic(
        best5,
        "The five best states, best first",
        "The five best states, best first, by {question}",
        needs_direction=True,
        ordered=True,
    ),
    CourseStatistic(
        worst5,
        "The five worst states, worst first",
        "The five worst states, worst first, by {question}",
        needs_direction=True,
        ordered=True,
    ),
    CourseStatistic(
        global_mean,
        "Mean over all states",
        "The mean over all states, of {question}",
        overall=True,
    ),
    CourseStatistic(
        diff_from_mean,
        "Global mean minus each state's mean",
        "How far the mean of each state lies below the mean over all states, of {question}",
        value=DIFFERENCE,
    ),
    CourseStatistic(
        state_diff_from_mean,
        "Global mean minus one state's mean",
        "How far the mean of {state} lies below the mean over all states, of {question}",
        needs_state=True,
        value=DIFFERENCE,
    ),
    CourseStatistic(
        mean_by_category,
        "Mean of each stratum of each state",
        "The mean of each stratum of each state, of {question}",
        by_stratum=True,
        chart="dot",
    ),
    CourseStatistic(
        state_mean_by_category,
        "Mean of each stratum of one state",
        "The mean of each stratum of {state}, of {question}",
        needs_state=True,
        by_stratum=True,
        chart="dot",
    ),
)
