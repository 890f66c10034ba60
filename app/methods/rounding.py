"""How exact the numbers of an answer are."""

import math

# Answers are rounded to so many decimals (of a percent, of a point, of a ratio): more is noise, and
# the last bits of a float may differ from one version of a library to the next.
DECIMALS = 6


def rounded(value: float | None) -> float | None:
    """Return a number as answers have it; None for what is no finite number."""
    if value is None or not math.isfinite(value):
        return None
    return round(value, DECIMALS) + 0.0  # no negative zero
