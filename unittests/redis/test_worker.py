"""A worker's processes, and the signals that they get."""

import os
import signal
from pathlib import Path

from app.cluster import keys
from unittests.helpers.cluster import FAULTY_WORKER, running_cluster
from unittests.helpers.data import OBESITY
from unittests.helpers.redis_server import needs_redis
from unittests.helpers.waiting import eventually

pytestmark = needs_redis


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
