"""Answers as they come: tables, or the dictionaries of the course's nine."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from app.client.errors import UnexpectedAnswer

Data = dict[str, Any]

_MOST_SHOWN = 60  # rows in a notebook
_KEYS = {"columns", "rows", "about"}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns, and what is to be known about them.

    A cell is text, a number, a boolean or None. `about["columns"]` has the kind and the meaning,
    with its unit, of each column.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    about: Mapping[str, Any]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Data]:
        """Yield each row as a dictionary."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def __repr__(self) -> str:
        """Return the size and the columns: the rows may be thousands."""
        return f"Table({len(self.rows)} rows of {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        """Return the table as notebooks show it: of many rows, the first and the last."""
        shown = list(self.rows)
        cut = len(shown) > _MOST_SHOWN
        if cut:
            half = _MOST_SHOWN // 2
            shown = [*shown[:half], ["\N{HORIZONTAL ELLIPSIS}"] * len(self.columns), *shown[-half:]]
        kinds = self._kinds()
        right = [kinds.get(name) in ("number", "integer") for name in self.columns]
        meanings = self.about.get("columns", {})
        head = "".join(
            f'<th title="{escape(meanings.get(name, {}).get("meaning", ""))}">{escape(name)}</th>'
            for name in self.columns
        )
        rows = "".join(f"<tr>{''.join(map(_cell, row, right))}</tr>" for row in shown)
        told = f"<p>{escape(answer)}</p>" if (answer := self.about.get("answer")) else ""
        size = f"<p>{len(self.rows)} rows of {len(self.columns)} columns</p>" if cut else ""
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return f"<div>{told}{table}{size}</div>"

    def column(self, name: str) -> list[Any]:
        """Return the cells of one column, in the order of the rows; raise KeyError for none."""
        if name not in self.columns:
            raise KeyError(f'no column "{name}"; there are {", ".join(self.columns)}')
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def to_dicts(self) -> list[Data]:
        """Return a dictionary for each row, keyed by the columns' names."""
        return list(self)

    def to_pandas(self) -> Any:
        """Return a pandas.DataFrame, with `about` as its attrs; raise ImportError without pandas.

        Integers and booleans may be missing, so they get pandas' types that know that.
        """
        pandas = _library("pandas")
        types = {"number": "float64", "integer": "Int64", "boolean": "boolean"}
        frame = pandas.DataFrame(self.rows, columns=list(self.columns))
        frame = frame.astype(
            {name: types[kind] for name, kind in self._kinds().items() if kind in types}
        )
        frame.attrs = dict(self.about)
        return frame

    def to_polars(self) -> Any:
        """Return a polars.DataFrame; raise ImportError without polars."""
        polars = _library("polars")
        types = {
            "text": polars.String,
            "number": polars.Float64,
            "integer": polars.Int64,
            "boolean": polars.Boolean,
        }
        kinds = self._kinds()
        return polars.DataFrame(
            [
                # JSON does not tell 25 from 25.0, so a number may come as an int.
                polars.Series(name, self.column(name), types.get(kinds.get(name, "")), strict=False)
                for name in self.columns
            ]
        )

    def _kinds(self) -> dict[str, str]:
        meanings = self.about.get("columns", {})
        return {name: meanings[name]["kind"] for name in self.columns if name in meanings}


def _cell(cell: Any, to_the_right: bool) -> str:
    text = "" if cell is None else escape(str(cell))
    side = "right" if to_the_right else "left"
    return f'<td style="text-align: {side}">{text}</td>'


def answer_of(data: Any) -> Data | Table:
    """Return a job's answer: a Table where it is one."""
    if not isinstance(data, dict):
        raise UnexpectedAnswer("the answer is no object")
    return table_of(data) if data.keys() == _KEYS else data


def table_of(data: Any) -> Table:
    """Return the Table that JSON values hold; raise UnexpectedAnswer for anything else."""
    if not isinstance(data, dict) or data.keys() != _KEYS:
        raise UnexpectedAnswer("the answer is no table")
    return Table(tuple(data["columns"]), data["rows"], data["about"])


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ImportError(f"to_{name}() needs {name}: pip install {name}") from None
