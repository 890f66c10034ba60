"""The general question: estimates of one or more questions, filtered, grouped, and pooled."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from app.data_ingestor import DataIngestor
from app.methods import breaks, selection
from app.methods.pooling import COMPUTED, METHODS, OVERLAP, heterogeneity, independent, pool
from app.methods.rounding import rounded
from app.methods.uncertainty import reliability
from app.methods.years import span, spans
from app.statistics.about import about, told
from app.statistics.query_body import parse, without_limits
from app.statistics.table import Column, Table
from app.statistics.wording import listed, quantity

__all__ = ["compute", "method", "parse", "sentence", "used"]

# Of a longer answer, the first rows: as many as a page or a sheet can still show.
MOST_ROWS = 20_000
_NAMES_SHOWN = 6

_FILLED = "rows with a constant where CDC withholds the estimate: used by mean, else left out"
_FIGURES = (
    Column("value", "number", "the answer, in percent"),
    Column("low", "number", "lower 95 % confidence limit, in percent"),
    Column("high", "number", "upper 95 % confidence limit, in percent"),
    Column("standard_error", "number", "standard error of the value, in points"),
    Column("interval", "text", "published by CDC, computed here, or why there is none"),
    Column("rows_used", "integer", "rows of the dataset that went into the value"),
    Column("rows_suppressed", "integer", "rows left out because CDC withholds the estimate"),
    Column("rows_filled", "integer", _FILLED),
    Column("rows_excluded", "integer", "rows left out for another reason; about.excluded has it"),
    Column("sample_size", "integer", "people asked, in all rows used; null where not known"),
    Column("years", "text", "years of the rows used"),
    Column("strata", "text", "strata of the rows used"),
    Column("reliability", "text", "reliable, or why not"),
)
_HETEROGENEITY = Column(
    "i_squared", "number", "share of the differences between the rows that is not chance, in %"
)
_GROUPS = {
    "question": Column("question", "text", "the question's full text"),
    "topic": Column("topic", "text", "the question's topic"),
    "state": Column("state", "text", "the location"),
    "year": Column("year", "text", "the year, or the years that rows cover together"),
    "category": Column("category", "text", "the stratification category"),
    "stratum": Column("stratum", "text", "the stratum"),
}


def compute(dataset: DataIngestor, asked: Mapping[str, Any]) -> Table:
    """Return a row for each group, with what went into it."""
    rows = selection.select(dataset, asked)
    groups = [column for name in asked["group_by"] for column in _keys(name)]
    table = _pooled(rows, asked["method"], groups)
    columns = [_GROUPS[name] for name in asked["group_by"]] + list(_columns(asked["method"]))
    found = table.height
    table = _sorted(table, asked, groups).head(asked["limit"] or MOST_ROWS)
    warnings = list(_warnings(dataset, asked, rows, table))
    if found > table.height:
        warnings.append(f"Only the first {table.height} of {found} rows are here.")
    about = _about(dataset, asked, rows, warnings)
    return Table(columns=tuple(columns), rows=list(_cells(table, columns)), about=about)


def used(dataset: DataIngestor, asked: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of the dataset that go into the answer."""
    return selection.used(selection.select(dataset, asked))


def method(asked: Mapping[str, Any]) -> str:
    """Return how the answer is computed."""
    return METHODS[asked["method"]].meaning


def sentence(asked: Mapping[str, Any]) -> str:
    """Return what is asked in plain English."""
    questions = asked["question"] or []
    texts = [questions] if isinstance(questions, str) else questions
    what = listed([quantity(text) for text in texts]) or "the answer to every question"
    parts = [f"What is {what}"]
    if asked["group_by"]:
        parts.append(f"by {listed(asked['group_by'])}")
    parts += [f"for {_filter_text(name, values)}" for name, values in asked["where"].items()]
    return f"{' '.join(parts)} (method: {asked['method']})?"


def _filter_text(name: str, values: Any) -> str:
    if name == "year":
        return spans(values) if isinstance(values, list) else _ends(values["from"], values["to"])
    return f"{name} {listed(values)}"


def _ends(first: int | None, last: int | None) -> str:
    if first is None or last is None:
        return f"{first} and later" if last is None else f"the years up to {last}"
    return span(first, last)


def _keys(name: str) -> list[str]:
    return ["year_start", "year_end"] if name == "year" else [name]


def _columns(method: str) -> Iterator[Column]:
    yield from _FIGURES
    if method == "inverse_variance":
        yield _HETEROGENEITY


