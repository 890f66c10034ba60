"""Disparity and inequality between the strata of a category in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.datasets.strata import TOTAL
from app.methods.inequality import DISPARITY, SLOPE
from app.methods.verdicts import NOT_CLEAR, UNKNOWN, verdict
from app.statistics.in_words.answer import Answer
from app.statistics.in_words.levels import absent
from app.statistics.in_words.words import Words, is_imprecise, joined

Row = Mapping[str, Any]

# Of those asked, in percent: from here on it is told how many are in none of the groups.
_SIZEABLE = 5.0
# Of fewer there is no extreme.
_FEWEST = 2


def disparity(answer: Answer, words: Words) -> str:
    """Return the highest and the lowest stratum of one place, the widest gap of several places."""
    told = [row for row in answer.rows if row["value"] is not None]
    missing = [row for row in answer.rows if row["value"] is None]
    if len({row["state"] for row in answer.rows}) > 1:
        widest, lacking = _widest(told, answer, words), words.missing(len(missing))
        text = joined(widest, lacking, words.marked(told))
    else:
        text = _of_one_place(told, missing, answer, words)
    return joined(text, absent(answer.about, words.place, words))


def _of_one_place(told: Sequence[Row], missing: Sequence[Row], answer: Answer, words: Words) -> str:
    precise = [row for row in told if not is_imprecise(row)]
    left_out = [words.group(row["stratum"]) for row in told if is_imprecise(row)]
    if len(precise) < _FEWEST:
        precise, left_out = list(told), []
    low, high = (end(precise, key=lambda row: row["value"]) for end in (min, max))
    about = {
        "when": words.when(answer.about["years"], place=high["state"]),
        "share": words.share(answer.question),
    }
    parts = [_levels(precise, low, high, about, words)]
    has_gaps = {low["value"], high["value"]} != {high["reference_value"]}
    if high["reference_value"] is not None and has_gaps:
        figure = words.amount(high["reference_value"])
        reference = words.group(high["reference"])
        parts.append(words.say("reference", reference=reference, figure=figure))
    named = [(words.group(row["stratum"]), row["status"]) for row in missing]
    imprecise = words.say("imprecise", named=words.listed(left_out)) if left_out else ""
    apart = _not_reported(answer, high["state"], words)
    return joined(*parts, apart, imprecise, words.without(named))


def _levels(
    told: Sequence[Row], low: Row, high: Row, about: Mapping[str, str], words: Words
) -> str:
    """Return the highest and the lowest, or that all are equal."""
    if low["value"] < high["value"]:
        return words.say(
            "strata",
            groups=_chosen_of(told, high, words),
            **_extreme("high", told, high, words),
            **_extreme("low", told, low, words),
            **about,
        )
    named = words.listed([words.group(row["stratum"]) for row in told])
    return words.say("equal_strata", named=named, figure=words.amount(high["value"]), **about)


def _extreme(name: str, told: Sequence[Row], row: Row, words: Words) -> dict[str, str]:
    """Return what is told of the highest or the lowest; of several, no limits and no gap."""
    equal = [one for one in told if one["value"] == row["value"]]
    alone = len(equal) == 1
    return {
        name: words.listed([words.group(one["stratum"]) for one in equal]),
        f"{name}_figure": words.estimate(row) if alone else words.amount(row["value"]),
        f"{name}_gap": _gap(row, words) if alone else "",
    }


def _chosen_of(told: Sequence[Row], row: Row, words: Words) -> str:
    """Return the groups that two are the highest and the lowest of, and how these are tested."""
    category = words.category(row["category"])
    tested = any(one["p_adjusted"] is not None for one in told)
    groups = words.say("groups", category=category)
    if len(told) > _FEWEST:
        groups = words.say("extremes", groups=len(told), category=category)
    return f"{groups}, {words.say('gaps_together')}" if tested else groups


def _share_apart(answer: Answer, place: str) -> float:
    """Return how many of those asked are in none of the strata, in percent."""
    return float(answer.about["not_reported"].get(place, 0.0))


def _not_reported(answer: Answer, place: str, words: Words) -> str:
    share = _share_apart(answer, place)
    if share < _SIZEABLE:
        return ""
    return words.say("not_reported", share=words.number(share, 0), everyone=words.group(TOTAL))


def _gap(row: Row, words: Words) -> str:
    """Return a gap; nothing for the reference's own."""
    if row["gap"] is None or row["stratum"] == row["reference"]:
        return ""
    unclear = row["verdict"] == NOT_CLEAR
    notes = [words.say("not_clear")] if unclear else []
    limits = row["gap_low"], row["gap_high"]
    gap = words.figure(words.points(row["gap"]), *limits, None, *notes)
    return words.say("gap", gap=gap)


