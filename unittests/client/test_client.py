"""The client: every method against the app without a socket, and the rest against real servers."""

import inspect
import json
import math
import os
import pickle
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
import pytest
from flask import Flask
from msgspec import structs

from app.client import (
    BadQuestion,
    ClientClosed,
    Job,
    JobCancelled,
    JobFailed,
    NotAllowed,
    Pace,
    ShuttingDown,
    StatsClient,
    Table,
    TimedOut,
    TooLate,
    UnexpectedAnswer,
    UnknownJob,
    Unreachable,
)
from app.client import batch as client_batch
from app.statistics.client_source import source
from app.statistics.registry import STATISTICS
from unittests.helpers.app import fail_jobs_on, hold_jobs, running_app, served_app
from unittests.helpers.app_adapter import client_of
from unittests.helpers.catalogue import two_files
from unittests.helpers.data import OBESITY
from unittests.helpers.figures import figures
from unittests.helpers.files import PROJECT, scratch
from unittests.helpers.registry import COURSE_STATISTICS, TABLE_STATISTICS
from unittests.helpers.server import Server, running_server
from unittests.helpers.waiting import PATIENCE

ITEM = {"statistic": "state_mean", "question": "Q036", "state": "OH"}
OHIO = {"Ohio": 33.7}


@pytest.fixture(name="stats")
def client_of_the_app(app: Flask) -> StatsClient:
    """Give a client of an app that runs each job inside its request."""
    return client_of(app)[0]


@pytest.fixture(scope="module", name="server")
def real_server() -> Iterator[Server]:
    """Give a server over a real socket, one for all tests of the module."""
    with scratch() as folder, running_server(folder) as server:
        yield server


def test_the_methods_are_those_that_make_client_writes() -> None:
    module = PROJECT / "app" / "client" / "statistics.py"
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", module.name, "-"],
        input=source(STATISTICS),
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    true = module.read_text(encoding="utf-8") == formatted.stdout
    assert true, f"{module.name} is not what the statistics say: run `make client`"


def test_the_client_has_each_statistic_of_the_server() -> None:
    for name, statistic in STATISTICS.items():
        given = inspect.signature(getattr(StatsClient, name)).parameters
        fields = structs.fields(statistic.parameters)
        assert set(given) == {
            "self",
            "dataset",
            "timeout",
            *(field.encode_name for field in fields),
        }
        needed = [one for one in given if given[one].default is inspect.Parameter.empty]
        assert needed == ["self", *(field.encode_name for field in fields if field.required)]


@pytest.mark.parametrize("name", COURSE_STATISTICS)
def test_the_nine(name: str, stats: StatsClient) -> None:
    state = ("Ohio",) if COURSE_STATISTICS[name].needs_state else ()
    answer = getattr(stats, name)(OBESITY, *state)
    wanted = figures().answer(name, OBESITY, *state)
    assert (answer, list(answer)) == (wanted, list(wanted))


@pytest.mark.parametrize("name", TABLE_STATISTICS)
def test_those_with_a_table(name: str, release_app: Flask) -> None:
    stats = client_of(release_app)[0]
    table = getattr(stats, name)(**TABLE_STATISTICS[name].example)
    assert isinstance(table, Table)
    assert table.rows
    assert list(table.about["columns"]) == list(table.columns)
    assert stats.submit(name, **TABLE_STATISTICS[name].example).result() == table


def test_a_trend_is_refused_as_the_server_refuses_it(stats: StatsClient) -> None:
    with pytest.raises(BadQuestion, match="other years only: 2015, 2018-2020"):
        stats.trend("Q036", state=["Ohio", "US"], years={"from": 2024})


def test_whatever_the_types_allow_can_be_asked(release_app: Flask) -> None:
    stats = client_of(release_app)[0]
    asked = stats.trend("obesity", state="OH", years=range(2012, 2015))
    assert asked == stats.trend("obesity", state="OH", years=[2012, 2013, 2014])
    year: Any = np.int64(2021)
    shares = MappingProxyType({"Male": 49, "Female": 51})
    answer = stats.inequality("obesity", "Sex", state="OH", year=year, shares=shares)
    assert answer.column("weights") == ["shares"] * len(answer)


