"""What docs/cli.md tells of the commands, and their `--help`, is so; every example works.

The page's commands themselves are run by test_docs.py, as those of all pages.
"""

import csv
import re
import shlex
from pathlib import Path

import pytest
from msgspec import structs

from app.cli import passthrough
from app.cli.exit_codes import CODES, PROGRAM
from app.cli.parameters import example_of
from app.cli.program import COMMANDS
from app.statistics.registry import STATISTICS
from unittests.helpers.app import hold_jobs, served_app
from unittests.helpers.command_line import NOWHERE, run
from unittests.helpers.doc_pages import PAGES, commands
from unittests.helpers.doc_runs import matches
from unittests.helpers.download import ROWS
from unittests.helpers.server import Api
from unittests.helpers.socrata import Socrata
from unittests.helpers.terminal import Terminal, on_terminal
from unittests.helpers.waiting import eventually

PAGE = next(page for page in PAGES if page.name == "docs/cli.md")
# Commands that hand on to other programs, which are not started here.
HANDED = {
    "serve": "app.server",
    "worker": "app.cluster.worker",
    "mcp": "app.mcp.program",
    "prepare": "app.prepare.__main__",
}
QUESTIONS = '{"statistic": "state_mean", "question": "obesity", "state": "OH"}\n'


def examples() -> list[str]:
    """Return the commands of all examples, and those of the table of commands in the page."""
    told = re.findall(rf"^\| `{PROGRAM} (.*?)` \|", PAGE.text, re.MULTILINE)
    asked = [f"ask {example_of(one)}" for one in STATISTICS.values() if one.name != "trend"]
    of_commands = (example for entry in COMMANDS for example in entry.examples)
    return list(dict.fromkeys([*of_commands, *asked, *told]))


def test_the_page_shows_what_a_terminal_does(server: Api) -> None:
    blocks = [block for block in PAGE.blocks if block.kind in ("sh", "text")]
    place = next(place for place, block in enumerate(blocks) if block.kind == "text")
    command = commands(blocks[place - 1])[-1]
    _, *words = shlex.split(command.text.removeprefix("python -m"))
    _, text = on_terminal(server.url, *words, NO_COLOR="1", TERM="dumb")
    assert matches(blocks[place].text, text), text


def test_each_code_and_command_is_in_the_page() -> None:
    for code, meaning in CODES.items():
        assert f"| {code} | {meaning} |" in PAGE.text
    for entry in COMMANDS:
        assert f"`{entry.name}" in PAGE.text or f"`{PROGRAM} {entry.name}" in PAGE.text, entry.name


@pytest.mark.parametrize("name", [entry.name for entry in COMMANDS])
def test_each_command_has_help_with_its_examples(name: str) -> None:
    entry = next(entry for entry in COMMANDS if entry.name == name)
    ended = run(NOWHERE, name, "--help", COLUMNS="120")
    assert (ended.exit_code, ended.stderr) == (0, "")
    lines = [line.strip() for line in ended.stdout.splitlines()]
    assert {"Example:", "Examples:"} & set(lines)
    assert {f"{PROGRAM} {example}" for example in entry.examples} <= set(lines)
    assert entry.function.__doc__
    assert entry.function.__doc__.splitlines()[0][:60] in ended.stdout
    assert "--url" in ended.stdout or entry.hands_on


# One with a parameter of each kind: lists, shares, what is asked of each row, a place.
@pytest.mark.parametrize("name", ["query", "compare", "correlation", "inequality", "state_mean"])
def test_each_statistic_has_help_with_its_example_and_parameters(name: str) -> None:
    ended = run(NOWHERE, "ask", name, "--help", COLUMNS="120")
    assert (ended.exit_code, ended.stderr) == (0, "")
    lines = [line.strip() for line in ended.stdout.splitlines()]
    assert f"{PROGRAM} ask {example_of(STATISTICS[name])}" in lines
    for field in structs.fields(STATISTICS[name].parameters):
        option = {"states": "state", "strata": "stratum"}.get(field.name, field.name)
        is_argument = field.required and option in ("question", "questions")
        told = "QUESTION" if is_argument else f"--{option.replace('_', '-')}"
        assert told in ended.stdout, told


def test_every_example_works(
    release_server: Api, tmp_path: Path, socrata: Socrata, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("questions.ndjson").write_text(QUESTIONS)
    handed: list[list[str]] = []
    for example in examples():
        arguments, _, given = example.partition(" > ")[0].partition(" < ")
        words = shlex.split(arguments)
        text = Path(given).read_text() if given else ""
        if words[0] in ("cancel", "shutdown", "grade") or "--watch" in words:
            continue  # below; a grading takes minutes, and has tests of its own
        if words[0] in HANDED:
            handed.append(words)
        elif words[0] == "data":
            assert run(NOWHERE, *words, "--from", socrata.url).exit_code == 0
            with open("cdc.csv", encoding="utf-8", newline="") as file:
                assert len(list(csv.reader(file))) == len(ROWS) + 1
        else:
            ended = run(release_server.url, *words, given=text)
            assert ended.exit_code == 0, (example, ended.stderr)
            assert ended.stdout or Path(words[-1]).exists() or Path("map.svg").exists()
    assert {words[0] for words in handed} == set(HANDED)
    begun: list[tuple[str, ...]] = []
    for name, module in HANDED.items():

        def main(words: list[str], program: str, name: str = name) -> None:
            assert program == f"python -m app {name}"
            begun.append((name, *words))

        monkeypatch.setattr(f"{module}.main", main)
    for words in handed:
        assert run(NOWHERE, *words).exit_code == 0
    assert begun == [tuple(words) for words in handed]
    assert passthrough.serve.__doc__


def test_the_examples_that_take_a_server_that_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_jobs(monkeypatch)
    with served_app(tmp_path, threads=1) as server:
        for _ in range(7):
            server.post("best5", question="Q036")
        eventually(lambda: server.get("api/jobs/1")["data"]["status"] == "running")
        terminal = Terminal(server.url, "jobs", "--watch")
        terminal.until("The five best states")
        terminal.interrupt()
        assert terminal.end() == 130
        assert run(server.url, "cancel", "7").exit_code == 0
        assert run(server.url, "shutdown", "--yes").exit_code == 0
        assert server.get("api/jobs/7")["data"]["status"] == "cancelled"
    left = {example for example in examples() if example.split()[0] in ("cancel", "shutdown")}
    assert left == {"cancel 7", "shutdown --yes"}
