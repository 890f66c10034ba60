"""From jobs to the journal's records, and back at the next start."""

from collections.abc import Iterable, Iterator

from app.jobs import Job, JobStatus, Parameters
from app.journal_records import Accepted, Died, Done, Failed, Last, Record, Withdrawn
from app.result_store import Digest


def accepted(job: Job) -> Accepted:
    """Return the record that a job was accepted."""
    return Accepted(job.number, *job.parameters, job.accepted_at)


def records_of(jobs: Iterable[Job], last: int) -> Iterator[Record]:
    """Tell all that is known of `jobs`, as a journal of them would; `last` is the highest id."""
    yield Last(last)
    for job in jobs:
        yield accepted(job)
        yield from [Died(job.number)] * job.deaths
        if job.status is JobStatus.DONE and job.digest:
            yield Done(job.number, *job.digest, job.dataset or "", job.ended_at or 0.0)
        elif job.status is JobStatus.ERROR:
            yield Failed(job.number, job.reason or "", job.ended_at or 0.0)


def jobs_of(records: Iterable[Record]) -> tuple[dict[int, Job], int, int]:
    """Return the jobs that a journal tells of, by number, and its highest and its count of records.

    A journal may tell a thing twice, after it was written anew: the first time counts.
    """
    jobs: dict[int, Job] = {}
    asked: dict[Parameters, Parameters] = {}  # jobs that ask the same share one object
    last = count = 0
    for record in records:
        count += 1
        last = max(last, record.number)
        if isinstance(record, Accepted):
            parameters = Parameters(record.statistic, record.question, record.state)
            parameters = asked.setdefault(parameters, parameters)
            jobs.setdefault(record.number, Job(record.number, parameters, record.at))
        elif record.number in jobs and not jobs[record.number].finished:
            _apply(record, jobs)
    return jobs, last, count


def _apply(record: Record, jobs: dict[int, Job]) -> None:
    job = jobs[record.number]
    match record:
        case Died():
            job.deaths += 1
        case Done():
            job.status, job.ended_at, job.ending = JobStatus.DONE, record.at, True
            job.digest, job.dataset = Digest(record.size, record.crc), record.dataset
        case Failed():
            job.status, job.ended_at, job.ending = JobStatus.ERROR, record.at, True
            job.reason = record.reason
        case Withdrawn():
            del jobs[record.number]
