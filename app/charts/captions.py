"""What stands around the chart of an answer, or heads a page of it: what it is of, by all names."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.charts.picture import Caption
from app.charts.words import ChartWords
from app.datasets.strata import TOTAL
from app.statistics.statistic import Statistic
from app.statistics.table import Table

_MOST_NAMED = 2
_MOST_PLACES = 4

Parameters = Mapping[str, Any]


def caption(
    statistic: Statistic[Any],
    parameters: Parameters,
    questions: Sequence[str],
    table: Table,
    words: ChartWords,
    source: str = "",
    kind: str | None = None,
) -> Caption:
    """Return what stands around the chart of an answer: question, group, places, years, source.

    `parameters` are those of the answer as JSON values, `questions` the texts that it is about;
    `kind` is that of the chart, None for the one that suits.
    """
    stratum, years = _stratum(parameters, table), table.about.get("years") or statistic.years
    named = questions if len(questions) <= _MOST_NAMED else ()
    first, *others = [words.short_name(text) for text in named] or [""]
    names = words.listed([first, *map(_uncapital, others)])
    what, where = _what(statistic, parameters, words, kind)
    if names:
        rest = ", ".join(filter(None, (_uncapital(what), where, years)))
        title = words.say("title", names=names, among=words.among(stratum), what=rest)
    else:
        title = ": ".join(filter(None, (what, ", ".join(filter(None, (where, years))))))
    category = parameters.get("category")
    if not table.about:  # the course's: means of all rows
        people = words.say("every_row")
    elif isinstance(category, str):
        people = words.called("categories", category)
    elif stratum is None and _is_by_group(parameters, table):
        people = ""
    else:
        people = words.called("strata", stratum or TOTAL)
    adjusted = words.say("by_age") if parameters.get("adjust") else ""
    texts = [words.question(text).rstrip(".") for text in named]
    of = ". ".join(filter(None, (*texts, ", ".join(filter(None, (people, years))), adjusted)))
    return Caption(title, f"{of}." if of else "", words.say("source", source=words.source(source)))


def _what(
    statistic: Statistic[Any], parameters: Parameters, words: ChartWords, kind: str | None
) -> tuple[str, str]:
    """Return what is shown, empty where the places say it, and these as far as they are named."""
    places = _several(parameters, "state") or _several(parameters, "states")
    where = words.places(places) if 0 < len(places) <= _MOST_PLACES else ""
    if statistic.name == "against" and where:
        return "", words.say("against", place=where)
    if statistic.name == "query":
        if where:
            return "", where
        if "state" in (parameters.get("group_by") or ()):
            return words.say("by_state"), ""
    if statistic.name == "ranking" and kind == "map":
        return words.say("by_state"), where
    return words.text(statistic.title), where


def _stratum(parameters: Parameters, table: Table) -> str | None:
    """Return the one group of people that an answer is of, None for several or everyone."""
    named = _several(parameters, "stratum")
    told = named if named else [table.about.get("stratum")]
    return str(told[0]) if len(told) == 1 and told[0] not in (None, TOTAL) else None


def _is_by_group(parameters: Parameters, table: Table) -> bool:
    """Tell whether an answer is of several groups of people."""
    if len(_several(parameters, "stratum")) > 1 or parameters.get("category"):
        return True
    return any(column.name in ("stratum", "category") for column in table.columns)


def _several(parameters: Parameters, name: str) -> list[str]:
    """Return the names that are asked for, be it one or several, on top or in `where`."""
    given = parameters.get(name) or (parameters.get("where") or {}).get(name)
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(given)


def _uncapital(text: str) -> str:
    return text[:1].lower() + text[1:]
