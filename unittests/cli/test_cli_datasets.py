"""The command line where a server has several datasets."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.exit_codes import WRONG
from app.client import StatsClient
from unittests.datasets.test_layouts import DAYS, INDICATORS, indicator, written
from unittests.helpers.app import served_app
from unittests.helpers.catalogue import MEANS, two_files
from unittests.helpers.command_line import answered, refused, run
from unittests.helpers.server import Api

STATES = ("Ohio", "Texas")


@pytest.fixture(scope="module", name="server")
def server_of_two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Give a server of two datasets."""
    folder = tmp_path_factory.mktemp("two")
    with served_app(folder, data=two_files(folder)) as server:
        yield server


def test_a_command_names_the_dataset_that_it_asks(server: Api) -> None:
    assert answered(server, "ask", "global_mean", "obesity") == {"global_mean": MEANS["course"]}
    for name, mean in MEANS.items():
        given = ("ask", "global_mean", "obesity", "--dataset", name)
        assert answered(server, *given) == {"global_mean": mean}
    rows = answered(server, "query", "--question", "obesity", "--group-by", "state")["rows"]
    assert len(rows) == 3
    by_state = "query --question obesity --group-by state --dataset course"
    assert len(answered(server, *by_state.split())["rows"]) == 2


def test_names_of_questions_are_those_of_the_dataset_that_is_asked(server: Api) -> None:
    active = "percent of adults who are active"
    given = ("ask", "state_mean", active, "--state", "OH")
    assert answered(server, *given, "--dataset", "release") == {"Ohio": 70.0}
    assert refused(server, *given).startswith(f'unknown question "{active}"')
    shown = run(server.url, *given, "--dataset", "release", "--table").stdout
    assert "Ohio" in shown


def test_lines_of_a_batch_name_theirs(server: Api) -> None:
    lines = (
        '{"statistic": "global_mean", "question": "obesity", "dataset": "release"}\n'
        '{"statistic": "global_mean", "question": "obesity"}\n'
    )
    ended = run(server.url, "batch", "-", given=lines)
    assert ended.exit_code == 0, ended.stderr
    assert [line.partition('"data":')[2] for line in ended.stdout.splitlines()] == [
        '{"global_mean":40.0}}',
        '{"global_mean":31.0}}',
    ]


def test_lines_that_name_none_ask_the_dataset_of_the_batch(server: Api) -> None:
    lines = (
        '{"statistic": "global_mean", "question": "obesity", "dataset": "course"}\n'
        '{"statistic": "global_mean", "question": "obesity", "dataset": null}\n'
        '{"statistic": "state_mean", "question": "percent of adults who are active", "state": "OH"}'
    )
    ended = run(server.url, "batch", "-", "--dataset", "release", given=lines)
    assert ended.exit_code == 0, ended.stderr
    assert [line.partition('"data":')[2] for line in ended.stdout.splitlines()] == [
        '{"global_mean":31.0}}',
        '{"global_mean":40.0}}',
        '{"Ohio":70.0}}',
    ]


def test_jobs_of_one_dataset_are_listed(server: Api) -> None:
    first, second = (server.post("worst5", question="Q036", dataset=name) for name in MEANS)
    for name, (job_id, other) in zip(MEANS, ((first, second), (second, first)), strict=True):
        listed = [one["job_id"] for one in answered(server, "jobs", "--dataset", name.upper())]
        assert job_id in listed
        assert other not in listed
    with StatsClient(server.url, dataset="course") as stats:
        assert second in stats.jobs()  # the client's dataset is not for lists of jobs
        assert second not in stats.jobs(dataset="course")
        (job,) = stats.batch([{"statistic": "best5", "question": "Q036"}], dataset="release")
        assert job.explain()["dataset_name"] == "release"


def test_the_name_of_a_dataset_may_be_an_option(server: Api) -> None:
    assert answered(server, "dataset", "--dataset", "course")["rows"] == 2
    assert "named twice" in refused(server, "dataset", "course", "--dataset", "release")


def test_a_file_that_is_gone_is_one_that_cannot_be_used(tmp_path: Path) -> None:
    sources = two_files(tmp_path)
    with served_app(tmp_path, data=sources) as server:
        path = sources.datasets[0].path
        path.unlink()
        said = refused(server, "reload", code=WRONG)
        assert said.startswith(f"dataset course={path}: No such file")


def test_a_question_of_several_types_lists_what_to_ask(tmp_path: Path) -> None:
    rows = [indicator(kind, state) for kind in ("CrdMean", "AgeAdjMean") for state in STATES]
    path = written(tmp_path / "cdi.csv", INDICATORS, rows)
    with served_app(tmp_path, data=path) as server:
        hint = 'has values of several types. Did you mean "MTH1_0-AgeAdjMean" or "MTH1_0-CrdMean"?'
        for name in ("mth1_0", DAYS):
            first, second = refused(server, "ask", "trend", name).splitlines()
            assert first == f'question "{name}" {hint}'
            assert second.endswith("ask trend MTH1_0-AgeAdjMean")


def test_figures_of_the_nation_have_the_unit_of_the_others(tmp_path: Path) -> None:
    for kind, told in (("CrdRate", "3.50."), ("CrdPrev", "3.50 %.")):
        rows = [indicator(kind, state) for state in (*STATES, "National")]
        path = written(tmp_path / f"{kind}.csv", INDICATORS, rows)
        with served_app(tmp_path / kind, data=path) as server:
            printed = run(server.url, "ask", "against", "MTH1_0", "--state", "OH", "--table").stdout
        assert f"The United States: {told}\n" in printed


def test_a_dataset_that_there_is_none_of_is_refused_with_the_nearest(server: Api) -> None:
    for command in ("ask best5 Q036", "questions", "states", "categories", "reload"):
        said = refused(server, *command.split(), "--dataset", "relaese")
        assert said.splitlines()[0] == 'unknown dataset "relaese". Did you mean "release"?'
        assert said.splitlines()[1].endswith(f"{command} --dataset release")
    assert "unknown dataset" in refused(server, "dataset", "none")


def test_what_a_dataset_holds_is_told_of_each(server: Api) -> None:
    assert [one["name"] for one in answered(server, "datasets")] == ["course", "release"]
    table = run(server.url, "datasets", "--table").stdout
    assert "course" in table
    assert "9 statistics" in table
    rows = list(csv.DictReader(io.StringIO(run(server.url, "datasets", "--csv").stdout[1:])))
    assert [(one["name"], one["rows"], one["years"]) for one in rows] == [
        ("course", "2", "2020-2020"),
        ("release", "4", "2021-2021"),
    ]
    assert len(answered(server, "questions", "--dataset", "course")) == 1
    assert len(answered(server, "questions")) == 2
    assert answered(server, "dataset", "course")["rows"] == 2
    reloaded = answered(server, "reload", "--dataset", "course")["datasets"]
    assert [one["name"] for one in reloaded] == ["course"]


def test_a_job_tells_its_dataset(server: Api) -> None:
    job = server.post("best5", question="Q036", dataset="release")
    server.outcome(job)
    shown = run(server.url, "job", job, "--table").stdout
    assert "release" in shown
    assert '"dataset":"release"' in shown  # of the command that asks it again
