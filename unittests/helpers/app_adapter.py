"""A client of an app in this process."""

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from app.client import StatsClient


class AppAdapter(BaseAdapter):
    """Answers requests of `requests` with a Flask app, without a socket."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._client = app.test_client()
        self.asked: list[str] = []
        self.closed = False

    def send(
        self, request: requests.PreparedRequest, *_args: Any, **_options: Any
    ) -> requests.Response:
        """Return the app's answer, its body to be read as that of any other."""
        parts = urlsplit(request.url or "")
        self.asked.append(f"{request.method} {parts.path}")
        answer = self._client.open(
            str(parts.path),
            base_url=f"{parts.scheme!s}://{parts.netloc!s}",
            query_string=str(parts.query),
            method=request.method,
            data=request.body,
            headers=list(request.headers.items()),
        )
        raw = HTTPResponse(
            BytesIO(answer.data),
            headers=dict(answer.headers),
            status=answer.status_code,
            preload_content=False,
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Note it; there are no connections."""
        self.closed = True


def client_of(app: Flask, **options: Any) -> tuple[StatsClient, AppAdapter]:
    """Return a client of an app in this process, and what notes its requests."""
    session, adapter = requests.Session(), AppAdapter(app)
    session.mount("http://localhost", adapter)
    return StatsClient("http://localhost", session=session, **options), adapter
