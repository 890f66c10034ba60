"""What is counted, and how Prometheus reads it."""

import threading

from app.metrics import Durations, Metrics, metrics_text
from unittests.helpers.metric_samples import samples_in


def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Return what Prometheus reads, by the name and the labels of each number."""
    workers = {"stats_workers": ("Jobs that can run at a time", 4)}
    text = metrics_text(metrics.copy(), workers, {("course", "0f" * 8): 18_650})
    return samples_in(text.decode())


def test_what_happened_is_counted_by_its_kind() -> None:
    metrics = Metrics()
    metrics.job_ended("best5", "done", (0.5, 0.002))
    metrics.job_ended("best5", "done", (0.25, 0.002))
    metrics.job_ended('"\\\n', "error", (100.0, 0.0))
    metrics.request_refused("404", "unknown_job")
    metrics.request_refused("404", "unknown_job")
    metrics.storage_failed("journal")
    for how in ("computed", "cached", "cached", "unchanged"):
        metrics.answered("best5", how)
    metrics.request_refused("429", "RateLimited")
    found = samples(metrics)
    assert found["stats_workers",] == 4
    assert found["stats_dataset_rows", "course", "0f" * 8] == 18_650
    assert found["stats_jobs_ended_total", "best5", "done"] == 2
    assert found["stats_jobs_ended_total", '"\\\n', "error"] == 1
    assert found["stats_requests_refused_total", "unknown_job", "404"] == 2
    assert found["stats_storage_errors_total", "journal"] == 1
    assert found["stats_answers_total", "cached", "best5"] == 2
    by_kind = {"computed": 1, "cached": 2, "unchanged": 1, "limited": 1}
    assert metrics.answers_by_kind == by_kind
    assert found["stats_job_queued_seconds_count",] == 3
    assert found["stats_job_queued_seconds_sum",] == 100.75
    assert found["stats_job_running_seconds_sum",] == 0.004


def test_each_duration_is_in_all_buckets_that_are_long_enough() -> None:
    metrics = Metrics()
    for bound in Durations.BOUNDS:
        metrics.job_ended("best5", "done", (bound, bound * 1.01))
    found = samples(metrics)
    bounds = [f"{bound:g}" for bound in Durations.BOUNDS]
    queued = [found["stats_job_queued_seconds_bucket", bound] for bound in [*bounds, "+Inf"]]
    running = [found["stats_job_running_seconds_bucket", bound] for bound in [*bounds, "+Inf"]]
    assert queued == [*range(1, len(bounds) + 1), len(bounds)]
    assert running == [*range(len(bounds)), len(bounds)]


def test_a_copy_is_of_one_moment() -> None:
    metrics = Metrics()
    metrics.job_ended("best5", "done", (1.0, 1.0))
    before = metrics.copy()
    metrics.job_ended("best5", "done", (1.0, 1.0))
    metrics.storage_failed("result")
    assert samples(before)["stats_jobs_ended_total", "best5", "done"] == 1
    assert ("stats_storage_errors_total", "result") not in samples(before)
    assert samples(metrics)["stats_jobs_ended_total", "best5", "done"] == 2


def test_threads_do_not_lose_counts() -> None:
    metrics = Metrics()

    def work() -> None:
        for _ in range(500):
            metrics.job_ended("best5", "done", (1.0, 1.0))
            metrics.request_refused("404", "unknown_job")
            metrics.count()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = samples(metrics)
    assert found["stats_jobs_ended_total", "best5", "done"] == 2000
    assert found["stats_requests_refused_total", "unknown_job", "404"] == 2000
    assert found["stats_job_running_seconds_count",] == 2000
