"""What is wrong with the values of a row: the years, names and numbers that each needs."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from app.datasets.csv_grammar import records
from app.datasets.layouts import Columns
from app.datasets.survey_rows import LARGEST
from app.logs import one_line

_YEARS = ("year_start", "year_end")
_NAMES = ("abbreviation", "state", "question", "question_id")

# As `survey_rows` reads them: exactly these are not passed over, and not refused.
_YEAR = re.compile(r"[1-9]\d{3}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,9})?", re.ASCII | re.IGNORECASE)


def find_fault(path: Path, header: list[str], columns: Columns) -> str | None:
    """Return "line N, column ...: what was expected", or None where nothing is found wrong.

    Slow and careful: it runs only when the start has already failed.
    """
    for line, values in records(path, header):
        row = dict(zip(columns.labels(header), map(str.strip, values), strict=True))
        if any(row.values()):
            fault = next(value_faults(row, columns), None)
            if fault:
                return f"line {line}, {fault}"
    return None


def value_faults(values: Mapping[str, str], columns: Columns) -> Iterator[str]:
    """Yield "column ...: what was expected" for what is wrong in a row, by a file's columns."""
    names = columns.names
    there = {name: "" if text in columns.empty else text for name, text in values.items()}
    for name in (names[year] for year in _YEARS):
        if name in there and not _YEAR.fullmatch(there[name]):
            yield f'column {name}: expected a year, found "{_shown(there[name])}"'
    for name in (names[one] for one in _NAMES):
        if not there[name]:
            yield f"column {name}: expected a value, found none"
    value = names["value"]
    if there[value] and not _is_number(there[value]):
        yield f'column {value}: expected a number or nothing, found "{_shown(there[value])}"'


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and Decimal(text).copy_abs() < LARGEST


def _shown(value: str) -> str:
    return one_line(value[:40])
