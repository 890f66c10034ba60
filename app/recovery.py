"""From jobs to the journal's records, and back at the next start."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.jobs import Job, JobStatus, Parameters, status_of
from app.journal_records import Accepted, Died, Done, Failed, Last, Record, Withdrawn


def accepted(job: Job) -> Accepted:
    """Return the record that a job was accepted."""
    return Accepted(job.number, *job.parameters, job.accepted_at)


def records_of(jobs: Iterable[Job], last: int) -> Iterator[Record]:
    """Tell all that is known of `jobs`, as a journal of them would; `last` is the highest id."""
    yield Last(last)
    for job in jobs:
        yield accepted(job)
        yield from [Died(job.number)] * job.deaths
        if job.end is not None:
            yield job.end


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
            parameters = Parameters(record.statistic, record.question, record.state)
            parameters = asked.setdefault(parameters, parameters)
            job = Job(record.number, parameters, record.at, JobStatus.QUEUED)
            told.jobs.setdefault(record.number, job)
        elif record.number in told.jobs and told.jobs[record.number].end is None:
            _apply(record, told.jobs)
    return told


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
