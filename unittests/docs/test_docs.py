"""The documentation: whatever it shows is run, and answers as shown."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from app.sources import BOX
from unittests.helpers.app import served_app
from unittests.helpers.doc_pages import PAGES, Block, Command, Page, commands
from unittests.helpers.doc_runs import ADDRESS, Reader, differences, matches
from unittests.helpers.files import PROJECT
from unittests.helpers.waiting import PATIENCE

KINDS = {"sh", "python", "json", "text", "ini", "nginx", "yaml", "html", "toml"}
# What is run only where it is installed.
PROGRAMS = ("Rscript",)
LIBRARIES = ("pandas",)
TOKEN = "s3cret"
# How commands begin that cannot be run here, and why.
NOT_RUN = {
    "git clone": "this is a clone",
    "pipx install": ".ci/installed.sh installs it",
    "uvx": "as pipx",
    "pip install": "as pipx",
    "stats": "is there where it is installed; .ci/installed.sh runs it",
    "make run": "the server that the pages ask is one already",
    "make data": "asks CDC's server; a test runs it against one of its own",
    "python -m app grade": "takes minutes; unittests/grade grades servers",
    "make test": "this is one of the tests",
    "make test-cluster": "needs a Redis of the system",
    "venv/bin/python .ci/proofs/": "take minutes; .ci/run runs them",
    "sudo venv/bin/python .ci/proofs/cluster_hosts.py": "as the other proofs",
    "make bench": "takes minutes",
    "python -m app.prepare": "reads releases that are not here; a test runs it",
    "python -m benchmarks generate": "writes a million rows",
    "make cluster": "starts a Redis; unittests/redis/test_make_cluster.py runs it",
    "make worker": "runs until it is stopped, for a Redis that is not here",
    "redis-server": "as make cluster",
    "apt-get install nginx": "changes the machine; .ci/proofs/cached.py runs nginx by the file",
    "cp docs/scaling/nginx.conf": "as the line above",
    "mkdir -p /var/cache/nginx": "as the line above",
    "python api_server.py": "as make run",
    "redis-cli": "asks a Redis that is not here",
    "docker compose": "there is no Docker engine here",
    "soffice": "takes seconds to start; unittests/views/test_other_programs.py runs it",
    "python3 -m venv": "downloads what the next commands need",
    "flower/bin/pip": "downloads Flower",
    "flower/bin/celery": "as redis-cli",
    "python dataset/build_release.py": "reads a download; test_release.py runs it",
}
# What an answer has that is another one each time, and why.
VARYING = dict.fromkeys(("data.loaded_at", "data[0].loaded_at"), "when the server was started")
# The settings of the server of a page; one of files that are not here is not asked.
SERVED: dict[str, dict[str, Any]] = {
    "docs/how-to/deploy.md": {"token": TOKEN},
    "docs/how-to/publish.md": {"token": TOKEN, "public": True},
    "docs/how-to/teach.md": {"teach": True},
}


def not_run(command: Command) -> str | None:
    """Return the entry of NOT_RUN that a command is of."""
    words = " ".join(shlex.split(command.text, comments=True)) + " "
    fitting = [
        start
        for start in NOT_RUN
        if words.startswith(start if start.endswith("/") else f"{start} ")
    ]
    return max(fitting, key=len, default=None)


def can_run(thing: Block | Command) -> bool:
    """Tell whether something can be run here."""
    if isinstance(thing, Command):
        program = thing.text.partition(" ")[0]
        return not not_run(thing) and (program not in PROGRAMS or bool(shutil.which(program)))
    imported = {name for name in LIBRARIES if f"import {name}" in thing.text}
    return thing.kind in ("python", "json") and all(map(importlib.util.find_spec, imported))


def shown_by(page: Page) -> list[Block | Command]:
    """Return what a page shows and can be run here, in order."""
    things: list[Block | Command] = [*page.commands, *page.blocks]
    return sorted(filter(can_run, things), key=lambda thing: thing.line)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if shown_by(page)], ids=lambda page: page.name
)
def test_what_a_page_shows_happens(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SERVED.get(page.name, {})
    monkeypatch.chdir(tmp_path)
    wrong: list[str] = []
    with served_app(tmp_path, **{"data": BOX, **settings}) as server:
        reader = Reader(server, tmp_path, TOKEN)
        for thing in shown_by(page):
            reader.settle()
            if isinstance(thing, Command):
                wrong += reader.run(thing)
            elif thing.kind == "python":
                wrong += reader.run_python(thing)
            else:
                wrong += reader.hold(thing, VARYING)
        reader.close()
    assert not wrong, "\n".join([page.name, *wrong])


def test_every_block_is_of_a_known_kind() -> None:
    for page in PAGES:
        for block in page.blocks:
            assert block.kind in KINDS, f"{page.name}, line {block.line}: one of {KINDS}?"
            if block.kind == "text":
                # A drawing, a formula, printed figures: no command that nobody would run.
                assert not re.search(r"^\s*(\$ |curl|make |python|pip |cd |git )", block.text, re.M)
        assert page.text.count("```") == 2 * len(page.blocks)
        indented = re.search(r"\n\n {4}\S.*", page.prose)
        assert not indented, f"{page.name}: a block without fences: {indented}"


def test_what_is_not_run_is_listed_for_a_command_that_is_there() -> None:
    commands = [command for page in PAGES for command in page.commands]
    assert {not_run(command) for command in commands} - {None} == set(NOT_RUN)


def test_every_command_that_is_not_run_exists() -> None:
    told = {text for page in PAGES for text in page.code if text.startswith(("make ", "python "))}
    told |= {command.text for page in PAGES for command in page.commands if not_run(command)}
    environ = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    targets = set()
    for text in told:
        program, *words = shlex.split(text, comments=True)
        if program == "make":
            targets |= {word for word in words if "=" not in word}
        elif program != "python":
            continue
        elif words[0] == "-m":
            assert importlib.util.find_spec(words[1]), text
        else:
            assert (PROJECT / words[0]).is_file(), text
    for target in targets:
        subprocess.run(
            ["make", "-n", target],
            cwd=PROJECT,
            env=environ,
            capture_output=True,
            check=True,
            timeout=PATIENCE,
        )


def test_how_answers_are_compared() -> None:
    assert matches('{"a":[1, ...]}', '{"a": [\n  1,\n  2\n]}\n')
    assert not matches('{"a":1}', '{"a":12}')
    assert not matches('{"a":"New York"}', '{"a":"New  York"}')
    assert matches("a  b\nc ...", "a  b \nc d\n\n")
    assert not matches("a b", "a  b")
    assert not matches("", "a")
    real = {"a": 1.0, "b": [{"c": "long"}, {"c": "short"}]}
    assert not list(differences({"a": 1.0, "b": [{"c": "sh..."}]}, real, {}))
    assert not list(differences({"a": 2.0, "b": []}, real, {"data.a": "a time"}))
    for other in ({"a": 1, "b": []}, {"b": [], "a": 1.0}, {"a": 1.0, "b": [{"c": "s"}]}):
        assert list(differences(other, real, {}))


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    shown = """$ curl http://127.0.0.1:5000/api/state_mean \\
  -d '{"question": "Q036",
    "state": "OH"}'
{"job_id":"job_id_1"}
$ curl http://127.0.0.1:5000/api/get_results/job_id_1
{"status":"done","data":{"Ohio":33.8}}
$ curl -o map.svg http://127.0.0.1:5000/api/get_results/job_id_2
$ curl http://127.0.0.1:5000/api/get_results/job_id_2
{"status":"error","reason":"Invalid job_id"}
$ echo http://127.0.0.1:5000
"""
    with served_app(tmp_path) as server:
        reader = Reader(server, tmp_path, TOKEN)
        wrong = []
        for command in commands(Block("sh", shown, 10, "")):
            wrong += reader.run(command)
            reader.settle()
        program = 'print("a")  # b\nprint(7)  # 7\nprint(8)\n'
        wrong += reader.run_python(Block("python", program, 30, ""))
        block = Block("json", '[{"name": "Ohio"}]', 40, "GET /api/states")
        wrong += reader.hold(block, {})
    lines = [line.partition(":")[0] for line in wrong]
    assert lines == ["line 14", "line 16", "line 19", "line 30", "line 40"]


def test_the_address_is_the_default_one() -> None:
    settings = Settings.load([], {})
    assert f"http://{settings.host}:{settings.port}" == ADDRESS