def _widest(told: list[dict[str, Any]], answer: Answer, words: Words) -> str:
    gaps = [row for row in told if row["gap"] is not None and row["stratum"] != row["reference"]]
    when, share = words.when(answer.about["years"]), words.share(answer.question)
    if not gaps:
        return words.say("no_gap", when=when, share=share)
    category = words.category(gaps[0]["category"])
    weak = {(row["state"], row["stratum"]) for row in told if is_imprecise(row)}
    precise = [
        row
        for row in gaps
        if weak.isdisjoint((row["state"], row[end]) for end in ("stratum", "reference"))
    ]
    weak_gaps = len(gaps) - len(precise)
    left_out = words.say("imprecise_gaps", gaps=weak_gaps) if weak_gaps else ""
    if not precise:
        return words.say("no_precise_gap", when=when, share=share, category=category)
    row = max(precise, key=lambda one: abs(one["gap"]))
    if not row["gap"]:
        gap = words.points(row["gap"])
        text = words.say("no_gaps", when=when, share=share, category=category, gap=gap)
        return joined(text, left_out)
    text = words.say(
        "widest",
        when=when,
        share=share,
        category=category,
        stratum=words.group(row["stratum"]),
        reference=words.group(row["reference"]),
        place=words.place(row["state"]),
        figure=words.estimate(row),
        reference_figure=words.amount(row["reference_value"]),
        gap=_gap(row, words),
    )
    tied = [
        f"{words.group(one['stratum'])} {words.say('in_place', place=words.place(one['state']))}"
        for one in precise
        if abs(one["gap"]) == abs(row["gap"]) and one is not row
    ]
    as_wide = words.say("as_wide", named=words.listed(tied)) if tied else ""
    chosen = words.say("of_gaps", gaps=len(precise)) if len(precise) >= _FEWEST else ""
    return joined(text, as_wide, chosen, left_out)


def inequality(answer: Answer, words: Words) -> str:
    """Return whether strata clearly differ, and by how much; of several places, in how many."""
    by_place: dict[str, dict[str, Row]] = {}
    for row in answer.rows:
        by_place.setdefault(row["state"], {})[row["measure"]] = row
    if not by_place:
        when, share = words.when(answer.about["years"]), words.share(answer.question)
        text = words.say("nothing_unequal", when=when, share=share)
    elif len(by_place) > 1:
        text = _unequal_places(by_place, answer, words)
    else:
        ((place, measures),) = by_place.items()
        text = _unequal(place, measures, answer, words)
    return joined(text, absent(answer.about, words.place, words), _marked(answer, words))


def _unequal(place: str, measures: Mapping[str, Row], answer: Answer, words: Words) -> str:
    some = next(iter(measures.values()))
    told = verdict(1, some["heterogeneity_p"])
    phrase = {UNKNOWN: "unequal_unknown", NOT_CLEAR: "equal"}.get(told, "unequal")
    text = words.say(
        phrase,
        when=words.when(answer.about["years"], place=place),
        share=words.share(answer.question),
        groups=_groups(some, words),
        measures="".join(_measures(measures, words, _share_apart(answer, place))),
    )
    lacking = _not_reported(answer, place, words)
    if some["without"]:
        named = [words.group(stratum) for stratum in some["without"].split(", ")]
        lacking = joined(lacking, words.say("without", named=words.listed(named)))
    return joined(text, lacking)


