"""The very rows of the dataset that went into a job's answer."""

from typing import TYPE_CHECKING

from app.answers.catalogue import Catalogue
from app.answers.descriptions import sentence, unit
from app.errors import JobCancelled, JobFailed, NoAnswer
from app.job import Failed, Job
from app.messages import reasons
from app.statistics.table import Column, Table, in_unit

if TYPE_CHECKING:
    import polars as pl

CHANGED = reasons.CHANGED()

_COLUMNS = (
    Column(
        "record",
        "integer",
        "the row's place in the file, 1 for the first; of several files, /api/dataset tells which",
    ),
    Column("question_id", "text", "CDC's id of the question"),
    Column("question", "text", "the question's full text"),
    Column("topic", "text", "the question's topic"),
    Column("year_start", "integer", "the first year that the row covers"),
    Column("year_end", "integer", "the last year that the row covers"),
    Column("state", "text", "the location"),
    Column("abbreviation", "text", "the location's abbreviation"),
    Column("category", "text", "the stratification category"),
    Column("stratum", "text", "the stratum"),
    Column("value", "number", "the estimate, {value}"),
    Column("low", "number", "lower 95 % confidence limit, {value}"),
    Column("high", "number", "upper 95 % confidence limit, {value}"),
    Column("sample_size", "integer", "people asked"),
    Column("filled", "boolean", "whether a constant stands where CDC withholds the estimate"),
)


def rows_of(job: Job, catalogue: Catalogue) -> "tuple[pl.DataFrame, Table]":
    """Return the rows behind a job's answer.

    Beside them an empty table, which describes their columns and them.

    Raises NoAnswer while there is none, and where it is of another dataset; JobFailed and
    JobCancelled where there never will be one.
    """
    if not job.finished:
        raise NoAnswer(reasons.NOT_DONE(job=job.id))
    if isinstance(job.end, Failed):
        if job.end.cancelled:
            raise JobCancelled(reasons.CANCELLED_NO_ROWS(job=job.id))
        raise JobFailed(reasons.FAILED_NO_ROWS(job=job.id, reason=job.end.reason))
    answers = catalogue.of_version(job.end.dataset) if job.end is not None else None
    if answers is None:
        raise NoAnswer(CHANGED)
    rows = answers.used(job.request)
    about = {
        "job_id": job.id,
        "asked": sentence(job, catalogue),
        "rows": rows.height,
        "dataset": answers.version,
    }
    return rows.select(column.name for column in _COLUMNS), Table(
        in_unit(_COLUMNS, unit(job, catalogue)), (), about
    )
