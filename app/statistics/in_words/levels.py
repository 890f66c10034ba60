"""Queries and rankings in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.datasets.absence import ESTIMATE, NO_ESTIMATE, WITHHELD
from app.datasets.places import NATION
from app.datasets.strata import TOTAL
from app.datasets.years import span, spans
from app.methods.estimates import NOT_REPORTED
from app.methods.verdicts import UNKNOWN
from app.statistics.in_words.answer import Answer
from app.statistics.in_words.put_together import (
    everyone_once,
    how_pooled,
    mean_of,
    place_of,
    put_together,
    rows_of_one,
    stratum_of,
)
from app.statistics.in_words.words import Words, is_imprecise, joined

Row = Mapping[str, Any]

# What `about.without_estimate` tells, as the status of an estimate.
_STATUSES = {"suppressed": WITHHELD, "filled": WITHHELD, "no row": NO_ESTIMATE}
# Rows that a sentence names; of more it says how many.
_MOST_NAMED = 5


def query(answer: Answer, words: Words) -> str:
    """Return a single value, or the highest and the lowest; nothing of mixed questions."""
    asked = answer.parameters["question"]
    texts = [asked] if isinstance(asked, str) else asked or []
    if not answer.rows:
        return words.say("no_rows")
    if len(texts) != 1 and "question" in answer.parameters["group_by"]:
        texts = list({row["question"] for row in answer.rows})
        if len(texts) > 1:
            return words.say("several_questions", rows=len(answer.rows))
    if len(texts) != 1:
        return ""
    answer, categories = everyone_once(answer)
    tell = _single if len(answer.rows) == 1 else _several
    stands = words.say("stands", everyone=words.group(TOTAL), categories=categories)
    return joined(tell(answer, texts[0], words), stands if categories else "")


def _single(answer: Answer, text: str, words: Words) -> str:
    (row,) = answer.rows
    where = answer.parameters["where"]
    place, stratum = place_of(answer, row), stratum_of(answer, row, words)
    adjusted = answer.is_adjusted
    years = row["years"] or _year(row, where)
    if row["value"] is None:
        when = words.when(years, place=place, stratum=stratum, adjusted=adjusted)
        share, status = words.share(text), _status(row)
        several = _several_named(where, words)
        if several:
            each = [] if len(where.get("stratum") or ()) > 1 else _absent(answer.about, words.place)
            named = words.with_reasons(each or [(several, status)])
            return words.say("no_values", when=when, share=share, named=named)
        return words.say("no_value", when=when, share=share, reason=words.say(status))
    did = words.did(text)
    single = row["rows_used"] == rows_of_one(answer)
    figure = words.estimate(row, "", *how_pooled(row, words))
    lacking = _lacking(answer, words)
    # A standardised share is of no people that there are.
    if did is None or place is None or adjusted or not single:
        when = words.when(years, place=place, stratum=stratum, adjusted=adjusted)
        share = words.share(text) if single else mean_of(answer, row, text, words)
        sentence = words.say("value_of", when=when, share=share, figure=figure)
        return joined(sentence, put_together(answer, words), lacking)
    when = words.when(years, stratum=stratum, adjusted=adjusted)
    beside = _beside(answer.about.get("beside"), words)
    called = words.place(place)
    told = words.say("value", when=when, figure=figure, place=called, did=did, beside=beside)
    return joined(told, lacking)


def _beside(told: Row | None, words: Words) -> str:
    """Return how an estimate stands beside the nation's, and that of the first comparable year."""
    parts = []
    nation, first = (told or {}).get("nation"), (told or {}).get("first")
    if nation is not None:
        called, value = words.place(NATION.name), words.amount(nation["value"])
        parts.append(words.say(f"nation_{nation['verdict']}", nation=called, value=value))
    if first is not None and first["verdict"] != UNKNOWN:
        value = words.amount(first["value"])
        parts.append(words.say(f"since_{first['verdict']}", value=value, year=first["year"]))
    return "".join(parts)


def _pooled(row: Row, words: Words) -> str:
    return words.say("pooled", rows=row["rows_used"])


def _several_named(where: Row, words: Words) -> str:
    """Return the places and groups of a question that names several, for one row of them all."""
    parts = []
    for column, called in (("state", words.place), ("stratum", words.group)):
        names = where.get(column) or ()
        parts += [words.listed([called(name) for name in names])] if len(names) > 1 else []
    return ", ".join(parts)


