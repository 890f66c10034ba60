"""The design's rules that can be read off the source."""

import importlib
import re
import subprocess
import sys
from collections import deque
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from unittests.helpers.app import running_app, service_of
from unittests.helpers.data import OBESITY, dataset
from unittests.helpers.files import PROJECT, scratch

APP = PROJECT / "app"


HEAVY = {
    "celery",
    "flask",
    "mcp",
    "numpy",
    "pandas",
    "polars",
    "scipy",
    "app.server",
}
# Imports a library that takes longer than all else here. So it is told by its text that it makes
# nothing but names of types and plain constants.
READ = {"mcp.server"}
LIGHT = {
    "app.statistics.registry": HEAVY | {"requests", "typer"},
    "app.client": HEAVY | {"typer"},
    # With its commands and their help; what they do is imported by those that do it.
    "app.cli.program": HEAVY | {"pydantic", "requests", "rich", "app.client"},
}


def modules() -> dict[str, Path]:
    """Return the modules of app/ by name, such as `job` and `statistics.trend`."""
    named = {}
    for path in APP.rglob("*.py"):
        name = ".".join(path.relative_to(APP).with_suffix("").parts)
        if path.parent == APP or path.stem != "__init__":
            named[name] = path
    return named


@pytest.mark.parametrize("module", LIGHT)
def test_what_starts_light_imports_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}\n"
    if module == "app.cli.program":
        program += f"import typer.main; typer.main.get_command({module}.build())\n"
    program += f"print(sorted({LIGHT[module]} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    assert done.stdout == "[]\n"


def test_no_module_holds_state() -> None:
    containers = (dict, list, set, bytearray, deque)
    for name, path in modules().items():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s+global \w", text, re.MULTILINE), path
        if name in READ:
            assert not re.search(r"^\w+(: .*)? = ([\[{]|\w+\()", text, re.MULTILINE), path
            continue
        module = importlib.import_module("app" if name == "__init__" else f"app.{name}")
        for variable, value in vars(module).items():
            if variable.startswith("__"):
                continue
            # A table that never changes is written in capitals, and is not empty.
            if isinstance(value, containers):
                assert variable.strip("_").isupper(), (path, variable)
                assert value, (path, variable)
            assert not type(value).__module__.startswith(("threading", "_thread")), (path, variable)


def test_nothing_asks_a_queue_for_its_length() -> None:
    for path in modules().values():
        text = path.read_text(encoding="utf-8")
        assert ".qsize(" not in text
        assert ".empty(" not in text


def test_the_dataset_cannot_be_changed() -> None:
    tables: Any = dataset().tables
    table: Any = tables[OBESITY]
    for mapping in (tables, table.state_means, table.stratum_means, table.stratum_means["Ohio"]):
        with pytest.raises(TypeError):
            mapping["Ohio"] = 0.0
    with pytest.raises(FrozenInstanceError):
        table.global_mean = 0.0


def test_two_apps_in_one_process_do_not_see_each_other() -> None:
    with scratch() as one, scratch() as two, running_app(one) as first, running_app(two) as second:
        body = {"question": "Q036"}
        assert first.test_client().post("/api/best5", json=body).json == {"job_id": "job_id_1"}
        assert not list(service_of(second).list())
        first.test_client().get("/api/graceful_shutdown")
        assert second.test_client().post("/api/best5", json=body).json == {"job_id": "job_id_1"}
        service_of(first).close(10)
        for handler in first.extensions["log"].handlers:
            handler.flush()
        assert (one / "webserver.log").read_text().count("draining") == 1
        assert (two / "webserver.log").read_text().count("draining") == 0
