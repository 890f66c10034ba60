"""The rows of the strata of one category in some places, and why some have no estimate.

It imports polars: statistics import it inside of functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets.absence import NO_ESTIMATE, WITHHELD, statuses
from app.datasets.strata import TOTAL
from app.messages import caveats, reasons
from app.messages.message import Sentence
from app.methods.estimates import NOT_REPORTED, Period, matching, named, periods, within
from app.statistics.about import (
    absent,
    cells_of,
    later_years,
    nothing_released,
    of_strata,
    only_used,
    whole_period,
)
from app.statistics.lacking import without_estimate
from app.statistics.names import states_of
from app.statistics.period_rows import PeriodRows
from app.statistics.periods import period as period_of
from app.statistics.statistic import Asked
from app.statistics.wording import listed


class Told(NamedTuple):
    """What is to be said of strata.

    `statuses` has `state`, `stratum` and `status` of all strata that there may be (any state has a
    row of them in the period), in the states that have an estimate of one of them. `not_reported`
    has how many of those asked are in none, in percent, by state, where everyone is asked for.
    `without_estimate` has the states that are asked for and have an estimate of none.
    """

    statuses: pl.DataFrame
    warnings: list[Sentence]
    not_reported: Mapping[str, float]
    without_estimate: Mapping[str, list[str]]


def strata_rows(
    dataset: DataIngestor,
    question: str,
    category: str,
    states: Sequence[str],
    year: int | None,
    *,
    with_total: bool,
) -> PeriodRows:
    """Return the rows of the strata of some states, and of everyone there `with_total`.

    `everywhere` are those of the category, of any place. Raises BadRequest where no state has two
    strata.
    """
    everywhere = matching(dataset, question=question, category=category)
    people = everywhere.filter(named("state", states), pl.col("stratum") != NOT_REPORTED)
    found = periods(people, "state", "stratum", 2)
    name = dataset.question(question).question.id
    period = period_of(
        found,
        year,
        reasons.TWO_OF_CATEGORY(question=name, category=category, states=listed(states)),
        lambda: nothing_released(dataset, [question], states, year, year),
    )
    matched = people.filter(within(period))
    if with_total:
        total = {"category": TOTAL, "stratum": TOTAL}
        everyone = matching(dataset, question=question, state=states, **total)
        matched = pl.concat([matched, everyone.filter(within(period))]).sort("record")
    return PeriodRows(period, everywhere, matched, only_used(matched), whole_period(found))


def told_of(asked: Asked[Any, PeriodRows]) -> Told:
    """Return what is to be said of the strata that a question, category, state and year ask for."""
    dataset, parameters, (period, everywhere, matched, used, found) = asked
    question, category = parameters.question, parameters.category
    states, warnings = states_of(parameters.state), [*found]
    if parameters.year is None:
        warnings += later_years(dataset, {question: period.last}, states)
    warnings += of_strata(dataset, category, (), period.last)
    not_reported = pl.col("stratum") == NOT_REPORTED
    unknown = everywhere.filter(within(period), named("state", states), not_reported)
    total = pl.col("stratum") == TOTAL
    shares = _shares(unknown, matched.filter(total))
    if unknown.height:
        warnings.append(_left_out(shares))
    strata = matched.filter(~total)
    there = set(used.filter(~total)["state"].unique())
    left = cells_of(dataset, [question], sorted(set(states) - there), period)
    told = statuses(left, strata, dataset.releases)
    warnings += absent(dataset, told, period.text)
    every = strata_told(dataset, question, there, everywhere, strata, period)
    return Told(every, warnings, shares, without_estimate(told, strata, "state", dataset))


def _shares(unknown: pl.DataFrame, everyone: pl.DataFrame) -> dict[str, float]:
    """Return how many of those asked are in no stratum, in percent, of places where it is known."""
    if unknown.is_empty() or everyone.is_empty():
        return {}
    sizes = unknown.join(everyone, on="state", suffix="_of_all").select(
        pl.col("state").cast(pl.String),
        share=(100 * pl.col("sample_size") / pl.col("sample_size_of_all")).round(1),
    )
    return dict(sizes.drop_nulls().sort("state").iter_rows())


def _left_out(shares: Mapping[str, float]) -> Sentence:
    """Return the warning that those of whom it is not known are left out.

    They are a part of everyone, if there are rows of these: so strata are measured from a number
    that is not theirs alone.
    """
    share = ""
    if shares:
        state, most = max(shares.items(), key=lambda one: one[1])
        share = caveats.SHARE_LEFT_OUT(share=f"{most:.0f} %")
        if len(shares) > 1:
            least = f"{min(shares.values()):.0f}"
            share = caveats.SHARES_LEFT_OUT(least=least, most=f"{most:.0f}", state=state)
    return caveats.LEFT_OUT_UNKNOWN(stratum=NOT_REPORTED, share=share)


def strata_told(
    dataset: DataIngestor,
    question: str,
    states: Iterable[str],
    everywhere: pl.DataFrame,
    matched: pl.DataFrame,
    period: Period,
) -> pl.DataFrame:
    """Return `state`, `stratum` and `status` of all strata that there may be in some states.

    `everywhere` are the rows of the category in any place, `matched` those of the period and these
    states.
    """
    strata = everywhere.filter(within(period), pl.col("stratum") != NOT_REPORTED)["stratum"]
    cells = cells_of(dataset, [question], sorted(states), period)
    cells = cells.join(strata.unique().to_frame(), how="cross")
    told = statuses(cells, matched, dataset.releases)
    return told.select("state", "stratum", "status").sort("state", "stratum")


def warnings_of_strata(told: pl.DataFrame) -> list[Sentence]:
    """Return the warnings that some strata have no estimate, though their state has others."""
    texts = {WITHHELD: caveats.WITHHELD, NO_ESTIMATE: caveats.NO_ESTIMATE}
    warnings = []
    for status, message in texts.items():
        lacking = by_state(told, status)
        if lacking:
            places = [f"{state} ({', '.join(names)})" for state, names in lacking.items()]
            warnings.append(message(named=listed(places)))
    return warnings


def by_state(told: pl.DataFrame, *of: str) -> dict[str, list[str]]:
    """Return the strata of each state that have one of some statuses, in their order."""
    found: dict[str, list[str]] = {}
    for state, stratum, status in told.iter_rows():
        if status in of:
            found.setdefault(state, []).append(stratum)
    return found
