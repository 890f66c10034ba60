"""Refusals that are not about a body: methods, paths, slashes, HEAD, and failures of our own."""

from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from unittests.helpers.app import running_app
from unittests.helpers.data import OBESITY
from unittests.helpers.loop_client import client_of_both  # noqa: F401
from unittests.helpers.registry import COURSE_STATISTICS, TABLE_STATISTICS
from unittests.http.test_refusals import jobs, no_job_made, reason_of, refused

GET_ROUTES = (
    "/api/jobs",
    "/api/jobs/1/rows",
    "/api/num_jobs",
    "/api/health",
    "/api/get_results/1",
    "/api/dataset",
    "/api/questions",
    "/api/states",
    "/api/categories",
    "/",
    "/index",
)
UNKNOWN_IDS = (
    *("0", "-1", "job_id_999999", "job_id_", "JOB_ID_1", "01", "1.json", "9" * 400, "%00"),
)


def test_submit_routes_take_post_alone(client: FlaskClient) -> None:
    sent = {"question": OBESITY, "state": "Ohio"}
    with no_job_made(client):
        for name in (*COURSE_STATISTICS, *TABLE_STATISTICS):
            for method in ("GET", "PUT", "PATCH", "DELETE", "TRACE"):
                answer = client.open(f"/api/{name}", method=method, json=sent)
                assert answer.status_code == 405, (name, method)
                assert "method" in reason_of(answer)
                assert set(answer.headers["Allow"].split(", ")) == {"POST"}, (name, method)


def test_routes_that_tell_take_get_alone(client: FlaskClient) -> None:
    for path in GET_ROUTES:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = client.open(path, method=method, json={})
            assert answer.status_code == 405, (path, method)
            assert "method" in reason_of(answer)
            assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}, (path, method)


def test_unknown_routes(client: FlaskClient) -> None:
    for path in (
        "/nothing",
        "/api",
        "/api/",
        "/api/best6",
        "/API/best5",
        "/api/best5/more",
        "/api/get_results",
        "/api/get_results/",
        "/api/get_results/1/2",
        "/openapi/nothing.js",
        "/openapi/%2e%2e/%2e%2e/pyproject.toml",
        "/static/x",
        "/results/job_id_1.json",
        "/%ff%fe",
        "/\u2028\u202e",
        "/%00",
        "/" + "x" * 5000,
    ):
        assert "no such route" in refused(client, 404, path, method="GET")
        assert client.head(path).status_code == 404, ascii(path[:40])


def test_unknown_jobs(client: FlaskClient) -> None:
    for job_id in UNKNOWN_IDS:
        reason = refused(client, 404, f"/api/get_results/{job_id}", method="GET")
        assert reason == "Invalid job_id", job_id


def test_head_on_graceful_shutdown_changes_nothing(client: FlaskClient) -> None:
    answer = client.head("/api/graceful_shutdown")
    assert (answer.status_code, answer.data) == (405, b"")
    assert "GET" in answer.headers["Allow"]
    for method in ("PUT", "DELETE", "OPTIONS"):
        client.open("/api/graceful_shutdown", method=method)
    assert client.get("/api/health").get_json() == {"status": "ok"}
    assert client.post("/api/best5", json={"question": OBESITY}).status_code == 200


def test_a_submit_after_shutdown_makes_no_job(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0) as app:
        client = app.test_client()
        assert client.post("/api/graceful_shutdown").get_json() == {"status": "done"}
        with no_job_made(client):
            for name in COURSE_STATISTICS:
                sent = {"question": OBESITY, "state": "Ohio"}
                assert refused(client, 503, f"/api/{name}", json=sent) == "shutting down"


def test_more_slashes_are_served_without_a_redirect(client: FlaskClient) -> None:
    for path in ("//api/jobs", "/api//jobs", "//api///jobs", "/api/jobs/", "//"):
        answer = client.get("/", environ_overrides={"PATH_INFO": path})
        assert answer.status_code == 200, path
        assert "Location" not in answer.headers
        single = client.get(path.replace("//", "/").replace("//", "/"))
        assert answer.get_json() == single.get_json(), path


def test_a_job_is_submitted_behind_more_slashes(client: FlaskClient) -> None:
    before = jobs(client)
    sent = {"question": OBESITY}
    answer = client.post("/", json=sent, environ_overrides={"PATH_INFO": "//api//best5"})
    assert answer.status_code == 200, answer.text
    assert jobs(client) == before + 1


def test_an_error_of_our_own_is_told_to_the_log_alone(tmp_path: Path) -> None:
    def broken(_request: object) -> Any:
        raise ZeroDivisionError("a secret\nof ours")

    with running_app(tmp_path, threads=0) as app:
        app.view_functions["api.list_jobs"] = broken
        client = app.test_client()
        answer = client.get("/api/jobs")
        assert answer.status_code == 500
        reason = reason_of(answer)
        assert "secret" not in reason
        assert "ZeroDivisionError" not in reason
        assert client.get("/api/health").status_code == 200
    lines = (tmp_path / "webserver.log").read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if "ZeroDivisionError" in line]
    assert len(told) == 1
    assert " ERROR " in told[0]
    for part in ("GET /api/jobs", "a secret", "broken"):
        assert part in told[0]
    assert [line for line in lines if " ERROR " in line] == told
    assert any(" INFO exit GET /api/jobs 500" in line for line in lines)


def test_a_refusal_has_its_reason_at_error_and_its_exit_at_info(tmp_path: Path) -> None:
    asked: tuple[tuple[str, str, Any, int, str], ...] = (
        ("POST", "/api/best5", {"question": "obesety"}, 400, 'unknown question "obesety"'),
        ("POST", "/api/trend", {"question": 5}, 400, '"question" must be'),
        ("POST", "/api/nothing", {}, 404, "there is no such route"),
        ("PUT", "/api/best5", {}, 405, "this route does not take this method"),
        ("GET", "/api/get_results/7", None, 404, "Invalid job_id"),
    )
    with running_app(tmp_path, threads=0) as app:
        client = app.test_client()
        statuses = [
            client.open(path, method=method, json=body).status_code
            for method, path, body, _, _ in asked
        ]
    assert statuses == [status for _, _, _, status, _ in asked]
    lines = [
        line.partition("Z ")[2]
        for line in (tmp_path / "webserver.log").read_text(encoding="utf-8").splitlines()
        if "/api/" in line
    ]
    assert len(lines) == 3 * len(asked)
    for place, (method, path, _, status, reason) in enumerate(asked):
        entry, refusal, leave = lines[3 * place : 3 * place + 3]
        assert entry.startswith(f"INFO enter {method} {path}")
        assert refusal.startswith(f"ERROR refused {method} {path}: {reason}")
        assert leave.startswith(f"INFO exit {method} {path} {status} ")
