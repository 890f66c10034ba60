"""A Redis that has lost jobs: no id is given twice, and who asks is told that the job is gone."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cluster import keys
from app.cluster.redis_client import RedisClient
from app.cluster.shared_jobs import JUST_STARTED, SharedJobs
from app.errors import LostJob, StoreUnavailable, UnknownJob
from app.job import Job
from unittests.helpers.app import running_app, service_of
from unittests.helpers.data import OBESITY
from unittests.helpers.redis_server import Redis, needs_redis
from unittests.helpers.registry import request
from unittests.helpers.server import free_port
from unittests.helpers.waiting import PATIENCE, eventually

pytestmark = needs_redis

ASKED = request("best5", question="a question")._replace(dataset="data")


class Web:
    """The jobs as a web process uses them."""

    def __init__(self, redis: Redis, highest: int = 0) -> None:
        client = RedisClient(redis.url, PATIENCE, logging.Logger("silent"))
        self.jobs = SharedJobs(client, highest)

    def accept(self, count: int) -> list[int]:
        """Have jobs accepted, and return their numbers."""
        return [job.number for job in self.jobs.accept([ASKED] * count, ["v1"] * count, 100).jobs]

    def accept_once_started(self, count: int) -> list[int]:
        """The same, once Redis accepts jobs."""
        eventually(self.refuses)
        numbers: list[int] = eventually(lambda: [] if self.refuses() else self.accept(count))
        return numbers

    def refuses(self) -> bool:
        """Tell whether no jobs are accepted, as Redis has just started."""
        try:
            self.accept(0)
        except StoreUnavailable as error:
            return str(error) == JUST_STARTED
        return False

    def sends_heartbeat(self) -> bool:
        """Send a heartbeat; tell whether Redis got it."""
        try:
            return bool(self.jobs.send_heartbeat("web"))
        except StoreUnavailable:
            return False

    def find(self, number: int) -> Job:
        """Return a job."""
        return self.jobs.get(number).job


@pytest.fixture(name="redis")
def redis_server(tmp_path: Path) -> Iterator[Redis]:
    """Give a Redis that has just started."""
    redis = Redis(tmp_path / "redis")
    yield redis
    redis.kill()


def has_run_for_long(redis: Redis) -> None:
    """Let the seconds pass in which a Redis that has just started accepts no jobs."""
    assert Web(redis).refuses()
    redis.client.hset(keys.RUN, "since", 0)


def test_a_redis_that_was_emptied_gives_no_id_again(redis: Redis) -> None:
    has_run_for_long(redis)
    first, second = Web(redis), Web(redis)
    known, unknown_to_second = first.accept(3), first.accept(2)
    second.sends_heartbeat()
    later = first.accept(2)
    redis.client.flushall()
    with pytest.raises(LostJob, match="gone: Redis has lost this job"):
        second.find(known[0])  # before any process has noticed
    new = second.accept(2)  # it has not heard of the last ones
    assert min(new) > max(later)
    assert first.accept(1)[0] > max(new)
    restarted = Web(redis)
    for number in (*known, *unknown_to_second, *later):
        for web in (first, second, restarted):
            with pytest.raises(LostJob):
                web.find(number)
    with pytest.raises(UnknownJob, match="Invalid job_id"):
        restarted.find(10 * max(new))


def test_a_process_that_starts_on_an_emptied_redis_waits_for_the_others(redis: Redis) -> None:
    has_run_for_long(redis)
    old = Web(redis)
    given = old.accept(3)
    redis.client.flushall()
    new = Web(redis)
    assert new.refuses()
    old.sends_heartbeat()
    assert new.accept(1)[0] > max(given)


def test_files_tell_what_was_given_where_nobody_else_knows(redis: Redis) -> None:
    assert Web(redis, highest=7).accept(1)[0] > 7


def test_a_redis_that_comes_back_without_its_last_jobs_waits_for_who_knows_them(
    redis: Redis,
) -> None:
    has_run_for_long(redis)
    one, other = Web(redis), Web(redis)
    [kept] = one.accept(1)
    lost = other.accept(3)
    redis.client.set(keys.LAST, kept)  # as of before
    redis.client.delete(*(f"{keys.JOB}{number}" for number in lost))
    redis.kill()
    redis.start()
    eventually(one.refuses)
    eventually(other.sends_heartbeat)
    assert one.accept(1)[0] > max(lost)
    assert one.find(kept).number == kept
    for number in lost:
        with pytest.raises(LostJob):
            one.find(number)


def test_ids_follow_one_another_after_a_restart_that_loses_nothing(redis: Redis) -> None:
    web = Web(redis)
    assert web.accept_once_started(2) == [1, 2]
    redis.kill()
    redis.start()
    assert web.accept_once_started(1) == [3]


def test_health_is_bad_for_whatever_reason_no_job_is_accepted(redis: Redis, tmp_path: Path) -> None:
    has_run_for_long(redis)
    default = ("ACL", "SETUSER", "default")
    with running_app(tmp_path, executor="celery", redis=redis.url) as app:
        client = app.test_client()

        def statuses() -> set[int]:
            """Return what health, and a submit that health has not looked at, are answered."""
            service_of(app).run_chores()
            submit = client.post("/api/best5", json={"question": OBESITY})
            return {client.get("/api/health").status_code, submit.status_code}

        for begin, end in (
            (("REPLICAOF", "127.0.0.1", free_port()), ("REPLICAOF", "NO", "ONE")),
            (("CONFIG", "SET", "min-replicas-to-write", 1),
             ("CONFIG", "SET", "min-replicas-to-write", 0)),
            (("CONFIG", "SET", "maxmemory", 1), ("CONFIG", "SET", "maxmemory", 0)),
            ((*default, "-zadd"), (*default, "+zadd")),
            ((*default, "-hset"), (*default, "+hset")),
            ((*default, "resetkeys", f"~{keys.LAST}"), (*default, "allkeys")),
        ):  # fmt: skip
            assert statuses() == {200}, begin
            redis.ask(*begin)
            assert statuses() == {503}, begin
            redis.ask(*end)
        assert statuses() == {200}
        # Who is refused is the first to know.
        redis.ask("CONFIG", "SET", "maxmemory", 1)
        assert client.post("/api/best5", json={"question": OBESITY}).status_code == 503
        assert client.get("/api/health").status_code == 503
