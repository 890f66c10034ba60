"""The registry of all jobs, with its id counter."""

import math
import threading
import time
from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from app.concurrency.wait import Wait
from app.concurrency.watches import Watches
from app.errors import BadRequest, ExpiredJob, QueueFull, UnknownJob
from app.job import Done, Failed, Job, JobCounts, JobRequest, JobStatus, status_of
from app.messages import reasons
from app.threads.number_ranges import NumberRanges
from app.threads.packed_jobs import JOBS_A_BLOCK, PackedJobs
from app.threads.records import Kept

# So many finished jobs are kept as they are, which are found faster: those that are asked for most.
_MOST_UNPACKED = 50_000
_PACKED_AT_A_TIME = 50


class JobRegistry:
    """All jobs by number, the counter of their ids, and their states."""

    def __init__(self, most_unfinished: int) -> None:
        self.most_unfinished = most_unfinished
        # Guards every field below, and the changing fields of each Job. Held for a few
        # statements, never while calling out. Whoever finishes the last unfinished job notifies
        # those who wait, with the condition, for the registry to be idle.
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._jobs: dict[int, Job] = {}
        self._finished: deque[Job] = deque()  # those of them that are, by when they ended
        self._packed = PackedJobs()  # other jobs, which all ended before these
        self._forgotten = 0  # how many finished jobs were
        # The clock may have been wrong, and put back since: so many finished jobs, forgotten ones
        # included, ended by a time, though their ends may say later.
        self._ended_by = 0, 0.0
        self._latest_end = 0.0  # that a job has which has finished since
        # While a disk is full, clients may lose ids by the million.
        self._withdrawn = NumberRanges()
        self._last = 0
        self._unfinished: dict[int, Job] = {}
        # When unfinished jobs were accepted, on the monotonic clock; of an earlier process's jobs
        # it is not known.
        self._accepted: dict[int, float] = {}
        self._watches = Watches()  # has a lock of its own

    def add(self, request: JobRequest) -> Job:
        """Return a new job with the next id; no two calls get the same.

        Raises QueueFull when as many jobs are unfinished as may be.
        """
        now = time.time(), time.monotonic()
        with self._lock:
            if len(self._unfinished) >= self.most_unfinished:
                raise QueueFull(len(self._unfinished))
            return self._add(request, *now)

    def add_all(self, requests: Sequence[JobRequest], key: str = "") -> list[Job]:
        """Return new jobs with the next ids, which follow one another, submitted with a key.

        Raises QueueFull when not all of them may be added now, BadRequest when they never can be;
        then none is.
        """
        if len(requests) > self.most_unfinished:
            raise BadRequest(reasons.MOST_JOBS(most=self.most_unfinished))
        now = time.time(), time.monotonic()
        with self._lock:
            if len(self._unfinished) + len(requests) > self.most_unfinished:
                raise QueueFull(len(self._unfinished))
            return [self._add(request, *now, key) for request in requests]

    def _add(self, request: JobRequest, now: float, monotonic: float, key: str = "") -> Job:
        self._last += 1
        job = Job(self._last, request, now, key=key)
        self._jobs[job.number] = self._unfinished[job.number] = job
        self._accepted[job.number] = monotonic
        return job

    def restore(self, jobs: Iterable[Job], packed: PackedJobs | None = None) -> None:
        """Take in jobs that an earlier process accepted, before any is added.

        `jobs` come in order of id; `packed` all ended before those of them that have ended.
        """
        finished: list[tuple[float, int]] = []
        with self._lock:
            if packed is not None:
                self._packed = packed
            for job in jobs:
                self._jobs[job.number] = job
                self._last = max(self._last, job.number)
                if job.end is not None:
                    finished.append((job.end.at, job.number))
                else:
                    self._unfinished[job.number] = job
            self._latest_end = math.inf  # they have all ended, whatever their ends say
            self._finished.extend(self._jobs[number] for _, number in sorted(finished))

    def pack(self, most: int = _MOST_UNPACKED) -> None:
        """Pack the finished jobs that ended first, so that `most` at most are not packed."""
        while True:
            with self._lock:  # for a moment at a time
                for _ in range(_PACKED_AT_A_TIME):
                    if len(self._finished) <= most:
                        return
                    job = self._finished.popleft()
                    self._packed.add(job)
                    del self._jobs[job.number]

    def skip_to(self, number: int) -> None:
        """Never give out an id up to and including `number`."""
        with self._lock:
            self._last = max(self._last, number)

    def queue(self, *jobs: Job) -> None:
        """Mark jobs as queued: they are on record now."""
        with self._lock:
            for job in jobs:
                job.status = JobStatus.QUEUED

    def withdraw(self, *jobs: Job) -> None:
        """Forget jobs that their client will not get; their ids are not given again."""
        with self._lock:
            for job in jobs:
                if job.end is None:
                    del self._jobs[job.number]
                    self._withdrawn.add(job.number)
                    self._one_less(job)

    def start(self, job: Job) -> bool:
        """Mark a job as running; return False when it is running already, or was ended."""
        with self._lock:
            if job.end is not None or job.status is JobStatus.RUNNING:
                return False
            job.status = JobStatus.RUNNING
            job.started_at = self.now(job)
            job.runner = threading.current_thread().name
            return True

    def start_to_end(self, *jobs: tuple[Job, Done]) -> list[Job]:
        """Mark jobs as running whose ends are known, and settle these.

        Return the jobs, but for those that are running already, or were ended: the caller is the
        one to call `finish` for them.
        """
        runner, settled = threading.current_thread().name, []
        with self._lock:
            for job, end in jobs:
                if job.end is None and job.status is not JobStatus.RUNNING:
                    job.status, job.end = JobStatus.RUNNING, end
                    job.started_at, job.runner = end.at, runner
                    settled.append(job)
        return settled

    def now(self, job: Job) -> float:
        """Return the time for a job that is not finished, in seconds since 1970.

        It goes on from when the job was accepted, also where the system's clock is set meanwhile.
        """
        accepted = self._accepted.get(job.number)  # takes no lock, as in `get`
        return time.time() if accepted is None else job.accepted_at + time.monotonic() - accepted

    def claim(self, job: Job, end: Done | Failed, status: JobStatus | None = None) -> bool:
        """Settle how a job ends; return False when that is settled already.

        The one caller that gets True is the one to call `finish`. With `status`, only while the
        job has it.
        """
        with self._lock:
            if job.end is not None or (status is not None and job.status is not status):
                return False
            job.end = end
            return True

    def disclaim(self, job: Job) -> None:
        """Take back a claim, whose end could not be recorded."""
        with self._lock:
            job.end = None

    def finish(self, *jobs: Job) -> bool:
        """Give jobs the status of their ends; return whether no other is unfinished now.

        Results must be readable by now: readers look.
        """
        with self._lock:
            for job in jobs:
                job.status = status_of(job.end)
                if job.end is not None and job.end.at > self._latest_end:
                    self._latest_end = job.end.at
                self._finished.append(job)
                self._one_less(job)
            last = not self._unfinished
        self._watches.ended(job.number for job in jobs)
        return last

    def watch(self, numbers: Sequence[int]) -> Wait:
        """Return a wait for those of these jobs that are unfinished; to be closed after use."""
        # A look without the lock: none becomes unfinished again, and the next look finds the rest.
        wait = self._watches.watch([number for number in numbers if number in self._unfinished])
        with self._lock:
            over = [number for number in numbers if number not in self._unfinished]
        self._watches.ended(over)
        return wait

    def wait_for_change(self) -> Wait:
        """Return a wait that is over when it is woken, or all are released."""
        return self._watches.wait_for_change()

    def release(self) -> None:
        """Wake all who wait for jobs, now and later: this process will not finish them."""
        self._watches.release()

    def _one_less(self, job: Job) -> None:
        del self._unfinished[job.number]
        self._accepted.pop(job.number, None)
        if not self._unfinished:
            self._idle.notify_all()

    def expire(self, most_finished: int, ended_before: float, most: int) -> list[Job]:
        """Forget the finished jobs that ended first, `most` at a time, and return them.

        Those over `most_finished` in number go, and those that ended before a time. An end later
        than now counts as now.
        """
        expired: list[Job] = []
        now = time.time()
        with self._lock:
            if self._latest_end > now:
                self._latest_end = now
                self._ended_by = self._forgotten + self._finished_count, now
            count, by = self._ended_by
            while len(expired) < most and self._finished_count:
                ended_at = self._packed.first_ended_at()
                packed = ended_at is not None
                if ended_at is None:
                    end = self._finished[0].end
                    ended_at = end.at if end is not None else ended_before
                if self._forgotten < count:
                    ended_at = min(ended_at, by)
                if self._finished_count <= most_finished and ended_at >= ended_before:
                    break
                if packed:
                    job = self._packed.pop()
                else:
                    job = self._finished.popleft()
                    del self._jobs[job.number]
                expired.append(job)
                self._forgotten += 1
        return expired

    @property
    def _finished_count(self) -> int:
        return len(self._finished) + len(self._packed)

    def has(self, number: int) -> bool:
        """Tell whether a job of this number is kept."""
        with self._lock:
            return number in self._jobs or self._packed.get(number) is not None

    def get(self, number: int) -> Job:
        """Return the job of this number.

        Raises UnknownJob when there was none, and ExpiredJob when it is not kept any more.
        """
        job = self._jobs.get(number)  # a look into a dict needs no lock, with the GIL or without
        if job is None:
            with self._lock:
                job = self._packed.get(number)
                if job is not None:
                    return job
                expired = number <= self._last and number not in self._withdrawn
            raise ExpiredJob if expired else UnknownJob
        return job

    def _find(self, number: int) -> Job | None:
        with self._lock:
            return self._jobs.get(number) or self._packed.get(number)

    def snapshot(self) -> tuple[list[Job], Iterator[tuple[Kept | None, Sequence[Job]]]]:
        """Return all jobs, in order of id: those that are not packed, and the others as records.

        The latter are made one after another. A job that is packed meanwhile is among both, and
        one that is forgotten is missing.
        """
        with self._lock:
            return list(self._jobs.values()), map(self._kept, self._packed.blocks())

    def _kept(self, block: int) -> tuple[Kept | None, Sequence[Job]]:
        with self._lock:
            return self._packed.kept(block)

    def _all_numbers(self) -> Sequence[int]:
        return array("Q", sorted(chain(self._packed.numbers(), self._jobs)))

    def after(self, number: int) -> Iterator[Job]:
        """Return the jobs after an id, in order; some may come or go meanwhile.

        Without a copy, for there may be a million and a few are asked for; unless most ids in
        between are of jobs that are not kept any more.
        """
        numbers = self._numbers()
        return filter(None, map(self._find, numbers[bisect_right(numbers, number) :]))

    def before(self, number: int, *, unfinished: bool = False) -> Iterator[Job]:
        """Return the jobs before an id, the newest first: all, or those that are not finished.

        As `after` does it.
        """
        if unfinished:
            below = [job.number for job in self.unfinished_jobs() if job.number < number]
            return filter(None, map(self._unfinished.get, below[::-1]))
        numbers = self._numbers()
        return filter(None, map(self._find, numbers[: bisect_left(numbers, number)][::-1]))

    def _numbers(self) -> Sequence[int]:
        """Return numbers in order, of which those of jobs are at least a fourth."""
        with self._lock:
            count = len(self._jobs) + len(self._packed)
            lowest = [next(iter(self._jobs), self._last)]
            if self._packed:
                lowest.append(self._packed.lowest)
            first, last = max(1, min(lowest)), self._last
            sparse = last - first > 4 * count + JOBS_A_BLOCK
            return self._all_numbers() if sparse else range(first, last + 1)

    def unfinished_jobs(self) -> list[Job]:
        """Return the jobs that are accepted and not finished, in order of id."""
        with self._lock:
            return list(self._unfinished.values())

    @property
    def counts(self) -> JobCounts:
        """How many jobs there are at this moment."""
        with self._lock:
            kept = len(self._jobs) + len(self._packed)
            return JobCounts(self._last, kept, self._finished_count)

    def wait_idle(self, seconds: float) -> bool:
        """Wait until no job is unfinished; return False when `seconds` pass first."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._unfinished, seconds)
