"""Looks after what nobody else would: jobs of dead workers, lost messages, old jobs, a drain.

Every web process tells that it lives; one of them at a time does the rest.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable

from app.cluster import keys
from app.cluster.link import Link
from app.cluster.sender import Sender
from app.cluster.shared_jobs import SharedJobs
from app.errors import StoreUnavailable
from app.job_service import MOST_DEATHS, Limits
from app.jobs import Job

# Seconds of silence after which a process counts as dead. They tell each second that they live.
SILENCE = 3.0

# Milliseconds for which a process is the keeper, unless it says again that it is.
_TERM = 3000

_MOST_FORGOTTEN = 1000  # at a time: Redis does nothing else meanwhile

LETHAL = f"the job was running {MOST_DEATHS} times when its worker died; it is not run again"
UNSERVED = "no worker has the dataset that this was asked of any more; ask again"


class Keeper:
    """The duties of one web process; `tend` is called each second, by one thread."""

    def __init__(
        self,
        web: str,
        link: Link,
        jobs: SharedJobs,
        sender: Sender,
        limits: Limits,
        log: logging.Logger,
    ) -> None:
        """`web` tells this process from others."""
        self._web = web
        self._link = link
        self._jobs = jobs
        self._sender = sender
        self._limits = limits
        self._log = log
        # Runners of running jobs that do not tell that they live, by when that was first seen.
        # While Redis is away nobody can tell it anything, so then it starts anew.
        self._silent: dict[str, float] = {}

    def tend(self) -> tuple[bool, list[int]]:
        """Do what is due; return whether the service drains, and which jobs were forgotten.

        Raises StoreUnavailable.
        """
        try:
            self._link.run("beat", keys.WEBS, self._web)
            draining = bool(self._link.run("resume", SILENCE))
            if not self._link.run("keep", self._web, _TERM):
                self._silent.clear()
                return draining, []
            self._rescue()
            return draining, self._forget_old()
        except StoreUnavailable:
            self._silent.clear()
            raise

    def drain(self) -> None:
        """Have no web process accept jobs any more; raise StoreUnavailable."""
        self._link.run("drain", SILENCE, self._web)

    def leave(self) -> None:
        """Tell that this process ends; raise StoreUnavailable."""
        self._link.ask("ZREM", keys.WEBS, self._web)

    def runners(self) -> int:
        """Return how many processes run jobs; raise StoreUnavailable."""
        return len(self._link.run("looks", SILENCE)[1])

    def _rescue(self) -> None:
        dead = self._dead(*self._link.run("looks", SILENCE))
        for runner in dead:
            self._log.error("worker process %s died; its jobs run again", runner)
        told = self._link.run(
            "rescue", self._jobs.channel, MOST_DEATHS, LETHAL, UNSERVED, SILENCE, *dead
        )
        again = [int(number) for number in told]
        if again:
            self._log.info("%d jobs are sent to the workers again", len(again))
            for dataset, jobs in self._by_dataset(again).items():
                self._sender.send(jobs, dataset)

    def _dead(self, used: Iterable[bytes], alive: Iterable[bytes]) -> list[str]:
        """Return the runners that have jobs and were silent for long enough to count as dead."""
        now = time.monotonic()
        silent = {runner.decode() for runner in used} - {runner.decode() for runner in alive}
        self._silent = {runner: self._silent.get(runner, now) for runner in silent}
        return [runner for runner, since in self._silent.items() if now - since >= SILENCE]

    def _by_dataset(self, numbers: list[int]) -> dict[str, list[Job]]:
        by_dataset: dict[str, list[Job]] = defaultdict(list)
        for stored in self._jobs.find(numbers):
            if stored is not None and not stored.job.finished:
                by_dataset[stored.dataset].append(stored.job)
        return by_dataset

    def _forget_old(self) -> list[int]:
        gone: list[int] = []
        seconds = self._limits.keep_seconds
        while some := self._link.run("expire", self._limits.keep_jobs, seconds, _MOST_FORGOTTEN):
            gone += map(int, some)
        return gone
