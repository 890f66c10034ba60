"""Who may ask what: curl on loopback anything, a web page or a proxy nothing that changes state."""

from pathlib import Path
from typing import Any

import requests
from flask import Flask

from unittests.helpers.app import running_app, service_of
from unittests.helpers.data import OBESITY
from unittests.helpers.server import running_server
from unittests.helpers.waiting import PATIENCE

CHANGES = [
    ("GET", "/api/graceful_shutdown"),
    ("POST", "/api/graceful_shutdown"),
    ("GET", "//api//graceful_shutdown/"),
    ("DELETE", "/api/jobs/1"),
    ("POST", "/api/best5"),
]
STRANGE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://example.org"},
    {"Origin": "http://localhost:9999"},
    {"Origin": "http://localhost:9999", "Host": "localhost:5000"},
    {"Origin": "http://127.0.0.1", "Host": "localhost"},
    {"Origin": "null"},
    {"Referer": "http://evil.example/"},
    {"Referer": "http://localhost:9999/page", "Host": "localhost:5000"},
    {"Referer": "http://evil.example/?http://localhost:5000/", "Host": "localhost:5000"},
    {"Referer": "about:blank"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Forwarded-For": "203.0.113.9"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Prefix": "/sport"},
    {"X-Forwarded-Port": "443"},
    {"X-Forwarded-Ssl": "on"},
    {"X-Forwarded": "203.0.113.9"},
    {"X-Original-Forwarded-For": "203.0.113.9"},
    {"X-Real-IP": "203.0.113.9"},
    {"CF-Connecting-IP": "203.0.113.9"},
    {"True-Client-IP": "203.0.113.9"},
    {"Forwarded": "for=203.0.113.9"},
    {"Via": "1.1 proxy"},
    {"Host": "example.org"},
    {"Host": "127.0.0.1.example.org:5000"},
]
USUAL = [
    {},
    {"Host": "localhost:5000"},
    {"Host": "[::1]:5000"},
    {"Host": "LOCALHOST"},
    {
        "Sec-Fetch-Site": "same-origin",
        "Origin": "http://localhost:5000",
        "Host": "localhost:5000",
    },
    {"Origin": "http://LOCALHOST:5000", "Host": "localhost:5000"},
    {"Referer": "http://localhost:5000/jobs?text=a", "Host": "localhost:5000"},
    {"Referer": "http://localhost"},
    {"Sec-Fetch-Site": "none"},
]


def test_a_web_page_or_a_proxy_changes_nothing(app: Flask) -> None:
    client = app.test_client()
    for method, path in CHANGES:
        for headers in STRANGE:
            answer = client.open(
                "/",
                method=method,
                headers=headers,
                json={"question": OBESITY},
                # Of an address that begins with two slashes the client would make a host.
                environ_overrides={"PATH_INFO": path},
            )
            assert answer.status_code == 403, (path, headers)
            assert answer.json is not None
            assert answer.json["status"] == "error"
            assert service_of(app).accepting, (path, headers)
            assert not list(service_of(app).list()), (path, headers)


def test_curl_and_the_servers_own_page_work(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0) as app:
        client = app.test_client()
        for headers in USUAL:
            answer = client.post("/api/best5", json={"question": OBESITY}, headers=headers)
            assert answer.status_code == 200, headers
        assert service_of(app).accepting
        for headers in USUAL:
            answer = client.get("/api/graceful_shutdown", headers=headers)
            assert answer.status_code == 200, headers
            assert not service_of(app).accepting


def test_a_head_request_changes_nothing(app: Flask) -> None:
    client = app.test_client()
    assert client.head("/api/graceful_shutdown").status_code == 405
    assert service_of(app).accepting
    # Methods are case-sensitive.
    answer = client.open("/api/graceful_shutdown", environ_overrides={"REQUEST_METHOD": "head"})
    assert answer.status_code == 405
    assert service_of(app).accepting


