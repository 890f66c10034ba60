"""The ids of jobs in addresses and bodies: `job_id_7`, or just `7`."""

import re

from app.errors import UnknownJob
from app.http.request import Request

AFTER_ALL = 10**18  # higher than any id

# ASCII digits only, matched in full, before an id comes near a path.
_ID = re.compile(r"(?:job_id_)?([1-9][0-9]{0,17})", re.ASCII)


def find_number(text: str) -> int | None:
    """Return the number in the id of a job, or None where the text cannot be one."""
    match = _ID.fullmatch(text)
    return int(match[1]) if match else None


def job_number(request: Request, job_id: str) -> int:
    """Return the number of the job that a path names, which the request log then shows.

    Raises UnknownJob where no job can have this id.
    """
    number = find_number(job_id)
    if number is None:
        raise UnknownJob
    request.job_id = f"job_id_{number}"
    return number
