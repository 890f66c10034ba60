"""Runs what the documentation shows, and holds its answers against the real ones."""

import io
import json
import os
import re
import shlex
import subprocess
import sys
import tokenize
import traceback
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.client import StatsClient
from unittests.helpers import forked
from unittests.helpers.app import ServedApp, service_of
from unittests.helpers.command_line import run
from unittests.helpers.doc_pages import Block, Command
from unittests.helpers.files import PROJECT
from unittests.helpers.waiting import eventually

ADDRESS = "http://127.0.0.1:5000"
ENDLESS = 60  # seconds until a command is killed
# The command line, with what a shell does before its input, and with its output.
_PIPED = re.compile(r"(?:(.*) \| )?python -m app ([^|&;<>$`\\\n#*?]*)([|>].*)?")


def matches(shown: str, real: str) -> bool:
    """Tell whether an answer is as shown, where `...` stands for anything.

    White space at the ends of lines does not count, nor any between the signs of JSON.
    """
    if real.lstrip()[:1] in ("{", "["):
        shown, real = (re.sub(r"\s*([{}\[\],:])\s*", r"\1", text) for text in (shown, real))
    shown, real = (re.sub(r"[ \r]+$", "", text, flags=re.MULTILINE) for text in (shown, real))
    shown = re.sub(r"\.\.\.\n\.\.\.", "...", shown.strip())
    pattern = ".*".join(re.escape(part) for part in shown.split("..."))
    return re.fullmatch(pattern, real.strip(), re.DOTALL) is not None


def differences(
    shown: Any, real: Any, varying: Mapping[str, str], place: str = "data"
) -> Iterator[str]:
    """Yield where an answer is not as shown.

    Objects have the same keys in the same order. Of an array some elements are shown, each of
    which is there. A text that ends with `...` is the start of the real one.
    """
    if place in varying:
        if type(shown) is not type(real):
            yield f"{place} is really {real!r}"
    elif isinstance(shown, dict) and isinstance(real, dict):
        if list(shown) != list(real):
            yield f"{place} really has {list(real)}"
        for key in shown.keys() & real.keys():
            yield from differences(shown[key], real[key], varying, f"{place}.{key}")
    elif isinstance(shown, list) and isinstance(real, list):
        for number, one in enumerate(shown):
            inner = f"{place}[{number}]"
            if not any(not list(differences(one, other, varying, inner)) for other in real):
                yield f"{inner} is not there"
    elif isinstance(shown, str) and isinstance(real, str) and shown.endswith("..."):
        if not real.startswith(shown.removesuffix("...")):
            yield f"{place} is really {real!r}"
    elif shown != real or type(shown) is not type(real):
        yield f"{place} is really {real!r}"


class Reader:
    """Somebody who types what a page shows, in a folder, with a server of its own."""

    def __init__(self, server: ServedApp, folder: Path, token: str) -> None:
        """`token` is what the server asks for, if it asks for one."""
        server.http.headers["Authorization"] = f"Bearer {token}"
        self._server = server
        self._folder = folder
        self._known: dict[str, Any] = {}
        (folder / ".curlrc").write_text("silent\nfail-with-body\n", encoding="utf-8")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._settings = {"STATS_TOKEN": token, "COLUMNS": "100"}
        self._environ = {
            **{name: text for name, text in os.environ.items() if not name.startswith("MAKE")},
            "HOME": str(folder),
            "CURL_HOME": str(folder),
            "PATH": path,
            "PYTHONPATH": str(PROJECT),
            "STATS_URL": server.url,
            **self._settings,
        }

    def settle(self) -> None:
        """Wait until no job is unfinished: a reader takes longer to type than a job to run."""
        eventually(lambda: service_of(self._server.app).unfinished == 0)

    def run(self, command: Command) -> list[str]:
        """Run a command and return what is wrong with its answer."""
        code, output = self._type(command.text.replace(ADDRESS, self._server.url))
        real = output.replace(self._server.url, ADDRESS)
        if command.answer is not None and not matches(command.answer, real):
            return [f"line {command.line}: {command.text}\nanswers\n{real}"]
        # An answer may be an error that the page explains; one of dots alone tells of none.
        if code and not (command.answer or "").strip(" .\n"):
            return [f"line {command.line}: {command.text}\nends with {code}\n{real}"]
        return []

    def _type(self, text: str) -> tuple[int, str]:
        """Return how a line of bash ended, and what it printed.

        Programs of ours run as they do everywhere in tests, without a start of their own: the
        command line in this process, between what stands before and behind it in a pipe.
        """
        if piped := _PIPED.fullmatch(text):
            before, plain, behind = piped.groups()
            given = self._in_bash(before)[1] if before else ""
            ended = run(self._server.url, *shlex.split(plain), given=given, **self._settings)
            if not behind:
                return ended.exit_code, ended.stdout + ended.stderr
            code, output = self._in_bash(f"cat {behind}", ended.stdout)
            return ended.exit_code or code, ended.stderr + output
        if text.startswith("python -m "):
            _, *program = shlex.split(text, comments=True)
            done = forked.run(*program, environ=self._environ)
            return done.returncode, done.stdout + done.stderr
        return self._in_bash(text)

    def _in_bash(self, text: str, given: str = "") -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=self._folder,
            env=self._environ,
            input=given.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=ENDLESS,
        )
        return done.returncode, done.stdout.decode()

    def run_python(self, block: Block) -> list[str]:
        """Run a block as one program with those before it, and return what is wrong.

        A comment behind a print() is what that prints.
        """
        printed: dict[int, str] = defaultdict(str)

        def show(*values: object) -> None:
            text = " ".join(map(str, values)).replace(self._server.url, ADDRESS)
            printed[traceback.extract_stack(limit=2)[0].lineno or 0] += f"{text}\n"

        self._known["print"] = show
        program = block.text.replace(ADDRESS, self._server.url)
        exec(compile(program, f"line {block.line} and on", "exec"), self._known)
        wrong = []
        for token in tokenize.generate_tokens(io.StringIO(block.text).readline):
            line = token.start[0]
            if token.type == tokenize.COMMENT and token.line.lstrip().startswith("print("):
                shown = token.string.removeprefix("#")
                if not matches(shown, printed[line]):
                    wrong.append(f"line {block.line + line - 1}: prints {printed[line]}")
        return wrong

    def hold(self, block: Block, varying: Mapping[str, str]) -> list[str]:
        """Return where the route that a block's heading names answers otherwise than it shows."""
        method, _, path = block.heading.partition(" ")
        assert method == "GET", f"line {block.line}: no heading such as `GET /api/states` above"
        real = self._server.get(path.removeprefix("/"))["data"]
        found = differences(json.loads(block.text), real, varying)
        return [f"line {block.line}: {one}" for one in found]

    def close(self) -> None:
        """Close what the Python of the page opened."""
        for value in list(self._known.values()):
            if isinstance(value, StatsClient):
                value.close()
