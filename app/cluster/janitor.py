"""Looks after what nobody else would: jobs of dead workers, lost messages, old jobs, a drain.

Every web process tells that it lives; one of them at a time does the rest.
"""

import logging
import time
from collections import defaultdict

from app import json_bytes
from app.cluster import keys
from app.cluster.link import Link
from app.cluster.publisher import Publisher
from app.cluster.shared_jobs import SharedJobs
from app.errors import StoreUnavailable
from app.job import Job
from app.job_service import MOST_DEATHS, Limits

# Seconds of silence after which a process counts as dead. They tell each second that they live.
SILENCE = 3.0

# Milliseconds for which a process is the janitor, unless it says again that it is.
_TERM = 3000

_MOST_FORGOTTEN = 1000  # at a time: Redis does nothing else meanwhile
_MOST_ROUNDS = 10  # each time: there is more to look after

# Seconds until jobs fail whose dataset no worker has, though there are workers of another one.
_PATIENCE = 60.0

_THIS_ONE = 2  # what `resume.lua` says to a process that was told to drain

LETHAL = f"the job was running {MOST_DEATHS} times when its worker died; it is not run again"
UNSERVED = "no worker has the dataset that this was asked of any more; ask again"


class Janitor:
    """The duties of one web process; `run_chores` is called each second, by one thread."""

    def __init__(
        self,
        web: str,
        link: Link,
        jobs: SharedJobs,
        publisher: Publisher,
        limits: Limits,
        log: logging.Logger,
    ) -> None:
        """`web` tells this process from others."""
        self._web = web
        self._link = link
        self._jobs = jobs
        self._publisher = publisher
        self._limits = limits
        self._log = log
        # Runners of running jobs that do not tell that they live, and datasets that jobs wait for
        # and no runner has, by when that was first seen. While Redis is away nobody can tell it
        # anything, so then they start anew.
        self._silent: dict[str, float] = {}
        self._in_vain: dict[str, float] = {}
        self._told_to_drain = False

    def run_chores(self) -> tuple[bool, list[int]]:
        """Do what is due; return whether the service drains, and which jobs were forgotten.

        Raises StoreUnavailable.
        """
        try:
            self._link.run("beat", keys.WEBS, self._web)
            drain = self._link.run("resume", SILENCE, self._web, int(self._told_to_drain))
            self._told_to_drain = drain == _THIS_ONE
            if not self._link.run("keep", self._web, _TERM):
                self._look_anew()
                return bool(drain), []
            self._rescue()
            return bool(drain), self._forget_old()
        except StoreUnavailable:
            self._look_anew()
            raise

    def _look_anew(self) -> None:
        self._silent.clear()
        self._in_vain.clear()

    def drain(self) -> None:
        """Have no web process accept jobs any more; raise StoreUnavailable."""
        self._link.run("drain", SILENCE, self._web)
        self._told_to_drain = True

    def leave(self) -> None:
        """Tell that this process ends; raise StoreUnavailable."""
        self._link.ask("ZREM", keys.WEBS, self._web)

    def runners(self) -> int:
        """Return how many processes run jobs; raise StoreUnavailable."""
        return len(self._link.run("looks", SILENCE)[1])

    def _rescue(self) -> None:
        found = self._link.run("looks", SILENCE)
        used, alive = ({runner.decode() for runner in runners} for runners in found)
        dead = _lasting(self._silent, used - alive, SILENCE)
        for runner in dead:
            self._log.error("worker process %s died; its jobs run again", runner)
        served = {runner.partition(" ")[0] for runner in alive}
        # As long as there are no workers at all, they may all be about to start.
        in_vain = self._in_vain.keys() - served if served else set[str]()
        given_up = _lasting(self._in_vain, in_vain, _PATIENCE)
        known = {"dead": dead, "served": list(served), "given_up": given_up}
        again, unserved = self._link.run(
            "rescue", self._jobs.channel, MOST_DEATHS, LETHAL, UNSERVED, json_bytes.encode(known)
        )
        for dataset in unserved:
            self._in_vain.setdefault(dataset.decode(), time.monotonic())
        if again:
            self._log.info("%d jobs are sent to the workers again", len(again))
            for dataset, jobs in self._by_dataset([int(number) for number in again]).items():
                self._publisher.send(jobs, dataset, together=len(jobs) > 1)

    def _by_dataset(self, numbers: list[int]) -> dict[str, list[Job]]:
        by_dataset: dict[str, list[Job]] = defaultdict(list)
        for stored in self._jobs.find(numbers):
            if stored is not None and not stored.job.finished:
                by_dataset[stored.dataset].append(stored.job)
        return by_dataset

    def _forget_old(self) -> list[int]:
        gone: list[int] = []
        seconds = self._limits.keep_seconds
        for _ in range(_MOST_ROUNDS):
            some = self._link.run("expire", self._limits.keep_jobs, seconds, _MOST_FORGOTTEN)
            if not some:
                break
            gone += map(int, some)
        return gone


def _lasting(since: dict[str, float], now_so: set[str], seconds: float) -> list[str]:
    """Return what has been so for so long; `since` is when each was first seen so."""
    now = time.monotonic()
    for name in since.keys() - now_so:
        del since[name]
    for name in now_so:
        since.setdefault(name, now)
    return [name for name, first in since.items() if now - first >= seconds]
