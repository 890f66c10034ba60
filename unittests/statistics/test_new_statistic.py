"""A new statistic is one file and one line: it is then asked by every face of the program.

`unittests/redis/test_new_statistic.py` runs the same tests over the other executor.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli.program import build
from app.client import BadQuestion, StatsClient, Table
from unittests.helpers.data import OBESITY, dataset
from unittests.helpers.files import scratch
from unittests.helpers.forked import run
from unittests.helpers.row_count import WITH_ROW_COUNT
from unittests.helpers.server import Server, running_server
from unittests.helpers.waiting import PATIENCE

PROGRAM = "unittests.helpers.row_count"
BODY: dict[str, Any] = {"question": "Q036", "state": ["TX", "Ohio"]}
SENTENCE = f'How many rows are there of "{OBESITY}" in each state?'


@cache
def counted() -> list[list[Any]]:
    """Return the answer, counted row by row."""
    rows = dataset().estimates.select("question", "state").iter_rows()
    counts = Counter(state for question, state in rows if question == OBESITY)
    return [["Ohio", counts["Ohio"]], ["Texas", counts["Texas"]]]


def as_text() -> list[list[str]]:
    """Return the answer as CSV has it."""
    return [[state, str(count)] for state, count in counted()]


def csv_rows(text: str) -> list[list[str]]:
    """Return the rows of CSV."""
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.fixture(scope="module", name="server")
def real_server() -> Iterator[Server]:
    """Give a server that has the statistic."""
    with scratch() as folder, running_server(folder, program=("-m", PROGRAM, "serve")) as server:
        yield server


def command(server: Server, *words: str) -> str:
    """Run a command that knows the statistic, in this process; return what it prints."""
    ended = CliRunner().invoke(build(WITH_ROW_COUNT), words, env={"STATS_URL": server.url})
    assert ended.exit_code == 0, ended.output
    return ended.stdout


class TestNewStatistic:
    """What is asked of a server that has the statistic, whichever executor it has."""

    @pytest.fixture(name="stats")
    def client(self, server: Server) -> Iterator[StatsClient]:
        """Give a client that knows the statistic."""
        with StatsClient(server.url, statistics=WITH_ROW_COUNT) as stats:
            yield stats

    def test_a_job_of_it_is_asked_and_explained_over_http(self, server: Server) -> None:
        submitted = server.http.post(f"{server.url}/api/row_count", json=BODY, timeout=PATIENCE)
        job_id = submitted.json()["job_id"]
        data = server.outcome(job_id)["data"]
        assert (data["columns"], data["rows"]) == (["state", "rows"], counted())
        assert data["about"]["statistic"] == "row_count"
        known = server.get(f"api/jobs/{job_id}")["data"]
        assert known["asked"] == SENTENCE
        assert known["parameters"] == {"question": OBESITY, "state": ["Ohio", "Texas"]}
        rows = server.get(f"api/jobs/{job_id}/rows")["data"]["rows"]
        assert len(rows) == sum(count for _, count in counted())
        path = f"{server.url}/api/get_results/{job_id}"
        table = server.http.get(path, params={"format": "csv"}, timeout=PATIENCE).content
        assert csv_rows(table.decode()) == [["state", "rows"], *as_text()]
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
    def test_what_it_is_not_asked_is_refused(
        self, server: Server, body: dict[str, Any], reason: str
    ) -> None:
        answer = server.http.post(f"{server.url}/api/row_count", json=body, timeout=PATIENCE)
        assert answer.status_code == 400
        assert answer.json()["reason"].startswith(reason)

    def test_it_is_described(self, server: Server) -> None:
        spec = server.get("openapi/openapi.json")
        content = spec["paths"]["/api/row_count"]["post"]["requestBody"]["content"]
        assert content["application/json"]["example"] == {
            "question": "Q036",
            "state": ["Ohio", "Texas"],
        }
        model = spec["components"]["schemas"]["RowCountParameters"]
        assert (set(model["properties"]), model["required"]) == (
            {"question", "state", "dataset"},
            ["question"],
        )
        names = [statistic["name"] for statistic in server.get("api/statistics")["data"]]
        assert names[-1] == "row_count"

    def test_it_is_asked_in_a_batch_and_by_the_client(self, stats: StatsClient) -> None:
        table = stats.ask("row_count", **BODY)
        assert isinstance(table, Table)
        assert table.rows == counted()
        (job,) = stats.batch([{"statistic": "row_count", **BODY}])
        (outcome,) = stats.results([job])
        assert outcome.get() == table
        with pytest.raises(BadQuestion, match='nearest: "row_count"'):
            stats.ask("row_cuont", **BODY)

    def test_it_is_asked_by_the_command_line(self, server: Server) -> None:
        asked = ("ask", "row_count", "obesity", "--state", "TX", "--state", "Ohio")
        program = run("-m", PROGRAM, "cli", *asked, environ={"STATS_URL": server.url})
        assert json.loads(program.stdout)["rows"] == counted()
        assert f"{counted()[0][1]:,}" in command(server, *asked, "--table")
        assert csv_rows(command(server, *asked, "--csv")) == [["state", "rows"], *as_text()]
        assert "--state" in command(server, *asked[:2], "--help")
        job_id = server.post("row_count", **BODY)
        assert json.loads(command(server, "job", job_id))["asked"] == SENTENCE
        rows = json.loads(command(server, "job", job_id, "--rows"))["rows"]
        assert len(rows) == sum(count for _, count in counted())
