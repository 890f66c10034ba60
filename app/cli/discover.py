"""The commands that tell what there is to ask, and of the server."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import completion
from app.cli.answer_table import AnswerTable, show_table
from app.cli.exit_codes import UNREACHED, Refused
from app.cli.options import Call, command, option
from app.cli.tables import facts_table

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXT = {"kind": "text", "meaning": ""}
_COUNT = {"kind": "integer", "meaning": ""}

_MOST_PERIODS = 2  # that a table has room for

Dataset = Annotated[str | None, option("NAME", "Which dataset, by its name.", completion.datasets)]


def _print(
    call: Call, data: Any, title: str, rows: "Sequence[dict[str, Any]]", *shown: str
) -> None:
    """Print what the server tells, or rows of it: for people those columns that are shown."""
    if call.out.form == "json":
        call.out.json(data)
        return
    if call.out.form == "csv":
        columns = list(rows[0]) if rows else []
        call.out.csv(columns, (list(row.values()) for row in rows))
        return
    meanings = {name: _COUNT if name == "rows" else _TEXT for name in shown}
    show_table(
        call.out,
        title,
        AnswerTable(shown, [[row[name] for name in shown] for row in rows], meanings),
    )


@command()
def datasets(call: Call) -> None:
    """List the datasets: what each holds, and which is asked where none is named."""
    with call.client() as stats:
        data = stats.datasets()
    rows = [
        {
            **{name: one[name] for name in ("name", "rows", "questions")},
            "years": f"{one['years']['from']}-{one['years']['to']}",
            "file": one["file"],
            "sha256": one["sha256"],
            "default_for": one["default_for"],
        }
        for one in data
    ]
    if call.out.form == "table":
        counts = [len(one["default_for"]) for one in data]
        rows = [
            {**row, "covers": row["years"], "default for": f"{count} statistics" if count else "-"}
            for row, count in zip(rows, counts, strict=True)
        ]
    title = "The datasets; name one with --dataset"
    _print(call, data, title, rows, "name", "rows", "covers", "questions", "default for", "file")


@command()
def questions(call: Call, dataset: Dataset = None) -> None:
    """List the questions: what to call them, and which way is better."""
    with call.client() as stats:
        data = stats.questions(dataset=dataset)
    rows = data
    if call.out.form == "table":
        rows = [{**one, "question": one["short_name"], "years": _years(one)} for one in data]
    title = f"{len(data)} questions; ask them by id, or by name"
    _print(call, data, title, rows, "id", "question", "direction", "years", "rows")


def _years(one: dict[str, Any]) -> str:
    """Return the years of a question: single ones, and periods, of which there may be many."""
    years, periods = one["years"], one["periods"]
    spans = [f"{years[0]}-{years[-1]}"] if len(years) > 1 else list(map(str, years))
    if len(periods) > _MOST_PERIODS:
        periods = [f"{len(periods)} periods"]
    return ", ".join([*spans, *periods])


@command()
def states(call: Call, dataset: Dataset = None) -> None:
    """List the states, the district, the territories and the nation."""
    with call.client() as stats:
        data = stats.states(dataset=dataset)
    title = f"{len(data)} places; both name and abbreviation are understood"
    _print(call, data, title, data, "name", "abbreviation", "kind", "rows")


@command()
def categories(call: Call, dataset: Dataset = None) -> None:
    """List the categories that people are told apart by, and their strata."""
    with call.client() as stats:
        data = stats.categories(dataset=dataset)
    rows = [
        {"category": category["name"], "stratum": stratum["name"], "rows": stratum["rows"]}
        for category in data
        for stratum in category["strata"]
    ]
    title = "Strata of one category do not overlap; those of two do"
    _print(call, data, title, rows, "category", "stratum", "rows")


@command(with_csv=False)
def dataset(
    call: Call,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="Which dataset, by its name.",
            autocompletion=completion.datasets,
            show_default=False,
        ),
    ] = None,
    dataset: Dataset = None,
) -> None:
    """Tell what a dataset holds, where it is from, and what to beware of.

    Its name may be given with --dataset, too, as to other commands.
    """
    if name is not None and dataset is not None:
        raise Refused("the dataset is named twice: NAME and --dataset are the same")
    name = dataset if name is None else name
    with call.client() as stats:
        data = stats.dataset(dataset=name)
    if call.out.form == "json":
        call.out.json(data)
        return
    from rich.text import Text

    years = data["years"]
    facts = (
        ("years", f"{years['from']}-{years['to']}"),
        (
            "about",
            f"{data['questions']} questions, {data['states']} places, {data['strata']} strata",
        ),
        ("estimates", f"{data['estimates']:,}, {data['with_limits']:,} with confidence limits"),
        (
            "without",
            f"{data['suppressed']:,} suppressed, {data['not_released']:,} not released, "
            f"{data['filled']:,} filled with a constant, {data['no_estimate']:,} not known why",
        ),
        ("SHA-256", data["sha256"]),
        ("read", data["loaded_at"]),
    )
    title = f"{data['name']}: {data['rows']:,} rows of {data['file']}"
    call.out.show(Text(title, style="bold"), "")
    call.out.show(facts_table(facts), "", data["source"]["message"])
    for warning in data["warnings"]:
        call.out.show("", Text(f"! {warning['code']}", style="yellow"), warning["message"])


@command(with_csv=False)
def health(call: Call) -> None:
    """Tell whether the server takes jobs; exit code 4 where it does not."""
    from app.client.errors import NotAllowed

    unfinished = None
    with call.client() as stats:
        healthy = stats.health()
        with suppress(NotAllowed):  # it takes the token, which the health does not
            unfinished = stats.num_jobs()
    if call.out.form == "json":
        answer = {"status": "ok"} if healthy else {"status": "error", "reason": "shutting down"}
        call.out.json(answer if unfinished is None else {**answer, "num_jobs": unfinished})
    else:
        state = "takes jobs" if healthy else "is shutting down"
        jobs = "" if unfinished is None else f"; unfinished jobs: {unfinished:,}"
        call.out.show(f"{call.url} {state}{jobs}.")
    if not healthy:
        raise typer.Exit(UNREACHED)


@command(with_csv=False)
def reload(call: Call, dataset: Dataset = None) -> None:
    """Have the server read its datasets again, or one, as after `data`."""
    with call.client() as stats:
        data = stats.reload_dataset(dataset=dataset)
    if call.out.form == "json":
        call.out.json(data)
        return
    for one in data["datasets"]:
        news = "read anew" if one["changed"] else "not changed"
        call.out.show(
            f"{one['name']}: {news}, {one['rows']:,} rows, SHA-256 {one['sha256'][:16]}..."
        )
