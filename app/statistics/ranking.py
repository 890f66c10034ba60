"""Ranks the states on a question, and says how sure each rank is.

Klein, Wright and Wieczorek (2020): where intervals hold the true values of all K states at once,
with 95 % confidence, a state's rank is at least one more than the number of states whose intervals
lie wholly on the better side of its own, and at most K less the number wholly on the worse side;
and that is true of all states at once, with the same confidence.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from app.data_ingestor import DataIngestor
from app.errors import BadRequest
from app.methods.estimates import NATION, Period, estimates, kind, matching, periods, within
from app.methods.rounding import rounded
from app.methods.uncertainty import Z, limits
from app.statistics import about, fields
from app.statistics.table import Column, Table
from app.statistics.wording import among, in_year, quantity

COLUMNS = (
    Column("rank", "integer", "1 is best; states with equal estimates have the same"),
    about.STATE,
    Column("kind", "text", '"state", "district" or "territory"'),
    about.VALUE,
    about.LOW,
    about.HIGH,
    Column("from_national", "number", "value minus that of the United States, in points"),
    Column("rank_low", "integer", "best rank it may truly have (95 %, all states at once)"),
    Column("rank_high", "integer", "worst rank it may truly have (95 %, all states at once)"),
    Column("may_be_first", "boolean", "whether it cannot be told apart from the first"),
    about.ROWS_USED,
    about.SAMPLE_SIZE,
    about.RELIABILITY,
)

_METHOD = (
    "States are ordered by their estimates. The limits of the ranks are the joint confidence "
    "region of Klein, Wright and Wieczorek (2020), from simultaneous intervals on the logit scale "
    "at the individual level 0.95^(1/K) for K states: all hold together with 95 % confidence."
)


class _Found(NamedTuple):
    period: Period
    everywhere: pl.DataFrame
    matched: pl.DataFrame
    warnings: list[str]


def parse(body: Mapping[str, Any], dataset: DataIngestor) -> dict[str, Any]:
    """Return the canonical question, a `dict` of "question", "year" and "stratum".

    Raises BadRequest for what cannot be asked, or not of this dataset.
    """
    fields.only(body, "question", "year", "stratum")
    question = fields.question(body, dataset)
    if question.lower_is_better is None:
        raise BadRequest(f"whether low or high is better is not known of {question.id}")
    asked = {
        "question": question.text,
        "year": fields.year(body),
        "stratum": fields.stratum(body, dataset),
    }
    _find(dataset, asked)
    return asked


def method(_asked: Mapping[str, Any]) -> str:
    """Return how the answer is computed."""
    return _METHOD


def sentence(asked: Mapping[str, Any]) -> str:
    """Return what is asked, in one sentence."""
    when = in_year(asked["year"], "in the latest year")
    return (
        f"How do the states rank by {quantity(asked['question'])} {when}, "
        f"{among(asked['stratum'])}, and how sure are the ranks?"
    )


def used(dataset: DataIngestor, asked: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of the dataset that the answer is made of."""
    return about.only_used(_find(dataset, asked).matched)


def compute(dataset: DataIngestor, asked: Mapping[str, Any]) -> Table:
    """Return the states, best first, and the nation in `about.national`."""
    period, everywhere, matched, warnings = _find(dataset, asked)
    question = dataset.question(asked["question"]).question
    found = estimates(matched, "state")
    national = found.filter(pl.col("state") == NATION)
    states = found.filter(pl.col("state") != NATION)
    lower = bool(question.lower_is_better)
    states = states.sort("value", "state", descending=[not lower, False]).with_columns(
        kind().alias("kind"),
        pl.col("value").rank("min", descending=not lower).cast(pl.Int64).alias("rank"),
        pl.col("rows").alias("rows_used"),
        # No limits: the nation contains the state, so their errors are not independent.
        (pl.col("value") - _first(national["value"])).alias("from_national"),
    )
    states = _with_rank_limits(states, lower=lower)
    unsure = states["rank_low"].null_count()
    if states.height == unsure:
        warnings += ["No state has confidence limits: how sure the ranks are cannot be told."]
    elif unsure:
        warnings += [
            f"{unsure} of {states.height} states have no standard error, and so no limits of their "
            "ranks; they are taken to be able to have any rank where those of others are limited."
        ]
    known = set(everywhere["state"].unique().cast(pl.String)) - {NATION}
    warnings += about.absent(states, known, period.text)
    told = about.about(
        "ranking",
        _METHOD,
        {"question": about.told(question)},
        years=period.text,
        stratum=asked["stratum"],
        used=about.only_used(matched),
        matched=matched,
        warnings=warnings + about.weaknesses(found),
    )
    nation = [
        {name: rounded(row[name]) for name in ("value", "low", "high")}
        for row in national.iter_rows(named=True)
    ]
    told["better"] = "lower" if lower else "higher"
    told["without_estimate"] = _without_estimate(states, matched, known)
    told["national"] = nation[0] if nation else None
    return Table(COLUMNS, about.rows_of(states, COLUMNS), told)


