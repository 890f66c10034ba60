"""How states changed over the years: a weighted line through the yearly estimates of each."""

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, structs

from app.datasets.layouts import Layout
from app.datasets.strata import TOTAL
from app.errors import BadRequest
from app.methods.rounding import rounded
from app.methods.years import span, spans
from app.statistics import columns
from app.statistics.names import RELEASE, several, stratum
from app.statistics.parameters import Parameters, Question, States, Stratum, YearRange, Years
from app.statistics.statistic import Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import among, listed, quantity

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor

COLUMNS: tuple[Column, ...] = (
    columns.STATE,
    Column("kind", "text", '"state", "district", "territory" or "nation"'),
    Column("years", "text", "the first and the last year with an estimate"),
    Column("points", "integer", "how many years have an estimate"),
    Column("first", "number", "the estimate of the first year, {value}"),
    Column("last", "number", "the estimate of the last year, {value}"),
    Column("slope", "number", "change, in {points} a year"),
    Column("low", "number", "lower 95 % confidence limit of slope, in {points} a year"),
    Column("high", "number", "upper 95 % confidence limit of slope, in {points} a year"),
    Column("p_value", "number", "two-sided, of no change"),
    Column("from_national", "number", "slope minus that of the United States, in {points} a year"),
    Column("direction", "text", '"rising", "falling", "stable" (no clear change) or "unknown"'),
    columns.PRESENTATION,
    columns.ROWS_USED,
    Column("rows_suppressed", "integer", "how many rows have no value because CDC withholds it"),
    Column("rows_filled", "integer", "how many rows have a value though CDC withholds it"),
    Column("sample_size", "integer", "how many people were asked in all years"),
)

METHOD = (
    "Weighted least squares of the yearly estimates on the year, weights 1/se^2; t distribution "
    "with n-2 degrees of freedom; standard error times the Birge ratio where that is over 1. Each "
    "row stands for itself: nothing is corrected for the number of states."
)

_YEARLY = ("state", "year", "value", "low", "high", "sample_size", "presentation")


class TrendParameters(Parameters, frozen=True):
    """Of which question to show the change, in which states, among whom, and over which years."""

    question: Question
    state: Annotated[States, Meta(description="a state or several; all by default")] | None = None
    stratum: Stratum | None = None
    years: Years = YearRange()


class Trend(Statistic[TrendParameters]):
    """The slope of each state, ascending, the nation last; `about.yearly` has the estimates."""

    name = "trend"
    title = "Trend over the years"
    summary = "Change over the years: slopes with intervals, rising, stable or falling"
    parameters = TrendParameters
    example = {"question": "Q036", "state": ["National", "Ohio"]}
    chart = Chart("line", "slope", "{difference} a year", diverging=True, series="yearly")

    def resolve(self, parameters: TrendParameters, dataset: "DataIngestor") -> TrendParameters:
        """Return parameters by full names; raise BadRequest for what has no answer."""
        from app.statistics.about import nothing_released, only_used
        from app.statistics.periods import check_usable

        parameters.years.check("years")
        question = dataset.question(parameters.question).question
        states = parameters.state
        resolved = TrendParameters(
            question=question.text,
            state=None if states is None else several(states, dataset.state),
            stratum=stratum(parameters.stratum, dataset),
            years=parameters.years,
        )
        what = f'{question.id} in the stratum "{resolved.stratum}"'
        if resolved.state:
            what += f" for {listed(_states(resolved))}"
        of_any_year = _matched(dataset, structs.replace(resolved, years=YearRange()))
        if not of_any_year.height and _rows(dataset, resolved).height:
            raise BadRequest(f"this dataset has no single years of {what}; {RELEASE}")
        check_usable(of_any_year, what)
        if not only_used(_matched(dataset, resolved)).height:
            there = spans(only_used(of_any_year)["year_start"])
            why = nothing_released(
                dataset,
                [question.text],
                _states(resolved),
                resolved.years.first,
                resolved.years.last,
            )
            raise BadRequest(f"this dataset has {what} in other years only: {there}{why}")
        return resolved

    def compute(self, dataset: "DataIngestor", parameters: TrendParameters) -> Table:
        """Return a row for each state, ascending, the nation last."""
        from app.datasets.absence import with_status
        from app.methods import breaks
        from app.methods.estimates import estimates
        from app.methods.trends import trends
        from app.statistics import about

        question = dataset.question(parameters.question).question
        matched = _matched(dataset, parameters)
        yearly = estimates(matched, "state", "year_start").rename({"year_start": "year"})
        there = yearly["year"].unique().sort().to_list()
        known = with_status(matched, dataset.releases)
        found = trends(yearly, known, _states(parameters) or None)
        gaps = _gaps(dataset, parameters, matched, found, there)
        warnings = [
            *breaks.warnings(dataset.layout, question.cdc_id, there),
            *breaks.unknown(dataset.layout, [question], there),
            *_told(gaps, there),
            *_unfitted(found),
            *about.weaknesses(yearly),
        ]
        described = about.about(
            dataset,
            self.name,
            METHOD,
            {"question": about.question_fields(question)},
            years=span(there[0], there[-1]),
            stratum=parameters.stratum,
            used=about.only_used(matched),
            matched=matched,
            warnings=warnings,
        )
        points = yearly.select(_YEARLY).iter_rows()
        described["yearly"] = {
            "columns": list(_YEARLY),
            "rows": [[rounded(c) if isinstance(c, float) else c for c in row] for row in points],
        }
        shown = COLUMNS
        if dataset.has_gaps:
            shown = (*COLUMNS, columns.ROWS_NOT_RELEASED)
            described["gaps"] = {"columns": gaps.columns, "rows": list(map(list, gaps.rows()))}
        return Table(
            in_unit(shown, dataset.unit([parameters.question])),
            about.rows_of(found, shown),
            described,
        )

    def used(self, dataset: "DataIngestor", parameters: TrendParameters) -> "pl.DataFrame":
        """Return the rows that the answer is made of."""
        from app.statistics.about import only_used

        return only_used(_matched(dataset, parameters))

    def sentence(self, parameters: TrendParameters, layout: Layout) -> str:
        """Return what is asked."""
        where = listed(_states(parameters)) or "each state"
        first, last = parameters.years.first, parameters.years.last
        when = (f" from {first}" if first else "") + (f" to {last}" if last else "")
        change = f"How did {quantity(parameters.question)} change in {where}"
        return f"{change}{when or ' over the years'}, {among(parameters.stratum, layout)}?"

    def method(self, _parameters: TrendParameters, _layout: Layout) -> str:
        """Return how the answer is computed."""
        return METHOD


