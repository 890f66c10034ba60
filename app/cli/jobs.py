"""The commands about one job: `job`, `result`, `cancel`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import completion
from app.cli.answer_table import AnswerTable, as_json, print_answer, show_table
from app.cli.cells import cell
from app.cli.exit_codes import PROGRAM, Refused, number
from app.cli.options import Call, command, option
from app.cli.output import say
from app.cli.tables import facts_table
from app.cli.waiting import waited
from app.messages.message import counted

if TYPE_CHECKING:
    from app.client.job import Job

_MOST_ROWS = 40  # of those behind an answer, on a terminal

JobId = Annotated[
    str, typer.Argument(metavar="JOB", help="Its id, job_id_7 or 7.", show_default=False)
]


@command()
def result(
    call: Call,
    job_id: JobId,
    wait: Annotated[
        bool,
        typer.Option("--wait/--no-wait", metavar="", help="Wait until it is done, or only look."),
    ] = True,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the answer to a file: .json, .csv, .ndjson, .parquet, .svg, .png or"
            " .vl.json.",
            show_default=False,
        ),
    ] = None,
    chart: Annotated[
        str | None,
        option(
            "KIND",
            "The kind of chart, bar, map, line or dot, for --output.",
            completion.one_of("bar", "map", "line", "dot"),
        ),
    ] = None,
) -> None:
    """Print the answer of a job, or write it to a file, waiting for it."""
    if chart and output is None:
        raise Refused("--chart goes with --output, such as --output map.svg")
    if output is not None and not output.name:
        raise Refused("--output names no file; one is such as map.svg")
    call = call if wait else call.without_waiting()
    with call.client() as stats:
        asked = stats.job(job_id)
        if output is None:
            print_answer(call, stats, asked)
            return
        try:
            path = waited(
                asked,
                call.timeout,
                lambda left: asked.download(output, chart=chart, timeout=left),
            )
        except ValueError as error:
            raise Refused(str(error)) from None
    say(f"Wrote {path}.")


@command()
def job(
    call: Call,
    job_id: JobId,
    rows: Annotated[
        bool,
        typer.Option("--rows", metavar="", help="Print the rows of the dataset behind its answer."),
    ] = False,
) -> None:
    """Tell what a job asked, how and when, or the rows behind its answer."""
    with call.client() as stats:
        asked = stats.job(job_id)
        if rows:
            _print_rows(call, asked)
            return
        details = asked.explain()
    if call.out.form == "json":
        call.out.json(details)
    elif call.out.form == "csv":
        call.out.csv(list(details), [list(details.values())])
    else:
        _print_details(call, details)


def _print_rows(call: Call, asked: "Job") -> None:
    if call.out.form == "csv":
        call.out.raw(asked.rows_content("csv"))
        return
    table = asked.rows()
    if call.out.form == "json":
        call.out.json(as_json(table))
        return
    count = len(table)
    notes = []
    if count > _MOST_ROWS:
        notes.append(f"The first {_MOST_ROWS} of {count:,} rows; --json and --csv have all.")
    details = AnswerTable(table.columns, table.rows[:_MOST_ROWS], table.about["columns"])
    show_table(call.out, f"{counted(count, 'row')} behind {asked.id}", details, notes)


def _print_details(call: Call, details: dict[str, Any]) -> None:
    from rich.text import Text

    status = details["status"]
    if status == "error":
        status = f"error: {details['reason']}"
    facts = (
        ("status", status),
        ("statistic", details["statistic"]),
        ("dataset", details["dataset_name"]),
        *(
            (name, _flat(value))
            for name, value in details["parameters"].items()
            if name != "dataset"
        ),
        ("how", details["method"]),
        *(
            (name, details[f"{name}_at"].replace("T", " ").replace("Z", " UTC"))
            for name in ("accepted", "started", "ended")
            if details[f"{name}_at"]
        ),
        ("version", details["dataset"] or "-"),
    )
    call.out.show(
        Text(f"{details['job_id']}: {details['asked']}", style="bold"), "", facts_table(facts)
    )
    call.out.show("", "To ask it again:")
    call.out.console().print(details["curl"], soft_wrap=True)  # to be copied as it is
    if details["rows"]:
        job_number = number(details["job_id"])
        note = f"Its answer: {PROGRAM} result {job_number}; --rows has the rows behind it."
        call.out.show("", Text(note, style="dim"))


def _flat(value: Any) -> str:
    """Return a parameter in a line that people read."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_flat(one)}" for name, one in value.items())
    if value is None or isinstance(value, bool):
        return cell("", value)
    return ", ".join(map(_flat, value)) if isinstance(value, list) else str(value)


@command(with_csv=False)
def cancel(call: Call, job_id: JobId) -> None:
    """Cancel a job that is still queued."""
    with call.client() as stats:
        asked = stats.job(job_id)
        asked.cancel()
    if call.out.form == "json":
        call.out.json({"status": "cancelled", "job_id": asked.id})
    else:
        call.out.show(f"{asked.id} is cancelled.")
