"""A public service of several web processes: what costs much is counted for all together."""

from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from unittests.helpers.app import running_app
from unittests.helpers.redis_server import Redis, needs_redis

pytestmark = needs_redis

FOLDER = "/api/answers/state_mean?question=Q036&state="


def statuses(client: FlaskClient, address: str, *states: str) -> list[int]:
    """Ask for some states as the client at an address."""
    at = {"REMOTE_ADDR": address}
    return [client.get(f"{FOLDER}{state}", environ_overrides=at).status_code for state in states]


def test_a_client_is_counted_over_all_web_processes(tmp_path: Path) -> None:
    redis = Redis(tmp_path / "redis")
    options: dict[str, Any] = {"executor": "celery", "redis": redis.url, "redis_seconds": 0.5}
    options |= {"public": True, "compute_rate": "2/hour"}
    try:
        with (
            running_app(tmp_path / "one", **options) as one,
            running_app(tmp_path / "other", **options) as other,
        ):
            first, second = one.test_client(), other.test_client()
            assert statuses(first, "192.0.2.1", "OH") == [200]
            assert statuses(second, "192.0.2.1", "TX", "UT") == [200, 429]
            assert statuses(first, "192.0.2.1", "UT", "OH") == [429, 200]
            limited = first.get(f"{FOLDER}UT", environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
            assert 3500 < int(limited.headers["Retry-After"]) <= 3600
            assert statuses(first, "192.0.2.2", "UT") == [200]
            assert first.get("/api/jobs").status_code == 403
            # A clock of Redis that is put back makes no count last longer.
            (key,) = redis.client.keys("*192.0.2.1*")
            redis.client.expire(key, 10**6)
            assert statuses(first, "192.0.2.1", "NV") == [429]
            assert redis.client.ttl(key) <= 3600
            # Answers go on without Redis, and each process counts for itself.
            redis.kill()
            assert statuses(first, "192.0.2.1", "IA", "ME", "NV") == [200, 200, 429]
            assert statuses(second, "192.0.2.1", "IA", "TX") == [200, 200]
    finally:
        redis.kill()
