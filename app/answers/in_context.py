"""A table that stands by itself: each row says which question, place, years and people it is of."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.statistics.table import Column, Table

_QUESTION = Column("question", "text", "the question's full text")
_STATE = Column("state", "text", "the location's name")
_YEARS = Column("years", "text", "the years that it is of")
_STRATUM = Column("stratum", "text", "the stratum of people")


def in_context(table: Table, parameters: Mapping[str, Any], years: str) -> Table:
    """Return a table with a column in front for each of these that it has none of.

    `parameters` are what was asked, as JSON values; `years` those of an answer that does not tell.
    """
    told = list(_told(table, parameters, years))
    columns = tuple(column for column, _ in told)
    cells = [text for _, text in told]
    return Table((*columns, *table.columns), [[*cells, *row] for row in table.rows], table.about)


def _told(table: Table, parameters: Mapping[str, Any], years: str) -> Iterator[tuple[Column, str]]:
    there = {column.name for column in table.columns}
    where = parameters.get("where") or {}
    question, state = (_only(values) for values in (parameters.get("question"), where.get("state")))
    if question is not None and "question" not in there:
        yield _QUESTION, question
    state = state or _only(parameters.get("state"))
    if state is not None and "state" not in there:
        yield _STATE, state
    told = table.about.get("years") or years
    if told and not there & {"year", "years"}:
        yield _YEARS, told
    stratum = table.about.get("stratum")
    if stratum is not None and not there & {"stratum", "strata"}:
        yield _STRATUM, stratum


def _only(value: Any) -> str | None:
    """Return the one name that is meant, None where there are several or none."""
    if isinstance(value, list):
        return str(value[0]) if len(value) == 1 else None
    return None if value is None else str(value)
