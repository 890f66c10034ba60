"""The jobs in Redis, as web processes ask for them: any process, any job."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, cast

import redis

from app import json_bytes
from app.cluster import keys
from app.cluster.link import Link
from app.cluster.scripts import Scripts
from app.errors import ExpiredJob, QueueFull, ShuttingDown, UnknownJob
from app.job_registry import Standing
from app.jobs import Job, JobStatus, Parameters
from app.journal_records import Done, Failed
from app.result_store import Digest

# Of a long list of jobs, so many are asked for at a time.
_JOBS_A_PAGE = 1000

_FIELDS = (
    "status",
    "statistic",
    "asked",
    "dataset",
    "accepted",
    "started",
    "ended",
    "answer",
    "digest",
    "reason",
    "deaths",
)


class SharedJob(NamedTuple):
    """A job as it stood when it was asked for.

    `dataset` is the version that it is asked of, `answer` the SHA-256 of its answer, if any.
    """

    job: Job
    dataset: str
    answer: str


class SharedJobs:
    """All jobs of the service. Each method is a round trip or two, and may raise StoreUnavailable.

    It is used from any thread.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._scripts = Scripts(link.client)
        self.channel = keys.channel(link.database)

    def accept(
        self, asked: Sequence[Parameters], dataset: str, most_unfinished: int, keep_seconds: int
    ) -> list[Job]:
        """Accept jobs of a dataset together, all or none; return them.

        Raises ShuttingDown and QueueFull.
        """
        told: list[str | bytes | int] = [most_unfinished, keep_seconds, dataset]
        for parameters in asked:
            told += (parameters.statistic, json_bytes.encode(parameters[1:]))
        answer, *more = self._link.call(lambda _: self._scripts.run("accept", *told))
        if answer == b"draining":
            raise ShuttingDown
        if answer == b"full":
            raise QueueFull(int(more[0]))
        first, at = int(more[0]), float(more[1])
        return [
            Job(first + place, parameters, at, JobStatus.QUEUED)
            for place, parameters in enumerate(asked)
        ]

    def cancel(self, number: int, reason: str) -> str:
        """End a job that is queued; return the status that it had, an empty one for no job."""
        status = self._link.call(
            lambda _: self._scripts.run("cancel", self.channel, number, reason)
        )
        return cast("bytes", status).decode()

    def get(self, number: int) -> SharedJob:
        """Return the job of this number.

        Raises UnknownJob when there was none, and ExpiredJob when it is not kept any more.
        """
        found = self.find([number])[0]
        if found is None:
            raise ExpiredJob if 0 < number <= self.last() else UnknownJob
        return found

    def find(self, numbers: Sequence[int]) -> list[SharedJob | None]:
        """Return the jobs of some numbers, None for each that is not there."""

        def ask(client: "redis.Redis") -> list[Any]:
            if len(numbers) == 1:  # without what a pipeline costs
                return [client.hmget(f"{keys.JOB}{numbers[0]}", _FIELDS)]
            pipeline = client.pipeline(transaction=False)
            for number in numbers:
                pipeline.hmget(f"{keys.JOB}{number}", _FIELDS)
            return pipeline.execute()

        found = self._link.call(ask)
        return [_job(number, fields) for number, fields in zip(numbers, found, strict=True)]

    def pages(self, numbers: Iterable[Sequence[int]]) -> Iterator[Job]:
        """Yield the jobs of pages of numbers, those that are still there."""
        for some in numbers:
            for found in self.find(some):
                if found is not None:
                    yield found.job

    def after(self, number: int) -> Iterator[list[int]]:
        """Yield pages of the numbers after one, in order."""
        while True:
            page = self._numbers(
                lambda client, after=number: client.zrange(
                    keys.JOBS, f"({after}", "+inf", byscore=True, offset=0, num=_JOBS_A_PAGE
                )
            )
            if not page:
                return
            yield page
            number = page[-1]

    def before(self, number: int) -> Iterator[list[int]]:
        """Yield pages of the numbers before one, the highest first."""
        while True:
            page = self._numbers(
                lambda client, before=number: client.zrange(
                    keys.JOBS, f"({before}", "-inf", desc=True, byscore=True,
                    offset=0, num=_JOBS_A_PAGE,
                )
            )  # fmt: skip
            if not page:
                return
            yield page
            number = page[-1]

    def unfinished(self) -> list[int]:
        """Return the numbers of the jobs that are not finished, in order."""

        def ask(client: "redis.Redis") -> list[bytes]:
            pipeline = client.pipeline(transaction=True)
            pipeline.zrange(keys.WAITING, 0, -1)
            pipeline.zrange(keys.RUNNING, 0, -1)
            waiting, running = pipeline.execute()
            return [*waiting, *running]

        return sorted(self._numbers(ask))

    def running(self) -> list[int]:
        """Return the numbers of the jobs that run, in the order in which they began."""
        return self._numbers(lambda client: client.zrange(keys.RUNNING, 0, -1))

    def standing(self) -> Standing:
        """Return how many jobs there are."""

        def ask(client: "redis.Redis") -> list[bytes | int | None]:
            pipeline = client.pipeline(transaction=True)
            pipeline.get(keys.LAST)
            pipeline.zcard(keys.JOBS)
            pipeline.zcard(keys.FINISHED)
            return pipeline.execute()

        last, kept, finished = self._link.call(ask)
        return Standing(int(last or 0), int(kept or 0), int(finished or 0))

    def last(self) -> int:
        """Return the highest number ever given, 0 when none was."""
        return int(self._link.call(lambda client: client.get(keys.LAST)) or 0)

    def answer(self, sha: str) -> bytes | None:
        """Return an answer by its SHA-256, None where it is not there."""
        return cast(
            "bytes | None", self._link.call(lambda client: client.get(f"{keys.ANSWER}{sha}"))
        )

    def ended(self) -> dict[tuple[str, str], int]:
        """Return how many jobs ended, by statistic and status."""
        counts = self._link.call(lambda client: client.hgetall(keys.ENDED))
        return {_pair(cast("bytes", name)): int(count) for name, count in counts.items()}

    def _numbers(self, ask: Callable[["redis.Redis"], Any]) -> list[int]:
        return [int(number) for number in self._link.call(ask)]


def _pair(name: bytes) -> tuple[str, str]:
    statistic, _, status = name.decode().partition(" ")
    return statistic, status


def _job(number: int, fields: Sequence[bytes | None]) -> SharedJob | None:
    status, statistic, asked, dataset, accepted, started, ended, answer, digest, reason, deaths = (
        field.decode() if field is not None else "" for field in fields
    )
    if not status:
        return None
    subject, state = json_bytes.decode(asked)
    job = Job(
        number,
        Parameters(statistic, subject, state),
        float(accepted),
        JobStatus(status),
        float(started) if started else None,
        deaths=int(deaths or 0),
    )
    if job.status is JobStatus.DONE:
        size, _, crc = digest.partition("-")
        job.end = Done(number, int(size), int(crc), dataset, float(ended))
    elif job.status is JobStatus.ERROR:
        job.end = Failed(number, reason, float(ended))
    return SharedJob(job, dataset, answer)


def digest_text(digest: Digest) -> str:
    """Return a digest as jobs have it."""
    return f"{digest.size}-{digest.crc}"
