"""Several datasets in one server: who is asked, what is told of them, and reading them again.

The tests up to `HERE_ONLY` hold of both executors: unittests/redis/test_catalogue.py has them, too.
"""

import hashlib
import json
import os
import re
import shlex
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app, json_bytes
from app.answers.catalogue import Catalogue
from app.datasets.source_note import SourceNote, write_note
from app.errors import DatasetError
from app.job_service import LOST
from app.settings import Settings
from app.sources import COURSE, RELEASE, Source, Sources
from app.statistics.course import CourseStatistic
from app.statistics.registry import STATISTICS
from unittests.helpers.app import running_app, service_of
from unittests.helpers.asking import submit, told
from unittests.helpers.catalogue import (
    COURSE_ROWS,
    MEANS,
    RELEASE_ROWS,
    three_files,
    two_files,
)
from unittests.helpers.data import OBESITY
from unittests.helpers.files import DATASET, spoil
from unittests.helpers.registry import COURSE_STATISTICS, TABLE_STATISTICS
from unittests.helpers.rows import row, write
from unittests.helpers.waiting import eventually


@pytest.fixture(scope="module", name="client")
def client_of_three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Give a client of a server of three datasets, one of them of another layout."""
    folder = tmp_path_factory.mktemp("three")
    with running_app(folder, threads=0, data=three_files(folder)) as app:
        yield app.test_client()


def asked(client: FlaskClient, statistic: str, **body: Any) -> Any:
    return told(client, f"/api/get_results/{submit(client, statistic, **body)}")


def states_of(table: Any) -> list[str]:
    return sorted(cells[table["columns"].index("state")] for cells in table["rows"])


def test_the_nine_ask_the_course_and_all_others_the_release(client: FlaskClient) -> None:
    assert asked(client, "states_mean", question="Q036") == {"Ohio": 30.0, "Texas": 32.0}
    table = asked(client, "query", question="Q036", group_by=["state"])
    assert states_of(table) == ["Iowa", "Ohio", "Texas"]
    assert states_of(asked(client, "ranking", question="Q036")) == ["Iowa", "Ohio", "Texas"]


def test_a_body_names_the_dataset_that_is_asked(client: FlaskClient) -> None:
    for name, found in MEANS.items():
        mean = {"global_mean": found}
        assert asked(client, "global_mean", question="Q036", dataset=name) == mean
        assert asked(client, "global_mean", question="Q036", dataset=f" {name.upper()}") == mean
        table = asked(client, "query", question="Q036", group_by=["state"], dataset=name)
        rows = {COURSE: COURSE_ROWS, RELEASE: RELEASE_ROWS}[name]
        assert states_of(table) == sorted(one.state for one in rows if one.question == "Q036")


def test_a_dataset_that_is_null_is_as_good_as_missing(client: FlaskClient) -> None:
    assert asked(client, "global_mean", question="Q036", dataset=None) == {"global_mean": 31.0}


def test_what_a_question_means_depends_on_the_dataset(client: FlaskClient) -> None:
    assert asked(client, "state_mean", question="Q043", state="OH", dataset="release")
    refused = client.post("/api/state_mean", json={"question": "Q043", "state": "OH"})
    assert refused.status_code == 400
    assert refused.get_json()["reason"].startswith('unknown question "Q043"')


REFUSED: list[tuple[Any, str]] = [
    ("relaese", 'unknown dataset "relaese"; nearest: "release"'),
    ("xyz", 'unknown dataset "xyz"; known: course, release, days'),
    ("x" * 5000, f'unknown dataset "{"x" * 100}..."; known: course, release, days'),
    ("", '"dataset" is empty'),
    (" ", '"dataset" is empty'),
    (5, '"dataset" must be text in quotes'),
    (["course"], '"dataset" must be text in quotes'),
    ({}, '"dataset" must be text in quotes'),
]


def test_what_names_no_dataset_is_refused(client: FlaskClient) -> None:
    before = told(client, "/api/activity?limit=1")["jobs"]["kept"]
    for statistic in ("best5", "ranking"):
        for name, reason in REFUSED:
            body = {"question": "Q036", "dataset": name}
            answer = client.post(f"/api/{statistic}", json=body)
            assert (answer.status_code, answer.get_json()["reason"]) == (400, reason)
            items = [{"statistic": "best5", "question": "Q036"}, {"statistic": statistic, **body}]
            answer = client.post("/api/batch", json=items)
            assert (answer.status_code, answer.get_json()["reason"]) == (400, f"[1]: {reason}")
    assert told(client, "/api/activity?limit=1")["jobs"]["kept"] == before


def test_programs_are_told_the_nearest_dataset(client: FlaskClient) -> None:
    headers = {"Accept": "application/problem+json"}
    body = {"question": "Q036", "dataset": "relaese"}
    problem = json.loads(client.post("/api/ranking", json=body, headers=headers).data)
    assert (problem["code"], problem["nearest"]) == ("unknown-name", ["release"])


def test_each_item_of_a_batch_names_its_own(client: FlaskClient) -> None:
    names = ["release", None, "course", "release"]
    items = [
        {"statistic": "global_mean", "question": "Q036", **({"dataset": name} if name else {})}
        for name in names
    ]
    ids = client.post("/api/batch", json=items).get_json()["job_ids"]
    answers = [told(client, f"/api/get_results/{job_id}")["global_mean"] for job_id in ids]
    assert answers == [MEANS[name or COURSE] for name in names]


def test_the_datasets_are_listed(client: FlaskClient) -> None:
    course, release, days = told(client, "/api/datasets")
    assert (course["name"], course["rows"], course["questions"]) == ("course", 2, 1)
    assert (release["name"], release["rows"], release["questions"]) == ("release", 4, 2)
    assert (course["years"], release["years"]) == (
        {"from": 2020, "to": 2020},
        {"from": 2021, "to": 2021},
    )
    assert (course["file"], course["source"]["kind"]) == ("course.csv", "unknown")
    assert (course["default"], release["default"]) == (False, True)
    assert (days["default"], days["default_for"]) == (False, [])
    assert set(course["default_for"]) == COURSE_STATISTICS.keys()
    assert set(release["default_for"]) == TABLE_STATISTICS.keys()
    for one in (course, release):
        about = told(client, f"/api/dataset?dataset={one['name']}")
        assert (about["name"], about["sha256"]) == (one["name"], one["sha256"])
        assert one["sha256"].startswith(one["version"])
    assert {one["name"]: one["dataset"] for one in told(client, "/api/statistics")} == {
        name: one["name"] for one in (course, release) for name in one["default_for"]
    }


def test_what_there_is_to_ask_is_told_of_each(client: FlaskClient) -> None:
    places = {None: ["Iowa", "Ohio", "Texas"], "course": ["Ohio", "Texas"]}
    for name, expected in places.items():
        query = f"?dataset={name}" if name else ""
        assert [one["name"] for one in told(client, f"/api/states{query}")] == expected
    assert [one["id"] for one in told(client, "/api/questions?dataset=course")] == ["Q036"]
    assert [one["id"] for one in told(client, "/api/questions")] == ["Q036", "Q043"]
    (category,) = told(client, "/api/categories?dataset=course")
    assert category["strata"] == [{"name": "Total", "rows": 2}]
    for route in ("dataset", "questions", "states", "categories"):
        answer = client.get(f"/api/{route}?dataset=cuorse")
        assert answer.status_code == 400
        assert answer.get_json()["reason"] == 'unknown dataset "cuorse"; nearest: "course"'
    for path in ("api/states?", "api/answers/ranking?question=Q036&", "embed?question=Q036&"):
        answer = client.get(f"/{path}dataset=")
        assert answer.status_code == 400
        assert "dataset&#34; is empty" in answer.text or 'dataset\\" is empty' in answer.text


def test_a_job_says_which_dataset_it_asked(client: FlaskClient) -> None:
    for statistic, name in (("best5", None), ("best5", "release"), ("ranking", "course")):
        body = {"question": "Q036", **({"dataset": name} if name else {})}
        job_id = submit(client, statistic, **body)
        explained = told(client, f"/api/jobs/{job_id}")
        assert explained["dataset_name"] == (name or "course")
        version = {one["name"]: one["version"] for one in told(client, "/api/datasets")}
        assert explained["dataset"] == version[explained["dataset_name"]]
        assert explained["parameters"].get("dataset") == name
        # What it says to ask, asks the same.
        *_, sent = shlex.split(explained["curl"])
        again = submit(client, statistic, **json.loads(sent))
        assert told(client, f"/api/jobs/{again}")["dataset_name"] == explained["dataset_name"]
        rows = told(client, f"/api/jobs/{job_id}/rows")["rows"]
        assert len(rows) == {COURSE: 2, RELEASE: 3}[explained["dataset_name"]]
        assert client.get(f"/api/get_results/{job_id}?format=csv").status_code == 200


def test_jobs_are_found_by_their_dataset(client: FlaskClient) -> None:
    first, second = (
        submit(client, "best5", question="Q036", dataset=name) for name in ("course", "release")
    )

    def found(query: str) -> set[str]:
        return {job["job_id"] for job in told(client, f"/api/activity?limit=200&{query}")["page"]}

    assert first in found("dataset=course")
    assert second not in found("dataset=course")
    assert {first, second} <= found("dataset=course,release")
    assert second in found("text=release")
    assert first not in found("text=release")
    assert first in found("dataset=COURSE")
    assert second not in found("dataset=COURSE")
    for path in ("activity", "jobs"):
        answer = client.get(f"/api/{path}?dataset=relaese")
        reason = 'unknown dataset "relaese"; nearest: "release"'
        assert (answer.status_code, answer.get_json()["reason"]) == (400, reason)


def test_jobs_are_listed_by_their_dataset(client: FlaskClient) -> None:
    jobs = [
        submit(client, "worst5", question="Q036", dataset=name)
        for name in ("course", "release", "course")
    ]

    def listed(query: str) -> list[str]:
        return [job_id for one in told(client, f"/api/jobs?{query}") for job_id in one]

    assert listed("dataset=course")[-2:] == [jobs[0], jobs[2]]
    assert listed(f"after={jobs[0]}&dataset=%20Course&limit=1") == [jobs[2]]
    assert listed("dataset=release")[-1] == jobs[1]
    assert listed("dataset=release&status=error") == []


def test_an_address_names_one_dataset(client: FlaskClient) -> None:
    bodies = {
        "best5": {"question": "Q036"},
        "batch": [{"statistic": "best5", "question": "Q036"}],
        "dataset/reload": None,
    }
    for path in ("dataset", "questions", "states", "categories", "jobs", *bodies):
        method = "POST" if path in bodies else "GET"
        query = "?dataset=course&dataset=release"
        answer = client.open(f"/api/{path}{query}", method=method, json=bodies.get(path))
        assert answer.status_code == 400, path
        assert '"dataset" comes more than once in the address' in answer.get_json()["reason"]


def test_another_layout_is_answered_in_its_own_words(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"question": "MTH1_0-CrdMean", "dataset": "days"}
    job_id = submit(client, "query", **body, group_by=["state"])
    table = told(client, f"/api/get_results/{job_id}")
    assert [cells[:4] for cells in table["rows"]] == [
        ["National", 3.4, 3.06, 3.74],
        ["Ohio", 4.0, 3.6, 4.4],
        ["Texas", 3.0, 2.7, 3.3],
    ]
    meaning = table["about"]["columns"]["value"]["meaning"]
    assert meaning == "the answer, in the unit of the crude mean"
    assert table["about"]["source"].startswith("Chronic Disease Indicators")
    job = told(client, f"/api/jobs/{job_id}")
    assert (job["dataset_name"], job["unit"]) == ("days", "the unit of the crude mean")
    lines = client.get(f"/api/get_results/{job_id}?format=csv").text.splitlines()
    assert [line.split(",")[:2] for line in lines[2:]] == [["Ohio", "4.0"], ["Texas", "3.0"]]
    rows = told(client, f"/api/jobs/{job_id}/rows")["rows"]
    assert len(rows) == 3
    ranked = asked(client, "ranking", **body)
    assert [cells[1] for cells in ranked["rows"]] == ["Texas", "Ohio"]
    best = asked(client, "best5", question="MTH1_0-AgeAdjMean", dataset="days")
    assert best == {"Texas": 3.5, "National": 3.9, "Ohio": 4.5}
    # What is known to be ambiguous is not compared with all names first.
    monkeypatch.setattr("app.datasets.names.SequenceMatcher", None)
    refused = client.post("/api/ranking", json={**body, "question": "MTH1_0"})
    assert refused.status_code == 400
    assert '"MTH1_0" has values of several types' in refused.get_json()["reason"]


def test_metrics_have_the_rows_of_each(client: FlaskClient) -> None:
    text = client.get("/metrics").text
    rows = dict(re.findall(r'^stats_dataset_rows\{dataset="(\w+)".*\} (\S+)$', text, re.MULTILINE))
    assert rows == {"course": "2.0", "release": "4.0", "days": "6.0"}


def test_a_reload_reads_one_or_all(client: FlaskClient) -> None:
    reloaded = client.post("/api/dataset/reload").get_json()["data"]
    assert [(one["name"], one["changed"], one["rows"]) for one in reloaded["datasets"]] == [
        ("course", False, 2),
        ("release", False, 4),
        ("days", False, 6),
    ]
    assert (reloaded["changed"], reloaded["rows"]) == (False, 4)
    reloaded = client.post("/api/dataset/reload?dataset=course").get_json()["data"]
    assert [one["name"] for one in reloaded["datasets"]] == ["course"]
    assert reloaded["rows"] == 2
    assert client.post("/api/dataset/reload?dataset=cuorse").status_code == 400


# HERE_ONLY: what a cluster has no files or no reload for.


def test_what_has_no_name_is_served_for_everything(tmp_path: Path) -> None:
    sources = two_files(tmp_path)
    alone = Sources.alone(sources.datasets[0].path)
    with running_app(tmp_path, threads=0, data=alone) as app:
        client = app.test_client()
        (one,) = told(client, "/api/datasets")
        assert (one["name"], len(one["default_for"])) == ("data", len(STATISTICS))
        assert states_of(asked(client, "ranking", question="Q036")) == ["Ohio", "Texas"]
        job_id = submit(client, "ranking", question="Q036", dataset="data")
        assert "dataset" not in told(client, f"/api/jobs/{job_id}")["parameters"]
        refused = client.post("/api/best5", json={"question": "Q036", "dataset": "course"})
        assert refused.get_json()["reason"] == 'unknown dataset "course"; known: data'
        assert app.data_ingestor.rows == 2


def test_the_course_code_finds_the_course(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, data=two_files(tmp_path)) as app:
        assert app.data_ingestor.question("Q036").global_mean == MEANS[COURSE]
        app.log_start("127.0.0.1", 5000)
        for handler in app.log.handlers:
            handler.flush()
        log = (tmp_path / "webserver.log").read_text(encoding="utf-8")
    assert "serving on http://127.0.0.1:5000, course 2 rows, release 4 rows, 0 threads" in log
    assert re.search(r"dataset release: \S+/release.csv, version [0-9a-f]{16}", log)


def overwrite(path: Path, rows: Sequence[Any]) -> None:
    os.replace(write(rows, path.with_suffix(".new")), path)


def test_one_file_that_changes_leaves_the_others_and_their_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = two_files(tmp_path)
    with running_app(tmp_path, threads=0, data=sources) as app:
        client = app.test_client()
        kept = submit(client, "global_mean", question="Q036")
        lost = submit(client, "global_mean", question="Q036", dataset="release")
        overwrite(sources.datasets[1].path, (row("Ohio", 50.0), row("Iowa", 60.0)))
        reloaded = client.post("/api/dataset/reload").get_json()["data"]
        assert [one["changed"] for one in reloaded["datasets"]] == [False, True]
        assert asked(client, "global_mean", question="Q036", dataset="release") == {
            "global_mean": 55.0
        }
        for job_id in (kept, lost):
            (tmp_path / "results" / f"{job_id}.json").unlink()
        assert client.get(f"/api/get_results/{lost}").get_json()["reason"] == LOST
        assert told(client, f"/api/jobs/{lost}")["rows"] is None
        # The course's answer is in memory still: nothing computes it anew.
        monkeypatch.setattr(CourseStatistic, "answer", None)
        assert told(client, f"/api/get_results/{kept}") == {"global_mean": 31.0}
        assert asked(client, "global_mean", question="Q036") == {"global_mean": 31.0}


def test_where_one_cannot_be_read_all_stay_as_they_were(tmp_path: Path) -> None:
    sources = two_files(tmp_path)
    course, release = (source.path for source in sources)
    with running_app(tmp_path, threads=0, data=sources) as app:
        client = app.test_client()
        before = told(client, "/api/datasets")
        overwrite(course, [row("Ohio", 50.0)])
        for content in (b"", b"a,b\n1,2\n", None):
            spoil(release, content)
            answer = client.post("/api/dataset/reload")
            assert answer.status_code == 409, content
            assert "release.csv" in answer.get_json()["reason"]
            assert told(client, "/api/datasets") == before, content
        assert asked(client, "global_mean", question="Q036", dataset="release") == {
            "global_mean": 40.0
        }
        # The other one can be read by itself.
        assert client.post("/api/dataset/reload?dataset=course").get_json()["data"]["changed"]
        assert asked(client, "global_mean", question="Q036") == {"global_mean": 50.0}


def test_a_reload_finds_what_a_download_has_put_in_place(tmp_path: Path) -> None:
    course, release = two_files(tmp_path)
    downloaded = tmp_path / "cdc.csv"
    sources = Sources((course, replace(release, newer=downloaded)))
    with running_app(tmp_path, threads=0, data=sources) as app:
        client = app.test_client()
        assert told(client, "/api/dataset")["file"] == "release.csv"
        write([row("Utah", 20.0)], downloaded)
        assert client.post("/api/dataset/reload").get_json()["data"]["changed"]
        assert told(client, "/api/dataset")["file"] == "cdc.csv"
        downloaded.unlink()
        assert client.post("/api/dataset/reload").status_code == 409
        assert told(client, "/api/dataset")["file"] == "cdc.csv"
    with running_app(tmp_path, threads=0, data=sources) as app:
        assert told(app.test_client(), "/api/dataset")["file"] == "release.csv"


def test_an_older_download_is_named_in_the_log(tmp_path: Path) -> None:
    course, release = two_files(tmp_path)
    download = write([row("Utah", 20.0)], tmp_path / "cdc.csv")
    for path, updated in ((release.path, "2025-09"), (download, "2025-08-01T12:00:00Z")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        write_note(path, SourceNote("hn4x-zwk7", "", "export", updated, updated, 1, digest))
    sources = Sources((course, replace(release, newer=download)))
    with running_app(tmp_path, threads=0, data=sources) as app:
        assert told(app.test_client(), "/api/dataset")["file"] == "release.csv"
        for handler in app.log.handlers:
            handler.flush()
    log = (tmp_path / "webserver.log").read_text(encoding="utf-8")
    assert f"{download} is older than {release.path}, which is served" in log


def test_jobs_of_all_datasets_come_through_a_restart(tmp_path: Path) -> None:
    sources = two_files(tmp_path)
    with running_app(tmp_path, threads=0, data=sources) as app:
        ids = {
            name: submit(app.test_client(), "global_mean", question="Q036", dataset=name)
            for name in MEANS
        }
    for job_id in ids.values():
        (tmp_path / "results" / f"{job_id}.json").unlink()
    # Whatever they are called by then: the content counts.
    course, release = sources
    renamed = Sources((replace(course, name="other"), release), "other")
    with running_app(tmp_path, threads=0, data=renamed) as app:
        client = app.test_client()
        for name, job_id in ids.items():
            assert told(client, f"/api/get_results/{job_id}") == {"global_mean": MEANS[name]}
            assert told(client, f"/api/jobs/{job_id}")["dataset_name"] == name


def test_the_address_says_which_dataset_is_asked_where_the_body_does_not(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, data=two_files(tmp_path)) as app:
        client = app.test_client()
        for path, body, mean in (
            ("", {}, MEANS["course"]),
            ("?dataset=release", {}, MEANS["release"]),
            ("?dataset=release", {"dataset": "course"}, MEANS["course"]),
        ):
            answer = client.post(f"/api/global_mean{path}", json={"question": "Q036", **body})
            told_mean = told(client, f"/api/get_results/{answer.get_json()['job_id']}")
            assert told_mean == {"global_mean": mean}
        item = {"statistic": "global_mean", "question": "Q036"}
        answer = client.post("/api/batch?dataset=release", json=[item])
        (job_id,) = answer.get_json()["job_ids"]
        assert told(client, f"/api/get_results/{job_id}") == {"global_mean": MEANS["release"]}
        refused = client.post("/api/global_mean?dataset=relese", json={"question": "Q036"})
        assert refused.status_code == 400
        assert 'nearest: "release"' in refused.get_json()["reason"]


def test_a_file_of_the_box_that_was_cut_between_two_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = DATASET.read_bytes()
    cut = whole[: whole.index(b"\n", 100_000) + 1]
    path = tmp_path / "course.csv"
    path.write_bytes(cut)
    sources = Sources((Source("course", path),), "course")
    with running_app(tmp_path, threads=0, data=sources):
        pass  # a file of somebody's own
    monkeypatch.setattr("app.answers.catalogue.BOX", sources)
    with (
        pytest.raises(DatasetError, match=r"course\.csv: it was cut or changed"),
        running_app(tmp_path / "again", threads=0, data=sources),
    ):
        pass
    path.write_bytes(whole)
    with running_app(tmp_path / "whole", threads=0, data=sources) as app:
        path.write_bytes(cut)
        answer = app.test_client().post("/api/dataset/reload")
        assert (answer.status_code, "cut or changed" in answer.get_json()["reason"]) == (409, True)


def test_a_job_of_a_dataset_that_is_gone_is_not_said_to_be_of_another(tmp_path: Path) -> None:
    course, release = two_files(tmp_path)
    with running_app(tmp_path, threads=0, data=Sources((course, release))) as app:
        client = app.test_client()
        job_id = submit(client, "global_mean", question="Q036", dataset="release")
        assert "release.csv" in told(client, f"/api/jobs/{job_id}")["source"]
    gone = "a dataset that is not served any more"
    with running_app(tmp_path, threads=0, data=Sources((course,), course.name)) as app:
        client = app.test_client()
        described = told(client, f"/api/jobs/{job_id}")
        assert (described["source"], described["dataset_name"]) == (gone, "release")
        # It is found by that name, which is known as long as the job is there.
        assert told(client, "/api/jobs?dataset=release") == [{job_id: "done"}]
        page = told(client, "/api/activity?dataset=Release")["page"]
        assert [one["job_id"] for one in page] == [job_id]
        answer = client.get("/api/activity?dataset=relaese")
        assert answer.get_json()["reason"] == 'unknown dataset "relaese"; known: course'
        assert "all adults" not in described["method"]
        drawn = client.get(f"/api/get_results/{job_id}?format=vega").get_json(force=True)
        assert f"Source: {gone}." in " ".join(drawn["title"]["subtitle"])


def test_a_reload_does_not_change_who_was_asked(tmp_path: Path) -> None:
    course, release = two_files(tmp_path)
    with running_app(tmp_path, threads=0, data=Sources((course, release))) as app:
        client = app.test_client()
        adults = release.path.read_text(encoding="utf-8")
        students = adults.replace("Q0", "H0").replace("adults", "students")
        release.path.write_text(students, encoding="utf-8")
        answer = client.post("/api/dataset/reload")
        assert answer.status_code == 409
        assert "serve it under a name of its own" in answer.get_json()["reason"]
        assert asked(client, "global_mean", question="Q036", dataset="release")


def line(*content: Any) -> bytes:
    body = json_bytes.encode(content)
    return b"%08x %b\n" % (zlib.crc32(body), body)


def record_jobs(folder: Path, *lines: bytes) -> Path:
    """Write a journal as an earlier process left it."""
    journal = folder / "results" / ".journal"
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b"".join(lines))
    return journal


def test_a_job_that_waited_for_a_dataset_that_is_gone_fails_and_says_so(tmp_path: Path) -> None:
    body = json.dumps({"question": OBESITY})
    record_jobs(
        tmp_path,
        line("journal", 4),
        line("accepted", 1, "global_mean", body, "gone", 1.5),
        line("accepted", 2, "global_mean", body, "release", 1.5),
    )
    with running_app(tmp_path, threads=1, data=two_files(tmp_path)) as app:
        client = app.test_client()
        assert client.get("/api/get_results/1?wait=20").get_json() == {
            "status": "error",
            "reason": 'unknown dataset "gone"; known: course, release',
        }
        assert told(client, "/api/jobs/1")["dataset_name"] == "gone"
        assert client.get("/api/get_results/2?wait=20").get_json()["data"] == {"global_mean": 40.0}
    told_in_log = 'dataset "gone" is not served: 1 unfinished jobs that ask it fail'
    assert told_in_log in (tmp_path / "webserver.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("version", [2, 3])
def test_jobs_that_were_recorded_without_a_dataset(tmp_path: Path, version: int) -> None:
    sources = two_files(tmp_path)
    with running_app(tmp_path / "now", threads=0, data=sources) as app:
        release = service_of(app).catalogue.release.version
    asks = [OBESITY, None] if version == 2 else [json.dumps({"question": OBESITY})]
    journal = record_jobs(
        tmp_path,
        line("journal", version),
        line("accepted", 1, "global_mean", *asks, 1.5),
        line("accepted", 2, "global_mean", *asks, 2.5),
        line("batch", 4, 2.5, [["global_mean", *asks]] * 2),
        line("done", 1, 20, 1, release, 3.5),
    )
    with running_app(tmp_path, threads=1, data=sources) as app:
        client = app.test_client()
        means, names = [], []
        for number in range(1, 5):
            answer = client.get(f"/api/get_results/{number}?wait=20").get_json()
            means.append(answer["data"]["global_mean"])
            names.append(told(client, f"/api/jobs/{number}")["dataset_name"])
    # The first was answered from what is the release now, the others from nothing yet.
    assert means == [40.0, 31.0, 31.0, 31.0]
    assert names == ["release", "course", "course", "course"]
    # An earlier version would run what is added from now on on the wrong dataset: it refuses.
    assert journal.read_bytes().startswith(line("journal", 5))


@pytest.mark.parametrize("broken", [None, b"not,a,dataset\n"])
def test_a_start_without_one_of_them_is_none(tmp_path: Path, broken: bytes | None) -> None:
    sources = two_files(tmp_path)
    path = sources.datasets[1].path
    spoil(path, broken)
    settings = Settings(data=sources, results=tmp_path / "results", log=tmp_path / "log")
    with pytest.raises(DatasetError) as caught:
        create_app(settings)
    assert str(caught.value).startswith(f"dataset release={path}: ")
    assert "\n" not in str(caught.value)


def test_two_names_of_one_content_share_its_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = two_files(tmp_path).datasets[0].path
    twice = Sources((Source(COURSE, path), Source(RELEASE, path)))
    with running_app(tmp_path, threads=0, data=twice) as app:
        client = app.test_client()
        first = asked(client, "global_mean", question="Q036")
        monkeypatch.setattr(CourseStatistic, "answer", None)
        assert asked(client, "global_mean", question="Q036", dataset="release") == first


def test_readers_see_all_datasets_of_a_reload_or_none(tmp_path: Path) -> None:
    sources = two_files(tmp_path)
    with running_app(tmp_path, threads=0, data=sources) as app:
        catalogue: Catalogue = service_of(app).catalogue
        old = {name: one.version for name, one in catalogue.answers.items()}
        stop, seen = threading.Event(), set()

        def look() -> None:
            while not stop.wait(0.0001):  # to read a dataset takes a hundred times as long
                seen.add(tuple(one.version for one in catalogue.answers.values()))

        thread = threading.Thread(target=look)
        thread.start()
        for source in sources:
            overwrite(source.path, [row("Ohio", 50.0), row(f"Utah {source.name}", 50.0)])
        assert set(catalogue.reload()) == {COURSE, RELEASE}
        new = {name: one.version for name, one in catalogue.answers.items()}
        eventually(lambda: tuple(new.values()) in seen)
        stop.set()
        thread.join(20)
    assert seen <= {tuple(old.values()), tuple(new.values())}
