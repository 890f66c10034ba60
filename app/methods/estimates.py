"""Picks, from the rows of the dataset, one estimate for each cell that a statistic looks at.

A cell is a question, a state, a stratum and a period. Suppressed rows, which have no value, and
filled ones, which have one that CDC withholds, are counted but never used; nor are invalid ones.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets import places
from app.datasets.quirks.parts import SINGLE_YEAR
from app.datasets.years import span
from app.methods.presentation import with_presentation
from app.methods.rounding import DECIMALS
from app.methods.uncertainty import STANDARD_ERROR

NOT_REPORTED = "Data not reported"  # no stratum of people: what they have in common is an answer

_KINDS = MappingProxyType({place.name: place.kind for place in places.PLACES.values()})
_KIND = pl.col("state").cast(pl.String).replace_strict(_KINDS, default="unknown")
_PERIOD = ("year_start", "year_end")
_OF_ONE = ("low", "high", "sample_size")
_USABLE = pl.col("value").is_not_null() & ~pl.col("filled") & ~pl.col("invalid")


class Period(NamedTuple):
    """The years that estimates cover, both included; most often a single one."""

    first: int
    last: int

    @property
    def text(self) -> str:
        """Return `2023` or `2011-2022`."""
        return span(self.first, self.last)


# Who has estimates in each period.
Periods = Mapping[Period, Collection[str]]


def matching(dataset: DataIngestor, **names: str | Sequence[str] | None) -> pl.DataFrame:
    """Return the rows that have these names in these columns, used or not, in order of `record`.

    A name may be one, several (any of them), or None (whatever it is).
    """
    wanted = [named(column, name) for column, name in names.items() if name is not None]
    return dataset.estimates.filter(*wanted).sort("record")


def named(column: str, names: str | Sequence[str]) -> pl.Expr:
    """Tell whether a row has this name, or one of these, in a column."""
    if isinstance(names, str) or len(names) == 1:
        return pl.col(column) == (names if isinstance(names, str) else names[0])
    return pl.col(column).is_in(list(names))


def usable() -> pl.Expr:
    """Tell whether a row's value may be used."""
    return _USABLE


def single_year() -> pl.Expr:
    """Tell whether a row is about one year."""
    return SINGLE_YEAR


def within(period: Period) -> pl.Expr:
    """Tell whether a row covers exactly this period."""
    return (pl.col("year_start") == period.first) & (pl.col("year_end") == period.last)


def is_nation() -> pl.Expr:
    """Tell whether a row is of the whole country: no state, though it stands among them."""
    return pl.col("state") == places.NATION.name


def kind_of(state: str) -> str:
    """Return what `kind` does, of a name."""
    return _KINDS.get(state, "unknown")


def kind() -> pl.Expr:
    """Return "state", "district", "territory", "nation", or "unknown" for another place."""
    return _KIND


def estimates(rows: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Return what `cells` does, with `presentation` as `presentation.with_presentation` has it."""
    return with_presentation(cells(rows, *keys))


def cells(rows: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Return one estimate for each combination of `keys`, in ascending order of these.

    | column | what it holds |
    | --- | --- |
    | `value`, `low`, `high` | with one row CDC's own figures, else the mean of the rows |
    | `error` | the standard error, in that unit |
    | `sample_size` | how many people were asked |
    | `rows` | how many rows it is made of |
    | `unit` | the unit of the value, which all rows of a question have |

    Several rows of one cell may be copies of the same people: their mean has no limits, no error
    and no sample size.
    """
    used = rows.filter(usable()).group_by(*keys)
    others = (pl.len().cast(pl.Int64).alias("rows"), pl.col("unit").first())
    picked = used.agg(pl.col("value", *_OF_ONE).first(), *others)
    if (picked["rows"] > 1).any():
        # Sorted and rounded: means depend neither on the order of the rows nor on the last bits of
        # a sum, which would tell equal ones apart.
        mean = pl.col("value").sort().mean().round(DECIMALS)
        one = pl.len() == 1
        picked = used.agg(
            pl.when(one).then(pl.col("value").first()).otherwise(mean).alias("value"),
            *(pl.when(one).then(pl.col(name).first()).alias(name) for name in _OF_ONE),
            *others,
        )
    return picked.sort(keys).with_columns(error=STANDARD_ERROR)


def periods(rows: pl.DataFrame, by: str, of: str, at_least: int) -> Periods:
    """Return who has at least so many different `of` in each period, by usable rows.

    Those are names of column `by`. Single years only, where there are any: an estimate of several
    years at once is not to be mistaken for one of its last.
    """
    cells = rows.filter(usable()).group_by(by, *_PERIOD).agg(pl.col(of).n_unique())
    single = any(first == last for _, first, last, _ in cells.iter_rows())
    found: dict[Period, set[str]] = {}
    for name, first, last, different in cells.iter_rows():
        if different >= at_least and (first == last or not single):
            found.setdefault(Period(first, last), set()).add(name)
    return found


def latest(found: Periods) -> Period:
    """Return the latest of `periods` that at least half of those in it have.

    Where none is, the one that most have. There must be at least one.
    """
    everybody = everyone_in(found)

    def order(period: Period) -> tuple[int, int, int]:
        have = len(found[period])
        return (everybody if 2 * have >= everybody else have), period.last, period.first

    return max(found, key=order)


def everyone_in(found: Periods) -> int:
    """Return how many have any of `periods`."""
    return len(set[str]().union(*found.values()))


def latest_of_each(rows: pl.DataFrame) -> dict[str, Period]:
    """Return the latest period of each question that at least half of its places have rows of.

    Where half of them have none, the period that most have. Of single years alone, where a question
    has any.
    """
    states = pl.col("state").n_unique()
    places = dict(rows.group_by("question").agg(states).iter_rows())
    best: dict[str, tuple[bool, int, int, int]] = {}
    for question, first, last, have in rows.group_by("question", *_PERIOD).agg(states).iter_rows():
        order = first == last, min(2 * have, places[question]), last, first
        best[question] = max(order, best.get(question, order))
    return {question: Period(first, last) for question, (*_, last, first) in best.items()}


def of_periods(taken: Mapping[str, Period]) -> pl.Expr:
    """Tell whether a row is of the period of its question."""
    questions: dict[Period, list[str]] = {}
    for question, period in taken.items():
        questions.setdefault(period, []).append(question)
    return pl.any_horizontal(
        pl.lit(value=False),
        *(within(period) & named("question", of) for period, of in questions.items()),
    )


def as_frame(taken: Mapping[str, Period], like: pl.DataFrame) -> pl.DataFrame:
    """Return the period of each question as a frame, in the types of another."""
    kinds = {name: like.schema[name] for name in ("question", *_PERIOD)}
    return pl.DataFrame([(text, *period) for text, period in taken.items()], kinds, orient="row")
