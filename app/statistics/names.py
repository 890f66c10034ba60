"""The full names of what bodies name, where a statistic needs more than to look one up."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.datasets.places import NATION
from app.datasets.strata import TOTAL
from app.errors import BadRequest, UnknownName
from app.installation import command
from app.messages import caveats, reasons
from app.statistics.wording import quoted

if TYPE_CHECKING:
    from app.data_ingestor import DataIngestor

# What to do about figures that a dataset lacks.
RELEASE = caveats.RELEASE(command=command("data"))

Find = Callable[[str], str]


def several(names: str | Sequence[str], find: Find) -> list[str]:
    """Return the full names of one name or several, each once, ascending."""
    return sorted({find(name) for name in ([names] if isinstance(names, str) else names)})


def states_of(state: str | list[str] | None) -> list[str]:
    """Return the states that are asked for; none where all are."""
    return [state] if isinstance(state, str) else state or []


def pair(key: str, names: Sequence[str], find: Find) -> list[str]:
    """Return the full names of two different things, in their order."""
    first, second = map(find, names)
    if first == second:
        raise BadRequest(reasons.TWO_DIFFERENT(key=key, name=first))
    return [first, second]


def nation(dataset: "DataIngestor") -> str:
    """Return the name of the whole country, which is taken where no state is named."""
    if NATION.name not in dataset.states:
        raise BadRequest(reasons.STATE_MISSING(nation=NATION.name))
    return NATION.name


def two_strata(names: list[str], dataset: "DataIngestor") -> list[str]:
    """Return the full names of two strata that do not overlap; raise BadRequest for others."""
    from app.methods.estimates import NOT_REPORTED

    strata = pair("strata", names, lambda name: dataset.stratum(name)[1])
    if NOT_REPORTED in strata:
        raise BadRequest(reasons.NOT_REPORTED_ALONE(stratum=NOT_REPORTED))
    categories = [dataset.stratum(name)[0] for name in strata]
    if categories[0] != categories[1]:
        raise BadRequest(reasons.SEVERAL_CATEGORIES(categories=quoted(categories)))
    return strata


def stratum_or_default(name: str | None, dataset: "DataIngestor") -> str:
    """Return the full name of a stratum, which is `Total` where it is left out."""
    wanted = TOTAL if name is None else name
    try:
        return dataset.stratum(wanted)[1]
    except UnknownName:
        if wanted.strip().casefold() != TOTAL.casefold():
            raise
    known = sorted({stratum for _, stratum in dataset.names("category", "stratum") if stratum})
    raise BadRequest(
        reasons.NO_EVERYONE(
            everyone=dataset.layout.everyone or "everyone",
            total=TOTAL,
            known=quoted(known),
            release=RELEASE,
        )
    )


def category_of(stratum: str | None, dataset: "DataIngestor") -> str:
    """Return the category of a stratum that `stratum` has returned."""
    return dataset.stratum(stratum or TOTAL)[0]


def category_of_strata(name: str, dataset: "DataIngestor") -> str:
    """Return the full name of a category that has strata to tell apart: any but `Total`."""
    category = dataset.category(name)
    if category == TOTAL:
        whom = dataset.layout.everyone or "everyone"
        raise BadRequest(reasons.NO_STRATA_OF(category=category, whom=whom))
    return category


def strata_of(category: str, dataset: "DataIngestor") -> list[str]:
    """Return the strata of a category that are groups of people, ascending by name."""
    from app.methods.estimates import NOT_REPORTED

    pairs = dataset.names("category", "stratum")
    return [name for of, name in pairs if of == category and name != NOT_REPORTED]


def reference_stratum(key: str, name: str, dataset: "DataIngestor", category: str) -> str:
    """Return the full name of `Total` or a stratum of a category; raise BadRequest for another's.

    `key` is that of the body.
    """
    if name.strip().casefold() == TOTAL.casefold():
        return TOTAL
    found = dataset.stratum(name)[1]
    known = strata_of(category, dataset)
    if found not in known:
        raise BadRequest(
            reasons.STRATUM_OF(key=key, total=TOTAL, category=category, known=quoted(known))
        )
    return found
