"""What a download shows meanwhile: a bar on a terminal, a line now and then elsewhere."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

_LINE_SECONDS = 5.0


class Meter(Protocol):
    """Shows how far something is: `done` of `total`, or of nobody knows how much."""

    def begin(self, done: int, total: int | None) -> None:
        """Set where it stands without taking that for speed."""

    def at(self, done: int) -> None:
        """Set how far it is."""


def amount(number: float, unit: str) -> str:
    """Return a number of bytes or rows for people."""
    return decimal(int(number)) if unit == "bytes" else f"{number:,.0f} {unit}"


def standing(done: float, total: float | None, speed: float | None, unit: str) -> str:
    """Return `3,000 of 106,000 rows, 400 rows/s`, or less where less is known."""
    text = amount(done, unit)
    if total:
        text = f"{text.removesuffix(' rows')} of {amount(total, unit)}"
    return f"{text}, {amount(speed, unit)}/s" if speed else text


class Screen:
    """Standard output, with room for one meter at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._clock = clock

    def say(self, line: str) -> None:
        """Print a line, above the bar where there is one."""
        self._console.print(line)
        self._console.file.flush()

    @contextlib.contextmanager
    def meter(self, unit: str) -> Iterator[Meter]:
        """Show a meter for the length of a with block; `unit` is `bytes` or `rows`."""
        if not self._console.file.isatty() or self._console.is_dumb_terminal:
            yield _Lines(self.say, unit, self._clock)
            return
        with Progress(
            SpinnerColumn(),
            BarColumn(),
            _Amount(unit),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        ) as progress:
            yield _Bar(progress)


class _Lines:
    def __init__(self, say: Callable[[str], None], unit: str, clock: Callable[[], float]) -> None:
        self._say, self._unit, self._clock = say, unit, clock
        self.begin(0, None)

    def begin(self, done: int, total: int | None) -> None:
        """Set where it stands without taking that for speed."""
        self._start, self._total = done, total
        self._since = self._last = self._clock()

    def at(self, done: int) -> None:
        """Print how far it is, unless that was done a moment ago."""
        now = self._clock()
        if now - self._last >= _LINE_SECONDS:
            self._last = now
            speed = (done - self._start) / (now - self._since)
            self._say(standing(done, self._total, speed, self._unit))


class _Bar:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def begin(self, done: int, total: int | None) -> None:
        """Set where it stands without taking that for speed."""
        self._progress.reset(self._task, completed=done, total=total)

    def at(self, done: int) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=done)


class _Amount(TextColumn):
    def __init__(self, unit: str) -> None:
        super().__init__("")
        self._unit = unit

    def render(self, task: Task) -> Text:
        """Return what the bar cannot show: how much, and how fast."""
        return Text(standing(task.completed, task.total, task.speed, self._unit))
