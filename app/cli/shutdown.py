"""The command `shutdown`: the server takes no new jobs, and finishes those it has."""

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exit_codes import STOPPED
from app.cli.options import Call, command
from app.cli.waiting import progress

if TYPE_CHECKING:
    from app.client.client import StatsClient

_LOOK_SECONDS = 0.25


@command(with_csv=False)
def shutdown(
    call: Call,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", metavar="", help="Do not ask whether to.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", metavar="", help="Wait until no job is left.")
    ] = True,
) -> None:
    """Have the server take no new jobs, and wait until none is left.

    The process goes on, so that answers can be collected: SIGTERM or Ctrl-C ends it.
    """
    question = f"Shall {call.url} take no new jobs?"
    if sys.stdin.isatty() and not yes and not typer.confirm(question, err=True):
        raise typer.Exit(STOPPED)
    with call.client() as stats:
        done = stats.shut_down()
        if wait and not done:
            _drain(call, stats)
            done = True
    if call.out.form == "json":
        call.out.json({"status": "done" if done else "running"})
    else:
        left = "none is left" if done else "those it has go on"
        call.out.show(f"{call.url} takes no new jobs; {left}.")


def _drain(call: Call, stats: "StatsClient") -> None:
    """Wait until no job is left, with a bar where standard error is a terminal."""
    from app.client.errors import TimedOut

    until = time.monotonic() + call.timeout
    total = left = stats.num_jobs()
    with progress(total) as reach:
        while left:
            if time.monotonic() >= until:
                raise TimedOut(f"{left:,} jobs are left to finish; they go on")
            time.sleep(_LOOK_SECONDS)
            left = stats.num_jobs()
            reach(total - left)
