"""From the journal's records back to jobs, at the next start."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app.job import Done, Failed, Job, JobRequest, JobStatus, status_of
from app.threads.packed_jobs import PackedJobs
from app.threads.records import (
    Accepted,
    Batch,
    Died,
    Ended,
    Kept,
    Keys,
    Record,
    Withdrawn,
)

_FIELDS_OF_DONE = 7  # of a job with a result in a `Kept`


class Recovery:
    """What a journal holds: jobs by number, the highest number, and how many records there are.

    `jobs` are those that have not ended, `packed` the others. It may have a record twice, after it
    was rewritten: the first one counts. Of a key that was used again once its jobs were forgotten,
    the last one does.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        """Read all records."""
        self.packed = PackedJobs()
        self.last = 0
        self.records = 0
        # What was accepted and has not ended, and what was cancelled. Objects are made at the end,
        # of those that are left: most have ended by then.
        self._accepted: dict[int, tuple[JobRequest, float]] = {}
        self._cancelled: dict[int, Failed] = {}
        self._deaths = Counter[int]()
        # To the number of the first job that was submitted with it, and how many there are.
        self._keys: dict[str, tuple[int, int]] = {}
        # Of a million jobs most ask the same: they share objects.
        self._asked: dict[tuple[Any, ...], JobRequest] = {}
        for record in records:
            self.records += 1
            self.last = max(self.last, record.number)
            self._take(record)
        for end in self._cancelled.values():
            self._pack(end)
        self.packed.sort()
        self.jobs = {
            number: Job(number, asked, at, JobStatus.QUEUED, deaths=self._deaths[number])
            for number, (asked, at) in self._accepted.items()
        }

    def _take(self, record: Record) -> None:
        """Change the jobs that a record is about."""
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
                self._end_all(record)
            case Kept():
                self._keep(record)
            case Keys():
                numbers = zip(record.firsts, record.counts, strict=True)
                self._keys.update(zip(record.keys, numbers, strict=True))
            case Died():
                if self._is_unfinished(record.number):
                    self._deaths[record.number] += 1
            case Withdrawn():
                for number in range(record.number - record.jobs + 1, record.number + 1):
                    if self._is_unfinished(number):
                        del self._accepted[number]

    def _is_unfinished(self, number: int) -> bool:
        return number in self._accepted and number not in self._cancelled

    def job(self, number: int) -> Job | None:
        """Return a job, None where there is none of this number."""
        return self.jobs.get(number) or self.packed.get(number)

    def keys(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield keys with the number of their first job and how many they are.

        That is where all of these jobs are there.
        """
        for key, (first, count) in self._keys.items():
            jobs = [job for job in map(self.job, range(first, first + count)) if job is not None]
            if len(jobs) == count:
                for job in jobs:
                    job.key = key
                    if job.end is not None:  # it is a copy
                        self.packed.set_key(job.number, key)
                yield key, (first, count)

    def _request(self, asked: Sequence[Any]) -> JobRequest:
        key = tuple(asked)
        request = self._asked.get(key)
        if request is None:
            request = self._asked[key] = JobRequest.recorded(*asked)
        return request

    def _accept(self, number: int, asked: Sequence[Any], at: float) -> None:
        if number not in self._accepted and number not in self.packed:
            self._accepted[number] = self._request(asked), at

    def _end(self, end: Done | Failed) -> None:
        if end.number not in self._accepted:
            return
        if isinstance(end, Failed) and end.cancelled:
            self._cancelled.setdefault(end.number, end)
            return
        # A job that ended otherwise was not cancelled after all: its client got an error instead.
        self._cancelled.pop(end.number, None)
        self._pack(end)

    def _end_all(self, record: Ended) -> None:
        """Take how many jobs ended: at once, which is quicker than one by one."""
        asked: dict[JobRequest, int] = {}
        versions: dict[str, int] = {}
        rows = []
        for number, size, crc, version, at in record.jobs:
            if number in self._cancelled or number in self._deaths:
                self._end(Done(number, size, crc, version, at))
            elif (job := self._accepted.pop(number, None)) is not None:
                which = asked.setdefault(job[0], len(asked))
                dataset = versions.setdefault(version, len(versions))
                rows.append((number, which, job[1], at, size, crc, dataset))
        rows.sort()
        self.packed.add_kept([*asked], [*versions], rows)

    def _pack(self, end: Done | Failed) -> None:
        """Take how a job ends that was accepted."""
        asked, at = self._accepted.pop(end.number)
        deaths = self._deaths.pop(end.number, 0)
        self.packed.add(Job(end.number, asked, at, status_of(end), end=end, deaths=deaths))

    def _keep(self, record: Kept) -> None:
        """Take many finished jobs: what a start spends its time with, where there are a million."""
        asked = [self._request(each) for each in record.asked]
        rows = record.jobs
        if self._accepted or min(row[0] for row in rows) <= self.packed.highest:
            rows = [row for row in rows if not (row[0] in self._accepted or row[0] in self.packed)]
        with_results = [row for row in rows if len(row) == _FIELDS_OF_DONE]
        self.packed.add_kept(asked, record.datasets, with_results)
        if len(with_results) == len(rows):
            return
        for number, which, accepted_at, ended_at, *why in rows:
            if len(why) < _FIELDS_OF_DONE - 4:
                self._accepted[number] = asked[which], accepted_at
                self._end(Failed.stored(number, why[0], ended_at, *why[1:]))
