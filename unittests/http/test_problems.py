"""Errors for programs: problem details (RFC 9457) for clients that ask for them."""

import contextlib
import re
import socket
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import errors
from app.http.error_handlers import ANSWERS, CODES, PROBLEM, Problem
from app.http.request import HEADERS
from unittests.helpers.app import fail_jobs_on, running_app
from unittests.helpers.data import OBESITY
from unittests.helpers.files import PROJECT
from unittests.helpers.loop_client import client_of_both  # noqa: F401
from unittests.helpers.server import Server, running_server
from unittests.helpers.waiting import PATIENCE

WANTED = {"Accept": PROBLEM}
UNKNOWN = {"question": "Q036", "state": "Ohoi"}
REASON = 'unknown state "Ohoi"; nearest: "Ohio", "Idaho"'


def problem(answer: Any) -> dict[str, Any]:
    """Return the problem that an answer tells of, once its form is checked."""
    content: dict[str, Any] = answer.get_json()
    assert answer.mimetype == PROBLEM
    assert "Accept" in answer.headers["Vary"]
    assert list(content)[:5] == ["type", "title", "status", "detail", "code"]
    assert content["type"] == "about:blank"
    assert content["title"] == HTTPStatus(answer.status_code).phrase
    assert content["status"] == answer.status_code
    assert isinstance(content["detail"], str)
    return content


def test_who_asks_for_problems_gets_them(client: FlaskClient) -> None:
    for accept in (PROBLEM, f"{PROBLEM}, application/json", f"*/*, {PROBLEM.upper()};q=1.0"):
        answer = client.post("/api/state_mean", json=UNKNOWN, headers={"Accept": accept})
        told = problem(answer)
        assert (told["status"], told["code"]) == (400, "unknown-name"), accept
        assert told["detail"].startswith('unknown state "Ohoi"; nearest: "Ohio"')
        assert told["nearest"][0] == "Ohio"


def test_all_others_get_what_they_always_got(client: FlaskClient) -> None:
    others = (
        *("", "*/*", "application/json", "text/html,*/*;q=0.8", "application/*", ";;"),
        *(f"application/json, {PROBLEM};q=0.5", f"{PROBLEM};q=0", f"{PROBLEM}x"),
    )
    for headers in ({}, *({"Accept": accept} for accept in others)):
        answer = client.post("/api/state_mean", json=UNKNOWN, headers=headers)
        assert (answer.status_code, answer.mimetype) == (400, "application/json"), headers
        assert answer.get_json() == {"status": "error", "reason": answer.get_json()["reason"]}
        assert "Accept" in answer.headers["Vary"]


def test_codes(client: FlaskClient) -> None:
    asked: tuple[tuple[str, str, dict[str, Any], int, str], ...] = (
        ("POST", "/api/best5", {"data": b"{"}, 400, "bad-request"),
        ("POST", "/api/best5", {"json": {"question": "x"}}, 400, "unknown-name"),
        ("GET", "/api/jobs?limit=0", {}, 400, "bad-request"),
        ("GET", "/nothing", {}, 404, "no-such-route"),
        ("GET", "/assets/1/nothing.js", {}, 404, "no-such-route"),
        ("GET", "/api/get_results/999999", {}, 404, "unknown-job"),
        ("GET", "/api/jobs/x", {}, 404, "unknown-job"),
        ("PUT", "/api/best5", {}, 405, "method-not-allowed"),
        ("POST", "/api/best5", {"data": bytes(70_000)}, 413, "body-too-large"),
        (
            "POST",
            "/api/best5",
            {"data": b"{}", "content_type": "text/html"},
            415,
            "unsupported-body",
        ),
        ("GET", "/api/jobs", {"headers": {"Host": "evil.example"}}, 403, "forbidden"),
    )
    for method, path, options, status, code in asked:
        headers = options.pop("headers", {})
        answer = client.open(path, method=method, headers={**WANTED, **headers}, **options)
        told = problem(answer)
        assert (told["status"], told["code"]) == (status, code), path
        plain = client.open(path, method=method, headers=headers, **options)
        assert plain.get_json() == {"status": "error", "reason": told["detail"]}
        for name in ("Allow", "Retry-After", "WWW-Authenticate"):
            assert plain.headers.get(name) == answer.headers.get(name), path


def test_the_item_of_a_batch_is_told(client: FlaskClient) -> None:
    items = [{"statistic": "state_mean", **UNKNOWN, "state": state} for state in ("OH", "Ohoi")]
    told = problem(client.post("/api/batch", json=items, headers=WANTED))
    assert told["code"] == "unknown-name"
    assert told["detail"].startswith('[1]: unknown state "Ohoi"')
    assert (told["item"], told["nearest"][0]) == (1, "Ohio")
    told = problem(client.post("/api/batch", json=[{"statistic": "best6"}], headers=WANTED))
    assert (told["code"], told["item"]) == ("bad-request", 0)


