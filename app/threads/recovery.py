"""From jobs to the journal's records, and back at the next start."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app.job import Done, Failed, Job, JobRequest, JobStatus, status_of
from app.threads.records import (
    Accepted,
    Batch,
    Died,
    Ended,
    Kept,
    Keys,
    Last,
    Record,
    Withdrawn,
)

# So many finished jobs, or keys, share a line of a journal that is rewritten: a line costs more to
# read than a job in it.
_JOBS_A_LINE = 1000


def accepted(job: Job) -> Accepted:
    """Return the record that a job was accepted."""
    return Accepted(job.number, *job.request, job.accepted_at)


def accepted_batch(jobs: Sequence[Job], key: str = "") -> Batch:
    """Return the record that jobs with consecutive numbers were accepted together, with a key."""
    return Batch(jobs[-1].number, jobs[-1].accepted_at, [[*job.request] for job in jobs], key)


def kept(ended: Sequence[tuple[Job, Done | Failed]]) -> Kept:
    """Return the record of finished jobs, each with its end."""
    asked: dict[JobRequest, int] = {}
    datasets: dict[str, int] = {}
    rows: list[list[Any]] = []
    for job, end in ended:
        which = asked.setdefault(job.request, len(asked))
        row: list[Any] = [job.number, which, job.accepted_at, end.at]
        if isinstance(end, Done):
            row += [end.size, end.crc, datasets.setdefault(end.dataset, len(datasets))]
        else:
            row += [end.reason, True] if end.cancelled else [end.reason]
        rows.append(row)
    highest = max(job.number for job, _ in ended)
    return Kept(highest, [[*each] for each in asked], list(datasets), rows)


def records_of(
    jobs: Iterable[Job], last: int, keys: Sequence[tuple[str, Sequence[Job]]] = ()
) -> Iterator[Record]:
    """Yield the records of a journal of `jobs`, as they are now; `last` is the highest number.

    `keys` are those of submits, each with its jobs.
    """
    yield Last(last)
    ended: list[tuple[Job, Done | Failed]] = []
    for job in jobs:
        end = job.end  # which another thread may set meanwhile
        if end is None:
            yield accepted(job)
            yield from [Died(job.number)] * job.deaths
            continue
        ended.append((job, end))
        if len(ended) == _JOBS_A_LINE:
            yield kept(ended)
            ended = []
    if ended:
        yield kept(ended)
    for start in range(0, len(keys), _JOBS_A_LINE):
        some = keys[start : start + _JOBS_A_LINE]
        firsts, counts = [of[0].number for _, of in some], [len(of) for _, of in some]
        yield Keys(max(firsts), [key for key, _ in some], firsts, counts)


class Recovery:
    """What a journal holds: jobs by number, the highest number, and how many records there are.

    It may have a record twice, after it was rewritten: the first one counts. Of a key that was
    used again once its jobs were forgotten, the last one does.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        """Read all records."""
        self.jobs: dict[int, Job] = {}
        self.last = 0
        self.records = 0
        # To the number of the first job that was submitted with it, and how many there are.
        self._keys: dict[str, tuple[int, int]] = {}
        # Of a million jobs most ask the same, and have the same results: they share objects.
        self._asked: dict[JobRequest, JobRequest] = {}
        self._same: dict[int, int] = {}
        for record in records:
            self.records += 1
            self.last = max(self.last, record.number)
            self._take(record)

    def _take(self, record: Record) -> None:
        """Change the jobs that a record is about."""
        jobs = self.jobs
        match record:
            case Accepted():
                self._accept(record.number, record[1:-1], record.at)
            case Batch():
                first = record.number - len(record.asked) + 1
                for number, asked in enumerate(record.asked, first):
                    self._accept(number, asked, record.at)
                if record.key:
                    self._keys[record.key] = first, len(record.asked)
            case Done() | Failed():
                self._end(record)
            case Ended():
                for fields in record.jobs:
                    self._end(Done(*fields))
            case Kept():
                self._keep(record)
            case Keys():
                numbers = zip(record.firsts, record.counts, strict=True)
                self._keys.update(zip(record.keys, numbers, strict=True))
            case Died():
                job = jobs.get(record.number)
                if job is not None and job.end is None:
                    job.deaths += 1
            case Withdrawn():
                for number in range(record.number - record.jobs + 1, record.number + 1):
                    if number in jobs and jobs[number].end is None:
                        del jobs[number]

    def keys(self) -> Iterator[tuple[str, Sequence[Job]]]:
        """Yield keys with the jobs that were submitted with them, where there are all of these."""
        jobs = self.jobs
        for key, (first, count) in self._keys.items():
            if count == 1:  # as most are, and there may be a million
                if (job := jobs.get(first)) is not None:
                    yield key, (job,)
            elif all(number in jobs for number in range(first, first + count)):
                yield key, [jobs[number] for number in range(first, first + count)]

    def _request(self, asked: Sequence[str]) -> JobRequest:
        request = JobRequest.recorded(*asked)
        return self._asked.setdefault(request, request)

    def _accept(self, number: int, asked: Sequence[Any], at: float) -> None:
        if number not in self.jobs:
            self.jobs[number] = Job(number, self._request(asked), at, JobStatus.QUEUED)

    def _end(self, end: Done | Failed) -> None:
        job = self.jobs.get(end.number)
        if job is None:
            return
        # A job that ended otherwise was not cancelled after all: its client got an error instead.
        cancelled = isinstance(job.end, Failed) and job.end.cancelled
        if job.end is None or (cancelled and not (isinstance(end, Failed) and end.cancelled)):
            job.status, job.end = status_of(end), end

    def _keep(self, record: Kept) -> None:
        """Take many finished jobs: what a start spends its time with, where there are a million."""
        jobs, same = self.jobs, self._same
        asked = [self._request(each) for each in record.asked]
        for number, which, accepted_at, ended_at, *end in record.jobs:
            if number in jobs:
                continue
            if len(end) < 3:
                failed = Failed.stored(number, end[0], ended_at, *end[1:])
                jobs[number] = Job(number, asked[which], accepted_at, JobStatus.ERROR, end=failed)
                continue
            size, crc, dataset = end
            size, crc = same.setdefault(size, size), same.setdefault(crc, crc)
            done = Done(number, size, crc, record.datasets[dataset], ended_at)
            jobs[number] = Job(number, asked[which], accepted_at, JobStatus.DONE, end=done)
