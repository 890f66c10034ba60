"""What the answers of several statistics say about their rows: `about`, and warnings."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import polars as pl

from app.data_ingestor import DataIngestor, Question
from app.datasets import absence
from app.datasets.absence import NO_ESTIMATE, NOT_RELEASED, WITHHELD
from app.datasets.validity import why_invalid
from app.datasets.years import spans
from app.messages import caveats
from app.messages.message import Sentence
from app.methods.breaks import recoded
from app.methods.estimates import (
    NOT_REPORTED,
    Period,
    Periods,
    is_nation,
    named,
    single_year,
    usable,
    within,
)
from app.methods.presentation import CAUTION, SHOW, WITHHOLD
from app.methods.rounding import rounded
from app.methods.uncertainty import CONFIDENCE
from app.statistics.table import Column
from app.statistics.wording import listed

_INCOME = "Income"
# Not released, as no other question of the place and period is: why that is, is known or not.
_UNCOLLECTED, _NOWHERE = "uncollected", "nowhere"


def question_fields(question: Question) -> dict[str, str]:
    """Return a question as `about` has it."""
    return {"id": question.id, "text": question.text}


def caution(question: Question) -> list[Sentence]:
    """Return the warning that an answer deserves which says what is better on a question."""
    why = question.known.debatable if question.known else None
    return [caveats.DEBATABLE(question=question.id, why=why())] if why else []


def rows_of(frame: pl.DataFrame, columns: Sequence[Column]) -> list[list[Any]]:
    """Return the rows of a frame under these columns, its numbers rounded."""
    return rounded_rows(frame.select(column.name for column in columns))


def rounded_rows(frame: pl.DataFrame) -> list[list[Any]]:
    """Return the rows of a frame, its numbers rounded."""
    return [
        [rounded(cell) if isinstance(cell, float) else cell for cell in row]
        for row in frame.iter_rows()
    ]


def about(
    dataset: DataIngestor,
    method: str,
    subject: Mapping[str, Any],
    *,
    years: str,
    stratum: str | None,
    used: pl.DataFrame,
    matched: pl.DataFrame,
    warnings: Sequence[Sentence],
    tells_nation: bool = True,
    beside: pl.DataFrame | None = None,
) -> dict[str, Any]:
    """Return what every table tells.

    `matched` are the rows that were asked for, whether they have an estimate or lack it, `used`
    those of them that the answer is made of;
    `tells_nation`: where National is among these, the answer has its estimates. `beside` are rows
    that the answer is only told beside.
    """
    counts = absence.counts(matched, dataset.releases)
    invalid = matched.filter("invalid") if matched["invalid"].any() else matched.clear()
    told = used
    if beside is not None:
        told = pl.concat([rows.select(absence.UNIT) for rows in (used, beside)])
    lacks = absence.nation_lacks(told, dataset.releases) if tells_nation else {}
    return {
        **subject,
        "method": method,
        "years": years,
        "stratum": stratum,
        "confidence": CONFIDENCE,
        "dataset_rows_used": used.height,
        "rows_suppressed": counts.suppressed,
        **({"rows_not_released": counts.not_released} if dataset.has_gaps else {}),
        "rows_filled": counts.filled,
        **({"rows_no_estimate": counts.no_estimate} if counts.no_estimate else {}),
        **({"rows_impossible": invalid.height} if invalid.height else {}),
        **({"national_lacks": lacks} if lacks else {}),
        "warnings": [*warnings, *_of_invalid(invalid), *_of_the_nation(lacks, used)],
    }


def _of_invalid(invalid: pl.DataFrame) -> list[Sentence]:
    """Return the warning that rows are left out because their figures cannot be right."""
    if invalid.is_empty():
        return []
    whys = invalid.select(why_invalid().alias("why")).group_by("why").len().sort("why").rows()
    named = ", ".join(f"{why} ({count})" for why, count in whys)
    return [caveats.IMPOSSIBLE_ROWS(rows=invalid.height, named=named)]


def _of_the_nation(lacks: Mapping[str, Sequence[str]], used: pl.DataFrame) -> list[Sentence]:
    """Return the warning that the nation's estimates are made without some states."""
    if not lacks:
        return []
    named = "; ".join(f"{listed(states)} in {years}" for years, states in lacks.items())
    of_nation = used.filter(is_nation())
    periods = set(of_nation.select("question", "year_start", "year_end").iter_rows())
    has_several = len(periods) > len({question for question, *_ in periods})
    change = caveats.NATION_CHANGES() if has_several else ""
    return [caveats.NATION_LACKS(named=named, change=change)]


