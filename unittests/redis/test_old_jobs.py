"""Jobs that versions before 2.0 left in Redis, of a file that is not bundled any more."""

import json
import logging
from pathlib import Path

from app.cluster import keys
from app.cluster.celery_app import celery_app
from app.cluster.janitor import UNSERVED, UNSERVED_SECONDS, Janitor
from app.cluster.publisher import Publisher
from app.cluster.redis_client import RedisClient
from app.cluster.shared_jobs import SharedJobs
from app.data_ingestor import DataIngestor
from app.job_service import Limits
from app.statistics.registry import STATISTICS
from unittests.helpers.catalogue import as_arguments, two_files
from unittests.helpers.clock import Clock
from unittests.helpers.cluster import running_cluster
from unittests.helpers.data import OBESITY
from unittests.helpers.redis_server import needs_redis
from unittests.helpers.waiting import PATIENCE, eventually

pytestmark = needs_redis

LOG = logging.Logger("silent")
OLD_VERSION = "91fa8b6e00000000"
PARAMETERS = json.dumps({"question": OBESITY, "state": "Ohio"})

# What `asked` was of the same job, by the versions that wrote it.
RECORDED = {"1.4": [PARAMETERS], "1.3": [OBESITY, "Ohio"]}


def test_jobs_of_an_old_file_are_answered_by_the_course(tmp_path: Path) -> None:
    with running_cluster(tmp_path) as there:
        client, sources = there.redis.client, two_files(tmp_path)
        asked = [*RECORDED.values(), [PARAMETERS, "release"]]
        for number, one in enumerate(asked, 1):
            client.hset(
                f"{keys.JOB}{number}",
                mapping={
                    "status": "queued", "statistic": "state_mean", "asked": json.dumps(one),
                    "dataset": OLD_VERSION, "keep": 0, "accepted": "1700000000.000000",
                },
            )  # fmt: skip
            client.zadd(keys.JOBS, {str(number): number})
            client.zadd(keys.WAITING, {str(number): 1700000003.0})
        client.set(keys.LAST, len(asked))
        worker = there.worker(*as_arguments(sources))

        course = DataIngestor(sources.datasets[0].path).version
        redis, clock = RedisClient(there.redis.url, PATIENCE, LOG), Clock()
        jobs = SharedJobs(redis)
        publisher = Publisher(celery_app(there.redis.url, PATIENCE), STATISTICS, 0, LOG)
        publisher.start()
        limits = Limits(job_seconds=0, keep_jobs=0, keep_days=0, waiters=1)
        janitor = Janitor("web", redis, jobs, publisher, limits, course, LOG, clock=clock.now)

        def ended() -> bool:
            janitor.run_chores()
            return all(jobs.get(number).job.finished for number in range(1, len(asked) + 1))

        worker.ready(client, 1)
        assert not ended()
        clock.sleep(UNSERVED_SECONDS)
        eventually(ended)
        publisher.stop(PATIENCE)
        *old, named = [jobs.end(number) for number in range(1, len(asked) + 1)]
        assert named.reason == UNSERVED  # it asked another dataset, by its name
        for end in old:
            assert (end.dataset, end.reason) == (course, "")
            [body] = jobs.answers([end.answer])
            assert json.loads(body or b"") == {"Ohio": 30.0}
