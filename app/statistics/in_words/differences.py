"""Comparisons, one against the others, and correlations in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.datasets.places import NATION, named
from app.datasets.questions import shared_people
from app.methods.estimates import kind_of
from app.methods.verdicts import HIGHER, LOWER, NOT_CLEAR, UNKNOWN, verdict
from app.statistics.in_words.answer import Answer
from app.statistics.in_words.levels import absent
from app.statistics.in_words.words import Words, joined

Row = Mapping[str, Any]

# So many questions at most are named.
_FEW = 4
# In the order in which they are told.
_COEFFICIENTS = ("spearman", "pearson")
# Of the variance between places: from here on a sentence says how much sampling error makes.
_MOST = 0.5


def compare(answer: Answer, words: Words) -> str:
    """Return on how many questions, and which, one of the two is clearly better."""
    about, parameters = answer.about, answer.parameters
    first, second = about["first"], about["second"]
    of_strata = parameters.get("strata") is not None
    by = {name: [row for row in answer.rows if row["better"] == name] for name in (first, second)}
    unclear = sum(row["better"] == NOT_CLEAR for row in answer.rows)
    unknown = sum(row["better"] == UNKNOWN for row in answer.rows)
    one, other = (
        words.say("group", group=words.group(name)) if of_strata else words.place(name)
        for name in (first, second)
    )
    years = sorted({row["year"] for row in answer.rows if row["year"] is not None})
    latest = words.say("latest_of_each", years=words.listed(years, "or")) if len(years) > 1 else ""
    when = latest + words.when(
        None if latest else about["years"],
        place=parameters.get("state") if of_strata else None,
        stratum=answer.stratum,
        adjusted=answer.is_adjusted,
    )
    text = words.say(
        "compared",
        when=when,
        first=one,
        second=other,
        questions=len(answer.rows),
        better=len(by[first]),
        better_named=_named(by[first], words),
        worse=len(by[second]),
        worse_named=_named(by[second], words),
        unclear=unclear,
        untold_questions=words.say("untold_questions", unknown=unknown) if unknown else "",
    )
    debatable = [
        words.short_name(row["question"])
        for row in (*by[first], *by[second])
        if (known := words.question(row["question"]).known) is not None and known.caution
    ]
    doubt = words.say("debatable", named="; ".join(debatable)) if debatable else ""
    return joined(text, doubt, words.marked(answer.rows))


def _named(rows: Sequence[Row], words: Words) -> str:
    if not 0 < len(rows) <= _FEW:
        return ""
    return words.say("named", named="; ".join(words.short_name(row["question"]) for row in rows))


def against(answer: Answer, words: Words) -> str:
    """Return the one's estimate beside the nation's, and how many it is clearly above and below."""
    about, text, others = answer.about, answer.question, answer.parameters["others"]
    subject, verdicts, nation = about["subject"], about["verdicts"], about.get("national")
    did, place = words.did(text), subject["state"]
    stratum, years = answer.stratum, about["years"]
    figure = words.estimate(subject)
    if did is None:
        when = words.when(years, place=place, stratum=stratum)
        own = words.say("own_of", share=words.share(text), figure=figure)
    else:
        when = words.when(years, stratum=stratum)
        own = words.say("own", figure=figure, place=words.place(place), did=did)
    beside = ""
    if nation is not None:
        called = words.place(NATION.name)
        beside = words.say(
            f"nation_{nation['verdict']}", nation=called, value=words.amount(nation["value"])
        )
    unknown = verdicts[UNKNOWN]
    of_strata = others == "strata"
    whom = words.say("other_strata") if of_strata else _whom(answer.rows, place, words)
    fields = {
        "when": when,
        "own": own,
        "nation": beside,
        "others": words.say("others", whom=whom, others=sum(verdicts.values())),
    }
    counts = [
        words.say(phrase, count=verdicts[of])
        for phrase, of in (("above", HIGHER), ("below", LOWER), ("unclear", NOT_CLEAR))
        if verdicts[of]
    ]
    if counts:
        fields["verdicts"] = words.listed(counts)
        fields["untold_others"] = words.say("untold_others", unknown=unknown) if unknown else ""
    told = words.say("against" if counts else "against_unknown", **fields)
    missing = absent(about, words.group if of_strata else words.place, words)
    return joined(told, missing, words.marked(answer.rows))


def _whom(rows: Sequence[Row], place: str, words: Words) -> str:
    """Return the kinds of places that one is held against; of its own kind they are the others.

    So are places that are no states, beside states.
    """
    there = {row["kind"]: row["state"] for row in rows}
    others = {kind_of(place), "unknown"} if len(there) > 1 else {kind_of(place)}
    return words.listed(
        [
            words.place(there[kind])  # there is one
            if kind == "district"
            else words.say(f"{'other' if kind in others else 'all'} {kind}")
            for kind in ("state", "district", "territory", "unknown")
            if kind in there
        ]
    )


def correlation(answer: Answer, words: Words) -> str:
    """Return whether two questions go together over the places, by Spearman's coefficient.

    What "tends to be higher" is a matter of order; and it is not of one place that lies apart.
    """
    of = {row["coefficient"]: row for row in answer.rows}
    row = of["spearman"]
    first, second = answer.parameters["questions"]
    told = verdict(row["value"], row["p_value"])
    phrase = {HIGHER: "more_more", LOWER: "more_less", NOT_CLEAR: "neither"}.get(told, "no_r")
    text = words.say(
        phrase,
        when=words.when(answer.about["years"], stratum=answer.stratum),
        places=_places(answer, words),
        x=words.share(first),
        y=words.share(second),
        r="" if row["value"] is None else "; ".join(_r(of[name], words) for name in _COEFFICIENTS),
    )
    one, other = words.question(first), words.question(second)
    same = one.cdc_id == other.cdc_id
    tied = same or shared_people((one.cdc_id, one.text), (other.cdc_id, other.text))
    points = answer.about["points"]
    marks = [
        {"presentation": cell}
        for row in points["rows"]
        for name, cell in zip(points["columns"], row, strict=True)
        if name.endswith("_presentation")
    ]
    made_by = answer.about.get("without_one")
    alone = ""
    if made_by is not None:
        without = words.number(made_by["pearson"], 2)
        alone = words.say("made_by_one", place=words.place(made_by["state"]), value=without)
    noise = answer.about.get("sampling_error", {}).values()
    return joined(
        text,
        alone,
        words.say("noise") if any(share > _MOST for share in noise) else "",
        words.say("tied") if tied else "",
        words.marked(marks, "estimates_marked"),
    )


def _places(answer: Answer, words: Words) -> str:
    """Return how many places there are, and which of them are territories."""
    names = [row[0] for row in answer.about["points"]["rows"]]
    territories = [name for name in names if (one := named(name)) and one.kind == "territory"]
    if not territories:
        return words.say("some_places", places=len(names))
    return words.say("with_territories", places=len(names), names=words.places(territories))


def _r(row: Row, words: Words) -> str:
    value = words.number(row["value"], 2)
    if row["low"] is not None and row["high"] is not None:
        limits = words.range(row["low"], row["high"], 2)
        value = words.say("with_limits", value=value, limits=limits)
    return words.say(row["coefficient"], value=value)
