"""From jobs to the journal's records, and back at the next start."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.jobs import Job, JobStatus, Parameters, status_of
from app.journal_records import (
    Accepted,
    Batch,
    Died,
    Done,
    Ended,
    Failed,
    Finished,
    Last,
    Record,
    Withdrawn,
    finished,
    unfold,
    unfold_batch,
)

# So many finished jobs share a line of a journal that is written anew: a line costs more to read
# than a job in it.
_FOLDED = 1000


def accepted(job: Job) -> Accepted:
    """Return the record that a job was accepted."""
    return Accepted(job.number, *job.parameters, job.accepted_at)


def accepted_batch(jobs: Sequence[Job]) -> Batch:
    """Return the record that jobs with consecutive numbers were accepted together."""
    return Batch(jobs[-1].number, jobs[-1].accepted_at, [[*job.parameters] for job in jobs])


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
            yield finished(ended)
            ended = []
    if ended:
        yield finished(ended)


@dataclass
class Recovered:
    """What a journal tells: jobs by number, the highest number, and how many records it has."""

    jobs: dict[int, Job] = field(default_factory=dict)
    last: int = 0
    records: int = 0


def recovered(records: Iterable[Record]) -> Recovered:
    """Return what a journal tells.

    It may tell a thing twice, after it was written anew: the first time counts.
    """
    told = Recovered()
    asked: dict[Parameters, Parameters] = {}  # jobs that ask the same share one object
    for record in records:
        told.records += 1
        told.last = max(told.last, record.number)
        _apply(record, told.jobs, asked)
    return told


def _job(record: Accepted, asked: dict[Parameters, Parameters]) -> Job:
    parameters = Parameters(record.statistic, record.question, record.state)
    parameters = asked.setdefault(parameters, parameters)
    return Job(record.number, parameters, record.at, JobStatus.QUEUED)


def _apply(record: Record, jobs: dict[int, Job], asked: dict[Parameters, Parameters]) -> None:
    """Carry what one record tells over to the jobs that it is about."""
    match record:
        case Accepted():
            jobs.setdefault(record.number, _job(record, asked))
        case Batch():
            for one in unfold_batch(record):
                jobs.setdefault(one.number, _job(one, asked))
        case Done() | Failed():
            _end(jobs.get(record.number), record)
        case Ended():
            for fields in record.jobs:
                _end(jobs.get(fields[0]), Done(*fields))
        case Finished():
            for one, end in unfold(record):
                if one.number not in jobs:
                    jobs[one.number] = _job(one, asked)
                    _end(jobs[one.number], end)
        case Died():
            job = jobs.get(record.number)
            if job is not None and job.end is None:
                job.deaths += 1
        case Withdrawn():
            for number in range(record.number - record.jobs + 1, record.number + 1):
                if number in jobs and jobs[number].end is None:
                    del jobs[number]


def _end(job: Job | None, end: Done | Failed) -> None:
    if job is not None and job.end is None:
        job.status, job.end = status_of(end), end
