"""What each statistic is told on the command line, and from options to the body of a question."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from app.cli.exit_codes import Refused

Given = Mapping[str, Any]

_YEARS = re.compile(r"(\d{4})?\.\.(\d{4})?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_EXAMPLES = MappingProxyType({"state": "OH", "category": "Income"})


@dataclass(frozen=True, slots=True)
class Takes:
    """What a statistic is told: how many questions, and which options it needs or may have.

    Of the options in `many` there may be several.
    """

    questions: int = 1
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    many: tuple[str, ...] = ()


TAKES: Mapping[str, Takes] = MappingProxyType(
    {
        "states_mean": Takes(),
        "state_mean": Takes(needs=("state",)),
        "best5": Takes(),
        "worst5": Takes(),
        "global_mean": Takes(),
        "diff_from_mean": Takes(),
        "state_diff_from_mean": Takes(needs=("state",)),
        "mean_by_category": Takes(),
        "state_mean_by_category": Takes(needs=("state",)),
        "trend": Takes(may=("state", "stratum", "years"), many=("state",)),
        "ranking": Takes(may=("year", "stratum")),
        "disparity": Takes(
            needs=("category",), may=("state", "year", "reference"), many=("state",)
        ),
        "compare": Takes(0, may=("state", "stratum", "year"), many=("state", "stratum")),
        "correlation": Takes(2, may=("year", "stratum")),
    }
)


def taken_by(statistic: str) -> Takes:
    """Return what a statistic is told; raise Refused, with the nearest, for an unknown one."""
    if statistic == "query":
        raise Refused("a query is a command of its own: see `query --help`")
    if statistic not in TAKES:
        near = get_close_matches(statistic, TAKES)
        known = "" if near else f"; known: {', '.join(TAKES)}"
        raise Refused(f'unknown statistic "{statistic}"{known}', [(name, name) for name in near])
    return TAKES[statistic]


def body_of(statistic: str, questions: Sequence[str], given: Given) -> dict[str, Any]:
    """Return the body that asks a statistic; raise Refused for what it is not told.

    `given` are the options, empty where they are left out.
    """
    takes = taken_by(statistic)
    if len(questions) != takes.questions:
        raise Refused(_about_questions(statistic, takes.questions, len(questions)))
    options = {name: value for name, value in given.items() if value not in (None, [], ())}
    for name, value in options.items():
        if name not in (*takes.needs, *takes.may):
            raise Refused(f"{statistic} takes no --{name}")
        if isinstance(value, list) and len(value) > 1 and name not in takes.many:
            raise Refused(f"{statistic} takes one --{name}, not {len(value)}")
    for name in takes.needs:
        if name not in options:
            raise Refused(f'{statistic} needs --{name}, such as --{name} "{_EXAMPLES[name]}"')
    body = {name: _value(name, value) for name, value in options.items()}
    if takes.questions == 1:
        body["question"] = questions[0]
    elif takes.questions:
        body["questions"] = list(questions)
    return _compared(options, body) if statistic == "compare" else body


def _value(name: str, value: Any) -> Any:
    if name == "years":
        return years_of(value)
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _about_questions(statistic: str, wanted: int, found: int) -> str:
    if not wanted:
        return f"{statistic} takes no question: it is about all of them"
    if found > wanted:
        count = "one question" if wanted == 1 else "two questions"
        return f"{statistic} takes {count}, not {found}: a name of several words goes in quotes"
    if wanted == 1:
        return f"{statistic} needs a question, such as obesity or Q036"
    return f"{statistic} needs two questions, such as Q036 Q047"


def _compared(options: Given, body: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a comparison: what is given twice is what is compared."""
    twice = [name for name in ("state", "stratum") if len(options.get(name, ())) == 2]
    if len(twice) != 1 or any(len(options.get(name, ())) > 2 for name in ("state", "stratum")):
        raise Refused("compare takes two --state, or two --stratum, such as --state OH --state TX")
    plural = {"state": "states", "stratum": "strata"}[twice[0]]
    return {plural: body.pop(twice[0]), **body}


def years_of(text: str) -> dict[str, int]:
    """Return the range that `2015..2019`, `2015..` or `..2019` is."""
    match = _YEARS.fullmatch(text)
    if match is None or not any(match.groups()):
        raise Refused(f'"{text}" is no range of years, such as 2015..2019')
    ends = zip(("from", "to"), match.groups(), strict=True)
    return {name: int(year) for name, year in ends if year}


def where_of(conditions: Sequence[str]) -> dict[str, Any]:
    """Return what `NAME=VALUE` keep, each name with its value or values."""
    found: dict[str, list[Any]] = {}
    for condition in conditions:
        name, equals, value = condition.partition("=")
        if not (name and equals and value):
            raise Refused(f'"{condition}" is no NAME=VALUE, such as state=Ohio or year=2015..2019')
        found.setdefault(name, []).append(_kept(name, value))
    for name, values in found.items():
        if len(values) > 1 and any(isinstance(value, dict) for value in values):
            raise Refused(f"--where {name} takes one range, or single years")
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _kept(name: str, value: str) -> Any:
    if name != "year":
        return value
    if ".." in value:
        return years_of(value)
    if not _YEAR.fullmatch(value):
        raise Refused(f'"{value}" is no year, such as 2019 or 2015..2019')
    return int(value)
