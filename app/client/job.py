"""A job of the server, by its id."""

import json
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import requests

from app.client.connection import ApiRequest, Connection
from app.client.errors import (
    JobCancelled,
    JobFailed,
    TimedOut,
    TooLate,
    UnexpectedAnswer,
    UnknownJob,
)
from app.client.refusals import parsed
from app.client.table import Data, Table, answer_of, table_of
from app.output_files import write_file
from app.retries import retry_after

_ID = re.compile(r"(?:job_id_)?([1-9][0-9]{0,17})", re.ASCII)
_SUFFIXES = MappingProxyType(
    {
        ".json": "json",
        ".csv": "csv",
        ".ndjson": "ndjson",
        ".jsonl": "ndjson",
        ".parquet": "parquet",
        ".svg": "svg",
        ".png": "png",
        ".vega": "vega",
        ".vl.json": "vega",
    }
)


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was accepted. Two with the same id are equal."""

    id: str
    _connection: Connection = field(repr=False, compare=False)

    @classmethod
    def of(cls, job_id: str | int, connection: Connection) -> "Job":
        """Return the job with an id, `job_id_7` or `7`; raise UnknownJob for what is none."""
        match = _ID.fullmatch(str(job_id))
        if match is None:
            raise UnknownJob(f"{job_id!r} is no job id")
        return cls(f"job_id_{match[1]}", connection)

    def status(self) -> str:
        """Return `queued`, `running`, `done`, `error` or `cancelled`."""
        status: str = self.explain()["status"]
        return status

    def result(self, timeout: float | None = None) -> Data | Table:
        """Return the answer, waiting for it.

        `timeout` is in seconds: None for the client's own, 0 for a look, math.inf for ever. While
        there is time, a server that cannot be reached is asked again: the job survives its restart.
        Raises JobFailed, JobCancelled, TimedOut and UnknownJob.
        """
        return answer_of(self._data(timeout))

    def explain(self) -> Data:
        """Return all that is known of the job: what it asked in plain English, how and when."""
        explained = self._connection.value(ApiRequest("GET", f"/api/jobs/{self.id}"))
        if not isinstance(explained, dict) or "status" not in explained:
            raise UnexpectedAnswer(f"the answer does not explain {self.id}")
        return explained

    def rows(self) -> Table:
        """Return the very rows of the dataset that went into the answer.

        Raises Conflict while there is no answer, and when its dataset is not served any more;
        JobFailed and JobCancelled where there never will be an answer.
        """
        with self._failures():
            return table_of(self._connection.value(ApiRequest("GET", f"/api/jobs/{self.id}/rows")))

    def rows_content(self, format: str) -> bytes:  # noqa: A002
        """Return these rows as the bytes of a file: `csv`, `ndjson` or `parquet`."""
        connection = self._connection
        asked = ApiRequest("GET", f"/api/jobs/{self.id}/rows", params={"format": format})
        with self._failures():
            return connection.fetch(asked, lambda _, body: body, connection.until(None))

    def cancel(self) -> None:
        """Cancel the job, also where it is cancelled already.

        Raises TooLate when it is running, or has ended.
        """
        try:
            self._connection.value(ApiRequest("DELETE", f"/api/jobs/{self.id}"), "status")
        except TooLate:
            # The answer to an earlier try may have been lost.
            if self.status() != "cancelled":
                raise

    def download(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,  # noqa: A002
        *,
        chart: str | None = None,
        timeout: float | None = None,
    ) -> Path:
        """Write the answer to a file, waiting for it as `result` does; return the file's path.

        `format` is `json`, `csv`, `ndjson`, `parquet`, `svg`, `png` or `vega`; without it, the
        file's suffix tells. `chart` is `bar`, `map`, `line` or `dot`; without it, the one that
        suits. A file that is there is replaced once the new one is whole, and keeps its mode; a
        link to it stays. A device or a pipe is written into. Warns of rows that have no room in it.
        Raises OSError.
        """
        target = Path(path)
        content = self.content(format or _format_of(target), chart=chart, timeout=timeout)
        write_file(target, content)
        return target

    def content(
        self,
        format: str,  # noqa: A002
        *,
        chart: str | None = None,
        timeout: float | None = None,
    ) -> bytes:
        """Return what `download` writes to a file."""
        if format == "json":
            return json.dumps(self._data(timeout), ensure_ascii=False).encode()
        params = {"format": format} | ({"chart": chart} if chart else {})
        with self._failures():
            return self._ended(timeout, params)[1]

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Have a refusal that says how the job ended raise the error that `result` raises."""
        try:
            yield
        except JobFailed as error:
            cancelled = isinstance(error, JobCancelled)
            raise failure(self.id, error.reason, cancelled=cancelled, status=error.status) from None

    def _data(self, timeout: float | None) -> Any:
        answer, _ = self._ended(timeout, {})
        if answer["status"] == "error":
            # Which of the two it is, is not part of this answer.
            cancelled = self.status() == "cancelled"
            raise failure(self.id, str(answer.get("reason")), cancelled=cancelled)
        return answer["data"]

    def _ended(self, timeout: float | None, params: dict[str, str]) -> tuple[Any, bytes]:
        """Return what get_results answers once the job has ended, as JSON where it is, as bytes."""
        connection, pace = self._connection, self._connection.pace
        until, early = connection.until(timeout), 0
        asked = ApiRequest("GET", f"/api/get_results/{self.id}", params=params, waits=True)
        while True:
            began = pace.clock()
            answer, after, body = connection.fetch(asked, self._parse, until, patient=True)
            if answer is None or answer["status"] != "running":
                return answer, body
            now = pace.clock()
            if now >= until:
                reason = f"{self.id} is not done yet; it goes on, so ask again"
                raise TimedOut(reason, job_ids=[self.id])
            if after is not None or pace.is_at_once(began):
                early += 1
                pace.sleep(min(pace.pause(early, after), until - now))

    def _parse(self, response: requests.Response, body: bytes) -> tuple[Any, float | None, bytes]:
        """Return the JSON of an answer, None for that of a file; the pause asked for; the body."""
        after = retry_after(response)
        if response.status_code == 200 and "Content-Disposition" in response.headers:
            if left_out := response.headers.get("Rows-Left-Out"):
                told = f"The file of {self.id} has no room for {left_out} more rows of the answer."
                warnings.warn(told, stacklevel=2)
            return None, after, body
        answer = parsed(response, body)
        status = answer.get("status")
        if status not in ("running", "error") and not (status == "done" and "data" in answer):
            raise UnexpectedAnswer(f"{response.url} answers JSON that tells of no job")
        return answer, after, body


def failure(job_id: str, reason: str, *, cancelled: bool, status: int | None = None) -> JobFailed:
    """Return the error of a job that ended without an answer, wherever that was told."""
    error: JobFailed
    if cancelled:
        error = JobCancelled(f"{job_id} was cancelled before it ran", status, job_id)
        error.code = "job-cancelled"
    else:
        # A refusal of its rows begins with it already.
        told = reason if reason.startswith(f"{job_id} ") else f"{job_id} failed: {reason}"
        error = JobFailed(told, status, job_id)
        error.code = "job-failed"
    return error


def _format_of(path: Path) -> str:
    name = path.name.lower()
    for suffix in sorted(_SUFFIXES, key=len, reverse=True):
        if name.endswith(suffix):
            return _SUFFIXES[suffix]
    raise ValueError(f'the suffix of "{path}" is of no format; known: {", ".join(_SUFFIXES)}')
