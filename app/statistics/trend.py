"""How states changed over comparable years: from first to last, and along a weighted line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

from msgspec import Meta

from app.datasets.layouts import Layout
from app.datasets.places import NATION
from app.datasets.strata import TOTAL
from app.datasets.years import span, spans
from app.messages import caveats
from app.messages.message import Sentence
from app.statistics import columns
from app.statistics.names import category_of, several, states_of, stratum_or_default
from app.statistics.parameters import (
    AcrossBreaks,
    Parameters,
    Question,
    States,
    Stratum,
    YearRange,
    YearsOrList,
)
from app.statistics.statistic import Asked, Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import among, in_years, listed, places, quantity, with_nature

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.statistics.in_words.answer import Answer
    from app.statistics.in_words.words import Words

COLUMNS: tuple[Column, ...] = (
    columns.STATE,
    Column("kind", "text", '"state", "district", "territory" or "nation"'),
    Column("years", "text", "the first and the last year with an estimate, of those compared"),
    Column("points", "integer", "how many of the years compared have an estimate"),
    Column("first", "number", "the estimate of the first year, {value}"),
    Column("last", "number", "the estimate of the last year, {value}"),
    Column("change", "number", "last minus first, in {points}"),
    Column("change_low", "number", "lower 95 % confidence limit of change, in {points}"),
    Column("change_high", "number", "upper 95 % confidence limit of change, in {points}"),
    Column(
        "change_p_value", "number", f"two-sided, of no change from first to last; {columns.SMALL_P}"
    ),
    Column("slope", "number", "change along a straight line, in {points} a year"),
    Column("low", "number", "lower 95 % confidence limit of slope, in {points} a year"),
    Column("high", "number", "upper 95 % confidence limit of slope, in {points} a year"),
    Column("p_value", "number", f"two-sided, of a slope of 0; {columns.SMALL_P}"),
    Column(
        "basis",
        "text",
        'what the limits of slope rest on: "sampling error" (normal), or "scatter" (years lie '
        "farther from the line than sampling error explains: wider, t distribution)",
    ),
    Column("scatter_p", "number", "chi2 test that sampling error explains the distances"),
    Column("from_national", "number", "slope minus that of the United States, in {points} a year"),
    Column("direction", "text", '"rising", "falling", "no clear change" or "unknown"'),
    Column(
        "direction_by",
        "text",
        'what direction is told by: "change" with fewer than seven years that have a standard '
        'error, or where it is clear and the line is not; else "slope"; null where no direction '
        "is told, as where both are clear and contradict",
    ),
    Column("apc", "number", "annual percentage change up to the last year, in % a year"),
    Column("apc_low", "number", "lower 95 % confidence limit of apc, in % a year"),
    Column("apc_high", "number", "upper 95 % confidence limit of apc, in % a year"),
    Column(
        "joinpoint",
        "integer",
        "the year from which on apc holds, where the years show a bend; about.segments has the "
        "annual percentage change before it",
    ),
    columns.PRESENTATION,
    columns.ROWS_USED,
    Column("rows_suppressed", "integer", "how many rows have no value because CDC withholds it"),
    Column("rows_filled", "integer", "how many rows have a value though CDC withholds it"),
    Column("sample_size", "integer", "how many people were asked in all years"),
)

METHOD = (
    "Change: the last estimate minus the first, two independent samples, normal 95 % limits. "
    "Slope: weighted least squares of the yearly estimates on the year, weights 1/se^2, normal "
    "limits from these errors; where a chi2 test (level 0.05) finds that years scatter more than "
    "that, errors times the Birge ratio and the t distribution with n-2 degrees of freedom. "
    "Limits are of 95 %. With fewer than seven years that have a standard error direction is told "
    "by the change, at the level 0.05; from seven on by slope and change, each at 0.025, as if by "
    "limits of 97.5 %, and by neither where they contradict. Annual percentage change, from seven "
    "years on: the same of the logarithms, with one joinpoint where the weighted BIC prefers it. "
    "Nothing is corrected for the number of states."
)

_YEARLY = ("state", "year", "value", "low", "high", "sample_size", "presentation")


class TrendParameters(Parameters, frozen=True):
    """Of which question to show the change, in which states, among whom, and over which years.

    Of these years, the latest that are comparable are used, or all where breaks are to be crossed.
    """

    question: Question
    state: Annotated[States, Meta(description="a state or several; all by default")] | None = None
    stratum: Stratum | None = None
    years: YearsOrList = YearRange()
    across_breaks: AcrossBreaks = False


class _Found(NamedTuple):
    asked: "pl.DataFrame"  # rows of the years that are asked for, used or not
    matched: "pl.DataFrame"  # those of the years that are compared
    used: "pl.DataFrame"
    comparable: bool  # whether these may be
    national: "pl.DataFrame"  # used rows of the nation in these years, where it is not asked for


class Trend(Statistic[TrendParameters]):
    """The change of each state, ascending, the nation last; `about.yearly` has the estimates."""

    name = "trend"
    title = "Trend over the years"
    summary = "Change over comparable years: from first to last, by a line, and in percent a year"
    parameters = TrendParameters
    example = {"question": "Q036", "state": ["National", "Ohio"]}
    chart = Chart(
        "line", "slope", "{difference} a year", diverging=True, series="yearly", limits="slope"
    )

    def resolve(self, parameters: TrendParameters, dataset: "DataIngestor") -> TrendParameters:
        """Return parameters by full names; raise BadRequest for what has no answer."""
        years = parameters.years
        if isinstance(years, YearRange):
            years.check("years")
        else:
            years = sorted(set(years))
        question = dataset.question(parameters.question).question
        states = parameters.state
        return TrendParameters(
            question=question.text,
            state=None if states is None else several(states, dataset.state),
            stratum=stratum_or_default(parameters.stratum, dataset),
            years=years,
            across_breaks=parameters.across_breaks,
        )

    def find(self, dataset: "DataIngestor", parameters: TrendParameters) -> _Found:
        """Return the rows to answer from; raise BadRequest where there are none."""
        import polars as pl

        from app.methods import breaks
        from app.statistics.yearly import in_other_years, of_single_years

        states = states_of(parameters.state)
        rows, used = of_single_years(dataset, parameters.question, parameters.stratum, states)
        years, year = parameters.years, pl.col("year_start")
        if isinstance(years, YearRange):
            ends = years.first, years.last
            wanted = [] if years.first is None else [year >= years.first]
            wanted += [] if years.last is None else [year <= years.last]
        else:
            ends = years[0], years[-1]
            wanted = [year.is_in(years)]
        asked, used = (of.filter(*wanted) if wanted else of for of in (rows, used))
        there = set(used["year_start"].unique())
        if not there:
            raise in_other_years(dataset, rows, states, *ends)
        cdc_id = dataset.question(parameters.question).question.cdc_id
        categories = [category_of(parameters.stratum, dataset)]
        national = self._national(dataset, parameters, *wanted)
        if parameters.across_breaks:
            known = breaks.segments(dataset.layout, [cdc_id], there, categories)
            return _Found(asked, asked, used, len(known) < 2, national)
        every = asked["year_start"].unique()
        groups = breaks.segments(dataset.layout, [cdc_id], every, categories)
        compared = year.is_in(breaks.latest(groups, there))
        # As in an answer with the nation in it: all its years that are comparable with these.
        of_both = [*every, *national["year_start"].unique()]
        beside = breaks.segments(dataset.layout, [cdc_id], of_both, categories)
        national = national.filter(year.is_in(breaks.latest(beside, there)))
        matched, used = asked.filter(compared), used.filter(compared)
        return _Found(asked, matched, used, comparable=True, national=national)

    def _national(
        self, dataset: "DataIngestor", parameters: TrendParameters, *which: "pl.Expr"
    ) -> "pl.DataFrame":
        """Return the rows that the slope of the nation comes from, none where it is asked for."""
        from app.methods.estimates import matching, single_year
        from app.statistics.about import only_used

        states = states_of(parameters.state)
        if not states or NATION.name in states:
            return dataset.estimates.clear()
        category, name = dataset.stratum(parameters.stratum or TOTAL)
        names = {"question": parameters.question, "category": category, "stratum": name}
        return only_used(matching(dataset, **names, state=[NATION.name]), single_year(), *which)

    def compute(self, asked: Asked[TrendParameters, _Found]) -> Table:
        """Return a row for each state, ascending, the nation last."""
        import polars as pl

        from app.datasets.absence import with_status
        from app.methods import breaks
        from app.methods.estimates import cells, estimates
        from app.methods.joinpoints import annual_changes
        from app.methods.trends import slope_of, trends
        from app.statistics import about
        from app.statistics import yearly as shared

        dataset, parameters, (all_years, matched, used, comparable, national) = asked
        question = dataset.question(parameters.question).question
        categories = [category_of(parameters.stratum, dataset)]
        yearly = estimates(all_years, "state", "year_start").rename({"year_start": "year"})
        years = matched["year_start"].unique().to_list()
        fitted = yearly.filter(pl.col("year").is_in(years))
        there, compared = (sorted(of["year"].unique().to_list()) for of in (yearly, fitted))
        segments = annual_changes(fitted if comparable else fitted.clear())
        known = with_status(matched, dataset.releases)
        places = shared.states_shown(all_years, states_of(parameters.state))
        beside = cells(national, "state", "year_start").rename({"year_start": "year"})
        found = trends(
            fitted, known, segments, places, comparable=comparable, national=slope_of(beside)
        )
        gaps = shared.gaps(dataset, parameters.question, all_years, found["state"], there)
        warnings = [
            *breaks.warnings(dataset.layout, question.cdc_id, there, categories),
            *about.no_group(dataset, [parameters.stratum]),
            *_left_out(there, compared, comparable=comparable),
            *breaks.unknown(dataset.layout, [question], compared),
            *_nowhere(parameters.years, gaps, there),
            *shared.gap_warnings(gaps),
            *(_led(found) if comparable else ()),
            *_joined(found),
            *_unfitted(found),
            *_unlike(found, compared),
            *about.weaknesses(fitted),
        ]
        described = about.about(
            dataset,
            self.method(parameters, dataset.layout),
            {"question": about.question_fields(question)},
            years=span(compared[0], compared[-1]),
            stratum=parameters.stratum,
            used=used,
            matched=known,
            warnings=warnings,
            beside=national,
        )
        described["compared"] = compared
        described["comparable"] = breaks.segments(
            dataset.layout, [question.cdc_id], {*there, *gaps["year"]}, categories
        )
        names = ("state", "from", "to", "apc", "apc_low", "apc_high", "apc_p_value")
        described["segments"] = {
            "columns": list(names),
            "rows": about.rounded_rows(segments.select(names)),
        }
        described["yearly"] = {
            "columns": list(_YEARLY),
            "rows": about.rounded_rows(yearly.select(_YEARLY)),
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

    def sentence(self, parameters: TrendParameters, layout: Layout) -> str:
        """Return what is asked."""
        where = places(states_of(parameters.state)) or "each state"
        when = in_years(parameters.years) or "over the years"
        change = f"How did {quantity(parameters.question)} change in {where}"
        return f"{change} {when}, {among(parameters.stratum, layout)}?"

    def method(self, _parameters: TrendParameters, layout: Layout) -> str:
        """Return how the answer is computed."""
        return with_nature(layout, METHOD)

    def in_words(self, answer: "Answer", words: "Words") -> str:
        """Return the answer in words."""
        from app.statistics.in_words.over_time import trend

        return trend(answer, words)


def _nowhere(
    asked: YearRange | Sequence[int], gaps: "pl.DataFrame", there: list[int]
) -> list[Sentence]:
    """Return the warning about years that are asked for, in which no state has an estimate."""
    years = range(there[0], there[-1] + 1) if isinstance(asked, YearRange) else asked
    nowhere = set(years) - set(there) - set(gaps["year"])
    if not nowhere:
        return []
    return [caveats.NO_YEARS_ASKED(years=spans(nowhere))]


def _left_out(there: list[int], compared: list[int], *, comparable: bool) -> list[Sentence]:
    """Return the warning that years are left out, or that some are not comparable."""
    if not comparable:
        return [caveats.USED_TOGETHER()]
    others = set(there) - set(compared)
    if not others:
        return []
    return [caveats.OTHERS_LEFT_OUT(compared=spans(compared), others=spans(others))]


def _led(found: "pl.DataFrame") -> list[Sentence]:
    """Return the warnings about directions that line and change do not tell alike."""
    import polars as pl

    from app.methods.changes import FALLING, RISING
    from app.methods.trends import CHANGE, FEWEST_TO_LEAD, OPPOSED, SLOPE

    told = found.filter(pl.col("direction_by") == CHANGE)
    few = told.filter("few").height
    bent = told.height - few
    opposed = found.filter(OPPOSED)["state"].to_list()
    one_way = pl.col("direction").is_in([RISING, FALLING]) & (pl.col("direction_by") == SLOPE)
    turned = found.filter(one_way, pl.col("slope").sign() == -pl.col("change").sign())
    warnings = []
    if few:
        warnings.append(caveats.BY_CHANGE_FEW(few=few, all=found.height, fewest=FEWEST_TO_LEAD))
    if bent:
        warnings.append(caveats.BY_CHANGE_BENT(bent=bent, all=found.height))
    if opposed:
        warnings.append(caveats.OPPOSED(states=listed(opposed)))
    if turned.height:
        warnings.append(caveats.AGAINST_THE_CHANGE(states=listed(turned["state"].to_list())))
    return warnings


def _joined(found: "pl.DataFrame") -> list[Sentence]:
    """Return the warning that joinpoints are chosen by the same data."""
    joined = found["joinpoint"].count()
    if not joined:
        return []
    return [caveats.JOINPOINTS(joined=joined, all=found.height)]


def _unlike(found: "pl.DataFrame", compared: Sequence[int]) -> list[Sentence]:
    """Return the warning that some states begin or end in other years than the answer."""
    import polars as pl

    ends = span(compared[0], compared[-1])
    others = found.filter(pl.col("change").is_not_null(), pl.col("years") != ends)
    if not others.height:
        return []
    pairs = others.select("state", "years").iter_rows()
    named = listed([f"{state} ({years})" for state, years in pairs])
    return [caveats.OTHER_ENDS(years=ends, named=named)]


def _unfitted(found: "pl.DataFrame") -> list[Sentence]:
    """Return the warning that some states have too few estimates for a slope."""
    few = found.filter(found["slope"].is_null())["state"].to_list()
    if not few:
        return []
    return [caveats.NO_SLOPE(states=listed(few))]
