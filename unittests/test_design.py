"""The design's rules that can be read off the source."""

import ast
import importlib
import subprocess
import sys
from collections import deque
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from unittests.support import OBESITY, PROJECT, dataset, running_app, scratch, service_of

APP = PROJECT / "app"

# From the top of the house to the bottom: a module imports only what stands below it.
FLOORS = [
    {"__main__"},
    {"cli.program"},
    {
        "cli.asking",
        "cli.batches",
        "cli.discovering",
        "cli.handing",
        "cli.jobs",
        "cli.listing",
        "cli.stopping",
    },
    {"cli.answers"},
    {"cli.cells"},
    {"cli.tables", "cli.resolving", "cli.waiting", "cli.completing"},
    {"cli.bars", "cli.calls", "cli.fields"},
    {"cli.output"},
    {"cli.ends"},
    {"client.client"},
    {"client.asking", "client.many"},
    {"client.job"},
    {"client.connection"},
    {"client.refusals", "client.table", "client.pace"},
    {"client.errors"},
    {"server", "download", "prepare", "cluster.kept", "cluster.worker"},
    {"__init__"},
    {"openapi_page", "tender", "web.pages", "wsgi_bridge"},
    {"web.assets", "web.languages"},
    {"openapi"},
    {"openapi_queries", "openapi_schemas"},
    {"routes"},
    {"activity", "batches", "exploring"},
    {"renderings"},
    {"explanations"},
    {"guard", "metrics", "plain_flask"},
    {"error_handlers"},
    {"lookout", "query_strings", "request_log", "responses", "shared_pages"},
    {"bodies"},
    {"embedded", "cluster.web"},
    {"embedded_service", "cluster.service"},
    {"cluster.keeper"},
    {"job_service"},
    {"job_runner", "recovery", "cluster.notices", "cluster.runner"},
    {
        "job_ends",
        "results",
        "cluster.sender",
        "cluster.shared_jobs",
        "cluster.web_link",
        "cluster.worker_jobs",
    },
    {"cluster.courier"},
    {"cluster.link"},
    {"cluster.celery_app", "cluster.consumer", "cluster.scripts", "cluster.suspending"},
    {"cluster.keys"},
    {"dataset_in_use"},
    {"answers"},
    {"answer_cache", "job_registry"},
    {"jobs", "watches"},
    {"waits"},
    {"journal"},
    {"journal_records"},
    {"result_store", "running_marks"},
    {"charts.drawer"},
    {"charts.drawing_process"},
    {"charts.drawing", "charts.specs"},
    {"charts.dots", "charts.dumbbells", "charts.lines", "charts.maps", "charts.scatter"},
    {"charts.bars", "charts.map_classes"},
    {"charts.lanes", "charts.geography"},
    {"charts.readings"},
    {"charts.kinds", "charts.style"},
    {"answer_tables", "formats"},
    {"task_runner"},
    {"discovery"},
    {"sources"},
    {"quirks.checks"},
    {"quirks.figures", "quirks.names", "quirks.rows", "quirks.years"},
    {"quirks.parts"},
    {"statistics", "analyses"},
    {
        "analysis.compare",
        "analysis.correlation",
        "analysis.disparity",
        "analysis.query",
        "analysis.ranking",
        "analysis.trend",
    },
    {"analysis.query_body", "analysis.contrasts", "analysis.telling", "analysis.yearly"},
    {"analysis.asking", "analysis.pooling"},
    {"analysis.breaks", "analysis.cells", "analysis.lines", "analysis.selection"},
    {"download_steps"},
    {"download_export", "download_pages"},
    {"download_check"},
    {"analysis.table", "analysis.uncertainty", "analysis.wording"},
    {"data_ingestor"},
    {"preparing"},
    {"prepared"},
    {"reading", "names"},
    {"csv_scan", "parquet_scan"},
    {"csv_fault", "survey_rows"},
    {"places", "questions", "strata"},
    {"dataset_files"},
    {"release"},
    {"part_file", "patient_http", "progress", "source_note"},
    {"durable_files"},
    {"crowd", "settings", "cluster.worker_settings", "logs", "permits", "tallies"},
    {"settings_table"},
    {"errors", "version", "json_bytes"},
]


def modules() -> dict[str, Path]:
    """Return the modules of app/ by name, such as `jobs` and `analysis.trend`."""
    named = {}
    for path in APP.rglob("*.py"):
        name = ".".join(path.relative_to(APP).with_suffix("").parts)
        if path.parent == APP or path.stem != "__init__":
            named[name] = path
    return named


def imported(path: Path) -> set[str]:
    """Return the modules of app/ that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "app":
            names = {alias.name for alias in node.names}
            found |= {"__init__" if name == "create_app" else name for name in names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app."):
            module = (node.module or "").removeprefix("app.")
            if (APP / module.replace(".", "/")).is_dir():
                found |= {f"{module}.{alias.name}" for alias in node.names}
            else:
                found.add(module)
    return found


def test_imports_only_point_down() -> None:
    floor = {name: level for level, names in enumerate(FLOORS) for name in names}
    assert set(modules()) == set(floor)
    for module, path in modules().items():
        for name in imported(path):
            assert floor[name] > floor[module], f"{module} imports {name}"


def test_the_client_knows_none_of_the_servers_modules() -> None:
    for path in (APP / "client").glob("*.py"):
        known = {name for name in imported(path) if not name.startswith("client.")}
        assert known <= {"version"}, path
    for name, path in modules().items():
        if not name.startswith(("client.", "cli.")):
            assert not any(known.startswith("client") for known in imported(path)), path


def test_the_command_line_knows_the_client_and_hands_on() -> None:
    for name, path in modules().items():
        known = {one for one in imported(path) if not one.startswith(("cli.", "client."))}
        if name == "cli.handing":
            assert known == {"server", "download"}
        elif name.startswith("cli."):
            assert known <= {"version"}, path
        else:
            assert name == "__main__" or not any(
                one.startswith("cli.") for one in imported(path)
            ), path


def test_the_command_line_imports_what_a_call_needs_and_no_more() -> None:
    program = """
import sys
from app.cli.program import build
from typer.main import get_command
get_command(build())
heavy = {"requests", "rich", "pydantic", "polars", "flask", "app.client", "app.server"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    assert done.stdout == "[]\n"


def test_only_routes_and_their_like_know_flask_and_only_the_store_knows_files() -> None:
    web = {
        "__init__",
        "routes",
        "plain_flask",
        "responses",
        "request_log",
        "openapi",
        "openapi_page",
        "server",
        "web.pages",
    }
    for module, path in modules().items():
        text = path.read_text(encoding="utf-8")
        assert ("flask" in text.lower()) <= (module in web | {"wsgi_bridge"}), path
    for name in ("routes", "error_handlers", "statistics"):
        text = (APP / f"{name}.py").read_text(encoding="utf-8")
        for word in ("threading", "open(", "import os", "Path"):
            assert word not in text, (name, word)


def test_no_module_holds_state() -> None:
    containers = (dict, list, set, bytearray, deque)
    for name, path in modules().items():
        module = importlib.import_module("app" if name == "__init__" else f"app.{name}")
        for variable, value in vars(module).items():
            if variable.startswith("__"):
                continue
            # A table that never changes is written in capitals, and is not empty.
            if isinstance(value, containers):
                assert variable.strip("_").isupper(), (path, variable)
                assert value, (path, variable)
            assert not type(value).__module__.startswith(("threading", "_thread")), (path, variable)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not any(isinstance(node, ast.Global) for node in ast.walk(tree)), path


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