def only_used(rows: pl.DataFrame, *which: pl.Expr) -> pl.DataFrame:
    """Return those of some rows that may be used, in order of `record`."""
    return rows.filter(usable(), *which).sort("record")


def weaknesses(found: pl.DataFrame) -> list[Sentence]:
    """Return the warnings that estimates, as `cells.estimates` has them, deserve."""
    warnings = []
    rows = found["rows"].to_list()
    several = [count for count in rows if count > 1]
    if several:
        warnings.append(
            caveats.SEVERAL_ROWS(several=len(several), all=found.height, most=max(several))
        )
    bare = (found["error"].is_null() & (found["rows"] == 1)).sum()
    if bare:
        warnings.append(caveats.NO_LIMITS(bare=bare, all=found.height))
    return warnings


def whole_period(found: Periods) -> list[Sentence]:
    """Return the warning that `estimates.periods` without single years deserve."""
    if any(first == last for first, last in found):
        return []
    return [caveats.WHOLE_PERIOD()]


def no_group(dataset: DataIngestor, strata: Iterable[str | None]) -> list[Sentence]:
    """Return the warning that one of these is no group of people."""
    if NOT_REPORTED not in strata:
        return []
    category, _ = dataset.stratum(NOT_REPORTED)
    who = caveats.GAVE_NO_INCOME() if category == _INCOME else caveats.TOLD_NO_GROUP()
    for one in dataset.layout.recodings:
        if one.category == category:
            return [caveats.NO_GROUP_SINCE(stratum=NOT_REPORTED, who=who, year=one.since)]
    return [caveats.NO_GROUP(stratum=NOT_REPORTED, who=who)]


def of_strata(
    dataset: DataIngestor, category: str, strata: Iterable[str | None], last: int
) -> list[Sentence]:
    """Return the warnings that strata of a category deserve in a year, whatever the question is."""
    return [*recoded(dataset.layout, [category], [last]), *no_group(dataset, strata)]


def later_years(
    dataset: DataIngestor, taken: Mapping[str, int], states: Sequence[str]
) -> list[Sentence]:
    """Return the warning that questions have estimates of later years, which are left out.

    `taken` has the last year that an answer is of, where no year was asked for, by the question;
    `states` are those asked for, if any. Periods of several years are passed over.
    """
    questions: dict[int, list[str]] = {}
    for text, last in taken.items():
        questions.setdefault(last, []).append(text)
    later = pl.any_horizontal(
        named("question", of) & (pl.col("year_end") > last) for last, of in questions.items()
    )
    found = dataset.estimates.filter(later, usable(), single_year())
    if found.is_empty():
        return []
    ids: dict[str, list[str]] = {}
    by_question = found.group_by("question").agg(pl.col("year_end").unique()).sort("question")
    for text, later_ones in by_question.iter_rows():
        ids.setdefault(spans(later_ones), []).append(dataset.question(text).question.id)
    told = [
        text if len(taken) == 1 else f"{text} ({listed(sorted(of))})"
        for text, of in sorted(ids.items())
    ]
    years = sorted(found["year_end"].unique())
    why = nothing_released(dataset, list(taken), states, years[0], years[-1])
    return [caveats.LATER_YEARS(years=listed(told), why=why)]


