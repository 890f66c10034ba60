"""What a query may be asked, by which names, and what has no answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from msgspec import Meta

from app.datasets.places import NATION
from app.datasets.strata import TOTAL
from app.errors import BadRequest
from app.messages import reasons
from app.statistics import adjusting
from app.statistics.adjusting import Adjust
from app.statistics.names import RELEASE, several
from app.statistics.parameters import (
    FIRST_YEAR,
    LAST_YEAR,
    MOST_NAMES,
    AnyYear,
    Categories,
    Parameters,
    Questions,
    States,
    Strata,
    Topics,
    YearRange,
)
from app.statistics.wording import listed, quoted

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.datasets.units import Measure
    from app.methods.selection import Years

Group = Literal["question", "topic", "state", "year", "category", "stratum"]
Method = Literal[
    "overall", "mean", "sample_weighted", "inverse_variance", "median", "national"
]  # the keys of `pooling.METHODS`

GROUPS: tuple[Group, ...] = get_args(Group)
SORTABLE = (*GROUPS, "value", "low", "high", "standard_error", "rows_used", "sample_size")
# Of a longer answer, the first rows: as many as a page or a sheet can still show.
MOST_ROWS = 20_000

_SORT = 'a column, with "-" before it for falling order'
_SORTS = f"{_SORT}: {', '.join(SORTABLE)}"

Sort = Annotated[str, Meta(description=_SORT, extra={"expected": _SORTS})]
Limit = Annotated[
    int,
    Meta(
        ge=1,
        le=MOST_ROWS,
        description="so many rows at most; without it, 20,000",
        extra={"expected": f"a whole number from 1 to {MOST_ROWS}"},
    ),
]
SomeYears = Annotated[
    AnyYear | Annotated[list[AnyYear], Meta(min_length=1, max_length=MOST_NAMES)] | YearRange,
    Meta(
        description='a year, an array of years, or {"from", "to"}',
        extra={
            "expected": f"a year from {FIRST_YEAR} to {LAST_YEAR}, an array of years, or"
            ' {"from": 2015, "to": 2019}'
        },
    ),
]


_Years = int | list[int] | YearRange | None  # SomeYears, without what is said of it


class Where(Parameters, frozen=True, omit_defaults=True):
    """Which rows to keep: those with one of the names, or years, in each column that is given."""

    topic: Topics | None = None
    state: States | None = None
    year: SomeYears | None = None
    category: Categories | None = None
    stratum: Strata | None = None

    def given(self) -> dict[str, Any]:
        """Return what is given, by the names of the columns."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in values.items() if value is not None}


class QueryParameters(Parameters, frozen=True):
    """Of which rows to show estimates, how to group them, and how to pool each group."""

    question: Questions | None = None
    group_by: Annotated[list[Group], Meta(description="what to tell apart")] = []
    where: Annotated[
        Where,
        Meta(
            description="what to keep of topic, state, year, category and stratum: a name or an"
            ' array of names; a year, an array of years, or {"from", "to"}',
            extra={"expected": 'an object, such as {"state": "Ohio"}'},
        ),
    ] = Where()
    method: Annotated[
        Method, Meta(description="how several rows become one number; overall by default")
    ] = "overall"
    sort: Sort | None = None
    limit: Limit | None = None
    adjust: Adjust | None = None


def resolved_where(parameters: QueryParameters, dataset: "DataIngestor") -> Where:
    """Return what to keep by full names, each once and ascending."""
    from app.datasets import survey_rows

    finders: dict[str, Callable[[str], str]] = {
        "topic": dataset.topic,
        "state": dataset.state,
        "category": dataset.category,
        "stratum": lambda name: dataset.stratum(name)[1],
    }
    given = parameters.where.given()
    year = given.pop("year", None)
    if isinstance(year, YearRange):
        if year == YearRange():
            raise BadRequest(reasons.OPEN_YEARS())
        year.check("where.year")
    elif year is not None:
        year = sorted(set(year)) if isinstance(year, list) else [year]
    elif parameters.method == "mean":  # as the nine statistics do
        year = YearRange(first=survey_rows.FIRST_YEAR, last=survey_rows.LAST_YEAR)
    return Where(
        year=year, **{name: several(names, finders[name]) for name, names in given.items()}
    )


def check_sort(parameters: QueryParameters) -> None:
    """Raise BadRequest for an order by what is no column."""
    if parameters.sort is None:
        return
    name = parameters.sort.removeprefix("-")
    if name not in SORTABLE:
        raise BadRequest(reasons.MUST_BE(name="sort", what=_SORTS))
    if name in GROUPS and name not in parameters.group_by:
        raise BadRequest(reasons.NO_COLUMN(name=name))


