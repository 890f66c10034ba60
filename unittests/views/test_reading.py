"""How clients read: unchanged results are not sent again, and lists of jobs come in pages."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.job import Job
from app.views import jobs
from unittests.helpers.app import fail_jobs_on, hold_jobs, running_app
from unittests.helpers.data import OBESITY
from unittests.helpers.loop_client import client_of_both  # noqa: F401
from unittests.helpers.server import Server, running_server

BODY = {"question": OBESITY}


def test_a_result_that_the_client_has_is_not_sent_again(client: FlaskClient) -> None:
    path = f"/api/get_results/{client.post('/api/best5', json=BODY).get_json()['job_id']}"
    first = client.get(f"{path}?wait=20")
    tag = first.headers["ETag"]
    for known in (tag, f'W/{tag}, "x"', f'"x", {tag}'):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert "Content-Type" not in again.headers
    assert client.get(path, headers={"If-None-Match": "*"}).status_code == 304
    for unknown in ('"x"', f"q{tag}", tag.strip('"')[:-1]):
        other = client.get(path, headers={"If-None-Match": unknown})
        assert (other.status_code, other.data) == (200, first.data)


def test_a_file_of_a_result_is_sent_again_where_another_version_makes_it(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/api/get_results/{client.post('/api/best5', json=BODY).get_json()['job_id']}"
    tags = [client.get(f"{path}{more}").headers["ETag"] for more in ("?wait=20", "?format=csv")]
    monkeypatch.setattr("app.views.pictures.VERSION", "0.0")
    again = [
        client.get(f"{path}{more}", headers={"If-None-Match": tag}).status_code
        for more, tag in zip(("", "?format=csv"), tags, strict=True)
    ]
    assert again == [304, 200]


@pytest.fixture(name="server", scope="module")
def server_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that is reached over a real socket."""
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


def test_a_304_over_a_real_socket_leaves_the_connection_usable(server: Server) -> None:
    job_id = server.post("best5", question=OBESITY)
    server.outcome(job_id)
    url = f"{server.url}/api/get_results/{job_id}"
    tag = server.http.get(url, timeout=20).headers["ETag"]
    for wait in ("", "?wait=1"):
        answer = server.http.get(url + wait, headers={"If-None-Match": tag}, timeout=20)
        assert (answer.status_code, answer.content) == (304, b"")
    assert server.get(f"api/jobs/{job_id}")["data"]["status"] == "done"


def test_different_results_have_different_tags_and_what_is_no_result_has_none(
    tmp_path: Path,
) -> None:
    with running_app(tmp_path, threads=0) as app:
        client = app.test_client()
        for statistic in ("best5", "worst5"):
            client.post(f"/api/{statistic}", json=BODY)
        tags = [client.get(f"/api/get_results/{number}").headers["ETag"] for number in (1, 2)]
        assert tags[0] != tags[1]
        assert "ETag" not in client.get("/api/get_results/3").headers


