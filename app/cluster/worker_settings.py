"""The settings of a worker."""

from dataclasses import dataclass
from pathlib import Path

from app.settings_table import (
    DEFAULT_REDIS,
    PROJECT,
    SettingsTable,
    a_path,
    cores,
    path_or_none,
    redis_url,
    setting,
    some_seconds,
    whole,
)


@dataclass(frozen=True, slots=True)
class WorkerSettings(SettingsTable):
    """All settings of one worker."""

    ABOUT = "A worker of Le Stats Sportif: runs the jobs that web processes accept."

    redis: str = setting(
        DEFAULT_REDIS, redis_url, "URL", "STATS_REDIS", "the Redis that keeps jobs and results"
    )
    redis_seconds: float = setting(
        2.0, some_seconds, "SECONDS", "STATS_REDIS_SECONDS",
        "time that Redis has to answer; then it counts as down",
    )  # fmt: skip
    data: Path = setting(
        PROJECT / "nutrition_activity_obesity_usa_subset.csv",
        a_path, "PATH", "STATS_DATA", "the same data as the web processes have",
    )  # fmt: skip
    processes: int = setting(
        cores, whole(1, 1000), "N", "STATS_PROCESSES", "processes, one for each core by default"
    )
    cache: int = setting(
        64, whole(0, 10**6), "MIB", "STATS_CACHE",
        "memory for answers, in each process; 0 computes each anew",
    )  # fmt: skip
    files: Path | None = setting(
        None, path_or_none, "PATH", "STATS_FILES",
        "folder to write each result to as well, as <job_id>.json",
    )  # fmt: skip
