"""Waiting for a job, and what people see meanwhile."""

import contextlib
import math
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from app.cli.exit_codes import PROGRAM, number
from app.cli.output import console, say

if TYPE_CHECKING:
    from app.client.job import Job

T = TypeVar("T")

_AT_ONCE = 0.5  # seconds: what takes longer gets a sign that something is going on


def waited(job: "Job", seconds: float, ask: Callable[[float], T]) -> T:
    """Return what `ask` returns, which is told how many seconds it may take.

    Who interrupts it is told how to come back to the job, and what the client warns of is told.
    """
    with warnings.catch_warnings(record=True) as warned:
        answer = _waited(job, seconds, ask)
    for warning in warned:
        say(f"{warning.message}")
    return answer


def _waited(job: "Job", seconds: float, ask: Callable[[float], T]) -> T:
    from app.client.errors import TimedOut

    try:
        if seconds > _AT_ONCE and sys.stderr.isatty():
            with contextlib.suppress(TimedOut):
                return ask(_AT_ONCE)
            seconds = math.inf if seconds == math.inf else seconds - _AT_ONCE
            with console(aside=True).status(f"Waiting for {job.id}; Ctrl-C leaves it to itself"):
                return ask(seconds)
        return ask(seconds)
    except KeyboardInterrupt:
        say(f"{job.id} goes on: {PROGRAM} result {number(job.id)}")
        raise


@contextlib.contextmanager
def progress(
    total: int, *, shown: bool = True, things: str = "jobs"
) -> Iterator[Callable[[int], None]]:
    """Show a bar where standard error is a terminal; give what tells it how many things ended."""
    screen = console(aside=True)
    if not (shown and screen.is_terminal):
        yield lambda done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), things, TimeRemainingColumn())
    with Progress(
        *columns, console=screen, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)