def _states(parameters: TrendParameters) -> list[str]:
    """Return the states that are asked for; none where all are."""
    state = parameters.state or []
    return [state] if isinstance(state, str) else state


def _rows(dataset: "DataIngestor", parameters: TrendParameters) -> "pl.DataFrame":
    """Return the rows of any years that are asked for, used or not."""
    from app.methods.estimates import matching

    category, name = dataset.stratum(parameters.stratum or TOTAL)
    names = {"question": parameters.question, "category": category, "stratum": name}
    return matching(dataset, **names, state=_states(parameters) or None)


def _matched(dataset: "DataIngestor", parameters: TrendParameters) -> "pl.DataFrame":
    """Return the rows of single years that are asked for, used or not."""
    import polars as pl

    from app.methods.estimates import single_year

    first, last = parameters.years.first, parameters.years.last
    return _rows(dataset, parameters).filter(
        single_year(),
        pl.lit(True) if first is None else pl.col("year_start") >= first,
        pl.lit(True) if last is None else pl.col("year_end") <= last,
    )


def _gaps(
    dataset: "DataIngestor",
    parameters: TrendParameters,
    matched: "pl.DataFrame",
    found: "pl.DataFrame",
    there: list[int],
) -> "pl.DataFrame":
    """Return `state`, `year` and `status` of what has no estimate, states as `found` has them.

    Years are those of `there`, which have an estimate of some of these states, and others of which
    it is known why they have none.
    """
    import polars as pl

    from app.datasets.absence import ESTIMATE, NO_ESTIMATE, statuses
    from app.methods.estimates import Period
    from app.statistics.about import cells_of

    question, states = [parameters.question], found["state"].cast(pl.String)
    years = sorted({*there, *matched["year_start"]})
    cells = pl.concat(cells_of(dataset, question, states, Period(year, year)) for year in years)
    order = pl.DataFrame({"state": found["state"]}).with_row_index("place")
    return (
        statuses(cells, matched, dataset.releases)
        .filter(
            pl.col("status") != ESTIMATE,
            pl.col("year_start").is_in(there) | (pl.col("status") != NO_ESTIMATE),
        )
        .join(order, on="state")
        .sort("place", "year_start")
        .select(pl.col("state").cast(pl.String), pl.col("year_start").alias("year"), "status")
    )


def _told(gaps: "pl.DataFrame", there: list[int]) -> list[str]:
    """Return the warnings about years without an estimate: of all states, of some."""
    from app.datasets.absence import NO_ESTIMATE, NOT_RELEASED, WITHHELD

    warnings = []
    nowhere = set(range(there[0], there[-1] + 1)) - set(there) - set(gaps["year"])
    if nowhere:
        warnings.append(f"No estimate at all in {spans(nowhere)}: not asked, or not published.")
    texts = {
        NOT_RELEASED: "Years for which CDC released nothing, in no stratum: ",
        WITHHELD: "Years withheld, for too small a sample of the stratum: ",
        NO_ESTIMATE: "Years without a usable estimate: ",
    }
    for status, text in texts.items():
        by_state: dict[str, list[int]] = {}
        for state, year, why in gaps.iter_rows():
            if why == status:
                by_state.setdefault(state, []).append(year)
        if by_state:
            lacking = [f"{state} ({spans(years)})" for state, years in by_state.items()]
            warnings.append(f"{text}{listed(lacking)}.")
    return warnings


def _unfitted(found: "pl.DataFrame") -> list[str]:
    """Return the warning that some states have too few estimates for a slope."""
    few = found.filter(found["slope"].is_null())["state"].to_list()
    if not few:
        return []
    return [
        f"Fewer than three years with an estimate and its standard error, so no trend: "
        f"{listed(few)}."
    ]
