"""From jobs to the journal's records, and back at the next start."""

from collections.abc import Iterable, Iterator

from app.jobs import Job, JobStatus, Parameters
from app.journal import Accepted, Died, Done, Failed, Record, Withdrawn
from app.result_store import Digest


def accepted(job: Job) -> Accepted:
    """Return the record that a job was accepted."""
    return Accepted(job.number, *job.parameters, job.accepted_at)


def records_of(jobs: Iterable[Job]) -> Iterator[Record]:
    """Tell all that is known of `jobs`, as a journal of them would."""
    for job in jobs:
        yield accepted(job)
        yield from [Died(job.number)] * job.deaths
        if job.status is JobStatus.DONE and job.digest:
            yield Done(job.number, *job.digest, job.dataset or "", job.ended_at or 0.0)
        elif job.status is JobStatus.ERROR:
            yield Failed(job.number, job.reason or "", job.ended_at or 0.0)


def jobs_of(records: Iterable[Record]) -> tuple[dict[int, Job], int]:
    """Return the jobs that a journal tells of, by number, and the highest number in it."""
    jobs: dict[int, Job] = {}
    last = 0
    for record in records:
        last = max(last, record.number)
        if isinstance(record, Accepted):
            parameters = Parameters(record.statistic, record.question, record.state)
            jobs.setdefault(record.number, Job(record.number, parameters, record.at))
        elif record.number in jobs:
            _apply(record, jobs)
    return jobs, last


def _apply(record: Died | Done | Failed | Withdrawn, jobs: dict[int, Job]) -> None:
    job = jobs[record.number]
    match record:
        case Died():
            job.deaths += 1
        case Done():
            job.status, job.ended_at = JobStatus.DONE, record.at
            job.digest, job.dataset = Digest(record.size, record.crc), record.dataset
        case Failed():
            job.status, job.ended_at, job.reason = JobStatus.ERROR, record.at, record.reason
        case Withdrawn():
            del jobs[record.number]
