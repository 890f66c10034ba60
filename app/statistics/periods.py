"""Which period a statistic answers for, and whether there is anything to answer with.

It imports polars: statistics import it inside of functions.
"""

from collections.abc import Callable

from app.errors import BadRequest
from app.methods.estimates import Period, Periods, latest
from app.methods.years import spans
from app.statistics.names import RELEASE


def period(found: Periods, wanted: int | None, what: str, why: Callable[[], str] = str) -> Period:
    """Return the period to answer for, out of `estimates.periods`: the year wanted, or the latest.

    `what` says what there is an estimate of, or is not, in the words of an error; `why` returns
    words for its end.
    """
    if not found:
        raise BadRequest(f"this dataset has no estimates of {what}")
    if wanted is None:
        return latest(found)
    years = [first for first, last in found if first == last]
    if not years:
        raise BadRequest(
            f"this dataset has no single years of {what}, only {latest(found).text} as a whole: "
            f'leave "year" out; {RELEASE}'
        )
    if wanted not in years:
        raise BadRequest(
            f"this dataset has no estimates of {what} in {wanted}; there are some in {spans(years)}"
            f"{why()}"
        )
    return Period(wanted, wanted)
