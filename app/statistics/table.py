"""The table that statistics answer with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.datasets.units import Unit

Kind = Literal["text", "number", "integer", "boolean"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the kind of its cells (any of which may be None), and its meaning.

    The meaning names the unit. That of a statistic's columns may have fields of a `Unit` in braces,
    which `in_unit` fills in.
    """

    name: str
    kind: Kind
    meaning: str


def in_unit(columns: Sequence[Column], unit: Unit) -> tuple[Column, ...]:
    """Return columns whose meanings name this unit."""
    return tuple(Column(one.name, one.kind, unit.fill(one.meaning)) for one in columns)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns, and what is to be known about them, as JSON values."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Any]]
    about: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return `{"columns": [names], "rows": [[cells]], "about": {...}}`.

        `about.columns` has each column's kind and meaning.
        """
        columns = {
            column.name: {"kind": column.kind, "meaning": column.meaning} for column in self.columns
        }
        return {
            "columns": [column.name for column in self.columns],
            "rows": self.rows,
            "about": {**self.about, "columns": columns},
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Table":
        """Return the table of which `as_json` returned this."""
        about = dict(content["about"])
        described = about.pop("columns")
        columns = tuple(Column(name, **described[name]) for name in content["columns"])
        return cls(columns, content["rows"], about)

    def column(self, name: str) -> list[Any]:
        """Return the cells of one column, in the order of the rows; raise ValueError for none."""
        place = [column.name for column in self.columns].index(name)
        return [row[place] for row in self.rows]