def _first(found: pl.Series) -> float | None:
    return found[0] if found.len() else None


def _find(dataset: DataIngestor, asked: Mapping[str, Any]) -> _Found:
    category, stratum = dataset.stratum(asked["stratum"])
    rows = matching(dataset, question=asked["question"], category=category, stratum=stratum)
    found = periods(rows.filter(pl.col("state") != NATION), "state", "stratum", 1)
    question = dataset.question(asked["question"]).question
    period = fields.period(
        found, asked["year"], f'{question.id} for states in the stratum "{stratum}"'
    )
    warnings = about.whole_period(found)
    later = found.filter(pl.col("year_end") > period.last)["year_end"].unique().sort().to_list()
    if later and asked["year"] is None:
        warnings.append(
            f"{', '.join(map(str, later))} left out: fewer than half of the states have an "
            "estimate there."
        )
    return _Found(period, rows, rows.filter(within(period)), warnings)


def _without_estimate(
    ranked: pl.DataFrame, matched: pl.DataFrame, known: set[str]
) -> dict[str, list[str]]:
    """Return the states that are not ranked, by what stands in the place of an estimate."""
    rows = matched.with_columns(pl.col("state").cast(pl.String))
    suppressed = set(rows.filter(pl.col("value").is_null())["state"])
    filled = set(rows.filter(pl.col("filled"))["state"])
    left = known - set(ranked["state"].cast(pl.String))
    return {
        "suppressed": sorted(left & suppressed),
        "filled": sorted((left & filled) - suppressed),
        "no row": sorted(left - suppressed - filled),
    }


def _with_rank_limits(states: pl.DataFrame, *, lower: bool) -> pl.DataFrame:
    """Return the states with `rank_low`, `rank_high` and `may_be_first`.

    A state without a standard error may truly have any value. It is never wholly better or worse
    than another, so the others' limits stay true with it among them; its own would tell nothing.
    """
    known = states["error"].is_not_null().to_numpy()
    ends = joint_limits(states)
    best, worst = (ends[0], ends[1]) if lower else (-ends[1], -ends[0])
    with np.errstate(invalid="ignore"):  # NaN, for no interval, is neither below nor above
        better = (worst[None, :] < best[:, None]).sum(axis=1)
        worse = (best[None, :] > worst[:, None]).sum(axis=1)
    there = pl.Series(known)
    low = pl.Series(better + 1, dtype=pl.Int64)
    high = pl.Series(states.height - worse, dtype=pl.Int64)
    return states.with_columns(
        pl.when(there).then(low).alias("rank_low"),
        pl.when(there).then(high).alias("rank_high"),
        pl.when(there).then(low == 1).alias("may_be_first"),
    )


def joint_limits(states: pl.DataFrame) -> NDArray[np.float64]:
    """Return the lower and the upper ends of intervals that hold all true values at once (95 %).

    Two rows of percentages, a column for each state; NaN for one without a standard error.
    """
    count = states["error"].count()
    level = about.CONFIDENCE ** (1 / max(1, count))
    wider = float(ndtri((1 + level) / 2)) / Z
    low, high = limits(pl.col("value"), pl.col("error") * wider)
    ends = states.select(low.alias("low"), high.alias("high"))
    return ends.to_numpy().astype(np.float64).T
