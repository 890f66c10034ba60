"""Ranks the states on a question, and says how sure each rank is."""

from typing import TYPE_CHECKING, NamedTuple

from app.datasets.layouts import Layout
from app.datasets.places import NATION
from app.datasets.strata import TOTAL
from app.errors import BadRequest
from app.methods.rounding import rounded
from app.statistics import columns
from app.statistics.names import stratum
from app.statistics.parameters import Parameters, Question, Stratum, Year
from app.statistics.statistic import Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import among, in_year, quantity

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.methods.estimates import Period

COLUMNS = (
    Column("rank", "integer", "1 is best; states with equal estimates have the same"),
    columns.STATE,
    Column("kind", "text", '"state", "district" or "territory"'),
    columns.VALUE,
    columns.LOW,
    columns.HIGH,
    Column("from_national", "number", "value minus that of the United States, in {points}"),
    Column("rank_low", "integer", "best rank it may truly have (95 %, all states at once)"),
    Column("rank_high", "integer", "worst rank it may truly have (95 %, all states at once)"),
    Column("may_be_first", "boolean", "whether it cannot be told apart from the first"),
    columns.ROWS_USED,
    columns.SAMPLE_SIZE,
    columns.PRESENTATION,
)

METHOD = (
    "States are ordered by their estimates. The limits of the ranks are the joint confidence "
    "region of Klein, Wright and Wieczorek (2020), from simultaneous intervals on the logit scale "
    "at the individual level 0.95^(1/K) for K states: all hold together with 95 % confidence."
)


class RankingParameters(Parameters, frozen=True):
    """By which question to rank, in which year, and among whom."""

    question: Question
    year: Year | None = None
    stratum: Stratum | None = None


class _Found(NamedTuple):
    period: "Period"
    everywhere: "pl.DataFrame"  # rows of any period
    matched: "pl.DataFrame"
    warnings: list[str]


class Ranking(Statistic[RankingParameters]):
    """The states, best first, with the limits of their ranks; the nation in `about.national`."""

    name = "ranking"
    title = "Ranking of the states"
    summary = "States from best to worst, with the interval of each rank"
    parameters = RankingParameters
    example = {"question": "Q036"}
    chart = Chart(ordered=True)

    def resolve(self, parameters: RankingParameters, dataset: "DataIngestor") -> RankingParameters:
        """Return parameters by full names; raise BadRequest for what has no answer."""
        question = dataset.question(parameters.question).question
        if question.lower_is_better is None:
            raise BadRequest(f"whether low or high is better is not known of {question.id}")
        resolved = RankingParameters(
            question=question.text,
            year=parameters.year,
            stratum=stratum(parameters.stratum, dataset),
        )
        _find(dataset, resolved)
        return resolved

    def compute(self, dataset: "DataIngestor", parameters: RankingParameters) -> Table:
        """Return a row for each state with an estimate, best first."""
        import polars as pl

        from app.datasets.absence import statuses
        from app.methods.estimates import estimates, kind
        from app.methods.ranks import with_rank_limits
        from app.statistics import about

        period, everywhere, matched, warnings = _find(dataset, parameters)
        question = dataset.question(parameters.question).question
        lower = bool(question.lower_is_better)
        found = estimates(matched, "state")
        national = found.filter(pl.col("state") == NATION.name)
        national_value = national["value"][0] if national.height else None
        states = found.filter(pl.col("state") != NATION.name)
        states = states.sort("value", "state", descending=[not lower, False]).with_columns(
            kind().alias("kind"),
            pl.col("value").rank("min", descending=not lower).cast(pl.Int64).alias("rank"),
            pl.col("rows").alias("rows_used"),
            # No limits: the nation contains the state, so their errors are not independent.
            (pl.col("value") - national_value).alias("from_national"),
        )
        states = with_rank_limits(states, lower=lower)
        known = set(everywhere["state"].unique().cast(pl.String)) - {NATION.name}
        left = known - set(states["state"].cast(pl.String))
        cells = about.cells_of(dataset, [parameters.question], left, period)
        absent = statuses(cells, matched, dataset.releases)
        warnings += _unsure(states)
        warnings += about.absent(absent, period.text)
        described = about.about(
            dataset,
            self.name,
            METHOD,
            {"question": about.question_fields(question)},
            years=period.text,
            stratum=parameters.stratum,
            used=about.only_used(matched),
            matched=matched,
            warnings=warnings + about.weaknesses(found),
        )
        described["better"] = "lower" if lower else "higher"
        described["without_estimate"] = _without_estimate(
            absent, matched, tell_more=dataset.has_gaps
        )
        described["national"] = next(
            (
                {name: rounded(row[name]) for name in ("value", "low", "high")}
                for row in national.iter_rows(named=True)
            ),
            None,
        )
        return Table(
            in_unit(COLUMNS, dataset.unit([parameters.question])),
            about.rows_of(states, COLUMNS),
            described,
        )

    def used(self, dataset: "DataIngestor", parameters: RankingParameters) -> "pl.DataFrame":
        """Return the rows that the answer is made of."""
        from app.statistics.about import only_used

        return only_used(_find(dataset, parameters).matched)

    def sentence(self, parameters: RankingParameters, layout: Layout) -> str:
        """Return what is asked."""
        when = in_year(parameters.year, "in the latest year")
        return (
            f"How do the states rank by {quantity(parameters.question)} {when}, "
            f"{among(parameters.stratum, layout)}, and how sure are the ranks?"
        )

    def method(self, _parameters: RankingParameters, _layout: Layout) -> str:
        """Return how the answer is computed."""
        return METHOD


