"""What a job asked, in words and as a command to ask it again, and the rows behind its answer."""

import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from app import json_bytes
from app.answers.answers import Answers
from app.data_ingestor import DataIngestor
from app.datasets.places import short
from app.datasets.questions import KNOWN
from app.datasets.survey_rows import counted_years
from app.errors import NoAnswer
from app.job import Done, Failed, Job, JobStatus, Parameters
from app.job_service import JobService
from app.statistics.course import METHOD, STATISTICS
from app.statistics.registry import ANALYSES
from app.statistics.table import Column, Table

STATUSES = ("queued", "running", "done", "error", "cancelled")

_MOST_NAMED = 2

CHANGED = "the dataset has changed since the job was answered, and its rows are not here any more"

_ROW_COLUMNS = (
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
    Column("value", "number", "the estimate, in percent"),
    Column("low", "number", "lower 95 % confidence limit, in percent"),
    Column("high", "number", "upper 95 % confidence limit, in percent"),
    Column("sample_size", "integer", "people asked"),
    Column("filled", "boolean", "whether a constant stands where CDC withholds the estimate"),
)


def asked_of(parameters: Parameters) -> dict[str, Any]:
    """Return the body that asks the same."""
    if parameters.statistic in ANALYSES:
        given: dict[str, Any] = json_bytes.decode(parameters.subject)
        return {name: value for name, value in given.items() if value not in (None, [], {})}
    body = {"question": parameters.subject}
    return body if parameters.state is None else {**body, "state": parameters.state}


def sentence(parameters: Parameters) -> str:
    """Return what a job asks in plain English."""
    if parameters.statistic in ANALYSES:
        asked = json_bytes.decode(parameters.subject)
        return ANALYSES[parameters.statistic].load().sentence(asked)
    told = STATISTICS[parameters.statistic].sentence
    return told.format(question=f'"{parameters.subject}"', state=parameters.state)


def _method(parameters: Parameters) -> str:
    if parameters.statistic in ANALYSES:
        asked = json_bytes.decode(parameters.subject)
        return ANALYSES[parameters.statistic].load().method(asked)
    return METHOD


def title(parameters: Parameters, dataset: DataIngestor) -> str:
    """Return what a job asks in a few words, such as "Obesity: mean of each state, ascending"."""
    name = parameters.statistic
    if name in STATISTICS:
        what, texts = STATISTICS[name].summary, [parameters.subject]
    else:
        what, texts = ANALYSES[name].title, _texts(json_bytes.decode(parameters.subject))
    if not 0 < len(texts) <= _MOST_NAMED:
        return what
    return f"{' and '.join(_short(text, dataset) for text in texts)}: {what[0].lower()}{what[1:]}"


def _texts(asked: Mapping[str, Any]) -> list[str]:
    """Return the questions that a body of `ANALYSES` names."""
    named = asked.get("question") or asked.get("questions") or []
    return [named] if isinstance(named, str) else named


def _short(text: str, dataset: DataIngestor) -> str:
    known = KNOWN.get(dataset.tables[text].question.id) if text in dataset.tables else None
    return known.short_name if known else text


def words(parameters: Parameters, dataset: DataIngestor) -> str:
    """Return what a job may be found by: all that it names, as it may be called, in a line each."""
    named = list(_named(asked_of(parameters)))
    told = [parameters.statistic, sentence(parameters), *named, *map(short, named)]
    for name in named:
        if name in dataset.tables:
            told += [dataset.tables[name].question.id, _short(name, dataset)]
    return "\n".join(told)


def _named(asked: Any) -> Iterator[str]:
    if isinstance(asked, str):
        yield asked
    elif isinstance(asked, Mapping):
        yield from _named(list(asked.values()))
    elif isinstance(asked, list):
        for one in asked:
            yield from _named(one)


