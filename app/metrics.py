"""The tallies, and what is true at the moment, as text for Prometheus."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING

from app.tallies import Tallies, Times

if TYPE_CHECKING:
    from prometheus_client import Metric


def metrics_text(tallies: Tallies, now: Mapping[str, tuple[str, float]]) -> bytes:
    """Return all numbers in Prometheus's text format.

    `now` maps the name of each gauge to its meaning and value.
    """
    # Imported only when somebody asks: a server that nobody watches starts without it.
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    def counts(
        name: str,
        meaning: str,
        labels: list[str],
        counter: "Counter[str] | Counter[tuple[str, str]]",
    ) -> "Metric":
        family = CounterMetricFamily(name, meaning, labels=labels)
        for key, count in sorted(counter.copy().items()):
            family.add_metric([key] if isinstance(key, str) else list(key), count)
        return family

    def times(name: str, meaning: str, histogram: Times) -> "Metric":
        bounds = [f"{bound:g}" for bound in Times.BOUNDS] + ["+Inf"]
        buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
        family = HistogramMetricFamily(name, meaning)
        family.add_metric([], buckets, histogram.total)
        return family

    class Numbers:
        """What prometheus_client calls a collector."""

        def collect(self) -> "Iterator[Metric]":
            """Yield all numbers."""
            for name, (meaning, value) in now.items():
                yield GaugeMetricFamily(name, meaning, value)
            labels = ["statistic", "status"]
            yield counts("stats_jobs_ended", "Jobs that ran and ended", labels, tallies.ended)
            meaning = "Requests that were refused"
            labels = ["status", "cause"]
            yield counts("stats_requests_refused", meaning, labels, tallies.refused)
            meaning = "Writes to disk that failed"
            yield counts("stats_storage_errors", meaning, ["of"], tallies.storage_errors)
            meaning = "Seconds that jobs waited in the queue"
            yield times("stats_job_queued_seconds", meaning, tallies.queued)
            yield times("stats_job_running_seconds", "Seconds that jobs ran", tallies.running)

    registry = CollectorRegistry()
    registry.register(Numbers())
    return generate_latest(registry)
