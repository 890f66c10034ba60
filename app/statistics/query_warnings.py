"""What to know of the answer to a query."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from app.methods.years import periods_text, span
from app.statistics import adjusting
from app.statistics.names import RELEASE
from app.statistics.query_parameters import QueryParameters
from app.statistics.wording import listed

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor


# Of which questions, and which first and last years, some rows are.
_Periods = Collection[tuple[str, int, int]]


def _latest(dataset: "DataIngestor", periods: _Periods) -> str:
    """Return the warning that the latest year was taken, of each question, for none was asked."""
    ids: dict[tuple[int, int], list[str]] = {}
    for text, first, last in periods:
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


def _of_breaks(dataset: "DataIngestor", rows: "pl.DataFrame", periods: _Periods) -> Iterator[str]:
    """Yield the warnings that years of a question are not comparable, or that nobody knows."""
    from app.methods import breaks

    by_question: dict[str, set[int]] = {}
    for text, first, last in periods:
        if first == last:
            by_question.setdefault(text, set()).add(first)
    asked = [(dataset.question(text).question, sorted(of)) for text, of in by_question.items()]
    asked.sort(key=lambda one: one[0].id)
    categories = set(rows["category"].unique())
    named: dict[str, list[str]] = {}
    for question, years in asked:
        for text in breaks.warnings(dataset.layout, question.cdc_id, years, categories):
            named.setdefault(text, []).append(question.id)
    for text, ids in named.items():
        yield f"{listed(ids)}: {text}" if len(asked) > 1 else text
    several = [(question, years) for question, years in asked if len(years) > 1]
    spanned = sorted({year for _, years in several for year in years})
    yield from breaks.unknown(dataset.layout, [question for question, _ in several], spanned)


def _unreleased(rows: "pl.DataFrame") -> Iterator[str]:
    """Yield the warning that rows are left out because CDC released nothing there."""
    import polars as pl

    from app.datasets.absence import UNIT
    from app.methods.selection import UNRELEASED

    left_out = rows.filter(pl.col("left_out") == UNRELEASED)
    if left_out.is_empty():
        return
    years: dict[str, list[dict[str, int]]] = {}
    for state, first, last in sorted(set(left_out.select(*UNIT[1:]).iter_rows())):
        years.setdefault(state, []).append({"year_start": first, "year_end": last})
    named = [f"{state} ({periods_text(periods)})" for state, periods in years.items()]
    yield f"CDC released nothing, in no stratum, for: {listed(named)}."


def warnings_of(
    dataset: "DataIngestor",
    parameters: QueryParameters,
    rows: "pl.DataFrame",
    going_in: "pl.DataFrame",
    table: "pl.DataFrame",
) -> Iterator[str]:
    """Yield what to know of a query's answer.

    `rows` are those that were asked for, each with why it does not go into the answer, `going_in`
    are the others of them, and `table` is what was made of these.
    """
    import polars as pl

    from app.datasets.units import PERCENT
    from app.methods import standardised
    from app.methods.everyone import pooled
    from app.methods.pooling import COMPUTED, OVERLAP
    from app.statistics.about import later_years, no_group

    method, groups = parameters.method, parameters.group_by
    periods = set(going_in.select("question", "year_start", "year_end").unique().iter_rows())
    if not periods:
        yield "No row of this dataset that fits the question can be used."
    yield from _unreleased(rows)
    if parameters.adjust:
        partly = rows.filter(pl.col("left_out") == standardised.INCOMPLETE)
        if partly.height:
            yield from adjusting.incomplete(standardised.lacking(partly), with_years=True)
        yield from adjusting.imprecise(going_in, with_years=True)
    if not dataset.estimates["low"].count():
        yield f"This dataset has no confidence limits, so there are no intervals: {RELEASE}."
    overlapping = (table["interval"] == OVERLAP).sum()
    if overlapping:
        yield (
            f"{overlapping} of {table.height} values are made of rows that count the same people"
            " more than once: no interval can be given."
        )
    if table["questions_mixed"].any():
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
        yield _latest(dataset, periods)
        taken: dict[str, int] = {}
        for text, _, last in periods:
            taken[text] = max(last, taken.get(text, last))
        yield from later_years(dataset, taken, parameters.where.state or ())
    elif "year" not in groups and (table["spans"].list.len() > 1).any():
        yield "Values are averages over several years (column years), and of none of them."
    if "year" not in groups and table["spans"].drop_nulls().unique().len() > 1:
        yield "The groups cover different years (column years): compare them with care."
    yield from _of_breaks(dataset, going_in, periods)
    yield from no_group(dataset, parameters.where.stratum or ())
    if method == "inverse_variance" and (table["interval"] == COMPUTED).any():
        measured = "percentage" if (table["unit"].drop_nulls() == PERCENT).all() else "number"
        yield (
            f"Pooling takes it that all rows measure the same {measured};"
            " where i_squared is high they do not, and the interval is too narrow."
        )
