"""Bars of text: a number's size at a glance, negative ones to the left of an axis."""

from collections.abc import Sequence

# Eighths of a sign's width, from the left; from the right only the half is in most fonts.
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
_FULL, _RIGHT_HALF, _AXIS = "█", "▐", "│"


def bars(values: Sequence[float | None], width: int, *, plain: bool = False) -> list[str]:
    """Return a bar for each value, as long as it is large: the largest takes the whole width.

    Where some values are negative, all bars begin at an axis. None has no bar. `plain` bars are
    ASCII.
    """
    known = [value for value in values if value is not None]
    most, least = max(known, default=0.0), min(known, default=0.0)
    if least >= 0:
        return [_rightward(value or 0.0, most, width, plain).rstrip() for value in values]
    most, axis = max(most, 0.0), "|" if plain else _AXIS
    left = max(1, round((width - 1) * -least / (most - least)))
    right = max(1, width - 1 - left) if most else 0
    return [
        (
            _leftward(-(value or 0.0), -least, left, plain)
            + axis
            + _rightward(value or 0.0, most, right, plain)
        ).rstrip()
        for value in values
    ]


def _rightward(value: float, most: float, width: int, plain: bool) -> str:
    if value <= 0 or most <= 0:
        return " " * width
    eighths = max(1, round(8 * width * value / most))
    if plain:
        return ("#" * max(1, round(eighths / 8))).ljust(width)
    return (_FULL * (eighths // 8) + _EIGHTHS[eighths % 8]).ljust(width)


def _leftward(value: float, most: float, width: int, plain: bool) -> str:
    if value <= 0:
        return " " * width
    halves = max(1, round(2 * width * value / most))
    if plain:
        return ("#" * max(1, round(halves / 2))).rjust(width)
    return (_RIGHT_HALF * (halves % 2) + _FULL * (halves // 2)).rjust(width)
