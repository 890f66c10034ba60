"""The general question: estimates of one or more questions, filtered, grouped, and pooled."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from app.datasets.layouts import Layout
from app.datasets.years import periods_text, span
from app.messages import caveats
from app.messages.message import Sentence
from app.methods.rounding import rounded
from app.statistics import adjusting
from app.statistics import columns as common
from app.statistics.names import several
from app.statistics.query_parameters import (
    GROUPS,
    MOST_ROWS,
    QueryParameters,
    check_answerable,
    check_sort,
    resolved_where,
    selected_years,
)
from app.statistics.query_places import places_of, warnings_of_places
from app.statistics.query_warnings import warnings_of
from app.statistics.statistic import Asked, Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import (
    beside_the_nation,
    in_years,
    listed,
    nature_of,
    places,
    quantity,
    quoted,
    with_nature,
)

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.statistics.in_words.answer import Answer
    from app.statistics.in_words.words import Words

_NAMES_SHOWN = 6
# What a sentence says of a method; of the first, which is taken by default, nothing.
_HOW = {
    "overall": "",
    "national": ", for the United States as a whole",
    "mean": ", as a plain mean",
    "median": ", as a median",
    "sample_weighted": ", weighted by how many were asked",
    "inverse_variance": ", weighted by how exactly",
}

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


class _Pooled(NamedTuple):
    """A row for each group, and the rows of the dataset behind them."""

    rows: "pl.DataFrame"  # all that were asked for
    shown: "pl.DataFrame"  # those of groups that are in the table
    table: "pl.DataFrame"
    found: int  # how many groups there are, of which the table has the first


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
            where=resolved_where(parameters, dataset),
            method=parameters.method,
            sort=parameters.sort,
            limit=parameters.limit,
            adjust=parameters.adjust,
        )
        check_sort(resolved)
        return resolved

    def find(self, dataset: "DataIngestor", parameters: QueryParameters) -> None:
        """Raise BadRequest for what has no answer; rows, which may be many, are not selected."""
        check_answerable(parameters, dataset)

    def compute(self, asked: Asked[QueryParameters, None]) -> Table:
        """Return a row for each group, with what went into it."""
        import polars as pl

        dataset, parameters, _ = asked
        rows, shown, table, found = self._pooled(dataset, parameters)
        going_in = shown.filter(pl.col("left_out").is_null())
        beyond = found - table.height
        warnings = [] if beyond or going_in.height else [caveats.NO_ROW()]
        warnings += warnings_of(dataset, parameters, shown, going_in, table)
        places = places_of(parameters, rows, shown, table)
        warnings += warnings_of_places(places)
        if beyond:
            warnings.append(caveats.FIRST_ROWS(shown=table.height, found=found))
        if beyond and parameters.limit is None:
            places["rows_left_out"] = beyond
        columns = [_GROUP_COLUMNS[name] for name in parameters.group_by] + [*_FIGURES]
        if dataset.has_gaps:
            columns += [common.ROWS_NOT_RELEASED, common.STATUS]
        if parameters.method == "inverse_variance":
            columns.append(_HETEROGENEITY)
        if parameters.adjust:
            columns.append(adjusting.CRUDE)
        cells = _cells(table, columns)
        unit = dataset.unit(self.questions(parameters))
        return Table(
            in_unit(columns, unit),
            cells,
            self._about(dataset, parameters, shown, warnings) | places,
        )

    def used(self, asked: Asked[QueryParameters, None]) -> "pl.DataFrame":
        """Return the rows that go into the answer."""
        from app.methods.selection import used

        return used(asked.dataset, self._pooled(asked.dataset, asked.parameters).shown)

    def sentence(self, parameters: QueryParameters, _layout: Layout) -> str:
        """Return what is asked."""
        texts = self.questions(parameters)
        what = listed([quantity(text) for text in texts]) or "the answer to every question"
        parts = [f"What {'are' if len(texts) > 1 else 'is'} {what}"]
        if parameters.group_by:
            parts.append(f"by {listed(parameters.group_by)}")
        where = parameters.where
        if where.topic:
            parts.append(f"on {listed(where.topic)}")
        if where.state:
            parts.append(f"in {places(where.state)}")
        if where.year is not None:
            parts.append(in_years(where.year))
        elif "year" not in parameters.group_by:
            parts.append("in the latest year")
        if where.category:
            parts.append(f"for the strata of {listed(where.category)}")
        if where.stratum:
            strata = "strata" if len(where.stratum) > 1 else "stratum"
            parts.append(f"in the {strata} {listed([quoted([name]) for name in where.stratum])}")
        how = ", standardised by age" if parameters.adjust else ""
        return f"{' '.join(parts)}{_HOW[parameters.method]}{how}?"

    def method(self, parameters: QueryParameters, layout: Layout) -> str:
        """Return how the answer is computed."""
        from app.methods.pooling import METHODS

        everyone = layout.everyone or "everyone"
        if parameters.adjust:
            how = f"{adjusting.METHOD} Of several, the plain mean."
            return with_nature(layout, how, adjusted=True)
        meaning = METHODS[parameters.method].meaning.format(everyone=everyone)
        return ". ".join(filter(None, (meaning, nature_of(layout))))

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
        years = selected_years(names.pop("year", None))
        if parameters.question is not None:
            names["question"] = self.questions(parameters)
        asked = (dataset, names, years, parameters.group_by, parameters.method)
        if parameters.adjust:
            return standardised.leaving_out(select(*asked, whom=standardised.of_ages()))
        return select(*asked)

    def _pooled(self, dataset: "DataIngestor", parameters: QueryParameters) -> _Pooled:
        """Return what the answer is made of."""
        from app.methods import standardised
        from app.methods.pooling import pool

        rows, groups = self._selected(dataset, parameters), _keys(parameters.group_by)
        pooled = standardised.pooled if parameters.adjust else pool
        table = _sorted(pooled(rows, parameters.method, groups), parameters.sort, groups)
        found, most = table.height, parameters.limit or MOST_ROWS
        shown = rows
        if found > most:
            table = table.head(most)
            shown = rows.join(table, on=groups, how="semi", nulls_equal=True, maintain_order="left")
        each = len(standardised.WEIGHTS) if parameters.adjust else 1
        return _Pooled(rows, shown, _presented(table, each), found)

    def _about(
        self,
        dataset: "DataIngestor",
        parameters: QueryParameters,
        rows: "pl.DataFrame",
        warnings: Sequence[Sentence],
    ) -> dict[str, Any]:
        import polars as pl

        from app.methods import breaks
        from app.methods.estimates import single_year
        from app.methods.everyone import category_of_people
        from app.methods.selection import LACKING
        from app.statistics.about import about, question_fields
        from app.statistics.beside import beside

        # A row of Total may stand for several categories.
        if rows["record"].n_unique() < rows.height:
            rows = rows.unique("record", keep="first", maintain_order=True)
        reason = pl.col("left_out")
        used = rows.filter(reason.is_null())
        matched = rows.filter(reason.is_null() | reason.is_in(LACKING))
        left_out = rows["left_out"].drop_nulls().value_counts()
        periods = used.select(pl.struct("year_start", "year_end").unique().sort()).to_series()
        questions = [dataset.question(text).question for text in self.questions(parameters)]
        more: dict[str, Any] = {}
        by_year = "year" in parameters.group_by
        if by_year or len(periods) > 1:
            told = used.filter(single_year())
            ids = {dataset.question(text).question.cdc_id for text in told["question"].unique()}
            categories = set(told.select(category_of_people()).to_series())
            groups = breaks.segments(dataset.layout, ids, told["year_start"], categories)
            if by_year:
                more["comparable"] = groups
            elif len(groups) > 1 and len(questions) == 1:
                more["across_breaks"] = groups
        one, nation = _the_one(parameters, used), None
        if one is not None:
            more["beside"], nation = beside(dataset, *one)
            if more["beside"]["nation"] is not None:
                alone = beside_the_nation([one[1]], dataset.layout, with_limits=False)
                warnings = [*warnings, *alone]
        return {
            **about(
                dataset,
                self.method(parameters, dataset.layout),
                {"question": [question_fields(question) for question in questions]},
                years=periods_text(periods.to_list()) or "",
                stratum=None,
                used=used,
                matched=matched,
                warnings=warnings,
                tells_nation=_tells_nation(parameters),
                beside=nation,
            ),
            "rows_matched": rows.height,
            "excluded": dict(sorted(left_out.rows())),
            **more,
        }


def _the_one(parameters: QueryParameters, used: "pl.DataFrame") -> tuple[str, str, str, int] | None:
    """Return question, place, stratum and year of the one published estimate that an answer is."""
    if used.height != 1 or parameters.adjust or parameters.method == "mean":
        return None
    row = used.row(0, named=True)
    if row["year_start"] != row["year_end"]:
        return None
    return row["question"], row["state"], row["stratum"], row["year_start"]


def _tells_nation(parameters: QueryParameters) -> bool:
    """Tell whether the United States have a value of their own, where their rows are used."""
    by_state = "state" in parameters.group_by or parameters.where.state is not None
    return by_state or parameters.method == "national"


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


def _cells(table: "pl.DataFrame", columns: Sequence[Column]) -> list[list[Any]]:
    """Return the cells of a table of `pool`, column by column: a row at a time takes far longer."""
    texts: dict[str, Iterable[str | None]] = {
        "years": _each_once(table["spans"].to_list(), periods_text),
        "strata": map(_strata_text, table["strata"].to_list()),
    }
    if "year_start" in table.columns:
        texts["year"] = map(span, table["year_start"].to_list(), table["year_end"].to_list())
    cells: list[Iterable[Any]] = []
    for column in columns:
        told: Iterable[Any] = texts.get(column.name) or table[column.name].to_list()
        cells.append(map(rounded, told) if column.kind == "number" else told)
    return [list(row) for row in zip(*cells, strict=True)]


def _each_once(values: Iterable[Any], text: Callable[[Any], str | None]) -> Iterator[str | None]:
    """Yield the text of each value; equal ones, of which there are many, are written once."""
    known: dict[str, str | None] = {}
    for value in values:
        key = str(value)
        if key not in known:
            known[key] = text(value)
        yield known[key]


def _strata_text(names: Sequence[str] | None) -> str | None:
    if not names:
        return None
    return ", ".join(names) if len(names) <= _NAMES_SHOWN else f"{len(names)} strata"


def _presented(table: "pl.DataFrame", each: int) -> "pl.DataFrame":
    """Return a table of `pool` with `presentation`; what is pooled is never `show`.

    `each` is how many rows one estimate is made of.
    """
    from app.methods.presentation import with_presentation

    doubts = [f"pooled from {n} rows" if n > each else None for n in table["rows_used"].to_list()]
    return with_presentation(table, "standard_error", doubts)
