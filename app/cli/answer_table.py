"""An answer: to pipes as the server has it, to people a table.

With the answer in a sentence and what was asked above it, bars beside the numbers, and what is to
be known of them below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.cli.cells import cell, columns_of, unit_of
from app.cli.exit_codes import PROGRAM, number
from app.cli.question_names import Questions
from app.cli.tables import Column, Grid
from app.cli.waiting import waited
from app.datasets.units import unit_called
from app.messages.message import counted

if TYPE_CHECKING:
    from app.cli.options import Call
    from app.cli.output import Output
    from app.client.client import StatsClient
    from app.client.job import Job
    from app.client.table import Table
    from app.statistics.statistic import Statistic

_FEW = 6  # a single row of more columns is listed downwards


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """A table of an answer: names of columns, rows, the kind and meaning of each column."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    meanings: Mapping[str, Mapping[str, str]]
    size: str = ""  # the column that bars are drawn for
    about: Mapping[str, Any] = field(default_factory=dict)


def table_of(
    statistic: "Statistic[Any] | None", answer: "dict[str, Any] | Table", unit: str = ""
) -> AnswerTable:
    """Return an answer as a table; `statistic` is None where this program does not know it.

    `unit` is that of an answer that does not tell itself.
    """
    size = statistic.chart.value if statistic else ""
    if not isinstance(answer, dict):
        about = answer.about
        size = size if size in answer.columns else ""
        return AnswerTable(answer.columns, answer.rows, about.get("columns", {}), size, about)
    if statistic is None:
        return AnswerTable(("name", "value"), list(map(list, answer.items())), {})
    table = statistic.table(answer, unit_called(unit or "its unit"))
    meanings = {one.name: {"kind": one.kind, "meaning": one.meaning} for one in table.columns}
    return AnswerTable([one.name for one in table.columns], table.rows, meanings, size)


def print_answer(
    call: "Call", stats: "StatsClient", job: "Job", known: Questions | None = None
) -> None:
    """Wait for a job and print its answer."""
    if call.out.form == "csv":
        call.out.raw(waited(job, call.timeout, lambda left: job.content("csv", timeout=left)))
        return
    answer = waited(job, call.timeout, job.result)
    if call.out.form == "json":
        call.out.json(as_json(answer))
        return
    explained = job.explain()
    short_names = (known or Questions(stats)).short_names(explained["dataset_name"])
    show_answer(call, explained, answer, short_names)


def as_json(answer: Any) -> Any:
    """Return an answer as the server has it."""
    if isinstance(answer, dict):
        return answer
    return {"columns": answer.columns, "rows": answer.rows, "about": answer.about}


def show_answer(
    call: "Call",
    explained: Mapping[str, Any],
    answer: "dict[str, Any] | Table",
    short_names: Mapping[str, str],
) -> None:
    """Print an answer: `explained` is what the server tells of its job."""
    table = table_of(
        call.statistics.get(explained["statistic"]), answer, explained.get("unit") or ""
    )
    notes = _behind(explained, table.about)
    title = shortened(explained["asked"], short_names)
    show_table(call.out, title, table, notes, short_names, table.about.get("answer", ""))


def show_table(
    out: "Output",
    title: str,
    table: AnswerTable,
    notes: Sequence[str] = (),
    short_names: Mapping[str, str] = MappingProxyType({}),
    sentence: str = "",
) -> None:
    """Print a sentence first if there is one, a title, a table that fits, and notes below it."""
    from rich.text import Text

    console = out.console()
    rows = _with_short_names(table, short_names)
    columns, common = columns_of(table.columns, rows, table.meanings)
    sizes: list[Any] = []
    if len(rows) > 1 and table.size:
        sizes = [row[list(table.columns).index(table.size)] for row in rows]
    grid = Grid(columns, sizes)
    if len(rows) == 1 and len(columns) > _FEW:
        grid = Grid(_downwards(columns))
    fitted, gone = grid.fitted(console)
    if sentence:
        out.show(Text(sentence, style="bold"), "", Text(title))
    else:
        out.show(Text(title, style="bold"))
    out.show("", fitted) if rows else out.show("", "There are no rows.")
    lines = [*([f"In all rows: {'; '.join(common)}."] if common else []), *notes]
    if gone:
        lines.append(f"No room here for {', '.join(gone)}; --json and --csv have them.")
    if lines:
        out.show("", *(Text(line, style="yellow" if line[:1] == "!" else "dim") for line in lines))


def shortened(sentence: str, short_names: Mapping[str, str]) -> str:
    """Return a sentence with the short names of questions that stand in quotes."""
    for text, name in short_names.items():
        sentence = sentence.replace(f'"{text}"', f'"{name}"')
    return sentence


def _with_short_names(table: AnswerTable, short_names: Mapping[str, str]) -> list[list[Any]]:
    rows = [list(row) for row in table.rows]
    if "question" in table.columns:
        place = list(table.columns).index("question")
        for row in rows:
            row[place] = short_names.get(row[place], row[place])
    return rows


def _downwards(columns: Sequence[Column]) -> list[Column]:
    names = [column.heading.replace("\n", " ") for column in columns]
    return [Column("", names), Column("", [column.cells[0] for column in columns])]


def _behind(explained: Mapping[str, Any], about: Mapping[str, Any]) -> list[str]:
    """Return what is behind an answer: the rows that went into it, the method, warnings."""
    lines = []
    if about:
        left_out = [
            f"{about[key]:,} {words}"
            for key, words in (
                ("rows_suppressed", "suppressed"),
                ("rows_not_released", "not released"),
                ("rows_filled", "filled in where CDC withholds the estimate"),
            )
            if about.get(key)
        ]
        used = f"{counted(about.get('dataset_rows_used', 0), 'row')} used"
        lines.append("; ".join(filter(None, [about.get("years"), used, *left_out])) + ".")
        nation = (about.get("national") or {}).get("value")
        if nation is not None:
            unit = unit_of(about.get("columns", {}).get("value", {}).get("meaning", ""))
            figure = " ".join(filter(None, [cell("value", float(nation)), unit]))
            lines.append(f"The United States: {figure}.")
    else:
        method = explained["method"]
        lines.append(f"{method[:1].upper()}{method[1:]}.")
    lines += [f"! {warning}" for warning in about.get("warnings", ())]
    lines.append(f"Source: {explained['source']}.")
    job = number(explained["job_id"])
    return [*lines, f"How: {PROGRAM} job {job}, and --rows for the rows behind it."]
