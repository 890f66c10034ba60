"""Does what no other part does: for dead workers, lost messages, old jobs, the log, a drain.

Every web process sends heartbeats; one of them at a time is the janitor.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable

from app import json_bytes
from app.cluster import keys
from app.cluster.publisher import Publisher
from app.cluster.redis_client import RedisClient
from app.cluster.shared_jobs import SharedJobs
from app.errors import StoreUnavailable
from app.job import Job
from app.job_service import LETHAL, MOST_DEATHS, Limits, log_end
from app.messages import reasons

# Seconds without a heartbeat after which a process is not alive. They send one each second.
SILENCE = 3.0

MOST_EXPIRED = 1000  # in one round: Redis does nothing else meanwhile
MOST_LOGGED = 1000  # in one round
MOST_ROUNDS = 10  # in one call: there is more to do

# Seconds until jobs fail whose dataset no worker has, though there are workers of another one.
UNSERVED_SECONDS = 60.0

UNSERVED = reasons.UNSERVED()

# What `resume.lua` returns to a process that belongs to the drain, and what it takes from one that
# belongs to none.
_OF_THIS_PROCESS = 2
_NONE = -1


class Janitor:
    """The chores of one web process; one thread calls `run_chores` each second."""

    def __init__(
        self,
        web: str,
        redis: RedisClient,
        jobs: SharedJobs,
        publisher: Publisher,
        limits: Limits,
        course: str,
        log: logging.Logger,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`web` is the name of this process, which no other one has.

        `course` is the version of the dataset that is asked by jobs recorded without one's name, as
        those of before 2.0, when there are no workers of their own version any more.
        """
        self._web = web
        self._redis = redis
        self._jobs = jobs
        self._publisher = publisher
        self._limits = limits
        self._course = course
        self._log = log
        self._clock = clock
        # Runners of running jobs that are not alive, and datasets of waiting jobs that no runner
        # serves, by when each was first found so. While Redis is down it hears of no process, so
        # both are cleared then.
        self._silent: dict[str, float] = {}
        self._unserved: dict[str, float] = {}
        # Where this process belongs to a drain, how many were over when that began.
        self._drain = _NONE
        self._lost: int | None = None  # the highest number that may be lost, once it is known

    def run_chores(self) -> tuple[bool, list[int]]:
        """Do what is due; return whether this process is closed, and which old jobs were removed.

        It accepts no jobs while the service drains, nor after a drain that it belonged to.
        Raises StoreUnavailable.
        """
        try:
            self._send_heartbeat()
            drain, over = self._redis.run_script("resume", SILENCE, self._web, self._drain)
            if drain == _OF_THIS_PROCESS:
                self._drain = over
            if not self._redis.run_script("elect", self._web, SILENCE):
                self._clear()
                return bool(drain), []
            self._rescue()
            self._log_ended()
            return bool(drain), self._expire()
        except StoreUnavailable:
            self._clear()
            raise

    def _send_heartbeat(self) -> None:
        known = self._jobs.send_heartbeat(self._web)
        if self._lost is not None and known.lost > self._lost:
            self._log.error("Redis has lost jobs: ids go on after job_id_%d", known.last)
        self._lost = known.lost

    def _clear(self) -> None:
        self._silent.clear()
        self._unserved.clear()

    def drain(self) -> None:
        """Let no web process accept jobs any more; raise StoreUnavailable."""
        self._drain = self._redis.run_script("drain", SILENCE, self._web)

    def leave(self) -> None:
        """Tell Redis that this process ends; raise StoreUnavailable."""
        self._redis.execute("ZREM", keys.WEBS, self._web)

    def processes(self) -> list[str]:
        """Return the processes that run jobs and are alive; raise StoreUnavailable."""
        alive = self._redis.run_script("runners", SILENCE)[1]
        return [keys.process_of(runner.decode()) for runner in alive]

    def webs(self) -> list[str]:
        """Return the web processes that are alive; raise StoreUnavailable."""
        return [web.decode() for web in self._redis.run_script("runners", SILENCE)[2]]

    def _rescue(self) -> None:
        """Send the jobs of dead runners again, and those whose message is lost."""
        found = self._redis.run_script("runners", SILENCE)
        used, alive = ({runner.decode() for runner in runners} for runners in found[:2])
        dead = self._lasting(self._silent, used - alive, SILENCE)
        for runner in dead:
            self._log.error("worker process %s died; its jobs run again", runner)
        served = {version for runner in alive for version in keys.served_by(runner)}
        # As long as there are no workers at all, they may all be about to start.
        unserved = self._unserved.keys() - served if served else set[str]()
        abandoned = self._lasting(self._unserved, unserved, UNSERVED_SECONDS)
        known = {
            "dead": dead,
            "served": list(served),
            "abandoned": abandoned,
            "course": self._course,
        }
        again, waiting_for = self._redis.run_script(
            "rescue", self._jobs.channel, MOST_DEATHS, LETHAL, UNSERVED, json_bytes.encode(known)
        )
        for dataset in waiting_for:
            self._unserved.setdefault(dataset.decode(), self._clock())
        if again:
            self._log.info("%d jobs are sent to the workers again", len(again))
            for dataset, jobs in self._by_dataset([int(number) for number in again]).items():
                self._publisher.publish(jobs, dataset, batch=len(jobs) > 1)

    def _log_ended(self) -> None:
        """Log which jobs have ended, whoever ended them: each has one line, in one log."""
        for _ in range(MOST_ROUNDS):
            endings = self._jobs.unlogged(MOST_LOGGED)
            for job_id, status, ran, runner, waited in endings:
                log_end(self._log, job_id, status, ran, runner or "no process", waited)
            if len(endings) < MOST_LOGGED:
                return

    def _by_dataset(self, numbers: list[int]) -> dict[str, list[Job]]:
        by_dataset: dict[str, list[Job]] = defaultdict(list)
        for found in self._jobs.find(numbers):
            if found is not None and not found.job.finished:
                by_dataset[found.dataset].append(found.job)
        return by_dataset

    def _expire(self) -> list[int]:
        """Remove old jobs, and return their numbers."""
        removed: list[int] = []
        most, seconds = self._limits.keep_jobs, self._limits.keep_seconds
        for _ in range(MOST_ROUNDS):
            numbers = self._redis.run_script("expire", most, seconds, MOST_EXPIRED)
            if not numbers:
                break
            removed += map(int, numbers)
        return removed

    def _lasting(self, since: dict[str, float], current: set[str], seconds: float) -> list[str]:
        """Return the names that have been in `current` for so many seconds.

        `since` is when each was first in it, and is brought up to date.
        """
        now = self._clock()
        for name in since.keys() - current:
            del since[name]
        for name in current:
            since.setdefault(name, now)
        return [name for name, first in since.items() if now - first >= seconds]
