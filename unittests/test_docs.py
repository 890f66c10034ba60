"""The documentation: what it shows is run, and what it names exists."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from app.settings import Settings
from unittests.doc_pages import PAGES, Block, Command, Page, commands
from unittests.doc_reference import MARK, PAGE, as_markdown
from unittests.doc_runs import ADDRESS, Reader, differences, matches
from unittests.support import CDC_CUT, PATIENCE, PROJECT, running_server
from unittests.test_settings import ROWS

KINDS = {"sh", "python", "json", "text", "ini", "nginx", "yaml"}
# What is run only where it is installed.
PROGRAMS = ("Rscript",)
LIBRARIES = ("pandas",)
TOKEN = "s3cret"
# How commands begin that cannot be run here, and why.
NOT_RUN = {
    "git clone": "this is a clone",
    "make run": "the server that the pages ask is one already",
    "make data": "asks CDC's server; unittests/test_download.py runs it against one of its own",
    "make test": "this is one of the tests",
    "make bench": "takes minutes, and libraries that tests do without",
    "python -m benchmarks": "as make bench",
    "python -m benchmarks.journal_cost": "takes the disk for a while",
    "python -m benchmarks.generate": "writes a million rows",
    "python dataset/build.py": "rewrites a file that other tests read; unittests/test_dataset.py",
}
# What an answer has that is another one each time, and why.
VARYING = {"data.loaded_at": "when the server was started"}
# The arguments of the server of a page; one of files that are not here is not asked.
SERVED: dict[str, tuple[str, ...]] = {
    "docs/how-to/cdc-release.md": ("--data", str(CDC_CUT)),
    "docs/how-to/deploy.md": ("--token", TOKEN),
}
# Words in the pages that look like the program's and are others'.
OTHERS_ROUTES = ("/api/views/",)  # CDC's
OTHERS_OPTIONS = {"--help", "--debug", "--no-reload"}  # argparse's, Flask's
MADE_LATER = {"dataset/cdc.csv", "dataset/cdc.csv.source.json"}  # by make data

EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
SOURCES = [
    path.read_text(encoding="utf-8")
    for folder in ("app", "benchmarks", ".ci")
    for path in (PROJECT / folder).rglob("*.py")
]


def not_run(command: Command) -> str | None:
    """Return the entry of NOT_RUN that a command is of."""
    words = " ".join(shlex.split(command.text, comments=True)) + " "
    fitting = [start for start in NOT_RUN if words.startswith(f"{start} ")]
    return max(fitting, key=len, default=None)


def can_run(thing: Block | Command) -> bool:
    """Tell whether something can be run here."""
    if isinstance(thing, Command):
        program = thing.text.partition(" ")[0]
        return not not_run(thing) and (program not in PROGRAMS or bool(shutil.which(program)))
    imported = {name for name in LIBRARIES if f"import {name}" in thing.text}
    return thing.kind in ("python", "json") and all(map(importlib.util.find_spec, imported))


@EACH_PAGE
def test_what_a_page_shows_happens(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    todo = [thing for thing in (*page.commands, *page.blocks) if can_run(thing)]
    if not todo:
        return
    arguments = SERVED.get(page.name, ())
    if str(CDC_CUT) in arguments and not CDC_CUT.exists():
        pytest.skip(f"{CDC_CUT} is not here: no real CDC rows to ask about")
    monkeypatch.chdir(tmp_path)
    wrong: list[str] = []
    with running_server(tmp_path, *arguments) as server:
        reader = Reader(server, tmp_path, TOKEN)
        for thing in sorted(todo, key=lambda thing: thing.line):
            reader.settle()
            if isinstance(thing, Command):
                wrong += reader.run(thing)
            elif thing.kind == "python":
                wrong += reader.run_python(thing)
            else:
                wrong += reader.hold(thing, VARYING)
        reader.close()
    assert not wrong, "\n".join([page.name, *wrong])


@EACH_PAGE
def test_every_block_is_of_a_known_kind(page: Page) -> None:
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


@EACH_PAGE
def test_every_link_leads_somewhere(page: Page) -> None:
    known = {other.path: other for other in PAGES}
    for link in page.links:
        if re.match(r"https?://", link):
            continue
        target, _, anchor = link.partition("#")
        path = (page.path.parent / target).resolve() if target else page.path
        assert path.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in known[path].anchors, f"{page.name}: {link}"


@EACH_PAGE
def test_every_route_that_a_page_names_exists(page: Page, app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    methods = "|".join(("GET", "POST", "DELETE"))
    named = re.findall(rf"(?:\b({methods}) )?(/api/[\w/<>-]+|/metrics|/openapi[\w/.]*)", page.text)
    for method, path in named:
        if path.startswith(OTHERS_ROUTES):
            continue
        real = path.replace("<job_id>", "job_id_1").rstrip(".")
        if method:
            try:
                adapter.match(real, method)
            except HTTPException as error:
                redirect = getattr(error, "new_url", "")
                assert redirect, f"{page.name}: {method} {path}: {error}"
        assert adapter.allowed_methods(real) or real == "/openapi", f"{page.name}: {path}"


@EACH_PAGE
def test_every_option_variable_and_file_that_a_page_names_exists(page: Page) -> None:
    shown = (block.text for block in page.blocks if block.kind in ("sh", "ini"))
    text = "\n".join([*page.code, *shown])
    literals = {word for source in SOURCES for word in re.findall(r'"(--[a-z-]+|[A-Z_]+)"', source)}
    options = {f"--{name.replace('_', '-')}" for name in ROWS}
    variables = {row.metadata["env"] for row in ROWS.values()}
    for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text):
        assert option in options | literals | OTHERS_OPTIONS, f"{page.name}: {option}"
    for variable in re.findall(r"\b(?:STATS|TP|SOCRATA)_[A-Z_]+", text):
        assert variable in variables | literals, f"{page.name}: {variable}"
    for path in re.findall(r"(?<![\w/])(?:app|unittests|docs|dataset|\.ci)/[\w./-]*\w", text):
        assert (PROJECT / path).exists() or path in MADE_LATER, f"{page.name}: {path}"


def test_every_test_that_a_page_names_exists() -> None:
    paths = (PROJECT / "unittests").glob("*.py")
    source = "".join(path.read_text(encoding="utf-8") for path in paths)
    for page in PAGES:
        for name in re.findall(r"`(test_\w+)`", page.prose):
            assert f"def {name}(" in source, f"{page.name}: {name}"


def test_every_module_has_its_line_in_the_design() -> None:
    page = (PROJECT / "docs" / "design.md").read_text(encoding="utf-8")
    rooms = set(re.findall(r"`([\w/]+(?:\.py|/))`", page[: page.index("## Locks")]))
    for path in (PROJECT / "app").rglob("*.py"):
        inside = path.relative_to(PROJECT / "app")
        if path.name != "__init__.py":
            told = {inside.as_posix(), path.name, f"{inside.parent.as_posix()}/"}
            assert told & rooms, f"docs/design.md: no {inside}"


def test_the_reference_is_what_the_server_says(app: Flask) -> None:
    written = PAGE.read_text(encoding="utf-8").partition(f"{MARK}\n")[2]
    assert written == as_markdown(app), "python -m unittests.doc_reference writes it anew"


def test_the_unit_of_the_service_is_one(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd here to look at the unit")
    (page,) = (page for page in PAGES if page.name == "docs/how-to/deploy.md")
    (unit,) = (block.text for block in page.blocks if block.kind == "ini")
    (tmp_path / "token").write_text("STATS_TOKEN=secret\n", encoding="utf-8")
    text = unit.replace("/opt/le-stats-sportif/.venv/bin/python", sys.executable)
    text = text.replace("/opt/le-stats-sportif", str(PROJECT))
    text = text.replace("/etc/le-stats-sportif.env", str(tmp_path / "token"))
    path = tmp_path / "le-stats-sportif.service"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if path.name in line]) == (
        0,
        [],
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
    with running_server(tmp_path) as server:
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
