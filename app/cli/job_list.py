"""The command `jobs`: the latest jobs, once or all the time."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import completion
from app.cli.answer_table import shortened
from app.cli.exit_codes import Refused, number
from app.cli.options import Call, command, option
from app.cli.question_names import Questions
from app.cli.tables import Column, Grid

if TYPE_CHECKING:
    from rich.console import RenderableType

    from app.client.client import StatsClient

Told = Mapping[str, Any]

_KEPT = ("job_id", "status", "statistic", "asked", "accepted_at", "ended_at", "reason")

# Statuses that the list has, and /api/jobs does not tell apart from running and error.
_FINER = ("queued", "cancelled")
_MOST_A_PAGE = 100  # jobs that the server tells of at once


@command()
def jobs(
    call: Call,
    status: Annotated[
        str | None,
        option(
            "STATUS",
            "queued, running (or queued), done, error (or cancelled) or cancelled.",
            completion.one_of("queued", "running", "done", "error", "cancelled"),
        ),
    ] = None,
    dataset: Annotated[
        str | None, option("NAME", "Those that ask this dataset.", completion.datasets)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Jobs at most.")] = 20,
    after: Annotated[str | None, option("JOB", "Those after this one, oldest first.")] = None,
    watch: Annotated[bool, typer.Option("--watch", metavar="", help="Go on until Ctrl-C.")] = False,
    every: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="How often to look, with --watch.")
    ] = 1.0,
) -> None:
    """List the latest jobs and what they asked, newest first."""
    if watch and (call.out.form != "table" or not call.out.console().is_terminal):
        raise Refused("--watch is for people: it needs a terminal, and no --json or --csv")
    if after is not None and status in _FINER:
        raise Refused(f"--after does not go with --status {status}")
    wanted = {"status": status, "dataset": dataset}
    with call.client() as stats:
        found = _explained(stats, wanted, after, limit)
        if call.out.form == "json":
            call.out.json(found)
        elif call.out.form == "csv":
            call.out.csv(_KEPT, ([one[key] for key in _KEPT] for one in found))
        else:
            names = Questions(stats).short_names()
            if not watch:
                call.out.show(_listed(call, found, names))
                return
            _watched(call, names, every, found, lambda: _explained(stats, wanted, after, limit))


def _watched(
    call: Call,
    names: Mapping[str, str],
    every: float,
    found: Sequence[Told],
    look: Callable[[], Sequence[Told]],
) -> None:
    """Show the jobs as they are, until Ctrl-C; a server that is away may come back."""
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    from app.client.errors import ServerBusy, ShuttingDown, Unreachable

    with Live(_listed(call, found, names), console=call.out.console()) as live:
        while True:
            time.sleep(every)
            try:
                found = look()
                live.update(_listed(call, found, names), refresh=True)
            except (ServerBusy, ShuttingDown, Unreachable) as error:
                news = Text(f"{error.reason}; trying again.", style="bold")
                live.update(Group(_listed(call, found, names), news), refresh=True)


def _explained(
    stats: "StatsClient", wanted: Mapping[str, str | None], after: str | None, limit: int
) -> Sequence[Told]:
    """Return what the server tells of each job that is to be shown."""
    from app.client.errors import UnknownJob

    if wanted["status"] in _FINER:
        ids = iter(_newest_of_activity(stats, wanted, limit))
    elif after is None:
        ids = reversed(newest(stats, wanted, limit))
    else:
        ids = iter(stats.jobs(**wanted, after=after, limit=limit))
    found = []
    for job_id in ids:
        try:
            found.append(stats.job(job_id).explain())
        except UnknownJob:  # removed meanwhile, as the oldest are
            continue
    return found


def _newest_of_activity(
    stats: "StatsClient", wanted: Mapping[str, str | None], limit: int
) -> list[str]:
    """Return the ids of the latest jobs of a status in `_FINER`, descending."""
    ids: list[str] = []
    before = None
    while len(ids) < limit:
        told = stats.activity(
            status=wanted["status"] or (),
            dataset=wanted["dataset"] or (),
            before=before,
            limit=min(limit - len(ids), _MOST_A_PAGE),
        )
        ids += [one["job_id"] for one in told["page"]]
        before = told["before"]
        if before is None:
            break
    return ids


def newest(stats: "StatsClient", wanted: Mapping[str, str | None], limit: int) -> list[str]:
    """Return the ids of the latest jobs, ascending, in some forty short answers at most.

    `wanted` is the status and the dataset that they have, None for any.
    The server lists from the oldest on, and there may be a million.
    """

    def after(last: int) -> list[str]:
        return list(stats.jobs(**wanted, after=last, limit=limit + 1))

    page, low, high = after(0), 0, 0
    while len(page) > limit:
        low, high = high, 2 * high + limit
        page = after(high)
    while high - low > 1:  # too many are after low, not too many after high
        middle = (low + high) // 2
        some = after(middle)
        if len(some) > limit:
            low = middle
        else:
            high, page = middle, some
    return page


def _listed(call: Call, found: Sequence[Told], names: Mapping[str, str]) -> "RenderableType":
    from rich.text import Text

    if not found:
        return Text("There are no such jobs.")
    columns = [
        Column("job", [number(one["job_id"]) for one in found], right=True),
        Column("status", [one["status"] for one in found]),
        Column("asked (UTC)", [_time(one["accepted_at"]) for one in found], spare=1),
        Column("what was asked", [shortened(one["asked"], names) for one in found]),
    ]
    return Grid(columns).fitted(call.out.console())[0]


def _time(text: str | None) -> str:
    return (text or "-").replace("T", " ").partition(".")[0]
