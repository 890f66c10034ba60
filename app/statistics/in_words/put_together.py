"""What to say of values of a query that are made of several places, groups or years."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.datasets.places import NATION
from app.datasets.strata import TOTAL
from app.methods.standardised import WEIGHTS
from app.statistics.in_words.answer import Answer
from app.statistics.in_words.words import Words, joined

Row = Mapping[str, Any]


def mean_of(answer: Answer, row: Row, text: str, words: Words) -> str:
    """Return the mean, or the median, of how many estimates a value is: no share of adults."""
    phrase = "median_of" if answer.parameters["method"] == "median" else "mean_of"
    estimates = row["rows_used"] // rows_of_one(answer)
    return words.say(phrase, estimates=estimates, share=words.share(text))


def rows_of_one(answer: Answer) -> int:
    """Return of how many rows one estimate is made."""
    return len(WEIGHTS) if answer.is_adjusted else 1


def everyone_once(answer: Answer) -> tuple[Answer, int]:
    """Return an answer with estimates of everyone once, and for how many categories each stands.

    That is 0 where they do not stand in the place of strata, for several categories.
    """
    by = answer.parameters["group_by"]
    told = [row for row in answer.rows if row["value"] is not None]
    categories = {row.get("category") for row in told}
    if "stratum" in by or len(categories) < 2 or any(row["strata"] != TOTAL for row in told):
        return answer, 0
    others = [name for name in by if name != "category"]
    once: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in (*told, *answer.rows):
        own = {name: cell for name, cell in row.items() if name != "category"}
        once.setdefault(tuple(row[name] for name in others), own)
    parameters = {**answer.parameters, "group_by": others}
    return replace(answer, rows=list(once.values()), parameters=parameters), len(categories)


def place_of(answer: Answer, row: Row) -> str | None:
    """Return the one place that a value is of; None where it is of several."""
    if "state" in row:
        return str(row["state"])
    if answer.parameters["method"] == "national":
        return NATION.name
    return _only(answer.about.get("places") or answer.parameters["where"].get("state"))


def stratum_of(answer: Answer, row: Row, words: Words) -> str | None:
    """Return the one stratum that a value is of; None where it is of several, or of all ages."""
    if "stratum" in row:
        return str(row["stratum"])
    if row["strata"] is None:
        return _only(answer.parameters["where"].get("stratum"))
    return next((stratum for _, stratum in words.strata() if stratum == row["strata"]), None)


def _only(names: Sequence[str] | None) -> str | None:
    return names[0] if names is not None and len(names) == 1 else None


def how_pooled(row: Row, words: Words) -> list[str]:
    """Return what the interval of a value takes for granted, if it is pooled by precision."""
    explained = row.get("i_squared")
    if explained is None or row["low"] is None:
        return []
    return [words.say("one_value", i_squared=words.number(explained, 0))]


def put_together(answer: Answer, words: Words) -> str:
    """Return that values are of several places, groups or years; empty where they are not."""
    return joined(
        words.say("not_comparable") if "across_breaks" in answer.about else "",
        _of_several_places(answer, words),
        _of_several_groups(answer, words),
    )


def _of_several_places(answer: Answer, words: Words) -> str:
    about = answer.about
    told = words.say("several_places") if len(about.get("places", ())) > 1 else ""
    if "not_in_each" not in about:
        return told
    named = words.listed([words.place(name) for name in about["not_in_each"]], "or")
    return joined(told, words.say("other_places", places=named))


def _of_several_groups(answer: Answer, words: Words) -> str:
    """Return that groups overlap, or else that each counts the same."""
    pooled = [row for row in answer.rows if row["value"] is not None and row["rows_used"] > 1]
    if answer.is_adjusted or not pooled:
        return ""
    known = words.strata()
    # Many rows are of the same strata.
    told = {(row["strata"], row.get("category"), row.get("stratum")) for row in pooled}
    used = [_strata(strata, own, answer, known) for strata, *own in told]
    if any(len({category for category, _ in strata}) > 1 for strata in used):
        return words.say("overlap")
    return words.say("uneven") if any(len(strata) > 1 for strata in used) else ""


def _strata(
    told: str, own: Sequence[str | None], answer: Answer, known: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return the strata of a value, of all that are known, each behind its category.

    `told` is what its row says of them, `own` are the category and the stratum that it is grouped
    by. Of many strata the row tells only how many: then these are all that were asked for.
    """
    if single := [pair for pair in known if pair[1] == told]:
        return single
    where = answer.parameters["where"]
    some = [
        [group] if group is not None else where.get(column)
        for column, group in zip(("category", "stratum"), own, strict=True)
    ]
    asked = [
        pair
        for pair in known
        if all(names is None or name in names for name, names in zip(pair, some, strict=True))
    ]
    named = [pair for pair in asked if pair[1] in told.split(", ")]
    complete = ", ".join(sorted({stratum for _, stratum in named})) == told
    return named if complete else asked
