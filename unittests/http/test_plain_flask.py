"""What PlainFlask keeps of Flask."""

from flask import Flask, url_for


def test_addresses_can_be_built(app: Flask) -> None:
    with app.test_request_context():
        assert url_for("api.rows", job_id="7") == "/api/jobs/7/rows"
        assert url_for("api.job", job_id="job_id_7", why="not") == "/api/jobs/job_id_7?why=not"
