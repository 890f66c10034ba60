"""What statistics say of estimates that are standardised by age, and when they can be."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from app.datasets.strata import AGE, TOTAL
from app.errors import BadRequest
from app.messages import caveats, reasons
from app.messages.message import Sentence
from app.statistics.names import RELEASE
from app.statistics.table import Column
from app.statistics.wording import listed, quoted

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.methods.standardised import Ages

Adjust = Annotated[
    Literal["age2000"],
    Meta(
        description="age2000 for estimates standardised by age, to the population of 2000; crude"
        " ones by default"
    ),
]

METHOD = (
    "Estimates are standardised by age: the mean of those of the six strata of age, weighted by "
    "the population of the United States in 2000; variances added."
)
CRUDE = Column("crude", "number", "the estimate without standardisation, {in_share}")


def computed(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return columns of estimates as those of standardised ones: their limits are not CDC's."""
    return tuple(
        replace(one, meaning=one.meaning.replace("as CDC has it", "standardised by age"))
        for one in columns
    )


def check(dataset: "DataIngestor", stratum: str | None) -> None:
    """Raise BadRequest where nothing can be standardised: for a stratum, or in a dataset.

    `stratum` is whom estimates are asked for, None and `Total` for everyone.
    """
    from app.methods.standardised import WEIGHTS

    if stratum not in (None, TOTAL):
        raise BadRequest(reasons.ADJUST_OF_STRATUM(stratum=stratum))
    have = {name for category, name in dataset.names("category", "stratum") if category == AGE}
    lacking = [name for name in WEIGHTS if name not in have]
    if lacking:
        raise BadRequest(reasons.ADJUST_NEEDS_AGES(lacking=quoted(lacking), release=RELEASE))


def incomplete(found: "Sequence[Ages]", *, with_years: bool) -> list[Sentence]:
    """Return the warning that some places are not standardised, with the ages that they lack."""
    if not found:
        return []
    named = _named(found, with_years=with_years)
    return [caveats.NOT_STANDARDISED(named=named)]


def imprecise(used: "pl.DataFrame", *, with_years: bool) -> list[Sentence]:
    """Return the warning that places are standardised by ages that are too imprecise to be shown.

    `used` are the rows that are standardised.
    """
    from app.methods.standardised import imprecise as imprecise_ages

    found = imprecise_ages(used)
    if not found:
        return []
    named = _named(found, with_years=with_years)
    return [caveats.IMPRECISE_AGES(named=named)]


def _named(found: "Sequence[Ages]", *, with_years: bool) -> str:
    return listed(
        [
            f"{one.state}{f' {one.period.text}' * with_years} ({', '.join(one.strata)})"
            for one in found
        ]
    )
