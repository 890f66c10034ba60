"""Lock discipline: a lock is held for a few statements, and nothing is waited for meanwhile.

Those that are held while something is done are listed in `helpers/watched_lock.py`, in the order
in which they may be taken. `redis/test_locks.py` does the same for the second executor.
"""

import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.charts.drawer import Drawer
from app.cluster.redis_client import RedisClient
from app.datasets.rows import Rows
from app.errors import StatsError, StoreUnavailable
from unittests.helpers.app import running_app, service_of, submit
from unittests.helpers.data import OBESITY, dataset
from unittests.helpers.drawing import ECHO
from unittests.helpers.files import PROJECT
from unittests.helpers.thread_service import SILENT, thread_service
from unittests.helpers.waiting import PATIENCE, eventually
from unittests.helpers.watched_lock import (
    HELD_WHILE_WORKING,
    Locks,
    WatchedLock,
    find_locks,
)

TOKEN = "secret"


@pytest.fixture(name="locks")
def watched_locks(monkeypatch: pytest.MonkeyPatch) -> Locks:
    """Have all locks watched that the test's parts create."""
    return Locks(monkeypatch)


def work(app: Flask, number: int, results: Path) -> None:
    """Do, as one of some clients, what takes locks."""
    service, client = service_of(app), app.test_client()
    client.get("/api/answers/best5?question=Q036")  # as a stranger, who is counted
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
    for turn in range(20):
        if number == 0 and turn % 10 == 5:
            shutil.rmtree(results, ignore_errors=True)
        try:
            job = submit(service, "state_mean", question=OBESITY, state="Ohio")
            service.outcome(job.number)
            service.cancel(job.number)
        except StatsError:
            pass  # too late, expired or refused: what counts here are the locks
        service.list()
        service.run_chores()
    job = submit(service, "states_mean", question=OBESITY)
    url = f"/api/get_results/{job.number}?wait=20"
    for query in ("", "&format=csv"):
        client.get(url + query)
    state = client.get("/api/activity").get_json()["data"]["state"]
    client.get(f"/api/activity?wait=0.3&since={state}&text={number}")
    client.post("/api/batch", json=[{"statistic": "best5", "question": "Q036"}] * 60)
    answer = "/api/answers/worst5?question=Q036"
    for url in (
        answer,
        f"{answer}&format=csv",
        f"/api/jobs/{job.number}/rows",
        "/metrics",
        "/nothing",
    ):
        client.get(url)
    client.post("/api/dataset/reload")
    client.get("/api/trace")
    state = client.get("/api/pool").get_json()["data"]["state"]
    client.get(f"/api/pool?wait=0.3&since={state}")
    for _ in range(2):
        keyed = {"Idempotency-Key": f"key-{number}", "Prefer": "wait=1"}
        client.post("/api/best5", json={"question": OBESITY}, headers=keyed)


def names_of_locks(*, of_cluster: bool) -> set[str]:
    """Return the locks of `app/cluster`, or those of the rest."""
    cluster = str(PROJECT / "app" / "cluster")
    return {
        name for (file, _), name in find_locks().items() if file.startswith(cluster) == of_cluster
    }


def test_nothing_is_waited_for_while_a_lock_is_held(tmp_path: Path, locks: Locks) -> None:
    results = tmp_path / "results"
    limits: dict[str, Any] = {"threads": 3, "keep_jobs": 20, "job_seconds": 5}
    with running_app(tmp_path, **limits, public=True, token=TOKEN) as app:
        with ThreadPoolExecutor(6) as clients:
            list(clients.map(lambda number: work(app, number, results), range(6)))
        service = service_of(app)
        eventually(lambda: service.unfinished == 0)
        service.drain()
        assert service.close(PATIENCE)
    Rows(dataset().estimates.clear).get()  # those of the app were read when it was made
    assert locks.nested == set()
    # All apps of the tests have one drawer, which may be older than this test; and a download is a
    # process of its own.
    elsewhere = {"Drawer._lock", "OpenConnections._lock", "SlowMotion._lock"}
    assert locks.taken | elsewhere == names_of_locks(of_cluster=False)


def test_nor_while_a_journal_is_rewritten_or_flushed(tmp_path: Path, locks: Locks) -> None:
    # Imported here, where the locks are watched already.
    from app.threads.journal import Journal

    journal = Journal(tmp_path, power=True, look_seconds=0, least_rewritten=5000)
    service = thread_service(tmp_path, journal=journal, threads=2, keep_jobs=10)

    def client(number: int) -> None:
        for turn in range(30):
            if number == 0 and turn % 10 == 5:
                journal.path.unlink(missing_ok=True)
            submit(service, "state_mean", question=OBESITY, state="Ohio")
            service.run_chores()

    with ThreadPoolExecutor(4) as clients:
        list(clients.map(client, range(4)))
    assert service.close(PATIENCE)
    assert locks.nested == set()
    assert "JournalFile._lock" in locks.taken


def test_nor_while_charts_are_drawn(locks: Locks) -> None:
    drawer = Drawer(program=ECHO)
    with ThreadPoolExecutor(3) as threads:
        drawn = list(threads.map(lambda _: drawer.svg({"mark": "bar"}), range(3)))
    drawer.rest(0)
    drawer.close()
    assert len(drawn) == 3
    assert locks.nested == set()
    assert locks.taken == {"Drawer._lock"}


def test_nor_while_redis_is_down(locks: Locks) -> None:
    client = RedisClient("redis://127.0.0.1:1/0", 0.5, SILENT)
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            client.execute("PING")
    client.stop_retrying()
    assert locks.nested == set()
    assert "RedisClient._lock" in locks.taken


def test_a_wait_against_the_order_is_found(locks: Locks) -> None:
    names = ("Limiter._working", "Drawer._lock", "Metrics._lock", "Wait._lock")
    limiter, drawer, metrics, wait = (WatchedLock(locks, name, threading.Lock()) for name in names)
    with limiter, drawer, metrics:
        pass
    assert locks.nested == set()
    with metrics:
        assert wait.acquire(blocking=False)  # nothing is waited for
        wait.release()
    assert locks.nested == set()
    with drawer, limiter:
        pass
    with metrics, wait:
        pass
    assert locks.nested == {(names[1], names[0]), (names[2], names[3])}


def test_design_md_has_every_lock_and_the_order() -> None:
    text = (PROJECT / "docs" / "design.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)`", text, re.MULTILINE)
    assert sorted(f"{owner}.{lock}" for owner, lock in rows) == sorted(find_locks().values())
    assert ", ".join(f"`{name}`" for name in HELD_WHILE_WORKING) in " ".join(text.split())
