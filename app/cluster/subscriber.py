"""Hears from Redis which jobs have ended, and tells those who wait for them."""

import logging
import threading
from collections.abc import Sequence
from contextlib import closing

from redis.exceptions import RedisError

from app.cluster.link import Link
from app.cluster.shared_jobs import SharedJobs
from app.concurrency.watches import Watches
from app.errors import StoreUnavailable
from app.job import JobStatus

# Seconds to wait for the next notice, and before trying again where Redis is down.
_LISTEN = 0.5
_TRY_AGAIN = 0.25

_FINAL = (JobStatus.DONE, JobStatus.ERROR)


class Subscriber(threading.Thread):
    """A thread that listens to one channel.

    What was told while nobody listened is not told again, so each time that listening begins, and
    whenever `look` is called, it asks about the jobs that somebody waits for.
    """

    def __init__(self, link: Link, jobs: SharedJobs, watches: Watches, log: logging.Logger) -> None:
        super().__init__(name="Subscriber", daemon=True)
        self._link = link
        self._jobs = jobs
        self._watches = watches
        self._log = log
        self._stopping = threading.Event()

    def run(self) -> None:
        """Listen until stopped."""
        while not self._stopping.is_set():
            try:
                self._link.check()
                self._listen()
            except (RedisError, StoreUnavailable):
                # Whoever uses the link finds out why, and tells the log.
                self._stopping.wait(_TRY_AGAIN)
            except Exception:  # pylint: disable=broad-exception-caught
                self._log.exception("listening raised")
                self._stopping.wait(_TRY_AGAIN)

    def _listen(self) -> None:
        pubsub = self._link.client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        with closing(pubsub) as channel:
            channel.subscribe(self._jobs.channel)
            channel.get_message(timeout=_LISTEN)  # that it is subscribed
            self.look()
            while not self._stopping.is_set():
                message = channel.get_message(timeout=_LISTEN)
                if message is not None and message["type"] == "message":
                    self._watches.ended(map(int, message["data"].split(b",")))

    def look(self) -> None:
        """Tell those who wait for jobs that have ended; raise StoreUnavailable."""
        numbers = self._watches.watched()
        if numbers:
            self.tell_ended(numbers)

    def tell_ended(self, numbers: Sequence[int]) -> None:
        """Tell those who wait for some of these jobs which have ended, or are not there."""
        ends = zip(numbers, self._jobs.ends(numbers), strict=True)
        self._watches.ended(number for number, end in ends if end is None or end.status in _FINAL)

    def stop(self) -> None:
        """Listen no more. Can be repeated."""
        self._stopping.set()
