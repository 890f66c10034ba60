"""Fixtures that several test modules share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from unittests.helpers.app import running_app
from unittests.helpers.download import ROWS, Place
from unittests.helpers.files import scratch
from unittests.helpers.socrata import Socrata, serving

# No test fails because the machine has other things to do.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="module", name="app")
def running() -> Iterator[Flask]:
    """Give an app that runs each job inside its request, one for all tests of a module."""
    with scratch() as folder, running_app(folder, threads=0) as app:
        yield app


@pytest.fixture(name="client")
def client_of(app: Flask) -> FlaskClient:
    """Give a client of that app."""
    return app.test_client()


@pytest.fixture(name="socrata")
def socrata_server() -> Iterator[Socrata]:
    """Give a server that behaves as Socrata does, with 300 rows."""
    with serving(Socrata(ROWS)) as socrata:
        yield socrata


@pytest.fixture(name="place")
def place_to_download_to(tmp_path: Path, socrata: Socrata, capsys: Any) -> Place:
    """Give a folder to download to from that server."""
    return Place(tmp_path, socrata, capsys)
