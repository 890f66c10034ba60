"""Checks the JSON bodies of the honest statistics, key by key, against the dataset.

Everything here raises BadRequest, with a sentence for people, for what cannot be asked. A key whose
value is null is as good as missing, so that what was checked once can be checked again.
"""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from app.data_ingestor import DataIngestor, Question
from app.datasets.strata import TOTAL
from app.errors import BadRequest, UnknownName
from app.methods.estimates import NATION, Period, latest, usable
from app.methods.years import spans
from app.statistics.wording import quoted

Body = Mapping[str, Any]

RELEASE = "`make data` downloads CDC's release, which has them"

_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def only(body: Body, *known: str) -> None:
    """Check that a body is an object of no other keys than these."""
    if not isinstance(body, Mapping):
        raise BadRequest("expected a JSON object")
    for key in body:
        if key not in known:
            raise BadRequest(f'unknown key "{_short(key)}"; known are {quoted(known)}')


def text(body: Body, key: str) -> str:
    """Return a text that must be there."""
    value = body.get(key)
    if value is None:
        raise BadRequest(f'"{key}" is missing')
    if not isinstance(value, str):
        raise BadRequest(f'"{key}" must be text')
    return value


def pair(body: Body, key: str, find: Callable[[str], str]) -> list[str]:
    """Return the full names of two different things, in their order."""
    value = body.get(key)
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_text, value)):
        raise BadRequest(f'"{key}" must be a list of two names')
    names = [find(name) for name in value]
    if names[0] == names[1]:
        raise BadRequest(f'"{key}" must be two different ones; both are "{names[0]}"')
    return names


def question(body: Body, dataset: DataIngestor) -> Question:
    """Return the question of `question`."""
    return dataset.question(text(body, "question")).question


def states(body: Body, dataset: DataIngestor) -> list[str] | None:
    """Return the full names of `state`, ascending, each once; None where it is left out."""
    value = body.get("state")
    if value is None:
        return None
    names = [value] if _is_text(value) else value
    if not isinstance(names, list) or not names or not all(map(_is_text, names)):
        raise BadRequest('"state" must be a name, or a list of names')
    return sorted({dataset.state(name) for name in names})


def nation(dataset: DataIngestor) -> str:
    """Return the name of the whole country, which is taken where no state is named."""
    if NATION not in dataset.states:
        raise BadRequest(f'"state" is missing, and this dataset has no rows of "{NATION}"')
    return NATION


def stratum(body: Body, dataset: DataIngestor) -> str:
    """Return the full name of `stratum`, which is `Total` where it is left out."""
    name = TOTAL if body.get("stratum") is None else text(body, "stratum")
    try:
        return dataset.stratum(name)[1]
    except UnknownName:
        if name.strip().casefold() != TOTAL.casefold():
            raise
    known = sorted({stratum for _, stratum in dataset.names("category", "stratum") if stratum})
    raise BadRequest(
        f'this dataset has no estimates for all adults (stratum "{TOTAL}"); name one of '
        f'{quoted(known)} as "stratum"; {RELEASE}'
    )


def year(body: Body, key: str = "year") -> int | None:
    """Return a year; None where it is left out."""
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequest(f'"{key}" must be a year, such as 2019')
    if not _FIRST_YEAR <= value <= _LAST_YEAR:
        raise BadRequest(f'"{key}" must be a year from {_FIRST_YEAR} to {_LAST_YEAR}')
    return value


def period(found: pl.DataFrame, wanted: int | None, what: str) -> Period:
    """Return the period to answer for, out of `cells.periods`: the year wanted, or the latest.

    `what` says what there is an estimate of, or is not, in the words of an error.
    """
    if not found.height:
        raise BadRequest(f"this dataset has no estimates of {what}")
    if wanted is None:
        return latest(found)
    single = found.filter(pl.col("year_start") == pl.col("year_end"))
    if not single.height:
        raise BadRequest(
            f"this dataset has no single years of {what}, only {latest(found).text} as a whole: "
            f'leave "year" out; {RELEASE}'
        )
    years = single["year_start"].unique().to_list()
    if wanted not in years:
        raise BadRequest(
            f"this dataset has no estimates of {what} in {wanted}; there are some in {spans(years)}"
        )
    return Period(wanted, wanted)


def check_usable(rows: pl.DataFrame, what: str) -> None:
    """Check that at least one row can be used."""
    if not rows.select(usable().any()).item():
        raise BadRequest(f"this dataset has no estimates of {what}")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _short(key: str) -> str:
    return key if len(key) <= 100 else key[:100] + "..."
