"""What a journal's records come to."""

from app.job import Job
from app.threads.recovery import Recovery


def jobs_of(found: Recovery) -> dict[int, Job]:
    """Return all jobs by number, finished or not."""
    numbers = range(1, found.last + 1)
    return {number: job for number in numbers if (job := found.job(number)) is not None}
