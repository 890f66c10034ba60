"""Trends and changes in words."""

from collections.abc import Callable, Mapping
from typing import Any

from app.datasets.places import NATION
from app.datasets.years import spans
from app.methods.changes import FALLING, NOT_CLEAR, RISING, UNKNOWN
from app.methods.trends import SLOPE, WIDENED
from app.methods.verdicts import HIGHER, LOWER, verdict
from app.statistics.in_words.answer import Answer
from app.statistics.in_words.words import Words, is_imprecise, joined

Row = Mapping[str, Any]

# Of so many places at most, each has a sentence.
_FEW = 3


def trend(answer: Answer, words: Words) -> str:
    """Return each of few places, or how many are rising and falling; and what is left out."""
    compared = answer.about["compared"]
    comparable = any(set(compared) <= set(group) for group in answer.about["comparable"])
    few = len(answer.rows) <= _FEW
    notes = [words.say("not_comparable")] if few and not comparable else []
    others = {row[1] for row in answer.about["yearly"]["rows"]} - set(compared)
    if others:
        notes.append(words.say("left_out", years=spans(others)))
    told = (row["years"] for row in answer.rows if row["direction"] != UNKNOWN)
    notes += words.doubts(answer.question, [tuple(map(int, years.split("-"))) for years in told])
    if few:
        return joined(*(_trend_of(row, answer, words) for row in answer.rows), *notes)
    ends = compared[0], compared[-1]
    counted = _counted(answer, words, ends, "trends", _trend_of, comparable=comparable)
    return joined(*counted, *notes)


def _trend_of(row: Row, answer: Answer, words: Words) -> str:
    share, place = words.share(answer.question), row["state"]
    if row["change"] is None:
        when = words.when(answer.about["years"], stratum=answer.stratum, place=place)
        return words.say(
            "cannot_change", when=when, share=share, why=_few_years(row, answer, words)
        )
    first, _, last = row["years"].partition("-")
    when = words.when(ends=(first, last), stratum=answer.stratum, place=place)
    if is_imprecise(row):
        why = words.say("too_imprecise")
        return words.say("cannot_change", when=when, share=share, why=why)
    change = _change(row, words, "change", "change_", "of_two_tests")
    steps = words.say("change_of", change=change)
    ends = {name: words.amount(row[name]) for name in ("first", "last")}
    direction = row["direction"]
    told = {"when": when, "share": share, "steps": steps, **ends}
    if direction == UNKNOWN:
        return words.say("trend_unknown", **told)
    wide, since = row["basis"] == WIDENED, _since(row, answer, words)
    # Where years follow a line, one is found too often to be told alone.
    bent = wide and row["joinpoint"] is not None and not since
    told["line"] = _line(row, words)
    told["bend"] = words.say("bend", year=row["joinpoint"]) if bent else ""
    told["shape"] = words.say("not_straight") if wide else ""
    return joined(words.say(f"trend_{direction}", **told), since)


def _few_years(row: Row, answer: Answer, words: Words) -> str:
    """Return which year alone has an estimate, or that none has, of those that are compared."""
    yearly, compared = answer.about["yearly"], answer.about["compared"]
    points = [dict(zip(yearly["columns"], cells, strict=True)) for cells in yearly["rows"]]
    own = [point for point in points if point["state"] == row["state"]]
    there = [point for point in own if point["year"] in compared]
    left = "_left" if len(own) > len(there) else ""
    if not there:
        return words.say("no_year_left" if left else "no_years")
    (one,) = there
    return words.say(f"one_year{left}", year=one["year"], figure=words.estimate(one))


def _line(row: Row, words: Words) -> str:
    """Return the slope; nothing where the change tells the direction, which it may contradict."""
    if row["direction_by"] != SLOPE:
        return ""
    falls = row["direction"] == FALLING
    low, high = (-row["high"], -row["low"]) if falls else (row["low"], row["high"])
    slope = words.points(-row["slope"] if falls else row["slope"], 2)
    note = [words.say("of_two_tests")] * _leave_out_0(row, low, high)
    figure = words.figure(words.say("a_year", amount=slope), low, high, None, *note, decimals=2)
    return words.say(f"line_{row['direction']}", slope=figure)


