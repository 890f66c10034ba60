"""Two states, or two strata of one state, question by question."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

from msgspec import UNSET, Meta, UnsetType

from app.datasets.layouts import Layout
from app.datasets.places import NATION
from app.datasets.strata import AGE, TOTAL
from app.datasets.years import span
from app.errors import BadRequest
from app.messages import reasons
from app.messages.message import Sentence
from app.methods.verdicts import HIGHER, LOWER, UNKNOWN, verdict
from app.statistics import adjusting, columns
from app.statistics.adjusting import Adjust
from app.statistics.names import nation, pair, stratum_or_default, two_strata
from app.statistics.parameters import Parameters, State, Stratum, TwoStates, TwoStrata, Year
from app.statistics.statistic import Asked, Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import (
    among,
    beside_the_nation,
    in_year,
    place,
    quoted,
    with_nature,
)

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.statistics.in_words.answer import Answer
    from app.statistics.in_words.words import Words

COLUMNS = (
    Column("question_id", "text", "CDC's id of the question"),
    Column("question", "text", "the question"),
    Column("topic", "text", "its topic"),
    Column("year", "text", "the year of both estimates, or the years that they cover"),
    Column("first", "number", "the estimate of the first, {value}"),
    Column("first_low", "number", "its lower 95 % confidence limit, as CDC has it"),
    Column("first_high", "number", "its upper 95 % confidence limit, as CDC has it"),
    Column("second", "number", "the estimate of the second, {value}"),
    Column("second_low", "number", "its lower 95 % confidence limit, as CDC has it"),
    Column("second_high", "number", "its upper 95 % confidence limit, as CDC has it"),
    Column("difference", "number", "first minus second, in {points}"),
    Column("low", "number", "lower 95 % confidence limit of difference, in {points}"),
    Column("high", "number", "upper 95 % confidence limit of difference, in {points}"),
    Column("p_value", "number", f"two-sided, of no difference; {columns.SMALL_P}"),
    Column("p_adjusted", "number", "p_value, adjusted for the number of questions (Holm)"),
    Column("better", "text", 'the better one\'s name, "no clear difference" or "unknown"'),
    columns.PRESENTATION,
)

METHOD = (
    "Differences of two independent estimates, with normal 95 % limits, variances added; p-values "
    "adjusted for the number of questions after Holm (1979). One is better where the adjusted "
    "p-value is below 0.05; the limits of a single difference are not adjusted."
)
# Only where the dataset has rows without an estimate.
MISSING = Column(
    "missing",
    "text",
    'which of the two has no estimate, and why: "withheld", "not released" (CDC released nothing '
    'for the place and year) or "no estimate"; null where both have one',
)
_CRUDE = (
    Column("first_crude", "number", "the first without standardisation, {value}"),
    Column("second_crude", "number", "the second without standardisation, {value}"),
    Column("crude_difference", "number", "first_crude minus second_crude, in {points}"),
)
_NO_YEAR = "no year that both have"


class CompareParameters(Parameters, frozen=True):
    """Which two to compare, and in which year.

    Two states have a stratum and may be standardised, and two strata have a state; the other keys
    are left out.
    """

    states: TwoStates | UnsetType | None = UNSET
    strata: Annotated[
        TwoStrata | UnsetType | None, Meta(description="or two strata of one category")
    ] = UNSET
    state: Annotated[
        State | UnsetType | None, Meta(description="where the strata are; National by default")
    ] = UNSET
    stratum: Stratum | UnsetType | None = UNSET
    year: Year | None = None
    adjust: Adjust | UnsetType | None = UNSET


class _Found(NamedTuple):
    periods: "pl.DataFrame"  # a period for each question
    matched: "pl.DataFrame"
    used: "pl.DataFrame"
    warnings: Sequence[Sentence]


class Compare(Statistic[CompareParameters]):
    """The difference of two on each question of the dataset, and which of them is better."""

    name = "compare"
    title = "Comparison"
    summary = "Two states, or two strata, on every question, with the interval of each difference"
    parameters = CompareParameters
    example = {"states": ["Ohio", "Texas"]}
    chart = Chart("dumbbell", "difference", "{difference}", diverging=True)

    def resolve(self, parameters: CompareParameters, dataset: "DataIngestor") -> CompareParameters:
        """Return parameters by full names; raise BadRequest for what has no answer."""
        side, names = _sides(parameters)
        if side == "state":
            if parameters.state:
                raise BadRequest(reasons.STATE_AND_STATES())
            resolved = CompareParameters(
                states=pair("states", names, dataset.state),
                stratum=stratum_or_default(parameters.stratum or None, dataset),
                year=parameters.year,
                adjust=parameters.adjust or UNSET,
            )
            if resolved.adjust:
                adjusting.check(dataset, resolved.stratum or None)
        else:
            if parameters.adjust:
                raise BadRequest(reasons.ADJUST_AND_STATES())
            if parameters.stratum:
                raise BadRequest(reasons.STRATUM_AND_STRATA())
            state = parameters.state
            resolved = CompareParameters(
                strata=two_strata(names, dataset),
                state=dataset.state(state) if state else nation(dataset),
                year=parameters.year,
            )
        return resolved

    def find(self, dataset: "DataIngestor", parameters: CompareParameters) -> _Found:
        """Return the rows to answer from; raise BadRequest where there are none."""

        from app.methods.estimates import Period, as_frame, matching, periods
        from app.methods.standardised import complete
        from app.statistics.about import nothing_released, only_used, whole_period
        from app.statistics.periods import period as period_of

        side, names = _sides(parameters)
        where = names if side == "state" else [str(parameters.state)]
        strata = names if side == "stratum" else parameters.stratum or None
        category = _category(dataset, parameters)
        if parameters.adjust:
            rows = matching(dataset, state=where, category=AGE)
            compared = complete(rows)
        else:
            rows = matching(dataset, state=where, category=category, stratum=strata)
            compared = rows
        found = periods(compared, "question", side, 2)
        wanted = parameters.year
        period_of(
            found,
            wanted,
            reasons.ANY_FOR_BOTH(first=names[0], second=names[1]),
            lambda: nothing_released(dataset, None, where, wanted, wanted),
        )
        if wanted is None:
            ascending = sorted(found, key=lambda period: (period.last, period.first))
            taken = {text: period for period in ascending for text in found[period]}
        else:
            taken = dict.fromkeys(dataset.tables, Period(wanted, wanted))
        chosen = as_frame(taken, rows)
        matched, used = (
            of.join(chosen, on=chosen.columns, how="semi").sort("record") for of in (rows, compared)
        )
        return _Found(chosen, matched, only_used(used), whole_period(found))

    def compute(self, asked: Asked[CompareParameters, _Found]) -> Table:
        """Return a row for each question of the dataset, in the order of CDC's ids."""
        import polars as pl

        from app.methods.contrasts import differences, side_by_side
        from app.methods.estimates import estimates
        from app.methods.multiplicity import holm
        from app.methods.standardised import incomplete as incomplete_ages
        from app.methods.standardised import standardised
        from app.statistics import about, lacking

        dataset, parameters, (periods, matched, used, of_years) = asked
        side, names = _sides(parameters)
        last = max(periods["year_end"])
        warnings = [*of_years]
        strata = [parameters.stratum or None]
        warnings += about.of_strata(dataset, _category(dataset, parameters), strata, last)
        if parameters.year is None:
            taken = dict(periods.select("question", "year_end").iter_rows())
            where = names if side == "state" else [str(parameters.state)]
            warnings += about.later_years(dataset, taken, where)
        if side == "state" and NATION.name in names:
            warnings += beside_the_nation(names, dataset.layout)
        found = (standardised if parameters.adjust else estimates)(matched, "question", side)
        year = pl.format("{}", pl.col("year_start"))
        years = pl.format("{}-{}", pl.col("year_start"), pl.col("year_end"))
        single = pl.col("year_start") == pl.col("year_end")
        either = pl.col("first").is_not_null() | pl.col("second").is_not_null()
        frame = (
            _questions(dataset)
            .join(periods, on="question", how="left")
            .join(side_by_side(found, "question", side, names), on="question", how="left")
            .with_columns(
                pl.when(either & single).then(year).when(either).then(years).alias("year")
            )
        )
        frame = differences(frame).sort("question_id", "question")
        p_adjusted = holm(frame["p_value"].to_list())
        told = lacking.statuses_of_sides(
            dataset, side, names, parameters.state or None, periods, matched
        )
        frame = frame.with_columns(
            pl.Series("p_adjusted", p_adjusted, dtype=pl.Float64),
            pl.col("difference_low").alias("low"),
            pl.col("difference_high").alias("high"),
            pl.Series("better", _better(frame, p_adjusted, names, dataset), dtype=pl.String),
            pl.Series("presentation", _presentation(frame), dtype=pl.String),
            pl.col("question")
            .cast(pl.String)
            .replace_strict(lacking.missing_sides(told), default=_NO_YEAR, return_dtype=pl.String)
            .alias("missing"),
        )
        shown = (*COLUMNS, *([MISSING] if dataset.has_gaps else []))
        weak = about.weaknesses(found)
        if parameters.adjust:
            frame = frame.join(_crude(dataset, names, periods), on="question", how="left")
            shown = (*adjusting.computed(shown), *_CRUDE)
            weak = adjusting.incomplete(incomplete_ages(matched), with_years=True)
            weak += adjusting.imprecise(used, with_years=True)
        ends = periods.select(pl.col("year_start").min(), pl.col("year_end").max()).row(0)
        described = about.about(
            dataset,
            self.method(parameters, dataset.layout),
            {"first": names[0], "second": names[1]},
            years=span(*ends),
            stratum=parameters.stratum or None,
            used=used,
            matched=matched,
            warnings=[
                *warnings,
                *_cautions(frame, dataset),
                *lacking.warnings_of(frame, names, told),
                *weak,
            ],
        )
        return Table(in_unit(shown, dataset.unit()), about.rows_of(frame, shown), described)

    def sentence(self, parameters: CompareParameters, layout: Layout) -> str:
        """Return what is asked."""
        side, (first, second) = _sides(parameters)
        if side == "state":
            first, second = place(first), place(second)
            whom = among(parameters.stratum or None, layout)
        else:
            first, second, whom = (
                quoted([first]),
                quoted([second]),
                f"in {place(str(parameters.state))}",
            )
        when = in_year(parameters.year, "in the latest year that both have")
        how = ", standardised by age" if parameters.adjust else ""
        return f"How does {first} differ from {second} on each question {when}, {whom}{how}?"

    def method(self, parameters: CompareParameters, layout: Layout) -> str:
        """Return how the answer is computed."""
        adjusted = bool(parameters.adjust)  # not there unless it is asked for
        how = adjusting.METHOD if adjusted else ""
        return with_nature(layout, METHOD, how, adjusted=adjusted)

    def in_words(self, answer: "Answer", words: "Words") -> str:
        """Return the answer in words."""
        from app.statistics.in_words.differences import compare

        return compare(answer, words)

    def questions(self, _parameters: CompareParameters) -> Sequence[str]:
        """Return none: it is about all of them."""
        return ()


