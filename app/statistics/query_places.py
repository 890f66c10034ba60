"""Which places and strata the values of a query are of, where these do not have a row each."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.datasets.strata import TOTAL
from app.messages import caveats
from app.messages.message import Sentence
from app.statistics.query_parameters import QueryParameters
from app.statistics.wording import listed

if TYPE_CHECKING:
    import polars as pl

# What stands for a place without all ages, and for one whose estimates the method does not use.
AGES, UNUSED = "ages without an estimate", "not used"


def places_of(
    parameters: QueryParameters,
    rows: "pl.DataFrame",
    shown: "pl.DataFrame",
    table: "pl.DataFrame",
) -> dict[str, Any]:
    """Return which places values are made of, and which of those asked for by name have none.

    `rows` are all that were asked for, `shown` those that are behind `table`, which may have the
    first groups alone. `places` are those that a value is made of; `not_in_each`, where there are
    some, are those of them that not all values have. By what stands in the place of an estimate,
    `without_estimate` are places that have none, and `strata_without_estimate` strata.
    """
    import polars as pl

    from app.methods.selection import LACKING

    told: dict[str, Any] = {}
    wanted = parameters.where.stratum
    if wanted and "stratum" not in parameters.group_by:
        strata = set[str]().union(*table["strata"].drop_nulls().unique().to_list())
        lacking = set(wanted) - strata
        if TOTAL in strata:  # it may stand for strata that have an estimate each
            lacking &= set(shown["stratum"].cast(pl.String))
        if lacking and strata - {TOTAL}:
            told["strata_without_estimate"] = _without(shown, "stratum", lacking)
    named = set(parameters.where.state or ())
    if "state" in parameters.group_by:
        # A place without a row of its own in the whole table; others tell why they have no value.
        told_of = rows.filter(pl.col("left_out").is_null() | pl.col("left_out").is_in(LACKING))
        lacking = named - set(told_of["state"].unique())
        if lacking:
            told["without_estimate"] = _without(rows, "state", lacking)
        return told
    each = [set(names) for names in table["states"].drop_nulls().unique().to_list()]
    used = set[str]().union(*each)
    told["places"] = sorted(used)
    uneven = used - set.intersection(*each) if each else set()
    if uneven:
        told["not_in_each"] = sorted(uneven)
    lacking = named - used
    if lacking and (used or len(named) > 1):
        told["without_estimate"] = _without(shown, "state", lacking)
    return told


def warnings_of_places(told: Mapping[str, Any]) -> list[Sentence]:
    """Return the warning that the values of a query are of different places."""
    if "not_in_each" not in told:
        return []
    return [caveats.DIFFERENT_PLACES(places=listed(told["not_in_each"]))]


def _without(rows: "pl.DataFrame", column: str, names: set[str]) -> dict[str, list[str]]:
    """Return places, or strata, of which no row is used, by what stands in the place of one."""
    import polars as pl

    from app.datasets.absence import NO_ESTIMATE, NOT_RELEASED, WITHHELD
    from app.methods.selection import LACKING
    from app.methods.standardised import INCOMPLETE

    own = pl.col(column).cast(pl.String)
    found = rows.filter(own.is_in(names)).select(own, "left_out", "status").unique()
    why: dict[str, set[str]] = {name: set() for name in names}
    for name, reason, status in found.iter_rows():
        told = status if reason in LACKING else AGES if reason == INCOMPLETE else UNUSED
        why[name].add(told)
    named: dict[str, list[str]] = {}
    for name in sorted(names):
        # Of several reasons, the one that says most.
        order = (AGES, WITHHELD, NOT_RELEASED, NO_ESTIMATE, UNUSED)
        told = next((one for one in order if one in why[name]), "no row")
        named.setdefault("suppressed" if told == WITHHELD else told, []).append(name)
    return named
