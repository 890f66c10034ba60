"""What was measured, as Markdown; and what is being measured, for whoever looks on."""

import statistics
import sys
from collections.abc import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: its first column to the left, numbers to the right."""
    progress("")
    print(_line(heads))
    print(_line(["---", *["---:"] * (len(heads) - 1)]))
    for row in rows:
        print(_line(row))
    print(flush=True)


def number(value: float) -> str:
    """Return a number with as many digits as are worth reading."""
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def median(values: Sequence[float]) -> str:
    """Return the median of some rounds."""
    return number(statistics.median(values))


def spread(values: Sequence[float]) -> str:
    """Return the median of some rounds, with the least and the most where these differ."""
    least, most = number(min(values)), number(max(values))
    return median(values) if least == most else f"{median(values)} ({least}-{most})"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return how much one was of another, round by round."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def progress(text: str) -> None:
    """Show what is being measured, on a terminal."""
    if sys.stderr.isatty():
        print(f"\r{text:78.78}", end="\r", file=sys.stderr, flush=True)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
