"""A new statistic over Redis: what is asked of it over threads, of a web process and a worker."""

from collections.abc import Iterator

import pytest

from unittests.helpers.cluster import Cluster, running_cluster
from unittests.helpers.files import scratch
from unittests.helpers.redis_server import needs_redis
from unittests.helpers.server import Server
from unittests.statistics import test_new_statistic
from unittests.statistics.test_new_statistic import BODY, PROGRAM, counted

pytestmark = needs_redis

# A worker with the statistic whose Celery ends at once, the first time that it is run.
ENDS_ONCE = """
import os, sys
from celery import Celery
from app.cluster.worker import main
from unittests.helpers.row_count import WITH_ROW_COUNT
if not os.environ.get("CELERY_HAS_ENDED"):
    os.environ["CELERY_HAS_ENDED"] = "yes"
    Celery.worker_main = lambda *_: None
sys.exit(main(sys.argv[1:], WITH_ROW_COUNT))
"""


@pytest.fixture(scope="module", name="there")
def cluster() -> Iterator[Cluster]:
    """Give a web process and a worker that have the statistic."""
    with scratch() as folder, running_cluster(folder) as there:
        worker = there.worker(program=("-m", PROGRAM, "worker"))
        there.web(program=("-m", PROGRAM, "serve"))
        worker.ready(there.redis.client, 1)
        yield there


@pytest.fixture(scope="module", name="server")
def web_process(there: Cluster) -> Server:
    """Give the web process."""
    return there.webs[0]


class TestNewStatisticOverRedis(test_new_statistic.TestNewStatistic):
    """Every test of the statistic, once more."""


def test_a_worker_that_starts_again_has_it_still(there: Cluster, server: Server) -> None:
    there.workers.pop().stop()
    again = there.worker(program=("-c", ENDS_ONCE))
    again.ready(there.redis.client, 1)
    assert "this worker starts again" in again.log.read_text(encoding="utf-8")
    assert server.outcome(server.post("row_count", **BODY))["data"]["rows"] == counted()
