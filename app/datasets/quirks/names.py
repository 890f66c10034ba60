"""Quirks of the names: ambiguous ones, and those that this program does not know."""

import polars as pl

from app.datasets.places import PLACES
from app.datasets.quirks.parts import Found, Known, count, some
from app.messages.message import counted


def texts_of_an_id(estimates: pl.DataFrame) -> Found | None:
    """Tell of question ids that stand for several texts."""
    rows, names = _ambiguous(estimates, "question_id", "question")
    if not names:
        return None
    return Found(
        rows,
        f"{counted(len(names), 'question id')} with several texts ({some(names)}): the id finds "
        "only the first of them in ascending order, so an answer may be of a part of the rows. "
        "Ask by the text, and compare the texts before putting them together.",
    )


def ids_of_a_text(estimates: pl.DataFrame) -> Found | None:
    """Tell of question texts that have several ids."""
    rows, names = _ambiguous(estimates, "question", "question_id")
    if not names:
        return None
    shown = some((f'"{name}"' for name in names), 2)
    return Found(
        rows,
        f"{counted(len(names), 'question text')} with several ids ({shown}): their rows are "
        "counted together, as of one question, and only the first id in ascending order finds "
        "it. See whether they are one question, and give it one id.",
    )


def names_of_a_place(estimates: pl.DataFrame) -> Found | None:
    """Tell of abbreviations of several places, and of places with several abbreviations."""
    _, abbreviations = _ambiguous(estimates, "abbreviation", "state")
    _, states = _ambiguous(estimates, "state", "abbreviation")
    if not abbreviations and not states:
        return None
    return Found(
        count(estimates, _among("abbreviation", abbreviations) | _among("state", states)),
        "Names and abbreviations of places do not go together one to one "
        f"({some([*abbreviations, *states])}): an abbreviation finds only one of its "
        "places, so an answer may be of a part of the rows. Ask by the full name, and mend the "
        "file.",
    )


def _ambiguous(estimates: pl.DataFrame, name: str, other: str) -> tuple[int, list[str]]:
    """Return the names that have several of the other, ascending, and how many rows they have."""
    several = (
        estimates.group_by(name)
        .agg(pl.len(), pl.col(other).n_unique().alias("others"))
        .filter(pl.col("others") > 1)
        .sort(name)
    )
    return int(several["len"].sum()), several[name].cast(pl.String).to_list()


def unknown_places(estimates: pl.DataFrame) -> Found | None:
    """Tell of places that are none of the United States."""
    names = estimates["abbreviation"].unique().cast(pl.String).sort()
    unknown = [name for name in names if name not in PLACES]
    if not unknown:
        return None
    return Found(
        count(estimates, _among("abbreviation", unknown)),
        f"{counted(len(unknown), 'place')} by abbreviations that are not known ({some(unknown)}): "
        "such a place has no FIPS code here, and may be a group of states that counts their "
        "people again. Leave it out of means and rankings until that is known.",
    )


def unknown_directions(estimates: pl.DataFrame, known: Known) -> Found | None:
    """Tell of questions of which it is not known whether low or high is better."""
    unknown = sorted(known.undirected)
    if not unknown:
        return None
    return Found(
        count(estimates, _among("question_id", unknown)),
        f"{counted(len(unknown), 'question')} of which it is not known whether low or high is "
        f"better ({some(unknown)}): which states are best cannot be told, and asking for them is "
        "refused. Ask for the means of the states, and judge for yourself.",
    )


def _among(column: str, names: list[str]) -> pl.Expr:
    return pl.col(column).cast(pl.String).is_in(names)
