"""What to know of the answer to a query."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from app.datasets.years import periods_text, span
from app.messages import caveats
from app.messages.message import Sentence
from app.statistics import adjusting
from app.statistics.names import RELEASE
from app.statistics.query_parameters import QueryParameters
from app.statistics.wording import listed

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor


# Of which questions, and which first and last years, some rows are.
_Periods = Collection[tuple[str, int, int]]


def _latest(dataset: "DataIngestor", periods: _Periods) -> Sentence:
    """Return the warning that the latest year was taken, of each question, for none was asked."""
    ids: dict[tuple[int, int], list[str]] = {}
    for text, first, last in periods:
        ids.setdefault((first, last), []).append(dataset.question(text).question.id)
    found = sorted(ids)
    if all(first != last for first, last in found):
        return caveats.ALL_PERIODS()
    if len(found) == 1:
        named = span(*found[0])
    else:
        named = listed([f"{span(*one)} ({', '.join(sorted(ids[one]))})" for one in found])
    return caveats.LATEST_YEAR(years=named)


def _of_breaks(
    dataset: "DataIngestor", rows: "pl.DataFrame", periods: _Periods
) -> Iterator[Sentence]:
    """Yield the warnings that years of a question are not comparable, or that nobody knows."""
    from app.methods import breaks
    from app.methods.everyone import category_of_people

    by_question: dict[str, set[int]] = {}
    for text, first, last in periods:
        if first == last:
            by_question.setdefault(text, set()).add(first)
    asked = [(dataset.question(text).question, sorted(of)) for text, of in by_question.items()]
    asked.sort(key=lambda one: one[0].id)
    categories = set(rows.select(category_of_people()).to_series())
    named: dict[Sentence, list[str]] = {}
    for question, years in asked:
        for text in breaks.warnings(dataset.layout, question.cdc_id, years, categories):
            named.setdefault(text, []).append(question.id)
    for text, ids in named.items():
        several_asked = len(asked) > 1
        yield caveats.OF_QUESTIONS(questions=listed(ids), warning=text) if several_asked else text
    several = [(question, years) for question, years in asked if len(years) > 1]
    spanned = sorted({year for _, years in several for year in years})
    yield from breaks.unknown(dataset.layout, [question for question, _ in several], spanned)


def _unreleased(rows: "pl.DataFrame") -> Iterator[Sentence]:
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
    yield caveats.RELEASED_NOTHING(named=listed(named))


def warnings_of(
    dataset: "DataIngestor",
    parameters: QueryParameters,
    rows: "pl.DataFrame",
    going_in: "pl.DataFrame",
    table: "pl.DataFrame",
) -> Iterator[Sentence]:
    """Yield what to know of a query's answer.

    `rows` are those behind its groups, each with why it does not go into the answer, `going_in` are
    the others of them, and `table` is what was made of these.
    """
    import polars as pl

    from app.methods import standardised
    from app.methods.everyone import pooled
    from app.methods.pooling import OVERLAP
    from app.statistics.about import later_years, no_group

    method, groups = parameters.method, parameters.group_by
    periods = set(going_in.select("question", "year_start", "year_end").unique().iter_rows())
    yield from _unreleased(rows)
    if parameters.adjust:
        partly = rows.filter(pl.col("left_out") == standardised.INCOMPLETE)
        if partly.height:
            yield from adjusting.incomplete(standardised.incomplete(partly), with_years=True)
        yield from adjusting.imprecise(going_in, with_years=True)
    if not dataset.estimates["low"].count():
        yield caveats.NO_INTERVALS(release=RELEASE)
    overlapping = (table["interval"] == OVERLAP).sum()
    if overlapping:
        yield caveats.SAME_PEOPLE(overlapping=overlapping, all=table.height)
    if table["questions_mixed"].any():
        yield caveats.MIXED_QUESTIONS()
    names = {name: some for name, some in parameters.where.given().items() if name != "year"}
    if pooled(dataset, names, groups, method).everyone:
        yield caveats.OF_EVERYONE()
    filled = int(going_in["filled"].sum())
    if filled:
        yield caveats.FILLED(rows=filled)
    several = going_in["state"].n_unique() > 1 and "state" not in groups
    if several and method in ("overall", "mean"):
        yield caveats.STATES_COUNT_THE_SAME()
    if several and method in ("sample_weighted", "inverse_variance"):
        yield caveats.STATES_WEIGHTED()
    if parameters.where.year is None and "year" not in groups and going_in.height:
        yield _latest(dataset, periods)
        taken: dict[str, int] = {}
        for text, _, last in periods:
            taken[text] = max(last, taken.get(text, last))
        yield from later_years(dataset, taken, parameters.where.state or ())
    elif "year" not in groups and (table["spans"].list.len() > 1).any():
        yield caveats.AVERAGED_YEARS()
    if "year" not in groups and table["spans"].drop_nulls().unique().len() > 1:
        yield caveats.DIFFERENT_YEARS()
    yield from _of_breaks(dataset, going_in, periods)
    yield from no_group(dataset, parameters.where.stratum or ())
    if method == "inverse_variance":
        yield from _of_weights(rows, table)


def _of_weights(rows: "pl.DataFrame", table: "pl.DataFrame") -> Iterator[Sentence]:
    """Yield the warnings of what is pooled by weights of one over its variance."""
    from app.datasets.units import PERCENT
    from app.methods.pooling import COMPUTED
    from app.methods.selection import NO_LOGIT

    without_logit = (rows["left_out"] == NO_LOGIT).sum()
    if without_logit:
        yield caveats.NO_LOGIT(rows=without_logit)
    if (table["interval"] == COMPUTED).any():
        are_percentages = (table["unit"].drop_nulls() == PERCENT).all()
        yield caveats.SAME_PERCENTAGE() if are_percentages else caveats.SAME_NUMBER()
