"""Settings: where a value comes from, what each refuses, and where all of them are told."""

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from app.errors import SettingsError
from app.settings import Settings
from unittests.support import DATASET, PATIENCE, PROJECT

ROWS = {row.name: row for row in fields(Settings)}
# For each setting two values, as they are written and as they are read.
SAMPLES: dict[str, tuple[tuple[str, Any], tuple[str, Any]]] = {
    "host": (("0.0.0.0", "0.0.0.0"), ("localhost", "localhost")),
    "port": (("8080", 8080), ("0", 0)),
    "data": (("/tmp/a.csv", Path("/tmp/a.csv")), ("b.csv", Path("b.csv"))),
    "results": (("/tmp/a", Path("/tmp/a")), ("~/b", Path.home() / "b")),
    "log": (("/tmp/a.log", Path("/tmp/a.log")), ("b.log", Path("b.log"))),
    "log_bytes": (("0", 0), ("1000", 1000)),
    "log_files": (("1", 1), ("9", 9)),
    "threads": (("0", 0), (" 7 ", 7)),
    "queue": (("1", 1), ("500", 500)),
    "job_seconds": (("0", 0.0), ("2.5", 2.5)),
    "keep_jobs": (("0", 0), ("10", 10)),
    "keep_days": (("7", 7.0), ("0.5", 0.5)),
    "cache": (("0", 0), ("256", 256)),
    "waiters": (("0", 0), ("50", 50)),
    "journal": (("power", "power"), ("process", "process")),
    "token": (("secret", "secret"), ("", "")),
    "hosts": (("a.example, b.example", ("a.example", "b.example")), ("", ())),
    "body_seconds": (("0.5", 0.5), ("3", 3.0)),
    "drain_seconds": (("0", 0.0), ("1.5", 1.5)),
}
NO_WHOLE_NUMBER = ("", " ", "x", "-1", "1.5", "1e3", "\u0661", "0x10", "1 2", "nan", "9" * 5000)
NO_NUMBER = ("", "x", "-1", "-0.001", "nan", "inf", "1,5", "10s")
REFUSED = {
    "token": (),
    "hosts": (),
    "host": ("",),
    "port": (*NO_WHOLE_NUMBER, "65536"),
    "data": ("", "~no-such-user-here/a.csv"),
    "results": ("", "~no-such-user-here/a"),
    "log": ("", "~no-such-user-here/a.log"),
    "log_bytes": NO_WHOLE_NUMBER,
    "log_files": (*NO_WHOLE_NUMBER, "0"),
    "cache": NO_WHOLE_NUMBER,
    "waiters": NO_WHOLE_NUMBER,
    "threads": (*NO_WHOLE_NUMBER, "1001", "four\nlines"),
    "queue": (*NO_WHOLE_NUMBER, "0"),
    "job_seconds": NO_NUMBER,
    "keep_jobs": NO_WHOLE_NUMBER,
    "keep_days": NO_NUMBER,
    "journal": ("", "none", "Power", "power process"),
    "body_seconds": NO_NUMBER,
    "drain_seconds": NO_NUMBER,
}
ALL_REFUSED = [(name, text) for name, texts in REFUSED.items() for text in texts]


def option(name: str) -> str:
    return "--" + name.replace("_", "-")


def variable(name: str) -> str:
    text: str = ROWS[name].metadata["env"]
    return text


def api_server(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "api_server.py", *arguments],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=os.environ | environ,
        check=False,
        timeout=PATIENCE,
    )


def test_these_tests_know_all_settings() -> None:
    assert set(SAMPLES) == set(REFUSED) == set(ROWS)
    assert len({variable(name) for name in ROWS}) == len(ROWS)


def test_the_defaults() -> None:
    settings = Settings.load([], {})
    assert (settings.host, settings.port) == ("127.0.0.1", 5000)
    assert settings.data == DATASET
    assert settings.results == PROJECT / "results"
    assert settings.log == PROJECT / "webserver.log"
    assert settings.threads == os.cpu_count()


@pytest.mark.parametrize("name", SAMPLES)
def test_command_line_before_environment_before_default(name: str) -> None:
    (text, value), (other_text, other_value) = SAMPLES[name]
    environ = {variable(name): text}
    assert getattr(Settings.load([], environ), name) == value
    assert getattr(Settings.load([option(name), other_text], environ), name) == other_value
    others = [row for row in ROWS if row != name]
    defaults = Settings.load([], {})
    changed = Settings.load([option(name), other_text], {})
    assert all(getattr(changed, row) == getattr(defaults, row) for row in others)


def test_without_arguments_the_environment_of_the_process_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TP_NUM_OF_THREADS", "13")
    assert Settings.load().threads == 13


@pytest.mark.parametrize(("name", "text"), ALL_REFUSED)
def test_a_bad_value_names_where_it_came_from(name: str, text: str) -> None:
    origins = {
        option(name): ([f"{option(name)}={text}"], {}),
        variable(name): ([], {variable(name): text}),
    }
    for origin, (arguments, environ) in origins.items():
        with pytest.raises(SettingsError) as caught:
            Settings.load(arguments, environ)
        message = str(caught.value)
        assert message.startswith(f"{origin}=")
        assert ": expected " in message
        assert "int_max_str_digits" not in message
        assert len(message.splitlines()) == 1


def test_a_good_command_line_hides_a_bad_environment() -> None:
    assert Settings.load(["--threads", "3"], {"TP_NUM_OF_THREADS": "many"}).threads == 3


def test_a_bad_value_ends_the_start_in_one_line(tmp_path: Path) -> None:
    arguments = ("--results", str(tmp_path / "results"), "--log", str(tmp_path / "log"))
    done = api_server(*arguments, TP_NUM_OF_THREADS="many")
    (line,) = (done.stdout + done.stderr).splitlines()
    assert done.returncode != 0
    assert "TP_NUM_OF_THREADS='many': expected a whole number" in line


def test_help_names_every_option_and_variable() -> None:
    done = api_server("--help")
    assert (done.returncode, done.stderr) == (0, "")
    words = done.stdout.replace("(", " ").replace(";", " ").split()
    for name in ROWS:
        assert option(name) in words
        assert variable(name) in words
    for default in ("127.0.0.1", "5000", DATASET.name, "number of cores"):
        assert default in " ".join(done.stdout.split())
    assert str(PROJECT) not in done.stdout


def test_the_docs_hold_the_table() -> None:
    for name in ROWS:
        assert f"`{option(name)} " in Settings.as_markdown()
        assert f"`{variable(name)}`" in Settings.as_markdown()
    page = PROJECT / "docs" / "settings.md"
    assert Settings.as_markdown() in page.read_text(encoding="utf-8")
