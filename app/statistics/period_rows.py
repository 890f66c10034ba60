"""What statistics of one period find, and answer from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from app.messages.message import Sentence

if TYPE_CHECKING:
    import polars as pl

    from app.methods.estimates import Period


class PeriodRows(NamedTuple):
    """The period to answer for, and rows of what is asked; `find` of a statistic says of whom."""

    period: "Period"
    everywhere: "pl.DataFrame"  # of any period
    matched: "pl.DataFrame"  # of the period
    used: "pl.DataFrame"  # those of the period that have an estimate
    warnings: Sequence[Sentence]
