"""Fixtures of the command line's tests."""

from collections.abc import Iterator

import pytest

from app.sources import BOX
from unittests.helpers.app import served_app
from unittests.helpers.server import Api


@pytest.fixture(scope="module", name="server")
def server_with_a_job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Give a server whose job 1 is done, one for all tests of a module."""
    with served_app(tmp_path_factory.mktemp("server")) as server:
        server.outcome(server.post("best5", question="Q036"))
        yield server


@pytest.fixture(scope="module", name="release_server")
def server_of_the_release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Give the same of all that comes in the box, which answers all statistics."""
    with served_app(tmp_path_factory.mktemp("release"), data=BOX) as server:
        server.outcome(server.post("best5", question="Q036"))
        yield server
