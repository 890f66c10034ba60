"""What a table has to show: its values, by what they are told apart, and what to say of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.charts.style import BETTER, LESS, MORE, WORSE
from app.charts.words import ChartWords
from app.datasets.absence import ESTIMATE, NO_ESTIMATE, NOT_RELEASED, WITHHELD
from app.datasets.layouts import OTHER
from app.datasets.places import NATION
from app.datasets.years import spans
from app.errors import BadRequest
from app.messages import reasons
from app.statistics.statistic import Chart
from app.statistics.table import Table

NATIONAL = NATION.name
# Why a state has no row though it may have an estimate.
LEFT_OUT, SUBJECT = "left out", "held against the others"

_GROUPS = ("question", "topic", "state", "year", "category", "stratum")
_MORE = ("gap", "reference", "verdict")
_MOST_ROWS = 5_000  # what a chart takes a second for, about; nobody can read more

Row = dict[str, Any]

PUBLISHED = "published"  # how limits were made: what Chart.limits says, and these
POOLED, ADJUSTED, FILE = "pooled", "adjusted", "file"


@dataclass(frozen=True, slots=True)
class ChartData:
    """The rows of a table as charts need them.

    A row has the cells of `groups`, and `value`, `low`, `high` (numbers or None), `hollow`: true of
    an estimate too imprecise to show; without a value `absent`, why it has none, as far as the
    table tells this. `axis` says what the values are, with the unit; `national` is the value of
    the whole country with `low` and `high`, if known. `ordered`: the order of the rows is part of
    the answer.
    `comparable` are the years in groups within which estimates are comparable, where the table
    tells it. `words` say it all. `limits` is how confidence limits were made. `without` are states
    that have no row, by why they have none; `lacks` are those that estimates of the nation are made
    without, by years. `lower_is_better` tells whether a number below another is better, None where
    nobody knows.
    """

    rows: Sequence[Row]
    groups: tuple[str, ...]
    axis: str
    diverging: bool
    national: Mapping[str, float | None] | None
    ordered: bool
    words: ChartWords
    limits: str = PUBLISHED
    without: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lacks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    comparable: Sequence[Sequence[int]] = ()
    lower_is_better: bool | None = None

    @property
    def sides(self) -> tuple[Sequence[str], Sequence[str]]:
        """The colours of values below zero and of those above, palest first."""
        if self.lower_is_better is None:
            return LESS, MORE
        return (BETTER, WORSE) if self.lower_is_better else (WORSE, BETTER)

    def varying(self) -> tuple[str, ...]:
        """Return the groups by which the rows differ."""
        return tuple(group for group in self.groups if len(self.distinct(group)) > 1)

    def distinct(self, group: str) -> list[Any]:
        """Return what stands under a group, each once, in the order of the rows."""
        return list(dict.fromkeys(row[group] for row in self.rows))

    def notes(self) -> list[str]:
        """Return what a reader must be told of the marks."""
        say = self.words.say
        return [
            say("thin_lines", limits=self.told_limits()) if self.has_limits else say("no_limits"),
            say("hollow") if any(row["hollow"] for row in self.rows) else "",
            *self.gaps(),
        ]

    @property
    def has_limits(self) -> bool:
        """Whether any estimate has confidence limits."""
        return any(row["low"] is not None for row in self.rows)

    def told_limits(self) -> str:
        """Return what confidence limits are, and how they were made."""
        return told_limits(self.limits, self.words)

    def told_without(self, *reasons: str) -> list[str]:
        """Return which states have no row for these reasons, in words."""
        return [
            self.words.say(
                "without",
                why=_capital(self.words.say(why)),
                named=self.words.places(self.without[why]),
            )
            for why in reasons
            if self.without.get(why)
        ]

    def segment(self, year: object) -> int:
        """Return the place of the group of comparable years that a year is in."""
        return next(
            (place for place, years in enumerate(self.comparable) if str(year) in map(str, years)),
            0,
        )

    def breaks(self) -> list[str]:
        """Return what a reader must be told of years that are not comparable."""
        if len(self.comparable) < 2:
            return []
        groups = " | ".join(spans(years) for years in self.comparable)
        return [self.words.say("breaks", years=groups)]

    def gaps(self) -> list[str]:
        """Return what a reader must be told of what is not there."""
        notes = self.told_without(*self.without)
        if self.national is not None or any(row.get("state") == NATIONAL for row in self.rows):
            notes += lacking(self.lacks, self.words)
        return notes


def read(
    plan: Chart, table: Table, words: ChartWords, lower_is_better: bool | None = None
) -> ChartData:
    """Return what a table of a value in each row has to show.

    `lower_is_better` is of the question, None where that is not known.

    Raises BadRequest where there is nothing to draw, or too much.
    """
    names = [column.name for column in table.columns]
    drawn = table.rows
    if plan.measure:
        place = names.index("measure")
        drawn = [row for row in drawn if row[place] == plan.measure]
    rows = read_rows(names, drawn, plan.value)
    return ChartData(
        rows=rows,
        groups=tuple(group for group in _GROUPS if group in names),
        axis=words.axis(plan.axis),
        diverging=plan.diverging,
        national=_national(table.about, rows),
        ordered=plan.ordered,
        words=words,
        limits=_limits(plan, table, words),
        without=_without(table.about),
        lacks=table.about.get("national_lacks", {}),
        comparable=table.about.get("comparable", ()),
        lower_is_better=None if lower_is_better is None else lower_is_better != plan.turned,
    )


def read_series(plan: Chart, table: Table, words: ChartWords) -> ChartData:
    """Return the estimates that an answer was computed from; raise as `read` does."""
    series = table.about[plan.series]
    rows = read_rows(series["columns"], series["rows"], "value")
    # Lines break where there is no estimate.
    nothing = {"value": None, "low": None, "high": None, "hollow": False}
    gaps = table.about.get("gaps", {"rows": ()})["rows"]
    rows += [{"state": state, "year": year, **nothing} for state, year, _ in gaps]
    return ChartData(
        rows,
        tuple(group for group in _GROUPS if group in series["columns"]),
        words.axis("{share}"),
        diverging=False,
        national=None,
        ordered=False,
        words=words,
        limits=published(words),
        without=_years_without(table.about, words),
        lacks=table.about.get("national_lacks", {}),
        comparable=table.about.get("comparable", ()),
    )


def read_rows(names: Sequence[str], rows: Iterable[Sequence[Any]], value: str) -> list[Row]:
    """Return rows by the names of their cells; `value` names the column that is drawn."""
    shown = []
    for row in rows:
        cells = dict(zip(names, row, strict=True))
        kept = {name: cells[name] for name in (*_GROUPS, *_MORE) if name in cells}
        kept |= {"value": cells[value], "low": cells.get("low"), "high": cells.get("high")}
        if cells.get("status") not in (None, ESTIMATE):
            kept["absent"] = cells["status"]
        shown.append(kept | {"hollow": imprecise(cells)})
    if not any(row["value"] is not None for row in shown):
        raise BadRequest(reasons.NOTHING_TO_DRAW())
    if len(shown) > _MOST_ROWS:
        raise BadRequest(reasons.MANY_ROWS_TO_DRAW(rows=len(shown), most=_MOST_ROWS))
    return shown


def imprecise(cells: Mapping[str, Any]) -> bool:
    """Tell whether an estimate is marked as one to withhold, by NCHS's standard."""
    return str(cells.get("presentation") or "").startswith("withhold")


