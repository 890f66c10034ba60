"""Which jobs were submitted with which key: who repeats a submit gets the jobs of the first."""

import threading
from collections.abc import Callable, Iterable, Sequence

from app.errors import KeyReused
from app.job import Job, JobRequest


class SubmitKeys:
    """The keys of submits, each as long as all of its jobs are kept."""

    def __init__(self) -> None:
        # Guards the two fields below; not held while calling out. Who repeats a submit waits, with
        # the condition, until the first one has its answer.
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self._jobs: dict[str, Sequence[Job]] = {}
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
                    self._jobs.pop(key, None)
                self._settled.notify_all()

    def _claim(self, key: str, requests: Sequence[JobRequest]) -> Sequence[Job] | None:
        """Return the jobs of a key, or None to the one caller that is to submit them."""
        with self._lock:
            # No longer than it takes to write a line of the journal.
            self._settled.wait_for(lambda: key not in self._pending)
            jobs = self._jobs.get(key)
            if jobs is None:
                self._pending.add(key)
                return None
        if [job.request for job in jobs] != list(requests):
            raise KeyReused
        return jobs

    def note(self, key: str, jobs: Sequence[Job]) -> None:
        """Note new jobs: the journal may be rewritten from what is noted."""
        with self._lock:
            self._jobs[key] = jobs

    def restore(self, keys: Iterable[tuple[str, Sequence[Job]]]) -> None:
        """Take in what an earlier process accepted, before anything is claimed."""
        with self._lock:
            for key, jobs in keys:
                self._jobs[key] = jobs

    def forget(self, job: Job) -> None:
        """Forget the key of a job that is not kept any more."""
        with self._lock:
            jobs = self._jobs.get(job.key, ())
            # It is of other jobs where it was used again since.
            if jobs and jobs[0].number <= job.number <= jobs[-1].number:
                del self._jobs[job.key]

    def snapshot(self) -> list[tuple[str, Sequence[Job]]]:
        """Return all keys with their jobs, those included that are not on record yet."""
        with self._lock:
            return list(self._jobs.items())
