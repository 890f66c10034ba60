"""How much states changed between two comparable years, and how sure that is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

from msgspec import Meta

from app.datasets.layouts import Layout
from app.datasets.strata import AGE
from app.datasets.years import spans
from app.errors import BadRequest
from app.messages import caveats, reasons
from app.messages.message import Sentence
from app.statistics import adjusting, columns
from app.statistics.adjusting import Adjust
from app.statistics.names import category_of, several, states_of, stratum_or_default
from app.statistics.parameters import (
    AcrossBreaks,
    Parameters,
    Question,
    States,
    Stratum,
    YearRange,
)
from app.statistics.statistic import Asked, Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import among, places, quantity, with_nature

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.methods.standardised import Ages
    from app.statistics.in_words.answer import Answer
    from app.statistics.in_words.words import Words

COLUMNS = (
    columns.STATE,
    Column("kind", "text", '"state", "district", "territory" or "nation"'),
    Column("first", "number", "the estimate of the first year, {value}"),
    Column("first_low", "number", "its lower 95 % confidence limit, as CDC has it"),
    Column("first_high", "number", "its upper 95 % confidence limit, as CDC has it"),
    Column("last", "number", "the estimate of the last year, {value}"),
    Column("last_low", "number", "its lower 95 % confidence limit, as CDC has it"),
    Column("last_high", "number", "its upper 95 % confidence limit, as CDC has it"),
    Column("change", "number", "last minus first, in {points}"),
    Column("standard_error", "number", "standard error of change, in {points}"),
    Column("low", "number", "lower 95 % confidence limit of change, in {points}"),
    Column("high", "number", "upper 95 % confidence limit of change, in {points}"),
    Column("z", "number", "change over its standard error"),
    Column("p_value", "number", f"two-sided, of no change; {columns.SMALL_P}"),
    Column(
        "p_adjusted",
        "number",
        f"p_value, adjusted for the number of rows (Holm); {columns.SMALL_P}",
    ),
    Column(
        "direction",
        "text",
        '"rising" or "falling" where p_adjusted is below 0.05, "no clear change" or "unknown"',
    ),
    columns.ROWS_USED,
    columns.PRESENTATION,
)
# Only where the dataset has rows without an estimate.
MISSING = Column(
    "missing",
    "text",
    'which year has no estimate, and why: "withheld", "not released" (CDC released nothing for the '
    'place and year) or "no estimate" (why is not known); null where both have one',
)

_CRUDE = (
    Column("first_crude", "number", "first without standardisation, {value}"),
    Column("last_crude", "number", "last without standardisation, {value}"),
    Column("crude_change", "number", "last_crude minus first_crude, in {points}"),
)

METHOD = (
    "The later estimate minus the earlier one: two independent samples, variances added, normal "
    "95 % limits. P-values are adjusted after Holm (1979) for the number of rows that have one, "
    "and directions are told by these; the limits of a single change are not adjusted."
)


class ChangeParameters(Parameters, frozen=True):
    """Of which question to show the change, in which states, among whom, and between which years.

    A year that is left out is the first or the last one comparable with the other.
    """

    question: Question
    state: Annotated[States, Meta(description="a state or several; all by default")] | None = None
    stratum: Stratum | None = None
    years: Annotated[
        YearRange,
        Meta(
            description="the two years; by default the first and the last of the latest that are "
            "comparable",
            extra={"expected": 'like {"from": 2011, "to": 2019}'},
        ),
    ] = YearRange()
    across_breaks: AcrossBreaks = False
    adjust: Adjust | None = None


class _Found(NamedTuple):
    first: int
    last: int
    apart: list[int]  # years with an estimate that are not comparable with these
    places: list[str]
    crude: "pl.DataFrame"  # rows of the two years and the stratum, used or not
    matched: "pl.DataFrame"  # the same, or where it is adjusted, those of the strata of age
    used: "pl.DataFrame"
    comparable: bool


class Change(Statistic[ChangeParameters]):
    """The change of each state between two years, ascending by name, the nation last."""

    name = "change"
    title = "Change between two years"
    summary = "Change between two comparable years, with its interval and a test for each state"
    parameters = ChangeParameters
    example = {"question": "Q043", "state": ["Kentucky", "National"]}
    chart = Chart("", "change", "{difference}", diverging=True, limits="difference")

    def resolve(self, parameters: ChangeParameters, dataset: "DataIngestor") -> ChangeParameters:
        """Return parameters by full names; raise BadRequest for what has no answer."""
        parameters.years.check("years")
        states = parameters.state
        resolved = ChangeParameters(
            question=dataset.question(parameters.question).question.text,
            state=None if states is None else several(states, dataset.state),
            stratum=stratum_or_default(parameters.stratum, dataset),
            years=parameters.years,
            across_breaks=parameters.across_breaks,
            adjust=parameters.adjust,
        )
        if resolved.adjust:
            adjusting.check(dataset, resolved.stratum)
        return resolved

    def find(self, dataset: "DataIngestor", parameters: ChangeParameters) -> _Found:
        """Return the rows of the two years; raise BadRequest where they have no answer."""
        import polars as pl

        from app.methods import breaks
        from app.methods.estimates import matching, single_year
        from app.methods.standardised import complete
        from app.statistics.about import only_used
        from app.statistics.yearly import in_other_years, of_single_years, states_shown

        states = states_of(parameters.state)
        rows, used = of_single_years(dataset, parameters.question, parameters.stratum, states)
        there = sorted(used["year_start"].unique())
        asked = [year for year in (parameters.years.first, parameters.years.last) if year]
        for year in asked:
            if year not in there:
                raise in_other_years(dataset, rows, states, year, year)
        question = dataset.question(parameters.question).question
        categories = [category_of(parameters.stratum, dataset)]
        groups = breaks.segments(dataset.layout, [question.cdc_id], there, categories)
        around = [group for group in groups if asked and asked[0] in group]
        chosen = around or [breaks.latest(groups, there)]
        years = there if parameters.across_breaks else chosen[0]
        first = parameters.years.first or years[0]
        last = parameters.years.last or years[-1]
        if first >= last:
            raise BadRequest(
                reasons.NO_OTHER_YEAR(question=question.id, year=last, groups=_in_groups(groups))
            )
        comparable = any({first, last} <= set(group) for group in groups)
        if not comparable and not parameters.across_breaks:
            raise BadRequest(
                reasons.NOT_COMPARABLE(
                    question=question.id, first=first, last=last, groups=_in_groups(groups)
                )
            )
        of_both = pl.col("year_start").is_in([first, last])
        matched = crude = rows.filter(of_both)
        used = used.filter(of_both)
        if parameters.adjust:
            ages = matching(
                dataset, question=parameters.question, category=AGE, state=states or None
            )
            matched = ages.filter(single_year(), of_both)
            used = only_used(complete(matched))
        apart = [year for group in groups if first not in group for year in group]
        return _Found(
            first, last, apart, states_shown(rows, states), crude, matched, used, comparable
        )

    def compute(self, asked: Asked[ChangeParameters, _Found]) -> Table:
        """Return a row for each state, ascending, the nation last."""
        import polars as pl

        from app.methods import breaks
        from app.methods.changes import UNKNOWN, changes, direction
        from app.methods.contrasts import side_by_side
        from app.methods.estimates import estimates, kind
        from app.methods.multiplicity import holm
        from app.methods.standardised import incomplete as incomplete_ages
        from app.methods.standardised import standardised
        from app.statistics import about
        from app.statistics.yearly import gap_warnings, gaps

        dataset, parameters, found_rows = asked
        first, last, apart, states, crude, matched, used, comparable = found_rows
        question = dataset.question(parameters.question).question
        categories = [category_of(parameters.stratum, dataset)]
        adjusted = parameters.adjust is not None
        found = (standardised if adjusted else estimates)(matched, "state", "year_start")
        incomplete = incomplete_ages(matched) if adjusted else []
        frame = (
            pl.DataFrame({"state": sorted(states)}, schema={"state": matched["state"].dtype})
            .join(side_by_side(found, "state", "year_start", (first, last)), on="state", how="left")
            .rename(lambda name: name.replace("second", "last"))
            .with_columns(kind().alias("kind"))
            .sort(pl.col("kind") == "nation", "state")
        )
        frame = changes(frame)
        p_adjusted = holm(frame["change_p_value"].to_list())
        told = direction(pl.col("change"), pl.col("p_adjusted"))
        absent = gaps(dataset, parameters.question, matched, frame["state"], (first, last))
        marks = frame.select("first_presentation", "last_presentation").iter_rows()
        rows_used = found.group_by("state").agg(pl.col("rows").sum().alias("rows_used"))
        frame = (
            frame.with_columns(
                pl.Series("p_adjusted", p_adjusted, dtype=pl.Float64),
                pl.Series("presentation", [about.combined(*pair) for pair in marks], pl.String),
                pl.Series("missing", _missing(absent, incomplete, frame["state"]), pl.String),
            )
            .join(rows_used, on="state", how="left", maintain_order="left")
            .with_columns(
                pl.col("rows_used").fill_null(0),
                (told if comparable else pl.lit(UNKNOWN)).alias("direction"),
            )
            .rename(
                {
                    "change_error": "standard_error",
                    "change_low": "low",
                    "change_high": "high",
                    "change_z": "z",
                    "change_p_value": "p_value",
                }
            )
        )
        warnings = [
            *breaks.warnings(dataset.layout, question.cdc_id, [first, last], categories),
            *about.no_group(dataset, [parameters.stratum]),
            *_of_years(first, last, apart, parameters, comparable=comparable),
            *breaks.unknown(dataset.layout, [question], [first, last]),
            *gap_warnings(absent),
            *adjusting.incomplete(incomplete, with_years=True),
            *(adjusting.imprecise(used, with_years=True) if adjusted else []),
            *([] if adjusted else about.weaknesses(found)),
        ]
        described = about.about(
            dataset,
            self.method(parameters, dataset.layout),
            {"question": about.question_fields(question)},
            years=spans([first, last]),
            stratum=parameters.stratum,
            used=used,
            matched=matched,
            warnings=warnings,
        )
        described["compared"] = [first, last]
        shown = (*COLUMNS, *([MISSING] if dataset.has_gaps else []))
        if adjusted:
            frame = frame.join(
                _crude(crude, (first, last)),
                on="state",
                how="left",
                maintain_order="left",
            )
            shown = (*adjusting.computed(shown), *_CRUDE)
        unit = dataset.unit([parameters.question])
        return Table(in_unit(shown, unit), about.rows_of(frame, shown), described)

    def sentence(self, parameters: ChangeParameters, layout: Layout) -> str:
        """Return what is asked."""
        where = places(states_of(parameters.state)) or "each state"
        first = parameters.years.first or "the first comparable year"
        last = parameters.years.last or "the last"
        how = ", standardised by age" if parameters.adjust else ""
        return (
            f"How much did {quantity(parameters.question)} change in {where} from {first} to "
            f"{last}, {among(parameters.stratum, layout)}{how}, and how sure is that?"
        )

    def method(self, parameters: ChangeParameters, layout: Layout) -> str:
        """Return how the answer is computed."""
        adjusted = parameters.adjust is not None
        how = adjusting.METHOD if adjusted else ""
        return with_nature(layout, METHOD, how, adjusted=adjusted)

    def in_words(self, answer: "Answer", words: "Words") -> str:
        """Return the answer in words."""
        from app.statistics.in_words.over_time import change

        return change(answer, words)


def _in_groups(groups: list[list[int]]) -> str:
    return " or ".join(spans(group) for group in groups)


def _of_years(
    first: int, last: int, apart: list[int], parameters: ChangeParameters, *, comparable: bool
) -> list[Sentence]:
    """Return the warning that the two years are not comparable, or which others are not."""
    if not comparable:
        return [caveats.TWO_YEARS_ACROSS(first=first, last=last)]
    years = parameters.years
    others = [
        year
        for year in apart
        if (years.first is None or year > first) and (years.last is None or year < last)
    ]
    if not others or (years.first and years.last):
        return []
    return [caveats.LEFT_OUT_OF_TWO(first=first, last=last, years=spans(others))]


def _crude(rows: "pl.DataFrame", years: tuple[int, int]) -> "pl.DataFrame":
    """Return the crude estimates of states in two years, as `_CRUDE`."""
    import polars as pl

    from app.methods.contrasts import side_by_side
    from app.methods.estimates import cells

    found = side_by_side(cells(rows, "state", "year_start"), "state", "year_start", years, ())
    first, last = pl.col("first"), pl.col("second")
    return found.select(
        "state",
        first.alias("first_crude"),
        last.alias("last_crude"),
        (last - first).alias("crude_change"),
    )


def _missing(
    absent: "pl.DataFrame", incomplete: "Sequence[Ages]", states: "pl.Series"
) -> list[str | None]:
    """Return of each state which year has no estimate, and why; None where both have one."""
    by_state: dict[str, list[str]] = {}
    for state, year, status in absent.iter_rows():
        by_state.setdefault(state, []).append(f"{year}: {status}")
    for one in incomplete:
        why = f"{one.period.text}: ages without an estimate"
        by_state.setdefault(one.state, []).append(why)
    return ["; ".join(by_state[state]) if state in by_state else None for state in states]
