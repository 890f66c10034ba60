"""What there is to ask: the dataset and its quirks, its questions, places and categories.

Each function looks at all rows, and returns JSON values whose keys are always in the same order. A
dataset never changes, so an answer is computed once and kept by who asks.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import msgspec
import polars as pl

from app.answers.compute import Answers
from app.data_ingestor import DataIngestor
from app.datasets import absence
from app.datasets.layouts import Layout
from app.datasets.places import Place, place
from app.datasets.provenance import source_of
from app.datasets.quirks import checks
from app.datasets.quirks.parts import (
    HAS_STRATUM,
    IS_ESTIMATE,
    SINGLE_YEAR,
    Known,
    count,
)
from app.datasets.source_note import SourceNote
from app.datasets.strata import about_overlap, category_key, overlap, stratum_key
from app.datasets.years import span
from app.statistics.in_words.said import ENGLISH, said_in
from app.statistics.parameters import body_model
from app.statistics.statistic import Statistic


def listed_dataset(answers: Answers, notes: Sequence[SourceNote | None]) -> dict[str, Any]:
    """Return what a dataset is, in short; `notes` lie beside its files."""
    dataset = answers.dataset
    return {
        "name": answers.name,
        "file": dataset.file,
        "rows": dataset.rows,
        "years": _all_years(dataset.estimates),
        "questions": len(dataset.tables),
        "source": source_of(dataset.files, notes),
        "sha256": dataset.digest,
        "version": answers.version,
        "loaded_at": _time(answers.loaded_at),
    }


def about_dataset(
    dataset: DataIngestor, loaded_at: float, notes: Sequence[SourceNote | None]
) -> dict[str, Any]:
    """Return what the file is, how much of what is in it, and what to know before using it.

    `loaded_at` is when the server read it, in seconds since 1970; `notes` lie beside the files.
    The `record` of a row says which file it is of, and where in it: `first_record` is 1 there.
    Each row is one of `estimates`, `suppressed` (no value, for CDC withholds it), `not_released`
    (CDC released nothing for its place and year), `filled` (a value where CDC withheld the
    estimate) and `no_estimate` (no value, and why is not known). `with_limits` and
    `with_sample_size` are of the estimates.
    """
    rows = dataset.estimates
    limits = pl.col("low").is_not_null() & pl.col("high").is_not_null()
    unestimated = _unestimated(dataset)
    absent = absence.counts_of(unestimated)
    return {
        "rows": dataset.rows,
        "sha256": dataset.digest,
        "file": dataset.file,
        "files": [asdict(file) for file in dataset.files],
        "years": _all_years(rows),
        "single_years": count(rows, SINGLE_YEAR) == rows.height,
        "questions": len(dataset.tables),
        "states": len(dataset.states),
        "strata": sum(len(category["strata"]) for category in categories(dataset)),
        "estimates": count(rows, IS_ESTIMATE),
        "suppressed": absent.suppressed,
        "not_released": absent.not_released,
        "filled": absent.filled,
        "no_estimate": absent.no_estimate,
        "with_limits": count(rows, IS_ESTIMATE & limits),
        "with_sample_size": count(rows, IS_ESTIMATE & pl.col("sample_size").is_not_null()),
        "source": source_of(dataset.files, notes),
        "loaded_at": _time(loaded_at),
        "layout": about_layout(dataset.layout),
        "warnings": _warnings(dataset, unestimated),
    }


def about_layout(layout: Layout) -> dict[str, Any]:
    """Return what is known of a file by its layout; None stands for what is not known."""
    return {
        "name": layout.name,
        "title": layout.title,
        "survey": layout.survey or None,
        "people": layout.people or None,
        "breaks": sorted({one.year for one in layout.breaks}) or None,
        "notes": list(layout.notes),
    }


def warnings(dataset: DataIngestor) -> list[dict[str, Any]]:
    """Return a warning for each quirk of a dataset, see `datasets/quirks/checks.py`."""
    return _warnings(dataset, _unestimated(dataset))


def _warnings(dataset: DataIngestor, unestimated: pl.DataFrame) -> list[dict[str, Any]]:
    questions = (table.question for table in dataset.tables.values())
    undirected = frozenset(one.id for one in questions if one.lower_is_better is None)
    known = Known(dataset.reading, undirected, unestimated)
    return checks.warnings(dataset.estimates, known)


def _unestimated(dataset: DataIngestor) -> pl.DataFrame:
    """Return the rows without an estimate, with their `status`: see `absence.with_status`."""
    return absence.with_status(dataset.estimates.filter(~IS_ESTIMATE), dataset.releases)


def _all_years(rows: pl.DataFrame) -> dict[str, int]:
    ends = pl.min("year_start").alias("from"), pl.max("year_end").alias("to")
    return dict(rows.select(ends).row(0, named=True))


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def described(statistic: Statistic[Any], language: str = ENGLISH) -> dict[str, Any]:
    """Return what a statistic is called, what it is asked (as a JSON schema), and an example.

    It is told in a language by its code.
    """
    return {
        "name": statistic.name,
        "title": said_in(language, statistic.title),
        "summary": said_in(language, statistic.summary),
        "parameters": _schema_in(language, msgspec.json.schema(body_model(statistic.parameters))),
        "example": statistic.example,
    }


def _schema_in(language: str, schema: Any) -> Any:
    """Return a JSON schema, or a part of one, with its descriptions in a language."""
    if isinstance(schema, list):
        return [_schema_in(language, part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: _schema_in(language, part) for name, part in schema.items()}
    if isinstance(schema.get("description"), str):
        told["description"] = said_in(language, schema["description"])
    return told


def questions(dataset: DataIngestor) -> list[dict[str, Any]]:
    """Return the questions by topic, then by id.

    `years` are those of rows of single years, `periods` those of others, such as `2011-2022`. A
    question that is not known has its text for a short name, and neither direction nor reason.
    `value_type` is None for values of no particular type, `unit` where it is not known.
    """
    years, periods = _years(dataset.estimates), _periods(dataset.estimates)
    topic = pl.col("topic").filter(pl.col("topic") != "").min()
    counts = dataset.estimates.group_by("question").agg(pl.len(), topic)
    listed = []
    for text, rows, topic_name in counts.cast(
        {"question": pl.String, "topic": pl.String}
    ).iter_rows():
        asked = dataset.tables[text].question
        listed.append(
            {
                "id": asked.id,
                "short_name": asked.short_name,
                "text": text,
                "topic": topic_name,
                "direction": asked.known.direction if asked.known else None,
                "reason": asked.known.reason if asked.known else None,
                "value_type": asked.measure.value_type or None,
                "unit": asked.measure.unit or None,
                "years": years.get(text, []),
                "periods": periods.get(text, []),
                "rows": rows,
            }
        )
    return sorted(listed, key=lambda one: (one["topic"] or "", one["id"], one["text"]))


def _years(estimates: pl.DataFrame) -> dict[str, list[int]]:
    """Return the single years that each question has rows of, ascending."""
    asked = (
        estimates.filter(SINGLE_YEAR)
        .group_by("question")
        .agg(pl.col("year_start").unique().sort())
        .cast({"question": pl.String})
    )
    return dict(asked.iter_rows())


def _periods(estimates: pl.DataFrame) -> dict[str, list[str]]:
    """Return the periods of several years that each question has rows of, ascending."""
    columns = ("question", "year_start", "year_end")
    asked = estimates.filter(~SINGLE_YEAR).select(columns).unique().sort(columns)
    periods = defaultdict(list)
    for question, first, last in asked.cast({"question": pl.String}).iter_rows():
        periods[question].append(span(first, last))
    return periods


def states(dataset: DataIngestor) -> list[dict[str, Any]]:
    """Return the places by name, the nation last, for it is no state.

    Names are the file's; one whose abbreviation is not known has the kind "unknown" and no FIPS
    code, nor has the nation one.
    """
    counts = (
        dataset.estimates.group_by("state")
        .agg(pl.col("abbreviation").min(), pl.len())
        .cast({"state": pl.String, "abbreviation": pl.String})
    )
    listed = []
    for name, abbreviation, rows in counts.iter_rows():
        known = place(abbreviation) or Place(name, abbreviation, None, "unknown")
        listed.append(
            {
                "name": name,
                "abbreviation": abbreviation,
                "fips": known.fips,
                "kind": known.kind,
                "rows": rows,
            }
        )
    return sorted(listed, key=lambda one: (one["kind"] == "nation", one["name"]))


def categories(dataset: DataIngestor) -> list[dict[str, Any]]:
    """Return the categories and their strata in natural order, and what overlaps with what.

    Rows without a category or a stratum are in none.
    """
    counts = (
        dataset.estimates.filter(HAS_STRATUM)
        .group_by("category", "stratum")
        .len()
        .cast({"category": pl.String, "stratum": pl.String})
    )
    strata: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for category, stratum, rows in sorted(
        counts.iter_rows(), key=lambda row: stratum_key(*row[:2])
    ):
        strata[category].append({"name": stratum, "rows": rows})
    names = sorted(strata, key=category_key)
    rows = []
    for category in names:
        others = [other for other in names if overlap(category, other)]
        rows.append(
            {
                "name": category,
                "strata": strata[category],
                "overlaps_with": others,
                "overlap": about_overlap(category, others),
            }
        )
    return rows
