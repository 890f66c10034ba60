"""From jobs to the journal's records: of new ones, and of all where it is rewritten."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app.job import Done, Failed, Job, JobRequest
from app.threads.records import Accepted, Batch, Died, Kept, Keys, Last, Record

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
    jobs: Iterable[Job],
    last: int,
    keys: Sequence[tuple[str, tuple[int, int]]] = (),
    packed: Iterable[tuple[Kept | None, Sequence[Job]]] = (),
) -> Iterator[Record]:
    """Yield the records of a journal of `jobs`, as they are now; `last` is the highest number.

    `keys` are those of submits, each with the number of its first job and how many they are;
    `packed` are further jobs, that have ended.
    """
    yield Last(last)
    for with_results, others in packed:
        if with_results:
            yield with_results
        if others:
            yield kept([(job, job.end) for job in others if job.end is not None])
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
        firsts, counts = [first for _, (first, _) in some], [count for _, (_, count) in some]
        yield Keys(max(firsts), [key for key, _ in some], firsts, counts)
