"""Two states, or two strata of one state, question by question."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from app.data_ingestor import DataIngestor
from app.errors import BadRequest
from app.methods.contrasts import differences, holm
from app.methods.estimates import NATION, NOT_REPORTED, estimates, matching, periods
from app.methods.years import span
from app.statistics import about, fields
from app.statistics.table import Column, Table
from app.statistics.wording import among, in_year, listed, quoted

COLUMNS = (
    Column("question_id", "text", "CDC's id of the question"),
    Column("question", "text", "the question"),
    Column("topic", "text", "its topic"),
    Column("year", "text", "the year of both estimates, or the years that they cover"),
    Column("first", "number", "the estimate of the first, in percent"),
    Column("first_low", "number", "its lower 95 % confidence limit, as CDC has it"),
    Column("first_high", "number", "its upper 95 % confidence limit, as CDC has it"),
    Column("second", "number", "the estimate of the second, in percent"),
    Column("second_low", "number", "its lower 95 % confidence limit, as CDC has it"),
    Column("second_high", "number", "its upper 95 % confidence limit, as CDC has it"),
    Column("difference", "number", "first minus second, in points"),
    Column("low", "number", "lower 95 % confidence limit of difference, in points"),
    Column("high", "number", "upper 95 % confidence limit of difference, in points"),
    Column("p_value", "number", "two-sided, of no difference"),
    Column("p_adjusted", "number", "p_value, adjusted for the number of questions (Holm)"),
    Column("better", "text", 'the better one\'s name, "no clear difference" or "unknown"'),
    about.RELIABILITY,
)

_NOT_CLEAR = "no clear difference"
_UNKNOWN = "unknown"
_METHOD = (
    "Differences of two independent estimates, with normal 95 % limits, variances added; p-values "
    "adjusted for the number of questions after Holm (1979). One is better where the adjusted "
    "p-value is below 0.05; the limits of a single difference are not adjusted."
)
_FIGURES = ("low", "high", "error", "reliability")


class _Found(NamedTuple):
    side: str  # the column that tells the first from the second
    names: list[str]
    pairs: pl.DataFrame  # a period for each question
    matched: pl.DataFrame
    warnings: list[str]


def parse(body: Mapping[str, Any], dataset: DataIngestor) -> dict[str, Any]:
    """Return the canonical question: "states" and "stratum", or "strata" and "state"; "year".

    Raises BadRequest for what cannot be asked, or not of this dataset.
    """
    fields.only(body, "states", "strata", "state", "stratum", "year")
    if (body.get("states") is None) == (body.get("strata") is None):
        raise BadRequest('either "states" or "strata" must be there: a list of two names')
    asked: dict[str, Any]
    if body.get("states") is not None:
        _without(body, "state", "states")
        asked = {
            "states": fields.pair(body, "states", dataset.state),
            "stratum": fields.stratum(body, dataset),
        }
    else:
        _without(body, "stratum", "strata")
        asked = {"strata": fields.pair(body, "strata", lambda name: dataset.stratum(name)[1])}
        if NOT_REPORTED in asked["strata"]:
            raise BadRequest(f'"{NOT_REPORTED}" is no group of people to compare with another')
        categories = [dataset.stratum(name)[0] for name in asked["strata"]]
        if categories[0] != categories[1]:
            raise BadRequest(
                f'"strata" must be of one category; they are of {quoted(categories)}, which divide '
                "the same people"
            )
        one = fields.text(body, "state") if body.get("state") is not None else None
        asked["state"] = dataset.state(one) if one is not None else fields.nation(dataset)
    asked["year"] = fields.year(body)
    _find(dataset, asked)
    return asked


def method(_asked: Mapping[str, Any]) -> str:
    """Return how the answer is computed."""
    return _METHOD


def sentence(asked: Mapping[str, Any]) -> str:
    """Return what is asked, in one sentence."""
    names = asked.get("states") or [f'"{name}"' for name in asked["strata"]]
    whom = among(asked["stratum"]) if "states" in asked else f"in {asked['state']}"
    when = in_year(asked["year"], "in the latest year that both have")
    return f"How does {names[0]} differ from {names[1]} on each question {when}, {whom}?"


def used(dataset: DataIngestor, asked: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of the dataset that the answer is made of."""
    return about.only_used(_find(dataset, asked).matched)