def told_national(data: ChartData) -> str:
    """Return the national value with its limits as words, or nothing."""
    national, words = data.national or {}, data.words
    value, low, high = (national.get(name) for name in ("value", "low", "high"))
    if value is None:
        return ""
    told = words.number(value)
    if low is not None and high is not None:
        told += f" ({words.range(low, high)}; {data.told_limits()})"
    return words.say("nation", nation=words.nation, value=told)


def told_limits(how: str, words: ChartWords) -> str:
    """Return what confidence limits are, made in one of the ways that `ChartData.limits` names."""
    return words.say("limits", how=words.say(f"how_{how}"))


def published(words: ChartWords) -> str:
    """Return how the limits of the estimates in a file were made."""
    return FILE if words.layout == OTHER.name else PUBLISHED


def adjusted(about: Mapping[str, Any]) -> bool:
    """Tell whether estimates are standardised by age."""
    return (about.get("parameters") or {}).get("adjust") is not None


def lacking(lacks: Mapping[str, Sequence[str]], words: ChartWords) -> list[str]:
    """Return what states estimates of the nation are made without, in words; none for none."""
    named = "; ".join(
        words.say("in", named=words.places(states), years=years) for years, states in lacks.items()
    )
    return [words.say("lacks", nation=words.nation, named=named)] if named else []


def _limits(plan: Chart, table: Table, words: ChartWords) -> str:
    """Return how the limits of the values that are drawn were made."""
    if plan.limits != PUBLISHED:
        return plan.limits
    if adjusted(table.about):
        return ADJUSTED
    several = any(column.name == "rows_used" for column in table.columns) and any(
        rows is not None and rows > 1 for rows in table.column("rows_used")
    )
    return POOLED if several else published(words)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _without(about: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """Return the states that have no row, by why they have none, as far as it is known."""
    told: Mapping[str, Sequence[str]] = about.get("without_estimate", {})
    withheld = sorted([*told.get("suppressed", ()), *told.get("filled", ())])
    without = {NOT_RELEASED: told.get(NOT_RELEASED, ()), WITHHELD: withheld}
    if "left_out" in about:  # of one state that is held against others
        without |= {LEFT_OUT: about["left_out"], SUBJECT: [about["subject"]["state"]]}
    return without


def _years_without(about: Mapping[str, Any], words: ChartWords) -> Mapping[str, Sequence[str]]:
    """Return the states and years that have no estimate, by why they have none."""
    if "gaps" not in about:
        return {}
    years: dict[str, dict[str, list[int]]] = {NOT_RELEASED: {}, WITHHELD: {}, NO_ESTIMATE: {}}
    for state, year, status in about["gaps"]["rows"]:
        years[status].setdefault(state, []).append(year)
    return {
        status: [f"{words.place(state)} ({spans(of)})" for state, of in states.items()]
        for status, states in years.items()
    }


def _national(about: Mapping[str, Any], rows: Sequence[Row]) -> Mapping[str, Any] | None:
    national: Mapping[str, Any] | None = about.get("national")
    if national is None:
        own = [row for row in rows if row.get("state") == NATIONAL]
        national = own[0] if len(own) == 1 else None
    return national if national and national.get("value") is not None else None
