"""Says where a CSV is broken, in one line, once the fast reader has found that it is.

Slow and careful on purpose: it runs only when the start has already failed.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.datasets.layouts import Columns
from app.logs import one_line

_YEARS = ("year_start", "year_end")
_NAMES = ("abbreviation", "state", "question", "question_id")

_YEAR = re.compile(r"\d{4}", re.ASCII)

# What a value may look like; with it, below 10^20, exact sums have room for any number of rows.
_NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d*)?|\.\d+)", re.ASCII)


def find_fault(path: Path, columns: Columns) -> str | None:
    """Return "line N, column ...: what was expected", or None where nothing is found wrong."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            header = columns.spelled(next(reader, []))
            line = reader.line_num + 1
            for row in reader:
                if any(row):
                    fault = _row_fault(header, row, columns)
                    if fault:
                        return f"line {line}, {fault}"
                line = reader.line_num + 1
    except UnicodeDecodeError:
        return _encoding_fault(path)
    except csv.Error as error:
        return f"line {line}: expected a CSV record ({error})"
    return None


def _row_fault(header: list[str], row: list[str], columns: Columns) -> str | None:
    if len(row) != len(header):
        return f"all columns: expected {len(header)} values, found {len(row)}"
    values: Mapping[str, str] = dict(zip(header, (value.strip() for value in row), strict=True))
    return next(value_faults(values, columns), None)


def value_faults(values: Mapping[str, str], columns: Columns) -> Iterator[str]:
    """Yield "column ...: what was expected" for what is wrong in a row, by a file's columns."""
    names = columns.names
    there = {name: "" if text in columns.empty else text for name, text in values.items()}
    for name in (names[year] for year in _YEARS):
        if not _YEAR.fullmatch(there[name]):
            yield f'column {name}: expected a year, found "{_shown(there[name])}"'
    for name in (names[one] for one in _NAMES):
        if not there[name]:
            yield f"column {name}: expected a value, found none"
    value = names["value"]
    if there[value] and not _NUMBER.fullmatch(there[value]):
        yield f'column {value}: expected a number or nothing, found "{_shown(there[value])}"'


def _shown(value: str) -> str:
    return one_line(value[:40])


def _encoding_fault(path: Path) -> str:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return f"line {number}, byte {error.start + 1}: expected UTF-8 text"
    return "the end of the file: expected UTF-8 text"
