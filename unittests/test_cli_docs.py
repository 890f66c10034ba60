"""What docs/cli.md and the commands' `--help` show is run, and is as they show it."""

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli import handing
from app.cli.ends import CODES, PROGRAM
from app.cli.fields import TAKES
from app.cli.program import COMMANDS
from unittests.cli_place import NOWHERE, Terminal, environ_of, on_terminal, run
from unittests.socrata import Socrata
from unittests.support import GATED, PATIENCE, PROJECT, Server, eventually, running_server, scratch

PAGE = (PROJECT / "docs" / "cli.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
QUESTIONS = '{"statistic": "state_mean", "question": "obesity", "state": "OH"}\n'


@dataclass(frozen=True)
class Shown:
    """A command of the page and what it prints: to a pipe, and where it is told, on a terminal."""

    command: str
    answer: str
    on_terminal: str = ""


def shown_by_the_page() -> Iterator[Shown]:
    """Yield the commands of the page's blocks; a block of text is of the command before it."""
    for place, (kind, text) in enumerate(BLOCKS):
        if kind != "sh":
            continue
        after = BLOCKS[place + 1] if place + 1 < len(BLOCKS) else ("", "")
        *others, last = [
            Shown(*(part.rstrip("\n") for part in some.split("\n", 1)))
            for some in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
        ]
        yield from others
        yield Shown(last.command, last.answer, after[1] if after[0] == "text" else "")


def examples() -> list[str]:
    """Return the commands of all examples, and those of the table of commands in the page."""
    told = re.findall(rf"^\| `{PROGRAM} (.*?)` \|", PAGE, re.MULTILINE)
    return [*(example for entry in COMMANDS for example in entry.examples), *told]


def is_as(shown: str, real: str) -> bool:
    """Tell whether a text is as shown, where `...` is anything; ends of lines do not count."""
    real = "\n".join(line.rstrip() for line in real.splitlines())
    pattern = ".*".join(re.escape(part) for part in shown.strip().split("..."))
    return re.fullmatch(pattern, real.strip(), re.DOTALL) is not None


@pytest.fixture(scope="module", name="server")
def real_server() -> Iterator[Server]:
    """Give a server whose job 1 is done, one for all tests of the module."""
    with scratch() as folder, running_server(folder) as server:
        server.outcome(server.post("best5", question="Q036"))
        yield server


def test_the_page_shows_what_happens(server: Server, tmp_path: Path) -> None:
    for shown in shown_by_the_page():
        ended = subprocess.run(
            ["bash", "-c", shown.command],
            cwd=tmp_path,
            env=environ_of(server.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=PATIENCE,
        )
        assert is_as(shown.answer, ended.stdout.decode()), (shown, ended.stdout.decode())
        if shown.on_terminal:
            words = shlex.split(shown.command.removeprefix(PROGRAM))
            _, text = on_terminal(server.url, *words, NO_COLOR="1", TERM="dumb")
            assert is_as(shown.on_terminal, text), text


def test_each_code_and_statistic_is_in_the_page() -> None:
    for code, meaning in CODES.items():
        assert f"| {code} | {meaning} |" in PAGE
    table = PAGE[PAGE.index("| statistic | questions |") : PAGE.index("## To programs")]
    for statistic, takes in TAKES.items():
        row = next(line for line in table.splitlines() if f"`{statistic}`" in line)
        count, options = row.split("|")[2:4]
        assert count.strip() == ("none", "one", "two")[takes.questions]
        assert set(re.findall(r"--(\w+)", options)) == {*takes.needs, *takes.may}
    for entry in COMMANDS:
        assert f"`{entry.name}" in PAGE or f"`{PROGRAM} {entry.name}" in PAGE, entry.name


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


def test_every_example_works(
    server: Server, tmp_path: Path, socrata: Socrata, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("questions.ndjson").write_text(QUESTIONS)
    handed = []
    for example in examples():
        arguments, _, given = example.partition(" < ")
        words = shlex.split(arguments)
        text = Path(given).read_text() if given else ""
        if words[0] in ("cancel", "shutdown") or "--watch" in words:
            continue  # below
        if words[0] == "serve":
            handed.append(words)
        elif words[0] == "data":
            assert run(NOWHERE, *words, "--from", socrata.url).exit_code == 0
            assert Path("cdc.csv").stat().st_size > 0
        else:
            ended = run(server.url, *words, given=text)
            assert ended.exit_code == 0, (example, ended.stderr)
            assert ended.stdout or Path(words[-1]).exists() or Path("map.svg").exists()
    monkeypatch.setattr("app.server.main", lambda given, program: 0 if given else 1)
    assert {tuple(words) for words in handed} == {("serve", "--port", "8080")}
    assert run(NOWHERE, *handed[0]).exit_code == 0
    assert handing.serve.__doc__


def test_the_examples_that_take_a_server_that_is_busy(tmp_path: Path) -> None:
    with running_server(tmp_path, "--threads", "1", program=("-c", GATED)) as server:
        for _ in range(7):
            server.post("best5", question="Q036")
        eventually(lambda: server.get("api/jobs/1")["data"]["status"] == "running")
        terminal = Terminal(server.url, "jobs", "--watch")
        terminal.until("The five best states")
        os.kill(terminal.process.pid, signal.SIGINT)
        assert terminal.end() == 130
        assert run(server.url, "cancel", "7").exit_code == 0
        assert run(server.url, "shutdown", "--yes").exit_code == 0
        assert server.get("api/jobs/7")["data"]["status"] == "error"
    left = {example for example in examples() if example.split()[0] in ("cancel", "shutdown")}
    assert left == {"cancel 7", "shutdown --yes"}
