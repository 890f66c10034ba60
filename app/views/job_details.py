"""What there is to know of a job: what it asked, how it stands, when, and how to ask it again."""

import shlex
from datetime import UTC, datetime
from typing import Any

from app import json_bytes
from app.answers.catalogue import Catalogue
from app.answers.descriptions import body_of, method, sentence, source_line, unit
from app.job import Done, Failed, Job, JobStatus
from app.job_service import JobService
from app.statistics.in_words.said import ENGLISH, said_in

STATUSES = ("queued", "running", "done", "error", "cancelled")


def status_text(job: Job) -> str:
    """Return a job's status, one of STATUSES."""
    status = job.status
    if status is JobStatus.DONE:  # as most are
        return "done"
    if status is JobStatus.ERROR:
        cancelled = isinstance(job.end, Failed) and job.end.cancelled
        return "cancelled" if cancelled else "error"
    return "running" if status is JobStatus.RUNNING else "queued"


def outline(job: Job, catalogue: Catalogue, language: str = ENGLISH) -> dict[str, Any]:
    """Return what is known of a job wherever it is; times are UTC, `2026-01-31T12:00:00.000Z`.

    What it asked, and why it failed, is told in a language by its code.
    """
    status = status_text(job)  # read once: it may change meanwhile
    end = job.end if status not in ("queued", "running") else None
    # Of a job that an earlier process ran, this is not on record.
    started_at = job.started_at if status != "queued" else None
    ended_at = end.at if end is not None else None
    queued_until = ended_at if status == "cancelled" else started_at
    return {
        "job_id": job.id,
        "status": status,
        "statistic": job.request.statistic,
        "dataset_name": catalogue.name_of(job),
        "asked": sentence(job, catalogue, language),
        "parameters": body_of(job, catalogue),
        "accepted_at": _time(job.accepted_at),
        "started_at": _time(started_at),
        "ended_at": _time(ended_at),
        "queued_seconds": _seconds(job.accepted_at, queued_until),
        "running_seconds": _seconds(started_at, ended_at),
        "runner": job.runner if started_at is not None and job.runner else None,
        "queued_ms": _milliseconds(job.accepted_at, queued_until),
        "running_ms": _milliseconds(started_at, ended_at),
        "reason": said_in(language, end.reason) if isinstance(end, Failed) else None,
    }


def details(
    job: Job, service: JobService, base_url: str, language: str, *, has_token: bool
) -> dict[str, Any]:
    """Return all that is known of a job; `has_token`: for a client that needs one to ask."""
    catalogue = service.catalogue
    known = outline(job, catalogue, language)
    end = job.end if isinstance(job.end, Done) and known["status"] == "done" else None
    body = json_bytes.encode(known["parameters"]).decode()
    token = ' -H "Authorization: Bearer $TOKEN"' if has_token else ""
    current = end is not None and catalogue.of_version(end.dataset) is not None
    return {
        **known,
        "unit": unit(job, catalogue).plain,
        "method": method(job, catalogue),
        "source": source_line(job, catalogue),
        "dataset": end.dataset if end is not None else None,
        "curl": f"curl {base_url}/api/{known['statistic']}{token} -d {shlex.quote(body)}",
        "result": f"/api/get_results/{job.id}",
        "rows": f"/api/jobs/{job.id}/rows" if current else None,
    }


def _time(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _seconds(began: float | None, ended: float | None) -> float | None:
    """Return the time between two moments; None while one of them is not known."""
    if began is None or ended is None:
        return None
    return round(max(0.0, ended - began), 6)  # the clock may have been set back


def _milliseconds(began: float | None, ended: float | None) -> float | None:
    seconds = _seconds(began, ended)
    return None if seconds is None else round(seconds * 1e3, 3)