def test_a_further_name_can_be_allowed_and_no_image_of_a_page_shuts_down_by_it(
    tmp_path: Path,
) -> None:
    # Where a site is neither secure nor loopback, browsers do not tell which page asks for one.
    with running_app(tmp_path, threads=0, hosts=("stats.example",)) as app:
        client, headers = app.test_client(), {"Host": "stats.example:5000"}
        assert client.get("/api/jobs", headers=headers).status_code == 200
        refused = client.get("/api/jobs?lang=ro", headers={"Host": "other.example"})
        assert refused.status_code == 403
        assert refused.get_json()["reason"] == (
            "acest server nu se numește „other.example”; --hosts adaugă un nume"
        )
        for path in ("/api/graceful_shutdown", "/api//graceful_shutdown/"):
            assert client.get(path, headers=headers).status_code == 403
        assert client.get("/api/health").get_json() == {"status": "ok"}
        stopped = client.post("/api/graceful_shutdown", headers=headers)
        assert stopped.get_json() == {"status": "done"}


def test_with_a_token_nobody_gets_in_without_it(tmp_path: Path) -> None:
    closed = ("/api/jobs", "/metrics", "/api/get_results/1", "/nowhere", "/jobs/1")
    # One enters the token on the page, and whoever watches the server has none.
    pages = ("/", "/ask", "/jobs", "/pool", "/openapi/", "/jobs/")
    opened = (*pages, "/openapi/openapi.json", "/api/health", "/api/health/")
    with running_app(tmp_path, threads=0, token="secret") as app:
        client = app.test_client()
        romanian = client.get("/api/jobs?lang=ro").get_json()
        assert romanian["reason"].startswith("acest server cere un token: Authorization")
        for given in (None, "Bearer", "Bearer ", "Bearer wrong", "Basic secret", "secret", "\xff"):
            headers = {"Authorization": given} if given else {}
            for path in closed:
                answer = client.get(path, headers=headers)
                assert answer.status_code == 401, (path, given)
                assert answer.headers["WWW-Authenticate"] == "Bearer"
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            for path in opened:
                assert client.get(path, headers=headers).status_code == 200, path
        # And with it anything works, from anywhere.
        headers = {"Authorization": "bearer secret", "Host": "far.example", "Via": "1.1 proxy"}
        answer = client.post("/api/best5", json={"question": OBESITY}, headers=headers)
        assert answer.status_code == 200


def test_a_server_beyond_loopback_needs_a_token(tmp_path: Path) -> None:
    options: Any = {"STATS_TOKEN": "secret"}
    with running_server(tmp_path, "--host", "0.0.0.0", **options) as server:
        url = f"http://127.0.0.1:{server.port}/api/jobs"
        assert requests.get(url, timeout=PATIENCE).status_code == 401
        headers = {"Authorization": "Bearer secret"}
        assert requests.get(url, headers=headers, timeout=PATIENCE).status_code == 200
        assert "secret" not in server.log_text()


def test_without_a_token_nobody_is_served_from_another_machine(app: Flask) -> None:
    client = app.test_client()
    for path in ("/api/jobs", "/", "/api/health"):
        for address in ("192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"):
            # Whatever name it calls the server by: a client writes there what it likes.
            answer = client.get(
                path, headers={"Host": "localhost"}, environ_base={"REMOTE_ADDR": address}
            )
            assert answer.status_code == 403, (path, address)
        for address in ("127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1", ""):  # a Unix socket
            answer = client.get(path, environ_base={"REMOTE_ADDR": address})
            assert answer.status_code == 200, (path, address)


def test_every_response_has_the_security_headers(app: Flask) -> None:
    pages = ("/", "/ask", "/jobs", "/pool", "/openapi/", "/openapi/swagger-ui.css")
    for path in (*pages, "/api/jobs", "/nowhere"):
        answer = app.test_client().get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src" in answer.headers["Content-Security-Policy"]
        assert "unsafe-eval" not in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers
