"""What is known of a dataset before its rows are in memory: names, sums, and how names are read.

Nothing here needs polars: a server answers the course's nine by it.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from app.datasets.files import DataFile
from app.datasets.layouts import Layout

# What `Reading.units` has a unit by: a question and a type as a file writes them.
UNIT_KEY = "{}\0{}"


class Reading(NamedTuple):
    """How the names in a file are read: its layout, and what a name in it stands for.

    `replaced` has the latter by column; `dates` are those strata among them that a spreadsheet had
    taken for dates. `undated` tells whether files do not say of which years their rows are: these
    are of all years that the nine statistics count, then. `units` has the one unit of a question
    and type, by `UNIT_KEY`, where some rows do not tell it; who has the rows does without.
    """

    layout: Layout
    replaced: Mapping[str, Mapping[str, str]]
    undated: bool = False
    units: Mapping[str, str] = MappingProxyType({})

    @property
    def dates(self) -> Mapping[str, str]:
        """The strata that a spreadsheet had made dates of, and how they are read."""
        renamed = self.layout.renamed
        return {was: name for was, name in self.replaced["stratum"].items() if was not in renamed}


class Names(NamedTuple):
    """A column of cells: its names, each once and in order, and the place of each cell's there."""

    names: Sequence[str]
    places: Sequence[int]

    @classmethod
    def of(cls, names: Sequence[str], places: Sequence[int]) -> "Names":
        """Return them with small numbers: there may be many cells, and few names."""
        return cls(tuple(names), array("H" if len(names) < 2**16 else "L", places))


class Cells(NamedTuple):
    """The cells of `survey_rows.put_together`, ordered by question.

    A cell is all rows with the same names. `estimates` and `totals` are how many of its rows the
    nine statistics count, and the exact sum of these, in billionths of the unit: what the decimals
    of nine places are inside. Whole numbers are added up some times faster.
    """

    columns: Mapping[str, Names]
    estimates: Sequence[int]
    totals: Sequence[int]

    def distinct(self, *columns: str) -> list[tuple[str, ...]]:
        """Return the combinations of names that rows have in some columns, ascending."""
        found = [self.columns[name] for name in columns]
        places = set(zip(*(one.places for one in found), strict=True))
        return sorted(
            tuple(one.names[place] for one, place in zip(found, each, strict=True))
            for each in places
        )

    def by_question(self) -> Iterator[tuple[str, range]]:
        """Yield each question with the places of its cells."""
        names, places = self.columns["question"]
        first = 0
        for place in range(1, len(places) + 1):
            if place == len(places) or places[place] != places[first]:
                yield names[places[first]], range(first, place)
                first = place


class Content(NamedTuple):
    """What the first reading of a dataset's files finds."""

    cells: Cells
    files: tuple[DataFile, ...]
    reading: Reading
