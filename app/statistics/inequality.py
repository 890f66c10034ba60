"""How unequal the strata of one category are in each place, in one number: several measures."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from app.datasets.layouts import Layout
from app.datasets.strata import TOTAL, are_ordered
from app.datasets.units import PERCENT
from app.errors import BadRequest
from app.messages import caveats, reasons
from app.messages.message import Message, Sentence
from app.methods.rounding import rounded
from app.statistics import columns
from app.statistics.names import (
    category_of_strata,
    nation,
    reference_stratum,
    several,
    states_of,
    strata_of,
)
from app.statistics.parameters import Category, Parameters, Question, States, Stratum, Year
from app.statistics.statistic import Asked, Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import in_year, listed, places, quantity, quoted, with_nature

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.datasets.units import Unit
    from app.methods.inequality import Draws
    from app.statistics.in_words.answer import Answer
    from app.statistics.in_words.words import Words
    from app.statistics.period_rows import PeriodRows

COLUMNS = (
    columns.STATE,
    Column("category", "text", "the stratification category"),
    Column("measure", "text", "which measure of inequality"),
    Column("value", "number", "the measure, less its bias; in `unit`"),
    Column("low", "number", "lower 95 % confidence limit of value"),
    Column("high", "number", "upper 95 % confidence limit of value"),
    Column("unadjusted", "number", "the measure of the estimates as they are"),
    Column("bias", "number", "what sampling error adds to it; null where nothing is taken off"),
    Column("unit", "text", "the unit of value, its limits, unadjusted and bias"),
    Column(
        "heterogeneity_p",
        "number",
        "of no difference between any of the strata (Cochran's Q): the same for all measures",
    ),
    Column("weights", "text", '"equal" for each stratum, or the "shares" of the question'),
    Column("reference", "text", "what strata are measured against; null where that is their mean"),
    Column("strata", "integer", "how many strata it is made of"),
    Column("without", "text", "the strata that it is made without: they have no estimate"),
)
_MEASURE, _VALUE, _P_VALUE = (
    [one.name for one in COLUMNS].index(name) for name in ("measure", "value", "heterogeneity_p")
)
# One of `estimates`, by its columns.
_Estimate = dict[str, Any]
_ESTIMATES = ["state", "stratum", "reference", "value", "low", "high", "weight", "presentation"]

METHOD = (
    "Measures of how far apart the strata of a category are. Limits (95 %) are of 16,384 draws of "
    "the estimates from their errors, on the logit scale, spread evenly (Richtmyer's sequence) and "
    "always the same; they are as exact as of 50,000 random ones. Sampling error "
    "makes the first three measures too large, and draws add it again: it is taken off the value "
    "and its limits. Their lower limit is 0 where a chi-squared test finds no differences (0.05), "
    "and where what is taken off leaves less than 0: so one of 0 does not say that there are none; "
    "heterogeneity_p does."
)

Shares = Annotated[
    dict[str, Annotated[float, Meta(gt=0)]],
    Meta(
        description="how many people are in each stratum, or their share of all, by its name; each"
        " counts the same by default",
        extra={"expected": 'an object of numbers above 0, such as {"Male": 49, "Female": 51}'},
    ),
]


class InequalityParameters(Parameters, frozen=True):
    """Of which strata to tell the inequality, by which question, where, and in which year."""

    question: Question
    category: Category
    state: Annotated[
        States | None, Meta(description="a state or several of them; National by default")
    ] = None
    year: Year | None = None
    reference: Annotated[
        Stratum | None,
        Meta(description="what the mean difference is from: a stratum, or Total (the default)"),
    ] = None
    shares: Shares | None = None


class Inequality(Statistic[InequalityParameters]):
    """Measures of inequality between the strata of a category; these are in `about.strata`."""

    name = "inequality"
    title = "Inequality between strata"
    summary = "How unequal the strata of a category are, in one number: several measures"
    parameters = InequalityParameters
    example = {"question": "Q047", "category": "Education"}
    chart = Chart(
        "dot",
        axis="index of disparity, in percent",
        series="strata",
        measure="index of disparity",
        limits="simulated",
    )

    def resolve(
        self, parameters: InequalityParameters, dataset: "DataIngestor"
    ) -> InequalityParameters:
        """Return parameters by full names; raise BadRequest for what has no answer."""
        category = category_of_strata(parameters.category, dataset)
        state = parameters.state
        return InequalityParameters(
            question=dataset.question(parameters.question).question.text,
            category=category,
            state=[nation(dataset)] if state is None else several(state, dataset.state),
            year=parameters.year,
            reference=reference_stratum(
                "reference", parameters.reference or TOTAL, dataset, category
            ),
            shares=_shares(parameters.shares, dataset, category),
        )

    def find(self, dataset: "DataIngestor", parameters: InequalityParameters) -> "PeriodRows":
        """Return the rows to answer from; raise BadRequest where there are none."""
        from app.statistics.strata import strata_rows

        rows = strata_rows(
            dataset,
            parameters.question,
            parameters.category,
            states_of(parameters.state),
            parameters.year,
            with_total=True,
        )
        if parameters.shares is not None:
            _check_shares(parameters.shares, rows)
        return rows

    def compute(self, asked: Asked[InequalityParameters, "PeriodRows"]) -> Table:
        """Return a row for each measure of each state, states ascending."""
        from app.datasets.absence import NO_ESTIMATE, NOT_RELEASED, WITHHELD
        from app.methods.estimates import estimates
        from app.methods.inequality import Draws
        from app.statistics import about
        from app.statistics.strata import by_state, told_of, warnings_of_strata

        dataset, parameters, rows = asked
        told = told_of(asked)
        question = dataset.question(parameters.question).question
        unit = dataset.unit([parameters.question])
        everything = estimates(rows.matched, "state", "stratum")
        places: dict[str, dict[str, _Estimate]] = {}
        for one in everything.iter_rows(named=True):
            places.setdefault(one["state"], {})[one["stratum"]] = one
        without = by_state(told.statuses, WITHHELD, NOT_RELEASED, NO_ESTIMATE)
        cells: list[list[Any]] = []
        draws = Draws()
        shown: list[list[Any]] = []
        for state, found in places.items():
            strata = [one for stratum, one in found.items() if stratum != TOTAL]
            weights = _weights(parameters.shares, [one["stratum"] for one in strata])
            if len(strata) < 2:
                continue
            left_out = ", ".join(without.get(state, ())) or None
            total = found.get(TOTAL)
            cells += _measured(parameters, strata, total, weights, unit, left_out, draws)
            for one, weight in zip(strata, map(rounded, weights), strict=True):
                marked = {**one, "weight": weight, "reference": parameters.reference}
                shown.append([marked[name] for name in _ESTIMATES])
        warnings = [*told.warnings, *warnings_of_strata(told.statuses)]
        warnings += _warnings(parameters, cells, told.statuses, places)
        described = about.about(
            dataset,
            self.method(parameters, dataset.layout),
            {"question": about.question_fields(question)},
            years=rows.period.text,
            stratum=None,
            used=rows.used,
            matched=rows.matched,
            warnings=warnings + about.weaknesses(everything),
        )
        described["category"] = parameters.category
        described["not_reported"] = dict(told.not_reported)
        described["without_estimate"] = dict(told.without_estimate)
        described["strata"] = {"columns": _ESTIMATES, "rows": shown}
        return Table(in_unit(COLUMNS, unit), cells, described)

    def sentence(self, parameters: InequalityParameters, _layout: Layout) -> str:
        """Return what is asked."""
        return (
            f"How unequal are the strata of {parameters.category} by "
            f"{quantity(parameters.question)} in {places(parameters.state or ())} "
            f"{in_year(parameters.year, 'in the latest year')}?"
        )

    def method(self, _parameters: InequalityParameters, layout: Layout) -> str:
        """Return how the answer is computed."""
        return with_nature(layout, METHOD)

    def in_words(self, answer: "Answer", words: "Words") -> str:
        """Return the answer in words."""
        from app.statistics.in_words.strata import inequality

        return inequality(answer, words)


def _shares(
    given: Mapping[str, float] | None, dataset: "DataIngestor", category: str
) -> dict[str, float] | None:
    """Return shares by full names; raise BadRequest for those of other strata, or of none."""
    if given is None:
        return None
    known = strata_of(category, dataset)
    shares: dict[str, float] = {}
    for name, share in given.items():
        stratum = dataset.stratum(name)[1]
        if stratum not in known:
            raise BadRequest(reasons.SHARES_OF(category=category, known=quoted(known)))
        if stratum in shares:
            raise BadRequest(reasons.SHARES_TWICE(stratum=stratum))
        shares[stratum] = share
    if not shares or not isfinite(sum(shares.values())):
        raise BadRequest(reasons.SHARES_EMPTY())
    return shares


def _check_shares(shares: Mapping[str, float], rows: "PeriodRows") -> None:
    """Raise BadRequest for strata that have an estimate, but no share."""
    have = rows.used["stratum"].unique().sort()
    lacking = [name for name in have if name not in (TOTAL, *shares)]
    if lacking:
        raise BadRequest(reasons.SHARES_LACK(lacking=quoted(lacking)))


def _weights(shares: Mapping[str, float] | None, strata: Sequence[str]) -> list[float]:
    """Return the weights of strata, which add up to 1."""
    counts = [1.0 if shares is None else shares[name] for name in strata]
    together = sum(counts)
    return [count / together for count in counts]


def _measured(
    parameters: InequalityParameters,
    own: Sequence[_Estimate],
    total: _Estimate | None,
    weights: Sequence[float],
    unit: "Unit",
    without: str | None,
    draws: "Draws",
) -> Iterator[list[Any]]:
    """Yield the cells of each measure of one state, by the estimates of its strata and of all."""
    import numpy as np

    from app.methods import inequality

    names = [one["stratum"] for one in own]
    reference = parameters.reference
    if reference not in (TOTAL, *names):
        reference = None  # it has no estimate here
    nan = float("nan")
    value, error = (total["value"], total["error"]) if total else (nan, nan)
    strata = inequality.Strata(
        values=np.array([one["value"] for one in own], float),
        errors=np.array([one["error"] for one in own], float),  # NaN for None
        weights=np.array(weights),
        total=value,
        total_error=nan if error is None else error,
        reference=names.index(reference) if reference in names else None,
        are_ordered=are_ordered(parameters.category, names),
        are_percentages=own[0]["unit"] == PERCENT,
    )
    p_value = rounded(inequality.p_of_no_difference(strata))
    units = {
        inequality.DISPARITY: ("percent", TOTAL),
        inequality.DIFFERENCE: (unit.difference, reference),
        inequality.VARIANCE: (f"{unit.difference}, squared", None),
        inequality.SLOPE: (unit.difference, None),
        inequality.RELATIVE: ("ratio", None),
        inequality.CONCENTRATION: ("from -1 to 1", None),
    }
    for one in inequality.measured(strata, draws):
        if one.measure == inequality.DIFFERENCE and reference is None:
            continue
        numbers = (one.value, one.low, one.high, one.plain, one.bias)
        called, against = units[one.measure]
        yield [
            own[0]["state"],
            parameters.category,
            one.measure,
            *map(rounded, numbers),
            called,
            p_value,
            "equal" if parameters.shares is None else "shares",
            against,
            len(own),
            without,
        ]


def _warnings(
    parameters: InequalityParameters,
    cells: Sequence[Sequence[Any]],
    told: "pl.DataFrame",
    places: Mapping[str, Mapping[str, _Estimate]],
) -> Iterator[Sentence]:
    """Yield the warnings that measures deserve; `cells` are their rows."""
    import polars as pl

    from app.methods.inequality import DIFFERENCE, DISPARITY, FEWEST_ORDERED, SLOPE

    if parameters.shares is None:
        yield caveats.UNWEIGHTED()
    elif len(parameters.state or ()) > 1:
        yield caveats.SAME_SHARES()
    if any(row[_MEASURE] == SLOPE for row in cells):
        yield caveats.RISING_IS_ABOVE()
    have = pl.col("status") == "estimate"
    counted = told.group_by(pl.col("state").cast(pl.String)).agg(
        have.sum().alias("have"), pl.len().alias("all")
    )
    few = [row for row in counted.sort("state").iter_rows() if row[1] < row[2]]
    if few:
        named = listed([f"{state} ({some} of {every})" for state, some, every in few])
        yield caveats.MADE_OF_SOME(named=named)
    shown = dict.fromkeys(row[0] for row in cells)

    def lacking(states: Iterator[str], message: Message) -> Iterator[Sentence]:
        names = list(states)
        if names:
            yield message(states=listed(names))

    alone = (state for state, some, _ in counted.sort("state").iter_rows() if some < 2)
    yield from lacking(alone, caveats.ALONE_TO_MEASURE)
    yield from lacking((state for state in shown if TOTAL not in places[state]), caveats.NO_TOTAL)
    if parameters.reference != TOTAL:
        without = (state for state in shown if parameters.reference not in places[state])
        yield from lacking(without, caveats.NO_REFERENCE_NO_MEAN)
    unknown = dict.fromkeys(row[0] for row in cells if row[_P_VALUE] is None)
    yield from lacking(iter(unknown), caveats.NOISE_UNKNOWN)
    inexact = (
        state for state in shown if TOTAL in places[state] and places[state][TOTAL]["error"] is None
    )
    yield from lacking(inexact, caveats.NO_ERROR_OF_TOTAL)
    untold: dict[str, list[str]] = {}
    for row in cells:
        state, measure, total = row[0], row[_MEASURE], places[row[0]].get(TOTAL)
        # Without errors, or without those of Total, nothing is told: see above.
        exact = row[_P_VALUE] is not None and (
            measure != DISPARITY or (total is not None and total["error"] is not None)
        )
        if measure != DIFFERENCE and exact and row[_VALUE] is None:
            untold.setdefault(measure, []).append(state)
    for measure, states in untold.items():
        yield caveats.DIVIDED_BY_NOTHING(measure=measure, states=listed(states))
    if are_ordered(parameters.category, told["stratum"].cast(pl.String)):
        short = [state for state in shown if len({*places[state]} - {TOTAL}) < FEWEST_ORDERED]
        if short:
            named = listed(sorted(short))
            yield caveats.FEW_TO_ORDER(fewest=FEWEST_ORDERED, states=named)
