"""From jobs to the journal's records, and back at the next start."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.jobs import Job, JobStatus, Parameters, status_of
from app.journal_records import (
    Accepted,
    Died,
    Done,
    Failed,
    Finished,
    Last,
    Record,
    Withdrawn,
    finished,
    unfold,
)

# So many finished jobs share a line of a journal that is written anew: a line costs more to read
# than a job in it.
_FOLDED = 1000


def accepted(job: Job) -> Accepted:
    """Return the record that a job was accepted."""
    return Accepted(job.number, *job.parameters, job.accepted_at)


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
        if isinstance(record, Accepted):
            told.jobs.setdefault(record.number, _job(record, asked))
        elif isinstance(record, Finished):
            for told_of, end in unfold(record):
                if told_of.number not in told.jobs:
                    job = told.jobs[told_of.number] = _job(told_of, asked)
                    job.status, job.end = status_of(end), end
        elif record.number in told.jobs and told.jobs[record.number].end is None:
            _apply(record, told.jobs)
    return told


def _job(record: Accepted, asked: dict[Parameters, Parameters]) -> Job:
    parameters = Parameters(record.statistic, record.question, record.state)
    parameters = asked.setdefault(parameters, parameters)
    return Job(record.number, parameters, record.at, JobStatus.QUEUED)


def _apply(record: Record, jobs: dict[int, Job]) -> None:
    """Carry one record of what happened over to the job that it happened to."""
    job = jobs[record.number]
    match record:
        case Died():
            job.deaths += 1
        case Done() | Failed():
            job.status, job.end = status_of(record), record
        case Withdrawn():
            del jobs[record.number]