def _sides(parameters: CompareParameters) -> tuple[str, list[str]]:
    """Return the column by which the two differ, and what each has there."""
    states, strata = parameters.states, parameters.strata
    if states and strata:
        raise BadRequest(reasons.STATES_AND_STRATA())
    if states:
        return "state", states
    if strata:
        return "stratum", strata
    raise BadRequest(reasons.STATES_OR_STRATA())


def _category(dataset: "DataIngestor", parameters: CompareParameters) -> str:
    """Return the category of whom estimates are."""
    side, names = _sides(parameters)
    return dataset.stratum(names[0] if side == "stratum" else parameters.stratum or TOTAL)[0]


def _questions(dataset: "DataIngestor") -> "pl.DataFrame":
    """Return the questions of the dataset, with their ids and topics."""
    import polars as pl

    wanted = ("question", "question_id", "topic")
    kinds = {name: dataset.estimates.schema[name] for name in wanted}
    found = {names[0]: names for names in reversed(dataset.names(*wanted))}
    return pl.DataFrame(list(found.values()), kinds, orient="row")


def _crude(dataset: "DataIngestor", names: list[str], years: "pl.DataFrame") -> "pl.DataFrame":
    """Return the crude estimates of everyone in two states, question by question, as `_CRUDE`."""
    import polars as pl

    from app.methods.contrasts import side_by_side
    from app.methods.estimates import cells, matching

    rows = matching(dataset, state=names, category=TOTAL, stratum=TOTAL)
    rows = rows.join(years, on=years.columns, how="semi")
    found = side_by_side(cells(rows, "question", "state"), "question", "state", names, ())
    first, second = pl.col("first"), pl.col("second")
    return found.select(
        "question",
        first.alias("first_crude"),
        second.alias("second_crude"),
        (first - second).alias("crude_difference"),
    )


