"""Two states, or two strata of one state, question by question."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

from msgspec import UNSET, Meta, UnsetType

from app.datasets.layouts import Layout
from app.datasets.places import NATION
from app.datasets.strata import TOTAL
from app.errors import BadRequest
from app.methods.years import span
from app.statistics import columns
from app.statistics.names import nation, pair
from app.statistics.names import stratum as stratum_or_total
from app.statistics.parameters import Parameters, State, Stratum, TwoStates, TwoStrata, Year
from app.statistics.statistic import Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import among, in_year, listed, quoted

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor

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
    Column("p_value", "number", "two-sided, of no difference"),
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
_NO_YEAR = "no year that both have"
_NOT_CLEAR = "no clear difference"
_UNKNOWN = "unknown"


class CompareParameters(Parameters, frozen=True):
    """Which two to compare, and in which year.

    Two states have a stratum, and two strata have a state; the other keys are left out.
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


class _Found(NamedTuple):
    periods: "pl.DataFrame"  # a period for each question
    matched: "pl.DataFrame"
    warnings: list[str]


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
                raise BadRequest('"state" does not go with "states"')
            resolved = CompareParameters(
                states=pair("states", names, dataset.state),
                stratum=stratum_or_total(parameters.stratum or None, dataset),
                year=parameters.year,
            )
        else:
            if parameters.stratum:
                raise BadRequest('"stratum" does not go with "strata"')
            state = parameters.state
            resolved = CompareParameters(
                strata=_strata(names, dataset),
                state=dataset.state(state) if state else nation(dataset),
                year=parameters.year,
            )
        _find(dataset, resolved)
        return resolved

    def compute(self, dataset: "DataIngestor", parameters: CompareParameters) -> Table:
        """Return a row for each question of the dataset, in the order of CDC's ids."""
        import polars as pl

        from app.methods.contrasts import differences, side_by_side
        from app.methods.estimates import estimates
        from app.methods.multiplicity import holm
        from app.statistics import about

        side, names = _sides(parameters)
        periods, matched, warnings = _find(dataset, parameters)
        found = estimates(matched, "question", side)
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
        told = _told(dataset, parameters, periods, matched)
        frame = frame.with_columns(
            pl.Series("p_adjusted", p_adjusted, dtype=pl.Float64),
            pl.col("difference_low").alias("low"),
            pl.col("difference_high").alias("high"),
            pl.Series("better", _better(frame, p_adjusted, names, dataset), dtype=pl.String),
            pl.Series("presentation", _presentation(frame), dtype=pl.String),
            pl.col("question")
            .cast(pl.String)
            .replace_strict(_missing(told), default=_NO_YEAR, return_dtype=pl.String)
            .alias("missing"),
        )
        shown = (*COLUMNS, *([MISSING] if dataset.has_gaps else []))
        ends = periods.select(pl.col("year_start").min(), pl.col("year_end").max()).row(0)
        described = about.about(
            dataset,
            self.name,
            METHOD,
            {"first": names[0], "second": names[1]},
            years=span(*ends),
            stratum=parameters.stratum or None,
            used=about.only_used(matched),
            matched=matched,
            warnings=warnings + _lacking(frame, names, told) + about.weaknesses(found),
        )
        return Table(in_unit(shown, dataset.unit()), about.rows_of(frame, shown), described)

    def used(self, dataset: "DataIngestor", parameters: CompareParameters) -> "pl.DataFrame":
        """Return the rows that the answer is made of."""
        from app.statistics.about import only_used

        return only_used(_find(dataset, parameters).matched)

    def sentence(self, parameters: CompareParameters, layout: Layout) -> str:
        """Return what is asked."""
        side, (first, second) = _sides(parameters)
        if side == "state":
            whom = among(parameters.stratum or None, layout)
        else:
            first, second, whom = f'"{first}"', f'"{second}"', f"in {parameters.state}"
        when = in_year(parameters.year, "in the latest year that both have")
        return f"How does {first} differ from {second} on each question {when}, {whom}?"

    def method(self, _parameters: CompareParameters, _layout: Layout) -> str:
        """Return how the answer is computed."""
        return METHOD

    def questions(self, _parameters: CompareParameters) -> Sequence[str]:
        """Return none: it is about all of them."""
        return ()


def _sides(parameters: CompareParameters) -> tuple[str, list[str]]:
    """Return the column by which the two differ, and what each has there."""
    states, strata = parameters.states, parameters.strata
    if states and not strata:
        return "state", states
    if strata and not states:
        return "stratum", strata
    raise BadRequest('either "states" or "strata" must be there: a list of two names')


def _strata(names: list[str], dataset: "DataIngestor") -> list[str]:
    """Return the full names of two strata that do not overlap; raise BadRequest for others."""
    from app.methods.estimates import NOT_REPORTED

    strata = pair("strata", names, lambda name: dataset.stratum(name)[1])
    if NOT_REPORTED in strata:
        raise BadRequest(f'"{NOT_REPORTED}" is no group of people to compare with another')
    categories = [dataset.stratum(name)[0] for name in strata]
    if categories[0] != categories[1]:
        raise BadRequest(
            f'"strata" must be of one category; they are of {quoted(categories)}, which divide '
            "the same people"
        )
    return strata


