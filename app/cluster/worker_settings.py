"""The settings of a worker."""

from dataclasses import dataclass
from pathlib import Path

from app.cores import usable_cores
from app.settings import CACHE, DATA, FILES, REDIS, REDIS_SECONDS, Settings
from app.settings_table import SettingsTable, setting, whole
from app.sources import Sources


@dataclass(frozen=True, slots=True, repr=False)  # a repr would show secrets
class WorkerSettings(SettingsTable):
    """All settings of one worker."""

    ABOUT = "A worker of Le Stats Sportif: runs the jobs that web processes accept."

    @classmethod
    def names_in_file(cls) -> tuple[str, ...]:
        """Return what the server's file may have: a worker reads the same, and what it needs."""
        return Settings.names_in_file()

    processes: int = setting(
        usable_cores, whole(1, 1000), "N", "STATS_PROCESSES", "processes that run jobs"
    )
    data: Sources = DATA()
    cache: int = CACHE()
    redis: str = REDIS()
    redis_seconds: float = REDIS_SECONDS()
    files: Path | None = FILES()
