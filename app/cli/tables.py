"""Tables on a terminal: numbers to the right, as many columns as fit, a bar where there is room."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.cli.bars import bars

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

# How spare the columns are that say how sure a number is.
SURE = 10

_GAP = 2  # between columns
_SHORTEST_BAR, _LONGEST_BAR = 8, 40
# A column of text may be wrapped to this; on a terminal that is not wide, to less.
_NARROW, _NARROWEST = 20, 10
_WIDE = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading (of several lines), its cells, whether they are numbers.

    Where there is no room, columns go: those with the highest `spare` first, those with 0 never.
    """

    heading: str
    cells: Sequence[str]
    right: bool = False
    spare: int = 0

    @property
    def width(self) -> int:
        """Return how wide the column is when nothing is wrapped."""
        lines = [
            *self.heading.split("\n"),
            *(line for cell in self.cells for line in cell.split("\n")),
        ]
        return max(map(_width, lines), default=0)

    def least(self, terminal: int) -> int:
        """Return how narrow it may get: text is wrapped, numbers are not."""
        heading = max(map(_width, self.heading.split("\n")), default=0)
        narrow = _NARROW if terminal >= _WIDE else _NARROWEST
        return self.width if self.right else max(heading, min(self.width, narrow))


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns side by side; `sizes`, where there are some, are drawn as bars behind them."""

    columns: Sequence[Column]
    sizes: Sequence[float | None] = ()

    def fitted(self, console: "Console") -> tuple["RenderableType", list[str]]:
        """Return what to print, and the headings of the columns that had to go."""
        from rich.table import Table

        kept, gone = _room_for(self.columns, console.width, bool(self.sizes))
        table = Table(
            box=None,
            padding=(0, _GAP, 0, 0),
            pad_edge=False,
            show_header=any(column.heading for column in kept),
            header_style="bold",
        )
        natural = sum(column.width + _GAP for column in kept)
        bar = min(_LONGEST_BAR, console.width - natural)
        for column in kept:
            table.add_column(
                column.heading,
                justify="right" if column.right else "left",
                no_wrap=column.right,
                vertical="top",
                min_width=min(column.least(console.width), console.width),
            )
        rows = [list(row) for row in zip(*(column.cells for column in kept), strict=True)]
        if self.sizes and bar >= _SHORTEST_BAR:
            table.add_column("", no_wrap=True, style="cyan")
            drawn = bars(self.sizes, bar, plain=not console.encoding.startswith("utf"))
            rows = [[*row, text] for row, text in zip(rows, drawn, strict=True)]
        for row in rows:
            table.add_row(*row)
        return table, gone


def facts_table(facts: Sequence[tuple[str, str]]) -> "RenderableType":
    """Return names and what is said of each, side by side."""
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, _GAP, 0, 0), pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, text in facts:
        table.add_row(name, text)
    return table


def _room_for(
    columns: Sequence[Column], width: int, barred: bool
) -> tuple[list[Column], list[str]]:
    """Return the columns that fit, and the headings of those that do not.

    For the sake of bars, columns go that are good to know, but none that say how sure a number is.
    """
    kept, gone = list(columns), list[str]()
    while kept:
        needed = sum(column.least(width) + _GAP for column in kept)
        spare = max(reversed(kept), key=lambda column: column.spare)
        for_a_bar = _SHORTEST_BAR if barred and spare.spare > SURE else -_GAP
        if needed + for_a_bar <= width or not spare.spare:
            break
        kept.remove(spare)
        gone.append(spare.heading.replace("\n", " "))
    return kept, gone


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)
