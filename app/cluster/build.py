"""Builds a web process of the second executor from its parts."""

import logging
import os
import secrets
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from app import logs
from app.answers.catalogue import Catalogue
from app.answers.shared_answers import SharedAnswers
from app.cluster.celery_app import celery_app
from app.cluster.janitor import Janitor
from app.cluster.publisher import Publisher
from app.cluster.recent_ends import RecentEnds
from app.cluster.service import ClusterService
from app.cluster.shared_jobs import SharedJobs
from app.cluster.subscriber import Subscriber
from app.cluster.web_redis_client import WebRedisClient
from app.concurrency.cache import BoundedCache
from app.concurrency.trace import Trace, trace_log
from app.concurrency.watches import Watches
from app.errors import StoreUnavailable
from app.job_service import Limits
from app.metrics import Metrics
from app.result_store import ResultStore
from app.task_runner import ThreadPool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.data_ingestor import DataIngestor
    from app.settings import Settings
    from app.statistics.registry import Registry

# Threads of a web process that compute answers which no job is made for; another one draws.
_READERS = 2
# No file takes so long to write: one that is not whole by then is of a process that died.
_OLD_SECONDS = 3600.0


def cluster_service(
    settings: "Settings", datasets: "Mapping[str, DataIngestor]", statistics: "Registry"
) -> tuple[ClusterService, logging.Logger]:
    """Return the service and its log; raise RedisMissing where Redis cannot be used."""
    log, trace = logs.open_log(settings.log, settings.log_bytes, settings.log_files), Trace()
    logs.tell_of_writes(log, trace_log(trace))
    power = settings.journal == "power"
    redis = WebRedisClient(settings.redis, settings.redis_seconds, log, power=power)
    redis.connect()
    with suppress(StoreUnavailable):
        if b"maxmemory_policy:noeviction" not in redis.execute("INFO", "memory"):
            log.warning("Redis may drop what it has accepted: set `maxmemory-policy noeviction`")
    files = None if settings.files is None else ResultStore(settings.files)
    if files is not None:
        files.sweep(_OLD_SECONDS)
    limits = Limits(settings.job_seconds, settings.keep_jobs, settings.keep_days, settings.waiters)
    recent = RecentEnds(limits.keep_jobs, limits.keep_seconds)
    jobs, watches = SharedJobs(redis, files.highest() if files else 0, recent), Watches()
    subscriber = Subscriber(redis, jobs, watches, log)
    celery = celery_app(settings.redis, settings.redis_seconds)
    publisher = Publisher(celery, statistics, settings.job_seconds, log)
    web = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    most_bytes = settings.cache * 2**20
    catalogue = Catalogue(settings.data, datasets, statistics, most_bytes, log)
    janitor = Janitor(web, redis, jobs, publisher, limits, catalogue.course.version, log)
    service = ClusterService(
        catalogue,
        redis,
        jobs,
        publisher,
        janitor,
        watches,
        subscriber,
        BoundedCache[bytes](most_bytes),
        files,
        ThreadPool(SharedAnswers.threads_for(_READERS), log, "Reader"),
        _READERS,
        settings.queue,
        limits,
        Metrics(),
        log,
        trace,
    )
    service.start()
    publisher.start()
    subscriber.start()
    return service, log
