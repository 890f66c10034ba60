"""The general question: estimates of one or more questions, filtered, grouped, and pooled."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from msgspec import Meta

from app.datasets.layouts import Layout
from app.datasets.strata import TOTAL
from app.errors import BadRequest
from app.methods.rounding import rounded
from app.methods.years import span, spans
from app.statistics import adjusting
from app.statistics import columns as common
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
from app.statistics.statistic import Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import listed, quantity, quoted

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.datasets.units import Measure
    from app.methods.selection import Years
    from app.statistics.in_words.answer import Answer
    from app.statistics.in_words.words import Words

Group = Literal["question", "topic", "state", "year", "category", "stratum"]
Method = Literal[
    "overall", "mean", "sample_weighted", "inverse_variance", "median", "national"
]  # the keys of `pooling.METHODS`

GROUPS: tuple[Group, ...] = get_args(Group)
SORTABLE = (*GROUPS, "value", "low", "high", "standard_error", "rows_used", "sample_size")
# Of a longer answer, the first rows: as many as a page or a sheet can still show.
MOST_ROWS = 20_000

_NAMES_SHOWN = 6

_FIGURES = (
    Column("value", "number", "the answer, {value}"),
    Column("low", "number", "lower 95 % confidence limit, {value}"),
    Column("high", "number", "upper 95 % confidence limit, {value}"),
    Column("standard_error", "number", "standard error of the value, in {points}"),
    Column("interval", "text", "published by CDC, computed here, or why there is none"),
    Column("rows_used", "integer", "rows of the dataset that went into the value"),
    Column("rows_suppressed", "integer", "rows left out because CDC withholds the estimate"),
    Column(
        "rows_filled",
        "integer",
        "rows with a constant where CDC withholds the estimate: used by mean, else left out",
    ),
    Column("rows_excluded", "integer", "rows left out for another reason; about.excluded has it"),
    Column("sample_size", "integer", "people asked, in all rows used; null where not known"),
    Column("years", "text", "years of the rows used"),
    Column("strata", "text", "strata of the rows used"),
    common.PRESENTATION,
)
_HETEROGENEITY = Column(
    "i_squared",
    "number",
    "share of the differences between the rows that chance does not explain, in %; it grows with"
    " their precision",
)
_GROUP_COLUMNS = {
    "question": Column("question", "text", "the question's full text"),
    "topic": Column("topic", "text", "the question's topic"),
    "state": Column("state", "text", "the location"),
    "year": Column("year", "text", "the year, or the years that rows cover together"),
    "category": Column("category", "text", "the stratification category"),
    "stratum": Column("stratum", "text", "the stratum"),
}

_SORT = 'a column, with "-" before it for falling order'
_SORTS = f"{_SORT}: {', '.join(SORTABLE)}"

Sort = Annotated[str, Meta(description=_SORT, extra={"expected": _SORTS})]
Limit = Annotated[
    int,
    Meta(
        ge=1,
        le=MOST_ROWS,
        description="so many rows at most",
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


class Query(Statistic[QueryParameters]):
    """A row for each group of the rows that are asked for, with what went into it."""

    name = "query"
    title = "Estimates"
    summary = (
        "Estimates, filtered, grouped and pooled, each with its interval and what went into it"
    )
    parameters = QueryParameters
    example = {"question": "Q036", "group_by": ["state"], "sort": "-value", "limit": 5}
    chart = Chart(kind="")

    def resolve(self, parameters: QueryParameters, dataset: "DataIngestor") -> QueryParameters:
        """Return parameters by full names; raise BadRequest for what has no answer."""
        texts = several(
            self.questions(parameters), lambda name: dataset.question(name).question.text
        )
        resolved = QueryParameters(
            question=texts[0] if len(texts) == 1 else texts or None,
            group_by=[name for name in GROUPS if name in parameters.group_by],
            where=_resolved_where(parameters, dataset),
            method=parameters.method,
            sort=parameters.sort,
            limit=parameters.limit,
            adjust=parameters.adjust,
        )
        _check_sort(resolved)
        _check_answerable(resolved, dataset)
        return resolved

    def compute(self, dataset: "DataIngestor", parameters: QueryParameters) -> Table:
        """Return a row for each group, with what went into it."""
        from app.methods import standardised
        from app.methods.pooling import pool

        rows = self._selected(dataset, parameters)
        groups = _keys(parameters.group_by)
        pooled = standardised.pooled if parameters.adjust else pool
        table = _sorted(pooled(rows, parameters.method, groups), parameters.sort, groups)
        found = table.height
        table = _presented(table.head(parameters.limit or MOST_ROWS))
        warnings = list(_warnings(dataset, parameters, rows, table))
        if found > table.height:
            warnings.append(f"Only the first {table.height} of {found} rows are here.")
        columns = [_GROUP_COLUMNS[name] for name in parameters.group_by] + [*_FIGURES]
        if dataset.has_gaps:
            columns += [common.ROWS_NOT_RELEASED, common.STATUS]
        if parameters.method == "inverse_variance":
            columns.append(_HETEROGENEITY)
        if parameters.adjust:
            columns.append(adjusting.CRUDE)
        cells = list(_cells(table, columns))
        unit = dataset.unit(self.questions(parameters))
        return Table(
            in_unit(columns, unit), cells, self._about(dataset, parameters, rows, warnings)
        )

    def used(self, dataset: "DataIngestor", parameters: QueryParameters) -> "pl.DataFrame":
        """Return the rows that go into the answer."""
        from app.methods.selection import used

        return used(dataset, self._selected(dataset, parameters))

    def sentence(self, parameters: QueryParameters, _layout: Layout) -> str:
        """Return what is asked."""
        texts = self.questions(parameters)
        what = listed([quantity(text) for text in texts]) or "the answer to every question"
        parts = [f"What is {what}"]
        if parameters.group_by:
            parts.append(f"by {listed(parameters.group_by)}")
        parts += [
            f"for {_years_text(value) if name == 'year' else f'{name} {listed(value)}'}"
            for name, value in parameters.where.given().items()
        ]
        if parameters.where.year is None and "year" not in parameters.group_by:
            parts.append("in the latest year")
        how = ", standardised by age" if parameters.adjust else ""
        return f"{' '.join(parts)} (method: {parameters.method}{how})?"

    def method(self, parameters: QueryParameters, layout: Layout) -> str:
        """Return how the answer is computed."""
        from app.methods.pooling import METHODS

        everyone = layout.everyone or "everyone"
        if parameters.adjust:
            return f"{adjusting.METHOD} Of several, the plain mean."
        return METHODS[parameters.method].meaning.format(everyone=everyone)

    def in_words(self, answer: "Answer", words: "Words") -> str:
        """Return the answer in words."""
        from app.statistics.in_words.levels import query

        return query(answer, words)

    def questions(self, parameters: QueryParameters) -> Sequence[str]:
        """Return the texts of the questions that are asked for; none where it is about all."""
        texts = [] if parameters.question is None else parameters.question
        return [texts] if isinstance(texts, str) else texts

    def _selected(self, dataset: "DataIngestor", parameters: QueryParameters) -> "pl.DataFrame":
        """Return the rows that are asked for, each with why it does not go into the answer."""
        from app.methods import standardised
        from app.methods.selection import select

        names = parameters.where.given()
        years = _years(names.pop("year", None))
        if parameters.question is not None:
            names["question"] = self.questions(parameters)
        asked = (dataset, names, years, parameters.group_by, parameters.method)
        if parameters.adjust:
            return standardised.leaving_out(select(*asked, whom=standardised.of_ages()))
        return select(*asked)

    def _about(
        self,
        dataset: "DataIngestor",
        parameters: QueryParameters,
        rows: "pl.DataFrame",
        warnings: Sequence[str],
    ) -> dict[str, Any]:
        import polars as pl

        from app.methods.selection import LACKING
        from app.statistics.about import about, question_fields

        # A row of Total may stand for several categories.
        rows = rows.unique("record", keep="first", maintain_order=True)
        used = rows.filter(pl.col("left_out").is_null())
        lacking = rows.filter(pl.col("left_out").is_in(LACKING))
        left_out = rows["left_out"].drop_nulls().value_counts().sort("left_out")
        periods = used.select(pl.struct("year_start", "year_end").unique().sort()).to_series()
        questions = [dataset.question(text).question for text in self.questions(parameters)]
        return {
            **about(
                dataset,
                self.name,
                self.method(parameters, dataset.layout),
                {"question": [question_fields(question) for question in questions]},
                years=_periods_text(periods.to_list()) or "",
                stratum=None,
                used=used,
                matched=pl.concat([used, lacking]).drop("status"),
                warnings=warnings,
                tells_nation=_tells_nation(parameters),
            ),
            "rows_matched": rows.height,
            "excluded": dict(left_out.rows()),
        }


def _resolved_where(parameters: QueryParameters, dataset: "DataIngestor") -> Where:
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
            raise BadRequest('"where.year" must have "from", "to" or both')
        year.check("where.year")
    elif year is not None:
        year = sorted(set(year)) if isinstance(year, list) else [year]
    elif parameters.method == "mean":  # as the nine statistics do
        year = YearRange(first=survey_rows.FIRST_YEAR, last=survey_rows.LAST_YEAR)
    return Where(
        year=year, **{name: several(names, finders[name]) for name, names in given.items()}
    )


def _tells_nation(parameters: QueryParameters) -> bool:
    """Tell whether the United States have a value of their own, where their rows are used."""
    by_state = "state" in parameters.group_by or parameters.where.state is not None
    return by_state or parameters.method == "national"


def _check_sort(parameters: QueryParameters) -> None:
    """Raise BadRequest for an order by what is no column."""
    if parameters.sort is None:
        return
    name = parameters.sort.removeprefix("-")
    if name not in SORTABLE:
        raise BadRequest(f'"sort" must be {_SORTS}')
    if name in GROUPS and name not in parameters.group_by:
        raise BadRequest(f'"sort": {name} is no column of the answer; add it to "group_by"')


def _check_answerable(parameters: QueryParameters, dataset: "DataIngestor") -> None:
    """Raise BadRequest for what makes no sense, or what this dataset has nothing to answer with."""
    import polars as pl

    from app.methods.everyone import is_total, pooled
    from app.methods.selection import is_nation

    method, groups, rows = parameters.method, parameters.group_by, dataset.estimates
    where = parameters.where.given()
    if parameters.adjust:
        _check_adjustable(parameters, dataset)
    columns = {*where, *groups}
    measures = set() if "question" in groups else _measures(parameters, dataset)
    if len(measures) > 1:
        kinds = sorted({one.value_type or one.unit or "another" for one in measures})
        raise BadRequest(
            f"values of several types ({', '.join(kinds)}) are never put together: name one "
            'question, or have "question" in "group_by"'
        )
    if method == "overall" and any(
        part in groups or where.get(part, [TOTAL]) != [TOTAL] for part in ("category", "stratum")
    ):
        raise BadRequest(
            'method "overall" uses the rows of Total alone, which have no strata; to compare strata'
            ' use "sample_weighted", with "stratum" in "group_by"'
        )
    if method == "overall" and not rows.select(is_total().any()).item():
        raise BadRequest(
            'this dataset has no rows of Total, which method "overall" needs: ask'
            f' "sample_weighted" for a stratum, or get them: {RELEASE}'
        )
    if method == "national" and "state" in columns:
        raise BadRequest('method "national" is about the United States: leave "state" out')
    if method == "national" and not rows.select(is_nation().any()).item():
        raise BadRequest(f"this dataset has no rows of the United States: {RELEASE}")
    if method == "sample_weighted" and not rows["sample_size"].is_not_null().any():
        raise BadRequest(f"this dataset has no sample sizes: {RELEASE}")
    if method == "inverse_variance" and not rows["low"].is_not_null().any():
        raise BadRequest(f"this dataset has no confidence limits: {RELEASE}")
    strata = pooled(dataset, where, groups, method)
    if strata.parts:
        raise BadRequest(
            f"{listed(strata.parts)} would be put together, and how large a share of the"
            ' population each of them is cannot be told: add "stratum" to "group_by", or name one'
        )
    if strata.everyone and not _has_total(parameters, dataset):
        raise BadRequest(
            "strata would be put together, and how large a share of the population each of them is"
            " cannot be told; the row of Total would be the answer, but this dataset has none:"
            f' add "stratum" to "group_by", name one as "where.stratum", or get them: {RELEASE}'
        )
    if "year" in columns and not _covers_years(rows, parameters.where.year):
        first, last = rows.select(pl.col("year_start").min(), pl.col("year_end").max()).row(0)
        raise BadRequest(
            f"the rows of this dataset cover several years together ({first}-{last}), and single"
            f" years cannot be told apart: {RELEASE}"
        )


def _check_adjustable(parameters: QueryParameters, dataset: "DataIngestor") -> None:
    """Raise BadRequest for what cannot be standardised by age."""
    if parameters.method not in ("overall", "national"):
        raise BadRequest('"adjust" goes with the methods "overall" and "national" alone')
    where = parameters.where.given()
    parts = [
        part for part in ("category", "stratum") if part in where or part in parameters.group_by
    ]
    if parts:
        raise BadRequest(f'"adjust" is for everyone in a place: leave out {quoted(sorted(parts))}')
    adjusting.check(dataset, None)


def _has_total(parameters: QueryParameters, dataset: "DataIngestor") -> bool:
    """Tell whether a question and a state that are asked for have a row of Total."""
    import polars as pl

    from app.methods.everyone import is_total

    where = parameters.where.given()
    names = {name: some for name, some in where.items() if name in ("topic", "state")}
    if parameters.question is not None:
        texts = parameters.question
        names["question"] = [texts] if isinstance(texts, str) else texts
    asked = [pl.col(column).is_in(list(some)) for column, some in names.items()]
    return bool(dataset.estimates.filter(is_total(), *asked).height)


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


def _years(year: _Years) -> "Years | None":
    """Return years as `selection` takes them."""
    if isinstance(year, YearRange):
        return _range(year)
    return [year] if isinstance(year, int) else year


def _range(years: YearRange) -> range:
    """Return all years of a range, an open end of which is before or after all others."""
    return range(years.first or 0, (years.last or 9999) + 1)


def _years_text(year: list[int] | YearRange) -> str:
    if not isinstance(year, YearRange):
        return spans(year)
    first, last = year.first, year.last
    if first is None or last is None:
        return f"{first} and later" if last is None else f"the years up to {last}"
    return span(first, last)


def _keys(groups: Sequence[str]) -> list[str]:
    """Return the columns of the dataset that rows are grouped by."""
    return [
        column
        for name in groups
        for column in (("year_start", "year_end") if name == "year" else (name,))
    ]


def _sorted(table: "pl.DataFrame", sort: str | None, groups: Sequence[str]) -> "pl.DataFrame":
    """Return the rows in the order asked for; where that leaves it open, in that of the groups."""
    first = _keys([sort.removeprefix("-")]) if sort else []
    order = [*first, *groups]
    if not order:
        return table
    falling = [bool(sort and sort.startswith("-"))] * len(first) + [False] * len(groups)
    return table.sort(order, descending=falling, nulls_last=True, maintain_order=True)


def _cells(table: "pl.DataFrame", columns: Sequence[Column]) -> Iterator[list[Any]]:
    for row in table.iter_rows(named=True):
        row["year"] = span(row["year_start"], row["year_end"]) if "year_start" in row else None
        row["years"] = _periods_text(row["spans"])
        row["strata"] = _strata_text(row["strata"])
        yield [
            rounded(row[column.name]) if column.kind == "number" else row[column.name]
            for column in columns
        ]


def _periods_text(periods: Sequence[Mapping[str, int]] | None) -> str | None:
    """Return ascending periods as text; single years that follow one another as one."""
    single = [one["year_start"] for one in periods or () if one["year_start"] == one["year_end"]]
    longer = [
        span(one["year_start"], one["year_end"])
        for one in periods or ()
        if one["year_start"] != one["year_end"]
    ]
    return ", ".join([*([spans(single)] if single else []), *longer]) or None


def _strata_text(names: Sequence[str] | None) -> str | None:
    if not names:
        return None
    return ", ".join(names) if len(names) <= _NAMES_SHOWN else f"{len(names)} strata"


def _latest(dataset: "DataIngestor", rows: "pl.DataFrame") -> str:
    """Return the warning that the latest year was taken, of each question, for none was asked."""
    ids: dict[tuple[int, int], list[str]] = {}
    keys = ["question", "year_start", "year_end"]
    for text, *years in rows.select(keys).unique().sort(keys).iter_rows():
        first, last = years
        ids.setdefault((first, last), []).append(dataset.question(text).question.id)
    found = sorted(ids)
    if all(first != last for first, last in found):
        return "What was asked has no single years: an estimate covers the whole period."
    if len(found) == 1:
        named = span(*found[0])
    else:
        named = listed([f"{span(*one)} ({', '.join(sorted(ids[one]))})" for one in found])
    return (
        f'No year was asked for, so values are of the latest: {named}. "where.year" asks for others'
        ' and "group_by": ["year"] for all.'
    )


def _unreleased(rows: "pl.DataFrame") -> Iterator[str]:
    """Yield the warning that rows are left out because CDC released nothing there."""
    import polars as pl

    from app.methods.selection import UNRELEASED

    left_out = rows.filter(pl.col("left_out") == UNRELEASED)
    pairs = left_out.select(pl.col("state").cast(pl.String), "year_start", "year_end").unique()
    years: dict[str, list[dict[str, int]]] = {}
    for row in pairs.sort("state", "year_start", "year_end").iter_rows(named=True):
        years.setdefault(row["state"], []).append(row)
    if years:
        named = [f"{state} ({_periods_text(periods)})" for state, periods in years.items()]
        yield f"CDC released nothing, in no stratum, for: {listed(named)}."


def _presented(table: "pl.DataFrame") -> "pl.DataFrame":
    """Return a table of `pool` with `presentation`; what is pooled is never `show`."""
    import polars as pl

    from app.methods.presentation import with_presentation

    pooled = pl.when(pl.col("rows_used") > 1).then(pl.format("pooled from {} rows", "rows_used"))
    return with_presentation(table, "standard_error", pooled)


def _warnings(
    dataset: "DataIngestor",
    parameters: QueryParameters,
    rows: "pl.DataFrame",
    table: "pl.DataFrame",
) -> Iterator[str]:
    import polars as pl

    from app.datasets.units import PERCENT
    from app.methods import breaks, standardised
    from app.methods.everyone import pooled
    from app.methods.pooling import COMPUTED, OVERLAP

    method, groups = parameters.method, parameters.group_by
    going_in = rows.filter(pl.col("left_out").is_null())
    if not going_in.height:
        yield "No row of this dataset that fits the question can be used."
    yield from _unreleased(rows)
    if parameters.adjust:
        partly = rows.filter(pl.col("left_out") == standardised.INCOMPLETE)
        yield from adjusting.incomplete(standardised.lacking(partly), with_years=True)
    if not dataset.estimates["low"].is_not_null().any():
        yield f"This dataset has no confidence limits, so there are no intervals: {RELEASE}."
    overlapping = table.filter(pl.col("interval") == OVERLAP).height
    if overlapping:
        yield (
            f"{overlapping} of {table.height} values are made of rows that count the same people"
            " more than once: no interval can be given."
        )
    if table["questions_mixed"].fill_null(value=False).any():
        yield "Values of different questions are averaged: such a number means little."
    names = {name: some for name, some in parameters.where.given().items() if name != "year"}
    if pooled(dataset, names, groups, method).everyone:
        yield (
            "Strata are not put together, for samples are no shares of the population: values are"
            " of CDC's own rows of Total, which are of everyone."
        )
    filled = int(going_in["filled"].sum())
    if filled:
        yield f"{filled} of the rows used hold a constant where CDC withholds the estimate."
    several = going_in["state"].n_unique() > 1 and "state" not in groups
    if several and method in ("overall", "mean"):
        yield (
            "Each state counts the same, however many people live there: this is no prevalence of"
            ' the United States; method "national" has that.'
        )
    if several and method in ("sample_weighted", "inverse_variance"):
        yield (
            "States are weighted by how many people were asked there, or by how exactly, not by how"
            " many live there: this is no prevalence of the United States, and no interval for it;"
            ' method "national" has that.'
        )
    if parameters.where.year is None and "year" not in groups and going_in.height:
        yield _latest(dataset, going_in)
    elif "year" not in groups and (table["spans"].list.len() > 1).any():
        yield "Values are averages over several years (column years), and of none of them."
    if "year" not in groups and table["spans"].drop_nulls().unique().len() > 1:
        yield "The groups cover different years (column years): compare them with care."
    single = going_in.filter(pl.col("year_start") == pl.col("year_end"))["year_start"].unique()
    years = single.sort().to_list()
    texts = going_in["question"].unique().cast(pl.String)
    asked = sorted((dataset.question(text).question for text in texts), key=attrgetter("id"))
    for cdc_id in dict.fromkeys(question.cdc_id for question in asked):
        yield from breaks.warnings(dataset.layout, cdc_id, years)
    yield from breaks.unknown(dataset.layout, asked, years)
    share = (table["unit"].drop_nulls() == PERCENT).all()
    if method == "inverse_variance" and (table["interval"] == COMPUTED).any():
        measured = "percentage" if share else "number"
        yield (
            f"Pooling takes it that all rows measure the same {measured};"
            " where i_squared is high they do not, and the interval is too narrow."
        )
