"""A client of a real server that stands in for Flask's test client, where jobs take a while."""

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from typing import Any
from urllib.parse import quote, urlencode

from unittests.helpers.waiting import PATIENCE


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, with what tests ask of Flask's."""

    status_code: int
    headers: HTTPMessage
    data: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.data.decode()

    @property
    def mimetype(self) -> str:
        """What the body is, without its charset."""
        return self.headers.get_content_type()

    def get_json(self, force: bool = False) -> Any:
        """Return what the body says in JSON, None where it is something else."""
        return json.loads(self.data) if force or self.mimetype == "application/json" else None


class WaitingClient:
    """A client whose jobs have ended when it returns their ids."""

    def __init__(self, port: int) -> None:
        self._port = port

    def open(
        self,
        path: str,
        method: str = "GET",
        *,
        json: Any = None,
        data: bytes | str | None = None,
        headers: dict[str, str] | None = None,
        query_string: dict[str, str] | None = None,
        environ_overrides: dict[str, str] | None = None,
    ) -> Answered:
        """Send a request; of `environ_overrides`, only the path counts."""
        path = (environ_overrides or {}).get("PATH_INFO", quote(path, safe="/?&=%,:;+"))
        if query_string:
            path += f"?{urlencode(query_string)}"
        body = data if json is None else _encode(json)
        # A connection for each request: the server closes one that is idle for long.
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)) as connection:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answered(response.status, response.headers, response.read())

    def get(self, path: str, **sent: Any) -> Answered:
        """Send a GET."""
        return self.open(path, **sent)

    def head(self, path: str) -> Answered:
        """Send a HEAD."""
        return self.open(path, "HEAD")

    def post(self, path: str, **sent: Any) -> Answered:
        """Send a POST; where it is a submit, return when its jobs have ended."""
        answer = self.open(path, "POST", **sent)
        jobs = answer.get_json()
        if answer.status_code == 200 and isinstance(jobs, dict):
            ids = jobs.get("job_ids", [jobs["job_id"]] if "job_id" in jobs else [])
            if ids:
                self.open("/api/batch/results?wait=20", "POST", json={"job_ids": ids})
        return answer


def _encode(content: Any) -> str:
    return json.dumps(content)
