"""Fixtures that several test modules share."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from unittests.support import running_app, scratch


@pytest.fixture(scope="module", name="app")
def running() -> Iterator[Flask]:
    """Give an app that runs each job inside its request, one for all tests of a module."""
    with scratch() as folder, running_app(folder, threads=0) as app:
        yield app


@pytest.fixture(name="client")
def client_of(app: Flask) -> FlaskClient:
    """Give a client of that app."""
    return app.test_client()
