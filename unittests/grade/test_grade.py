"""What a grading says: right answers, points, reports, exit codes; nothing where all is right."""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.exit_codes import STOPPED
from app.grade.bench import Bench, Places
from app.grade.checks import all_checks
from app.grade.checks.answers import misplaced
from app.grade.expected import DataError, Expected
from app.grade.faults import FAULTS, SECTIONS
from app.grade.findings import CannotGradeError, Exchange, Finding, Outcome
from app.grade.grading import Grading
from app.grade.http_client import Address, Client, Prepared
from app.grade.report import FORMS
from app.grade.weights import Weights, WeightsError, read_weights
from unittests.grade.graded import bench_of, check_named, graded, small_csv
from unittests.grade.mutants import MUTANTS, PLAIN
from unittests.grade.plain_server import Data
from unittests.helpers.app import served_app
from unittests.helpers.command_line import NOWHERE, run
from unittests.helpers.doc_pages import PAGES
from unittests.helpers.files import scratch
from unittests.helpers.forked import Forked
from unittests.helpers.server import free_port
from unittests.helpers.waiting import PATIENCE, eventually


@pytest.fixture(scope="module", name="grading")
def some_grading() -> Grading:
    """Give one of two findings, one with signs that Markdown and HTML would take for theirs."""
    exchange = Exchange("GET", "/api/jobs", None, 0.1, 0.2, 200, "<b>no `list`</b>")
    findings = [
        Finding(FAULTS["jobs-list"], "impatience", "a <script> | *star*", (exchange,), "curl x"),
        Finding(FAULTS["wrong-answer"], "answers", "too low", where="best5"),
    ]
    outcomes = [
        Outcome("impatience", "halves", findings, ["told"], ("results", "lists"), "much", 1.0),
        Outcome("drain", "what is lost", left_out="--drain asks for it"),
    ]
    return Grading("http://127.0.0.1:5000", 3, 0.0, outcomes, read_weights())


def test_the_right_answers_are_what_another_program_computes(tmp_path: Path) -> None:
    path = small_csv(tmp_path / "data.csv")
    expected, data = Expected(path), Data(str(path))
    assert sorted(expected.questions) == sorted(data.rows)
    for route, question, state in expected.cases():
        own = expected.answer(route, question, state)
        other = data.compute(route, question, state or "")
        if route == "state_mean_by_category":
            own, other = own[state or ""], other[state]
        assert own == pytest.approx(other)
        assert list(own) == list(other)


def test_equal_means_stand_by_name_and_all_but_equal_ones_as_they_like() -> None:
    right = {"Iowa": 1.0, "Ohio": 1.0, "Utah": 2.0}
    assert not misplaced("states_mean", right, right)
    assert misplaced("states_mean", {"Ohio": 1.0, "Iowa": 1.0, "Utah": 2.0}, right)
    assert not misplaced("states_mean", {"Ohio": 1.0, "Iowa": 1.0 + 1e-15, "Utah": 2.0}, right)
    assert misplaced("states_mean", {"Iowa": 1.0, "Utah": 2.0, "Ohio": 1.0}, right)


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="has no column YearStart"):
        Expected(path)


def test_points(grading: Grading) -> None:
    assert grading.score == (10 + 2.5 + 26.4, 10 + 5 + 30)
    assert [finding.fault.name for finding in grading.findings] == ["wrong-answer", "jobs-list"]