def _better(
    frame: "pl.DataFrame",
    p_adjusted: Sequence[float | None],
    names: list[str],
    dataset: "DataIngestor",
) -> list[str]:
    """Return which of the two is better on each question, as far as it is clear and known."""
    better = []
    cells = frame.select("question", "difference").iter_rows()
    for (question, difference), p_value in zip(cells, p_adjusted, strict=True):
        told = verdict(difference, p_value)
        lower = dataset.question(question).question.lower_is_better
        if told not in (HIGHER, LOWER):
            better.append(told)
        elif lower is None:
            better.append(UNKNOWN)
        else:
            better.append(names[0] if (told == LOWER) == lower else names[1])
    return better


def _cautions(frame: "pl.DataFrame", dataset: "DataIngestor") -> list[Sentence]:
    """Return what to say of the questions of which it is debatable which way is better."""
    import polars as pl

    from app.statistics.about import caution

    compared = frame.filter(pl.col("p_adjusted").is_not_null())["question"].cast(pl.String)
    return [text for one in compared for text in caution(dataset.question(one).question)]


def _presentation(frame: "pl.DataFrame") -> list[str | None]:
    """Return how each difference may be presented."""
    from app.statistics.about import combined

    marks = frame.select("first_presentation", "second_presentation").iter_rows()
    return [combined(first, second) for first, second in marks]
