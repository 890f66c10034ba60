"""P-values of many tests at once."""

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return the p-values adjusted after Holm (1979), each in its place; None stays None.

    Declaring what is below 0.05 after that errs in any of them with a probability of 5 % at most.
    """
    adjusted: list[float | None] = [None] * len(p_values)
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    least = 0.0
    for done, (p, place) in enumerate(known):
        least = max(least, min(1.0, (len(known) - done) * p))
        adjusted[place] = least
    return adjusted