def _since(row: Row, answer: Answer, words: Words) -> str:
    """Return what came since the joinpoint, where that is not what all years did.

    Where the years follow a line, one is found too often: then only what is clear.
    """
    if row["joinpoint"] is None:
        return ""
    p_value = _last_p_value(row, answer)
    if p_value is None:
        return ""
    told = verdict(row["apc"], p_value)
    since = {HIGHER: RISING, LOWER: FALLING}.get(told, NOT_CLEAR)
    if since == row["direction"] or (since == NOT_CLEAR and row["basis"] != WIDENED):
        return ""
    rate, low, high = row["apc"], row["apc_low"], row["apc_high"]
    if since == FALLING:
        rate, low, high = -rate, -high, -low
    number = words.number(rate, 1)
    figure = words.figure(words.say("of_itself_a_year", number=number), low, high, decimals=1)
    return words.say(f"since_{since}", year=row["joinpoint"], rate=figure)


def _leave_out_0(row: Row, low: float | None, high: float | None) -> bool:
    """Tell whether limits leave out 0 though no direction is told: that is told by wider ones."""
    return (
        row["direction"] == NOT_CLEAR
        and low is not None
        and high is not None
        and (low > 0 or high < 0)
    )


def _last_p_value(row: Row, answer: Answer) -> float | None:
    """Return the p-value of no change in the last segment of a place."""
    segments = answer.about["segments"]
    rows = (dict(zip(segments["columns"], cells, strict=True)) for cells in segments["rows"])
    last: float | None = None
    for one in rows:
        last = one["apc_p_value"] if one["state"] == row["state"] else last
    return last


def change(answer: Answer, words: Words) -> str:
    """Return each of few places, or how many rose and fell."""
    first, last = answer.about["compared"]
    # Where a change has a p-value, only years that are not comparable leave its direction open.
    comparable = all(
        row["direction"] != UNKNOWN for row in answer.rows if row["p_value"] is not None
    )
    few = len(answer.rows) <= _FEW
    notes = [words.say("not_comparable")] if few and not comparable else []
    if any(row["direction"] != UNKNOWN for row in answer.rows):
        notes += words.doubts(answer.question, [(first, last)])
    if few:
        return joined(*(_change_of(row, answer, words) for row in answer.rows), *notes)
    ends = first, last
    counted = _counted(answer, words, ends, "changes", _change_of, comparable=comparable)
    return joined(*counted, *notes)


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
    if is_imprecise(row):
        why = words.say("too_imprecise")
        return words.say("cannot_change", when=when, share=share, why=why)
    steps = words.say("change_of", change=_change(row, words, "change", "", "of_many_tests"))
    figures = {name: words.estimate(row, f"{name}_") for name in ("first", "last")}
    years = {"first_year": ends[0], "last_year": ends[1]}
    return words.say(
        f"change_{row['direction']}", when=when, share=share, steps=steps, **figures, **years
    )


def _change(row: Row, words: Words, name: str, prefix: str, tests: str) -> str:
    """Return a change with its limits, and how the less precise of its estimates may be shown.

    `tests` says of which tests it is one, where it is not clear though its limits leave out 0.
    """
    limits = row[f"{prefix}low"], row[f"{prefix}high"]
    note = [words.say(tests)] * _leave_out_0(row, *limits)
    return words.figure(words.points(row[name]), *limits, row["presentation"], *note)


def _counted(
    answer: Answer,
    words: Words,
    ends: tuple[int, int],
    phrase: str,
    tell: Callable[[Row, Answer, Words], str],
    *,
    comparable: bool,
) -> list[str]:
    """Return how many places rose, fell, and did neither; and the nation, which is none of them."""
    places = [row for row in answer.rows if row["state"] != NATION.name]
    rising, falling, unclear, unknown = (
        sum(row["direction"] == direction for row in places)
        for direction in (RISING, FALLING, NOT_CLEAR, UNKNOWN)
    )
    tested = "together" if phrase == "changes" else "each"
    if tested == "each" and len({row["years"] for row in places if row["change"] is not None}) > 1:
        tested = "each_own"
    # Nothing found is not the same as nothing told.
    none = unknown == len(places)
    alone = str(ends[0]) if ends[0] == ends[1] else None
    when = words.when(
        alone, ends=None if alone else ends, stratum=answer.stratum, adjusted=answer.is_adjusted
    )
    why = "no_errors_so" if comparable else "not_comparable_so"
    counted = words.say(
        "untold_all" if none else phrase,
        when=when,
        share=words.share(answer.question),
        rising=rising,
        falling=falling,
        unclear=unclear,
        places=len(places),
        tested=words.say(tested),
        untold=words.say("untold", unknown=unknown) if unknown else "",
        why=words.say("one_year_so" if alone else why),
    )
    nation = [tell(row, answer, words) for row in answer.rows if row["state"] == NATION.name]
    return [counted, *nation, words.marked(answer.rows)]