def _groups(row: Row, words: Words) -> str:
    """Return the groups that are told apart, and how many there are where some have no estimate."""
    category, some = words.category(row["category"]), row["strata"]
    if not row["without"]:
        return words.say("groups", category=category)
    every = some + len(row["without"].split(", "))
    return words.say("some_groups", category=category, some=some, every=every)


def _marked(answer: Answer, words: Words) -> str:
    """Return how many of the strata's estimates are marked."""
    strata = answer.about["strata"]
    return words.marked([dict(zip(strata["columns"], row, strict=True)) for row in strata["rows"]])


def _measures(measures: Mapping[str, Row], words: Words, apart: float) -> list[str]:
    """Return the measures; not the index where many are `apart`, from whom a part of it is."""
    told = []
    index = measures.get(DISPARITY)
    if index is not None and index["value"] is not None and apart < _SIZEABLE:
        told.append(words.say("disparity", figure=_index(measures[DISPARITY], words)))
    if SLOPE in measures and (slope := measures[SLOPE])["value"] is not None:
        figure = words.figure(words.points(slope["value"]), slope["low"], slope["high"])
        told.append(words.say("slope", figure=figure))
    return told


def _index(row: Row, words: Words, *, with_limits: bool = True) -> str:
    """Return an index of disparity, which is in percent whatever the estimates are in."""
    value = f"{words.number(row['value'], 1)} %"
    return words.figure(value, row["low"], row["high"], decimals=1) if with_limits else value


def _unequal_places(by_place: Mapping[str, Mapping[str, Row]], answer: Answer, words: Words) -> str:
    some = [next(iter(measures.values())) for measures in by_place.values()]
    clear = sum(verdict(1, row["heterogeneity_p"]) not in (NOT_CLEAR, UNKNOWN) for row in some)
    whole = all(row["without"] is None for row in some)
    category = words.category(some[0]["category"])
    apart = any(_share_apart(answer, place) >= _SIZEABLE for place in by_place)
    widest, chosen = ("", "") if apart else _ends(by_place, words)
    text = words.say(
        "unequal_in",
        when=words.when(answer.about["years"]),
        share=words.share(answer.question),
        groups=words.say("groups" if whole else "groups_with", category=category),
        clear=clear,
        places=len(by_place),
        widest=widest,
    )
    return joined(text, chosen)


def _ends(by_place: Mapping[str, Mapping[str, Row]], words: Words) -> tuple[str, str]:
    """Return the widest and the narrowest index of disparity, and that they are chosen of many.

    An index grows with the groups that it is made of, so these are the same in either place.
    """
    indexes = [
        measures[DISPARITY]
        for measures in by_place.values()
        if DISPARITY in measures and measures[DISPARITY]["value"] is not None
    ]
    if len(indexes) < _FEWEST:
        return "", ""
    alike = len({row["without"] for row in indexes}) == 1
    told = [row for row in indexes if alike or row["without"] is None]
    if len(told) < _FEWEST:
        return words.say("no_widest"), ""
    fields: dict[str, str] = {}
    for name, end in (("high", max), ("low", min)):
        value = end(row["value"] for row in told)
        equal = [row for row in told if row["value"] == value]
        fields[name] = words.places([row["state"] for row in equal])
        fields[f"{name}_figure"] = _index(equal[0], words, with_limits=len(equal) == 1)
        if len(equal) == len(told):
            return words.say("equal_indexes", **fields), ""
    chosen = words.say("of_indexes", places=len(told)) if len(told) > _FEWEST else ""
    if alike:
        return words.say("widest_index", **fields), chosen
    return words.say("widest_whole", whole=len(told), **fields), chosen
