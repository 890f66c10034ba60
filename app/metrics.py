"""What a server has done since it started: counts, and how long jobs waited and ran.

Kept as plain numbers, which cost a job a fraction of what prometheus_client's own counters do
(docs/decisions/0009-metrics.md); that library writes them out when somebody asks.
"""

import threading
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import Metric


# How an answer by address came about: it had to be computed, was in memory, or the client had it.
ANSWER_KINDS = ("computed", "cached", "unchanged")


class Durations:
    """A histogram of durations, in seconds. The lock of its Metrics guards it."""

    BOUNDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

    def __init__(self) -> None:
        self.counts = [0] * (len(self.BOUNDS) + 1)  # the last one counts what is longer
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(self.BOUNDS, seconds)] += 1
        self.total += seconds


class Metrics:
    """What a server has done. Cheap enough for every job."""

    def __init__(self) -> None:
        # Guards the fields below. Nobody waits on it.
        self._lock = threading.Lock()
        self.ended: Counter[tuple[str, ...]] = Counter()  # by statistic and status
        self.refused: Counter[tuple[str, ...]] = Counter()  # requests, by HTTP status and cause
        self.storage_errors: Counter[tuple[str, ...]] = Counter()  # by what could not be written
        # Answers by address, by statistic and how they came about; up to the latest `count`, so
        # that who waits for news is told once for many.
        self.answers: Counter[tuple[str, ...]] = Counter()
        self._answers: Counter[tuple[str, ...]] = Counter()  # up to now
        self.limited = 0  # requests that were refused to clients who ask too much
        self.queued = Durations()
        self.running = Durations()
        # Jobs that ended and are not counted yet: any thread may append, and counting costs more.
        self._latest: deque[tuple[str, str, tuple[float, float] | None]] = deque()

    def copy(self) -> "Metrics":
        """Return the metrics as they are now."""
        self.count()
        same = Metrics()
        with self._lock:
            same.ended, same.refused = self.ended.copy(), self.refused.copy()
            same.storage_errors = self.storage_errors.copy()
            same.answers = self.answers.copy()
            same.queued, same.running = deepcopy(self.queued), deepcopy(self.running)
        return same

    def job_ended(self, statistic: str, status: str, times: tuple[float, float] | None) -> None:
        """Count a job as `done`, `error` or `cancelled`, and the seconds that it waited and ran.

        `times` is None of one that never began, as a cancelled one.
        """
        self._latest.append((statistic, status, times))

    def count(self) -> None:
        """Count what ended or was answered since the last call; to be called from time to time."""
        with self._lock:
            self.answers = self._answers.copy()
            self.limited = sum(n for (status, _), n in self.refused.items() if status == "429")
            for _ in range(len(self._latest)):
                statistic, status, times = self._latest.popleft()
                self.ended[statistic, status] += 1
                if times is not None:
                    self.queued.add(times[0])
                    self.running.add(times[1])

    def answered(self, statistic: str, how: str) -> None:
        """Count an answer by address: `computed`, `cached`, or `unchanged` (304)."""
        with self._lock:
            self._answers[statistic, how] += 1

    @property
    def answers_by_kind(self) -> dict[str, int]:
        """How many answers by address came about how; `limited` were refused to a client (429)."""
        kinds = dict.fromkeys(ANSWER_KINDS, 0)
        for (_, how), number in self.answers.items():
            kinds[how] += number
        kinds["limited"] = self.limited
        return kinds

    def request_refused(self, status: str, cause: str) -> None:
        """Count a request that got a 4xx or 5xx."""
        with self._lock:
            self.refused[status, cause] += 1

    def storage_failed(self, what: str) -> None:
        """Count a write that failed: of the journal, or of a result."""
        with self._lock:
            self.storage_errors[(what,)] += 1


def metrics_text(
    metrics: Metrics,
    gauges: Mapping[str, tuple[str, float]],
    datasets: Mapping[tuple[str, str], int],
) -> bytes:
    """Return all numbers in Prometheus's text format.

    `metrics` is a copy, which nobody changes; `gauges` maps the name of each number of this moment
    to its meaning and value; `datasets` has the rows of each by its name and version.
    """
    # Imported only when somebody asks: a server that nobody watches starts without it.
    from prometheus_client import generate_latest

    class Collector:
        def collect(self) -> "Iterator[Metric]":
            """Yield all metrics, as prometheus_client asks for them."""
            return _families(metrics, gauges, datasets)

    return generate_latest(Collector())


def _families(
    metrics: Metrics,
    gauges: Mapping[str, tuple[str, float]],
    datasets: Mapping[tuple[str, str], int],
) -> "Iterator[Metric]":
    from prometheus_client.core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    for name, (meaning, value) in gauges.items():
        yield GaugeMetricFamily(name, meaning, value)
    served = GaugeMetricFamily(
        "stats_dataset_rows", "Rows of each dataset", labels=["dataset", "version"]
    )
    for dataset, rows in datasets.items():
        served.add_metric(dataset, rows)
    yield served
    for name, meaning, labels, counts in (
        (
            "jobs_ended",
            "Jobs done, failed or cancelled",
            ["statistic", "status"],
            metrics.ended,
        ),
        ("answers", "Answers by address", ["statistic", "how"], metrics.answers),
        ("requests_refused", "Requests that were refused", ["status", "cause"], metrics.refused),
        ("storage_errors", "Writes to disk that failed", ["of"], metrics.storage_errors),
    ):
        counter = CounterMetricFamily(f"stats_{name}", meaning, labels=labels)
        for key, count in sorted(counts.items()):
            counter.add_metric(key, count)
        yield counter
    bounds = [f"{bound:g}" for bound in Durations.BOUNDS] + ["+Inf"]
    for name, meaning, durations in (
        ("job_queued_seconds", "Seconds that jobs waited in the queue", metrics.queued),
        ("job_running_seconds", "Seconds that jobs ran", metrics.running),
    ):
        buckets = list(zip(bounds, accumulate(durations.counts), strict=True))
        histogram = HistogramMetricFamily(f"stats_{name}", meaning)
        histogram.add_metric([], buckets, durations.total)
        yield histogram
