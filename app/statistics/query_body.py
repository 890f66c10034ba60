"""What a query may say, and what it means: full names, every default written out, one order."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets.strata import TOTAL
from app.datasets.survey_rows import FIRST_YEAR, LAST_YEAR
from app.errors import BadRequest
from app.methods.pooling import METHODS
from app.methods.selection import is_nation, is_total, of_years
from app.statistics.fields import RELEASE, only

GROUPS = ("question", "topic", "state", "year", "category", "stratum")
FILTERS = ("topic", "state", "year", "category", "stratum")
SORTABLE = ("value", "low", "high", "standard_error", "rows_used", "sample_size")
FIELDS = ("question", "group_by", "where", "method", "sort", "limit")

_MOST_NAMES = 1000


def parse(body: Mapping[str, Any], dataset: DataIngestor) -> dict[str, Any]:
    """Return what a body asks, as JSON values; of its own output, the same.

    Raises UnknownName or BadRequest for what cannot be asked of the dataset.
    """
    only(body, *FIELDS)
    body = _given(body)
    method = body.get("method", "overall")
    if not isinstance(method, str) or method not in METHODS:
        raise BadRequest(f'"method" must be one of {", ".join(METHODS)}')
    groups = body.get("group_by", [])
    if not isinstance(groups, list) or not all(isinstance(name, str) for name in groups):
        raise BadRequest('"group_by" must be an array of texts')
    for name in groups:
        if name not in GROUPS:
            raise BadRequest(f'"group_by": unknown "{name[:100]}"; known: {", ".join(GROUPS)}')
    asked = {
        "question": _questions(body.get("question"), dataset),
        "group_by": [name for name in GROUPS if name in groups],
        "where": _where(body.get("where", {}), method, dataset),
        "method": method,
        "sort": _sort(body.get("sort")),
        "limit": _limit(body.get("limit")),
    }
    _check_answerable(asked, dataset)
    return asked


def without_limits(dataset: DataIngestor) -> str | None:
    """Return what a dataset without confidence limits cannot tell, and what to do; or None."""
    if dataset.estimates["low"].is_not_null().any():
        return None
    return f"This dataset has no confidence limits, so there are no intervals: {RELEASE}."


def _given(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body says: a key whose value is null is as good as missing."""
    return {key: value for key, value in body.items() if value is not None}


def _names(field: str, given: Any, find: Callable[[str], str]) -> list[str]:
    """Return the full names of one name or an array of names, each once, in ascending order."""
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise BadRequest(f'"{field}" must be a name, or an array of one or more names')
    if len(names) > _MOST_NAMES:
        raise BadRequest(f'"{field}" has more than {_MOST_NAMES} names')
    return sorted({find(name) for name in names})


def _questions(given: Any, dataset: DataIngestor) -> str | list[str] | None:
    if given is None:
        return None
    texts = _names("question", given, lambda name: dataset.question(name).question.text)
    return texts[0] if len(texts) == 1 else texts


def _where(given: Any, method: str, dataset: DataIngestor) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadRequest('"where" must be an object, such as {"state": "Ohio"}')
    only(given, *FILTERS)
    given = _given(given)
    finders: dict[str, Callable[[str], str]] = {
        "topic": dataset.topic,
        "state": dataset.state,
        "category": dataset.category,
        "stratum": lambda name: dataset.stratum(name)[1],
    }
    where: dict[str, Any] = {}
    for name in FILTERS:
        if name == "year" and "year" in given:
            where[name] = _years(given[name])
        elif name == "year" and method == "mean":
            where[name] = {"from": FIRST_YEAR, "to": LAST_YEAR}  # as the nine statistics do
        elif name in given:
            where[name] = _names(f"where.{name}", given[name], finders[name])
    return where


def _year(given: Any) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 1900 <= given <= 2100:
        raise BadRequest(
            '"where.year" must be a year from 1900 to 2100, an array of years, or'
            ' {"from": 2015, "to": 2019}'
        )
    return given


def _years(given: Any) -> dict[str, int | None] | list[int]:
    if isinstance(given, dict):
        only(given, "from", "to")
        ends = {end: given.get(end) for end in ("from", "to")}
        told = [_year(year) for year in ends.values() if year is not None]
        if not told:
            raise BadRequest('"where.year" must have "from", "to" or both')
        if told != sorted(told):
            raise BadRequest('"where.year": "from" is after "to"')
        return ends
    years = sorted({_year(year) for year in (given if isinstance(given, list) else [given])})
    if not 0 < len(years) <= _MOST_NAMES:
        raise BadRequest('"where.year" must have at least one year')
    return years


def _sort(given: Any) -> str | None:
    if given is None:
        return None
    known = (*GROUPS, *SORTABLE)
    if not isinstance(given, str) or given.removeprefix("-") not in known:
        raise BadRequest(
            f'"sort" must be a column, with "-" before it for falling order: {", ".join(known)}'
        )
    return given


def _limit(given: Any) -> int | None:
    if given is None:
        return None
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= 20_000:
        raise BadRequest('"limit" must be a whole number from 1 to 20000')
    return given


def _check_answerable(asked: Mapping[str, Any], dataset: DataIngestor) -> None:
    """Raise BadRequest for what makes no sense, or what this dataset has nothing to answer with."""
    method, groups, where, rows = (
        asked["method"],
        asked["group_by"],
        asked["where"],
        dataset.estimates,
    )
    parts = {"category", "stratum"} & {*where, *groups}
    if asked["sort"] and (name := asked["sort"].removeprefix("-")) in GROUPS and name not in groups:
        raise BadRequest(f'"sort": {name} is no column of the answer; add it to "group_by"')
    if method == "overall" and (
        parts & {*groups} or any(names != [TOTAL] for names in map(where.get, parts))
    ):
        raise BadRequest(
            'method "overall" uses the rows of Total alone, which have no strata; to compare strata'
            ' use "sample_weighted" or "inverse_variance"'
        )
    if method == "overall" and not rows.select(is_total().any()).item():
        raise BadRequest(
            'this dataset has no rows of Total, which method "overall" needs: ask'
            f' "sample_weighted" within one category, or get them: {RELEASE}'
        )
    if method == "national" and "state" in {*groups, *where}:
        raise BadRequest('method "national" is about the United States: leave "state" out')
    if method == "national" and not rows.select(is_nation().any()).item():
        raise BadRequest(f"this dataset has no rows of the United States: {RELEASE}")
    if method == "sample_weighted" and not rows["sample_size"].is_not_null().any():
        raise BadRequest(f"this dataset has no sample sizes: {RELEASE}")
    if method == "inverse_variance" and not rows["low"].is_not_null().any():
        raise BadRequest(f"this dataset has no confidence limits: {RELEASE}")
    if "year" in {*groups, *where} and not _tells_years(rows, where.get("year")):
        first, last = rows.select(pl.col("year_start").min(), pl.col("year_end").max()).row(0)
        raise BadRequest(
            f"the rows of this dataset cover several years together ({first}-{last}), and single"
            f" years cannot be told apart: {RELEASE}"
        )


def _tells_years(rows: pl.DataFrame, years: Any) -> bool:
    """Tell whether some rows are of single years, or all years that they cover are asked for."""
    single = bool((rows["year_start"] == rows["year_end"]).any())
    if single or not isinstance(years, dict):
        return single
    return bool(rows.select(of_years(years)[1].any()).item())
