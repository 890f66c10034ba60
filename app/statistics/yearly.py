"""What statistics over several years share: which rows they are of, and what these lack.

It imports polars: statistics import it inside of functions.
"""

from collections.abc import Iterable, Sequence

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets.absence import ESTIMATE, NO_ESTIMATE, NOT_RELEASED, WITHHELD, statuses
from app.datasets.strata import TOTAL
from app.datasets.years import spans
from app.errors import BadRequest
from app.messages import caveats, reasons
from app.messages.message import Sentence
from app.methods.estimates import Period, matching, single_year
from app.statistics.about import cells_of, nothing_released, only_used
from app.statistics.names import RELEASE
from app.statistics.wording import listed


def of_single_years(
    dataset: DataIngestor, question: str, stratum: str | None, states: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of single years of a question and a stratum in these states, and those used.

    In all states where none is named. Raises BadRequest where no row has an estimate.
    """
    category, name = dataset.stratum(stratum or TOTAL)
    names = {"question": question, "category": category, "stratum": name}
    rows = matching(dataset, **names, state=states or None)
    single = rows.filter(single_year())
    what = _what(dataset, question, name, states)
    if rows.height and not single.height:
        raise BadRequest(reasons.NO_SINGLE_YEARS(what=what, release=RELEASE))
    used = only_used(single)
    if used.is_empty():
        raise BadRequest(reasons.NO_ESTIMATES(what=what))
    return single, used


def _what(dataset: DataIngestor, question: str, stratum: str, states: Sequence[str]) -> Sentence:
    """Return what of is asked, to stand within a reason."""
    asked = dataset.question(question).question.id
    if not states:
        return reasons.IN_STRATUM(question=asked, stratum=stratum)
    return reasons.IN_STRATUM_FOR(question=asked, stratum=stratum, states=listed(states))


def in_other_years(
    dataset: DataIngestor,
    rows: pl.DataFrame,
    states: Sequence[str],
    first: int | None,
    last: int | None,
) -> BadRequest:
    """Return the refusal of years in which none of `of_single_years` has an estimate."""
    question = rows["question"].cast(pl.String)[0]
    what = _what(dataset, question, rows["stratum"][0], states)
    there = spans(only_used(rows)["year_start"])
    why = nothing_released(dataset, [question], states, first, last)
    return BadRequest(reasons.OTHER_YEARS_ONLY(what=what, years=there, why=why))


def gaps(
    dataset: DataIngestor,
    question: str,
    matched: pl.DataFrame,
    places: pl.Series,
    there: Iterable[int],
) -> pl.DataFrame:
    """Return `state`, `year` and `status` of what has no estimate, in the order of `places`.

    Years are those of `there`, and others of `matched` of which it is known why they have none.
    """
    there = list(there)
    years = sorted({*there, *matched["year_start"].unique().to_list()})
    cells = cells_of(dataset, [question], places.to_list(), *(Period(year, year) for year in years))
    told = statuses(cells, matched, dataset.releases).filter(
        pl.col("status") != ESTIMATE,
        pl.col("year_start").is_in(there) | (pl.col("status") != NO_ESTIMATE),
    )
    state, year = pl.col("state").cast(pl.String), pl.col("year_start").alias("year")
    return told.select(state, year, "status")


def states_shown(rows: pl.DataFrame, states: Sequence[str]) -> list[str]:
    """Return the states that an answer has rows of: those asked for, or all that there are."""
    return list(states) or rows["state"].unique().cast(pl.String).to_list()


def gap_warnings(found: pl.DataFrame) -> list[Sentence]:
    """Return the warnings about `gaps`: the years that states lack, by why they do."""
    texts = {
        NOT_RELEASED: caveats.YEARS_NOT_RELEASED,
        WITHHELD: caveats.YEARS_WITHHELD,
        NO_ESTIMATE: caveats.YEARS_WITHOUT,
    }
    warnings = []
    for status, message in texts.items():
        by_state: dict[str, list[int]] = {}
        for state, year, why in found.iter_rows():
            if why == status:
                by_state.setdefault(state, []).append(year)
        if by_state:
            named = [f"{state} ({spans(years)})" for state, years in by_state.items()]
            warnings.append(message(named=listed(named)))
    return warnings
