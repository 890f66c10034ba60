"""What has no estimate, and why: places left out of an answer, sides of a comparison.

It imports polars: statistics import it inside of functions.
"""

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets.absence import ESTIMATE, NO_ESTIMATE, NOT_RELEASED, WITHHELD, statuses
from app.datasets.places import NATION
from app.messages import caveats
from app.messages.message import Sentence
from app.methods.estimates import Period, usable
from app.statistics.about import absent, cells_of
from app.statistics.wording import listed


def places_without_estimate(
    dataset: DataIngestor,
    question: str,
    everywhere: pl.DataFrame,
    matched: pl.DataFrame,
    period: Period,
) -> tuple[dict[str, list[str]], list[Sentence]]:
    """Return the places without an estimate in a period as `without_estimate`, and warnings of it.

    `everywhere` are the rows of any period, `matched` those of this one. The nation is no place.
    """
    there = set(matched.filter(usable())["state"].to_list())
    left = sorted(set(everywhere["state"].unique().to_list()) - there - {NATION.name})
    told = statuses(cells_of(dataset, [question], left, period), matched, dataset.releases)
    return without_estimate(told, matched, "state", dataset), absent(dataset, told, period.text)


def without_estimate(
    told: pl.DataFrame, matched: pl.DataFrame, by: str, dataset: DataIngestor
) -> dict[str, list[str]]:
    """Return states, or strata, without an estimate, by what stands in its place.

    `told` has the status of each `by`, `matched` the rows that were asked for. Withheld are
    `suppressed` ones, and `filled` ones, which have a constant. Where the dataset tells what was
    released, those that were `not released` are named too, and those with `no estimate`: there is
    a row, and why it has none is not known.
    """
    there = set(matched[by].to_list())
    filled = set(matched.filter("filled")[by].to_list()) if matched["filled"].any() else set()
    of: dict[str, set[str]] = {status: set() for status in (WITHHELD, NOT_RELEASED, NO_ESTIMATE)}
    for name, status in told.select(by, "status").iter_rows():
        of.setdefault(status, set()).add(name)
    named = {
        "suppressed": of[WITHHELD] - filled,
        "filled": of[WITHHELD] & filled,
        "no row": of[NO_ESTIMATE] - there,
    }
    if dataset.has_gaps:
        named |= {NOT_RELEASED: of[NOT_RELEASED], NO_ESTIMATE: of[NO_ESTIMATE] & there}
    return {name: sorted(some) for name, some in named.items()}


def statuses_of_sides(
    dataset: DataIngestor,
    side: str,
    names: list[str],
    state: str | None,
    periods: pl.DataFrame,
    matched: pl.DataFrame,
) -> pl.DataFrame:
    """Return `question`, `name` and `status` of the two, for the questions that have a period.

    `side` is the column that has the two `names`; strata are of one `state`.
    """
    kinds = dataset.estimates.schema
    sides = [
        periods.with_columns(
            pl.lit(name if side == "state" else state, kinds["state"]).alias("state"),
            *([pl.lit(name, kinds["stratum"]).alias("stratum")] if side == "stratum" else []),
        )
        for name in names
    ]
    told = statuses(pl.concat(sides), matched, dataset.releases)
    return told.select(pl.col("question", side).cast(pl.String), "status").rename({side: "name"})


def missing_sides(told: pl.DataFrame) -> dict[str, str | None]:
    """Return what each question lacks an estimate of, and why; None where it has both."""
    missing: dict[str, list[tuple[str, str]]] = {}
    for question, name, status in told.iter_rows():
        lacking = missing.setdefault(question, [])
        if status != ESTIMATE:
            lacking.append((name, status))
    return {question: _in_words(lacking) for question, lacking in missing.items()}


def _in_words(lacking: list[tuple[str, str]]) -> str | None:
    if len(lacking) == 2 and lacking[0][1] == lacking[1][1]:
        return f"both: {lacking[0][1]}"
    return "; ".join(f"{name}: {status}" for name, status in lacking) or None


def warnings_of(frame: pl.DataFrame, names: list[str], told: pl.DataFrame) -> list[Sentence]:
    """Return the warnings that some questions have no difference, and why as far as it is known."""
    missing = frame.filter(pl.col("difference").is_null()).with_columns(
        pl.col("question", "question_id").cast(pl.String)
    )
    if missing.is_empty():
        return []
    ids = missing["question_id"].to_list()
    first, second = names
    warnings = [caveats.NOTHING_TO_COMPARE(first=first, second=second, questions=listed(ids))]
    known = missing.select("question", "question_id").join(told, on="question")
    for name in names:
        for status, message in (
            (NOT_RELEASED, caveats.SIDE_NOT_RELEASED),
            (WITHHELD, caveats.SIDE_WITHHELD),
        ):
            of = known.filter(pl.col("name") == name, pl.col("status") == status)["question_id"]
            if of.len():
                warnings.append(message(name=name, questions=listed(of.to_list())))
    return warnings
