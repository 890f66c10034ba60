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
from typing import TYPE_CHECKING, Any, NamedTuple

from celery import Celery, signals

from app.cluster.celery_app import TASK, celery_app
from app.cluster.keys import BATCHES, QUEUE, runner_name
from app.cluster.redis_client import RedisClient
from app.cluster.worker_settings import WorkerSettings
from app.datasets.newest import current
from app.errors import DatasetError, StartError
from app.installation import ROOT
from app.logs import OneLineFormatter
from app.sources import Sources
from app.statistics.registry import STATISTICS, Registry

if TYPE_CHECKING:
    from app.cluster.runner import JobMessage, Runner

PROGRAM = "app.cluster.worker"

# Seconds until a worker starts again that ended without a signal.
_RESTART_SECONDS = 1.0

# Loads the datasets in a process of its own and prints what they are. The threads of polars do not
# survive the fork that makes a worker's children, so the worker itself must not start any.
_DESCRIBE_DATASETS = """
import json, sys
sys.path[0] = sys.argv.pop(1)  # in place of the folder that the worker was started in
from pathlib import Path
from app.data_ingestor import DataIngestor
from app.errors import DatasetError
found = []
try:
    for path in sys.argv[1:]:
        dataset = DataIngestor(Path(path))
        found.append([dataset.version, dataset.rows])
    print(json.dumps(found))
except DatasetError as error:
    print(json.dumps({"error": str(error), "place": len(found)}))
"""


class _Described(NamedTuple):
    """What the worker itself knows of a dataset; `path` is where it was read from."""

    name: str
    path: str
    version: str
    rows: int


class ChildProcess:
    """What a child of a worker does when it starts, for each message, and when it ends."""

    def __init__(
        self,
        settings: WorkerSettings,
        statistics: Registry,
        datasets: Sequence[_Described],
        log: logging.Logger,
    ) -> None:
        self._statistics = statistics
        self._settings = settings
        self._datasets = datasets
        self._log = log
        self._runner: Runner | None = None  # in a child

    def begin(self, **_: Any) -> None:
        """Load the datasets; called in a child. Where that fails, the worker ends."""
        try:
            self._begin()
        except Exception:  # noqa: BLE001
            self._log.exception("the worker ends: a child could not start")
            os.kill(os.getppid(), signal.SIGTERM)

    def _begin(self) -> None:
        # Imported in the child, for the reason at _DESCRIBE_DATASETS.
        from app.answers.compute import Answers, Caches
        from app.cluster.runner import Runner
        from app.cluster.worker_jobs import WorkerJobs
        from app.data_ingestor import DataIngestor
        from app.result_store import ResultStore

        settings = self._settings
        caches = Caches(settings.cache * 2**20)
        answers: dict[str, Answers] = {}
        for name, path, version, _ in self._datasets:
            dataset = DataIngestor(path)
            if dataset.version != version:
                raise StartError(f"dataset {name} has changed since this worker was started")
            _ = dataset.estimates  # in memory before the first job comes
            answers[version] = Answers(name, dataset, self._statistics, caches, 0.0)
        redis = RedisClient(settings.redis, settings.redis_seconds, self._log)
        process = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        jobs = WorkerJobs(redis, runner_name(answers, process))
        files = None if settings.files is None else ResultStore(settings.files)
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


def main(
    arguments: Sequence[str], statistics: Registry = STATISTICS, program: str = PROGRAM
) -> int:
    """Run a worker of these statistics until a signal stops it; return its exit code.

    `program` is what it was called by.
    """
    log = _log()
    try:
        settings = WorkerSettings.load(arguments, program=program)
        datasets = _describe_datasets(settings.data)
        redis = RedisClient(settings.redis, settings.redis_seconds, log)
        redis.connect()
        redis.client.close()  # its children have connections of their own
    except StartError as error:
        print(f"{program}: {error}", flush=True)
        return error.exit_code
    celery = celery_app(settings.redis, settings.redis_seconds)
    child = ChildProcess(settings, statistics, datasets, log)
    celery.task(child.run, name=TASK)
    stopping = threading.Event()
    signals.worker_shutting_down.connect(lambda **_: stopping.set(), weak=False)
    signals.worker_process_init.connect(child.begin, weak=False)
    signals.worker_process_shutdown.connect(child.end, weak=False)
    said = ", ".join(f"{one.name}: {one.rows:,} rows, version {one.version}" for one in datasets)
    print(
        f"Le Stats Sportif worker: {settings.processes} processes; {said}; Redis at"
        f" {redis.address}",
        flush=True,
    )
    versions = list(dict.fromkeys(one.version for one in datasets))
    code = _run_celery(celery, settings.processes, versions)
    if not stopping.is_set():
        log.error("Celery ended by itself (%d); this worker starts again", code)
        time.sleep(_RESTART_SECONDS)
        sys.stdout.flush()
        # It stays the same process for whoever supervises it, and the same program.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    return code


def _run_celery(celery: Celery, processes: int, versions: Sequence[str]) -> int:
    queues = [f"{kind}{version}" for version in versions for kind in (QUEUE, BATCHES)]
    name = f"{versions[0]}-{os.getpid()}-{secrets.token_hex(2)}@{socket.gethostname()}"
    options = [
        "--quiet",
        "worker",
        f"--concurrency={processes}",
        f"--queues={','.join(queues)}",
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


def _describe_datasets(sources: Sources) -> list[_Described]:
    """Return what each dataset is; raise StartError for what is none."""
    named = [(source.name, str(current(source))) for source in sources]
    done = subprocess.run(
        [sys.executable, "-c", _DESCRIBE_DATASETS, str(ROOT), *(path for _, path in named)],
        stdout=subprocess.PIPE,
        check=False,
    )
    try:
        found = json.loads(done.stdout)
    except ValueError:
        raise StartError(f"datasets {sources}: they could not be loaded") from None
    if isinstance(found, dict):
        raise sources.datasets[found["place"]].named(DatasetError(found["error"]))
    return [_Described(*one, *facts) for one, facts in zip(named, found, strict=True)]


def _log() -> logging.Logger:
    """Return a log that writes to the standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLineFormatter())
    log = logging.Logger("worker", logging.INFO)
    log.addHandler(handler)
    return log


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
