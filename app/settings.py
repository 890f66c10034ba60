"""The settings of the server."""

from dataclasses import dataclass, fields
from functools import partial
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from app.cores import usable_cores
from app.errors import SettingsError
from app.installation import folder
from app.settings_table import (
    SettingsTable,
    a_path,
    header_text,
    names,
    networks,
    number,
    one_of,
    path_or_none,
    rate_text,
    redis_url,
    seconds,
    setting,
    some_seconds,
    some_text,
    whole,
    yes_or_no,
)
from app.sources import BOX, Sources, sources

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on is reached from this machine alone."""
    return host in LOOPBACK or host.startswith("127.")


# Settings that workers have, too: each table makes fields of its own of them.
DATA = partial(
    setting, BOX, sources, "NAME=PATH", "STATS_DATA",
    "a dataset to serve under a name, beside those in the box or in the place of one; may be"
    " repeated (in the variable, separated by `;`). PATH alone is served for everything. A CSV or"
    " Parquet file in one of CDC's layouts, a folder or a pattern of them, or a folder"
    " that `python -m app.prepare` wrote; the same for the server and its workers",
    repeated=True,
)  # fmt: skip
CACHE = partial(
    setting, 64, whole(0, 10**6), "MIB", "STATS_CACHE",
    "memory for answers, in each process, of all datasets together; 0 computes each anew",
)  # fmt: skip
REDIS = partial(
    setting, "redis://127.0.0.1:6379/0", redis_url, "URL", "STATS_REDIS",
    "with celery: the Redis that keeps jobs and results",
    secret=True,
)  # fmt: skip
REDIS_SECONDS = partial(
    setting, 2.0, some_seconds, "SECONDS", "STATS_REDIS_SECONDS",
    "with celery: time that Redis has to answer; then it counts as down (503)",
)  # fmt: skip
FILES = partial(
    setting, None, path_or_none, "PATH", "STATS_FILES",
    "with celery: folder where workers write each result as a file too, <job_id>.json; the server"
    " removes those of old jobs",
)  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)  # a repr would show secrets
class Settings(SettingsTable):
    """All settings of one server."""

    ABOUT = "Le Stats Sportif: an asynchronous statistics server."

    @classmethod
    def names_in_file(cls) -> tuple[str, ...]:
        """Return the server's settings and those of workers, which read the same file."""
        return (*(row.name for row in fields(Settings)), "processes")

    host: str = setting("127.0.0.1", some_text, "HOST", "STATS_HOST", "address to listen on")
    token: str = setting(
        "", header_text, "TOKEN", "STATS_TOKEN",
        "token that every client must send (Authorization: Bearer TOKEN); needed to listen on"
        " anything but loopback",
        secret=True,
    )  # fmt: skip
    hosts: tuple[str, ...] = setting(
        (), names, "NAMES", "STATS_HOSTS",
        "further names that clients call this server by, separated by commas",
    )  # fmt: skip
    public: bool = setting(
        False, yes_or_no, "yes", "STATS_PUBLIC",
        "let anyone GET answers, discovery, charts and the page, from anywhere; all else needs the"
        " token, and is closed without one (docs/how-to/publish.md)",
    )  # fmt: skip
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = setting(
        (), networks, "NETWORKS", "STATS_TRUSTED_PROXIES",
        "in public: addresses or networks of proxies, separated by commas, whose X-Forwarded-For"
        " says who asks",
    )  # fmt: skip
    rate: str = setting(
        "3000/minute", rate_text, "RATE", "STATS_RATE",
        "in public: requests that each client without the token may send; `none` for any number",
    )  # fmt: skip
    compute_rate: str = setting(
        "300/minute", rate_text, "RATE", "STATS_COMPUTE_RATE",
        "in public: answers and files of each client that are not in memory yet; a chart counts as"
        " five; `none` for any number",
    )  # fmt: skip
    port: int = setting(
        5000, whole(0, 65535), "PORT", "STATS_PORT", "port to listen on; 0 takes a free one"
    )
    data: Sources = DATA()
    results: Path = setting(
        folder("data") / "results", a_path, "PATH", "STATS_RESULTS",
        "folder for results and the journal",
    )  # fmt: skip
    log: Path = setting(folder("log") / "webserver.log", a_path, "PATH", "STATS_LOG", "log file")
    log_bytes: int = setting(
        20_000_000, whole(0, 2**40), "N", "STATS_LOG_BYTES", "rotate the log at this size; 0 never"
    )
    log_files: int = setting(
        5, whole(1, 1000), "N", "STATS_LOG_FILES", "rotated logs to keep (webserver.log.1, ...)"
    )
    executor: str = setting(
        "threads", one_of("threads", "celery"), "NAME", "STATS_EXECUTOR",
        "who runs jobs: `threads` of this process, or `celery` workers (docs/scaling.md)",
    )  # fmt: skip
    redis: str = REDIS()
    redis_seconds: float = REDIS_SECONDS()
    files: Path | None = FILES()
    threads: int = setting(
        usable_cores, whole(0, 1000), "N", "TP_NUM_OF_THREADS",
        "worker threads; 0 runs each job inside its request",
    )  # fmt: skip
    queue: int = setting(
        100_000, whole(1, 10**9), "N", "STATS_QUEUE",
        "jobs that may wait; one more is refused (503)",
    )  # fmt: skip
    job_seconds: float = setting(
        60.0, seconds, "SECONDS", "STATS_JOB_SECONDS", "time that a job may run; 0 for ever"
    )
    keep_jobs: int = setting(
        1_000_000, whole(0, 10**12), "N", "STATS_KEEP_JOBS",
        "finished jobs to keep, the latest ones; 0 keeps all",
    )  # fmt: skip
    keep_days: float = setting(
        0.0, number("a number of days, 0 or more"), "DAYS", "STATS_KEEP_DAYS",
        "days to keep a finished job; 0 for ever",
    )  # fmt: skip
    cache: int = CACHE()
    max_age: int = setting(
        300, whole(0, 10**8), "SECONDS", "STATS_MAX_AGE",
        "time for which browsers and caches may take an answer by address as good without asking",
    )  # fmt: skip
    teach: bool = setting(
        False, yes_or_no, "yes", "STATS_TEACH",
        "slow motion on the page Pool: each step of a job can be made to take a while, or to wait;"
        " for lessons, on loopback (docs/how-to/teach.md)",
    )  # fmt: skip
    waiters: int = setting(
        1000, whole(0, 10**6), "N", "STATS_WAITERS",
        "requests that may wait for jobs to end (?wait=); one more is answered at once",
    )  # fmt: skip
    journal: str = setting(
        "process", one_of("process", "power"), "LEVEL", "STATS_JOURNAL",
        "what accepted jobs survive: `process`, its death; `power`, a power cut too (slower)",
    )  # fmt: skip
    body_seconds: float = setting(
        10.0, some_seconds, "SECONDS", "STATS_BODY_SECONDS", "time that a request's body may take"
    )
    idle_seconds: float = setting(
        75.0, some_seconds, "SECONDS", "STATS_IDLE_SECONDS",
        "time that a connection may be idle, and that a request's headers may take",
    )  # fmt: skip
    drain_seconds: float = setting(
        30.0, seconds, "SECONDS", "STATS_DRAIN_SECONDS",
        "time that accepted jobs have after SIGTERM or SIGINT; the others run at the next start",
    )  # fmt: skip

    def check(self) -> None:
        """Raise SettingsError where those would reach a server whom it is not meant for.

        So it is for a server that is to teach and cannot.
        """
        is_local = is_loopback(self.host)
        if not (self.token or self.public or is_local):
            raise SettingsError(
                f"--host={self.host!r} can be reached from other machines: set --token (or"
                " STATS_TOKEN), which every client must then send, or --public, which lets anyone"
                " read"
            )
        if self.teach and (self.public or not is_local):
            raise SettingsError("--teach lets anyone hold up the server: it is for loopback alone")
        if self.teach and self.executor != "threads":
            raise SettingsError("--teach slows down threads of the server: --executor threads")
