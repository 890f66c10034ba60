"""`make` and virtual environments: venv/, or another one that is active."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from unittests.helpers.files import PROJECT
from unittests.helpers.waiting import PATIENCE

# Stands for an environment's Python: it notes what it is asked to run.
NOTING = '#!/bin/sh\necho "$@" >> "$(dirname "$0")/../ran"\n'


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder with what make reads of a clone; a space in its path does no harm."""
    folder = tmp_path / "a clone"
    (folder / "benchmarks").mkdir(parents=True)
    shutil.copy(PROJECT / "Makefile", folder)
    for name in ("", "-celery", "-mcp", "-dev"):
        (folder / f"requirements{name}.txt").touch()
    return folder


def environment(folder: Path) -> Path:
    """Make what make sees of a virtual environment."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").write_text(NOTING)
    (folder / "bin/python").chmod(0o755)
    return folder


def ran(environment: Path) -> list[str]:
    """Return the commands of an environment's Python, but for checks of it."""
    lines = (environment / "ran").read_text().splitlines()
    return [line for line in lines if not line.startswith("-c") and "--version" not in line]


def make(clone: Path, *words: str, active: Path | None = None) -> str:
    """Run make in a clone, and return what it prints."""
    done = subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=clone,
        env={"PATH": os.environ["PATH"], "VIRTUAL_ENV": str(active or "")},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_fresh_clone_has_an_environment_of_its_own(clone: Path) -> None:
    lines = make(clone, "-n", "run_tests").splitlines()
    assert any(line.startswith("python3 -m venv venv") for line in lines)
    for name in ("requirements.txt", "requirements-celery.txt", "requirements-dev.txt"):
        assert any(line.startswith("venv/bin/python") and line.endswith(name) for line in lines)
    assert lines[-1].startswith("venv/bin/python -m pytest ")


def test_what_is_set_up_is_not_set_up_again(clone: Path) -> None:
    venv = environment(clone / "venv")
    for active in (None, venv):
        make(clone, "run", "ARGS=--port 0", active=active)
    assert ran(venv) == [
        "-m pip install --quiet --disable-pip-version-check -r requirements.txt",
        *["api_server.py --port 0"] * 2,
    ]
    assert "active" not in make(clone, "run_server", active=venv)


def test_an_active_environment_is_used_and_named_in_one_line(clone: Path, tmp_path: Path) -> None:
    other = environment(tmp_path / "another one")
    for goal in ("create_venv", "install", "run_server", "run_tests"):
        lines = make(clone, goal, active=other).splitlines()
        assert lines[0] == f"using the active virtual environment, {other}"
    assert not (clone / "venv").exists()
    assert [line.split()[-1] for line in ran(other) if " pip " in line] == [
        "requirements.txt",
        "requirements-celery.txt",
        "requirements-dev.txt",
    ]
    assert "api_server.py" in ran(other)
    make(clone, "clean", active=other)
    assert other.is_dir()


def test_an_environment_that_is_gone_is_not_active(clone: Path, tmp_path: Path) -> None:
    shown = make(clone, "-n", "install", active=tmp_path / "gone")
    assert "python3 -m venv venv" in shown
    assert "active" not in shown
