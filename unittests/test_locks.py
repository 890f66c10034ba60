"""Lock discipline: no thread ever holds two of the program's locks, whatever happens meanwhile."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import app.concurrency.cache
import app.concurrency.watches
import app.metrics
import app.result_store
import app.task_runner
import app.threads.journal
import app.threads.registry
from app.errors import StatsError
from unittests.helpers.app import embedded, running_app, service_of, submit
from unittests.helpers.data import OBESITY
from unittests.helpers.waiting import PATIENCE, eventually

MODULES = (
    app.concurrency.cache,
    app.threads.registry,
    app.threads.journal,
    app.result_store,
    app.task_runner,
    app.metrics,
    app.concurrency.watches,
)


class Held(threading.local):
    """How many of the program's locks a thread holds."""

    count = 0


class WatchedLock:
    """A lock that notes when a thread takes it while it holds another."""

    held = Held()
    seen: list[str] = []
    taken = 0

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock."""
        if blocking and self.held.count:
            self.seen.append(threading.current_thread().name)
        got = self._lock.acquire(blocking, timeout)
        self.held.count += got
        WatchedLock.taken += got
        return got

    def release(self) -> None:
        """Give it back."""
        self.held.count -= 1
        self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_error: Any) -> None:
        self.release()


def test_no_thread_holds_two_locks_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name: getattr(threading, name) for name in dir(threading) if name[0] != "_"}
    watched = SimpleNamespace(**{**names, "Lock": WatchedLock})
    for module in MODULES:
        monkeypatch.setattr(module, "threading", watched)

    def client(number: int) -> None:
        for turn in range(30):
            if number == 0 and turn % 10 == 5:
                shutil.rmtree(tmp_path / "results", ignore_errors=True)
            try:
                job = submit(service, "state_mean", question=OBESITY, state="Ohio")
                service.outcome(job.number)
                service.cancel(job.number)
            except StatsError:
                pass  # too late, expired or refused: what counts here are the locks
            service.list()
            service.run_chores()

    with running_app(tmp_path, threads=3, keep_jobs=20, job_seconds=5) as flask_app:
        service = service_of(flask_app)
        with ThreadPoolExecutor(6) as clients:
            list(clients.map(client, range(6)))
        eventually(lambda: service.unfinished == 0)
        embedded(flask_app)._journal.rewrite()
        service.drain()
        assert service.close(PATIENCE)
    assert WatchedLock.taken > 1000
    assert WatchedLock.seen == []