def _year(row: Row, where: Row) -> str | None:
    if "year" in row:
        return str(row["year"])
    return _asked_years(where)


def _asked_years(where: Row) -> str | None:
    """Return the years that were asked for, None for a range with an open end, or for none."""
    years = where.get("year")
    if isinstance(years, list):
        return spans(years)
    first, last = ((years or {}).get(end) for end in ("from", "to"))
    return None if first is None or last is None else span(first, last)


def _status(row: Row) -> str:
    """Return why a row has no estimate, as far as it tells."""
    status = row.get("status")
    if status is None or status == ESTIMATE:
        return WITHHELD if row["rows_suppressed"] or row["rows_filled"] else NO_ESTIMATE
    return str(status)


def _several(answer: Answer, text: str, words: Words) -> str:
    where, share = answer.parameters["where"], words.share(text)
    told = [row for row in answer.rows if row["value"] is not None]
    by = [name for name in answer.parameters["group_by"] if name not in ("question", "topic")]
    first = (told or answer.rows)[0]
    alike = "stratum" not in by and len({row["strata"] for row in told}) < 2
    years = None if "year" in by else _same_years(answer)
    asked_years = None if told or "year" in by else _asked_years(where)
    when = words.when(
        years or asked_years,
        place=None if "state" in by else place_of(answer, first),
        stratum=stratum_of(answer, first, words) if alike else None,
        adjusted=answer.is_adjusted,
    )
    if not told:
        lacking = [(_label(row, by, words, tell_years=False), _status(row)) for row in answer.rows]
        return words.say("no_values", when=when, share=share, named=words.with_reasons(lacking))
    averages = "medians" if answer.parameters["method"] == "median" else "means"
    # What is too imprecise to be shown is no headline, unless there is nothing else.
    groups = [row for row in told if row.get("stratum") != NOT_REPORTED]
    precise = [row for row in groups if not is_imprecise(row)] or told
    pooled = any(row["rows_used"] > rows_of_one(answer) for row in precise)
    kind = words.say(averages if pooled else "estimates")
    values = sorted(row["value"] for row in precise)
    if len(precise) == 1:
        (row,) = precise
        label = _label(row, by, words, tell_years=years is None)
        figure = words.estimate(row, "", *how_pooled(row, words))
        what = mean_of(answer, row, text, words) if pooled else share
        sentence = words.say("only_one", when=when, share=what, figure=figure, label=label)
    elif values[0] == values[-1]:
        equal = words.amount(values[0])
        sentence = words.say(
            "all_equal", when=when, rows=len(precise), kind=kind, share=share, figure=equal
        )
    else:
        ends = {}
        for name, value in (("high", values[-1]), ("low", values[0])):
            rows = [row for row in precise if row["value"] == value]
            labels = [_label(row, by, words, tell_years=years is None) for row in rows]
            several = rows[0]["rows_used"] > rows_of_one(answer)
            notes = [_pooled(rows[0], words)] if several else []
            notes += how_pooled(rows[0], words)
            ends[f"{name}_label"] = words.listed(labels)
            ends[f"{name}_figure"] = (
                words.estimate(rows[0], "", *notes) if len(rows) == 1 else words.amount(value)
            )
        sentence = words.say("many", when=when, rows=len(precise), kind=kind, share=share, **ends)
    left_out = sum(is_imprecise(row) for row in groups) if len(precise) < len(groups) else 0
    return joined(
        sentence,
        words.say("not_comparable") if len(answer.about.get("comparable", ())) > 1 else "",
        words.say("imprecise_rows", rows=left_out) if left_out else "",
        _unreported(told, precise, words),
        put_together(answer, words),
        _lacking(answer, words),
        _missing(answer, by, words),
        words.marked(told),
    )


def _missing(answer: Answer, by: Sequence[str], words: Words) -> str:
    """Return which rows have no estimate, and why; of many, how many."""
    missing = [row for row in answer.rows if row["value"] is None]
    if len(missing) > _MOST_NAMED or ("without_estimate" in answer.about and "state" not in by):
        return words.missing(len(missing))
    return words.without(
        [(_label(row, by, words, tell_years=False), _status(row)) for row in missing]
    )


def _unreported(told: Sequence[Row], shown: Sequence[Row], words: Words) -> str:
    """Return that rows of Data not reported are in none of what a sentence counts."""
    rows = [row for row in told if row.get("stratum") == NOT_REPORTED and row not in shown]
    if not rows:
        return ""
    return words.say(
        "unreported", figure=words.listed([words.amount(row["value"]) for row in rows])
    )


