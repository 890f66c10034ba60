"""How two questions go together over the states."""

from collections.abc import Mapping
from math import atanh, sqrt, tanh
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtr

from app.data_ingestor import DataIngestor
from app.methods.estimates import NATION, Period, estimates, matching, periods, within
from app.methods.rounding import rounded
from app.methods.uncertainty import Z
from app.statistics import about, fields
from app.statistics.table import Column, Table
from app.statistics.wording import among, in_year, quantity

COLUMNS = (
    Column("coefficient", "text", '"pearson" or "spearman"'),
    Column("value", "number", "the coefficient, from -1 to 1"),
    Column("low", "number", "its lower 95 % confidence limit"),
    Column("high", "number", "its upper 95 % confidence limit"),
    Column("p_value", "number", "two-sided, of no correlation"),
    Column("states", "integer", "how many states have both"),
)

FEWEST_STATES = 4

_METHOD = (
    "Pearson's r with limits by Fisher's z; Spearman's rho with the limits of Bonett and Wright "
    "(2000); p-values from the t distribution with n-2 degrees of freedom. Every state counts the "
    "same."
)
_CAUTIONS = (
    "This is a correlation of states, not of people: what goes together over states need not go "
    "together in a person (the ecological fallacy).",
    "Estimates come with sampling error, which pulls a correlation towards 0; it is not corrected "
    "for.",
)

_Numbers = NDArray[np.float64]


class _Found(NamedTuple):
    period: Period
    everywhere: pl.DataFrame  # of any period
    matched: pl.DataFrame
    points: pl.DataFrame  # state, x, y
    warnings: list[str]


def parse(body: Mapping[str, Any], dataset: DataIngestor) -> dict[str, Any]:
    """Return the canonical question: "questions", "year" and "stratum".

    Raises BadRequest for what cannot be asked, or not of this dataset.
    """
    fields.only(body, "questions", "year", "stratum")
    asked = {
        "questions": fields.pair(
            body, "questions", lambda name: dataset.question(name).question.text
        ),
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
    x, y = map(quantity, asked["questions"])
    when = in_year(asked["year"], "in the latest year that has both")
    return f"How does {x} go together with {y} over the states {when}, {among(asked['stratum'])}?"


def used(dataset: DataIngestor, asked: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of the dataset that the answer is made of."""
    return _used(_find(dataset, asked))


def compute(dataset: DataIngestor, asked: Mapping[str, Any]) -> Table:
    """Return a row for Pearson's and one for Spearman's; `about.points` has the states."""
    found = _find(dataset, asked)
    x, y = (found.points[name].to_numpy().astype(np.float64) for name in ("x", "y"))
    warnings = [*_CAUTIONS, *found.warnings, *_reasons(x, y, asked)]
    rows = [
        ["pearson", *_coefficient(x, y, spearman=False), len(x)],
        ["spearman", *_coefficient(_ranks(x), _ranks(y), spearman=True), len(x)],
    ]
    if any(row[1] is not None and row[2] is None for row in rows):
        warnings.append("A coefficient of exactly 1 or -1 has no limits.")
    known = set(found.everywhere["state"].cast(pl.String))
    warnings += about.absent(found.points, known, f"{found.period.text} of both questions")
    told = about.about(
        "correlation",
        _METHOD,
        dict(
            zip(
                ("x", "y"),
                (about.told(dataset.question(text).question) for text in asked["questions"]),
                strict=True,
            )
        ),
        years=found.period.text,
        stratum=asked["stratum"],
        used=_used(found),
        matched=found.matched,
        warnings=warnings + about.weaknesses(estimates(_used(found), "question", "state")),
    )
    told["points"] = {
        "columns": ["state", "x", "y"],
        "rows": [[state, rounded(a), rounded(b)] for state, a, b in found.points.iter_rows()],
    }
    return Table(COLUMNS, rows, told)


def _find(dataset: DataIngestor, asked: Mapping[str, Any]) -> _Found:
    category, stratum = dataset.stratum(asked["stratum"])
    rows = matching(dataset, question=asked["questions"], category=category, stratum=stratum)
    rows = rows.filter(pl.col("state") != NATION)
    found = periods(rows, "state", "question", 2)
    what = f'both questions for the same states in the stratum "{stratum}"'
    period = fields.period(found, asked["year"], what)
    matched = rows.filter(within(period))
    cells = estimates(matched, "question", "state")
    x, y = (
        cells.filter(pl.col("question") == text).select("state", pl.col("value").alias(name))
        for text, name in zip(asked["questions"], ("x", "y"), strict=True)
    )
    points = x.join(y, on="state").sort("state")
    return _Found(period, rows, matched, points, about.whole_period(found))


def _used(found: _Found) -> pl.DataFrame:
    return about.only_used(found.matched.join(found.points, on="state", how="semi"))


def _ranks(numbers: _Numbers) -> _Numbers:
    """Return ranks; equal numbers share the mean of theirs."""
    return pl.Series(numbers, dtype=pl.Float64).rank("average").to_numpy().astype(np.float64)


def _reasons(x: _Numbers, y: _Numbers, asked: Mapping[str, Any]) -> list[str]:
    if len(x) < FEWEST_STATES:
        return [f"Only {len(x)} states have both: fewer than {FEWEST_STATES} tell nothing."]
    return [
        f"All states have the same estimate of {quantity(text)}: nothing goes together with that."
        for text, numbers in zip(asked["questions"], (x, y), strict=True)
        if _constant(numbers)
    ]


def _constant(numbers: _Numbers) -> bool:
    return bool(numbers.min() == numbers.max())


def _coefficient(x: _Numbers, y: _Numbers, *, spearman: bool) -> list[float | None]:
    """Return a coefficient, its limits and its p-value; None for what there is none of."""
    if len(x) < FEWEST_STATES or _constant(x) or _constant(y):
        return [None] * 4
    from_x, from_y = x - x.mean(), y - y.mean()
    spread = sqrt(float((from_x**2).sum())) * sqrt(float((from_y**2).sum()))
    r = max(-1.0, min(1.0, float((from_x * from_y).sum()) / spread))
    freedom = len(x) - 2
    if 1 - abs(r) < 1e-12:
        return [rounded(r), None, None, 0.0]
    p_value = 2 * float(stdtr(freedom, -abs(r) * sqrt(freedom / (1 - r * r))))
    reach = Z * sqrt((1 + r * r / 2 if spearman else 1.0) / (len(x) - 3))
    limits = (tanh(atanh(r) - reach), tanh(atanh(r) + reach))
    return [rounded(number) for number in (r, *limits, p_value)]
