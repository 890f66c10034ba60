"""Quirks of which rows there are: rows that count the same people, and rows out of the ordinary."""

import polars as pl

from app.datasets.places import NATION
from app.datasets.quirks.parts import (
    CELL,
    HAS_STRATUM,
    PERIOD,
    Found,
    Known,
    count,
    part_of,
    some,
)
from app.datasets.strata import GENDER, SEX, TOTAL
from app.datasets.survey_rows import FIRST_YEAR, LAST_YEAR
from app.datasets.years import span
from app.installation import command
from app.messages.message import counted


def overlapping_strata(estimates: pl.DataFrame) -> Found | None:
    """Tell of states that have rows of several categories for one question and period."""
    # One number for each pair of names: these are compared faster than pairs.
    pair = pl.col("category").to_physical().cast(pl.UInt64) * 2**32
    pair += pl.col("stratum").to_physical()
    together = (
        estimates.filter(HAS_STRATUM)
        .group_by(PERIOD)
        .agg(
            pl.len().alias("rows"),
            pl.col("category").n_unique().alias("categories"),
            pair.n_unique().alias("strata"),
        )
        .filter(pl.col("categories") > 1)
    )
    if together.is_empty():
        return None
    rows, most, strata = together.select(
        pl.col("rows").sum(), pl.col("rows").max().alias("most"), pl.col("strata").max()
    ).row(0)
    return Found(
        rows,
        f"Strata overlap: one state, question and period has up to {counted(most, 'row')}, in up "
        f"to {strata} strata that count the same people again and again, so a mean over them is "
        "no prevalence. Take the Total row, or the strata of one category.",
    )


def nation_among_states(estimates: pl.DataFrame) -> Found | None:
    """Tell of rows of the whole nation beside those of other places."""
    rows = count(estimates, pl.col("abbreviation") == NATION.abbreviation)
    if rows in (0, estimates.height):
        return None
    return Found(
        rows,
        f"The nation stands among the states, as one of them, with {counted(rows, 'row')}: a mean "
        "over all places counts the same people twice, and a ranking has an entry that is no "
        "state. Leave it out of both.",
    )


def no_years(estimates: pl.DataFrame, known: Known) -> Found | None:
    """Tell of files that do not say of which years their rows are."""
    if not known.reading.undated:
        return None
    period = span(FIRST_YEAR, LAST_YEAR)
    return Found(
        estimates.height,
        f"The file has no years: all {counted(estimates.height, 'row')} are taken to be of "
        f"{period} as a whole, which the nine statistics count. Of which years a mean is, is not "
        "known, and no trend can be read. Serve a file with YearStart and YearEnd.",
    )


def several_years(estimates: pl.DataFrame, known: Known) -> Found | None:
    """Tell of rows that cover more than one year."""
    if known.reading.undated:
        return None
    periods = (
        estimates.filter(pl.col("year_start") < pl.col("year_end"))
        .group_by("year_start", "year_end")
        .len()
        .sort("year_start", "year_end")
    )
    if periods.is_empty():
        return None
    rows = int(periods["len"].sum())
    named = some(span(first, last) for first, last, _ in periods.iter_rows())
    return Found(
        rows,
        f"{part_of(rows, estimates.height, 'row')} cover several years each ({named}): such a "
        "value belongs to no single year, and no trend can be read from it. For a year or a "
        f"trend, serve a file of single years, as CDC's release is (`{command('data')}`).",
    )


def reversed_years(estimates: pl.DataFrame) -> Found | None:
    """Tell of rows that end before they start."""
    rows = count(estimates, pl.col("year_start") > pl.col("year_end"))
    if not rows:
        return None
    return Found(
        rows,
        f"{counted(rows, 'row')} with a YearEnd before YearStart: it is not known which years "
        "the value is of. Mend the file, or leave them out.",
    )


def outside_period(estimates: pl.DataFrame) -> Found | None:
    """Tell of rows that the nine statistics do not count."""
    rows = count(estimates, (pl.col("year_start") < FIRST_YEAR) | (pl.col("year_end") > LAST_YEAR))
    if not rows:
        return None
    period = span(FIRST_YEAR, LAST_YEAR)
    return Found(
        rows,
        f"{counted(rows, 'row')} with years outside {period}: the nine means of the course are "
        "made without them, and so differ from means over the whole file. Say of which years a "
        "number is.",
    )


def repeated_cells(estimates: pl.DataFrame) -> Found | None:
    """Tell of cells that have more than one row."""
    repeated = estimates.group_by(CELL).len().filter(pl.col("len") > 1)
    if repeated.is_empty():
        return None
    rows, most = repeated.select(pl.col("len").sum(), pl.col("len").max().alias("most")).row(0)
    cells = repeated.height
    return Found(
        rows,
        f"{counted(cells, 'cell')} (question, period, state and stratum) with more than one row, "
        f"up to {most}: a mean over rows counts such a cell as often, and its rows cannot be "
        "told apart. Take the mean of each cell first; do not read the rows as independent.",
    )


def no_total(estimates: pl.DataFrame, known: Known) -> Found | None:
    """Tell of states that have strata for a question and period, but no Total row."""
    periods = (
        estimates.filter(HAS_STRATUM)
        .group_by(PERIOD)
        .agg(pl.len().alias("rows"), (pl.col("category") == TOTAL).any().alias("total"))
    )
    without = periods.filter(~pl.col("total"))
    if without.is_empty():
        return None
    combinations = part_of(without.height, periods.height, "combination")
    return Found(
        int(without["rows"].sum()),
        f"{combinations} of question, period and state without a Total row: the prevalence among "
        f"{known.reading.layout.everyone or 'everyone'} there is not to be read, and a plain mean "
        "of strata is not it, for strata differ in size. Ask for a stratum, or serve a file with "
        "Total rows.",
    )


def strata_from_dates(estimates: pl.DataFrame, known: Known) -> Found | None:
    """Tell of strata that a spreadsheet had taken for dates."""
    dates = known.reading.dates
    if not dates:
        return None
    named = some(f"{was} as {name}" for was, name in dates.items())
    return Found(
        count(estimates, pl.col("stratum").cast(pl.String).is_in(list(dates.values()))),
        f"A spreadsheet has made dates of {counted(len(dates), 'stratum name')}, which are read as "
        f"ages again ({named}): the figures are as they were. Compare the names with CDC's own "
        "file.",
    )


def no_stratum(estimates: pl.DataFrame) -> Found | None:
    """Tell of rows without a category or a stratum."""
    rows = count(estimates, ~HAS_STRATUM)
    if not rows:
        return None
    return Found(
        rows,
        f"{counted(rows, 'row')} without a category or a stratum: whom such a value is about is "
        "not known, yet it counts in the means of its state and over all states, though in none "
        "by category. Leave it out.",
    )


def gender_and_sex(estimates: pl.DataFrame, known: Known) -> Found | None:
    """Tell of both names of one category."""
    if known.reading.replaced["category"].get(GENDER) != SEX:
        return None
    rows = count(estimates, pl.col("category") == SEX)
    return Found(
        rows,
        f"One category goes by two names in the files, Gender and Sex ({counted(rows, 'row')}): it "
        "is read as Sex, whichever name it is asked by; the nine of the course keep both names. "
        "See that no people are in it twice.",
    )
