"""The commands about jobs, asked in this process: lists, results, batches, and how they end."""

import contextlib
import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.cli.job_list import newest
from app.cli.output import Output
from app.client import StatsClient
from unittests.helpers.app import fail_jobs_on, hold_jobs, served_app
from unittests.helpers.chrome_trace import parsed
from unittests.helpers.command_line import answered, refused, run
from unittests.helpers.server import Api
from unittests.helpers.waiting import PATIENCE, eventually


def test_jobs_are_listed_newest_first(server: Api) -> None:
    ids = [server.post("best5", question="Q036") for _ in range(5)]
    for job_id in ids:
        server.outcome(job_id)
    told = answered(server, "jobs", "--limit", "3")
    assert [one["job_id"] for one in told] == ids[:1:-1]
    assert told[0]["asked"].startswith("The five best states")
    told = answered(server, "jobs", "--after", ids[0], "--limit", "2")
    assert [one["job_id"] for one in told] == ids[1:3]
    shown = run(server.url, "jobs", "--limit", "1", "--table").stdout
    assert re.search(rf" {ids[-1][7:]}  done +\d{{4}}-.* The five best states", shown)
    assert "what was asked" in shown
    lines = run(server.url, "jobs", "--limit", "2", "--csv").stdout.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ids[:2:-1]
    with StatsClient(server.url) as stats:
        every = list(stats.jobs())
        for limit in (1, 2, len(every) - 1, len(every), len(every) + 1):
            assert newest(stats, {}, limit) == every[-limit:]
            assert newest(stats, {"status": "done"}, limit) == every[-limit:]
        assert newest(stats, {"status": "error"}, 5) == []
    assert (
        "There are no such jobs." in run(server.url, "jobs", "--status", "error", "--table").stdout
    )


def test_a_job_explains_itself(server: Api) -> None:
    job_id = server.post("state_mean", question="Q036", state="OH")
    server.outcome(job_id)
    told = answered(server, "job", job_id)
    assert told == server.get(f"api/jobs/{job_id}")["data"]
    assert (
        answered(server, "job", job_id[7:], "--rows")
        == (server.get(f"api/jobs/{job_id}/rows")["data"])
    )
    shown = run(server.url, "job", job_id, "--table").stdout
    assert f"\n{told['curl']}\n" in shown  # on a line of its own, to be copied
    assert re.search(r"^state +Ohio", shown, re.MULTILINE)
    shown = run(server.url, "job", job_id, "--rows", "--table").stdout
    assert shown.startswith(f"55 rows behind {job_id}\n")
    assert "The first 40 of 55 rows" in shown
    assert "state: Ohio" in shown
    fields = next(csv.DictReader(io.StringIO(run(server.url, "job", job_id, "--csv").stdout[1:])))
    assert fields["statistic"] == "state_mean"
    assert fields["reason"] == ""
    assert json.loads(fields["parameters"]) == told["parameters"]


def test_csv_has_neither_pythons_words_nor_its_lists(server: Api) -> None:
    written = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(written):
        row = [None, True, [2012, 2014], {"year": [2012, 2014], "adjust": True}, ["=1"]]
        Output("csv").csv(["a", "b", "c", "d", "e"], [row])
    line = written.buffer.getvalue().decode().splitlines()[1]
    assert line == ',true,2012; 2014,"{""year"":[2012,2014],""adjust"":true}",\'=1'
    listed = next(csv.DictReader(io.StringIO(run(server.url, "datasets", "--csv").stdout[1:])))
    assert listed["default_for"].startswith("states_mean; state_mean; best5; ")


def test_a_trace_opens(server: Api) -> None:
    job_id = server.post("best5", question="Q036")
    server.outcome(job_id)
    found = parsed(answered(server, "trace", "--job", job_id))
    (run_of_job,) = found.named("best5")
    assert run_of_job["args"]["job_id"] == job_id
    parsed(answered(server, "trace", "--seconds", "0"))
    assert "There is no such job" in refused(server, "trace", "--job", "999", code=3)


def test_a_result_is_printed_or_written(server: Api, tmp_path: Path) -> None:
    job_id = server.post("best5", question="Q036")
    assert answered(server, "result", job_id[7:]) == server.outcome(job_id)["data"]
    for name, start in {
        "bars.svg": b"<svg",
        "a.csv": b"\xef\xbb\xbfstate,mean",
        "a.parquet": b"PAR1",
        "a.json": b'{"Colorado": 23.07',
    }.items():
        ended = run(server.url, "result", job_id, "--output", str(tmp_path / name))
        assert (ended.exit_code, ended.stdout) == (0, "")
        assert ended.stderr == f"Wrote {tmp_path / name}.\n"
        assert (tmp_path / name).read_bytes().startswith(start)
    said = refused(server, "result", job_id, "-o", str(tmp_path / "a.doc"))
    assert "is of no format; known: .json" in said
    said = refused(server, "result", job_id, "-o", str(tmp_path / "none" / "a.csv"))
    assert said == f"{tmp_path / 'none' / 'a.csv'}: No such file or directory.\n"


