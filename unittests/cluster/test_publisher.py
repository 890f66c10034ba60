"""What goes into one message, in which order, and what happens where it cannot be sent."""

import itertools
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from app.cluster.celery_app import TASK
from app.cluster.keys import BATCHES, QUEUE
from app.cluster.publisher import LARGE_JOBS, SMALL_JOBS, Publisher
from app.job import Job, JobRequest
from app.statistics.registry import STATISTICS
from unittests.helpers.registry import request
from unittests.helpers.waiting import PATIENCE, eventually

SMALL = request("state_mean", question="a question", state="Ohio")
LARGE = request("trend")


@dataclass
class Messages:
    """Takes the place of Celery, and keeps the messages; it raises the `errors` first."""

    errors: list[Exception] = field(default_factory=list)
    sent: list[tuple[str, list[int]]] = field(default_factory=list)  # the queue, and job numbers
    seconds: set[float] = field(default_factory=set)
    # A message is sent while this is set.
    open: threading.Event = field(default_factory=threading.Event)
    tried: int = 0
    on_sent: Callable[[], None] = lambda: None

    def send_task(self, name: str, arguments: tuple[str, list[Any], float], **options: Any) -> None:
        """Do what Celery does."""
        self.tried += 1
        assert self.open.wait(PATIENCE)
        if self.errors:
            raise self.errors.pop(0)
        assert name == TASK
        dataset, jobs, seconds = arguments
        assert options["queue"].endswith(dataset)
        self.seconds.add(seconds)
        self.sent.append((options["queue"], [job[0] for job in jobs]))
        self.on_sent()

    @property
    def sizes(self) -> list[int]:
        """How many jobs each message has."""
        return [len(numbers) for _, numbers in self.sent]

    @property
    def numbers(self) -> list[int]:
        """The numbers of all jobs, as they were sent."""
        return [number for _, numbers in self.sent for number in numbers]


@pytest.fixture(name="messages")
def all_messages() -> Messages:
    messages = Messages()
    messages.open.set()
    return messages


@pytest.fixture(name="publisher")
def new_publisher(messages: Messages) -> Iterable[Publisher]:
    publisher = Publisher(cast("Celery", messages), STATISTICS, 7.5, logging.Logger("silent"))
    yield publisher
    messages.open.set()
    publisher.stop(PATIENCE)


def jobs(numbers: Iterable[int], asked: JobRequest = SMALL, deaths: int = 0) -> list[Job]:
    return [Job(number, asked, 0.0, deaths=deaths) for number in numbers]


def send(publisher: Publisher) -> None:
    """Have sent what waits."""
    publisher.start()
    publisher.stop(PATIENCE)


def test_a_hundred_small_jobs_go_together(publisher: Publisher, messages: Messages) -> None:
    publisher.publish(jobs(range(1, 2 * SMALL_JOBS + 2)), "v1", batch=True)
    send(publisher)
    assert messages.sizes == [SMALL_JOBS, SMALL_JOBS, 1]
    assert messages.numbers == list(range(1, 2 * SMALL_JOBS + 2))
    assert messages.seconds == {7.5}


def test_few_large_jobs_go_together_and_no_small_ones_with_them(
    publisher: Publisher, messages: Messages
) -> None:
    publisher.publish(jobs([1, 2]), "v1")
    publisher.publish(jobs(range(3, 3 + LARGE_JOBS + 1), LARGE), "v1")
    publisher.publish(jobs([20]), "v1")
    send(publisher)
    whole = list(range(3, 3 + LARGE_JOBS))
    assert sorted(numbers for _, numbers in messages.sent) == [[1, 2, 20], whole, [whole[-1] + 1]]


def test_a_job_whose_worker_died_goes_alone(publisher: Publisher, messages: Messages) -> None:
    publisher.publish([*jobs([1, 2]), *jobs([3, 4], deaths=1), *jobs([5])], "v1")
    send(publisher)
    assert sorted(numbers for _, numbers in messages.sent) == [[1, 2, 5], [3], [4]]


def test_each_dataset_and_batches_have_queues_of_their_own(
    publisher: Publisher, messages: Messages
) -> None:
    publisher.publish(jobs([1]), "v1")
    publisher.publish(jobs([2]), "v2")
    publisher.publish(jobs([3, 4]), "v1", batch=True)
    send(publisher)
    assert sorted(messages.sent) == sorted(
        [(f"{QUEUE}v1", [1]), (f"{QUEUE}v2", [2]), (f"{BATCHES}v1", [3, 4])]
    )


def test_single_jobs_overtake_the_rest_of_a_batch(publisher: Publisher, messages: Messages) -> None:
    messages.open.clear()
    publisher.publish(jobs(range(1, 3 * SMALL_JOBS + 1)), "v1", batch=True)
    publisher.start()
    eventually(lambda: messages.tried == 1)
    publisher.publish(jobs([1000]), "v1")
    messages.open.set()
    publisher.stop(PATIENCE)
    assert messages.sizes == [SMALL_JOBS, 1, SMALL_JOBS, SMALL_JOBS]


def test_a_batch_goes_on_while_single_jobs_keep_coming(
    publisher: Publisher, messages: Messages
) -> None:
    singles = itertools.count(1000)

    def is_whole() -> bool:
        return sum(len(some) for queue, some in messages.sent if queue == f"{BATCHES}v1") == 600

    def submit() -> None:
        if not is_whole():
            publisher.publish(jobs([next(singles)]), "v1")

    messages.on_sent = submit  # so one waits whenever a message was sent
    submit()
    publisher.publish(jobs(range(1, 601)), "v1", batch=True)
    publisher.start()
    eventually(is_whole)


def test_what_comes_while_a_message_is_under_way_goes_together(
    publisher: Publisher, messages: Messages
) -> None:
    messages.open.clear()
    publisher.start()
    publisher.publish(jobs([1]), "v1")
    eventually(lambda: messages.tried == 1)
    for number in range(2, 50):
        publisher.publish(jobs([number]), "v1")
    messages.open.set()
    publisher.stop(PATIENCE)
    assert messages.sent == [(f"{QUEUE}v1", [1]), (f"{QUEUE}v1", list(range(2, 50)))]


@pytest.mark.parametrize("batch", [False, True])
def test_while_redis_is_down_messages_wait_in_their_order(
    batch: bool, publisher: Publisher, messages: Messages
) -> None:
    messages.errors.append(OperationalError("down"))
    numbers = list(range(1, 3 * SMALL_JOBS + 1))
    publisher.publish(jobs(numbers), "v1", batch=batch)
    publisher.start()
    eventually(lambda: len(messages.sent) == 3)
    assert messages.numbers == numbers
    assert messages.tried == 4


def test_a_message_that_celery_cannot_send_is_left_to_the_janitor(
    publisher: Publisher, messages: Messages
) -> None:
    messages.errors += [TypeError("not a message")]
    publisher.publish([*jobs([1], deaths=1), *jobs([2])], "v1")
    send(publisher)
    assert messages.numbers == [2]


def test_it_ends_though_redis_is_down(publisher: Publisher, messages: Messages) -> None:
    messages.errors += [OperationalError("down")] * 1000
    publisher.publish(jobs([1]), "v1")
    publisher.start()
    eventually(lambda: messages.tried)
    publisher.stop(PATIENCE)
    assert not publisher.is_alive()
    publisher.stop(PATIENCE)


def test_one_that_was_never_started_can_be_stopped(publisher: Publisher) -> None:
    publisher.stop(PATIENCE)
