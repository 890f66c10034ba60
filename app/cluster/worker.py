"""A worker: `python -m app.cluster.worker --help`.

One process receives messages from Redis and passes them on to its children, one for each core,
which run the jobs.
"""

import json
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from celery import Celery, signals

from app.cluster.celery_app import TASK, celery_app
from app.cluster.keys import BATCHES, QUEUE
from app.cluster.redis_client import RedisClient
from app.cluster.worker_settings import WorkerSettings
from app.errors import StartError
from app.logs import OneLineFormatter
from app.statistics.registry import STATISTICS, Registry

if TYPE_CHECKING:
    from app.cluster.runner import JobMessage, Runner

PROGRAM = "app.cluster.worker"

# Seconds until a worker starts again that ended without a signal.
_RESTART_SECONDS = 1.0

# Loads a dataset in a process of its own and prints what it is. The threads of polars do not
# survive the fork that makes a worker's children, so the worker itself must not start any.
_DESCRIBE_DATASET = """
import json, sys
from pathlib import Path
from app.data_ingestor import DataIngestor
from app.errors import StartError
try:
    dataset = DataIngestor(Path(sys.argv[1]))
    print(json.dumps({"version": dataset.version, "rows": dataset.rows}))
except StartError as error:
    print(json.dumps({"error": str(error)}))
"""


class ChildProcess:
    """What a child of a worker does when it starts, for each message, and when it ends."""

    def __init__(
        self, settings: WorkerSettings, statistics: Registry, version: str, log: logging.Logger
    ) -> None:
        self._statistics = statistics
        self._settings = settings
        self._version = version
        self._log = log
        self._runner: Runner | None = None  # in a child

    def begin(self, **_: Any) -> None:
        """Load the dataset; called in a child. Where that fails, the worker ends."""
        try:
            self._begin()
        except Exception:  # pylint: disable=broad-exception-caught
            self._log.exception("the worker ends: a child could not start")
            os.kill(os.getppid(), signal.SIGTERM)

    def _begin(self) -> None:
        # Imported in the child, for the reason at _DESCRIBE_DATASET.
        from app.answers.answers import Answers
        from app.cluster.runner import Runner
        from app.cluster.worker_jobs import WorkerJobs
        from app.data_ingestor import DataIngestor
        from app.result_store import ResultStore

        settings = self._settings
        dataset = DataIngestor(settings.data)
        answers = Answers(dataset, self._statistics, settings.cache * 2**20, 0.0)
        if answers.version != self._version:
            raise StartError("the dataset has changed since this worker was started")
        redis = RedisClient(settings.redis, settings.redis_seconds, self._log)
        process = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        jobs = WorkerJobs(redis, f"{answers.version} {process}")
        files = None if settings.files is None else ResultStore(settings.files, own=process)
        self._runner = Runner(answers, jobs, files, self._log)
        self._runner.begin()

    def run(self, dataset: str, messages: "Sequence[JobMessage]", seconds: float) -> None:
        """Run the jobs of a message; called in a child."""
        if self._runner is None:
            return  # the worker ends, and the janitor sends the jobs again
        # Celery's handler, which is set after `begin`, would make the running job fail.
        before = signal.signal(signal.SIGTERM, _terminate)
        try:
            self._runner.run(dataset, messages, seconds)
        finally:
            signal.signal(signal.SIGTERM, before)

    def end(self, **_: Any) -> None:
        """Tell Redis that a child ends; called in it."""
        if self._runner is not None:
            self._runner.end()


def _terminate(*_: Any) -> None:
    from app.cluster.runner import Terminated

    raise Terminated(1)


def main(arguments: Sequence[str], statistics: Registry = STATISTICS) -> int:
    """Run a worker of these statistics until a signal stops it; return its exit code."""
    log = _log()
    try:
        settings = WorkerSettings.load(arguments, program=PROGRAM)
        rows, version = _describe_dataset(settings)
        redis = RedisClient(settings.redis, settings.redis_seconds, log)
        redis.connect()
        redis.client.close()  # its children have connections of their own
    except StartError as error:
        print(f"{PROGRAM}: {error}", flush=True)
        return error.exit_code
    celery = celery_app(settings.redis, settings.redis_seconds)
    child = ChildProcess(settings, statistics, version, log)
    celery.task(child.run, name=TASK)
    stopping = threading.Event()
    signals.worker_shutting_down.connect(lambda **_: stopping.set(), weak=False)
    signals.worker_process_init.connect(child.begin, weak=False)
    signals.worker_process_shutdown.connect(child.end, weak=False)
    print(
        f"Le Stats Sportif worker: {settings.processes} processes, {rows:,} rows, dataset"
        f" {version}; Redis at {redis.address}",
        flush=True,
    )
    code = _run_celery(celery, settings.processes, version)
    if not stopping.is_set():
        log.error("Celery ended by itself (%d); this worker starts again", code)
        time.sleep(_RESTART_SECONDS)
        sys.stdout.flush()
        # It stays the same process for whoever supervises it, and the same program.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    return code


def _run_celery(celery: Celery, processes: int, version: str) -> int:
    name = f"{version}-{os.getpid()}-{secrets.token_hex(2)}@{socket.gethostname()}"
    options = [
        "--quiet",
        "worker",
        f"--concurrency={processes}",
        f"--queues={QUEUE}{version},{BATCHES}{version}",
        f"--hostname={name}",
        "--loglevel=WARNING",
        "--without-gossip",
        "--without-mingle",
    ]
    try:
        celery.worker_main(options)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _describe_dataset(settings: WorkerSettings) -> tuple[int, str]:
    """Return the number of rows and the version; raise StartError for what is no dataset."""
    done = subprocess.run(
        [sys.executable, "-c", _DESCRIBE_DATASET, str(settings.data)],
        stdout=subprocess.PIPE,
        check=False,
    )
    try:
        description = json.loads(done.stdout)
    except ValueError:
        raise StartError(f"dataset {settings.data}: it could not be loaded") from None
    if "error" in description:
        raise StartError(description["error"])
    return description["rows"], description["version"]


def _log() -> logging.Logger:
    """Return a log that writes to the standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLineFormatter())
    log = logging.Logger("worker", logging.INFO)
    log.addHandler(handler)
    return log


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
