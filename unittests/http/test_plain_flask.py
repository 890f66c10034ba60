"""What PlainFlask keeps of Flask; and the contract, by another server than this project's own."""

from contextlib import AbstractContextManager
from pathlib import Path

from flask import Flask, url_for

from app.http.plain_routes import PlainRoutes
from app.sources import BOX
from unittests import TestWebserver
from unittests.helpers.app import served_app
from unittests.helpers.files import scratch
from unittests.helpers.registry import COURSE_STATISTICS, TABLE_STATISTICS
from unittests.helpers.server import Api


def test_addresses_can_be_built(app: Flask) -> None:
    with app.test_request_context():
        assert url_for("api.rows", job_id="7") == "/api/jobs/7/rows"
        assert url_for("api.job", job_id="job_id_7", why="not") == "/api/jobs/job_id_7?why=not"


def test_what_is_looked_up_is_what_the_table_of_routes_has(app: Flask) -> None:
    routes = PlainRoutes(app.url_map.iter_rules())
    matcher = app.url_map.bind("localhost")
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get"):
        found = 0
        for rule in app.url_map.iter_rules():
            path = rule.rule.replace("<job_id>", "job_id_7").replace("<name>", "best5.csv")
            for asked in (path, f"{path}/", f"{path}\n", f"{path}/more", path.upper()):
                looked_up = routes.find(method, asked)
                if looked_up is not None:
                    assert looked_up == matcher.match(asked, method)
                    found += 1
        assert (found > 30) == (method in ("GET", "HEAD")), method


class TestOtherServer(TestWebserver.TestWebserver):
    """Every route of the contract, served by Werkzeug."""

    clients, questions = 2, 1
    test_reload = None  # type: ignore[assignment]  # takes as long as all others

    @classmethod
    def serve(cls, folder: Path) -> AbstractContextManager[Api]:
        return served_app(folder, data=BOX)

    def test_graceful_shutdown(self) -> None:
        with scratch() as folder, served_app(folder) as server:
            self.check_shutdown(server)


# What an answer holds is the same whichever server sends it.
for name in (*COURSE_STATISTICS, *TABLE_STATISTICS):
    setattr(TestOtherServer, f"test_{name}", None)
