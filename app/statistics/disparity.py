"""How far the strata of one category lie from a reference: in points, and as a ratio."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets.strata import TOTAL
from app.errors import BadRequest
from app.methods.contrasts import differences, ratios
from app.methods.estimates import NOT_REPORTED, Period, estimates, matching, periods, within
from app.statistics import about, fields
from app.statistics.table import Column, Table
from app.statistics.wording import in_year, listed, quantity, quoted

COLUMNS = (
    about.STATE,
    Column("category", "text", "the stratification category"),
    Column("stratum", "text", "the stratum of people"),
    about.VALUE,
    about.LOW,
    about.HIGH,
    Column("reference", "text", "the stratum that it is measured against"),
    Column("gap", "number", "value minus the reference's, in points"),
    Column("gap_low", "number", "lower 95 % confidence limit of gap, in points"),
    Column("gap_high", "number", "upper 95 % confidence limit of gap, in points"),
    Column("ratio", "number", "value over the reference's"),
    Column("ratio_low", "number", "lower 95 % confidence limit of ratio"),
    Column("ratio_high", "number", "upper 95 % confidence limit of ratio"),
    Column("p_value", "number", "two-sided, of no gap"),
    about.SAMPLE_SIZE,
    about.RELIABILITY,
)

_METHOD = (
    "Each stratum minus, and over, the reference stratum of its state; strata of one category are "
    "independent samples. Gaps have normal 95 % limits, variances added; ratios have them on the "
    "log scale. Nothing is corrected for the number of strata."
)
_CHOSEN = (
    "Each state's reference is the stratum with its most favourable estimate (of those that are "
    "not unreliable), chosen from the same data: that favours extreme values, so gaps are somewhat "
    'overstated and p-values too small. Name a "reference" to avoid it.'
)


class _Found(NamedTuple):
    period: Period
    matched: pl.DataFrame
    warnings: list[str]


def parse(body: Mapping[str, Any], dataset: DataIngestor) -> dict[str, Any]:
    """Return the canonical question: "question", "category", "state", "year" and "reference".

    Raises BadRequest for what cannot be asked, or not of this dataset.
    """
    fields.only(body, "question", "category", "state", "year", "reference")
    question = fields.question(body, dataset)
    category = dataset.category(fields.text(body, "category"))
    if category == TOTAL:
        raise BadRequest(f'"{category}" is all adults, who cannot be compared among themselves')
    asked = {
        "question": question.text,
        "category": category,
        "state": fields.states(body, dataset) or [fields.nation(dataset)],
        "year": fields.year(body),
        "reference": _reference(body, dataset, category),
    }
    if asked["reference"] is None and question.lower_is_better is None:
        raise BadRequest(
            f'whether low or high is better is not known of {question.id}: name a "reference"'
        )
    _find(dataset, asked)
    return asked


def method(_asked: Mapping[str, Any]) -> str:
    """Return how the answer is computed."""
    return _METHOD


def sentence(asked: Mapping[str, Any]) -> str:
    """Return what is asked, in one sentence."""
    reference = asked["reference"]
    against = "the one that does best" if reference is None else f'"{reference}"'
    return (
        f"How far is each stratum of {asked['category']} from {against} by "
        f"{quantity(asked['question'])} in {listed(asked['state'])} "
        f"{in_year(asked['year'], 'in the latest year')}?"
    )


def used(dataset: DataIngestor, asked: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of the dataset that the answer is made of."""
    return about.only_used(_find(dataset, asked).matched)


