"""What statistics say of estimates that are standardised by age, and when they can be."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from app.datasets.strata import TOTAL
from app.errors import BadRequest
from app.statistics.names import RELEASE
from app.statistics.table import Column
from app.statistics.wording import listed, quoted

if TYPE_CHECKING:
    from app.data_ingestor import DataIngestor
    from app.methods.standardised import Lacking

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
    from app.methods.standardised import AGE, WEIGHTS

    if stratum not in (None, TOTAL):
        raise BadRequest(
            f'"adjust" is for everyone in a place: there are no estimates by age of "{stratum}"'
        )
    have = {name for category, name in dataset.names("category", "stratum") if category == AGE}
    lacking = [name for name in WEIGHTS if name not in have]
    if lacking:
        raise BadRequest(
            f'"adjust" needs estimates by age, and this dataset has none of {quoted(lacking)}: '
            f"{RELEASE}"
        )


def incomplete(found: "Sequence[Lacking]", *, with_years: bool) -> list[str]:
    """Return the warning that some places are not standardised, with the ages that they lack."""
    if not found:
        return []
    named = [
        f"{one.state}{f' {one.period.text}' * with_years} ({', '.join(one.strata)})"
        for one in found
    ]
    return [f"Not standardised, for ages without an estimate: {listed(named)}."]
