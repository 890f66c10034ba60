"""Fixtures that several test modules share.

They import what they need themselves, so that a run of one module starts at once.
"""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from unittests.helpers.download import Place
    from unittests.helpers.socrata import Socrata

# The modules that take longest go first, so that no worker is left with one of them at the end.
_LONGEST = (
    "grade/test_mutants.py",
    "test_server.py",
    "docs/test_docs.py",
    "cli/test_cli_process.py",
    "views/test_activity.py",
    "test_course_commands.py",
    "download/test_download.py",
    "datasets/test_ingest.py",
    "client/test_client_faults.py",
    "cli/test_cli.py",
    "client/test_client.py",
    "statistics/test_query.py",
    "TestWebserver.py",
    "cli/test_cli_docs.py",
    "datasets/test_layouts.py",
    "statistics/test_in_words_doubts.py",
    "charts/test_charts.py",
    "download/test_download_refusals.py",
    "grade/test_grade.py",
    "views/test_catalogue.py",
    "mcp/test_mcp.py",
    "datasets/test_quirks.py",
    "openapi/test_openapi.py",
    "views/test_answers.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the modules for several workers; within each of them, tests stay in order."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


# While all is collected, none of it is garbage: to look for some takes a fifth of the time.
gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Have the garbage collector look at what tests make alone.

    By now there are half a million objects of modules and of tests that were collected: to walk
    through them time and again takes a thirtieth of the whole run.
    """
    gc.freeze()
    gc.enable()


# No test fails because the machine has other things to do.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="module", name="app")
def running(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Flask]":
    """Give an app that runs each job inside its request, one for all tests of a module."""
    from unittests.helpers.app import running_app

    with running_app(tmp_path_factory.mktemp("app"), threads=0) as app:
        yield app


@pytest.fixture(scope="module", name="release_app")
def of_the_release(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Flask]":
    """Give such an app of CDC's release: what the statistics with a table are made for."""
    from unittests.helpers.app import running_app
    from unittests.helpers.files import RELEASE

    with running_app(tmp_path_factory.mktemp("release"), threads=0, data=RELEASE) as app:
        yield app


@pytest.fixture(name="client")
def client_of(app: "Flask") -> "FlaskClient":
    """Give a client of that app, over WSGI."""
    return app.test_client()


@pytest.fixture(name="socrata")
def socrata_server() -> "Iterator[Socrata]":
    """Give a server that behaves as Socrata does, with 300 rows."""
    from unittests.helpers.download import ROWS
    from unittests.helpers.socrata import Socrata, serving

    with serving(Socrata(ROWS)) as socrata:
        yield socrata


@pytest.fixture(name="place")
def place_to_download_to(tmp_path: Path, socrata: "Socrata", capsys: Any) -> "Place":
    """Give a folder to download to from that server."""
    from unittests.helpers.download import Place

    return Place(tmp_path, socrata, capsys)