def check_answerable(parameters: QueryParameters, dataset: "DataIngestor") -> None:
    """Raise BadRequest for what makes no sense, or what this dataset has nothing to answer with."""
    import polars as pl

    from app.methods.everyone import pooled

    method, groups, rows = parameters.method, parameters.group_by, dataset.estimates
    where = parameters.where.given()
    if parameters.adjust:
        _check_adjustable(parameters, dataset)
    _check_strata(parameters.where, dataset)
    columns = {*where, *groups}
    measures = set() if "question" in groups else _measures(parameters, dataset)
    if len(measures) > 1:
        kinds = sorted({one.value_type or one.unit or "another" for one in measures})
        raise BadRequest(reasons.MIXED_TYPES(types=", ".join(kinds)))
    of_everyone = method == "overall" and not columns & {"category", "stratum"}
    if of_everyone and (TOTAL, TOTAL) not in dataset.names("category", "stratum"):
        raise BadRequest(reasons.OVERALL_NEEDS_TOTAL(release=RELEASE))
    if method == "national" and "state" in columns:
        raise BadRequest(reasons.NATIONAL_HAS_NO_STATE())
    if method == "national" and NATION.name not in dataset.states:
        raise BadRequest(reasons.NO_NATION(release=RELEASE))
    if method == "sample_weighted" and not rows["sample_size"].is_not_null().any():
        raise BadRequest(reasons.NO_SAMPLE_SIZES(release=RELEASE))
    if method == "inverse_variance" and not rows["low"].is_not_null().any():
        raise BadRequest(reasons.NO_CONFIDENCE_LIMITS(release=RELEASE))
    strata = pooled(dataset, where, groups, method)
    if strata.parts:
        raise BadRequest(reasons.PARTS_TOGETHER(parts=listed(strata.parts)))
    if strata.everyone and not _has_total(parameters, dataset):
        raise BadRequest(reasons.STRATA_TOGETHER(release=RELEASE))
    if "year" in columns and not _covers_years(rows, parameters.where.year):
        first, last = rows.select(pl.col("year_start").min(), pl.col("year_end").max()).row(0)
        raise BadRequest(reasons.YEARS_TOGETHER(first=first, last=last, release=RELEASE))


def _check_strata(where: Where, dataset: "DataIngestor") -> None:
    """Raise BadRequest for strata of none of the categories that are named with them."""
    if not where.category or not where.stratum:
        return
    categories = set(where.category)
    within = {name for of, name in dataset.names("category", "stratum") if of in categories}
    others = [
        f"{name} ({dataset.stratum(name)[0]})" for name in where.stratum if name not in within
    ]
    if others:
        raise BadRequest(reasons.OTHER_CATEGORIES(strata=listed(others)))


def _check_adjustable(parameters: QueryParameters, dataset: "DataIngestor") -> None:
    """Raise BadRequest for what cannot be standardised by age."""
    if parameters.method not in ("overall", "national"):
        raise BadRequest(reasons.ADJUST_METHODS())
    where = parameters.where.given()
    parts = [
        part for part in ("category", "stratum") if part in where or part in parameters.group_by
    ]
    if parts:
        raise BadRequest(reasons.ADJUST_FOR_EVERYONE(parts=quoted(sorted(parts))))
    adjusting.check(dataset, None)


def _has_total(parameters: QueryParameters, dataset: "DataIngestor") -> bool:
    """Tell whether a question and a state that are asked for have a row of Total, or no row."""
    import polars as pl

    from app.methods.everyone import is_total

    where = parameters.where.given()
    names = {name: some for name, some in where.items() if name in ("topic", "state")}
    if parameters.question is not None:
        texts = parameters.question
        names["question"] = [texts] if isinstance(texts, str) else texts
    asked = [pl.col(column).is_in(list(some)) for column, some in names.items()]
    rows = dataset.estimates.filter(pl.lit(value=True), *asked)
    return rows.is_empty() or bool(rows.select(is_total().any()).item())


def _measures(parameters: QueryParameters, dataset: "DataIngestor") -> "set[Measure]":
    """Return what the questions that are asked for measure."""
    asked, topics = parameters.question, parameters.where.topic
    named = [asked] if isinstance(asked, str) else asked
    return {
        dataset.question(text).question.measure
        for text, topic in dataset.names("question", "topic")
        if (named is None or text in named) and (topics is None or topic in topics)
    }


def _covers_years(rows: "pl.DataFrame", year: _Years) -> bool:
    """Tell whether some rows are of single years, or cover none but the years of a range."""
    from app.methods.selection import of_years

    single = bool((rows["year_start"] == rows["year_end"]).any())
    if single or not isinstance(year, YearRange):
        return single
    return bool(rows.select(of_years(_range(year))[1].any()).item())


def selected_years(year: _Years) -> "Years | None":
    """Return years as `selection` takes them."""
    if isinstance(year, YearRange):
        return _range(year)
    return [year] if isinstance(year, int) else year


def _range(years: YearRange) -> range:
    """Return all years of a range, an open end of which is before or after all others."""
    return range(years.first or 0, (years.last or 9999) + 1)