def nothing_released(
    dataset: DataIngestor,
    questions: Sequence[str] | None,
    states: Sequence[str],
    first: int | None,
    last: int | None,
) -> str:
    """Return that CDC released nothing for some of these states, to end a reason with.

    It is about the years from `first` to `last`, and about any question where none is named. Empty
    if CDC released something, or if that cannot be told.
    """
    known = dataset.releases.filter(
        ~pl.col("released"),
        pl.lit(True) if questions is None else pl.col("question").is_in(list(questions)),
        pl.col("state").cast(pl.String).is_in(states),
        pl.col("year_start") == pl.col("year_end"),
        pl.lit(True) if first is None else pl.col("year_start") >= first,
        pl.lit(True) if last is None else pl.col("year_end") <= last,
    )
    named = [
        f"{state} in {spans(years)}"
        for state, years in known.group_by(pl.col("state").cast(pl.String))
        .agg(pl.col("year_start").unique())
        .sort("state")
        .iter_rows()
    ]
    return caveats.NOTHING_RELEASED(named=listed(named)) if named else ""


def cells_of(
    dataset: DataIngestor, questions: Sequence[str], states: Iterable[str], *periods: Period
) -> pl.DataFrame:
    """Return a cell for each question, state and period, as `absence.statuses` takes them."""
    kinds = dataset.estimates.schema
    cells = [(*of, *period) for *of, period in product(questions, states, periods)]
    columns = zip(*cells, strict=True) if cells else ((),) * len(absence.UNIT)
    return pl.DataFrame(
        [pl.Series(name, of, kinds[name]) for name, of in zip(absence.UNIT, columns, strict=True)]
    )


def absent(
    dataset: DataIngestor,
    told: pl.DataFrame,
    years: str,
    whose: Sentence | None = None,
    whose_if_known: Sentence | None = None,
) -> list[Sentence]:
    """Return the warnings that some states are without an estimate in these years.

    `told` has the `status` of each `state` in one period; where there are several of a state, that
    which is known counts. `whose` estimates are meant is told behind the years, `whose_if_known`
    where it is known why there are none.
    """
    texts = {
        _UNCOLLECTED: (caveats.UNCOLLECTED, whose_if_known),
        _NOWHERE: (caveats.NOWHERE_RELEASED, whose_if_known),
        NOT_RELEASED: (caveats.NOT_RELEASED, whose_if_known),
        WITHHELD: (caveats.WITHHELD_IN, whose_if_known),
        NO_ESTIMATE: (caveats.NO_USABLE, whose),
    }
    left = set(told.select("state", "status").iter_rows())
    nowhere = {state for state, status in left if status == NOT_RELEASED}
    if nowhere:
        period = Period(*told.select("year_start", "year_end").row(0))
        nowhere -= _surveyed(period, dataset.releases)
        known_why = {(state, year, year) for state, year in dataset.layout.uncollected}
        for state in nowhere:
            is_told = (state, *period) in known_why
            left.add((state, _UNCOLLECTED if is_told else _NOWHERE))
    warnings = []
    for status, (message, of) in texts.items():
        states = {state for state, why in left if why == status}
        left = {(state, why) for state, why in left if state not in states}
        if states:
            warnings.append(message(years=years, whose=of or "", states=listed(sorted(states))))
    return warnings


def _surveyed(period: Period, releases: pl.DataFrame) -> set[str]:
    """Return the states of which anything was released in a period."""
    return set(releases.filter("released", within(period))["state"].to_list())


def combined(first: str | None, second: str | None) -> str | None:
    """Return how two estimates may be presented together: as the less precise of them."""
    for mark in (WITHHOLD, CAUTION):
        weak = [
            f"{name} {text.removeprefix(mark + ': ')}"
            for name, text in (("first:", first), ("second:", second))
            if text is not None and text.startswith(mark)
        ]
        if weak:
            return f"{mark}: {'; '.join(weak)}"
    return None if None in (first, second) else SHOW