def test_a_table(stats: StatsClient) -> None:
    table = stats.query(question="Q036", group_by=["state"], sort="state", limit=3)
    assert (len(table), len(table.to_dicts())) == (3, 3)
    assert table.to_dicts()[0]["state"] == table.column("state")[0] == "Alabama"
    assert "3 rows of state, value" in repr(table)
    with pytest.raises(KeyError, match='no column "sate"; there are state'):
        table.column("sate")
    assert pickle.loads(pickle.dumps(table)) == table


def test_a_table_as_a_frame(stats: StatsClient) -> None:
    table = stats.query(question="Q036", group_by=["state"])
    kinds = {"text": pl.String, "number": pl.Float64, "integer": pl.Int64, "boolean": pl.Boolean}
    frame = table.to_polars()
    told = {name: kinds[about["kind"]] for name, about in table.about["columns"].items()}
    assert dict(frame.schema) == told
    assert frame.rows() == [tuple(row) for row in table.rows]
    pandas = pytest.importorskip("pandas")
    frame = table.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert (list(frame.columns), len(frame)) == (list(table.columns), len(table))
    assert frame["value"].dtype == "float64"
    assert frame.attrs["asked"] == table.about["asked"]
    empty = Table(table.columns, [], table.about)
    assert (empty.to_pandas().shape, empty.to_polars().shape) == ((0, len(table.columns)),) * 2


def test_a_notebook_shows_a_table(stats: StatsClient) -> None:
    table = stats.query(question="Q036", group_by=["state"])
    shown = table._repr_html_()
    assert shown.count("<tr>") == len(table) + 1
    assert f'<td style="text-align: left">{table.column("state")[0]}</td>' in shown
    assert table.about["answer"][:20] in shown
    strange = Table(("a<b", "c"), [["<script>", None]] * 99, {})
    shown = strange._repr_html_()
    assert "<script>" not in shown
    assert '<th title="">a&lt;b</th>' in shown
    assert shown.count("<tr>") == 62
    assert "99 rows of 2 columns" in shown


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_library_that_is_not_there(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=f"pip install {library}"):
        getattr(Table(("a",), [[1]], {}), f"to_{library}")()


def test_a_job(stats: StatsClient) -> None:
    job = stats.submit("state_mean", question="Q036", state="OH")
    assert re.fullmatch(r"Job\(id='job_id_\d+'\)", repr(job))
    assert (job.status(), job.result()) == ("done", OHIO)
    assert job.explain()["parameters"] == {"question": OBESITY, "state": "Ohio"}
    assert set(job.rows().column("state")) == {"Ohio"}
    assert stats.job(job.id) == stats.job(int(job.id[7:])) == job
    with pytest.raises(TooLate, match="ended already"):
        job.cancel()
    for wrong in ("", "job_id_0", "../1", "1/rows", -1):
        with pytest.raises(UnknownJob, match="no job id"):
            stats.job(wrong)
    for call in (Job.status, Job.result, Job.explain, Job.rows, Job.cancel):
        with pytest.raises(UnknownJob, match="Invalid job_id"):
            call(stats.job(999_999))


