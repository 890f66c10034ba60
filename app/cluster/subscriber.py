"""Receives from Redis which jobs have ended, and notifies those who wait for them."""

import logging
import threading
from collections.abc import Sequence
from contextlib import closing

from redis.exceptions import RedisError

from app.cluster.redis_client import RedisClient
from app.cluster.shared_jobs import SharedJobs
from app.concurrency.watches import Watches
from app.errors import StoreUnavailable
from app.job import JobStatus

# Seconds to wait for a message at a time, and until the next try where Redis is down.
_LISTEN_SECONDS = 0.5
_RETRY_SECONDS = 0.25

_FINAL = (JobStatus.DONE, JobStatus.ERROR)


class Subscriber(threading.Thread):
    """A thread that listens to one channel of Redis.

    Redis does not keep messages for those who do not listen. So whenever the thread starts to
    listen, and whenever `check_watched` is called, it reads the jobs that somebody waits for.
    """

    def __init__(
        self, redis: RedisClient, jobs: SharedJobs, watches: Watches, log: logging.Logger
    ) -> None:
        super().__init__(name="Subscriber", daemon=True)
        self._redis = redis
        self._jobs = jobs
        self._watches = watches
        self._log = log
        self._stopping = threading.Event()

    def run(self) -> None:
        """Listen until stopped."""
        while not self._stopping.is_set():
            try:
                self._redis.check()
                self._listen()
            except (RedisError, StoreUnavailable):
                # Whoever sends the next command finds out why, and logs it.
                self._stopping.wait(_RETRY_SECONDS)
            except Exception:  # noqa: BLE001
                self._log.exception("listening raised")
                self._stopping.wait(_RETRY_SECONDS)

    def _listen(self) -> None:
        pubsub = self._redis.client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        with closing(pubsub) as channel:
            channel.subscribe(self._jobs.channel)
            channel.get_message(timeout=_LISTEN_SECONDS)  # that it is subscribed
            self.check_watched()
            while not self._stopping.is_set():
                message = channel.get_message(timeout=_LISTEN_SECONDS)
                if message is not None and message["type"] == "message":
                    self._watches.ended(self._jobs.heard(message["data"]))

    def check_watched(self) -> None:
        """Notify those who wait for jobs that have ended; raise StoreUnavailable."""
        numbers = self._watches.watched()
        if numbers:
            self.notify_ended(numbers)

    def notify_ended(self, numbers: Sequence[int]) -> None:
        """Notify those who wait for some of these jobs that have ended, or do not exist."""
        ends = zip(numbers, self._jobs.ends(numbers), strict=True)
        self._watches.ended(number for number, end in ends if end is None or end.status in _FINAL)

    def stop(self) -> None:
        """Listen no more. Can be repeated."""
        self._stopping.set()
