"""What is wrong with the values of a row: the years, names and numbers that each needs."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from app.datasets import values
from app.datasets.csv_grammar import records
from app.datasets.layouts import Columns
from app.logs import one_line

_YEARS = ("year_start", "year_end")
_NAMES = ("abbreviation", "state", "question", "question_id")


def find_fault(path: Path, header: list[str], columns: Columns) -> str | None:
    """Return "line N, column ...: what was expected", or None where nothing is found wrong.

    Slow and careful: it runs only when the start has already failed.
    """
    labels = columns.labels(header)
    for line, texts in records(path, header):
        row = dict(zip(labels, map(str.strip, texts), strict=True))
        if any(row.values()):
            fault = next(value_faults(row, columns), None)
            if fault:
                return f"line {line}, {fault}"
    return None


def value_faults(row: Mapping[str, str], columns: Columns) -> Iterator[str]:
    """Yield "column ...: what was expected" for what is wrong in a row, by a file's columns."""
    names = columns.names
    there = {name: "" if text in columns.empty else text for name, text in row.items()}
    for name in (names[year] for year in _YEARS):
        if name in there and not values.is_year(there[name]):
            yield f'column {name}: expected a year, found "{_shown(there[name])}"'
    for name in (names[one] for one in _NAMES):
        if not there[name]:
            yield f"column {name}: expected a value, found none"
    value = names["value"]
    if there[value] and not values.is_number(there[value]):
        yield f'column {value}: expected a number or nothing, found "{_shown(there[value])}"'


def _shown(value: str) -> str:
    return one_line(value[:40])
