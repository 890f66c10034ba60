"""Puts the default executor together: one process, its threads, a journal and files."""

import gc
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app import logs
from app.dataset_in_use import DatasetInUse
from app.embedded_service import EmbeddedService
from app.job_registry import JobRegistry
from app.job_service import Limits
from app.journal import Journal
from app.result_store import ResultStore
from app.results import Results
from app.running_marks import RunningMarks
from app.tallies import Tallies
from app.task_runner import ThreadPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.data_ingestor import DataIngestor
    from app.settings import Settings


def embedded_service(
    settings: "Settings", dataset: "DataIngestor"
) -> tuple[EmbeddedService, logging.Logger]:
    """Return the service, which has taken up what an earlier process left, and its log.

    Raises StartError when its files cannot be used.
    """
    journal = Journal(settings.results, power=settings.journal == "power")
    log = logs.open_log(settings.log, settings.log_bytes, settings.log_files)
    tallies = Tallies()
    service = EmbeddedService(
        JobRegistry(settings.queue),
        Results(
            DatasetInUse(dataset, settings.cache * 2**20, log),
            ResultStore(settings.results),
            tallies,
            log,
        ),
        ThreadPool(settings.threads, log),
        journal,
        RunningMarks(journal.folder, settings.threads + 8),
        Limits(settings.job_seconds, settings.keep_jobs, settings.keep_days, settings.waiters),
        tallies,
        log,
    )
    with _no_collector():  # a million jobs come to life, and none of them is garbage
        service.recover()
    return service, log


@contextmanager
def _no_collector() -> "Iterator[None]":
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
