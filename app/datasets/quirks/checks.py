"""What to know of a dataset before using a number from it: its quirks, found in its rows.

Each check looks at the whole frame, by expressions of polars, and says what it found in three
parts: what it is, what it does to a number, what to do.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import polars as pl

from app.datasets.quirks.figures import (
    copied_rows,
    filled_values,
    limits_not_enclosing,
    missing_limits,
    missing_sample_sizes,
    outside_percent,
    reversed_limits,
    samples_of_nobody,
    suppressed_rows,
    unexplained_rows,
    unreadable_figures,
)
from app.datasets.quirks.names import (
    ids_of_a_text,
    names_of_a_place,
    texts_of_an_id,
    unknown_directions,
    unknown_places,
)
from app.datasets.quirks.parts import Find, Found, Known
from app.datasets.quirks.rows import (
    gender_and_sex,
    nation_among_states,
    no_stratum,
    no_total,
    no_years,
    outside_period,
    overlapping_strata,
    repeated_cells,
    reversed_years,
    several_years,
    strata_from_dates,
)
from app.datasets.quirks.years import different_years, missing_states, not_released


def _by_rows(find: Callable[[pl.DataFrame], Found | None]) -> Find:
    """Return the check that looks at the rows alone."""
    return lambda estimates, _known: find(estimates)


class Quirk(NamedTuple):
    """A kind of quirk: its code, what it means in short, which rows it counts, the check for it.

    `rows` is None for a quirk that is not one of rows.
    """

    code: str
    meaning: str
    rows: str | None
    find: Find


# In the order of the answer: first what changes most numbers.
_QUIRKS = (
    Quirk(
        "overlapping-strata",
        "a state has rows of several categories for one question and period",
        "those of such states, questions and periods",
        _by_rows(overlapping_strata),
    ),
    Quirk(
        "filled-values",
        "a value stands where CDC withheld the estimate",
        "those with such a value",
        _by_rows(filled_values),
    ),
    Quirk("suppressed", "the estimate of rows is withheld", "those rows", suppressed_rows),
    Quirk(
        "not-released",
        "CDC released nothing for a place and year",
        "those of such places and years",
        not_released,
    ),
    Quirk(
        "no-value",
        "rows have no value, and why cannot be told",
        "those without",
        unexplained_rows,
    ),
    Quirk(
        "nation-among-states",
        "the nation is one of several places",
        "those of the nation",
        _by_rows(nation_among_states),
    ),
    Quirk("no-years", "the file does not say of which years its rows are", "all of them", no_years),
    Quirk("several-years", "rows cover more than one year", "those that do", several_years),
    Quirk(
        "repeated-cells",
        "a question, period, state and stratum has more than one row",
        "those of such cells",
        _by_rows(repeated_cells),
    ),
    Quirk(
        "missing-limits",
        "estimates have no confidence limits, or only one",
        "those of such estimates",
        _by_rows(missing_limits),
    ),
    Quirk(
        "missing-sample-sizes",
        "estimates have no sample size",
        "those of such estimates",
        _by_rows(missing_sample_sizes),
    ),
    Quirk(
        "unreadable-figures",
        "a confidence limit or a sample size is neither a number nor empty",
        "those with one",
        _by_rows(unreadable_figures),
    ),
    Quirk(
        "limits-not-enclosing",
        "the confidence limits do not enclose the value",
        "those with such limits",
        _by_rows(limits_not_enclosing),
    ),
    Quirk(
        "outside-0-100",
        "a value or a confidence limit is below 0 or above 100 %",
        "those with one",
        _by_rows(outside_percent),
    ),
    Quirk(
        "sample-size-below-1",
        "a value has a sample size below 1",
        "those with one",
        _by_rows(samples_of_nobody),
    ),
    Quirk(
        "reversed-limits",
        "the lower confidence limit is above the upper one",
        "those with such limits",
        _by_rows(reversed_limits),
    ),
    Quirk(
        "copied-rows",
        "rows repeat all names and figures of an earlier one",
        "those that do",
        _by_rows(copied_rows),
    ),
    Quirk(
        "no-total",
        "a state has strata for a question and period, but no Total row",
        "those of such states, questions and periods",
        no_total,
    ),
    Quirk(
        "strata-from-dates",
        "a spreadsheet has made dates of names of strata, which are read as ages again",
        "those of such strata",
        strata_from_dates,
    ),
    Quirk(
        "no-stratum",
        "rows name no category or no stratum",
        "those that do not",
        _by_rows(no_stratum),
    ),
    Quirk(
        "different-years", "questions are asked in different years", None, _by_rows(different_years)
    ),
    Quirk(
        "missing-states",
        "a state has no estimate in a year in which a question was asked",
        None,
        _by_rows(missing_states),
    ),
    Quirk(
        "outside-period",
        "rows are of years that the nine statistics do not count",
        "those of such years",
        _by_rows(outside_period),
    ),
    Quirk(
        "reversed-years", "rows end before they start", "those that do", _by_rows(reversed_years)
    ),
    Quirk(
        "gender-and-sex",
        "one category goes by both names in the files, and is read as Sex",
        "those of both",
        gender_and_sex,
    ),
    Quirk(
        "texts-of-an-id",
        "a question id stands for several texts",
        "those with such an id",
        _by_rows(texts_of_an_id),
    ),
    Quirk(
        "ids-of-a-text",
        "a question text has several ids",
        "those with such a text",
        _by_rows(ids_of_a_text),
    ),
    Quirk(
        "names-of-a-place",
        "an abbreviation stands for several places, or a place has several abbreviations",
        "those of such places",
        _by_rows(names_of_a_place),
    ),
    Quirk(
        "unknown-places",
        "a place is none of the United States that are known",
        "those of such places",
        _by_rows(unknown_places),
    ),
    Quirk(
        "unknown-directions",
        "whether low or high is better is not known of a question",
        "those of such questions",
        unknown_directions,
    ),
)

QUIRKS: Mapping[str, Quirk] = MappingProxyType({quirk.code: quirk for quirk in _QUIRKS})


def warnings(estimates: pl.DataFrame, known: Known) -> list[dict[str, Any]]:
    """Return a warning for each quirk that a dataset has: `{"code", "rows", "message"}`.

    `estimates` is `DataIngestor.estimates`; `rows` says how many of its rows a quirk concerns, and
    is None for one that is not of rows.
    """
    found = ((quirk.code, quirk.find(estimates, known)) for quirk in QUIRKS.values())
    return [{"code": code, "rows": it.rows, "message": it.message} for code, it in found if it]
