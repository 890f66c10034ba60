"""The command `batch`: many jobs from a file, their answers in its order."""

import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import completion
from app.cli.answer_table import as_json, table_of
from app.cli.cells import cell
from app.cli.exit_codes import FAILED, PROGRAM, Refused, number, span
from app.cli.options import Call, command, option
from app.cli.output import say
from app.cli.question_names import Questions
from app.cli.tables import Column, Grid
from app.cli.waiting import progress
from app.messages.message import counted

if TYPE_CHECKING:
    from app.client.batch import Outcome
    from app.client.client import StatsClient
    from app.client.job import Job

_FEW = 3  # numbers of an answer that a line of the table has room for

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file: its number, counted from 1, and the job that it asks for."""

    number: int
    item: Mapping[str, Any]

    def of_dataset(self, name: str) -> "Line":
        """Return the line with a dataset's name, where it has none."""
        if self.item.get("dataset") is not None:
            return self
        return replace(self, item={**self.item, "dataset": name})


@command(with_csv=False)
def batch(
    call: Call,
    file: Annotated[
        typer.FileBinaryRead,
        typer.Argument(metavar="FILE", help="A JSON object a line; - for standard input."),
    ],
    dataset: Annotated[
        str | None,
        option("NAME", "Which dataset lines ask that name none.", completion.datasets),
    ] = None,
) -> None:
    """Submit many jobs, a JSON object a line, and print their answers in the same order.

    A line is such as {"statistic": "state_mean", "question": "obesity", "state": "OH"}. The answers
    are lines of JSON, too, or a table on a terminal. --timeout is for each next answer.
    """
    from app.client.errors import StatsError

    lines = list(_lines(file))
    if not lines:
        raise Refused("there are no jobs in the file")
    if dataset is not None:
        lines = [line.of_dataset(dataset) for line in lines]
    with call.client() as stats:
        lines = _resolved(stats, lines)
        jobs = _submitted(stats, lines)
        try:
            outcomes, failed = _printed(call, stats, jobs)
        except (KeyboardInterrupt, StatsError):
            _say_they_go_on(jobs)
            raise
    if call.out.form == "table":
        call.out.show(_table(call, lines, outcomes))
    if failed:
        say(f"{failed:,} of {len(jobs):,} jobs failed.")
        raise typer.Exit(FAILED)


def _say_they_go_on(jobs: "Sequence[Job]") -> None:
    say(f"They go on: {span([job.id for job in jobs])}; `result` waits for one again.")


def _printed(call: Call, stats: "StatsClient", jobs: "Sequence[Job]") -> tuple[Sequence[Told], int]:
    """Print lines of JSON as jobs end, or return what became of them for a table.

    The number is how many failed.
    """
    outcomes, failed = [], 0
    # Lines that are printed on the same terminal would go through the bar.
    shown = call.out.form == "table" or not sys.stdout.isatty()
    with progress(len(jobs), shown=shown) as reach:
        for one in _collected(call, stats, jobs, reach):
            failed += one["status"] != "done"
            if call.out.form == "json":
                call.out.json(one, one_of_many=True)
            else:
                outcomes.append(one)
    return outcomes, failed