def test_a_missing_token_is_a_problem(tmp_path: Path) -> None:
    with running_app(tmp_path, token="secret") as app:
        answer = app.test_client().get("/api/jobs", headers=WANTED)
        assert problem(answer)["code"] == "unauthorized"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_jobs_that_have_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_app(tmp_path, threads=0) as app:
        fail_jobs_on("Ohio", app, monkeypatch, ValueError("no"))
        client = app.test_client()
        client.post("/api/state_mean", json={"question": OBESITY, "state": "Ohio"})
        told = problem(client.get("/api/get_results/1?format=csv", headers=WANTED))
        assert (told["status"], told["code"]) == (409, "job-failed")
        told = problem(client.delete("/api/jobs/1", headers=WANTED))
        assert (told["status"], told["code"]) == (409, "too-late")
        assert client.get("/api/get_results/1", headers=WANTED).status_code == 200
        assert client.get("/api/graceful_shutdown", headers=WANTED).get_json() == {"status": "done"}
        told = problem(client.post("/api/best5", json={"question": OBESITY}, headers=WANTED))
        assert (told["status"], told["code"]) == (503, "shutting-down")


def test_an_error_of_our_own_is_a_problem_that_tells_nothing(tmp_path: Path) -> None:
    def broken(_request: object) -> Any:
        raise ZeroDivisionError("a secret")

    with running_app(tmp_path, threads=0) as app:
        app.view_functions["api.list_jobs"] = broken
        told = problem(app.test_client().get("/api/jobs", headers=WANTED))
    assert (told["status"], told["code"]) == (500, "internal-error")
    assert "secret" not in str(told)


def subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for below in kind.__subclasses__():
        yield from subclasses(below)


def test_every_error_that_a_request_can_meet_has_a_code_of_its_own() -> None:
    # These end a start or a download, and meet no request.
    apart = (errors.StartError, errors.DownloadError)
    kinds = {
        kind
        for kind in subclasses(errors.StatsError)
        if kind.__module__ == "app.errors"
        and (kind is errors.DatasetError or not issubclass(kind, apart))
    }
    assert set(ANSWERS) == kinds - {errors.StatsError}
    codes = [*CODES.values(), *(code for _, code in ANSWERS.values())]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z-]+", code) for code in codes)
    assert Problem.of(errors.StatsError("?")).code == "internal-error"


@pytest.fixture(name="server", scope="module")
def hasty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that does not wait long for a body."""
    with running_server(tmp_path_factory.mktemp("hasty"), "--body-seconds", "0.2") as server:
        yield server


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("Content-Length: 5", 408, "body-too-slow"),
        ("Transfer-Encoding: chunked", 411, "length-required"),
        ("Content-Length: 70000", 413, "body-too-large"),
        # The server would not see these at all.
        ("Idempotency-Key: caf\u00e9", 400, "bad-request"),
        ("X-Forwarded-For: \u00e9, 1.2.3.4", 400, "bad-request"),
    ],
)
def test_what_cannot_be_read(header: str, status: int, code: str, server: Server) -> None:
    for accept in (PROBLEM, "*/*", f"{PROBLEM}," * 60):
        lines = ["POST /api/best5 HTTP/1.1", "Host: localhost", f"Accept: {accept}", header, "", ""]
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
            connection.sendall("\r\n".join(lines).encode())
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while part := connection.recv(4096):
                    answer += part
        head, _, body = answer.decode().partition("\r\n\r\n")
        assert head.startswith(f"HTTP/1.1 {status} ")
        assert "vary: accept" in head.lower()
        assert "content-security-policy: " in head.lower()
        assert "connection: close" in head.lower()
        if accept == PROBLEM:
            assert f"content-type: {PROBLEM}" in head.lower()
            assert f'"status":{status},' in body
            assert f'"code":"{code}"' in body
        else:
            assert body.startswith('{"status":"error","reason":"')


# Names of headers that clients and proxies send. Those that only Werkzeug looks for are left out:
# without its cookies a page is in the browser's language; it is no reason to refuse it.
SENT = """accept accept-charset accept-encoding accept-language authorization cf-connecting-ip
    content-encoding
    content-length content-type expect forwarded from host idempotency-key if-modified-since
    if-none-match if-range if-unmodified-since origin prefer proxy-authorization purpose range
    referer sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user sec-purpose te trailer
    transfer-encoding true-client-ip upgrade user-agent via x-forwarded-for x-forwarded-host
    x-forwarded-port x-forwarded-prefix x-forwarded-proto x-real-ip"""


def test_each_header_that_is_looked_for_is_missed_where_it_cannot_be_read() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("http", "views")
        for path in (PROJECT / "app" / folder).rglob("*.py")
        if path.name != "request.py"
    ]
    found = {name for name in SENT.split() if any(f'"{name}"' in text for text in sources)}
    assert found == HEADERS
