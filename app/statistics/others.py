"""Which rows the one and the others of `against` are, and who has no estimate.

It imports polars: `against` imports it inside of functions.
"""

from typing import TYPE_CHECKING, Any

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets.places import NATION
from app.datasets.strata import TOTAL
from app.messages import caveats, reasons
from app.messages.message import Sentence
from app.methods.estimates import NOT_REPORTED, Period, kind_of, matching, named, periods, within
from app.statistics import lacking
from app.statistics.about import (
    later_years,
    nothing_released,
    of_strata,
    only_used,
    whole_period,
)
from app.statistics.period_rows import PeriodRows
from app.statistics.periods import period as period_of
from app.statistics.strata import strata_told, warnings_of_strata
from app.statistics.wording import listed

if TYPE_CHECKING:
    from app.statistics.against import AgainstParameters


def subject_of(parameters: "AgainstParameters") -> tuple[str, str]:
    """Return the column by which the one and the others differ, and what the one has there."""
    if parameters.others == "strata":
        return "stratum", str(parameters.stratum)
    return "state", str(parameters.state)


def find(dataset: DataIngestor, parameters: "AgainstParameters") -> PeriodRows:
    """Return the rows to answer from; raise BadRequest where there are none.

    `everywhere` has rows of the others alone; `matched` of the one and the nation, too.
    """
    by, one = subject_of(parameters)
    category, stratum = dataset.stratum(parameters.stratum or TOTAL)
    question, state = parameters.question, str(parameters.state)
    among = _other_places(dataset, parameters)
    if by == "stratum":
        rows = matching(dataset, question=question, category=category, state=state)
        rows = rows.filter(pl.col("stratum") != NOT_REPORTED)
        others = rows.filter(pl.col("stratum") != one)
    else:
        rows = matching(dataset, question=question, category=category, stratum=stratum)
        others = rows.filter(named("state", among))
    # The same years of both; of the others, those that at least half of them have.
    own = periods(rows.filter(pl.col(by) == one), by, "question", 1)
    every = periods(others, by, "question", 1)
    found = {period: who for period, who in every.items() if period in own}
    wanted = parameters.year
    short = dataset.question(question).question.id
    period = period_of(
        found,
        wanted,
        reasons.ONE_AND_OTHERS(question=short, one=one),
        lambda: nothing_released(dataset, [question], [state], wanted, wanted),
    )
    matched = rows.filter(within(period))
    if by == "state":
        matched = matched.filter(named("state", sorted({one, *among, NATION.name})))
    return PeriodRows(period, others, matched, only_used(matched), whole_period(every))


def warnings_of(
    dataset: DataIngestor, parameters: "AgainstParameters", found: PeriodRows
) -> list[Sentence]:
    """Return the warnings that the period deserves, and the stratum."""
    warnings, last = [*found.warnings], found.period.last
    if parameters.year is None:
        warnings += later_years(dataset, {parameters.question: last}, [str(parameters.state)])
    category, stratum = dataset.stratum(parameters.stratum or TOTAL)
    return warnings + of_strata(dataset, category, [stratum], last)


def _other_places(dataset: DataIngestor, parameters: "AgainstParameters") -> list[str]:
    """Return the other places; the nation is none of them."""
    return [
        state
        for state in dataset.states
        if state not in (parameters.state, NATION.name)
        and (parameters.others == "places" or kind_of(state) != "territory")
    ]


def absent_strata(
    dataset: DataIngestor, parameters: "AgainstParameters", matched: pl.DataFrame, period: Period
) -> tuple[dict[str, list[str]], list[Sentence]]:
    """Return the strata without an estimate as `without_estimate`, and the warnings of it."""
    question, (category, _) = parameters.question, dataset.stratum(str(parameters.stratum))
    everywhere = matching(dataset, question=question, category=category)
    told = strata_told(dataset, question, [str(parameters.state)], everywhere, matched, period)
    warnings = warnings_of_strata(told)
    return lacking.without_estimate(told, matched, "stratum", dataset), warnings


def absent_others(
    dataset: DataIngestor,
    parameters: "AgainstParameters",
    everywhere: pl.DataFrame,
    matched: pl.DataFrame,
    period: Period,
) -> tuple[dict[str, Any], list[Sentence]]:
    """Return `without_estimate` and `left_out` for `about`, and the warnings that they deserve."""
    told, warnings = lacking.places_without_estimate(
        dataset, parameters.question, everywhere, matched, period
    )
    left_out: list[str] = []
    if parameters.others == "states":
        rows = matching(dataset, question=parameters.question, stratum=parameters.stratum)
        there = set(only_used(rows, within(period))["state"].unique()) - {parameters.state}
        left_out = sorted(state for state in there if kind_of(state) == "territory")
    if left_out:
        warnings.append(caveats.TERRITORIES_LEFT_OUT(named=listed(left_out)))
    return {"without_estimate": told, "left_out": left_out}, warnings
