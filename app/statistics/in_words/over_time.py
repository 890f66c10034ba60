"""Trends and changes in words."""

from collections.abc import Callable, Mapping
from typing import Any

from app.datasets.places import NATION
from app.methods.years import spans
from app.statistics.in_words.answer import Answer
from app.statistics.in_words.words import Words, joined

Row = Mapping[str, Any]

# Of so many places at most, each has a sentence.
_FEW = 3


def trend(answer: Answer, words: Words) -> str:
    """Return each of few places, or how many are rising and falling; and what is left out."""
    compared = answer.about["compared"]
    comparable = any(set(compared) <= set(group) for group in answer.about["comparable"])
    notes = [] if comparable else [words.say("not_comparable")]
    others = {row[1] for row in answer.about["yearly"]["rows"]} - set(compared)
    if others:
        notes.append(words.say("left_out", years=spans(others)))
    if len(answer.rows) <= _FEW:
        return joined(*(_trend_of(row, answer, words) for row in answer.rows), *notes)
    ends = compared[0], compared[-1]
    return joined(*_counted(answer, words, ends, "trends", _trend_of), *notes)


def _trend_of(row: Row, answer: Answer, words: Words) -> str:
    share, place = words.share(answer.question), row["state"]
    if row["change"] is None:
        years = answer.about["years"]
        when = words.when(years, stratum=answer.stratum, place=place)
        return words.say("cannot_change", when=when, share=share, why=words.say("few_years"))
    first, _, last = row["years"].partition("-")
    when = words.when(ends=(first, last), stratum=answer.stratum, place=place)
    steps = words.say("change_of", change=_change(row, words, "change", "change_"))
    line = ""
    # Of fewer years the change tells the direction, and limits of a line may contradict it.
    if row["slope"] is not None and row["direction_by"] == "slope":
        slope = words.say("a_year", amount=words.points(row["slope"], 2))
        figure = words.figure(slope, row["low"], row["high"], decimals=2)
        line = words.say("line_of", slope=figure)
    ends = {name: words.amount(row[name]) for name in ("first", "last")}
    return words.say(
        f"trend_{row['direction']}", when=when, share=share, line=line, steps=steps, **ends
    )


def change(answer: Answer, words: Words) -> str:
    """Return each of few places, or how many rose and fell."""
    first, last = answer.about["compared"]
    # Where a change has a p-value, only years that are not comparable leave its direction open.
    comparable = all(
        row["direction"] != "unknown" for row in answer.rows if row["p_value"] is not None
    )
    notes = [] if comparable else [words.say("not_comparable")]
    if len(answer.rows) <= _FEW:
        return joined(*(_change_of(row, answer, words) for row in answer.rows), *notes)
    return joined(*_counted(answer, words, (first, last), "changes", _change_of), *notes)


def _change_of(row: Row, answer: Answer, words: Words) -> str:
    ends = tuple(answer.about["compared"])
    when = words.when(
        ends=ends, stratum=answer.stratum, place=row["state"], adjusted=answer.is_adjusted
    )
    share = words.share(answer.question)
    if row["change"] is None:
        missing = (one.partition(": ") for one in (row.get("missing") or "").split("; ") if one)
        reasons = [
            words.say("year_status", year=year, status=words.say(status))
            for year, _, status in missing
        ]
        reason = "; ".join(reasons) or words.say("no estimate")
        why = words.say("why", reason=reason)
        return words.say("cannot_change", when=when, share=share, why=why)
    steps = words.say("change_of", change=_change(row, words, "change", ""))
    figures = {name: words.estimate(row, f"{name}_") for name in ("first", "last")}
    years = {"first_year": ends[0], "last_year": ends[1]}
    return words.say(
        f"change_{row['direction']}", when=when, share=share, steps=steps, **figures, **years
    )


def _change(row: Row, words: Words, name: str, prefix: str) -> str:
    """Return a change with its limits, and how the less precise of its estimates may be shown."""
    limits = row[f"{prefix}low"], row[f"{prefix}high"]
    return words.figure(words.points(row[name]), *limits, row["presentation"])


def _counted(
    answer: Answer,
    words: Words,
    ends: tuple[int, int],
    phrase: str,
    tell: Callable[[Row, Answer, Words], str],
) -> list[str]:
    """Return how many places rose, fell, and did neither; and the nation, which is none of them."""
    places = [row for row in answer.rows if row["state"] != NATION.name]
    rising, falling, unclear, unknown = (
        sum(row["direction"] == direction for row in places)
        for direction in ("rising", "falling", "no clear change", "unknown")
    )
    tested = "together" if phrase == "changes" else "each"
    if tested == "each" and len({row["years"] for row in places if row["change"] is not None}) > 1:
        tested = "each_own"
    counted = words.say(
        phrase,
        when=words.when(ends=ends, stratum=answer.stratum, adjusted=answer.is_adjusted),
        share=words.share(answer.question),
        rising=rising,
        falling=falling,
        unclear=unclear,
        places=len(places),
        tested=words.say(tested),
        untold=words.say("untold", unknown=unknown) if unknown else "",
    )
    nation = [tell(row, answer, words) for row in answer.rows if row["state"] == NATION.name]
    return [counted, *nation, words.marked(answer.rows)]
