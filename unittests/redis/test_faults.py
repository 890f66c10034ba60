"""What clients of the second executor meet while Redis is away, and what comes of their jobs.

What takes long, such as finding that a worker died, is in `.ci/proofs/cluster_*.py`.
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import requests

from unittests.helpers.cluster import FAULTY_WORKER, Cluster, running_cluster
from unittests.helpers.data import OBESITY
from unittests.helpers.files import scratch
from unittests.helpers.redis_server import needs_redis
from unittests.helpers.server import Server
from unittests.helpers.tcp_proxy import Proxy
from unittests.helpers.waiting import PATIENCE, eventually

pytestmark = needs_redis

ITEMS = [
    {"statistic": "state_mean", "question": OBESITY, "state": state}
    for state in ("Ohio", "Texas", "Alabama")
]


class Linked:
    """A worker and a web process, which reach Redis over a wire."""

    def __init__(self, there: Cluster) -> None:
        self.redis = there.redis
        self.wire = Proxy(there.redis.port)
        quick = ("--redis-seconds", "0.5")
        worker = there.worker(*quick, url=self.wire.url, program=FAULTY_WORKER)
        self.web: Server = there.web(*quick, "--job-seconds", "1", url=self.wire.url)
        worker.ready(there.redis.client, 1)

    def batch(self, items: list[dict[str, str]]) -> list[str]:
        """Submit a batch, again where it is refused for now, and return its ids."""
        ids: list[str] = self.eventually("POST", "batch", json=items).json()["job_ids"]
        return ids

    def eventually(self, method: str, path: str, **sent: Any) -> requests.Response:
        """Send a request until it is not refused for now."""

        def answered() -> requests.Response | None:
            answer = self.ask(method, path, **sent)
            return None if answer.status_code == 503 else answer

        answer: requests.Response = eventually(answered)
        assert answer.status_code == 200, answer.text
        return answer

    def ask(self, method: str, path: str, **sent: Any) -> requests.Response:
        """Send a request."""
        return self.web.http.request(method, f"{self.web.url}/api/{path}", timeout=PATIENCE, **sent)

    def bodies(self, ids: list[str]) -> list[bytes]:
        """Return what is answered of jobs once they have ended."""

        def ended(job_id: str) -> bytes | None:
            body = self.eventually("GET", f"get_results/{job_id}").content
            return None if body == b'{"status":"running"}' else body

        return [eventually(partial(ended, job_id)) for job_id in ids]


@pytest.fixture(scope="module", name="linked")
def linked_cluster() -> Iterator[Linked]:
    """Give them, for all tests of the module."""
    with scratch() as folder, running_cluster(folder) as there:
        linked = Linked(there)
        yield linked
        linked.wire.close()


@pytest.mark.parametrize("fault", ["dies", "stands still", "cannot be reached", "is cut off"])
def test_while_redis_is_away_all_is_refused_in_time_and_nothing_is_lost(
    fault: str, linked: Linked
) -> None:
    part = linked.redis if fault in ("dies", "stands still") else linked.wire
    begin, end = {
        "dies": ("kill", "start"),
        "stands still": ("pause", "resume"),
        "cannot be reached": ("refuse", "restore"),
        "is cut off": ("hold", "restore"),
    }[fault]
    ids = linked.batch(ITEMS)
    before = linked.bodies(ids)
    late = linked.batch(ITEMS)  # whether they have ended by now or not
    getattr(part, begin)()
    try:
        for method, path, sent in (
            ("POST", "best5", {"json": {"question": OBESITY}}),
            ("POST", "batch", {"json": ITEMS}),
            ("POST", "batch/results?wait=5", {"json": {"job_ids": ids}}),
            ("DELETE", f"jobs/{late[0]}", {}),
            ("GET", f"jobs/{ids[0]}", {}),
            ("GET", f"get_results/{ids[0]}", {}),
            ("GET", f"get_results/{late[0]}?wait=20", {}),
            ("GET", "jobs", {}),
            ("GET", "num_jobs", {}),
            ("GET", "activity", {}),
            ("GET", "health", {}),
        ):
            answer = linked.ask(method, path, **sent)
            if answer.ok and "results" in path:  # it was heard of a moment ago
                assert "error" not in answer.text
                continue
            assert answer.status_code == 503, (path, answer.text)
            assert answer.json()["status"] == "error", path
            assert "Redis" in answer.json()["reason"], path
            assert int(answer.headers["Retry-After"]) > 0, path
        # What needs no Redis is answered.
        assert len(linked.ask("GET", "questions").json()["data"]) == 9
    finally:
        getattr(part, end)()
    assert linked.eventually("GET", "health").json() == {"status": "ok"}
    after = linked.batch(ITEMS)
    assert int(after[0][7:]) > int(late[-1][7:])
    assert linked.bodies(late) == linked.bodies(ids) == before
    assert linked.bodies(after) == before


def test_connections_that_break_lose_nothing(linked: Linked) -> None:
    ids: list[str] = []
    for _ in range(5):
        ids += linked.batch(ITEMS)
        linked.wire.cut()
    assert set(linked.bodies(ids)) == set(linked.bodies(ids[:3]))
    assert len(set(ids)) == len(ids)


def test_a_slow_way_to_redis_is_slow_and_nothing_else(linked: Linked) -> None:
    ids = linked.batch(ITEMS)
    linked.wire.delay = 0.05
    try:
        slow = linked.batch(ITEMS)
        assert linked.bodies(slow) == linked.bodies(ids)
    finally:
        linked.wire.restore()


def test_a_job_that_takes_too_long_ends_and_takes_no_other_along(linked: Linked) -> None:
    ids = linked.batch([ITEMS[0], {**ITEMS[0], "state": "Utah"}, *ITEMS[1:]])
    outcomes = [json.loads(body) for body in linked.bodies(ids)]
    assert [outcome["status"] for outcome in outcomes] == ["done", "error", "done", "done"]
    assert outcomes[1]["reason"] == "the job took longer than 1 second"