def _same_years(answer: Answer) -> str | None:
    """Return the years of all rows that have some, None where they differ."""
    years = {row["years"] for row in answer.rows if row["years"]}
    return years.pop() if len(years) == 1 else None


def _label(row: Row, by: Sequence[str], words: Words, *, tell_years: bool) -> str:
    """Return what a row is of, by the columns that rows differ by."""
    parts = []
    for name in by:
        if name == "state":
            parts.append(words.place(row[name]))
        elif name == "stratum":
            parts.append(words.group(row[name]))
        elif name == "category" and "stratum" in by:
            pass  # a stratum tells its category, but for those of the same name
        elif name == "category" and row["rows_used"] == 1 and row["strata"] != TOTAL:
            parts.append(words.group(row["strata"]))  # a part of the category alone
        elif name == "category":
            parts.append(words.called("categories", row[name]))
        else:
            parts.append(str(row[name]))
    if tell_years and "year" not in by and row["years"]:
        parts.append(row["years"])
    return ", ".join(parts)


def ranking(answer: Answer, words: Words) -> str:
    """Return who is first and last, how many may be first, and the nation."""
    about, rows = answer.about, answer.rows
    ends = {}
    for name, rank in (("first", 1), ("last", rows[-1]["rank"])):
        those = [row for row in rows if row["rank"] == rank]
        named, several = words.places([row["state"] for row in those]), len(those) > 1
        figure = words.amount(those[0]["value"]) if several else words.estimate(those[0])
        told = f"{name}_several" if several else f"{name}_one"
        ends[f"{name}_of_all"] = words.say(told, named=named, figure=figure)
        ends |= {name: named, f"{name}_figure": figure}
    text = answer.question
    when = words.when(about["years"], stratum=answer.stratum, adjusted=answer.is_adjusted)
    weak = any(is_imprecise(row) for row in rows if row["rank"] in (1, rows[-1]["rank"]))
    alike = "ranking_of_one" if len(rows) == 1 else "ranking_of_equals"
    ranked = alike if rows[-1]["rank"] == 1 else "ranking"
    parts = [
        words.say(
            "weak_ends" if weak and ranked == "ranking" else ranked,
            when=when,
            places=len(rows),
            share=words.share(text),
            better=words.say(about["better"]),
            **ends,
        )
    ]
    if len(rows) > 1:
        parts.append(_may_be_first(rows, words))
    if (nation := about["national"]) is not None:
        place, figure = words.place(NATION.name), words.estimate(nation)
        parts.append(words.say("nation_is", nation=place, figure=figure))
    state = answer.parameters.get("state")
    if state is not None:
        parts.append(_own_rank(state, about["one_state"], words))
    known = words.question(text).known
    if known is not None and known.caution:
        parts.append(words.say("debatable", named=words.short_name(text)))
    return joined(*parts, absent(about, words.place, words), words.marked(rows))


def _may_be_first(rows: Sequence[Row], words: Words) -> str:
    # Of a place whose rank nobody knows, it is not known that it is not.
    may = [row["state"] for row in rows if row["may_be_first"] is not False]
    if all(row["rank_low"] is None for row in rows):
        return words.say("unsure")
    if len(may) == 1:
        return words.say("one_may", named=words.place(may[0]))
    return words.say("several_may", count=len(may))


def _own_rank(state: str, own: Row | None, words: Words) -> str:
    place = words.place(state)
    if own is None:
        return words.say("own_rank_missing", place=place)
    rank, low, high = (own[name] for name in ("rank", "rank_low", "rank_high"))
    if low is None or high is None:
        return words.say("own_rank_alone", place=place, rank=rank)
    return words.say("own_rank", place=place, rank=rank, low=low, high=high)


def _lacking(answer: Answer, words: Words) -> str:
    """Return which of the places and strata that a query names have no estimate, and why."""
    strata = absent(answer.about, words.group, words, "strata_without_estimate")
    return joined(absent(answer.about, words.place, words), strata)


def absent(
    about: Row, called: Callable[[str], str], words: Words, those: str = "without_estimate"
) -> str:
    """Return which places or strata, as they are called, have no estimate, and why."""
    return words.without(_absent(about, called, those))


def _absent(
    about: Row, called: Callable[[str], str], those: str = "without_estimate"
) -> list[tuple[str, str]]:
    return [
        (called(name), _STATUSES.get(status, status))
        for status, names in about.get(those, {}).items()
        for name in names
    ]
