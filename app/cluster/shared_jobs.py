"""The jobs in Redis, as web processes use them: any process, any job."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from app import json_bytes
from app.cluster import keys
from app.cluster.recent_ends import RecentEnds, SharedEnd
from app.cluster.redis_client import RedisClient
from app.errors import (
    ExpiredJob,
    KeyReused,
    LostJob,
    QueueFull,
    ShuttingDown,
    StoreUnavailable,
    UnknownJob,
)
from app.job import (
    CANCELLED,
    Done,
    Failed,
    Job,
    JobCounts,
    JobRequest,
    JobStatus,
    was_cancelled,
)
from app.metrics import Metrics

# Jobs that are read at a time: some milliseconds, after which other requests have their turn.
_PAGE_SIZE = 200

_FIELDS = (
    "status",
    "statistic",
    "asked",
    "dataset",
    "accepted",
    "started",
    "ended",
    "digest",
    "reason",
    "cancelled",
    "deaths",
    "runner",
)

# Why no jobs are accepted where Redis has just started.
JUST_STARTED = "Redis has just started: jobs are accepted in 3 seconds"

_END_FIELDS = ("status", "dataset", "answer", "digest", "reason", "cancelled")


class SharedJob(NamedTuple):
    """A job as it was when it was read, and the version of its dataset."""

    job: Job
    dataset: str


class Given(NamedTuple):
    """The highest number ever given, and the one up to which jobs may be lost."""

    last: int
    lost: int

    def missing(self, number: int) -> UnknownJob:
        """Return the error for a job that does not exist."""
        if 0 < number <= self.lost:
            return LostJob()
        return ExpiredJob() if 0 < number <= self.last else UnknownJob()


class Ending(NamedTuple):
    """What webserver.log tells of a job that has ended; times are in seconds."""

    job_id: str
    status: str
    ran: float
    runner: str  # empty where none has run it
    waited: float


class Submitted(NamedTuple):
    """The jobs of a submit, and whether they are new: they are not where it was a repeated one."""

    jobs: list[Job]
    are_new: bool


class SharedJobs:
    """All jobs of the service. Any thread may use it.

    Each method is a round trip or two to Redis, and may raise StoreUnavailable.
    """

    def __init__(
        self, redis: RedisClient, highest: int = 0, recent: RecentEnds | None = None
    ) -> None:
        """`highest` is a number that was given, as far as is known without Redis.

        `recent` has the ends of jobs that were heard of lately.
        """
        self._redis = redis
        self._recent = recent or RecentEnds()
        self.channel = keys.channel(redis.database)
        # Guards the number below; not held while calling out.
        self._lock = threading.Lock()
        self._highest = highest  # that this process knows of

    def send_heartbeat(self, web: str) -> Given:
        """Tell Redis that a web process is alive, and what was given as far as it knows."""
        last, lost, _ = self._redis.run_script("heartbeat", keys.WEBS, web, self._highest)
        given = Given(int(last), int(lost))
        self._note(given.last)
        return given

    def _note(self, number: int) -> None:
        with self._lock:
            self._highest = max(self._highest, number)

    def accept(
        self,
        requests: Sequence[JobRequest],
        versions: Sequence[str],
        most_unfinished: int,
        key: str = "",
        *,
        known_only: bool = False,
    ) -> Submitted:
        """Accept jobs together, each of a version of a dataset, all or none; return them.

        With a key, those that were submitted with it before; with `known_only`, no others. With no
        requests, it finds out whether one would be accepted. Raises ShuttingDown, QueueFull and
        KeyReused.
        """
        arguments: list[str | bytes | int] = [self._highest, most_unfinished, key, int(known_only)]
        for request, version in zip(requests, versions, strict=True):
            arguments += (request.statistic, json_bytes.encode(request[1:]), version)
        answer, *values = self._redis.run_script("accept", *arguments)
        if answer == b"draining":
            raise ShuttingDown
        if answer == b"held":
            raise StoreUnavailable(JUST_STARTED)
        if answer == b"full":
            raise QueueFull(int(values[0]))
        if answer == b"reused":
            raise KeyReused
        first, at = int(values[0]), float(values[1])
        self._note(first + len(requests) - 1)
        jobs = [
            Job(first + place, request, at, JobStatus.QUEUED)
            for place, request in enumerate(requests)
        ]
        return Submitted(jobs, are_new=answer == b"accepted")

    def cancel(self, number: int) -> str:
        """End a job that is queued; return the status that it had, empty where there is no job."""
        status: bytes = self._redis.run_script("cancel", self.channel, number, CANCELLED)
        return status.decode()

    def get(self, number: int) -> SharedJob:
        """Return the job of this number.

        Raises UnknownJob when there was none, and ExpiredJob when it is not kept any more.
        """
        found = self.find([number])[0]
        if found is None:
            raise self.given().missing(number)
        return found

    def end(self, number: int) -> SharedEnd:
        """Return the status and the end of a job; raises as `get` does."""
        # What most clients ask for, right after they were told: `ends` takes longer.
        found = self._recent.find(number) or self.ends([number])[0]
        if found is None:
            raise self.given().missing(number)
        return found

    def find(self, numbers: Sequence[int]) -> list[SharedJob | None]:
        """Return the jobs of some numbers, None for each that does not exist."""
        hashes = self._hashes(numbers, _FIELDS)
        return [_job(number, fields) for number, fields in zip(numbers, hashes, strict=True)]

    def ends(self, numbers: Sequence[int]) -> list[SharedEnd | None]:
        """Return the status and the end of some jobs, None for each that does not exist.

        It takes half the time of `find`, and none of Redis' where they were heard of lately.
        """
        known = [self._recent.find(number) for number in numbers]
        unknown = [number for number, end in zip(numbers, known, strict=True) if end is None]
        read = (_end(*fields) for fields in self._hashes(unknown, _END_FIELDS))
        return [end or next(read) for end in known]

    def heard(self, published: bytes) -> list[int]:
        """Take what was published of jobs that have ended; return their numbers.

        A job that is done has its answer's SHA-256, digest and dataset behind its number.
        """
        numbers = []
        for item in published.decode().split(","):
            number, *done = item.split(" ")
            numbers.append(int(number))
            if done:
                answer, digest, dataset = done
                end = SharedEnd(JobStatus.DONE, dataset, answer, keys.digest_from(digest))
                self._recent.note(numbers[-1], end)
        return numbers

    def _hashes(self, numbers: Sequence[int], fields: Sequence[str]) -> Iterator[list[Any]]:
        for page in _pages(numbers):
            yield from self._redis.execute_all(
                [("HMGET", f"{keys.JOB}{number}", *fields) for number in page]
            )

    def jobs_on(self, pages: Iterable[Sequence[int]]) -> Iterator[Job]:
        """Yield the jobs on pages of numbers that still exist."""
        for numbers in pages:
            for found in self.find(numbers):
                if found is not None:
                    yield found.job

    def unfinished(self, *, descending: bool = False) -> Iterator[Sequence[int]]:
        """Yield pages of the numbers of jobs that are not finished, in order."""
        numbers = sorted(map(int, self._redis.run_script("unfinished")), reverse=descending)
        yield from _pages(numbers)

    def after(self, number: int) -> Iterator[list[int]]:
        """Yield pages of the numbers after one, in order."""
        while page := self._numbers(
            "ZRANGE", keys.JOBS, f"({number}", "+inf", "BYSCORE", "LIMIT", 0, _PAGE_SIZE
        ):
            yield page
            number = page[-1]

    def before(self, number: int) -> Iterator[list[int]]:
        """Yield pages of the numbers before one, the highest first."""
        while page := self._numbers(
            "ZRANGE", keys.JOBS, f"({number}", "-inf", "BYSCORE", "REV", "LIMIT", 0, _PAGE_SIZE
        ):
            yield page
            number = page[-1]

    def running(self) -> list[int]:
        """Return the numbers of the jobs that run, in the order in which they started."""
        return self._numbers("ZRANGE", keys.RUNNING, 0, -1)

    def counts(self) -> JobCounts:
        """Return how many jobs there are."""
        return JobCounts(*map(int, self._redis.run_script("counts")))

    def given(self) -> Given:
        """Return which numbers were given, also where Redis has just lost that."""
        given = Given(
            *(int(value or 0) for value in self._redis.execute("MGET", keys.LAST, keys.LOST))
        )
        highest = self._highest
        return given if given.last >= highest else Given(highest, highest)

    def answers(self, shas: Sequence[str]) -> list[bytes | None]:
        """Return answers by their SHA-256, None for each that does not exist."""
        return self._redis.execute_all([("GET", f"{keys.ANSWER}{sha}") for sha in shas])

    def unlogged(self, most: int) -> list[Ending]:
        """Return how jobs have ended that no web process was told of by this, so many at most."""
        items = self._redis.execute("LPOP", keys.UNLOGGED, most) or ()
        return [_ending(*item.split(b" ", 5)) for item in items]

    def fill(self, metrics: Metrics) -> None:
        """Set in some metrics how many jobs have ended, and how long they waited and ran."""
        ended, times = self._redis.execute_all([("HGETALL", keys.ENDED), ("HGETALL", keys.TIMES)])
        for name, count in zip(ended[::2], ended[1::2], strict=True):
            metrics.ended[_words(name)] = int(count)
        by_name = {"queued": metrics.queued, "running": metrics.running}
        for name, value in zip(times[::2], times[1::2], strict=True):
            what, place = _words(name)
            if place == "sum":
                by_name[what].total = float(value)
            else:
                by_name[what].counts[int(place) - 1] = int(float(value))

    def _numbers(self, *command: str | int) -> list[int]:
        return [int(number) for number in self._redis.execute(*command)]


def _pages(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _PAGE_SIZE):
        yield numbers[start : start + _PAGE_SIZE]


def _end(
    status: bytes | None,
    dataset: bytes,
    answer: bytes | None,
    digest: bytes | None,
    reason: bytes | None,
    cancelled: bytes | None,
) -> SharedEnd | None:
    if status is None:
        return None
    why = (reason or b"").decode()
    return SharedEnd(
        JobStatus(status.decode()),
        dataset.decode(),
        (answer or b"").decode(),
        keys.digest_from((digest or b"0-0").decode()),
        why,
        was_cancelled(why, marked=cancelled is not None),
    )


def _ending(
    number: bytes, status: bytes, accepted: bytes, started: bytes, ended: bytes, runner: bytes
) -> Ending:
    began = float(started or ended)
    return Ending(
        f"job_id_{int(number)}",
        status.decode(),
        max(0.0, float(ended) - began),
        keys.process_of(runner.decode()),
        max(0.0, began - float(accepted)),
    )


def _words(name: bytes) -> tuple[str, str]:
    first, _, second = name.decode().partition(" ")
    return first, second


def _job(number: int, fields: Sequence[bytes | None]) -> SharedJob | None:
    text = [field.decode() if field is not None else "" for field in fields]
    status, statistic, asked, dataset, accepted, started, ended, *end = text
    digest, reason, cancelled, deaths, runner = end
    if not status:
        return None
    job = Job(
        number,
        JobRequest.recorded(statistic, *json_bytes.decode(asked)),
        float(accepted),
        JobStatus(status),
        float(started) if started else None,
        keys.process_of(runner),
        deaths=int(deaths or 0),
    )
    if job.status is JobStatus.DONE:
        job.end = Done(number, *keys.digest_from(digest), dataset, float(ended))
    elif job.status is JobStatus.ERROR:
        job.end = Failed.stored(number, reason, float(ended), bool(cancelled))
    return SharedJob(job, dataset)