def test_exit_codes_of_jobs(server: Api) -> None:
    said = refused(server, "result", "999999", code=3)
    assert said == "There is no such job: Invalid job_id. See `python -m app jobs`.\n"
    assert "no job id" in refused(server, "job", "seven", code=3)
    job_id = server.post("best5", question="Q036")
    server.outcome(job_id)
    assert "cannot be cancelled" in refused(server, "cancel", job_id, code=3)


def test_a_batch_answers_in_the_order_of_its_lines(server: Api) -> None:
    means = server.outcome(server.post("states_mean", question="Q036"))["data"]
    lines = [
        json.dumps({"statistic": "state_mean", "question": "obesity", "state": state})
        for state in means
    ]
    lines[3:3] = ["", '{"statistic": "correlation", "questions": ["Obesity", "overweight"]}']
    ended = run(server.url, "batch", "-", given="\n".join(lines))
    assert (ended.exit_code, ended.stderr) == (0, "")
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    numbers = [int(one["job_id"][7:]) for one in told]
    assert numbers == list(range(numbers[0], numbers[0] + len(means) + 1))
    assert told.pop(3)["data"]["columns"][0] == "coefficient"
    assert [one["data"] for one in told] == [{state: mean} for state, mean in means.items()]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_batch_may_be_in_the_encodings_of_windows(server: Api, encoding: str) -> None:
    line = '{"statistic": "state_mean", "question": "Q036", "state": "OH"}\r\n'
    ended = run(server.url, "batch", "-", given=(2 * line).encode(encoding))
    assert [json.loads(told)["data"] for told in ended.stdout.splitlines()] == 2 * [{"Ohio": 33.7}]


def test_a_batch_on_a_table(server: Api, tmp_path: Path) -> None:
    file = tmp_path / "questions.ndjson"
    items = [
        {"statistic": "best5", "question": "Q036"},
        {"statistic": "state_mean_by_category", "question": "Q036", "state": "TX"},
        {"statistic": "ranking", "question": "Q036"},
        {"statistic": "global_mean", "question": "Q036"},
    ]
    file.write_text("".join(json.dumps(item) + "\n" for item in items))
    shown = run(server.url, "batch", str(file), "--table", COLUMNS="200").stdout
    assert re.search(r"1 +\d+ +best5 +Colorado 23\.07, New Jersey 25\.45, .* and 2 more", shown)
    assert re.search(r"TX +Texas Age \(years\) 18 - 24 20\.75, ", shown)
    assert re.search(r"3 +(\d+) +ranking +\d+ rows; `result \1`", shown)
    assert re.search(r"4 +\d+ +global_mean +31\.01", shown)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("\n\n", "there are no jobs in the file."),
        ('{"statistic": "best5"}\n{"a', "line 2 is not JSON: "),
        ('{"statistic": "best5", "question": NaN}', "line 1 is not JSON: NaN is no number"),
        ('{"statistic": "best5", "statistic": "worst5"}', "line 1 names a key twice"),
        ("[" * 100_000, "line 1 is not JSON: "),
        ("\n[1]", 'line 2 is no object such as {"statistic"'),
        (b"\xff", "line 1 is not JSON: 'utf-8' codec"),
        ("{}x".encode("utf-16") + b"x", "the file is neither in UTF-8 nor in UTF-16: "),
        ('\n{"statistic": "best5", "question": "obesitee"}', 'line 2: unknown question "obesitee"'),
        ('{"statistic": "best5"}', 'line 1: "question" is missing'),
        (
            '{"statistic": "global_mean", "question": "Q036"}\n\n'
            '{"statistic": "state_mean", "question": "Q036", "state": "Ohoi"}',
            'line 3: unknown state "Ohoi". Did you mean "Ohio" or "Hawaii"?',
        ),
        ('{"statistic": "best6", "question": "Q036"}', "line 1: "),
    ],
)
def test_a_bad_line_of_a_batch_is_named(server: Api, lines: str | bytes, said: str) -> None:
    before = len(StatsClient(server.url).jobs())
    assert said in refused(server, "batch", "-", given=lines)
    assert len(StatsClient(server.url).jobs()) == before


def test_a_file_that_is_not_there(server: Api) -> None:
    assert "No such file" in refused(server, "batch", "/no/such/file")


