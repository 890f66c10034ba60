"""Asks an app of this process over its routes, without a socket."""

from typing import Any

from flask.testing import FlaskClient


def submit(client: FlaskClient, statistic: str, **body: Any) -> str:
    """Submit a job, which must be accepted, and return its id."""
    answer = client.post(f"/api/{statistic}", json=body)
    assert answer.status_code == 200, answer.text
    job_id: str = answer.get_json()["job_id"]
    return job_id


def told(client: FlaskClient, path: str) -> Any:
    """Return the data of a GET, which must succeed."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.get_json()["data"]
