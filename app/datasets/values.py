"""What a year and a number are, in a text and in a column of texts: the same for both."""

import re
from decimal import Decimal

import polars as pl

# Values are decimals until they are added up: sums are exact, and depend neither on the order of
# the rows nor on how many threads added them.
DECIMAL = pl.Decimal(38, 9)
_LARGEST = 10**20  # below it, exact sums have room for any number of rows

_YEAR = re.compile(r"[1-9]\d{3}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,9})?", re.ASCII | re.IGNORECASE)


def is_year(text: str) -> bool:
    """Tell whether a text is a year of four digits."""
    return _YEAR.fullmatch(text) is not None


def year(column: pl.Expr, *, is_number: bool) -> pl.Expr:
    """Return a column's years; null for what `is_year` is not. `is_number`: it is not of texts."""
    found = column.cast(pl.Int16, strict=False)
    four = pl.lit(True) if is_number else column.str.len_bytes() == 4
    return pl.when(four & found.is_between(1000, 9999)).then(found)


def is_number(text: str) -> bool:
    """Tell whether a text is a number that exact sums have room for."""
    return _NUMBER.fullmatch(text) is not None and Decimal(text).copy_abs() < _LARGEST


def exact(column: pl.Expr) -> pl.Expr:
    """Return the numbers in a column of texts as decimals; null for what `is_number` is not."""
    found = column.cast(DECIMAL, strict=False)
    return pl.when(found.abs() < _LARGEST).then(found)


def without_thousands(column: pl.Expr) -> pl.Expr:
    """Return a column of texts in which `1,234,567` is `1234567`; other texts as they are."""
    thousands = column.str.contains(r"^\d{1,3}(,\d{3})+$")
    return pl.when(thousands).then(column.str.replace_all(",", "", literal=True)).otherwise(column)


def finite(column: pl.Expr) -> pl.Expr:
    """Return a column as floats; null for what is none, is infinite, or is no number."""
    found = column.cast(pl.Float64, strict=False)
    return pl.when(found.is_finite()).then(found)
