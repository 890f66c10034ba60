"""How exact the numbers of an answer are, and how people are shown them."""

import math
from decimal import ROUND_HALF_UP, Context, Decimal

# Answers are rounded to so many decimals (of a percent, of a point, of a ratio): more is noise, and
# the last bits of a float may differ from one version of a library to the next.
DECIMALS = 6

_MINUS = "\N{MINUS SIGN}"

# With room for every digit that a float can have.
_CONTEXT = Context(prec=400, rounding=ROUND_HALF_UP)


def rounded(value: float | None) -> float | None:
    """Return a number as answers have it; None for what is no finite number."""
    if value is None or not math.isfinite(value):
        return None
    return round(value, DECIMALS) + 0.0  # no negative zero


def shown(value: float, decimals: int) -> Decimal:
    """Return a number with so many decimals, for people: 23.65 as 23.7, by the decimals one reads.

    Halves go away from zero, as in the page. `round` goes by the binary number, 23.649999.
    """
    near = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), context=_CONTEXT)
    return near or abs(near)  # no negative zero


def written(value: float, decimals: int, *, sign: bool = False, point: str = ".") -> str:
    """Return a number as a sentence has it: as `shown`, with a true minus.

    With `sign`, one above zero has a plus; `point` stands before its decimals.
    """
    near = shown(value, decimals)
    text = f"{near:+}" if sign and near else f"{near}"
    return text.replace("-", _MINUS).replace(".", point)
