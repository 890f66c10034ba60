"""What is shown while something large is read or written: a bar on a terminal, else lines."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

_LINE_SECONDS = 5.0


def plain_console() -> Console:
    """Return the standard output, for lines that are printed as they are."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def amount(number: float, unit: str) -> str:
    """Return a number of bytes or rows for people."""
    return decimal(int(number)) if unit == "bytes" else f"{number:,.0f} {unit}"


def state(task: Task, unit: str) -> str:
    """Return `3,000 of 106,000 rows, 400 rows/s`, or less where less is known."""
    text = amount(task.completed, unit)
    if task.total:
        text = f"{text.removesuffix(' rows')} of {amount(task.total, unit)}"
    return f"{text}, {amount(task.speed, unit)}/s" if task.speed else text


class Meter(Progress):
    """Shows how far one thing is: a bar on a terminal, elsewhere a line every few seconds.

    To be used in a with block; `unit` is `bytes` or `rows`.
    """

    def __init__(
        self, console: Console, unit: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        bar = console.file.isatty() and not console.is_dumb_terminal
        columns = SpinnerColumn(), BarColumn(), _State(unit), TimeRemainingColumn()
        super().__init__(*columns, console=console, transient=True, get_time=clock, disable=not bar)
        self._unit = unit
        self._task = self.add_task("", total=None)
        self._printed = clock()

    def begin(self, done: int, total: int | None) -> None:
        """Set where it starts; what was done before does not count as speed."""
        self.remove_task(self._task)
        self._task = self.add_task("", total=total, completed=done)
        self._printed = self.get_time()

    def at(self, done: int) -> None:
        """Set how far it is."""
        self.update(self._task, completed=done)
        if self.disable and self.get_time() - self._printed >= _LINE_SECONDS:
            self._printed = self.get_time()
            self.console.print(state(self.tasks[0], self._unit))


class _State(TextColumn):
    """What the bar cannot show: how much, and how fast."""

    def __init__(self, unit: str) -> None:
        super().__init__("")
        self._unit = unit

    def render(self, task: Task) -> Text:
        """Return the state of a task."""
        return Text(state(task, self._unit))
