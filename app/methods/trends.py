"""From the yearly estimates of states to a row about the trend of each."""

import numpy as np
import polars as pl

from app.datasets import absence
from app.methods import regression
from app.methods.estimates import NATION, kind
from app.methods.presentation import CAUTION, SHOW, WITHHOLD


def trends(yearly: pl.DataFrame, matched: pl.DataFrame, states: list[str] | None) -> pl.DataFrame:
    """Return a row for each of these states, or for each that has rows; the nation last.

    `yearly` are the estimates of each state and year, `matched` the rows that were asked for, with
    `status` as `absence.with_status` has it.
    """
    if states is None:
        states = matched["state"].unique().cast(pl.String).to_list()
    by_state = (
        yearly.sort("state", "year")
        .group_by("state")
        .agg(
            _span(),
            pl.len().cast(pl.Int64).alias("points"),
            pl.col("error").count().alias("fitted"),
            pl.col("value").first().alias("first"),
            pl.col("value").last().alias("last"),
            pl.col("rows").sum().alias("rows_used"),
            _presentation(),
            pl.when(pl.col("sample_size").null_count() == 0).then(pl.col("sample_size").sum()),
        )
    )
    counts = matched.group_by("state").agg(absence.counted())
    counted = ("points", "fitted", "rows_used", *counts.columns[1:])
    clear = pl.col("low").is_not_null() & pl.col("high").is_not_null()
    return (
        pl.DataFrame({"state": sorted(states)}, schema={"state": matched["state"].dtype})
        .join(by_state, on="state", how="left")
        .join(counts, on="state", how="left")
        .join(_fitted(yearly), on="state", how="left")
        .with_columns(
            pl.col(counted).fill_null(0),
            kind().alias("kind"),
            pl.when(~clear)
            .then(pl.lit("unknown"))
            .when(pl.col("low") > 0)
            .then(pl.lit("rising"))
            .when(pl.col("high") < 0)
            .then(pl.lit("falling"))
            .otherwise(pl.lit("stable"))
            .alias("direction"),
            # No limits: the nation contains the state, so their errors are not independent.
            (pl.col("slope") - pl.col("slope").filter(pl.col("state") == NATION).first()).alias(
                "from_national"
            ),
        )
        .sort(pl.col("state") == NATION, "state")
    )


def _span() -> pl.Expr:
    """Return the years of a group as `2011-2023`."""
    first, last = pl.col("year").min(), pl.col("year").max()
    return (
        pl.when(first == last)
        .then(pl.format("{}", first))
        .otherwise(pl.format("{}-{}", first, last))
        .alias("years")
    )


def _presentation() -> pl.Expr:
    """Return the mark of a group of yearly estimates: the worst that one of them has."""
    mark = pl.col("presentation")

    def some(name: str) -> tuple[pl.Expr, pl.Expr]:
        marked = mark.str.starts_with(name)
        years = pl.col("year").filter(marked).cast(pl.String).str.join(", ")
        text = pl.format("{}: {} of {} years ({})", pl.lit(name), marked.sum(), pl.len(), years)
        return marked.any(), text

    (withhold, how), (caution, why) = some(WITHHOLD), some(CAUTION)
    return (pl.when(withhold).then(how).when(caution).then(why).otherwise(pl.lit(SHOW))).alias(
        "presentation"
    )


def _fitted(yearly: pl.DataFrame) -> pl.DataFrame:
    """Return the slope of each state with its limits and p-value; null where it has none."""
    states = yearly["state"].unique(maintain_order=True)
    years = yearly["year"].unique().sort()
    cells = (
        states.to_physical().search_sorted(yearly["state"].to_physical()).to_numpy(),
        years.search_sorted(yearly["year"]).to_numpy(),
    )
    value = np.full((states.len(), years.len()), np.nan)
    error = value.copy()
    value[cells], error[cells] = yearly["value"].to_numpy(), yearly["error"].to_numpy()
    fitted = regression.fit(years.to_numpy().astype(np.float64), value, error)
    names = ("slope", "low", "high", "p_value")
    columns = (
        pl.Series(name, column, nan_to_null=True)
        for name, column in zip(names, fitted, strict=True)
    )
    return pl.DataFrame([states, *columns])
