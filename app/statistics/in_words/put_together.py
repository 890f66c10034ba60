"""What to say of values of a query that are made of several places or groups."""

from collections.abc import Mapping, Sequence
from typing import Any

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


def put_together(answer: Answer, words: Words) -> str:
    """Return that values are of several places or groups together; empty where they are not."""
    return joined(_of_several_places(answer, words), _of_several_groups(answer, words))


def _of_several_places(answer: Answer, words: Words) -> str:
    parameters = answer.parameters
    where = parameters["where"].get("state")
    if parameters["method"] == "national" or "state" in parameters["group_by"]:
        return ""
    return "" if where is not None and len(where) == 1 else words.say("several_places")


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
