"""Answers by address: no job, any format, kept by caches. unittests/redis runs these tests, too."""

import csv
import io
import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import polars as pl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec import structs

from app.answers.compute import Answers
from app.statistics.address import query_of
from app.statistics.registry import STATISTICS
from unittests.datasets.test_layouts import written
from unittests.helpers.app import running_app, service_of
from unittests.helpers.data import OBESITY
from unittests.helpers.files import RELEASE
from unittests.helpers.rows import row
from unittests.helpers.waiting import PATIENCE, eventually

FOLDER = "/api/answers"
OHIO = f"{FOLDER}/query?question=obesity&where.state=OH&where.year=2023"
RANKING = "question=Q036&year=2023"


@pytest.fixture(name="app", scope="module")
def app_of_the_release(release_app: Flask) -> Flask:
    """Give an app of CDC's release, which answers all statistics."""
    return release_app


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV by its header."""
    return list(csv.DictReader(io.StringIO(text)))


def reason(client: FlaskClient, path: str, status: int = 400) -> str:
    """Return why an address is refused, which it must be."""
    answer = client.get(f"{FOLDER}/{path}")
    assert answer.status_code == status, answer.text[:200]
    told: str = answer.get_json()["reason"]
    return told


def test_an_address_has_the_answer_that_a_job_has(client: FlaskClient) -> None:
    for name, statistic in STATISTICS.items():
        body = dict(statistic.example)
        answer = client.get(f"{FOLDER}/{name}?{query_of(body)}")
        assert answer.status_code == 200, answer.text
        job_id = client.post(f"/api/{name}", json=body).get_json()["job_id"]
        of_job = client.get(f"/api/get_results/{job_id}?wait=20").get_json()
        assert answer.get_json() == of_job["data"], name


def test_no_job_is_made(client: FlaskClient) -> None:
    before = client.get("/api/jobs").get_json()
    assert client.get(OHIO).status_code == 200
    assert client.get("/api/jobs").get_json() == before


def test_lists_and_parts_of_objects(client: FlaskClient) -> None:
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("query?question=obesity&where.state=OH,Texas", {"where": {"state": ["OH", "TX"]}}),
        (
            "query?question=Obesity&where.state=OH&where.state=TX",
            {"where": {"state": ["OH", "TX"]}},
        ),
        (
            "query?question=Q036&where.stratum=$15,000 - $24,999&where.year=2022,2023"
            "&method=sample_weighted&group_by=year,state&limit=3",
            {
                "where": {"stratum": "$15,000 - $24,999", "year": [2022, 2023]},
                "method": "sample_weighted",
                "group_by": ["year", "state"],
                "limit": 3,
            },
        ),
        (
            "query?question=Q036&where.year.from=2020&where.state=OH",
            {"where": {"year": {"from": 2020}, "state": "OH"}},
        ),
    )
    for address, body in asked:
        answer = client.get(f"{FOLDER}/{address}").get_json()
        job_id = client.post("/api/query", json={"question": "Q036", **body}).get_json()["job_id"]
        of_job = client.get(f"/api/get_results/{job_id}?wait=20").get_json()
        assert answer == of_job["data"], address


def test_shares_flags_and_lists_of_years(client: FlaskClient) -> None:
    unequal = "inequality?question=Q036&category=Sex&shares.Male=49&shares.Female=51"
    about = client.get(f"{FOLDER}/{unequal}").get_json()["about"]
    assert about["parameters"]["shares"] == {"Male": 49.0, "Female": 51.0}
    even = client.get(f"{FOLDER}/trend?question=Q047&state=OH&years=2012,2014,2016").get_json()
    assert even["about"]["compared"] == [2012, 2014, 2016]
    across = "change?question=Q043&state=OH&years.from=2011&years.to=2023&across_breaks=true"
    assert client.get(f"{FOLDER}/{across}").get_json()["about"]["compared"] == [2011, 2023]


def test_a_csv_says_of_each_row_what_it_is_of(client: FlaskClient) -> None:
    answer = client.get(f"{FOLDER}/ranking.csv?{RANKING}&stratum=Male")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="obesity-2023-men-ranking.csv"'
    )
    rows = rows_of(answer.text)
    assert len(rows) == 52
    assert {(row["question"], row["years"], row["stratum"]) for row in rows} == {
        (OBESITY, "2023", "Male")
    }
    (row,) = rows_of(client.get(OHIO.replace("query?", "query.csv?")).text)
    shown = {name: row[name] for name in ("question", "state", "years", "value", "low", "high")}
    assert list(shown.values()) == [OBESITY, "Ohio", "2023", "36.4", "35.2", "37.7"]
    nine = rows_of(client.get(f"{FOLDER}/best5.csv?question=Q036").text)
    assert {row["years"] for row in nine} == {"2011-2022"}


def test_programs_read_files_and_parts_of_them(client: FlaskClient) -> None:
    path = f"{FOLDER}/ranking.parquet?{RANKING}"
    whole = client.get(path)
    frame = pl.read_parquet(io.BytesIO(whole.data))
    assert (frame.height, frame["question"][0]) == (52, OBESITY)
    assert pl.read_csv(client.get(f"{FOLDER}/ranking.csv?{RANKING}").data).height == 52
    lines = client.get(f"{FOLDER}/ranking?{RANKING}&format=ndjson").text.splitlines()
    assert json.loads(lines[0])["state"] == "District of Columbia"
    size = len(whole.data)
    parts = {
        "bytes=0-3": (whole.data[:4], f"bytes 0-3/{size}"),
        "bytes=-8": (whole.data[-8:], f"bytes {size - 8}-{size - 1}/{size}"),
        f"bytes=4-{10 * size}": (whole.data[4:], f"bytes 4-{size - 1}/{size}"),
        f"bytes=-{10 * size}": (whole.data, f"bytes 0-{size - 1}/{size}"),
    }
    for asked, (content, told) in parts.items():
        part = client.get(path, headers={"Range": asked})
        assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, content, told)
    for several in ("bytes=0-1,4-5", "lines=0-3", "bytes=nine"):
        assert client.get(path, headers={"Range": several}).status_code == 200
    beyond = client.get(path, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    assert beyond.get_json() == {
        "status": "error",
        "reason": "the range of bytes begins beyond the end of the file",
    }
    for known, status in ((whole.headers["ETag"], 206), ('"another"', 200)):
        part = client.get(path, headers={"Range": "bytes=0-3", "If-Range": known})
        assert part.status_code == status


def test_charts(client: FlaskClient) -> None:
    for kind, start in (("svg", b"<svg"), ("vega", b"{")):
        answer = client.get(f"{FOLDER}/ranking.{kind}?{RANKING}")
        assert (answer.status_code, answer.data[: len(start)]) == (200, start)
        named = answer.headers["Content-Disposition"]
        assert named.startswith('inline; filename="obesity-2023-rank'), kind


def test_another_chart_of_an_answer_is_not_taken_for_the_first(client: FlaskClient) -> None:
    charts = (client.get(f"{FOLDER}/ranking.vega?{RANKING}&chart={one}") for one in ("dot", "bar"))
    first, second = (chart.headers["ETag"] for chart in charts)
    assert first != second


def test_what_a_client_has_is_not_sent_again(client: FlaskClient) -> None:
    for path in (OHIO, OHIO.replace("query?", "query.csv?")):
        first = client.get(path)
        assert first.headers["Cache-Control"].startswith("public, max-age=")
        changed = first.headers["Last-Modified"]
        assert parsedate_to_datetime(changed).timestamp() == int(RELEASE.stat().st_mtime)
        for name, value in (
            ("If-None-Match", first.headers["ETag"]),
            ("If-None-Match", f'W/{first.headers["ETag"]}, "x"'),
            ("If-Modified-Since", changed),
        ):
            again = client.get(path, headers={name: value})
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["ETag"] == first.headers["ETag"]
        for others in ({"If-None-Match": '"x"'}, {"If-None-Match": '"x"', "If-Match": '"y"'}):
            assert client.get(path, headers=others).data == first.data
        # A later date is no word for it: a file may have been replaced by an older one.
        later = "Fri, 01 Jan 2100 00:00:00 GMT"
        for date in (later, "soon"):
            assert client.get(path, headers={"If-Modified-Since": date}).data == first.data
        head = client.head(path)
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["Content-Length"] == str(len(first.data))


def test_what_is_told_of_a_dataset_is_not_sent_again(client: FlaskClient) -> None:
    for what in ("dataset", "statistics", "questions", "states", "categories"):
        for headers in ({}, {"Accept-Encoding": "gzip"}):
            first = client.get(f"/api/{what}", headers=headers)
            assert first.headers["Cache-Control"] == "public, no-cache"
            known = {**headers, "If-None-Match": first.headers["ETag"]}
            again = client.get(f"/api/{what}", headers=known)
            assert (again.status_code, again.data) == (304, b""), what
        other = client.get(f"/api/{what}", headers={"If-None-Match": '"x"'})
        assert other.status_code == 200, what


def test_a_picture_of_one_number_has_its_limits_and_claims_no_place(client: FlaskClient) -> None:
    path = OHIO.replace("query?", "query.svg?")
    text = client.get(path).text
    label = re.search(r"<text ([^>]*)>36\.4 \(35\.2 to 37\.7\)</text>", text)
    assert label
    # It begins at the right of the plot, where the line of its limits does not cross it.
    assert 'text-anchor="start"' in label[1]
    assert "translate(530," in label[1]
    assert "All states" not in text


def test_a_part_is_of_a_get_alone(client: FlaskClient) -> None:
    path, part = OHIO.replace("query?", "query.csv?"), {"Range": "bytes=0-3"}
    assert client.get(path, headers=part).status_code == 206
    whole = client.head(path, headers=part)
    assert whole.status_code == 200
    assert whole.headers["Content-Length"] == client.get(path).headers["Content-Length"]


def test_the_page_that_describes_a_statistic(client: FlaskClient) -> None:
    links = client.get(OHIO).headers["Link"]
    page = re.search(r'<([^>]+)>; rel="describedby"', links)
    assert page
    folder, _, place = page[1].partition("#/")
    tag, _, operation = place.partition("/")
    assert urljoin(OHIO, folder) == "/openapi/"
    paths = client.get("/openapi/openapi.json").get_json()["paths"]
    described = paths["/api/answers/query"]["get"]
    assert (described["tags"], described["operationId"]) == ([tag], operation)


def test_the_one_address_of_an_answer(client: FlaskClient) -> None:
    links = client.get(OHIO).headers["Link"]
    canonical = links.partition(">")[0].removeprefix("<")
    assert 'rel="canonical"' in links
    assert client.get(f"{FOLDER}/{canonical}").data == client.get(OHIO).data
    assert client.get(f"{FOLDER}/{canonical}").headers["Link"] == links
    ranked = client.get(f"{FOLDER}/ranking.csv?question=obesity&year=2023").headers["Link"]
    assert ranked == client.get(f"{FOLDER}/ranking.csv?year=2023&question=Q036").headers["Link"]
    states = "&".join(f"where.state={state}" for state in ["Ohio", "Texas"] * 300)
    long = client.get(f"{FOLDER}/query?question=Q036&{states}&where.year=2023")
    assert long.status_code == 400  # the address is too long for a question


def test_what_an_address_cannot_ask(client: FlaskClient) -> None:
    assert 'unknown key "foo"' in reason(client, "ranking?question=Q036&foo=1")
    assert 'unknown key "where.foo"' in reason(client, "query?where.foo=1")
    assert 'nearest: "Percent of adults aged' in reason(client, "ranking?question=obesety")
    assert '"question" is missing' in reason(client, "ranking")
    assert '"question" is empty' in reason(client, "ranking?question=")
    assert "more than once" in reason(client, "ranking?question=Q036&question=Q037")
    assert '"where" and a part of it' in reason(client, "query?where.state=OH&where=OH")
    assert "one is meant" in reason(client, "query?where=OH&where.state=OH")
    told = reason(client, "query?where.year=2023&where.year.from=2011")
    assert told.startswith('"where.year" and "where.year.from" are in the address')
    assert '"year" must be a year' in reason(client, "ranking?question=Q036&year=MMXX")
    assert "is no format of answers" in reason(client, "ranking.xlsx?question=Q036")
    assert "is no format of answers" in reason(client, "ranking?question=Q036&format=")
    assert 'ends with ".csv"' in reason(client, "ranking.csv?question=Q036&format=svg")
    assert '"chart" goes with' in reason(client, "ranking?question=Q036&chart=bar")
    assert '"chart" must be one of' in reason(client, "ranking.svg?question=Q036&chart=pie")
    assert "it cannot be of kind" in reason(client, "compare.svg?states=OH,TX&chart=map")
    assert "unknown dataset" in reason(client, "ranking?question=Q036&dataset=nobody")
    assert "unknown state" in reason(client, "query?question=Q036&where.state=O%00H")
    assert "more than 8192 bytes" in reason(client, f"ranking?question={'x' * 9000}")
    assert "unknown statistic" in reason(client, "rank?question=Q036", 404)
    assert client.post(f"{FOLDER}/ranking?question=Q036").status_code == 405


def test_names_that_are_repeated_are_not_each_compared_with_all(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    def matcher(_junk: None, one: str, other: str, **options: Any) -> SequenceMatcher[str]:
        compared.append(other)
        return SequenceMatcher(None, one, other, **options)

    monkeypatch.setattr("app.datasets.names.SequenceMatcher", matcher)
    repeated = "&state=Massachusets," * 300
    assert 'nearest: "Massachusetts"' in reason(client, f"trend?question=Q036{repeated}")
    once = len(compared)
    compared.clear()
    assert 'nearest: "Massachusetts"' in reason(client, "trend?question=Q036&state=Massachusets")
    assert len(compared) == once
    body = {"question": "Q036", "state": [f"Massachusets{number}" for number in range(900)]}
    compared.clear()
    assert client.post("/api/trend", json=body).status_code == 400
    assert len(compared) == once


def test_what_a_name_is_near_is_not_looked_for_where_others_wait(app: Flask) -> None:
    answers, statistic = service_of(app).catalogue.course, STATISTICS["state_mean"]
    for state, is_quick in (
        ("OH", True),
        (" ohio", True),
        ("Ohoi", False),
        (7, True),
        (None, True),
    ):
        assert answers.is_quick(statistic, {"question": "Q036", "state": state}) is is_quick


def test_of_questions_with_the_same_id_an_address_has_the_text(tmp_path: Path) -> None:
    rows = []
    for text, value in (("Percent of adults who run", 10.0), ("Percent of adults who swim", 50.0)):
        rows.append({**row("Ohio", value).as_cdc(), "QuestionID": "X1", "Question": text})
    written(tmp_path / "two.csv", rows[0], rows)
    with running_app(tmp_path / "app", threads=0, data=tmp_path / "two.csv") as app:
        client = app.test_client()
        for text, value in (("run", 10.0), ("swim", 50.0)):
            asked = {"question": f"Percent of adults who {text}", "group_by": "state"}
            answer = client.get(f"{FOLDER}/query", query_string=asked)
            canonical = answer.headers["Link"].partition(">")[0].removeprefix("<")
            assert answer.get_json()["rows"][0][1] == value
            assert client.get(f"{FOLDER}/{canonical}").data == answer.data


def test_an_address_of_many_parameters_is_refused(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, fields = list[object](), structs.fields

    def counted(model: Any) -> Any:
        read.append(model)
        return fields(model)

    monkeypatch.setattr("app.statistics.address.structs.fields", counted)
    unknown = "&".join(f"where.a{number}" for number in range(400))
    assert 'unknown key "where.a0"' in reason(client, f"query?{unknown}")
    assert len(read) < 20
    for path in (f"{FOLDER}/query", "/api/states", "/api/dataset", "/", "/ask"):
        page = {"Accept": "text/html"}
        assert client.get(f"{path}?{'&' * 499}lang=en", headers=page).status_code != 500
        answer = client.get(f"{path}?{'a&' * 500}", headers=page)
        assert answer.status_code == 400, path
        assert answer.get_json()["reason"] == "the address has more than 500 parameters"


def test_a_problem_has_a_code(client: FlaskClient) -> None:
    accept = {"Accept": "application/problem+json"}
    answer = client.get(f"{FOLDER}/rank", headers=accept)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown-statistic")
    assert client.get(f"{FOLDER}/ranking", headers=accept).get_json()["code"] == "bad-request"


def test_who_needs_a_token_has_the_answer_for_himself(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, token="secret") as app:
        client = app.test_client()
        path = f"{FOLDER}/state_mean?question=Q036&state=OH"
        assert client.get(path).status_code == 401
        answer = client.get(path, headers={"Authorization": "Bearer secret"})
        assert answer.headers["Cache-Control"].startswith("private, ")


def test_the_operator_says_how_long_an_answer_is_good(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, max_age=7) as app:
        answer = app.test_client().get(f"{FOLDER}/state_mean?question=Q036&state=OH")
        assert answer.headers["Cache-Control"].startswith("public, max-age=7, ")


def test_what_many_ask_at_once_is_computed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed, asked, go = [], threading.Semaphore(0), threading.Event()
    compute: Callable[..., Any] = Answers.answer

    def slowly(answers: Answers, request: Any) -> Any:
        computed.append(request)
        go.wait(20)
        return compute(answers, request)

    with running_app(tmp_path, threads=2) as app, ThreadPoolExecutor(8) as clients:
        monkeypatch.setattr(Answers, "answer", slowly)
        shared = app.extensions["job_service"].shared
        ask = shared.answer

        def counted(*arguments: Any) -> Any:
            future = ask(*arguments)
            asked.release()
            return future

        monkeypatch.setattr(shared, "answer", counted)
        path = f"{FOLDER}/state_mean?question=Q036&state=OH"
        answers = [clients.submit(app.test_client().get, path) for _ in range(8)]
        for _ in answers:
            assert asked.acquire(timeout=20)
        go.set()
        assert {answer.result().text for answer in answers} == {'{"Ohio":33.7}'}
        assert len(computed) == 1


def test_a_drain_refuses_what_would_have_to_be_computed(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=1) as app:
        client = app.test_client()
        known = f"{FOLDER}/state_mean?question=Q036&state=OH"
        assert client.get(known).status_code == 200
        client.get("/api/graceful_shutdown")
        assert client.get(known).status_code == 200
        eventually(lambda: client.get("/api/graceful_shutdown").get_json()["status"] == "done")
        assert client.get(known.replace("OH", "TX")).status_code == 503


def test_a_file_that_many_ask_for_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, go = list[str](), threading.Event()

    def drawn(wanted: str, *_: Any) -> bytes:
        made.append(wanted)
        assert go.wait(PATIENCE)
        return b"drawn"

    monkeypatch.setattr("app.views.answers.drawn", drawn)
    with running_app(tmp_path, threads=2) as app, ThreadPoolExecutor(4) as clients:
        path = f"{FOLDER}/best5.svg?question=Q036"
        answers = [clients.submit(app.test_client().get, path) for _ in range(3)]
        eventually(lambda: made)
        # Who wants no chart does not wait for one.
        assert app.test_client().get(f"{FOLDER}/worst5.csv?question=Q036").status_code == 200
        go.set()
        assert {answer.result().data for answer in answers} == {b"drawn"}
        assert app.test_client().get(path).data == b"drawn"
        assert made == ["svg"]


def test_who_asks_what_another_waits_for_does_not_wait_for_his_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, order, compute = threading.Event(), list[str](), Answers.answer

    def slowly(answers: Answers, request: Any) -> Any:
        order.append(request.parameters.partition("state")[2][3:7])
        assert gate.wait(PATIENCE)
        return compute(answers, request)

    monkeypatch.setattr(Answers, "answer", slowly)
    with running_app(tmp_path, threads=1, public=True) as app:
        service, asked = service_of(app), {}
        answers = service.catalogue.release
        statistic = service.catalogue.statistics.find("state_mean")
        for state in ("Utah", "Iowa", "Ohio"):
            asked[state] = answers.request(statistic, {"question": "Q036", "state": state})
            service.shared.answer(answers, asked[state], "greedy")
        mine = service.shared.answer(answers, asked["Ohio"], "another")
        gate.set()
        mine.result(PATIENCE)
        eventually(lambda: len(order) == 3)
        assert order.index("Ohio") < 2


@pytest.fixture(name="gate")
def gate_before_ohio(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Give what answers on Ohio wait for."""
    gate, compute = threading.Event(), Answers.answer

    def held(answers: Answers, request: Any) -> Any:
        if "Ohio" in request.parameters:
            assert gate.wait(PATIENCE)
        return compute(answers, request)

    monkeypatch.setattr(Answers, "answer", held)
    return gate


def test_jobs_and_answers_do_not_wait_for_each_other(tmp_path: Path, gate: threading.Event) -> None:
    with running_app(tmp_path, threads=1) as app:
        client, body = app.test_client(), {"question": "Q036", "state": "OH"}
        for _ in range(3):  # more than there are threads
            job_id = client.post("/api/state_mean", json=body).get_json()["job_id"]
        answers = f"{FOLDER}/state_mean?question=Q036&state="
        assert client.get(f"{answers}TX").status_code == 200
        gate.set()
        collected = client.get(f"/api/get_results/{job_id}?wait=20").get_json()
        assert collected == {"status": "done", "data": {"Ohio": 33.7}}


def test_what_is_computed_too_long_is_given_up(tmp_path: Path, gate: threading.Event) -> None:
    with running_app(tmp_path, threads=1, job_seconds=0.05) as app:
        client, path = app.test_client(), f"{FOLDER}/state_mean?question=Q036&state="
        refused = client.get(f"{path}OH")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert "not computed within 0.05 seconds" in refused.get_json()["reason"]
        assert client.get(f"{path}TX").status_code == 200
        gate.set()
        eventually(lambda: client.get(f"{path}OH").status_code == 200)
