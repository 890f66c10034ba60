"""Puts the default executor together: one process, its threads, a journal and files."""

import gc
import logging
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from app import logs
from app.answers.catalogue import Catalogue
from app.concurrency.trace import Trace, trace_log
from app.job_service import Limits
from app.metrics import Metrics
from app.result_store import ResultStore
from app.task_runner import ThreadPool
from app.threads.crash_marks import CrashMarks
from app.threads.journal import Journal
from app.threads.registry import JobRegistry
from app.threads.results import Results
from app.threads.service import ThreadService

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.data_ingestor import DataIngestor
    from app.settings import Settings
    from app.statistics.registry import Registry


def thread_service(
    settings: "Settings", datasets: "Mapping[str, DataIngestor]", statistics: "Registry"
) -> tuple[ThreadService, logging.Logger]:
    """Return the service, which goes on with what an earlier process left, and its log.

    Raises StartError when its files cannot be used.
    """
    parts, trace = _Parts(), Trace()
    if settings.teach:
        # Whatever is in memory already would be no step to see, and no job takes too long.
        parts, settings = _slow_parts(), replace(settings, cache=0, job_seconds=0.0)
    journal = parts.journal(settings.results, power=settings.journal == "power", trace=trace)
    log = logs.open_log(settings.log, settings.log_bytes, settings.log_files)
    logs.tell_of_writes(log, trace_log(trace))
    metrics = Metrics()
    service = parts.service(
        parts.registry(settings.queue),
        parts.results(
            Catalogue(settings.data, datasets, statistics, settings.cache * 2**20, log),
            ResultStore(settings.results),
            metrics,
            log,
        ),
        parts.pool(settings.threads, log),
        journal,
        parts.marks(settings.results, settings.threads + 8),
        Limits(settings.job_seconds, settings.keep_jobs, settings.keep_days, settings.waiters),
        metrics,
        log,
        trace,
    )
    with _no_garbage_collection():  # a million jobs are made, and none of them is garbage
        service.recover()
    return service, log


class _Parts(NamedTuple):
    """What makes the parts of a service that steps of a job are taken in."""

    registry: Callable[..., JobRegistry] = JobRegistry
    journal: Callable[..., Journal] = Journal
    pool: Callable[..., ThreadPool] = ThreadPool
    marks: Callable[..., CrashMarks] = CrashMarks
    results: Callable[..., Results] = Results
    service: Callable[..., ThreadService] = ThreadService


def _slow_parts() -> _Parts:
    from app.threads import teaching

    slow = teaching.slow_motion()
    return _Parts(
        partial(teaching.SlowRegistry, slow),
        partial(teaching.SlowJournal, slow),
        partial(teaching.SlowPool, slow),
        partial(teaching.SlowMarks, slow),
        partial(teaching.SlowResults, slow),
        partial(teaching.TeachingService, slow),
    )


@contextmanager
def _no_garbage_collection() -> "Iterator[None]":
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
