"""Which period a statistic answers for, and whether there is anything to answer with.

It imports polars: statistics import it inside of functions.
"""

from collections.abc import Callable

from app.datasets.years import spans
from app.errors import BadRequest
from app.messages import reasons
from app.messages.message import Sentence
from app.methods.estimates import Period, Periods, latest
from app.statistics.names import RELEASE


def period(
    found: Periods, wanted: int | None, what: Sentence, why: Callable[[], str] = str
) -> Period:
    """Return the period to answer for, out of `estimates.periods`: the year wanted, or the latest.

    `what` says what there is an estimate of, or is not, in the words of an error; `why` returns
    words for its end.
    """
    if not found:
        raise BadRequest(reasons.NO_ESTIMATES(what=what))
    if wanted is None:
        return latest(found)
    years = [first for first, last in found if first == last]
    if not years:
        raise BadRequest(reasons.ONE_PERIOD(what=what, period=latest(found).text, release=RELEASE))
    if wanted not in years:
        raise BadRequest(reasons.NOT_IN_YEAR(what=what, year=wanted, years=spans(years), why=why()))
    return Period(wanted, wanted)