def test_a_table_of_weights_changes_what_it_names(tmp_path: Path, grading: Grading) -> None:
    path = tmp_path / "weights.toml"
    path.write_text("[sections]\nlists = 100\n[faults]\njobs-list = 1\n", encoding="utf-8")
    weights = read_weights(path)
    assert weights.score("lists", grading.findings) == 0
    assert weights.sections["answers"] == read_weights().sections["answers"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[sections]\nanswer = 1", "there is no answer in"),
        ("[faults]\ntorn-file = 2", "torn-file is not between 0 and 1"),
        ("[faults]\ntorn-file = true", "torn-file is not a number"),
        ("[fault]", "there is no table"),
        ("sections", "weights.toml: "),
    ],
)
def test_a_table_of_weights_that_cannot_be_used(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "weights.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError, match=told):
        read_weights(path)


def test_each_fault_has_a_weight_a_section_and_a_check() -> None:
    weights = read_weights()
    assert isinstance(weights, Weights)
    assert set(weights.faults) == set(FAULTS)
    assert set(weights.sections) == set(SECTIONS)
    assert {section for check in all_checks() for section in check.sections} == set(SECTIONS)
    contract = next(page for page in PAGES if page.name == "docs/contract.md")
    for fault in FAULTS.values():
        assert fault.mistake.count(". ") == 1, fault.name  # two sentences
    for name, title in SECTIONS.items():
        assert f"\n## {title}\n" in contract.text, name
    page = next(page for page in PAGES if page.name == "docs/how-to/grade.md")
    assert all(f"| `{check.name}` |" in page.text for check in all_checks())


def test_the_reports(grading: Grading) -> None:
    markdown, page = FORMS[".md"](grading), FORMS[".html"](grading)
    data = json.loads(FORMS[".json"](grading))
    assert data["score"] == {"points": 38.9, "of": 45}
    assert [one["fault"] for one in data["findings"]] == ["wrong-answer", "jobs-list"]
    assert data["findings"][1]["contract"] == "docs/contract.md#lists"
    for text in (markdown, page):
        assert "38.9 of 45 points" in text
        assert FAULTS["jobs-list"].mistake.partition(",")[0] in text
        assert "curl x" in text
        assert "--drain asks for it" in text
    assert "<script" not in page
    assert "&lt;b&gt;no" in page
    assert "http" not in page.replace("http://127.0.0.1:5000", "")  # it needs nothing else
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert r"a \<script\> \| \*star\*" in markdown


def test_the_plain_server_has_no_finding_and_what_it_leaves_open_is_told(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, seconds=0.0)
    grading = graded(bench, "identity", "impatience", "files", "input", "left open")
    assert not grading.findings, grading.findings
    assert any("ids begin again" in note for note in grading.outcomes[-1].notes)
    said = grading.outcomes[0].silence
    assert said.startswith("16 submits in 1 round of 16 at the same moment. A race that shows in")
    points, full = grading.score
    assert points == full > 0


def test_a_server_that_is_not_started_here_is_asked_and_not_ended(tmp_path: Path) -> None:
    started = bench_of(tmp_path, seconds=0.0)
    with started.server() as running:
        bench = Bench(started.address, started.expected, Places(None, None), seconds=0.0)
        grading = graded(bench, "identity", "files", "workers", "drain")
        left_out = {outcome.name: outcome.left_out for outcome in grading.outcomes}
        assert left_out["identity"] == ""
        assert "--start" in left_out["workers"]
        assert "--drain" in left_out["drain"]
        assert "--results" in left_out["files"]
        assert not running.reap()
        with pytest.raises(CannotGradeError) as caught:
            graded(bench, "workers")
        assert str(caught.value) == (
            "no check could be run; workers: it starts servers of its own: --start says how"
        )


@pytest.fixture(name="program")
def plain_program() -> Iterator[tuple[str, str, Path]]:
    """Give a command that starts the plain server, its address, and its file."""
    with scratch() as folder:
        data, port = small_csv(folder / "data.csv"), free_port()
        yield f"{sys.executable} {PLAIN} {port} {data}", f"http://127.0.0.1:{port}", data


def test_the_command(tmp_path: Path, program: tuple[str, str, Path]) -> None:
    command, url, data = program
    report = tmp_path / "report.md"
    given = ["--start", command, "--cwd", str(tmp_path), "--csv", str(data), "--check", "identity"]
    ended = run(url, "grade", *given, "--seconds", "0", "--report", str(report))
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["score"] == {"points": 10, "of": 10}
    assert report.read_text(encoding="utf-8").startswith("# 10 of 10 points")
    server = tmp_path / "server.py"
    server.write_text(MUTANTS["counter increased twice"].source(), encoding="utf-8")
    given[1] = command.replace(str(PLAIN), str(server))
    ended = run(url, "grade", *given, "--seconds", "5", "--table")
    assert ended.exit_code == 1
    assert "ids with gaps" in ended.stdout
    assert "7 of 10 points; 1 finding." in ended.stdout
    ended = run(url, "grade", *given[:6], "--check", "left open", "--table")
    assert ended.exit_code == 0
    assert "left open: After SIGTERM and a new start, ids begin again" in ended.stdout
    assert ended.stdout.endswith("\nNothing was checked that costs points.\n")


def test_what_cannot_be_graded(tmp_path: Path) -> None:
    data = ["--csv", str(small_csv(tmp_path / "data.csv"))]
    ended = run(NOWHERE, "grade", *data)
    assert (ended.exit_code, ended.stderr) == (2, f"nobody answers at {NOWHERE}.\n")
    report = tmp_path / "report.json"
    given = ["--start", "false", "--cwd", str(tmp_path), "--report", str(report)]
    ended = run(NOWHERE, "grade", *data, *given)
    told = "the server ended at once. No report was written.\n"
    assert (ended.exit_code, ended.stderr) == (2, told)
    assert not report.exists()
    given = ["--start", "false", "--check", "identity", "--fault", "torn-file"]
    ended = run(NOWHERE, "grade", *data, *given)
    assert ended.stderr == "none of these checks looks for such a fault.\n"
    ended = run(NOWHERE, "grade", *data, "--start", "no-such-program")
    assert ended.exit_code == 2
    assert "cannot be started" in ended.stderr
    assert run(NOWHERE, "grade", "--check", "color").exit_code == 2
    assert run(NOWHERE, "grade", "--fault", "color").exit_code == 2
    assert run(NOWHERE, "grade", "--report", "report.pdf").exit_code == 2
    assert run(NOWHERE, "grade", "--report", "no/report.md").exit_code == 2


def test_a_server_with_an_ipv6_address_is_asked_by_it() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        address = Address(f"http://[::1]:{server.getsockname()[1]}")
        prepared = Prepared(address, "/api/jobs")
        prepared.send()
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as received:
            lines = list(iter(received.readline, b"\r\n"))
        prepared.close()
    assert lines[:2] == [
        b"GET /api/jobs HTTP/1.1\r\n",
        f"Host: [::1]:{address.port}\r\n".encode(),
    ]


def test_a_server_that_lets_in_others_alone_is_not_accused(tmp_path: Path) -> None:
    path = small_csv(tmp_path / "data.csv")
    data = ["--csv", str(path), "--seconds", "0"]
    with served_app(tmp_path / "a", token="secret") as server:
        ended = run(server.url, "grade", *data, "--check", "input")
        told = "this server wants a token: give it by --token.\n"
        assert (ended.exit_code, ended.stdout, ended.stderr) == (2, "", told)
        ended = run(server.url, "grade", *data, "--check", "input", "--token", "other")
        assert (ended.exit_code, ended.stderr) == (2, "this server does not take the token.\n")
        bench = Bench(Address(server.url), Expected(path), Places(None, None))
        with pytest.raises(CannotGradeError, match="wants a token"):
            check_named("input").run(bench)
        assert not bench.outcome.findings
    with served_app(tmp_path / "b", public=True, rate="5/minute") as server:
        with Client(Address(server.url)) as http, pytest.raises(CannotGradeError) as caught:
            list(map(http.get, ["/api/states"] * 6))
        assert str(caught.value) == (
            "this server limits how often it is asked (429): let it be graded without a limit"
        )


def test_a_command_that_is_stopped_leaves_no_server_behind(
    tmp_path: Path, program: tuple[str, str, Path]
) -> None:
    command, url, data = program
    given = ["--url", url, "--start", command, "--cwd", str(tmp_path), "--csv", str(data)]
    process = Forked(["-m", "app", "grade", *given], dict(os.environ))
    address = Address(url)
    eventually(address.answers)
    process.send_signal(signal.SIGTERM)
    assert process.end(PATIENCE)[0] == STOPPED
    assert not address.answers()