def test_jobs_that_fail_and_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served_app(tmp_path, token="secret") as server:
        fail_jobs_on("Ohio", server.app, monkeypatch, MemoryError())
        said = refused(server, "questions", code=6)
        assert "The token is given as --token, or better as STATS_TOKEN." in said
        assert refused(server, "questions", "--token", "wrong", code=6)
        assert len(answered(server, "questions", "--token", "secret")) == 9

        token = {"STATS_TOKEN": "secret"}
        said = refused(server, "ask", "state_mean", "Q036", "--state", "OH", code=1, **token)
        assert said.startswith("job_id_1 failed: ")
        assert said.count("\n") == 1
        assert refused(server, "result", "1", "--csv", code=1, **token)
        shown = run(server.url, "job", "1", "--table", **token).stdout
        assert re.search(r"^status +error: ", shown, re.MULTILINE)
        lines = [
            json.dumps({"statistic": "state_mean", "question": "Q036", "state": state})
            for state in ("TX", "OH", "CA")
        ]
        ended = run(server.url, "batch", "-", given="\n".join(lines), **token)
        assert (ended.exit_code, ended.stderr) == (1, "1 of 3 jobs failed.\n")
        told = [json.loads(line) for line in ended.stdout.splitlines()]
        assert [one["status"] for one in told] == ["done", "error", "done"]
        shown = run(server.url, "batch", "-", "--table", given="\n".join(lines), **token).stdout
        assert "OH     failed: " in shown


def test_waiting_cancelling_and_shutting_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_jobs(monkeypatch)
    with served_app(tmp_path, threads=1) as server:
        said = refused(server, "ask", "best5", "Q036", "--timeout", "0.1", code=5)
        assert "job_id_1 is not done yet" in said
        assert said.endswith("    python -m app result 1\n")
        assert refused(server, "result", "1", "--no-wait", code=5)
        eventually(lambda: server.get("api/jobs/1")["data"]["status"] == "running")
        server.post("best5", question="Q036")
        assert answered(server, "cancel", "2") == {"status": "cancelled", "job_id": "job_id_2"}
        assert "cancelled" in refused(server, "result", "2", code=1)
        batch = '{"statistic": "best5", "question": "Q036"}\n' * 3
        said = refused(server, "batch", "-", "--timeout", "0.1", given=batch, code=5)
        assert "They are 3 jobs, job_id_3 to job_id_5." in said
        assert [one["status"] for one in answered(server, "jobs")][-2:] == ["cancelled", "running"]
        assert answered(server, "jobs", "--status", "error")[0]["job_id"] == "job_id_2"
        for status, ids in (("cancelled", [2]), ("queued", [5, 4, 3])):
            told = answered(server, "jobs", "--status", status)
            assert [one["job_id"] for one in told] == [f"job_id_{number}" for number in ids]
        assert len(answered(server, "jobs", "--status", "queued", "--limit", "2")) == 2
        said = refused(server, "jobs", "--status", "cancelled", "--after", "1")
        assert said == "--after does not go with --status cancelled.\n"
        # GATED lets the jobs go on as soon as it is told to take no more of them.
        assert answered(server, "shutdown") == {"status": "done"}
        assert answered(server, "result", "1")["Colorado"]
        said = refused(server, "ask", "best5", "Q036", code=4)
        assert said == "shutting down.\n"
        ended = run(server.url, "health")
        assert (ended.exit_code, json.loads(ended.stdout)["status"]) == (4, "error")
        shown = run(server.url, "shutdown", "--no-wait", "--table").stdout
        assert shown.replace("\n", " ").endswith("takes no new jobs; none is left. ")


def test_a_cancelled_job_of_a_batch_is_no_failed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_jobs(monkeypatch)
    with served_app(tmp_path, threads=1) as server, ThreadPoolExecutor() as threads:
        lines = '{"statistic": "state_mean", "question": "Q036", "state": "OH"}\n' * 3

        def cancel_one() -> None:
            eventually(lambda: server.get("api/num_jobs")["num_jobs"] == 3)
            assert server.http.delete(f"{server.url}/api/jobs/2").ok
            server.get("api/graceful_shutdown")

        cancelling = threads.submit(cancel_one)
        ended = run(server.url, "batch", "-", "--json", given=lines)
        cancelling.result(PATIENCE)
        told = [json.loads(line) for line in ended.stdout.splitlines()]
        assert [one["status"] for one in told] == ["done", "cancelled", "done"]
        assert ended.exit_code == 1
        assert "1 of 3 jobs failed" in ended.stderr
        shown = run(server.url, "job", "2", "--table").stdout
        assert re.search(r"^ *status +cancelled *$", shown, re.MULTILINE), shown


def test_the_health_needs_no_token(tmp_path: Path) -> None:
    with served_app(tmp_path, threads=0, token="secret") as server:
        ended = run(server.url, "health", "--json")
        assert (ended.exit_code, json.loads(ended.stdout)) == (0, {"status": "ok"})
        shown = run(server.url, "health", "--table", STATS_TOKEN="secret").stdout
        assert "takes jobs; unfinished jobs: 0." in shown.replace("\n", " ")
