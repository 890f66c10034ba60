"""From the columns of an answer to those of a table: units in headings, limits as intervals."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.cli.output import plain
from app.cli.tables import SURE, Column
from app.methods.rounding import shown

Meanings = Mapping[str, Mapping[str, str]]

# Columns that are left out where a terminal is narrow, the first of these before all.
_SPARE = (
    "topic",
    "abbreviation",
    "strata",
    "interval",
    "standard_error",
    "rows_excluded",
    "rows_filled",
    "rows_suppressed",
    "rows_not_released",
    "kind",
    "points",
    "sample_size",
    "rows_used",
    "reference",
    "scatter_p",
    "basis",
    "apc",
    "joinpoint",
    "direction_by",
    "change_p_value",
    "z",
    "p_value",
    "heterogeneity_p",
    "p_adjusted",
    "ratio",
    "category",
    "from_national",
    "may_be_first",
    "worse_than_first",
    "years",
    "record",
    "missing",
    "presentation",
)
# These go only where a terminal is so narrow that numbers would.
_LAST = ("year", "question_id", "better", "verdict", "rank")
# Intervals go later than these, except those of numbers that go, or that matter less.
_LESS_SURE = ("ratio", "first", "second", "last", "apc")
_SAID_ONCE = frozenset(
    {*_SPARE, "state", "question", "question_id", "year", "year_start", "year_end", "filled"}
)
_LOW, _HIGH = "low", "high"
_STATUS = "status"
_P_VALUE = re.compile(r"^p_|_p(_value)?$")
_NO_THOUSANDS = ("year", "year_start", "year_end", "record", "rank", "joinpoint")
_BROKEN_FROM = 9  # a heading of several words is broken into lines from this length on
_DECIMALS = 2


def columns_of(
    names: Sequence[str], rows: Sequence[Sequence[Any]], meanings: Meanings
) -> tuple[list[Column], list[str]]:
    """Return the columns to show of an answer's, and what all rows have in common, in words.

    Columns without a value are left out. Lower and upper limits become one column. Why there is no
    value stands in its place.
    """
    values = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    values = {name: some for name, some in values.items() if any(one is not None for one in some)}
    why = values.pop(_STATUS, None) if "value" in values else None
    columns, common = [], []
    units = {name: unit_of(meanings.get(name, {}).get("meaning", "")) for name in values}
    percent = [one for name, some in values.items() if units[name] == "%" for one in some]
    decimals = {name: _decimals(percent if units[name] == "%" else values[name]) for name in values}
    for name, some in values.items():
        stem = name.removesuffix(_LOW).removesuffix("_")
        upper = name.removesuffix(_LOW) + _HIGH
        if name.endswith(_LOW) and upper in values:
            columns.append(_interval(name, stem, some, values[upper], meanings, decimals[name]))
        elif name.endswith(_HIGH) and name.removesuffix(_HIGH) + _LOW in values:
            continue
        elif _is_common(name, some):
            if some[0] != 0:  # nothing suppressed, nothing filled: nothing to say
                common.append(f"{name.replace('_', ' ')}: {cell(name, some[0])}")
        else:
            column = _column(name, some, meanings, decimals[name])
            columns.append(_explained(column, some, why) if why and name == "value" else column)
    return columns, common


def _explained(column: Column, values: Sequence[Any], why: Sequence[str]) -> Column:
    """Return a column of values with words in the cells that have none."""
    told = zip(column.cells, values, why, strict=True)
    return replace(
        column, cells=[text if value is not None else words for text, value, words in told]
    )


def cell(name: str, value: Any, decimals: int = _DECIMALS) -> str:
    """Return a cell as people read it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and name in _NO_THOUSANDS:
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, str):  # in a line, of which the width is known
        return plain(value).replace("\n", " ")
    if _P_VALUE.search(name):
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    return f"{shown(value, decimals):,}"


def unit_of(meaning: str) -> str:
    """Return the unit that a column's meaning names, in lines; empty for none."""
    if "points a year" in meaning:
        return "points\na year"
    if re.search(r"\bpoints\b", meaning):
        return "points"
    return "%" if re.search(r"\bpercent\b", meaning) else ""


def _is_common(name: str, values: Sequence[Any]) -> bool:
    """Tell whether a column says the same of all rows, and is none that they are known by."""
    return len(values) > 1 and name in _SAID_ONCE and len(set(values)) == 1


def _decimals(values: Sequence[Any]) -> int:
    """Return how many decimals say all: CDC rounds estimates to one."""
    known = [value for value in values if isinstance(value, int | float)]
    return 1 if all(abs(value - round(value, 1)) < 1e-9 for value in known) else _DECIMALS


def _column(name: str, values: Sequence[Any], meanings: Meanings, decimals: int) -> Column:
    about = meanings.get(name, {})
    number = about.get("kind") in ("number", "integer")
    if number and about["kind"] == "number":  # JSON does not tell 25 from 25.0
        values = [None if value is None else float(value) for value in values]
    if name == "presentation" and len(values) > 1:  # why is in the data
        values = [None if value is None else value.partition(":")[0] for value in values]
    heading = _heading(name.replace("_", " "), unit_of(about.get("meaning", "")) if number else "")
    return Column(heading, [cell(name, value, decimals) for value in values], number, _spare(name))


def _interval(
    name: str,
    stem: str,
    low: Sequence[Any],
    high: Sequence[Any],
    meanings: Meanings,
    decimals: int,
) -> Column:
    about = meanings.get(name, {})
    number = float if about.get("kind") == "number" else int
    pairs = [
        "-" if None in pair else " to ".join(cell(name, number(one), decimals) for one in pair)
        for pair in zip(low, high, strict=True)
    ]
    unit = unit_of(about.get("meaning", "")) or unit_of(meanings.get(stem, {}).get("meaning", ""))
    spare = max(SURE, _spare(stem)) + 1 if stem in _LESS_SURE else SURE
    return Column(_heading(f"{stem} 95 % interval".strip(), unit), pairs, True, spare)


def _heading(words: str, unit: str) -> str:
    """Return a heading in lines: a narrow column of numbers has room for little."""
    stem, limits, rest = words.partition("95 %")
    if limits:
        lines = [stem.strip(), limits + rest]
    elif len(words) >= _BROKEN_FROM:
        lines = words.split(" ", 1)
    else:
        lines = [words]
    return "\n".join(filter(None, [*lines, unit]))


def _spare(name: str) -> int:
    if name in _LAST:
        return len(_LAST) - _LAST.index(name)
    return SURE + len(_SPARE) - _SPARE.index(name) if name in _SPARE else 0
