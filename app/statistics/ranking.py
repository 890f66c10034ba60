"""Ranks the states on a question, and says how sure each rank is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from app.datasets.layouts import Layout
from app.datasets.places import NATION
from app.datasets.strata import AGE, TOTAL
from app.errors import BadRequest
from app.messages import caveats, reasons
from app.messages.message import Sentence
from app.methods.rounding import rounded
from app.statistics import adjusting, columns
from app.statistics.adjusting import Adjust
from app.statistics.names import category_of, stratum_or_default
from app.statistics.parameters import Parameters, Question, State, Stratum, Year
from app.statistics.period_rows import PeriodRows
from app.statistics.statistic import Asked, Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import among, in_year, place, quantity, with_nature

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.statistics.in_words.answer import Answer
    from app.statistics.in_words.words import Words

COLUMNS = (
    Column("rank", "integer", "1 is best; states with equal estimates have the same"),
    columns.STATE,
    Column("kind", "text", '"state", "district" or "territory"'),
    columns.VALUE,
    columns.LOW,
    columns.HIGH,
    Column("from_national", "number", "value minus that of the United States, in {points}"),
    Column("rank_low", "integer", "best plausible rank (95 %, all states at once)"),
    Column("rank_high", "integer", "worst plausible rank (95 %, all states at once)"),
    Column(
        "may_be_first", "boolean", "whether no other state is clearly better, so that rank_low is 1"
    ),
    Column(
        "worse_than_first",
        "boolean",
        "whether the state ranked first is clearly better; if not, this method does not tell them "
        "apart",
    ),
    columns.ROWS_USED,
    columns.SAMPLE_SIZE,
    columns.PRESENTATION,
)

Method = Literal["joint_region", "differences"]  # as `methods.ranks` has them

_ORDER = "States are ordered by their estimates. "
METHODS: Mapping[Method, str] = MappingProxyType(
    {
        "joint_region": f"{_ORDER}The limits of the ranks are the joint confidence region of "
        "Klein, Wright and Wieczorek (2020), from simultaneous intervals on the logit scale at the "
        "individual level 0.95^(1/K) for K states: all hold together with 95 % confidence. One "
        "state is clearly better than another where its interval lies wholly on the better side.",
        "differences": f"{_ORDER}The limits of the ranks are from simultaneous tests of all "
        "differences on the logit scale (Mogstad, Romano, Shaikh and Wilhelm 2024): all hold "
        "together with 95 % confidence. One state is clearly better than another where their "
        "difference is more standard errors than the 95 % quantile of the greatest of all pairs "
        "where no two states differ, which is found by simulation.",
    }
)
_OF_ONE = (
    "The limits of the rank of {state} in about.one_state are from simultaneous tests of its "
    "differences from all others, with 95 % confidence for this rank alone (Mogstad, Romano, "
    "Shaikh and Wilhelm 2024); they hold for a state that is named before the ranks are seen."
)


_MOVED = (
    adjusting.CRUDE,
    Column("crude_rank", "integer", "the rank by crude estimates, among the same states"),
    Column("rank_change", "integer", "crude_rank minus rank: above 0 is for the better"),
)


_VERDICT = Column(
    "verdict",
    "text",
    'whether the state of about.one_state is clearly "higher" or "lower" than this one, "no clear '
    'difference", or "unknown", as against has it with places as the others; null of itself',
)


class RankingParameters(Parameters, frozen=True):
    """By which question to rank, in which year, and among whom; how sure, and of which state."""

    question: Question
    year: Year | None = None
    stratum: Stratum | None = None
    method: Annotated[
        Method, Meta(description="how the limits of ranks are found; joint_region by default")
    ] = "joint_region"
    state: Annotated[
        State | None,
        Meta(description="a state whose own rank is limited more narrowly, apart from the others"),
    ] = None
    adjust: Adjust | None = None


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
            raise BadRequest(reasons.BETTER_UNKNOWN(question=question.id))
        resolved = RankingParameters(
            question=question.text,
            year=parameters.year,
            stratum=stratum_or_default(parameters.stratum, dataset),
            method=parameters.method,
            state=dataset.state(parameters.state) if parameters.state else None,
            adjust=parameters.adjust,
        )
        if resolved.state == NATION.name:
            raise BadRequest(reasons.NATION_NOT_RANKED(nation=NATION.name))
        if resolved.adjust:
            adjusting.check(dataset, resolved.stratum)
        return resolved

    def find(self, dataset: "DataIngestor", parameters: RankingParameters) -> PeriodRows:
        """Return the rows to answer from; raise BadRequest where there are none."""

        from app.methods.estimates import everyone_in, is_nation, matching, periods, within
        from app.methods.standardised import complete
        from app.statistics.about import only_used, whole_period
        from app.statistics.periods import period as period_of

        category, name = dataset.stratum(parameters.stratum or TOTAL)
        question = dataset.question(parameters.question).question
        what = reasons.STATES_IN_STRATUM(question=question.id, stratum=name)
        if parameters.adjust:
            rows = matching(dataset, question=parameters.question, category=AGE)
            ranked, what = complete(rows), reasons.STATES_IN_AGES(question=question.id)
        else:
            rows = matching(dataset, question=parameters.question, category=category, stratum=name)
            ranked = rows
        found = periods(ranked.filter(~is_nation()), "state", "stratum", 1)
        period = period_of(found, parameters.year, what)
        warnings = whole_period(found)
        later = sorted({last for _, last in found if last > period.last})
        have, every = len(found[period]), everyone_in(found)
        if 2 * have < every and parameters.year is None:
            warnings.append(caveats.NO_HALF_YEAR(all=every, year=period.text, most=have))
        elif later and parameters.year is None:
            warnings.append(caveats.LATER_LEFT_OUT(years=", ".join(map(str, later))))
        used = only_used(ranked, within(period))
        return PeriodRows(period, rows, rows.filter(within(period)), used, warnings)

    def compute(self, asked: Asked[RankingParameters, PeriodRows]) -> Table:
        """Return a row for each state with an estimate, best first."""
        import polars as pl

        from app.methods.estimates import cells, estimates, is_nation, kind, matching, within
        from app.methods.ranks import with_rank_limits
        from app.methods.standardised import incomplete as incomplete_ages
        from app.methods.standardised import moved, standardised
        from app.statistics import about, lacking

        dataset, parameters, (period, everywhere, matched, used, of_years) = asked
        warnings = [*of_years]
        question = dataset.question(parameters.question).question
        lower = bool(question.lower_is_better)
        adjusted = parameters.adjust is not None
        found = (standardised if adjusted else estimates)(matched, "state")
        national = found.filter(is_nation())
        national_value = national["value"][0] if national.height else None
        states = found.filter(~is_nation())
        states = states.sort("value", "state", descending=[not lower, False]).with_columns(
            kind().alias("kind"),
            pl.col("value").rank("min", descending=not lower).cast(pl.Int64).alias("rank"),
            pl.col("rows").alias("rows_used"),
            # No limits: the nation contains most of them, and their errors are not independent.
            (pl.col("value") - national_value).alias("from_national"),
        )
        states = with_rank_limits(states, parameters.method, lower=lower)
        shown: tuple[Column, ...] = COLUMNS
        if adjusted:
            everyone = {"category": TOTAL, "stratum": TOTAL}
            crude = matching(dataset, question=parameters.question, **everyone)
            # A place may have no row by age at all, and be known all the same.
            everywhere = pl.concat([everywhere, crude])
            crude = cells(crude.filter(within(period)), "state")
            states = moved(states, crude, lower=lower)
            shown = (*adjusting.computed(COLUMNS), *_MOVED)
            warnings += adjusting.incomplete(incomplete_ages(matched), with_years=False)
            warnings += adjusting.imprecise(used, with_years=False)
        told, absent = lacking.places_without_estimate(
            dataset, parameters.question, everywhere, matched, period
        )
        category = category_of(parameters.stratum, dataset)
        warnings += about.of_strata(dataset, category, [parameters.stratum], period.last)
        warnings += [*about.caution(question), *_unsure(states)]
        warnings += absent
        described = about.about(
            dataset,
            self.method(parameters, dataset.layout),
            {"question": about.question_fields(question)},
            years=period.text,
            stratum=parameters.stratum,
            used=used,
            matched=matched,
            warnings=warnings + ([] if adjusted else about.weaknesses(found)),
        )
        described["better"] = "lower" if lower else "higher"
        described["without_estimate"] = told
        described["national"] = next(
            (
                {name: rounded(row[name]) for name in ("value", "low", "high")}
                for row in national.iter_rows(named=True)
            ),
            None,
        )
        if parameters.state is not None:
            described["one_state"] = _one_state(states, parameters.state, lower=lower)
            states = _with_verdict(states, parameters.state)
            shown += (_VERDICT,)
        return Table(
            in_unit(shown, dataset.unit([parameters.question])),
            about.rows_of(states, shown),
            described,
        )

    def sentence(self, parameters: RankingParameters, layout: Layout) -> str:
        """Return what is asked."""
        when = in_year(parameters.year, "in the latest year")
        how = ", standardised by age" if parameters.adjust else ""
        sure = f", and that of {place(parameters.state)} alone" if parameters.state else ""
        return (
            f"How do the states rank by {quantity(parameters.question)} {when}, "
            f"{among(parameters.stratum, layout)}{how}, and how sure are the ranks{sure}?"
        )

    def method(self, parameters: RankingParameters, layout: Layout) -> str:
        """Return how the answer is computed."""
        texts = [METHODS[parameters.method]]
        if parameters.state is not None:
            texts.append(_OF_ONE.format(state=place(parameters.state)))
        adjusted = parameters.adjust is not None
        texts += [adjusting.METHOD] if adjusted else []
        return with_nature(layout, *texts, adjusted=adjusted)

    def in_words(self, answer: "Answer", words: "Words") -> str:
        """Return the answer in words."""
        from app.statistics.in_words.levels import ranking

        return ranking(answer, words)


def _one_state(states: "pl.DataFrame", state: str, *, lower: bool) -> dict[str, Any] | None:
    """Return the rank of one state with its own limits, None where it has no estimate."""
    from app.methods.ranks import marginal

    own = states.filter(states["state"] == state)
    if own.is_empty():
        return None
    found = marginal(states, state, lower=lower)
    rank = own["rank"].item()
    return {"state": state, "rank": rank, "rank_low": found.low, "rank_high": found.high}


def _with_verdict(states: "pl.DataFrame", state: str) -> "pl.DataFrame":
    """Return the states with `verdict`: how the one compares with each."""
    import polars as pl

    from app.methods.contrasts import from_one
    from app.methods.verdicts import UNKNOWN

    own = pl.col("state") == state
    one = states.filter(own)
    if one.is_empty():
        return states.with_columns(verdict=pl.lit(UNKNOWN))
    told = from_one(one, states.filter(~own)).select("state", "verdict")
    return states.join(told, on="state", how="left", maintain_order="left")


def _unsure(states: "pl.DataFrame") -> list[Sentence]:
    """Return the warning that ranks without limits deserve."""
    unsure = states["rank_low"].null_count()
    if states.height == unsure:
        return [caveats.RANKS_UNKNOWN()]
    if not unsure:
        return []
    return [caveats.RANKS_UNLIMITED(unsure=unsure, all=states.height)]