def _find(dataset: "DataIngestor", parameters: RankingParameters) -> _Found:
    """Return the rows to answer from; raise BadRequest where there are none."""
    import polars as pl

    from app.methods.estimates import matching, periods, within
    from app.statistics.about import whole_period
    from app.statistics.periods import period as period_of

    category, name = dataset.stratum(parameters.stratum or TOTAL)
    rows = matching(dataset, question=parameters.question, category=category, stratum=name)
    found = periods(rows.filter(pl.col("state") != NATION.name), "state", "stratum", 1)
    question = dataset.question(parameters.question).question
    what = f'{question.id} for states in the stratum "{name}"'
    period = period_of(found, parameters.year, what)
    warnings = whole_period(found)
    later = found.filter(pl.col("year_end") > period.last)["year_end"].unique().sort().to_list()
    if later and parameters.year is None:
        warnings.append(
            f"{', '.join(map(str, later))} left out: fewer than half of the states have an "
            "estimate there."
        )
    return _Found(period, rows, rows.filter(within(period)), warnings)


def _unsure(states: "pl.DataFrame") -> list[str]:
    """Return the warning that ranks without limits deserve."""
    unsure = states["rank_low"].null_count()
    if states.height == unsure:
        return ["No state has confidence limits: how sure the ranks are cannot be told."]
    if not unsure:
        return []
    return [
        f"{unsure} of {states.height} states have no standard error, and so no limits of their "
        "ranks; they are taken to be able to have any rank where those of others are limited."
    ]


def _without_estimate(
    absent: "pl.DataFrame", matched: "pl.DataFrame", *, tell_more: bool
) -> dict[str, list[str]]:
    """Return the states that are not ranked, by what stands in the place of an estimate.

    `absent` has the status of each. Withheld are `suppressed` ones, and `filled` ones, which have a
    constant. `no estimate`: there is a row, and why it has none is not known.
    """
    import polars as pl

    from app.datasets.absence import NO_ESTIMATE, NOT_RELEASED, WITHHELD

    def states(rows: pl.DataFrame) -> set[str]:
        return set(rows["state"].cast(pl.String))

    filled, there = states(matched.filter(pl.col("filled"))), states(matched)
    of = {
        status: states(absent.filter(pl.col("status") == status))
        for status in (WITHHELD, NOT_RELEASED, NO_ESTIMATE)
    }
    told = {
        "suppressed": of[WITHHELD] - filled,
        "filled": of[WITHHELD] & filled,
        "no row": of[NO_ESTIMATE] - there,
    }
    if tell_more:
        told |= {NOT_RELEASED: of[NOT_RELEASED], NO_ESTIMATE: of[NO_ESTIMATE] & there}
    return {name: sorted(some) for name, some in told.items()}
