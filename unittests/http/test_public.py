"""A public server: anyone may GET answers, and nothing else, as much as one client may."""

import re
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from app.answers.compute import Answers
from app.errors import RateLimited
from app.http.rates import Rate
from app.http.request import Request
from app.messages import reasons
from unittests.helpers.app import running_app, service_of
from unittests.helpers.data import OBESITY
from unittests.helpers.server import running_server
from unittests.helpers.waiting import PATIENCE, eventually

OHIO = "/api/answers/state_mean?question=Q036&state=OH"
OPEN = [
    OHIO,
    "/api/answers/state_mean.csv?question=Q036&state=OH",
    "//api//answers//best5?question=Q036",
    *(f"/api/{name}" for name in ("datasets", "dataset", "statistics", "questions")),
    *(
        "/api/states",
        "/api/categories",
        "/api/categories/",
        "/api/health",
        "/robots.txt",
        "/favicon.ico",
    ),
    *("/", "/index", "/ask", "/jobs", "/pool", "/openapi/", "/embed?q=obesity&state=OH"),
]
TOKEN = {"Authorization": "Bearer secret"}
PROBLEM = {"Accept": "application/problem+json"}


def asked_by(address: str, **headers: str) -> dict[str, Any]:
    """Return what makes a request one of a client at an address."""
    return {"environ_overrides": {"REMOTE_ADDR": address}, "headers": headers}


