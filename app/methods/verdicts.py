"""What a difference says, by its p-value after adjustment for the number of tests."""

HIGHER, LOWER = "higher", "lower"
NOT_CLEAR = "no clear difference"  # which does not mean that there is none
UNKNOWN = "unknown"

_LEVEL = 0.05


def verdict(difference: float | None, p_adjusted: float | None) -> str:
    """Return which way a difference clearly goes; None for a p-value makes it unknown."""
    if difference is None or p_adjusted is None:
        return UNKNOWN
    if p_adjusted >= _LEVEL:
        return NOT_CLEAR
    return HIGHER if difference > 0 else LOWER