def compute(dataset: DataIngestor, asked: Mapping[str, Any]) -> Table:
    """Return a row for each question of the dataset, in the order of CDC's ids."""
    side, names, pairs, matched, warnings = _find(dataset, asked)
    found = estimates(matched, "question", side)
    year = pl.format("{}", pl.col("year_start"))
    years = pl.format("{}-{}", pl.col("year_start"), pl.col("year_end"))
    single = pl.col("year_start") == pl.col("year_end")
    frame = (
        _questions(dataset)
        .join(pairs, on="question", how="left")
        .with_columns(pl.when(single).then(year).otherwise(years).alias("year"))
    )
    for place, name in zip(("first", "second"), names, strict=True):
        one = found.filter(pl.col(side) == name)
        figures = [pl.col(figure).alias(f"{place}_{figure}") for figure in _FIGURES]
        one = one.select("question", pl.col("value").alias(place), *figures)
        frame = frame.join(one, on="question", how="left")
    either = pl.col("first").is_not_null() | pl.col("second").is_not_null()
    frame = frame.with_columns(pl.when(either).then(pl.col("year")).alias("year"))
    frame = differences(frame).sort("question_id", "question")
    p_adjusted = holm(frame["p_value"].to_list())
    frame = frame.with_columns(
        pl.Series("p_adjusted", p_adjusted, dtype=pl.Float64),
        pl.col("difference_low").alias("low"),
        pl.col("difference_high").alias("high"),
        pl.Series("better", _better(frame, p_adjusted, names, dataset), dtype=pl.String),
        pl.Series("reliability", _reliability(frame), dtype=pl.String),
    )
    ends = pairs.select(pl.col("year_start").min(), pl.col("year_end").max()).row(0)
    told = about.about(
        "compare",
        _METHOD,
        {"first": names[0], "second": names[1]},
        years=span(*ends),
        stratum=asked.get("stratum"),
        used=about.only_used(matched),
        matched=matched,
        warnings=warnings + _lacking(frame, names) + about.weaknesses(found),
    )
    return Table(COLUMNS, about.rows_of(frame, COLUMNS), told)


def _without(body: Mapping[str, Any], key: str, other: str) -> None:
    if body.get(key) is not None:
        raise BadRequest(f'"{key}" does not go with "{other}"')


def _find(dataset: DataIngestor, asked: Mapping[str, Any]) -> _Found:
    side = "state" if "states" in asked else "stratum"
    names = asked["states"] if side == "state" else asked["strata"]
    category, _ = dataset.stratum(asked["stratum"] if side == "state" else names[0])
    strata = asked["stratum"] if side == "state" else names
    states = names if side == "state" else asked["state"]
    rows = matching(dataset, state=states, category=category, stratum=strata)
    found = periods(rows, "question", side, 2)
    fields.period(found, asked["year"], f"any question for both {names[0]} and {names[1]}")
    if asked["year"] is None:
        pairs = found.sort("question", "year_end", "year_start").unique(
            "question", keep="last", maintain_order=True
        )
    else:
        year = pl.lit(asked["year"], dtype=pl.Int16)
        pairs = _questions(dataset).select("question", year_start=year, year_end=year)
    years = ["question", "year_start", "year_end"]
    matched = rows.join(pairs, on=years, how="semi").sort("record")
    warnings = about.whole_period(found)
    if side == "state" and NATION in names:
        warnings.append(
            f"A state is a part of {NATION}: the two are not independent, and the limits of their "
            "difference are somewhat too wide."
        )
    return _Found(side, names, pairs, matched, warnings)


def _questions(dataset: DataIngestor) -> pl.DataFrame:
    """Return the questions of the dataset, with their ids and topics."""
    columns = ("question", "question_id", "topic")
    names = dataset.estimates.select(columns).unique().sort(columns)
    return names.unique("question", keep="first", maintain_order=True)


def _better(
    frame: pl.DataFrame, p_adjusted: list[float | None], names: list[str], dataset: DataIngestor
) -> list[str]:
    better = []
    cells = frame.select("question", "difference").iter_rows()
    for (question, difference), p_value in zip(cells, p_adjusted, strict=True):
        lower = dataset.question(question).question.lower_is_better
        if p_value is None:
            better.append(_UNKNOWN)
        elif p_value >= 1 - about.CONFIDENCE:
            better.append(_NOT_CLEAR)
        elif lower is None:
            better.append(_UNKNOWN)
        else:
            better.append(names[0] if (difference < 0) == lower else names[1])
    return better


def _reliability(frame: pl.DataFrame) -> list[str | None]:
    marks = frame.select("first_reliability", "second_reliability").iter_rows()
    return [about.combined(first, second) for first, second in marks]


def _lacking(frame: pl.DataFrame, names: list[str]) -> list[str]:
    missing = frame.filter(pl.col("difference").is_null())["question_id"].cast(pl.String).to_list()
    if not missing:
        return []
    return [f"No estimate of both {names[0]} and {names[1]} to compare in: {listed(missing)}."]
