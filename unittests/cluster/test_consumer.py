"""How often a worker tries to reconnect, and when it takes a connection for stuck."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("celery", reason="requirements-celery.txt is not installed")

from celery.worker import state
from redis.exceptions import ConnectionError as RedisConnectionError

from app.cluster.celery_app import celery_app
from app.cluster.consumer import (
    CHECK_SECONDS,
    FAILED_CHECKS,
    ReconnectingConsumer,
    StuckDetector,
)
from unittests.helpers.clock import Clock


class Down:
    """A connection to a Redis that is down for so many tries."""

    def __init__(self, tries: int) -> None:
        self.tries = tries
        self.pauses: list[float] = []

    def ensure_connection(
        self, errback: Callable[[Exception, float], None], max_retries: int | None,
        interval_start: float, interval_step: float, interval_max: float,
        callback: Callable[[], None],
    ) -> "Down":  # fmt: skip
        """Do what kombu's connection does, but for the pauses."""
        assert max_retries is None  # for ever
        pause = interval_start
        for _ in range(self.tries):
            callback()
            errback(RedisConnectionError("down"), pause)
            self.pauses.append(pause)
            pause = min(pause + interval_step, interval_max)
        return self


@pytest.fixture(name="consumer")
def new_consumer() -> Iterator[ReconnectingConsumer]:
    state.should_stop = state.should_terminate = None
    worker = SimpleNamespace(use_eventloop=False)
    app = celery_app("memory://", 1.0)
    yield ReconnectingConsumer(lambda _: None, app=app, controller=worker)
    state.should_stop = state.should_terminate = None


def test_it_tries_to_reconnect_every_half_second(consumer: ReconnectingConsumer) -> None:
    down = Down(tries=100)
    assert consumer.ensure_connected(down) is down
    assert set(down.pauses) == {0.5}
    assert consumer.broker_connection_retry_attempt == 100


def test_a_worker_that_is_told_to_stop_does_not_wait_for_redis(
    consumer: ReconnectingConsumer,
) -> None:
    state.should_stop = 0
    with pytest.raises(SystemExit):
        consumer.ensure_connected(Down(tries=1))


class Connection:
    """A connection that is checked each second."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.sleep(100)
        self.detector = StuckDetector(self.clock.now)
        self.received = 0
        self.busy = False
        self.waiting = True
        self.asked = 0

    def messages_wait(self) -> bool:
        self.asked += 1
        return self.waiting

    def checks(self, count: int) -> list[bool]:
        found = []
        for _ in range(count):
            found.append(self.detector.is_stuck(self.received, self.busy, self.messages_wait))
            self.clock.sleep(CHECK_SECONDS)
        return found


@pytest.fixture(name="connection")
def new_connection() -> Connection:
    connection = Connection()
    connection.checks(1)  # the first one has nothing to compare with
    return connection


def test_a_connection_is_stuck_when_messages_wait_and_none_arrives(connection: Connection) -> None:
    assert connection.checks(FAILED_CHECKS + 1) == [*[False] * (FAILED_CHECKS - 1), True, False]


def test_a_connection_without_messages_is_not_stuck(connection: Connection) -> None:
    connection.waiting = False
    assert not any(connection.checks(100))


def test_a_message_that_arrives_begins_the_count_anew(connection: Connection) -> None:
    for _ in range(10):
        assert not any(connection.checks(FAILED_CHECKS - 1))
        connection.received += 1
        assert connection.checks(1) == [False]


def test_a_worker_that_is_busy_takes_no_messages_and_is_not_stuck(connection: Connection) -> None:
    connection.busy = True
    assert not any(connection.checks(100))
    assert connection.asked == 0


def test_redis_is_asked_once_a_second_however_often_the_loop_turns(connection: Connection) -> None:
    for _ in range(100):
        connection.detector.is_stuck(connection.received, False, connection.messages_wait)
        connection.clock.sleep(CHECK_SECONDS / 1000)
    assert connection.asked == 1
    assert any(connection.checks(FAILED_CHECKS))


def test_celery_uses_this_consumer() -> None:
    consumer: Any = celery_app("memory://", 1.0).conf.worker_consumer
    module, name = consumer.split(":")
    assert (module, name) == (ReconnectingConsumer.__module__, ReconnectingConsumer.__name__)