def compute(dataset: DataIngestor, asked: Mapping[str, Any]) -> Table:
    """Return a row for each stratum of each state, both in ascending order."""
    period, matched, warnings = _find(dataset, asked)
    question = dataset.question(asked["question"]).question
    found = estimates(matched, "state", "stratum")
    references = _references(found, asked, lower=question.lower_is_better)
    compared = _compared(found, references)
    if asked["reference"] is None:
        warnings.append(_CHOSEN)
    warnings += about.absent(found, asked["state"], period.text)
    without = compared.filter(pl.col("second").is_null())["state"].unique().sort().to_list()
    if without:
        warnings.append(f"No estimate of the reference, so no gaps, in: {listed(without)}.")
    doubtful = found.filter(_doubtful()).join(references, on="state", how="inner")
    weak = doubtful.filter(pl.col("stratum") == pl.col("reference"))["state"].sort().to_list()
    if weak:
        warnings.append(f"The reference's own estimate is unreliable in: {listed(weak)}.")
    alone = found.group_by("state").agg(pl.len()).filter(pl.col("len") == 1)["state"].sort()
    if alone.len():
        warnings.append(f"Only one stratum, so nothing to compare, in: {listed(alone.to_list())}.")
    told = about.about(
        "disparity",
        _METHOD,
        {"question": about.told(question)},
        years=period.text,
        stratum=None,
        used=about.only_used(matched),
        matched=matched,
        warnings=warnings + about.weaknesses(found),
    )
    told["category"] = asked["category"]
    compared = compared.with_columns(pl.lit(asked["category"]).alias("category"))
    return Table(COLUMNS, about.rows_of(compared, COLUMNS), told)


def _reference(body: Mapping[str, Any], dataset: DataIngestor, category: str) -> str | None:
    if body.get("reference") is None:
        return None
    stratum = dataset.stratum(fields.text(body, "reference"))[1]
    known = [one for _, one in _strata(dataset, category) if one != NOT_REPORTED]
    if stratum not in known:
        raise BadRequest(f'"reference" must be a stratum of {category}: {quoted(known)}')
    return stratum


def _strata(dataset: DataIngestor, category: str) -> list[tuple[str, ...]]:
    return [pair for pair in dataset.names("category", "stratum") if pair[0] == category]


def _find(dataset: DataIngestor, asked: Mapping[str, Any]) -> _Found:
    category, states = asked["category"], asked["state"]
    rows = matching(dataset, question=asked["question"], category=category, state=states)
    people = rows.filter(pl.col("stratum") != NOT_REPORTED)
    found = periods(people, "state", "stratum", 2)
    question = dataset.question(asked["question"]).question
    what = f"{question.id} for two strata of {category} in {listed(states)}"
    period = fields.period(found, asked["year"], what)
    warnings = about.whole_period(found)
    if rows.filter(within(period)).height > people.filter(within(period)).height:
        warnings.append(f'"{NOT_REPORTED}" is left out: it is no group of people.')
    return _Found(period, people.filter(within(period)), warnings)


def _references(
    found: pl.DataFrame, asked: Mapping[str, Any], *, lower: bool | None
) -> pl.DataFrame:
    """Return the reference of each state, as columns to be joined to its strata."""
    if asked["reference"] is not None:
        chosen = found.filter(pl.col("stratum") == asked["reference"])
    else:
        favour = pl.col("value") if lower else -pl.col("value")
        chosen = found.sort("state", _doubtful(), favour, "stratum").unique("state", keep="first")
    return chosen.select(
        "state",
        pl.col("stratum").alias("reference"),
        pl.col("value").alias("second"),
        pl.col("error").alias("second_error"),
    )


def _doubtful() -> pl.Expr:
    return pl.col("reliability").str.starts_with("unreliable")


def _compared(found: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    """Return each stratum with its gap and ratio; a reference's own are 0 and 1, without limits."""
    joined = found.join(references, on="state", how="left").with_columns(
        pl.col("value").alias("first"), pl.col("error").alias("first_error")
    )
    compared = ratios(differences(joined)).rename(
        {"difference": "gap", "difference_low": "gap_low", "difference_high": "gap_high"}
    )
    other = (pl.col("stratum") != pl.col("reference")).fill_null(value=True)
    uncertain = ("gap_low", "gap_high", "ratio_low", "ratio_high", "p_value")
    return compared.with_columns(
        *(pl.when(other).then(pl.col(name)) for name in uncertain),
        pl.when(other).then(pl.col("ratio")).otherwise(1.0).alias("ratio"),
    ).sort("state", "stratum")