@pytest.fixture(name="listed")
def app_with_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give an app of 25 jobs, every fifth of which failed, with parts of four in its lists."""
    monkeypatch.setattr(jobs, "JOBS_A_PART", 4)
    with running_app(tmp_path, threads=0) as app:
        fail_jobs_on("Utah", app, monkeypatch, ValueError())
        for number in range(1, 26):
            state = "UT" if number % 5 == 0 else "OH"
            app.test_client().post("/api/state_mean", json={"question": "Q036", "state": state})
        yield app


def rows(app: Flask, query: str = "") -> list[tuple[int, str]]:
    """Return the jobs of a list, as numbers and statuses."""
    answer = app.test_client().get(f"/api/jobs{query}")
    content = answer.get_json()
    assert (answer.status_code, content["status"], list(content)) == (
        200,
        "done",
        ["status", "data"],
    )
    return [(int(job_id[7:]), status) for row in content["data"] for job_id, status in row.items()]


def test_lists_of_jobs(listed: Flask) -> None:
    every = [(number, "done" if number % 5 else "error") for number in range(1, 26)]
    assert rows(listed) == every
    for limit in (1, 3, 4, 5, 8, 24, 25, 26):
        assert rows(listed, f"?limit={limit}") == every[:limit]
        assert rows(listed, f"?limit={limit}&after=7") == every[7 : 7 + limit]
    assert rows(listed, "?after=job_id_20") == every[20:]
    assert rows(listed, "?after=0") == every
    assert rows(listed, "?after=25") == rows(listed, "?after=999999999") == []
    failed = [row for row in every if row[1] == "error"]
    assert rows(listed, "?status=error") == failed
    assert rows(listed, "?status=error&after=10&limit=2") == failed[2:4]
    assert rows(listed, "?status=running") == []
    assert rows(listed, "?unknown=1") == every


def test_a_page_of_jobs_of_any_status_looks_at_no_more_than_it_has(
    listed: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, looked = listed.extensions["job_service"], []
    every = service.list

    def counted(after: int = 0, *, unfinished: bool = False) -> Iterator[Job]:
        for job in every(after, unfinished=unfinished):
            looked.append(job.number)
            yield job

    monkeypatch.setattr(service, "list", counted)
    for limit in (1, 3, 4, 6):
        looked.clear()
        assert len(rows(listed, f"?limit={limit}&after=2")) == limit
        assert looked == [*range(3, 3 + limit)]


def test_a_list_of_ten_parts_has_a_length_and_a_longer_one_is_sent_in_parts(
    listed: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part, whole in ((3, True), (2, False)):
        monkeypatch.setattr(jobs, "JOBS_A_PART", part)
        answer = listed.test_client().get("/api/jobs")
        assert ("Content-Length" in answer.headers) == whole
        assert len(answer.get_json()["data"]) == 25


def test_pages_follow_one_another_to_the_end(listed: Flask) -> None:
    seen: list[tuple[int, str]] = []
    while page := rows(listed, f"?status=done&limit=7&after={seen[-1][0] if seen else 0}"):
        seen += page
    assert seen == rows(listed, "?status=done")


def test_queries_that_mean_nothing_are_refused(client: FlaskClient) -> None:
    for query in (
        *("status=new", "status=", "limit=0", "limit=-1"),
        *("limit=x", "limit=1.5", "after=x", "after=-1"),
    ):
        answer = client.get(f"/api/jobs?{query}")
        assert answer.status_code == 400, query
        assert f'"{query.partition("=")[0]}"' in answer.get_json()["reason"]
    large = client.get("/api/jobs?limit=999999999999").get_json()
    assert large["reason"] == '"limit" must be a whole number from 1 to 999,999,999'


def test_jobs_that_run_are_listed_while_they_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_jobs(monkeypatch)
    with running_app(tmp_path, threads=1) as app:
        for _ in range(3):
            app.test_client().post("/api/best5", json=BODY)
        running = [(number, "running") for number in (1, 2, 3)]
        assert rows(app, "?status=running") == running
        assert rows(app, "?status=running&after=1&limit=1") == running[1:2]
        assert rows(app, "?status=done") == []


def test_a_list_in_parts_over_a_real_socket(server: Server) -> None:
    items = [{"statistic": "best5", "question": "Q036"}] * 10_000
    for _ in range(2):
        server.http.post(f"{server.url}/api/batch", json=items, timeout=20)
    last = int(server.post("best5", question=OBESITY).removeprefix("job_id_"))
    assert last > 20_000
    assert [next(iter(row)) for row in server.get("api/jobs")["data"]] == [
        f"job_id_{number}" for number in range(1, last + 1)
    ]


def test_what_there_is_to_ask_is_packed_for_who_takes_it(app: Flask) -> None:
    client = app.test_client()
    for path in ("statistics", "questions", "states", "categories", "dataset"):
        plain = client.get(f"/api/{path}")
        packed = client.get(f"/api/{path}", headers={"Accept-Encoding": "br, gzip"})
        assert packed.headers["Content-Encoding"] == "gzip", path
        assert gzip.decompress(packed.data) == plain.data, path
        assert "Content-Encoding" not in plain.headers
        refused = client.get(f"/api/{path}", headers={"Accept-Encoding": "gzip;q=0"})
        assert refused.data == plain.data, path
        assert {answer.headers["Vary"] for answer in (plain, packed)} == {"Accept-Encoding"}