def _pooled(rows: pl.DataFrame, method: str, groups: Sequence[str]) -> pl.DataFrame:
    """Return a row for each group of the selected rows, unless none of its rows could be used."""
    sums, results = pool(METHODS[method])
    if method == "inverse_variance":
        sums.append(heterogeneity().alias("i_squared"))
    sizes = pl.col("sample_size")
    sums += [
        # People who are counted twice, or not told of, make a sum that means nothing.
        pl.when(sizes.is_not_null().all() & independent()).then(sizes.sum()).alias("sample_size"),
        pl.struct("year_start", "year_end").unique().sort().alias("spans"),
        pl.col("stratum").cast(pl.String).unique().sort().alias("strata"),
        (pl.col("question").n_unique() > 1).alias("questions_mixed"),
    ]
    reason, filled = pl.col("left_out"), selection.FILLED
    counts = [
        (reason == selection.SUPPRESSED).sum().alias("rows_suppressed"),
        # Method mean uses them: there they have no reason to be left out.
        (pl.col("filled") & (reason.fill_null(filled) == filled)).sum().alias("rows_filled"),
        reason.is_in([selection.SUPPRESSED, filled]).not_().sum().alias("rows_excluded"),
    ]
    # One group of all rows, where no column is asked to group by.
    keyed = rows.with_columns(all=pl.lit(value=True))
    keys = ["all", *groups]
    summed = keyed.filter(reason.is_null()).group_by(keys).agg(sums)
    counted = keyed.group_by(keys).agg(counts)
    joined = counted.join(summed, on=keys, how="left").with_columns(
        pl.col("rows_used").fill_null(0)
    )
    joined = joined.filter(pl.sum_horizontal("rows_used", "rows_suppressed", "rows_filled") > 0)
    for column in results:  # each may look at the ones before
        joined = joined.with_columns(column)
    mark = reliability(
        pl.col("value"),
        pl.col("standard_error"),
        pl.col("low"),
        pl.col("high"),
        pl.col("sample_size"),
    )
    return joined.with_columns(reliability=mark)


def _sorted(table: pl.DataFrame, asked: Mapping[str, Any], groups: Sequence[str]) -> pl.DataFrame:
    """Return the rows in the order asked for; where that leaves it open, in that of the groups."""
    order, falling = list(groups), [False] * len(groups)
    if asked["sort"]:
        name = asked["sort"].removeprefix("-")
        keys = _keys(name)
        order, falling = keys + order, [asked["sort"].startswith("-")] * len(keys) + falling
    if not order:
        return table
    return table.sort(order, descending=falling, nulls_last=True, maintain_order=True)


def _cells(table: pl.DataFrame, columns: Sequence[Column]) -> Iterator[list[Any]]:
    for row in table.iter_rows(named=True):
        row["year"] = span(row["year_start"], row["year_end"]) if "year_start" in row else None
        row["years"] = _periods(row["spans"])
        row["strata"] = _named(row["strata"])
        yield [
            rounded(row[column.name]) if column.kind == "number" else row[column.name]
            for column in columns
        ]


def _periods(periods: Sequence[Mapping[str, int]] | None) -> str | None:
    """Return ascending periods as text; single years that follow one another as one."""
    single = [one["year_start"] for one in periods or () if one["year_start"] == one["year_end"]]
    longer = [
        span(one["year_start"], one["year_end"])
        for one in periods or ()
        if one["year_start"] != one["year_end"]
    ]
    return ", ".join([*([spans(single)] if single else []), *longer]) or None


def _named(names: Sequence[str] | None) -> str | None:
    if not names:
        return None
    return ", ".join(names) if len(names) <= _NAMES_SHOWN else f"{len(names)} strata"


def _about(
    dataset: DataIngestor, asked: Mapping[str, Any], rows: pl.DataFrame, warnings: Sequence[str]
) -> dict[str, Any]:
    used_rows = rows.filter(pl.col("left_out").is_null())
    left_out = rows["left_out"].drop_nulls().value_counts().sort("left_out")
    periods = used_rows.select(pl.struct("year_start", "year_end").unique().sort()).to_series()
    texts = [asked["question"]] if isinstance(asked["question"], str) else asked["question"] or []
    subject = {"question": [told(dataset.question(text).question) for text in texts]}
    return {
        **about(
            "query",
            method(asked),
            subject,
            years=_periods(periods.to_list()) or "",
            stratum=None,
            used=used_rows,
            matched=rows,
            warnings=warnings,
        ),
        "rows_matched": rows.height,
        "excluded": dict(left_out.rows()),
    }


def _warnings(
    dataset: DataIngestor, asked: Mapping[str, Any], rows: pl.DataFrame, table: pl.DataFrame
) -> Iterator[str]:
    method, groups = asked["method"], asked["group_by"]
    going_in = rows.filter(pl.col("left_out").is_null())
    if not going_in.height:
        yield "No row of this dataset that fits the question can be used."
    without = without_limits(dataset)
    if without:
        yield without
    overlapping = table.filter(pl.col("interval") == OVERLAP).height
    if overlapping:
        yield (
            f"{overlapping} of {table.height} values are made of rows that count the same people"
            " more than once: no interval can be given."
        )
    if table["questions_mixed"].fill_null(value=False).any():
        yield "Values of different questions are averaged: such a number means little."
    filled = int(going_in["filled"].sum())
    if filled:
        yield f"{filled} of the rows used hold a constant where CDC withholds the estimate."
    several = going_in["state"].n_unique() > 1 and "state" not in groups
    if several and method in ("overall", "mean"):
        yield (
            "Each state counts the same, however many people live there: this is no prevalence of"
            ' the United States; method "national" has that.'
        )
    if several and method in ("sample_weighted", "inverse_variance"):
        yield "States are weighted by how many people were asked there, not by how many live there."
    if "year" not in groups and table["spans"].drop_nulls().unique().len() > 1:
        yield "The groups cover different years (column years): compare them with care."
    single = going_in.filter(pl.col("year_start") == pl.col("year_end"))["year_start"].unique()
    for question_id in going_in["question_id"].unique().sort():
        yield from breaks.warnings(question_id, single.sort().to_list())
    if method == "inverse_variance" and (table["interval"] == COMPUTED).any():
        yield (
            "Pooling takes it that all rows measure the same percentage; where i_squared is high"
            " they do not, and the interval is too narrow."
        )