@pytest.fixture(name="app", scope="module")
def public_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Give a public app that has a token, and knows a proxy."""
    options = {"token": "secret", "trusted_proxies": (ip_network("10.0.0.0/8"),)}
    folder = tmp_path_factory.mktemp("public")
    with running_app(folder, public=True, rate="", compute_rate="", **options) as app:
        yield app


@pytest.fixture(name="client")
def client_of(app: Flask) -> FlaskClient:
    return app.test_client()


def test_anyone_may_read_answers_from_anywhere(client: FlaskClient) -> None:
    strange = {"Host": "far.example", "Origin": "https://article.example", "Via": "1.1 proxy"}
    for path in OPEN:
        for headers in (
            {},
            strange,
            {"Sec-Fetch-Site": "cross-site"},
            {"Authorization": "Bearer no"},
        ):
            answer = client.get("/", headers=headers, environ_overrides=_at(path))
            assert answer.status_code == 200, (path, headers)


def _at(path: str) -> dict[str, str]:
    """Return the environ of an address, which may begin with two slashes."""
    place, _, query = path.partition("?")
    return {"PATH_INFO": place, "QUERY_STRING": query}


def every_request(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield a method and a path for all that an app can do."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<.*?>", "1", rule.rule)
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
            yield method, path


def test_all_else_needs_the_token(app: Flask, client: FlaskClient) -> None:
    opened = {path.replace("//", "/").partition("?")[0].rstrip("/") for path in OPEN}
    folders = ("/api/answers/", "/assets/", "/openapi")
    closed = [
        (method, path)
        for method, path in every_request(app)
        if method != "GET" or not (path.rstrip("/") in opened or path.startswith(folders))
    ]
    assert ("GET", "/api/jobs") in closed
    assert ("GET", "/metrics") in closed
    for method, path in [*closed, ("GET", "/nowhere")]:
        answer = client.open(path, method=method, json={"question": OBESITY})
        assert answer.status_code == 401, (method, path)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    for path in ("/api/answers/../jobs", "/api/answers/%2e%2e/jobs", "/assets/../api/jobs"):
        assert client.get("/", environ_overrides=_at(path)).status_code == 404
    assert service_of(app).accepting
    assert not list(service_of(app).list())
    for path in ("/api/jobs", "/metrics", "/api/activity"):
        assert client.get(path, headers=TOKEN).status_code == 200


def test_without_a_token_all_else_is_closed(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, public=True) as app:
        client = app.test_client()
        for method, path in [
            *(("GET", f"/api/{name}") for name in ("jobs", "activity", "get_results/1")),
            *(("GET", "/metrics"), ("GET", "/api/graceful_shutdown"), ("DELETE", "/api/jobs/1")),
            *(("POST", "/api/best5"), ("POST", "/api/batch"), ("POST", "/api/dataset/reload")),
        ]:
            for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}):
                answer = client.open(path, method=method, headers={**headers, **PROBLEM})
                assert answer.status_code == 403, (method, path)
                assert answer.get_json()["code"] == "closed"
                assert "Access-Control-Allow-Origin" not in answer.headers
        assert service_of(app).accepting
        assert client.get(OHIO).get_json() == {"Ohio": 33.7}


def test_any_web_page_may_read_what_is_open(client: FlaskClient) -> None:
    tag = client.get(OHIO).headers["ETag"]
    for answer, status in (
        (client.get(OHIO), 200),
        (client.get(OHIO, headers={"If-None-Match": tag}), 304),
        (client.get("/api/answers/state_mean?question=x"), 400),
        (client.get("/api/answers/nothing"), 404),
        (client.head(OHIO), 200),
    ):
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
        assert answer.headers.get_all("Cross-Origin-Resource-Policy") == ["cross-origin"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" not in answer.headers.get("Vary", "")
    asks = {"Origin": "https://article.example", "Access-Control-Request-Method": "GET"}
    preflight = client.options(OHIO, headers=asks)
    assert (preflight.status_code, preflight.data) == (204, b"")
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "If-None-Match" in preflight.headers["Access-Control-Allow-Headers"]
    assert "Authorization" not in preflight.headers["Access-Control-Allow-Headers"]
    for path in ("/api/jobs", "/metrics"):
        closed = client.options(path, headers={**asks, "Access-Control-Request-Method": "POST"})
        assert closed.status_code == 401
        for answer in (closed, client.get(path), client.get(path, headers=TOKEN)):
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_each_client_has_a_rate_and_the_token_none(tmp_path: Path) -> None:
    limits = {"rate": "4/hour", "compute_rate": "2/hour"}
    with running_app(tmp_path, threads=0, public=True, token="secret", **limits) as app:
        client = app.test_client()
        one, other = asked_by("192.0.2.1"), asked_by("192.0.2.2")
        computed = [client.get(f"{OHIO[:-2]}{state}", **one) for state in ("OH", "TX", "UT")]
        assert [answer.status_code for answer in computed] == [200, 200, 429]
        limited = computed[-1]
        assert 3500 < int(limited.headers["Retry-After"]) <= 3600
        assert limited.headers["RateLimit-Policy"] == '"computations";q=2;w=3600'
        assert limited.headers["RateLimit"].startswith('"computations";r=0;t=3')
        assert limited.headers["Cache-Control"] == "no-store"
        assert limited.headers["Access-Control-Allow-Origin"] == "*"
        assert limited.get_json()["reason"].startswith("at most 2 computations in 3600 seconds")
        assert client.get(OHIO, **one).status_code == 200  # from memory
        limited = client.get(OHIO, **asked_by("192.0.2.1", **PROBLEM))
        assert (limited.status_code, limited.get_json()["code"]) == (429, "rate-limited")
        assert limited.headers["RateLimit-Policy"] == '"requests";q=4;w=3600'
        limited = client.get(f"{OHIO}&lang=ro", **one)
        assert limited.get_json()["reason"].startswith("cel mult 4 cereri în 3600 de secunde; ")
        # Guesses of a token count as well.
        guess = {"headers": {"Authorization": "Bearer guess"}, **one}
        assert client.get("/api/jobs", **guess).status_code == 429
        assert client.get(f"{OHIO[:-2]}UT", **other).status_code == 200
        for _ in range(6):
            assert client.get(OHIO, headers=TOKEN).status_code == 200
        told = client.get("/metrics", headers=TOKEN).text
        assert 'stats_requests_refused_total{cause="rate-limited",status="429"} 4.0' in told
        assert 'stats_answers_total{how="computed",statistic="state_mean"} 3.0' in told


def test_an_address_that_is_refused_after_a_look_at_rows_or_names_counts(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, public=True, compute_rate="3/hour") as app:
        client = app.test_client()

        def statuses(client_at: str, *addresses: str) -> list[int]:
            asked = (
                client.get(f"/api/answers/{address}", **asked_by(client_at))
                for address in addresses
            )
            return [answer.status_code for answer in asked]

        years = [f"against?question=Q036&state=OH&year={year}" for year in range(1900, 1905)]
        assert statuses("192.0.2.1", *years) == [400, 400, 400, 429, 429]
        misspelt = [f"state_mean?question=Q036&state=Ohoi{number}" for number in range(5)]
        assert statuses("192.0.2.2", *misspelt) == [400, 400, 400, 429, 429]
        # What is checked and computed counts once, and what was read before not at all.
        known, more = (f"query?question=Q036&method=mean&where.state={one}" for one in ("OH", "UT"))
        assert statuses("192.0.2.3", *[known] * 5) == [200] * 5
        assert statuses("192.0.2.3", more, years[0], years[1], known) == [200, 400, 429, 200]


def test_a_chart_counts_for_several(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, public=True, compute_rate="5/hour") as app:
        chart = app.test_client().get("/api/answers/best5.vega?question=Q036")
        assert chart.headers["RateLimit-Policy"] == '"computations";q=5;w=3600'


def test_a_large_answer_counts_for_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.views.asking._BYTES_OF_ONE", 10)
    with running_app(tmp_path, threads=0, public=True, compute_rate="20/hour") as app:
        client = app.test_client()
        assert client.get("/api/answers/states_mean?question=Q036").status_code == 200
        assert client.get("/api/answers/best5?question=Q036").status_code == 429
        assert client.get("/api/answers/states_mean?question=Q036").status_code == 200


CLIENTS = [
    # Who is nobody's proxy says nothing of who asks.
    ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
    ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
    # A client may write there what it likes; the proxy writes behind it.
    ("10.0.0.1", "192.0.2.7, 198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "192.0.2.7,198.51.100.1 , 10.2.3.4", "198.51.100.1"),
    ("10.0.0.1", "10.9.9.9", "10.9.9.9"),
    ("10.0.0.1", "", "10.0.0.1"),
    ("10.0.0.1", f"198.51.100.1, {'9' * 100}", "10.0.0.1"),
    ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
    ("[2001:db8:1:2::5]", "", "2001:db8:1:2::/64"),
    ("10.0.0.1", "[2001:db8:1:2:3:4:5:6]:80", "2001:db8:1:2::/64"),
    ("10.0.0.1", "unknown", "unknown"),
    ("", "", ""),
]


def test_which_client_a_request_is_of() -> None:
    from app.http.clients import Clients

    clients = Clients([ip_network("10.0.0.0/8")])
    for peer, forwarded, name in CLIENTS:
        headers = {"forwarded": "for=192.0.2.99"}
        headers |= {"x-forwarded-for": forwarded} if forwarded else {}
        request = Request("GET", "/", "", headers, f"{peer}:4711")
        assert clients.name(request) == name, (peer, forwarded)


def test_clients_are_counted_in_bounded_memory() -> None:
    from app.concurrency.rate_storage import MemoryRateStorage

    counts = MemoryRateStorage(most=10)
    for number in range(1000):
        assert counts.incr(f"client {number}", 60) == 1
    assert counts.incr("client 999", 60, 3) == 4
    assert counts.get("client 999") == 4
    assert counts.get("client 0") == 0
    assert counts.reset() == 10
    assert counts.incr("short", 0) == counts.incr("short", 0) == 1


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_set_changes_no_count(hours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.concurrency.rate_storage import MemoryRateStorage

    now, counts = time.time(), MemoryRateStorage()
    rate = Rate("requests", "2/minute", counts, reasons.TOO_MANY_REQUESTS)
    rate.count("a")
    monkeypatch.setattr(time, "time", lambda: now + hours * 3600)
    rate.count("a")
    with pytest.raises(RateLimited) as refused:
        rate.count("a")
    assert 1 <= refused.value.seconds <= 60
    # A count that is kept elsewhere may end by another clock.
    monkeypatch.setattr(counts, "get_expiry", lambda _key: now + 9999)
    with pytest.raises(RateLimited) as refused:
        rate.count("a")
    assert refused.value.seconds <= 60


def test_an_answer_of_many_megabytes_needs_the_token(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.answers._MOST_PUBLIC_BYTES", 100)
    path = "/api/answers/states_mean?question=Q036"
    for ending in ("", "&format=csv"):
        refused = client.get(path + ending, headers=PROBLEM)
        assert (refused.status_code, refused.get_json()["code"]) == (400, "too-costly")
        assert "name fewer questions" in refused.get_json()["detail"]
        assert client.get(path + ending, headers=TOKEN).status_code == 200
    assert client.get(OHIO).status_code == 200


def test_one_client_waits_for_so_many_answers_and_others_do_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, compute = threading.Event(), Answers.answer
    monkeypatch.setattr("app.answers.shared_answers._MOST_EACH", 1)
    monkeypatch.setattr(
        Answers, "answer", lambda self, asked: gate.wait(PATIENCE) and compute(self, asked)
    )
    with running_app(tmp_path, threads=2, public=True) as app:
        client, answers = app.test_client(), list[int]()

        def ask(address: str, state: str) -> None:
            path = f"{OHIO[:-2]}{state}"
            answers.append(app.test_client().get(path, **asked_by(address)).status_code)

        asked = (("192.0.2.1", "OH"), ("192.0.2.2", "TX"))
        threads = [threading.Thread(target=ask, args=one) for one in asked]
        for thread in threads:
            thread.start()
        limited = eventually(
            lambda: (
                (answer := client.get(f"{OHIO[:-2]}UT", **asked_by("192.0.2.1"))).status_code == 429
                and answer
            )
        )
        assert limited.headers["RateLimit-Policy"] == '"waiting";q=1;qu="concurrent-requests"'
        assert limited.headers["Retry-After"] == "1"
        gate.set()
        for thread in threads:
            thread.join(PATIENCE)
        assert answers == [200, 200]


def test_a_public_server_says_so_and_listens_anywhere(tmp_path: Path) -> None:
    with running_server(tmp_path, "--host", "0.0.0.0", "--public") as server:
        assert server.process.stdout.readline().startswith("public: anyone may GET answers")
        url = f"http://127.0.0.1:{server.port}"
        answer = requests.get(f"{url}{OHIO}", data="x" * 10, timeout=PATIENCE)
        # A body is not waited for.
        assert (answer.json(), answer.headers["Connection"]) == ({"Ohio": 33.7}, "close")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert requests.get(f"{url}/api/jobs", timeout=PATIENCE).status_code == 403
        assert eventually(lambda: "all else is closed" in server.log_text())
