"""A worker's processes, and the signals that they get."""

import os
import signal
from pathlib import Path

from app.cluster import keys
from unittests.helpers.cluster import FAULTY_WORKER, running_cluster
from unittests.helpers.data import OBESITY, dataset
from unittests.helpers.redis_server import needs_redis
from unittests.helpers.waiting import eventually

pytestmark = needs_redis

STATES = ("Ohio", "Texas", "Utah")


def test_a_process_that_gets_sigterm_gives_its_jobs_back(tmp_path: Path) -> None:
    with running_cluster(tmp_path) as cluster:
        worker = cluster.worker(program=FAULTY_WORKER)
        web = cluster.web()
        [process] = worker.ready(cluster.redis.client, 1)
        job_id = web.post("state_mean", question=OBESITY, state="Utah")  # it never ends

        def runner() -> str:
            found = cluster.redis.client.hget(f"{keys.JOB}{job_id[7:]}", "runner")
            return str(found.decode()) if isinstance(found, bytes) else ""

        first = eventually(runner)
        os.kill(process, signal.SIGTERM)
        eventually(lambda: runner() not in ("", first))
        job = web.get(f"api/jobs/{job_id}")["data"]
        assert job["status"] == "running"
        assert cluster.redis.client.hget(f"{keys.JOB}{job_id[7:]}", "deaths") is None


def test_jobs_that_were_accepted_end_though_the_memory_of_redis_is_full(tmp_path: Path) -> None:
    with running_cluster(tmp_path) as cluster:
        redis, [one, other] = cluster.redis, [cluster.web(), cluster.web()]
        waiting = [one.post("state_mean", question=OBESITY, state=state) for state in STATES]
        redis.ask("CONFIG", "SET", "maxmemory", "1mb")
        refused = one.http.post(f"{one.url}/api/best5", json={"question": OBESITY})
        assert (refused.status_code, "memory" in refused.json()["reason"]) == (503, True)
        # Workers that come now take what waits, and what has to be sent again.
        redis.ask("DEL", f"{keys.QUEUE}{dataset().version}")
        worker = cluster.worker()
        worker.ready(redis.client, 1)
        for job_id in waiting:
            assert other.outcome(job_id)["status"] == "done"
        eventually(lambda: other.http.get(f"{other.url}/api/health").status_code == 503)
        assert "Celery ended" not in worker.log.read_text(encoding="utf-8")
        redis.ask("CONFIG", "SET", "maxmemory", "0")
        eventually(lambda: one.http.get(f"{one.url}/api/health").ok)
        assert one.outcome(one.post("best5", question=OBESITY))["status"] == "done"
