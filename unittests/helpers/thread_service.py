"""A ThreadService as `threads/build.py` makes it, of parts that a test may choose."""

import logging
from pathlib import Path

from app.answers.catalogue import Catalogue
from app.concurrency.trace import Trace
from app.data_ingestor import DataIngestor
from app.job_service import Limits
from app.metrics import Metrics
from app.result_store import ResultStore
from app.sources import NAMELESS, Sources
from app.statistics.registry import STATISTICS
from app.task_runner import ThreadPool
from app.threads.crash_marks import CrashMarks
from app.threads.journal import Journal
from app.threads.registry import JobRegistry
from app.threads.results import Results
from app.threads.service import ThreadService
from unittests.helpers.data import dataset
from unittests.helpers.files import DATASET

SILENT = logging.Logger("silent")
SILENT.addHandler(logging.NullHandler())


def thread_service(
    folder: Path,
    *,
    data: DataIngestor | None = None,
    threads: int = 1,
    keep_jobs: int = 0,
    journal: Journal | None = None,
    registry: JobRegistry | None = None,
    store: ResultStore | None = None,
    pool: ThreadPool | None = None,
    log: logging.Logger = SILENT,
) -> ThreadService:
    """Start a service on a results folder, as a new process would."""
    journal = journal or Journal(folder, look_seconds=0)
    catalogue = Catalogue(
        Sources.alone(DATASET), {NAMELESS: data or dataset()}, STATISTICS, 2**26, log
    )
    service = ThreadService(
        registry or JobRegistry(1000),
        Results(catalogue, store or ResultStore(folder), Metrics(), log),
        pool or ThreadPool(threads, log),
        journal,
        CrashMarks(journal.path.parent, 8),
        Limits(job_seconds=0, keep_jobs=keep_jobs, keep_days=0, waiters=10),
        Metrics(),
        log,
        Trace(),
    )
    service.recover()
    return service
