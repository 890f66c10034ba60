"""From the yearly estimates of states to a row about the trend of each.

Two tests tell which way a state went: that of its slope (`regression.fit`), and that of the change
from its first year to its last (`changes`); where it has few years, the change alone. `points` are
the years that it has an estimate of, `fitted` those whose estimate has a standard error: the line
is fitted to these.
"""

import polars as pl

from app.datasets import absence
from app.methods import regression
from app.methods.changes import FALLING, NOT_CLEAR, RISING, UNKNOWN, changes, direction
from app.methods.estimates import is_nation, kind
from app.methods.presentation import CAUTION, SHOW, WITHHOLD
from app.methods.uncertainty import CONFIDENCE
from app.methods.yearly import grid

# With fewer years a line hardly tells scatter from sampling error, and the change between the first
# year and the last is what is clear.
FEWEST_TO_LEAD = 7
_HALF = (1 - CONFIDENCE) / 2
CHANGE, SLOPE = "change", "slope"
# Which way a state went, by its change and by its slope; with few years by the change alone.
_CHANGE, _CHANGE_P = pl.col("change"), pl.col("change_p_value")
_FEW = pl.col("fitted") < FEWEST_TO_LEAD
# Of two tests each is at half the level: both together are wrong 5 times in 100.
_BY_CHANGE = direction(_CHANGE, _CHANGE_P, _HALF)
_BY_SLOPE = direction(pl.col("slope"), pl.col("p_value"), _HALF)
_LED_BY_CHANGE = pl.col("few") | (
    (pl.col("by_slope") == NOT_CLEAR) & pl.col("by_change").is_in([RISING, FALLING])
)
# Both are clear, and contradict: then no direction is told.
OPPOSED = (
    ~pl.col("few")
    & pl.col("by_slope").is_in([RISING, FALLING])
    & pl.col("by_change").is_in([RISING, FALLING])
    & (pl.col("by_slope") != pl.col("by_change"))
)
_TOLD = (
    pl.when("few")
    .then(direction(_CHANGE, _CHANGE_P))
    .when(OPPOSED)
    .then(pl.lit(UNKNOWN))
    .when(_LED_BY_CHANGE)
    .then("by_change")
    .otherwise("by_slope")
)
NORMAL, WIDENED = "sampling error", "scatter"


def trends(
    yearly: pl.DataFrame,
    matched: pl.DataFrame,
    segments: pl.DataFrame,
    states: list[str],
    *,
    comparable: bool,
    national: float | None = None,
) -> pl.DataFrame:
    """Return a row for each of these states, the nation last.

    `yearly` are the estimates of each state and year, `matched` the rows that were asked for, with
    `status` as `absence.with_status` has it, `segments` those of `joinpoints.annual_changes`. Of
    years that are not `comparable`, no direction is told. `national` is the slope of the nation,
    where it is none of the states.
    """
    by_state = yearly.sort("state", "year").group_by("state").agg(_OF_STATE)
    counts = matched.group_by("state").agg(absence.COUNTED)
    counted = ("points", "fitted", "rows_used", *counts.columns[1:])
    found = (
        pl.DataFrame({"state": sorted(states)}, schema={"state": matched["state"].dtype})
        .join(by_state, on="state", how="left")
        .join(counts, on="state", how="left")
        .join(_fitted(yearly), on="state", how="left")
        .join(segments.unique("state", keep="last", maintain_order=True), on="state", how="left")
    )
    # A single estimate has changed from nothing.
    several = pl.when(pl.col("points") > 1).then(pl.col("first_error"))
    return (
        changes(found.with_columns(several.alias("first_error")))
        .with_columns(few=_FEW, by_change=_BY_CHANGE, by_slope=_BY_SLOPE)
        .with_columns(
            pl.col(counted).fill_null(0),
            kind().alias("kind"),
            pl.when(pl.col("points") > 1).then(pl.col("change")).alias("change"),
            pl.when((_TOLD == UNKNOWN) | (not comparable))
            .then(None)
            .when(_LED_BY_CHANGE)
            .then(pl.lit(CHANGE))
            .otherwise(pl.lit(SLOPE))
            .alias("direction_by"),
            (_TOLD if comparable else pl.lit(UNKNOWN)).alias("direction"),
            # No limits: the nation contains the states and the District, so their errors are not
            # independent.
            (
                pl.col("slope")
                - pl.col("slope")
                .filter(is_nation())
                .first()
                .fill_null(pl.lit(national, pl.Float64))
            ).alias("from_national"),
        )
        .sort(is_nation(), "state")
    )


def slope_of(yearly: pl.DataFrame) -> float | None:
    """Return the slope of one state's yearly estimates; None for none, or too few."""
    if yearly.is_empty():
        return None
    slope: float | None = _fitted(yearly)["slope"][0]
    return slope


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


# Of the estimates of one state, in the order of their years.
_OF_STATE = (
    _span(),
    pl.len().cast(pl.Int64).alias("points"),
    pl.col("error").count().alias("fitted"),
    pl.col("value").first().alias("first"),
    pl.col("value").last().alias("last"),
    pl.col("error").first().alias("first_error"),
    pl.col("error").last().alias("last_error"),
    pl.col("rows").sum().alias("rows_used"),
    _presentation(),
    pl.when(pl.col("sample_size").null_count() == 0).then(pl.col("sample_size").sum()),
)


def _fitted(yearly: pl.DataFrame) -> pl.DataFrame:
    """Return the slope of each state with its limits and p-value; null where it has none."""
    states, years, value, error = grid(yearly)
    names = ("slope", "low", "high", "p_value", "scatter_p")
    columns = (
        pl.Series(name, column, nan_to_null=True)
        for name, column in zip(names, regression.fit(years, value, error), strict=True)
    )
    wide = pl.col("scatter_p") < regression.SCATTER_LEVEL
    basis = pl.when(wide).then(pl.lit(WIDENED)).when(~wide).then(pl.lit(NORMAL))
    return pl.DataFrame([states, *columns]).with_columns(basis.alias("basis"))
