"""What a submit asks and is told in headers: its key, a wait for the result, where its job is."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.errors import BadRequest
from app.http.request import Request
from app.http.submit_headers import idempotency_key, preferred_wait
from app.threads.journal_file import JournalFile
from unittests.helpers.app import fail_jobs_on, hold_jobs, running_app, service_of
from unittests.helpers.data import OBESITY
from unittests.helpers.loop_client import LoopClient, client_of_both  # noqa: F401
from unittests.helpers.waiting import PATIENCE, eventually

BEST5 = {"question": OBESITY}
OHIO = {"question": OBESITY, "state": "Ohio"}
ITEMS = [{"statistic": "best5", **BEST5}, {"statistic": "state_mean", **OHIO}]
KEY, PREFER = "Idempotency-Key", "Prefer"


def a_key() -> dict[str, str]:
    """Return the header of a new key."""
    return {KEY: f'"{uuid4()}"'}


def last_id(client: FlaskClient) -> str:
    """Return the id of the newest job."""
    job_id: str = next(iter(client.get("/api/jobs").get_json()["data"][-1]))
    return job_id


def test_a_submit_says_where_its_job_is(client: FlaskClient) -> None:
    for path in ("/api/best5", "/api/best5/", "//api/best5"):
        answer = client.post("/", environ_overrides={"PATH_INFO": path}, json=BEST5)
        job_id = answer.get_json()["job_id"]
        assert answer.get_json() == {"job_id": job_id}
        link, _, relation = answer.headers["Link"].partition(">; ")
        assert relation == 'rel="describedby"'
        for below in ("", "/stats/of"):  # the path of a proxy
            here = f"http://stats.example{below}{path}"
            location = urljoin(here, answer.headers["Location"]).replace("//api", "/api")
            described = urljoin(here, link[1:]).replace("//api", "/api")
            assert location == f"http://stats.example{below}/api/get_results/{job_id}"
            assert described == f"http://stats.example{below}/api/jobs/{job_id}"
        assert "Preference-Applied" not in answer.headers
        assert "Content-Location" not in answer.headers


def test_who_repeats_a_submit_gets_its_job(client: FlaskClient) -> None:
    key = a_key()
    first = client.post("/api/state_mean", json=OHIO, headers=key)
    same = [
        client.post("/api/state_mean", json=OHIO, headers=key),
        client.post("/api/state_mean", data='{ "state": "OH", "question":"Q036" }', headers=key),
        client.post("/api/state_mean", json=OHIO, headers={KEY: f" {key[KEY][1:-1]} "}),
    ]
    assert [answer.get_json() for answer in same] == [first.get_json()] * 3
    assert same[0].headers["Location"] == first.headers["Location"]
    assert last_id(client) == first.get_json()["job_id"]
    other = client.post("/api/state_mean", json=OHIO, headers=a_key())
    assert other.get_json() != first.get_json()


def test_a_key_that_was_used_for_something_else(client: FlaskClient) -> None:
    key, of_a_batch = a_key(), a_key()
    client.post("/api/best5", json=BEST5, headers=key)
    client.post("/api/batch", json=ITEMS, headers=of_a_batch)
    last = last_id(client)
    others: list[tuple[str, Any, dict[str, str]]] = [
        ("worst5", BEST5, key),
        ("best5", {"question": "Q037"}, key),
        ("best5", BEST5, of_a_batch),
        ("batch", ITEMS, key),
        ("batch", ITEMS[:1], of_a_batch),
        ("batch", ITEMS[::-1], of_a_batch),
    ]
    for path, body, header in others:
        accept = {"Accept": "application/problem+json"}
        answer = client.post(f"/api/{path}", json=body, headers=header | accept)
        assert (answer.status_code, answer.get_json(force=True)["code"]) == (422, "key-reused")
    assert last_id(client) == last
    assert client.post("/api/best5", json={}, headers=key).status_code == 400


def test_who_repeats_a_batch_gets_its_jobs(client: FlaskClient) -> None:
    key = a_key()
    answers = [client.post("/api/batch", json=ITEMS, headers=key).get_json() for _ in range(3)]
    assert len(answers[0]["job_ids"]) == 2
    assert answers == [answers[0]] * 3
    assert last_id(client) == answers[0]["job_ids"][-1]
    refused = client.post("/api/batch", json=[{}], headers=a_key())
    assert refused.status_code == 400


def test_what_is_no_key_is_refused(client: FlaskClient) -> None:
    for path, body in (("best5", BEST5), ("batch", ITEMS)):
        answer = client.post(f"/api/{path}", json=body, headers={KEY: '"a", "b"'})
        assert answer.status_code == 400
        told = answer.get_json()["reason"]
        assert told.startswith("Idempotency-Key must be one key in quotes"), path


def test_who_prefers_to_wait_gets_the_result(client: FlaskClient) -> None:
    answer = client.post("/api/state_mean", json=OHIO, headers={PREFER: "wait=20"} | a_key())
    job_id = answer.get_json()["job_id"]
    expected = b'{"job_id":"%b","status":"done","data":{"Ohio":33.7}}' % job_id.encode()
    assert (answer.status_code, answer.data) == (200, expected)
    assert answer.headers["Preference-Applied"] == "wait=20"
    assert answer.headers["Content-Location"] == answer.headers["Location"]
    assert answer.headers["Location"] == f"get_results/{job_id}"
    result = client.get(f"/api/get_results/{job_id}").get_json()
    assert {"job_id": job_id, **result} == answer.get_json()
    table = client.post("/api/query", json={"question": "Q036"}, headers={PREFER: "wait=20"})
    assert table.get_json()["status"] == "done"


def test_what_is_no_preference_is_passed_over(client: FlaskClient) -> None:
    for prefer in ("wait", "wait=soon", "wait=-1", "return=minimal", ";;", ""):
        answer = client.post("/api/best5", json=BEST5, headers={PREFER: prefer})
        assert list(answer.get_json()) == ["job_id"], prefer
        assert "Preference-Applied" not in answer.headers
    refused = client.post("/api/best5", json={}, headers={PREFER: "wait=20"})
    assert refused.status_code == 400


def test_a_job_that_fails_says_so_to_who_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_app(tmp_path, threads=1) as app:
        fail_jobs_on("Ohio", app, monkeypatch, ValueError())
        answer = app.test_client().post("/api/state_mean", json=OHIO, headers={PREFER: "wait=20"})
        result = app.test_client().get("/api/get_results/1").get_json()
    assert result["status"] == "error"
    assert answer.get_json() == {"job_id": "job_id_1", **result}
    assert answer.headers["Preference-Applied"] == "wait=20"


def test_who_may_not_wait_for_as_long_gets_the_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_jobs(monkeypatch)
    with running_app(tmp_path, threads=1, waiters=1) as app, ThreadPoolExecutor() as threads:

        def submit(seconds: int, **sent: Any) -> Any:
            headers = {PREFER: f"wait={seconds}", **sent}
            return app.test_client().post("/api/state_mean", json=OHIO, headers=headers)

        assert submit(0).get_json() == {"job_id": "job_id_1"}
        place = service_of(app).wait_for_change()
        assert place is not None
        second = submit(30, **{KEY: "k"})  # nobody else may wait
        assert second.get_json() == {"job_id": "job_id_2"}
        assert "Preference-Applied" not in second.headers
        place.close()
        third = threads.submit(submit, 30, **{KEY: "k"})
        app.test_client().post("/api/graceful_shutdown")
        assert third.result(PATIENCE).get_json()["data"] == {"Ohio": 33.7}
        # What was accepted before is told also now; nothing new is accepted.
        done = submit(30, **{KEY: "k"})
        assert (done.get_json()["job_id"], done.get_json()["status"]) == ("job_id_2", "done")
        for headers in ({}, {KEY: "new"}):
            refused = app.test_client().post("/api/state_mean", json=OHIO, headers=headers)
            assert (refused.status_code, refused.get_json()["reason"]) == (503, "shutting down")


def test_keys() -> None:
    for text, key in (
        ('"8e03978e-40d5"', "8e03978e-40d5"),
        ("8e03978e-40d5", "8e03978e-40d5"),
        (r'"a\"b\\c"', 'a"b\\c'),
        ("~!#$%&'()*+-./:<=>?@[]^_`{|}", "~!#$%&'()*+-./:<=>?@[]^_`{|}"),
        (f'"{"x" * 255}"', "x" * 255),
    ):
        assert idempotency_key(Request("POST", "/", "", {"idempotency-key": text})) == key
    for text in (
        *("", '""', '"', '"a', 'a"', '"a"b', "a b", '"a b"', "a,b"),
        *(f'"{"x" * 256}"', "x" * 256, r'"\a"', "a;b", "\xe9", "a\x00"),
    ):
        with pytest.raises(BadRequest, match="must be one key in quotes"):
            idempotency_key(Request("POST", "/", "", {"idempotency-key": text}))


def test_preferences() -> None:
    for text, seconds in (
        ("wait=10", 10),
        ('respond-async, WAIT = "7" ; foo=bar', 7),
        ("wait=1, wait=2", 1),
        ("wait=999999999", 30),
        ("wait=0", 0),
        *((text, None) for text in ("", "wait", "wait=1.5", "await=1", "wait=\u0661", "wait=")),
        *((text, None) for text in ('wait="1', f"wait={'9' * 10}", "foo; wait=1")),
    ):
        assert preferred_wait(Request("POST", "/", "", {"prefer": text})) == seconds, text
    assert preferred_wait(Request("POST", "/", "", {})) is None


@pytest.mark.parametrize("how", ["submit", "batch", "cancel"])
def test_a_journal_that_somebody_removed_is_written_anew_on_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    hold_jobs(monkeypatch)
    threads, replace = list[str](), JournalFile.replace

    def noted(self: JournalFile, content: Any, **how: Any) -> bool:
        threads.append(threading.current_thread().name.partition("_")[0])
        return replace(self, content, **how)

    with running_app(tmp_path, threads=1) as app:
        app.extensions["periodic"].stop()  # the chores would do it
        monkeypatch.setattr(JournalFile, "replace", noted)
        client = LoopClient(app)
        items = [{"statistic": "best5", **BEST5}]
        queued = client.post("/api/batch", json=items * 500).get_json()["job_ids"]

        def change() -> bool:
            if how == "submit":
                answer = client.post("/api/best5", json=BEST5)
            elif how == "batch":
                answer = client.post("/api/batch", json=items)
            else:
                answer = client.delete(f"/api/jobs/{queued.pop()}")
            assert answer.status_code == 200
            return bool(threads)

        (tmp_path / "results" / ".journal").unlink()
        eventually(change)  # it is looked for from time to time
        assert set(threads) == {"Request"}
        assert (tmp_path / "results" / ".journal").exists()
