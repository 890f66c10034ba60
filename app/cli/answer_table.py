"""An answer: to pipes as the server has it, to people a table.

With what was asked above it, bars beside the numbers, and what is to be known of them below.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.cli.cells import cell, columns_of
from app.cli.exit_codes import PROGRAM, number
from app.cli.question_names import Questions
from app.cli.tables import Column, Grid
from app.cli.waiting import waited

if TYPE_CHECKING:
    from app.cli.options import Call
    from app.cli.output import Output
    from app.client.client import StatsClient
    from app.client.job import Job
    from app.client.table import Table

_FEW = 6  # a single row of more columns is listed downwards
_SIZE = MappingProxyType(
    {
        "query": "value",
        "trend": "slope",
        "ranking": "value",
        "disparity": "value",
        "compare": "difference",
    }
)
_MEAN = {"kind": "number", "meaning": "percent"}
_DIFFERENCE = {"kind": "number", "meaning": "percentage points"}
_TEXT = {"kind": "text", "meaning": ""}


@dataclass(frozen=True, slots=True)
class Told:
    """A table of an answer: names of columns, rows, the kind and meaning of each column."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    meanings: Mapping[str, Mapping[str, str]]
    size: str = ""  # the column that bars are drawn for
    about: Mapping[str, Any] = field(default_factory=dict)


def told_of(statistic: str, answer: "dict[str, Any] | Table") -> Told:
    """Return an answer as a table, whichever statistic it is of."""
    if not isinstance(answer, dict):
        about = answer.about
        return Told(
            answer.columns, answer.rows, about.get("columns", {}), _SIZE.get(statistic, ""), about
        )
    name, told = ("difference", _DIFFERENCE) if "diff" in statistic else ("mean", _MEAN)
    rows = [row for key, value in answer.items() for row in _rows(key, value)]
    keys = ["state", "category", "stratum"][: len(rows[0]) - 1] if rows else ["state"]
    if statistic == "global_mean":
        rows, keys = [row[1:] for row in rows], []
    return Told([*keys, name], rows, {**dict.fromkeys(keys, _TEXT), name: told}, name)


def _rows(key: str, value: Any) -> list[list[Any]]:
    """Return the rows of one entry: strata have keys such as "('Ohio', 'Income', ...)"."""
    if isinstance(value, dict):
        return [[key, *ast.literal_eval(strata), mean] for strata, mean in value.items()]
    keys = ast.literal_eval(key) if key.startswith("(") else (key,)
    return [[*keys, value]]


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
    show_answer(call.out, job.explain(), answer, (known or Questions(stats)).short_names)


def as_json(answer: Any) -> Any:
    """Return an answer as the server has it."""
    if isinstance(answer, dict):
        return answer
    return {"columns": answer.columns, "rows": answer.rows, "about": answer.about}


def show_answer(
    out: "Output",
    explained: Mapping[str, Any],
    answer: "dict[str, Any] | Table",
    short_names: Mapping[str, str],
) -> None:
    """Print an answer: `explained` is what the server tells of its job."""
    told = told_of(explained["statistic"], answer)
    notes = _behind(explained, told.about)
    show_table(out, shortened(explained["asked"], short_names), told, notes, short_names)


def show_table(
    out: "Output",
    title: str,
    told: Told,
    notes: Sequence[str] = (),
    short_names: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Print a title, a table that fits, and notes below it."""
    from rich.text import Text

    console = out.console()
    rows = _with_short_names(told, short_names)
    columns, common = columns_of(told.columns, rows, told.meanings)
    sizes: list[Any] = []
    if len(rows) > 1 and told.size:
        sizes = [row[list(told.columns).index(told.size)] for row in rows]
    grid = Grid(columns, sizes)
    if len(rows) == 1 and len(columns) > _FEW:
        grid = Grid(_downwards(columns))
    table, gone = grid.fitted(console)
    out.show(Text(title, style="bold"))
    out.show("", table) if rows else out.show("", "There are no rows.")
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


def _with_short_names(told: Told, short_names: Mapping[str, str]) -> list[list[Any]]:
    rows = [list(row) for row in told.rows]
    if "question" in told.columns:
        place = list(told.columns).index("question")
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
                ("rows_filled", "filled in where CDC withholds the estimate"),
            )
            if about.get(key)
        ]
        used = f"{about.get('dataset_rows_used', 0):,} rows used"
        lines.append("; ".join(filter(None, [about.get("years"), used, *left_out])) + ".")
        nation = (about.get("national") or {}).get("value")
        if nation is not None:
            lines.append(f"The United States: {cell('value', float(nation))} %.")
    else:
        method = explained["method"]
        lines.append(f"{method[:1].upper()}{method[1:]}.")
    lines += [f"! {warning}" for warning in about.get("warnings", ())]
    job = number(explained["job_id"])
    return [*lines, f"How: {PROGRAM} job {job}, and --rows for the rows behind it."]