def _lines(file: typer.FileBinaryRead) -> Iterator[Line]:
    """Yield the lines that are not empty; raise Refused for one that is no JSON object."""
    for place, raw in enumerate(_in_utf8(file.read()).split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            item = json.loads(raw, parse_constant=_no_number, object_pairs_hook=_unique)
        except _KeyTwice:
            raise Refused(f"line {place} names a key twice") from None
        except (ValueError, RecursionError) as error:
            said = getattr(error, "msg", str(error))  # of JSON: what, without the place in the line
            raise Refused(f"line {place} is not JSON: {said}") from None
        if not isinstance(item, dict):
            raise Refused(f'line {place} is no object such as {{"statistic": "best5", ...}}')
        yield Line(place, item)


def _in_utf8(content: bytes) -> bytes:
    """Return a text in UTF-8 that may be in UTF-16, as PowerShell's `>` writes it."""
    encoding = json.detect_encoding(content)
    if encoding.startswith("utf-8"):
        return content
    try:
        return content.decode(encoding).encode()
    except UnicodeError as error:
        raise Refused(f"the file is neither in UTF-8 nor in {encoding.upper()}: {error}") from None


class _KeyTwice(Exception):
    """An object has the same key twice."""


def _unique(pairs: list[tuple[str, Any]]) -> Told:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise _KeyTwice
    return content


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def _resolved(stats: "StatsClient", lines: Sequence[Line]) -> list[Line]:
    """Return the lines with questions that the server knows."""
    known, found = Questions(stats), []
    for line in lines:
        try:
            found.append(Line(line.number, known.in_body(line.item.get("statistic"), line.item)))
        except Refused as error:
            raise Refused(f"line {line.number}: {error.reason}", error.nearest) from None
    return found


def _submitted(stats: "StatsClient", lines: Sequence[Line]) -> "list[Job]":
    """Submit all; the error for one that is refused names its line.

    Who interrupts it is told which jobs were accepted.
    """
    from app.client.errors import BadQuestion

    jobs: list[Job] = []
    try:
        with _interrupted_later() as check:

            def told(accepted: "Sequence[Job]") -> None:
                jobs.extend(accepted)
                check()

            return stats.batch((line.item for line in lines), told=told)
    except KeyboardInterrupt:
        if jobs:
            _say_they_go_on(jobs)
        raise
    except BadQuestion as error:
        if error.item is not None:
            reason = error.reason.removeprefix(f"[{error.item}]: ")
            error.reason = f"line {lines[error.item].number}: {reason}"
        raise


@contextmanager
def _interrupted_later() -> Iterator[Callable[[], None]]:
    """Put off a Ctrl-C until what is given is called: by then the server's answer is known.

    A second one does not wait: what was being sent may have been accepted, then.
    """
    times = 0

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        nonlocal times
        times += 1
        if times > 1:  # it may come while the line below is printed, and so prints none itself
            raise KeyboardInterrupt
        say("Stopping as soon as the server has answered; Ctrl-C again does not wait for it.")

    def check() -> None:
        if times:
            raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    if before == signal.SIG_IGN:  # as a shell has it for what runs in the background
        yield check
        return
    signal.signal(signal.SIGINT, interrupted)
    try:
        yield check
        check()
    except KeyboardInterrupt:
        if times > 1:
            say(f"What was being sent may have been accepted: see `{PROGRAM} jobs`.")
        raise
    finally:
        signal.signal(signal.SIGINT, before)


def _collected(
    call: Call, stats: "StatsClient", jobs: "Sequence[Job]", reach: Callable[[int], None]
) -> Iterator[Told]:
    """Yield what became of each job, in order, as soon as that can be."""
    ended: dict[str, Told] = {}
    waiting = iter(jobs)
    due = next(waiting, None)
    for count, outcome in enumerate(stats.results(jobs, timeout=call.timeout), start=1):
        reach(count)
        ended[outcome.job.id] = _outcome(outcome)
        while due is not None and due.id in ended:
            yield ended.pop(due.id)
            due = next(waiting, None)


def _outcome(outcome: "Outcome") -> Told:
    """Return how a job ended, as one of many."""
    from app.client.errors import JobCancelled

    if outcome.error is None:
        return {"job_id": outcome.job.id, "status": "done", "data": as_json(outcome.answer)}
    if isinstance(outcome.error, JobCancelled):
        return {"job_id": outcome.job.id, "status": "cancelled"}
    reason = outcome.error.reason.removeprefix(f"{outcome.job.id} failed: ")
    return {"job_id": outcome.job.id, "status": "error", "reason": reason}


def _table(call: Call, lines: Sequence[Line], outcomes: Sequence[Told]) -> Any:
    statistics = [str(line.item.get("statistic", "")) for line in lines]
    columns = [
        Column("line", [str(line.number) for line in lines], right=True, spare=2),
        Column("job", [number(one["job_id"]) for one in outcomes], right=True),
        Column("statistic", statistics, spare=1),
        Column("state", [str(line.item.get("state", "")) for line in lines]),
        Column("answer", [_short(call, *one) for one in zip(statistics, outcomes, strict=True)]),
    ]
    return Grid(columns).fitted(call.out.console())[0]


def _short(call: Call, statistic: str, one: Told) -> str:
    """Return an answer in few words."""
    if one["status"] == "cancelled":
        return "cancelled"
    if one["status"] == "error":
        return f"failed: {one['reason']}"
    data = one["data"]
    if "rows" in data and "columns" in data:
        return f"{counted(len(data['rows']), 'row')}; `result {number(one['job_id'])}`"
    rows = table_of(call.statistics.get(statistic), data).rows
    some = [f"{' '.join(map(str, row[:-1]))} {cell('mean', row[-1])}" for row in rows[:_FEW]]
    more = len(rows) - _FEW
    return ", ".join(text.strip() for text in some) + (f" and {more:,} more" if more > 0 else "")