def test_files(stats: StatsClient, tmp_path: Path) -> None:
    job = stats.submit("ranking", question="Q036")
    starts = {
        "a.json": b'{"columns": ["',
        "a.csv": b"\xef\xbb\xbf",
        "a.ndjson": b'{"',
        "a.JSONL": b'{"',
        "a.parquet": b"PAR1",
        "a.vl.json": b'{"$schema"',
    }
    for name, start in starts.items():
        assert job.download(tmp_path / name).read_bytes().startswith(start), name
    assert job.download(str(tmp_path / "b"), "csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert job.content("csv") == (tmp_path / "a.csv").read_bytes()
    assert job.rows_content("csv").startswith(b"\xef\xbb\xbfrecord,question_id,")
    assert "geoshape" in job.download(tmp_path / "a.vega", chart="map").read_text()
    with pytest.raises(ValueError, match=r"known: \.json, \.csv"):
        job.download(tmp_path / "a.xlsx")
    with pytest.raises(BadQuestion, match='"chart" must be one of'):
        job.download(tmp_path / "c.svg", chart="pie")
    assert {path.name for path in tmp_path.iterdir()} == {*starts, "b", "a.vega"}


def test_what_a_file_takes_the_place_of(stats: StatsClient, tmp_path: Path) -> None:
    job = stats.submit("best5", question="Q036")
    content = job.content("csv")
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "real.csv").chmod(0o600)
    (tmp_path / "link.csv").symlink_to("real.csv")
    job.download(tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == content
    assert (tmp_path / "real.csv").stat().st_mode & 0o777 == 0o600

    os.mkfifo(tmp_path / "pipe.csv")
    with ThreadPoolExecutor() as threads:
        reading = threads.submit((tmp_path / "pipe.csv").read_bytes)
        job.download(tmp_path / "pipe.csv")
        assert reading.result(PATIENCE) == content
    assert (tmp_path / "pipe.csv").is_fifo()
    with pytest.raises(FileNotFoundError) as caught:
        job.download(tmp_path / "none" / "a.csv")
    assert caught.value.filename == str(tmp_path / "none" / "a.csv")
    (tmp_path / "new.csv").symlink_to("later.csv")
    assert job.download(tmp_path / "new.csv").read_bytes() == content
    assert {path.name for path in tmp_path.iterdir()} == {
        *("real.csv", "link.csv", "pipe.csv", "new.csv", "later.csv")
    }


def test_a_job_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_app(tmp_path, threads=0) as app:
        stats = client_of(app)[0]
        fail_jobs_on("Ohio", app, monkeypatch, ValueError("no such luck"))
        job = stats.submit("state_mean", question="Q036", state="OH")
        for ask in (job.result, lambda: job.download(tmp_path / "a.csv")):
            with pytest.raises(JobFailed) as caught:
                ask()
            assert (type(caught.value), caught.value.job_id) == (JobFailed, job.id)
            assert caught.value.code == "job-failed"
            assert str(caught.value).startswith(f"{job.id} failed: ")
        for rows in (job.rows, lambda: job.rows_content("csv")):
            with pytest.raises(JobFailed, match=f"^{job.id} failed, so no rows went") as caught:
                rows()
            assert (caught.value.code, caught.value.status) == ("job-failed", 409)
        (outcome,) = stats.results([job])
        with pytest.raises(JobFailed):
            outcome.get()
        assert not (tmp_path / "a.csv").exists()


def test_what_cannot_be_asked(stats: StatsClient) -> None:
    with pytest.raises(BadQuestion) as caught:
        stats.state_mean("Q036", "Ohoi")
    assert (caught.value.status, caught.value.nearest[0]) == (400, "Ohio")
    assert caught.value.code == "unknown-name"
    with pytest.raises(BadQuestion, match='nearest: "ranking"') as caught:
        stats.submit("rankin", question="Q036")
    assert caught.value.nearest == ("ranking",)
    with pytest.raises(BadQuestion, match="unknown statistic"):
        stats.submit("graceful_shutdown")  # which is a route, too
    assert stats.health()
    with pytest.raises(BadQuestion, match=r"^what is asked cannot be sent as JSON: Out of range"):
        stats.inequality("Q036", "Sex", shares={"Male": math.nan})


def test_batches(stats: StatsClient) -> None:
    jobs = stats.batch([ITEM, {"statistic": "ranking", "question": "Q036"}])
    first, second = stats.results([*jobs])
    assert (first.job, first.get(), first.error) == (jobs[0], OHIO, None)
    assert isinstance(second.get(), Table)
    twice = [outcome.get() for outcome in stats.results([jobs[0].id, jobs[0]])]
    assert twice == [OHIO] * 2
    assert stats.batch([]) == []
    assert not list(stats.results([]))
    (unknown,) = stats.results(["job_id_999999"])
    assert isinstance(unknown.error, UnknownJob)


def test_values_that_are_none_are_refused_before_anything_is_sent(app: Flask) -> None:
    with pytest.raises(ValueError, match=r"^the timeout must be 0 or more seconds, not -5$"):
        StatsClient(timeout=-5)
    stats, adapter = client_of(app)
    with pytest.raises(ValueError, match=r"^the timeout must be 0 or more seconds, not nan$"):
        stats.job(1).result(timeout=math.nan)
    with pytest.raises(
        TypeError, match=r"^batch takes a list of jobs, not one: put it in brackets"
    ):
        stats.batch(ITEM)  # type: ignore[arg-type]
    assert adapter.asked == []


def test_batches_are_split(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_batch, "MOST_JOBS", 3)
    stats, adapter = client_of(app)
    told: list[list[Job]] = []
    jobs = stats.batch([ITEM] * 7, told=lambda accepted: told.append(list(accepted)))
    assert len(set(jobs)) == 7
    assert told == [jobs[:3], jobs[3:6], jobs[6:]]
    assert [outcome.job for outcome in stats.results(jobs)] == jobs
    assert adapter.asked == ["POST /api/batch"] * 3 + ["POST /api/batch/results"] * 3
    with pytest.raises(BadQuestion, match=r'^\[4\]: unknown state "Ohoi"') as caught:
        stats.batch([*[ITEM] * 4, {**ITEM, "state": "Ohoi"}])
    assert [outcome.get() for outcome in stats.results(caught.value.accepted)] == [OHIO] * 3
    monkeypatch.setattr(client_batch, "MOST_BYTES", 2 * len(json.dumps(ITEM)) + 3)
    adapter.asked.clear()
    with pytest.raises(BadQuestion, match=r"^\[6\]: .* it has a value of type bytes$") as caught:
        stats.batch([*[ITEM] * 6, {**ITEM, "state": OBESITY.encode()}])
    assert caught.value.item == 6
    assert adapter.asked == []
    assert len(stats.batch([ITEM] * 5)) == 5
    assert adapter.asked == ["POST /api/batch"] * 3


def test_what_there_is(stats: StatsClient) -> None:
    assert stats.dataset()["rows"] == 18_650
    assert len(stats.questions()) == 9
    assert len(stats.states()) == 55
    assert "Income" in [category["name"] for category in stats.categories()]
    assert stats.reload_dataset()["changed"] is False


def test_lists_of_jobs(stats: StatsClient) -> None:
    first, second, third = stats.batch([ITEM] * 3)
    everything = stats.jobs()
    assert list(everything)[-3:] == [first.id, second.id, third.id]
    assert stats.jobs(after=first, limit=1) == {second.id: "done"}
    assert stats.jobs(status="running", after=first.id) == {}
    assert stats.num_jobs() == 0
    with pytest.raises(BadQuestion):
        stats.jobs(status="finished")


def test_shutting_down(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0) as app:
        stats = client_of(app, retries=0)[0]
        assert stats.health() is True
        assert stats.shut_down() is stats.shut_down(wait=True) is True
        assert stats.health() is False
        with pytest.raises(ShuttingDown) as caught:
            stats.best5("Q036")
        assert caught.value.status == 503


def test_a_closed_client(app: Flask) -> None:
    stats, adapter = client_of(app)
    with stats as same:
        assert same is stats
        job = stats.submit("best5", question="Q036")
    stats.close()
    for call in (job.result, stats.health, lambda: list(stats.results([job]))):
        with pytest.raises(ClientClosed, match="make another one"):
            call()
    assert not adapter.closed  # a session that was given is its owner's


@pytest.mark.parametrize("url", ["localhost:5000", "ftp://a", "http://", "http://u:p@a", ""])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        StatsClient(url)


def test_an_app_that_is_not_this_server() -> None:
    app = Flask(__name__)
    app.add_url_rule("/api/num_jobs", "jobs", view_func=lambda: {"jobs": 1})
    app.add_url_rule("/api/states", "states", view_func=lambda: {"data": {}})
    stats = client_of(app)[0]
    for call in (stats.num_jobs, stats.states, stats.dataset):
        with pytest.raises(UnexpectedAnswer):
            call()


def test_over_a_socket(server: Server) -> None:
    with StatsClient(server.url) as stats:
        assert stats.state_mean("Q036", "OH") == OHIO
        jobs = stats.batch([ITEM] * 500)
        outcomes = list(stats.results(jobs))
        assert {outcome.job for outcome in outcomes} == set(jobs)
        assert all(outcome.get() == OHIO for outcome in outcomes)
        again = pickle.loads(pickle.dumps(stats))
        assert (repr(again), again.health()) == (f"StatsClient('{server.url}')", True)
        again.close()
        with pytest.raises(ClientClosed):
            pickle.loads(pickle.dumps(again)).health()
        job = pickle.loads(pickle.dumps(jobs[0]))
        assert (job, job.result()) == (jobs[0], OHIO)


def test_a_client_for_each_thread(server: Server) -> None:
    def ask(_number: int) -> Any:
        with StatsClient(server.url) as stats:
            return [stats.state_mean("Q036", "OH") for _ in range(5)]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [[OHIO] * 5] * 4


def test_reading_results_can_be_given_up(server: Server) -> None:
    with StatsClient(server.url) as stats:
        outcomes = stats.results(stats.batch([ITEM] * 50))
        assert next(outcomes).get() == OHIO
        outcomes.close()  # type: ignore[attr-defined]
        assert stats.best5("Q036")


def test_waiting_and_shutting_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold_jobs(monkeypatch)
    with (
        served_app(tmp_path, threads=1) as server,
        StatsClient(server.url) as stats,
    ):
        running, queued, third = (stats.submit("state_mean", **ASKED_OHIO) for _ in range(3))
        for timeout in (0, 0.05):
            with pytest.raises(TimedOut) as caught:
                queued.result(timeout)
            assert caught.value.job_ids == (queued.id,)
            with pytest.raises(TimedOut):
                queued.download(tmp_path / "a.csv", timeout=timeout)
            with pytest.raises(TimedOut) as caught:
                list(stats.results([queued, third], timeout=timeout))
            assert caught.value.job_ids == (queued.id, third.id)
        assert queued.status() == "queued"
        queued.cancel()
        for ask in (
            queued.result,
            queued.rows,
            lambda: queued.rows_content("csv"),
            lambda: queued.content("csv"),
            lambda: queued.download(tmp_path / "a.csv"),
            lambda: next(iter(stats.results([queued]))).get(),
        ):
            with pytest.raises(JobCancelled) as gone:
                ask()
            assert str(gone.value) == f"{queued.id} was cancelled before it ran"
            assert (gone.value.job_id, gone.value.code) == (queued.id, "job-cancelled")
        queued.cancel()
        with pytest.raises(TooLate) as late:
            running.cancel()
        assert late.value.code == "too-late"
        waiting = stats.results([running, queued, third])
        assert stats.shut_down(wait=True) is True
        errors = [outcome.error for outcome in waiting]
        assert [type(error) for error in errors] == [type(None), JobCancelled, type(None)]
        assert running.result(math.inf) == OHIO


ASKED_OHIO = {"question": "Q036", "state": "OH"}


def test_it_rides_through_a_restart(tmp_path: Path) -> None:
    servers = [Server(tmp_path, STATS_TOKEN="s3cret")]
    port = str(servers[0].port)

    def restart(_pause: float) -> None:
        if len(servers) == 1:
            servers.append(Server(tmp_path, "--port", port, STATS_TOKEN="s3cret"))

    try:
        pace = Pace(sleep=restart)
        with StatsClient(servers[0].url, token="s3cret", pace=pace, retries=0) as stats:
            assert "s3cret" not in repr(stats)
            job, *jobs = stats.batch([ITEM] * 3)
            servers[0].stop(signal.SIGKILL)
            with pytest.raises(Unreachable, match="refused"):
                stats.health()
            assert job.result() == OHIO
            assert len(servers) == 2
            assert [outcome.get() for outcome in stats.results(jobs)] == [OHIO] * 2
        for token in ("", "wrong"):
            with StatsClient(servers[0].url, token=token) as stranger:
                assert stranger.health()
                with pytest.raises(NotAllowed, match="token"):
                    stranger.best5("Q036")
    finally:
        for one in servers:
            one.stop(signal.SIGKILL)


def test_a_client_asks_the_dataset_that_it_or_the_call_names(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, data=two_files(tmp_path)) as app:
        stats, _ = client_of(app)
        assert stats.global_mean("Q036") == {"global_mean": 31.0}
        assert stats.global_mean("Q036", dataset="release") == {"global_mean": 40.0}
        assert [one["name"] for one in stats.datasets()] == ["course", "release"]
        assert len(stats.states()) == 3
        assert len(stats.states(dataset="course")) == 2
        release, _ = client_of(app, dataset="release")
        assert release.global_mean("Q036") == {"global_mean": 40.0}
        assert release.global_mean("Q036", dataset="course") == {"global_mean": 31.0}
        items = [{"statistic": "global_mean", "question": "Q036"}] * 2
        items[1] = {**items[1], "dataset": "course"}
        means = [one.get() for one in release.results(release.batch(items))]
        assert means == [{"global_mean": 40.0}, {"global_mean": 31.0}]
        assert (release.dataset()["rows"], release.dataset(dataset="course")["rows"]) == (4, 2)
        course, _ = client_of(app, dataset="course")
        assert len(course.questions()) == 1
        assert [one["name"] for one in course.reload_dataset()["datasets"]] == ["course"]
        assert len(stats.reload_dataset()["datasets"]) == 2
        assert {job["dataset_name"] for job in stats.activity(dataset="course")["page"]} == {
            "course"
        }
        with pytest.raises(BadQuestion) as caught:
            stats.global_mean("Q036", dataset="cuorse")
        assert caught.value.nearest == ("course",)
