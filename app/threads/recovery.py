"""From jobs to the journal's records, and back at the next start."""

from collections.abc import Iterable, Iterator, Sequence

from app.job import Done, Failed, Job, JobRequest, JobStatus, status_of
from app.threads.records import (
    Accepted,
    Batch,
    Died,
    Ended,
    Finished,
    Kept,
    Last,
    Record,
    Withdrawn,
    kept,
    unfold,
    unfold_batch,
)

# So many finished jobs share a line of a journal that is written anew: a line costs more to read
# than a job in it.
_FOLDED = 1000


def accepted(job: Job) -> Accepted:
    """Return the record that a job was accepted."""
    return Accepted(job.number, *job.request, job.accepted_at)


def accepted_batch(jobs: Sequence[Job]) -> Batch:
    """Return the record that jobs with consecutive numbers were accepted together."""
    return Batch(jobs[-1].number, jobs[-1].accepted_at, [[*job.request] for job in jobs])


def records_of(jobs: Iterable[Job], last: int) -> Iterator[Record]:
    """Tell all that is known of `jobs`, as a journal of them would; `last` is the highest id."""
    yield Last(last)
    ended: list[tuple[Accepted, Done | Failed]] = []
    for job in jobs:
        if job.end is None:
            yield accepted(job)
            yield from [Died(job.number)] * job.deaths
            continue
        ended.append((accepted(job), job.end))
        if len(ended) == _FOLDED:
            yield kept(ended)
            ended = []
    if ended:
        yield kept(ended)


class Recovery:
    """What a journal tells: jobs by number, the highest number, and how many records it has.

    It may tell a thing twice, after it was written anew: the first time counts.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        """Read all records."""
        self.jobs: dict[int, Job] = {}
        self.last = 0
        self.records = 0
        # Of a million jobs most ask the same, and have the same results: they share objects.
        self._asked: dict[JobRequest, JobRequest] = {}
        self._same: dict[int, int] = {}
        for record in records:
            self.records += 1
            self.last = max(self.last, record.number)
            self._take(record)

    def _take(self, record: Record) -> None:
        """Carry what one record tells over to the jobs that it is about."""
        jobs = self.jobs
        match record:
            case Accepted():
                self._accept(record)
            case Batch():
                for one in unfold_batch(record):
                    self._accept(one)
            case Done() | Failed():
                self._end(record)
            case Ended():
                for fields in record.jobs:
                    self._end(Done(*fields))
            case Kept():
                self._keep(record)
            case Finished():
                for one, end in unfold(record):
                    self._accept(one)
                    self._end(end)
            case Died():
                job = jobs.get(record.number)
                if job is not None and job.end is None:
                    job.deaths += 1
            case Withdrawn():
                for number in range(record.number - record.jobs + 1, record.number + 1):
                    if number in jobs and jobs[number].end is None:
                        del jobs[number]

    def _request(self, *recorded: str) -> JobRequest:
        request = JobRequest.recorded(*recorded)
        return self._asked.setdefault(request, request)

    def _accept(self, told: Accepted) -> None:
        if told.number not in self.jobs:
            request = self._request(told.statistic, told.parameters)
            self.jobs[told.number] = Job(told.number, request, told.at, JobStatus.QUEUED)

    def _end(self, end: Done | Failed) -> None:
        job = self.jobs.get(end.number)
        if job is not None and job.end is None:
            job.status, job.end = status_of(end), end

    def _keep(self, record: Kept) -> None:
        """Take many finished jobs: what a start spends its time with, where there are a million."""
        jobs, same = self.jobs, self._same
        asked = [self._request(*each) for each in record.asked]
        for number, which, accepted_at, ended_at, *end in record.jobs:
            if number in jobs:
                continue
            if len(end) == 1:
                failed = Failed(number, end[0], ended_at)
                jobs[number] = Job(number, asked[which], accepted_at, JobStatus.ERROR, end=failed)
                continue
            size, crc, dataset = end
            size, crc = same.setdefault(size, size), same.setdefault(crc, crc)
            done = Done(number, size, crc, record.datasets[dataset], ended_at)
            jobs[number] = Job(number, asked[which], accepted_at, JobStatus.DONE, end=done)
