"""Lock discipline of the second executor: with a lock, no thread waits for another or for Redis."""

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.cluster.keys import runner_name
from app.cluster.redis_client import Command, RedisClient
from app.cluster.runner import Runner
from app.cluster.worker_jobs import WorkerJobs
from app.errors import StoreUnavailable
from app.result_store import ResultStore
from unittests.helpers.app import running_app, service_of
from unittests.helpers.data import OBESITY, answers_of, dataset
from unittests.helpers.redis_server import Redis, needs_redis
from unittests.helpers.waiting import PATIENCE, eventually
from unittests.helpers.watched_lock import HELD_WHILE_WORKING, Locks
from unittests.test_locks import names_of_locks

pytestmark = needs_redis

SECONDS = 0.2  # that Redis has to answer
STATES = ("Ohio", "Texas", "Alabama")


@contextmanager
def running_runner(redis: Redis, app: Flask, files: Path) -> Iterator[None]:
    """Run the jobs of a web process, on a thread that takes the place of a worker's process."""
    log = logging.Logger("silent")
    answers = answers_of(dataset(), 2**20)
    client = RedisClient(redis.url, SECONDS, log)
    jobs = WorkerJobs(client, runner_name([answers.version], "runner"))
    runner = Runner({answers.version: answers}, jobs, ResultStore(files), log)
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            try:
                unfinished = list(service_of(app).list(unfinished=True))
                messages = [(job.number, *job.request) for job in unfinished]
                runner.run(answers.version, messages, 0)
            except StoreUnavailable:
                pass

    runner.begin()
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(PATIENCE)
        runner.end()
        client.stop_retrying()


def ask(app: Flask, redis: Redis, number: int) -> None:
    """Submit, cancel, collect and look, as many clients do; Redis stands still now and then."""
    client = app.test_client()
    for turn in range(20):
        if number == 0 and turn % 10 == 5:
            redis.pause()
        body = {"question": OBESITY, "state": STATES[turn % 3]}
        batch = [{"statistic": "state_mean", **body}] * 5
        submitted = client.post("/api/batch", json=batch)
        if submitted.status_code == 200:
            job_id = submitted.get_json()["job_ids"][-1]
            client.get(f"/api/get_results/{job_id}?wait=0.05")
            client.delete(f"/api/jobs/{job_id}")
        for path in ("jobs", "num_jobs", "activity", "health"):
            client.get(f"/api/{path}")
        service_of(app).run_chores()
        if number == 0:
            redis.resume()


def test_no_thread_waits_for_a_lock_or_for_redis_while_it_holds_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = Locks(monkeypatch)
    held: set[str] = set()
    execute_all = RedisClient.execute_all

    def execute_and_note(client: RedisClient, commands: Sequence[Command]) -> list[Any]:
        held.update(locks.held_here())
        return execute_all(client, commands)

    monkeypatch.setattr(RedisClient, "execute_all", execute_and_note)
    redis = Redis(tmp_path / "redis")
    options = {"executor": "celery", "redis": redis.url, "redis_seconds": SECONDS}
    try:
        with (
            running_app(tmp_path, **options, keep_jobs=50, files=tmp_path / "files") as app,
            running_runner(redis, app, tmp_path / "files"),
        ):
            with ThreadPoolExecutor(4) as clients:
                list(clients.map(lambda number: ask(app, redis, number), range(4)))
            done = {"status": "done", "num_jobs": 0}
            eventually(lambda: app.test_client().get("/api/num_jobs").get_json() == done)
    finally:
        redis.resume()
        redis.kill()
    assert names_of_locks(of_cluster=True) <= locks.taken
    assert locks.nested == set()
    assert held <= set(HELD_WHILE_WORKING)