def _find(dataset: "DataIngestor", parameters: CompareParameters) -> _Found:
    """Return the rows to answer from; raise BadRequest where there are none."""
    import polars as pl

    from app.methods.estimates import matching, periods
    from app.statistics.about import nothing_released, whole_period
    from app.statistics.periods import period

    side, names = _sides(parameters)
    where = names if side == "state" else [str(parameters.state)]
    strata = names if side == "stratum" else parameters.stratum or None
    category, _ = dataset.stratum(names[0] if side == "stratum" else parameters.stratum or TOTAL)
    rows = matching(dataset, state=where, category=category, stratum=strata)
    found = periods(rows, "question", side, 2)
    wanted = parameters.year
    period(
        found,
        wanted,
        f"any question for both {names[0]} and {names[1]}",
        lambda: nothing_released(dataset, None, where, wanted, wanted),
    )
    if wanted is None:
        chosen = found.sort("question", "year_end", "year_start").unique(
            "question", keep="last", maintain_order=True
        )
    else:
        year = pl.lit(wanted, dtype=pl.Int16)
        chosen = _questions(dataset).select("question", year_start=year, year_end=year)
    years = ["question", "year_start", "year_end"]
    matched = rows.join(chosen, on=years, how="semi").sort("record")
    warnings = whole_period(found)
    if side == "state" and NATION.name in names:
        warnings.append(
            f"A state is a part of {NATION.name}: the two are not independent, and the limits of "
            "their difference are somewhat too wide."
        )
    return _Found(chosen, matched, warnings)


def _questions(dataset: "DataIngestor") -> "pl.DataFrame":
    """Return the questions of the dataset, with their ids and topics."""
    wanted = ("question", "question_id", "topic")
    rows = dataset.estimates.select(wanted).unique().sort(wanted)
    return rows.unique("question", keep="first", maintain_order=True)


def _told(
    dataset: "DataIngestor",
    parameters: CompareParameters,
    periods: "pl.DataFrame",
    matched: "pl.DataFrame",
) -> "pl.DataFrame":
    """Return `question`, `name` and `status` of the two, for the questions that have a period."""
    import polars as pl

    from app.datasets.absence import statuses

    side, names = _sides(parameters)
    kinds = dataset.estimates.schema
    sides = [
        periods.with_columns(
            pl.lit(name if side == "state" else parameters.state, kinds["state"]).alias("state"),
            *([pl.lit(name, kinds["stratum"]).alias("stratum")] if side == "stratum" else []),
        )
        for name in names
    ]
    told = statuses(pl.concat(sides), matched, dataset.releases)
    return told.select(pl.col("question", side).cast(pl.String), "status").rename({side: "name"})


def _missing(told: "pl.DataFrame") -> dict[str, str | None]:
    """Return what each question lacks an estimate of, and why; None where it has both."""
    from app.datasets.absence import ESTIMATE

    missing: dict[str, list[tuple[str, str]]] = {}
    for question, name, status in told.iter_rows():
        lacking = missing.setdefault(question, [])
        if status != ESTIMATE:
            lacking.append((name, status))
    return {question: _in_words(lacking) for question, lacking in missing.items()}


def _in_words(lacking: list[tuple[str, str]]) -> str | None:
    if len(lacking) == 2 and lacking[0][1] == lacking[1][1]:
        return f"both: {lacking[0][1]}"
    return "; ".join(f"{name}: {status}" for name, status in lacking) or None


def _better(
    frame: "pl.DataFrame",
    p_adjusted: Sequence[float | None],
    names: list[str],
    dataset: "DataIngestor",
) -> list[str]:
    """Return which of the two is better on each question, as far as it is clear and known."""
    from app.statistics.about import CONFIDENCE

    better = []
    cells = frame.select("question", "difference").iter_rows()
    for (question, difference), p_value in zip(cells, p_adjusted, strict=True):
        lower = dataset.question(question).question.lower_is_better
        if p_value is None:
            better.append(_UNKNOWN)
        elif p_value >= 1 - CONFIDENCE:
            better.append(_NOT_CLEAR)
        elif lower is None:
            better.append(_UNKNOWN)
        else:
            better.append(names[0] if (difference < 0) == lower else names[1])
    return better


def _presentation(frame: "pl.DataFrame") -> list[str | None]:
    """Return how each difference may be presented."""
    from app.statistics.about import combined

    marks = frame.select("first_presentation", "second_presentation").iter_rows()
    return [combined(first, second) for first, second in marks]


def _lacking(frame: "pl.DataFrame", names: list[str], told: "pl.DataFrame") -> list[str]:
    """Return the warnings that some questions have no difference, and why as far as it is known."""
    import polars as pl

    from app.datasets.absence import NOT_RELEASED, WITHHELD

    missing = frame.filter(pl.col("difference").is_null()).with_columns(
        pl.col("question", "question_id").cast(pl.String)
    )
    if missing.is_empty():
        return []
    ids = missing["question_id"].to_list()
    warnings = [f"No estimate of both {names[0]} and {names[1]} to compare in: {listed(ids)}."]
    known = missing.select("question", "question_id").join(told, on="question")
    for name in names:
        for status, words in (
            (NOT_RELEASED, "CDC released nothing, in no stratum, for"),
            (WITHHELD, "Withheld, for too small a sample of the stratum, for"),
        ):
            of = known.filter(pl.col("name") == name, pl.col("status") == status)["question_id"]
            if of.len():
                warnings.append(f"{words} {name}: {listed(of.to_list())}.")
    return warnings