def status_told(job: Job) -> str:
    """Return a job's status, one of STATUSES."""
    status = job.status
    if status is JobStatus.DONE:  # as most are
        return "done"
    if status is JobStatus.ERROR:
        cancelled = isinstance(job.end, Failed) and job.end.cancelled
        return "cancelled" if cancelled else "error"
    return "running" if status is JobStatus.RUNNING else "queued"


def outline(job: Job) -> dict[str, Any]:
    """Return what is told of a job wherever it is; times are UTC, `2026-01-31T12:00:00.000Z`."""
    status = status_told(job)  # read once: it may change meanwhile
    end = job.end if status not in ("queued", "running") else None
    # Of a job that an earlier process ran, this is not on record.
    started_at = job.started_at if status != "queued" else None
    ended_at = end.at if end is not None else None
    return {
        "job_id": job.id,
        "status": status,
        "statistic": job.parameters.statistic,
        "asked": sentence(job.parameters),
        "parameters": asked_of(job.parameters),
        "accepted_at": _time(job.accepted_at),
        "started_at": _time(started_at),
        "ended_at": _time(ended_at),
        "queued_seconds": _seconds(
            job.accepted_at, ended_at if status == "cancelled" else started_at
        ),
        "running_seconds": _seconds(started_at, ended_at),
        "reason": end.reason if isinstance(end, Failed) else None,
    }


def explain(job: Job, service: JobService, base_url: str) -> dict[str, Any]:
    """Return all that is known of a job."""
    told = outline(job)
    end = job.end if isinstance(job.end, Done) and told["status"] == "done" else None
    body = json_bytes.encode(told["parameters"]).decode()
    current = end is not None and end.dataset == service.answers.version
    return {
        **told,
        "method": _method(job.parameters),
        "dataset": end.dataset if end is not None else None,
        "curl": f"curl {base_url}/api/{told['statistic']} -d {shlex.quote(body)}",
        "result": f"/api/get_results/{job.id}",
        "rows": f"/api/jobs/{job.id}/rows" if current else None,
    }


def rows_of(job: Job, answers: Answers) -> tuple[pl.DataFrame, Table]:
    """Return the very rows of the dataset that went into a job's answer.

    Beside them an empty table, which tells of their columns and of them.

    Raises NoAnswer while there is none, and where it is of another dataset.
    """
    if not job.finished:
        raise NoAnswer(f"{job.id} is not done yet; ask again, or wait for it with ?wait=")
    if isinstance(job.end, Failed):
        raise NoAnswer(f"{job.id} failed, so no rows went into it: {job.end.reason}")
    if job.end is None or job.end.dataset != answers.version:
        raise NoAnswer(CHANGED)
    rows = _used(job.parameters, answers.dataset)
    about = {
        "job_id": job.id,
        "asked": sentence(job.parameters),
        "rows": rows.height,
        "dataset": answers.version,
    }
    return rows.select(column.name for column in _ROW_COLUMNS), Table(_ROW_COLUMNS, (), about)


def _used(parameters: Parameters, dataset: DataIngestor) -> pl.DataFrame:
    if parameters.statistic in ANALYSES:
        analysis = ANALYSES[parameters.statistic].load()
        return analysis.used(dataset, analysis.parse(asked_of(parameters), dataset))
    counted = (
        (pl.col("question") == parameters.subject) & counted_years() & pl.col("value").is_not_null()
    )
    # Differences are from the mean over all rows, so all of them go in.
    if parameters.state is not None and parameters.statistic != "state_diff_from_mean":
        counted &= pl.col("state") == parameters.state
    if parameters.statistic.endswith("_by_category"):
        counted &= (pl.col("category") != "") & (pl.col("stratum") != "")
    return dataset.estimates.filter(counted)


def _time(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    told = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")


def _seconds(began: float | None, ended: float | None) -> float | None:
    """Return the time between two moments; None while one of them is not known."""
    if began is None or ended is None:
        return None
    return round(max(0.0, ended - began), 6)  # the clock may have been set back
