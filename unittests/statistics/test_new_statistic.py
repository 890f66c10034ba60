"""A new statistic is one file and one line: it is then asked by every face of the program."""

import csv
import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from app.client import BadQuestion, StatsClient, Table
from unittests.helpers.data import OBESITY, dataset
from unittests.helpers.files import PROJECT, scratch
from unittests.helpers.row_count import WITH_ROW_COUNT
from unittests.helpers.server import Server, running_server
from unittests.helpers.waiting import PATIENCE

PROGRAM = "unittests.helpers.row_count"
BODY: dict[str, Any] = {"question": "Q036", "state": ["TX", "Ohio"]}


def counted() -> list[list[Any]]:
    """Return the answer, counted row by row."""
    rows = dataset().estimates.select("question", "state").iter_rows()
    counts = Counter(state for question, state in rows if question == OBESITY)
    return [["Ohio", counts["Ohio"]], ["Texas", counts["Texas"]]]


@pytest.fixture(scope="module", name="server")
def real_server() -> Iterator[Server]:
    """Give a server that has the statistic."""
    with scratch() as folder, running_server(folder, program=("-m", PROGRAM, "serve")) as server:
        yield server


@pytest.fixture(name="stats")
def client(server: Server) -> Iterator[StatsClient]:
    """Give a client that knows the statistic."""
    with StatsClient(server.url, statistics=WITH_ROW_COUNT) as stats:
        yield stats


def test_a_job_of_it_is_asked_and_explained_over_http(server: Server) -> None:
    submitted = server.http.post(f"{server.url}/api/row_count", json=BODY, timeout=PATIENCE)
    job_id = submitted.json()["job_id"]
    data = server.outcome(job_id)["data"]
    assert (data["columns"], data["rows"]) == (["state", "rows"], counted())
    assert data["about"]["statistic"] == "row_count"
    known = server.get(f"api/jobs/{job_id}")["data"]
    assert known["asked"] == f'How many rows are there of "{OBESITY}" in each state?'
    assert known["parameters"] == {"question": OBESITY, "state": ["Ohio", "Texas"]}
    rows = server.get(f"api/jobs/{job_id}/rows")["data"]["rows"]
    assert len(rows) == sum(count for _, count in counted())
    path = f"{server.url}/api/get_results/{job_id}"
    table = server.http.get(path, params={"format": "csv"}, timeout=PATIENCE).content
    lines = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert lines == [["state", "rows"], *([state, str(count)] for state, count in counted())]
    chart = server.http.get(path, params={"format": "svg"}, timeout=PATIENCE)
    assert (chart.status_code, chart.headers["Content-Type"]) == (200, "image/svg+xml")
    assert "number of rows" in chart.text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, '"question" is missing'),
        ({"question": "Q036", "state": 5}, '"state" must be a name, or an array'),
        ({"question": "Q036", "state": "Ohoi"}, 'unknown state "Ohoi"; nearest: "Ohio"'),
        ({"question": "Q036", "planet": 5}, 'unknown key "planet"'),
    ],
)
def test_what_it_is_not_asked_is_refused(server: Server, body: dict[str, Any], reason: str) -> None:
    answer = server.http.post(f"{server.url}/api/row_count", json=body, timeout=PATIENCE)
    assert answer.status_code == 400
    assert answer.json()["reason"].startswith(reason)


def test_it_is_described(server: Server) -> None:
    spec = server.get("openapi/openapi.json")
    content = spec["paths"]["/api/row_count"]["post"]["requestBody"]["content"]
    assert content["application/json"]["example"] == {
        "question": "Q036",
        "state": ["Ohio", "Texas"],
    }
    model = spec["components"]["schemas"]["RowCountParameters"]
    assert (set(model["properties"]), model["required"]) == ({"question", "state"}, ["question"])
    names = [statistic["name"] for statistic in server.get("api/statistics")["data"]]
    assert names[-1] == "row_count"


def test_it_is_asked_in_a_batch_and_by_the_client(stats: StatsClient) -> None:
    table = stats.ask("row_count", **BODY)
    assert isinstance(table, Table)
    assert table.rows == counted()
    (job,) = stats.batch([{"statistic": "row_count", **BODY}])
    (outcome,) = stats.results([job])
    assert outcome.get() == table
    with pytest.raises(BadQuestion, match='nearest: "row_count"'):
        stats.ask("row_cuont", **BODY)


def test_it_is_asked_by_the_command_line(server: Server) -> None:
    def run(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", PROGRAM, "cli", *arguments],
            capture_output=True,
            text=True,
            check=True,
            cwd=PROJECT,
            timeout=PATIENCE,
        ).stdout

    words = ("ask", "row_count", "obesity", "--state", "TX", "--state", "Ohio", "--url", server.url)
    assert json.loads(run(*words))["rows"] == counted()
    assert f"{counted()[0][1]:,}" in run(*words, "--table")
    assert "--state" in run("ask", "row_count", "--help")
