"""What is known of a job, over HTTP, answers as files, and a dataset that is replaced."""

import csv
import errno
import io
import json
import os
import random
import shlex
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.answers.rows import CHANGED
from app.job import JobRequest
from app.job_service import LOST
from app.sources import BOX
from app.statistics.course import CourseStatistic
from app.statistics.ranking import Ranking
from app.views.formats import FORMATS
from unittests.helpers.app import default_answers, running_app, service_of
from unittests.helpers.asking import submit, told
from unittests.helpers.data import OBESITY, dataset, release
from unittests.helpers.files import RELEASE, spoil
from unittests.helpers.registry import COURSE_STATISTICS, TABLE_STATISTICS
from unittests.helpers.rows import row, write
from unittests.helpers.waiting import eventually

COURSE = {name: {"question": OBESITY, "state": "Ohio"} for name in COURSE_STATISTICS}
TABLE_EXAMPLES = {name: dict(row.example) for name, row in TABLE_STATISTICS.items()}


@pytest.fixture(name="app", scope="module")
def app_of_the_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Give an app of all that comes in the box, which answers all statistics."""
    with running_app(tmp_path_factory.mktemp("box"), threads=0, data=BOX) as app:
        yield app


ROWS = [row(state, 30.0 + place) for place, state in enumerate(("Ohio", "Texas", "Utah"))]


def test_a_statistic_that_cannot_be_loaded_is_refused_for_now(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(Ranking, "resolve", fail)
        answer = client.post("/api/ranking", json={"question": "Q036"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    submit(client, "ranking", question="Q036")


def test_every_job_explains_itself(client: FlaskClient) -> None:
    for statistic, body in {**COURSE, **TABLE_EXAMPLES}.items():
        job_id = submit(client, statistic, **body)
        explained = told(client, f"/api/jobs/{job_id}")
        assert explained["status"] == "done", statistic
        assert "Percent" in explained["asked"] or explained["asked"].endswith("?")
        assert explained["accepted_at"] <= explained["started_at"] <= explained["ended_at"]
        asked = dataset() if statistic in COURSE else release()
        assert asked.digest.startswith(explained["dataset"]), statistic
        # What it says to ask, asks the same.
        curl, url, flag, sent = shlex.split(explained["curl"])
        assert (curl, flag) == ("curl", "-d")
        assert json.loads(sent) == explained["parameters"], statistic
        again = client.post(url.removeprefix("http://localhost"), data=sent).get_json()["job_id"]
        answers = [client.get(f"/api/get_results/{one}").data for one in (job_id, again)]
        assert answers[0] == answers[1], statistic
        rows = told(client, explained["rows"])
        assert rows["about"]["rows"] == len(rows["rows"]) > 0, statistic


def test_a_mean_follows_from_its_rows(client: FlaskClient) -> None:
    for statistic in ("states_mean", "state_mean", "global_mean"):
        job_id = submit(client, statistic, question=OBESITY, state="Ohio")
        mean = told(client, f"/api/get_results/{job_id}")
        text = client.get(f"/api/jobs/{job_id}/rows?format=csv").data.decode("utf-8-sig")
        values: dict[str, list[float]] = {}
        for cells in csv.DictReader(io.StringIO(text)):
            place = "global_mean" if statistic == "global_mean" else cells["state"]
            values.setdefault(place, []).append(float(cells["value"]))
        means = {place: sum(some) / len(some) for place, some in values.items()}
        assert means == pytest.approx(mean), statistic


def test_rows_are_where_they_are_said_to_be(client: FlaskClient) -> None:
    body = {"question": OBESITY, "state": "Ohio", "dataset": "release"}
    job_id = submit(client, "state_mean_by_category", **body)
    records = pl.read_parquet(RELEASE, columns=["LocationDesc", "Question", "Data_Value"])
    rows = told(client, f"/api/jobs/{job_id}/rows")
    assert rows["rows"]
    for cells in rows["rows"]:
        shown = dict(zip(rows["columns"], cells, strict=True))
        record = records.row(shown["record"] - 1, named=True)
        assert (record["LocationDesc"], record["Question"]) == (shown["state"], shown["question"])
        assert float(record["Data_Value"]) == shown["value"]


def test_every_format(client: FlaskClient) -> None:
    for statistic, formats in (
        ("best5", [wanted for wanted in FORMATS if wanted != "json"]),
        # Of others without PNG: to draw a map so takes a second.
        ("query", [wanted for wanted in FORMATS if wanted not in ("json", "png")]),
        *((name, ["csv"]) for name in ("mean_by_category", "ranking")),
    ):
        job_id = submit(client, statistic, **{**COURSE, **TABLE_EXAMPLES}[statistic])
        path = f"/api/get_results/{job_id}"
        for wanted in formats:
            answer = client.get(f"{path}?format={wanted}")
            assert answer.status_code == 200, answer.text
            assert job_id in answer.headers["Content-Disposition"]
            assert looks_like(wanted, answer), (statistic, wanted)
            # The same again is not sent again; another format is not taken for it.
            known = {"If-None-Match": answer.headers["ETag"]}
            assert client.get(f"{path}?format={wanted}", headers=known).status_code == 304
            assert client.get(path, headers=known).status_code == 200


def looks_like(wanted: str, answer: TestResponse) -> bool:
    match wanted:
        case "csv":
            return len(list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))) > 5
        case "ndjson":
            return all(json.loads(line) for line in answer.data.splitlines())
        case "parquet":
            return pl.read_parquet(io.BytesIO(answer.data)).height >= 5
        case "svg":
            return answer.data.startswith(b"<svg") and answer.mimetype == "image/svg+xml"
        case "png":
            return answer.data.startswith(b"\x89PNG") and answer.mimetype == "image/png"
    return "vega-lite" in answer.get_json(force=True)["$schema"]


def test_formats_and_charts_that_there_are_not(client: FlaskClient) -> None:
    job_id = submit(client, "best5", question=OBESITY)
    for query in ("format=xls", "format=", "format=svg&chart=pie", "format=svg&chart=a%0d%0ab"):
        answer = client.get(f"/api/get_results/{job_id}?{query}")
        assert (answer.status_code, answer.get_json()["status"]) == (400, "error"), query
        assert "must be one of" in answer.get_json()["reason"]
    assert client.get(f"/api/jobs/{job_id}/rows?format=png").status_code == 400
    map_of_one = submit(client, "global_mean", question=OBESITY)
    answer = client.get(f"/api/get_results/{map_of_one}?format=svg&chart=map")
    assert answer.status_code == 400


def test_a_job_without_an_answer_has_no_files(tmp_path: Path) -> None:
    gate = threading.Event()
    with running_app(tmp_path, threads=1) as app:
        client, answers = app.test_client(), default_answers(app)
        compute = answers.answer

        def park(request: Any) -> Any:
            gate.wait(30)
            if request.statistic == "worst5":
                raise ValueError("not this one")
            return compute(request)

        answers.answer = park  # type: ignore[method-assign]
        running = submit(client, "best5", question=OBESITY)
        for path, status in (("", 202), ("/rows", 409)):
            route = (
                f"/api/jobs/{running}/rows" if path else f"/api/get_results/{running}?format=csv"
            )
            assert client.get(route).status_code == status
        eventually(lambda: told(client, f"/api/jobs/{running}")["status"] == "running")
        waiting = submit(client, "worst5", question=OBESITY)
        explained = told(client, f"/api/jobs/{waiting}")
        assert (explained["status"], explained["ended_at"], explained["rows"]) == (
            "queued",
            None,
            None,
        )
        gate.set()
        # The format that is waited for comes once the job is done.
        drawn = client.get(f"/api/get_results/{running}?format=svg&wait=30")
        assert drawn.data.startswith(b"<svg")
        client.get(f"/api/get_results/{waiting}?wait=30")
        failed = client.get(f"/api/get_results/{waiting}?format=csv")
        assert (failed.status_code, failed.get_json()["status"]) == (409, "error")
        assert client.get(f"/api/jobs/{waiting}/rows").status_code == 409
        assert told(client, f"/api/jobs/{waiting}")["reason"]


def test_what_no_job_has(client: FlaskClient) -> None:
    for path in ("/api/jobs/999999", "/api/jobs/0", "/api/jobs/x/rows", "/api/jobs/999999/rows"):
        answer = client.get(path)
        assert (answer.status_code, answer.get_json()["reason"]) == (404, "Invalid job_id"), path


def test_the_curl_command_is_for_the_address_that_a_proxy_has(tmp_path: Path) -> None:
    proxy = {
        "Host": "127.0.0.1:5000",
        "X-Forwarded-Host": "stats.example.org",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/sport",
        "Authorization": "Bearer secret",
    }
    with running_app(tmp_path, threads=0, token="secret") as app:
        client = app.test_client()
        client.post("/api/best5", json={"question": OBESITY}, headers=proxy)
        explained = client.get("/api/jobs/1", headers=proxy).get_json()["data"]
        assert shlex.split(explained["curl"])[1] == "https://stats.example.org/sport/api/best5"


def test_the_curl_command_can_be_pasted_whatever_host_was_asked_for(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, token="secret") as app:
        client, token = app.test_client(), {"Authorization": "Bearer secret"}
        client.post("/api/best5", json={"question": "Q036"}, headers=token)
        for host, shown in (("stats.example:80", True), ("a$(reboot)", False), ("a;b", False)):
            answer = client.get("/api/jobs/1", headers={**token, "Host": host})
            assert (host in answer.get_json()["data"]["curl"]) is shown


def test_questions_that_cannot_be_answered_say_how_they_could(tmp_path: Path) -> None:
    data = write([row("Ohio", 30.0, year=2011, until=2022)], tmp_path / "period.csv")
    with running_app(tmp_path, threads=0, data=data) as app:
        answer = app.test_client().post("/api/trend", json={"question": "Q036"})
    assert answer.status_code == 400
    assert "make data" in answer.get_json()["reason"]


def test_a_batch_of_all_statistics(client: FlaskClient) -> None:
    items = [{"statistic": name, **body} for name, body in {**COURSE, **TABLE_EXAMPLES}.items()]
    ids = client.post("/api/batch", json=items).get_json()
    lines = client.post("/api/batch/results", json=ids).data.splitlines()
    for line, item in zip(lines, items, strict=True):
        alone = submit(client, item.pop("statistic"), **item)
        assert json.loads(line)["data"] == told(client, f"/api/get_results/{alone}")
    wrong = client.post("/api/batch", json=[{"statistic": "ranking", "question": "Q999"}])
    assert wrong.status_code == 400
    assert wrong.get_json()["reason"].startswith("[0]: unknown question")


def test_a_reload(tmp_path: Path) -> None:
    data = write(ROWS, tmp_path / "data.csv")
    with running_app(tmp_path, threads=0, data=data, cache=0) as app:
        client = app.test_client()
        assert client.post("/api/dataset/reload").get_json()["data"]["changed"] is False
        before = submit(client, "global_mean", question=OBESITY)
        answer = client.get(f"/api/get_results/{before}").data
        os.replace(write(ROWS[:-1], tmp_path / "new.csv"), data)
        reloaded = client.post("/api/dataset/reload").get_json()["data"]
        assert (reloaded["changed"], reloaded["rows"]) == (True, len(ROWS) - 1)
        assert told(client, "/api/dataset")["sha256"] == reloaded["sha256"]
        # A finished job stands as it was answered; its rows are not here any more.
        assert client.get(f"/api/get_results/{before}").data == answer
        assert told(client, f"/api/jobs/{before}")["rows"] is None
        rows = client.get(f"/api/jobs/{before}/rows")
        assert (rows.status_code, rows.get_json()["reason"]) == (409, CHANGED)
        (tmp_path / "results" / f"{before}.json").unlink()
        assert client.get(f"/api/get_results/{before}").get_json()["reason"] == LOST
        after = submit(client, "global_mean", question=OBESITY)
        assert told(client, f"/api/jobs/{after}")["dataset"] == reloaded["sha256"][:16]


def test_a_file_that_cannot_be_used_replaces_nothing(tmp_path: Path) -> None:
    data = write(ROWS, tmp_path / "data.csv")
    with running_app(tmp_path, threads=0, data=data) as app:
        client = app.test_client()
        before = told(client, "/api/dataset")
        for content in (b"", b"not,a,dataset\n1,2,3\n", None):
            spoil(data, content)
            answer = client.post("/api/dataset/reload")
            assert (answer.status_code, answer.get_json()["status"]) == (409, "error"), content
            assert "data.csv" in answer.get_json()["reason"]
            assert told(client, "/api/dataset") == before
        assert submit(client, "best5", question=OBESITY)


def test_a_job_finishes_on_the_dataset_that_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write(ROWS, tmp_path / "data.csv")
    began, gate = threading.Event(), threading.Event()
    compute = CourseStatistic.answer

    def parked(*given: Any) -> Any:
        began.set()
        assert gate.wait(30)
        return compute(*given)

    with running_app(tmp_path, threads=1, data=data) as app:
        client = app.test_client()
        monkeypatch.setattr(CourseStatistic, "answer", parked)
        job_id = submit(client, "global_mean", question=OBESITY)
        assert began.wait(30)
        before = told(client, "/api/dataset")["sha256"]
        os.replace(write(ROWS[:-1], tmp_path / "new.csv"), data)
        version = client.post("/api/dataset/reload").get_json()["data"]["sha256"]
        gate.set()
        client.get(f"/api/get_results/{job_id}?wait=30")
        explained = told(client, f"/api/jobs/{job_id}")
    assert before.startswith(explained["dataset"])
    assert not version.startswith(explained["dataset"])


def test_one_reload_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, gate = threading.Event(), threading.Event()

    def slow(_path: Path) -> Any:
        inside.set()
        assert gate.wait(30)
        return dataset()

    with running_app(tmp_path, threads=0) as app:
        monkeypatch.setattr("app.answers.catalogue.DataIngestor", slow)
        first: list[TestResponse] = []
        thread = threading.Thread(
            target=lambda: first.append(app.test_client().post("/api/dataset/reload"))
        )
        thread.start()
        assert inside.wait(30)
        second = app.test_client().post("/api/dataset/reload")
        assert (second.status_code, "already" in second.get_json()["reason"]) == (409, True)
        gate.set()
        thread.join(30)
        assert first[0].status_code == 200


# Single years, limits and all kinds of rows, as CDC's release has them; and what is asked of them.
_CHANCE = random.Random(4)
WHOLE_ROWS = [
    row(
        state,
        round(_CHANCE.uniform(20, 40), 1),
        question=question,
        year=year,
        category=category,
        stratum=stratum,
    )
    for state in ("National", "Ohio", "Texas", "Utah", "Iowa", "Alabama", "Guam")
    for question in ("Q036", "Q043")
    for year in (2019, 2020, 2021, 2022)
    for category, stratum in (("Total", "Total"), ("Sex", "Female"), ("Sex", "Male"))
]
WHOLE: dict[str, dict[str, Any]] = {
    "query": {"question": "Q036", "group_by": ["state"], "where": {"year": 2022}},
    "trend": {"question": "Q036", "state": ["Ohio", "National"]},
    "change": {"question": "Q036"},
    "ranking": {"question": "Q036"},
    "disparity": {"question": "Q036", "category": "Sex"},
    "inequality": {"question": "Q036", "category": "Sex"},
    "compare": {"states": ["Ohio", "Texas"]},
    "against": {"question": "Q036", "state": "Ohio"},
    "correlation": {"questions": ["Q036", "Q043"]},
}


class Restarted(NamedTuple):
    """A server of WHOLE_ROWS, and what one before it was asked and answered; its files are gone."""

    client: FlaskClient
    ids: dict[str, str]
    answers: dict[str, bytes]


@pytest.fixture(scope="module")
def restarted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restarted]:
    folder = tmp_path_factory.mktemp("whole")
    data = write(WHOLE_ROWS, folder / "whole.csv")
    with running_app(folder, threads=0, data=data) as app:
        client = app.test_client()
        ids = {name: submit(client, name, **body) for name, body in WHOLE.items()}
        answers = {name: client.get(f"/api/get_results/{ids[name]}").data for name in ids}
    for path in (folder / "results").glob("*.json"):
        path.unlink()
    with running_app(folder, threads=0, data=data) as app:
        yield Restarted(app.test_client(), ids, answers)


def test_every_statistic_comes_through_a_restart_and_has_a_chart_and_files(
    restarted: Restarted,
) -> None:
    assert WHOLE.keys() == TABLE_STATISTICS.keys()
    client = restarted.client
    for statistic, job_id in restarted.ids.items():
        path = f"/api/get_results/{job_id}"
        assert client.get(path).data == restarted.answers[statistic], statistic
        assert told(client, f"/api/jobs/{job_id}")["started_at"] is None
        data = told(client, path)
        assert data["about"]["statistic"] == statistic
        assert has_chart(client, job_id), statistic
        table = pl.read_parquet(io.BytesIO(client.get(f"{path}?format=parquet").data))
        assert table.columns == data["columns"], statistic
        assert [list(cells) for cells in table.rows()] == data["rows"], statistic
        rows = told(client, f"/api/jobs/{job_id}/rows")
        assert len(rows["rows"]) == data["about"]["dataset_rows_used"] > 0, statistic


def test_queries_by_any_group_have_a_chart(restarted: Restarted) -> None:
    asked = {"question": "Q036", "method": "sample_weighted", "where": {"category": "Sex"}}
    for groups in (["year"], ["state", "year"], ["stratum"], ["state", "stratum"]):
        job_id = submit(restarted.client, "query", **asked, group_by=groups)
        assert has_chart(restarted.client, job_id), groups


def has_chart(client: FlaskClient, job_id: str) -> bool:
    """Tell whether the answer of a job has a chart; unittests/charts draws each kind of them."""
    return looks_like("vega", client.get(f"/api/get_results/{job_id}?format=vega"))


def test_a_job_that_this_version_cannot_read_is_listed_all_the_same(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0) as app:
        client = app.test_client()
        for recorded in (
            JobRequest("gone", "{}"),
            JobRequest("best5", '{"question":"x","gone":1}'),
        ):
            number = service_of(app).accept(recorded).number
            for path in (f"/api/jobs/{number}", "/api/activity", "/api/activity?text=Ohio"):
                assert client.get(path).status_code == 200, path
            assert "does not have" in told(client, f"/api/jobs/{number}")["asked"]


def test_the_curl_command_has_a_place_for_the_token_of_who_needs_one(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, token="secret") as app:
        client = app.test_client()
        token = {"Authorization": "Bearer secret"}
        client.post("/api/best5", json={"question": OBESITY}, headers=token)
        curl = client.get("/api/jobs/1", headers=token).get_json()["data"]["curl"]
    assert ' -H "Authorization: Bearer $TOKEN" -d ' in curl
    assert "secret" not in curl
