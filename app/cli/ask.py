"""The commands that ask: `ask` and `query`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import completion
from app.cli.answer_table import print_answer
from app.cli.fields import body_of, where_of
from app.cli.options import Call, command, option
from app.cli.question_names import Questions

if TYPE_CHECKING:
    from collections.abc import Mapping

Statistic = Annotated[
    str,
    typer.Argument(
        metavar="STATISTIC",
        help="states_mean, state_mean, best5, worst5, global_mean, diff_from_mean,"
        " state_diff_from_mean, mean_by_category, state_mean_by_category, trend, ranking,"
        " disparity, compare or correlation.",
        autocompletion=completion.statistics,
        show_default=False,
    ),
]
Question = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="QUESTION",
        help="Short name, id or full text: `questions` lists them. compare takes none, correlation"
        " two, all others one.",
        autocompletion=completion.questions,
        show_default=False,
    ),
]
States = Annotated[
    list[str] | None,
    option("STATE", "Name or abbreviation of a state; may be repeated.", completion.states),
]
Strata = Annotated[
    list[str] | None,
    option(
        "STRATUM",
        "Whom to count, such as Female; all adults without it. Twice to compare two.",
        completion.strata,
    ),
]
Category = Annotated[
    str | None,
    option(
        "CATEGORY",
        "What tells the strata of a disparity apart, such as Income.",
        completion.categories,
    ),
]
Reference = Annotated[
    str | None,
    option(
        "STRATUM",
        "The stratum that the others of a disparity are measured against; the best without it.",
        completion.strata,
    ),
]
Year = Annotated[int | None, option("YEAR", "The latest without it.")]
Years = Annotated[str | None, option("FROM..TO", "Years of a trend; all without it.")]


@command()
def ask(
    call: Call,
    statistic: Statistic,
    question: Question = None,
    state: States = None,
    stratum: Strata = None,
    category: Category = None,
    reference: Reference = None,
    year: Year = None,
    years: Years = None,
) -> None:
    """Ask a statistic, wait, and print its answer."""
    given = {
        "state": state or [],
        "stratum": stratum or [],
        "category": category,
        "reference": reference,
        "year": year,
        "years": years,
    }
    _ask(call, statistic, body_of(statistic, question or [], given))


GroupBy = Annotated[
    list[str] | None,
    option(
        "NAME",
        "What to tell apart: question, topic, state, year, category, stratum. May be"
        " repeated, or several separated by commas.",
        completion.one_of("question", "topic", "state", "year", "category", "stratum"),
    ),
]
Where = Annotated[
    list[str] | None,
    option(
        "NAME=VALUE",
        "What to keep of topic, state, year, category and stratum; year=2015..2019 is a"
        " range. May be repeated.",
    ),
]
Method = Annotated[
    str | None,
    option(
        "METHOD",
        "How several rows become one number: overall (default), mean, sample_weighted,"
        " inverse_variance, median or national.",
        completion.one_of(
            "overall", "mean", "sample_weighted", "inverse_variance", "median", "national"
        ),
    ),
]
Asked = Annotated[
    list[str] | None,
    option(
        "QUESTION",
        "Short name, id or full text of a question; may be repeated. All without it.",
        completion.questions,
    ),
]
Sort = Annotated[str | None, option("COLUMN", "A column; -COLUMN for falling order.")]
Limit = Annotated[int | None, option("N", "Rows at most.", min=1)]


@command()
def query(
    call: Call,
    question: Asked = None,
    group_by: GroupBy = None,
    where: Where = None,
    method: Method = None,
    sort: Sort = None,
    limit: Limit = None,
) -> None:
    """Filter, group and pool estimates, and print a row for each group."""
    groups = [name.strip() for names in group_by or [] for name in names.split(",")]
    body = {
        "question": question,
        "group_by": groups or None,
        "where": where_of(where or []) or None,
        "method": method,
        "sort": sort,
        "limit": limit,
    }
    _ask(call, "query", body)


def _ask(call: Call, statistic: str, body: "Mapping[str, Any]") -> None:
    with call.client() as stats:
        known = Questions(stats)
        job = stats.submit(statistic, **known.in_body(body))
        print_answer(call, stats, job, known)
