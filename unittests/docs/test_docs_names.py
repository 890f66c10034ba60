"""What the documentation names exists: files, headings, routes, options, modules, tests."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from app.settings import Settings
from unittests.helpers.doc_pages import PAGES
from unittests.helpers.doc_reference import MARK, PAGE, as_markdown
from unittests.helpers.files import PROJECT
from unittests.helpers.waiting import PATIENCE
from unittests.test_settings import ROWS, WORKER_ROWS

# Words in the pages that look like the program's and are others'.
# CDC's; and those of --teach, which the programs of teach.md ask.
OTHERS_ROUTES = ("/api/views/", "/api/teach")
OTHERS_OPTIONS = {
    *("--help", "--debug", "--no-reload", "--now"),  # argparse's, Flask's, systemd's
    *("--headless", "--convert-to"),  # of LibreOffice
    *(
        "--no-deps",
        "--only-binary",
        "--python-version",
        "--implementation",
        "--abi",
        "--platform",
    ),  # pip's
    *(
        "--port",
        "--bind",
        "--dir",
        "--appendonly",
        "--appendfsync",
        "--scan",
        "--pattern",
    ),  # Redis'
    *("--scale", "--broker", "--address"),  # Docker's, Celery's, Flower's
    "--full",  # .ci/run's
}
MADE_LATER = {"dataset/cdc.csv", "dataset/cdc.csv.source.json"}  # by make data


def test_every_link_leads_somewhere() -> None:
    known = {page.path: page for page in PAGES}
    for page in PAGES:
        for link in page.links:
            if re.match(r"https?://", link):
                continue
            target, _, anchor = link.partition("#")
            path = (page.path.parent / target).resolve() if target else page.path
            assert path.exists(), f"{page.name}: {link}"
            if anchor:
                assert anchor in known[path].anchors, f"{page.name}: {link}"


def test_every_route_that_a_page_names_exists(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    named = re.compile(r"(?:\b(GET|POST|DELETE) )?(/api/[\w/<>-]+|/metrics|/openapi[\w/.]*)")
    found = [(page.name, *one) for page in PAGES for one in named.findall(page.text)]
    for name, method, path in found:
        if path.startswith(OTHERS_ROUTES):
            continue
        real = path.replace("<job_id>", "job_id_1").rstrip(".")
        if method:
            try:
                adapter.match(real, method)
            except HTTPException as error:
                redirect = getattr(error, "new_url", "")
                assert redirect, f"{name}: {method} {path}: {error}"
        assert adapter.allowed_methods(real) or real == "/openapi", f"{name}: {path}"


def literals_and_options() -> tuple[set[str], set[str]]:
    """Return what stands in quotes in the source, and the options that there are.

    Options are written out, or are the names of settings and of a command's parameters.
    """
    folders = (PROJECT / name for name in ("app", "benchmarks", ".ci"))
    paths = (path for folder in folders for path in folder.rglob("*.py"))
    sources = [path.read_text(encoding="utf-8") for path in paths]
    written = re.compile(r'"(--[a-z-]+|[A-Z_]+)["/]')
    named = re.compile(r"^ {4}(\w+): ", re.MULTILINE)
    literals = {word for source in sources for word in written.findall(source)}
    names = {name for source in sources for name in named.findall(source)}
    return literals, {f"--{name.replace('_', '-')}" for name in {*names, *ROWS, *WORKER_ROWS}}


def test_every_option_variable_and_file_that_a_page_names_exists() -> None:
    literals, options = literals_and_options()
    options |= literals | OTHERS_OPTIONS
    variables = {row.metadata["env"] for row in (*ROWS.values(), *WORKER_ROWS.values())} | literals
    for page in PAGES:
        shown = (block.text for block in page.blocks if block.kind in ("sh", "ini"))
        text = "\n".join([*page.code, *shown])
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text):
            assert option in options, f"{page.name}: {option}"
        for variable in re.findall(r"\b(?:STATS|TP|SOCRATA)_[A-Z_]+", text):
            assert variable in variables, f"{page.name}: {variable}"
        for path in re.findall(r"(?<![\w/])(?:app|unittests|docs|dataset|\.ci)/[\w./-]*\w", text):
            assert (PROJECT / path).exists() or path in MADE_LATER, f"{page.name}: {path}"


def test_every_test_that_a_page_names_exists() -> None:
    paths = (PROJECT / "unittests").rglob("*.py")
    source = "".join(path.read_text(encoding="utf-8") for path in paths)
    for page in PAGES:
        for name in re.findall(r"`(test_\w+)`", page.prose):
            assert f"def {name}(" in source, f"{page.name}: {name}"


def test_the_units_of_services_are_right(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd here to look at the units")
    blocks = [(page, block) for page in PAGES for block in page.blocks if block.kind == "ini"]
    (tmp_path / "token").write_text("STATS_TOKEN=secret\n", encoding="utf-8")
    units = []
    for page, block in blocks:
        names = re.findall(r"`/etc/systemd/system/([\w@.-]+)`", page.text)
        place = [other for other in page.blocks if other.kind == "ini"].index(block)
        text = block.text.replace("/opt/le-stats-sportif/venv/bin/python", sys.executable)
        text = text.replace("/opt/le-stats-sportif", str(PROJECT))
        text = text.replace("/etc/le-stats-sportif.env", str(tmp_path / "token"))
        units.append(tmp_path / names[place])
        units[-1].write_text(text, encoding="utf-8")
    assert {page.name for page, _ in blocks} == {"docs/how-to/deploy.md", "docs/scaling.md"}
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, units)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    told = [line for line in done.stderr.splitlines() if "le-stats" in line]
    assert (done.returncode, told) == (0, [])


def test_the_settings_files_are_right(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    for text in (block.text for page in PAGES for block in page.blocks if block.kind == "toml"):
        path.write_text(text, encoding="utf-8")
        assert Settings.load([], {"STATS_SETTINGS": str(path)}) != Settings.load([], {})


def test_the_reference_is_what_the_server_says(app: Flask) -> None:
    written = PAGE.read_text(encoding="utf-8").partition(f"{MARK}\n")[2]
    assert written == as_markdown(app), "`make reference` writes it anew"
