"""Which jobs were submitted with which key: who repeats a submit gets the jobs of the first."""

import threading
from collections.abc import Callable, Iterable, Sequence

from app.errors import KeyReused, UnknownJob
from app.job import Job, JobRequest


class SubmitKeys:
    """The keys of submits, each as long as all of its jobs are kept.

    Of each it has the numbers of its jobs, for there may be a million; `job` finds a job by number,
    and raises UnknownJob where it is not kept any more.
    """

    def __init__(self, job: Callable[[int], Job]) -> None:
        self._job = job
        # Guards the two fields below; not held while calling out. Who repeats a submit waits, with
        # the condition, until the first one has its answer.
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self._numbers: dict[str, tuple[int, int]] = {}  # of the first job, and how many they are
        self._pending: set[str] = set()  # of what is being submitted

    def once(
        self, key: str, requests: Sequence[JobRequest], submit: Callable[[], Sequence[Job]]
    ) -> Sequence[Job]:
        """Return the jobs that were submitted with a key; where there are none, `submit` them.

        Raises KeyReused where it was something else that was submitted, and what `submit` raises:
        then there are none. It has to `note` them before they are on record.
        """
        known = self._claim(key, requests)
        if known is not None:
            return known
        accepted = False
        try:
            jobs = submit()
            accepted = True
            return jobs
        finally:
            with self._lock:
                self._pending.remove(key)
                if not accepted:
                    self._numbers.pop(key, None)
                self._settled.notify_all()

    def _claim(self, key: str, requests: Sequence[JobRequest]) -> Sequence[Job] | None:
        """Return the jobs of a key, or None to the one caller that is to submit them."""
        while True:
            with self._lock:
                # No longer than it takes to write a line of the journal.
                self._settled.wait_for(lambda: key not in self._pending)
                numbers = self._numbers.get(key)
                if numbers is None:
                    self._pending.add(key)
                    return None
            if jobs := self._jobs(*numbers):
                break
            with self._lock:  # they have gone, and `forget` is about to come
                if self._numbers.get(key) == numbers:
                    del self._numbers[key]
        if [job.request for job in jobs] != list(requests):
            raise KeyReused
        return jobs

    def _jobs(self, first: int, count: int) -> Sequence[Job]:
        """Return the jobs of these numbers; none where one of them is not kept any more."""
        try:
            return [self._job(number) for number in range(first, first + count)]
        except UnknownJob:
            return ()

    def note(self, key: str, jobs: Sequence[Job]) -> None:
        """Note new jobs: the journal may be rewritten from what is noted."""
        with self._lock:
            self._numbers[key] = jobs[0].number, len(jobs)

    def restore(self, keys: Iterable[tuple[str, tuple[int, int]]]) -> None:
        """Take in what an earlier process accepted, before anything is claimed."""
        with self._lock:
            self._numbers.update(keys)

    def forget(self, job: Job) -> None:
        """Forget the key of a job that is not kept any more."""
        with self._lock:
            first, count = self._numbers.get(job.key, (0, 0))
            # It is of other jobs where it was used again since.
            if first <= job.number < first + count:
                del self._numbers[job.key]

    def snapshot(self) -> list[tuple[str, tuple[int, int]]]:
        """Return all keys with the number of their first job and how many they are.

        Those are included that are not on record yet.
        """
        with self._lock:
            return list(self._numbers.items())
