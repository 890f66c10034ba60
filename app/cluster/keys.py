"""The keys in Redis, as Python and the scripts name them.

| key | type | value |
| --- | --- | --- |
| `stats:last` | string | the highest job number ever given |
| `stats:lost` | string | the highest number of a job that Redis may have lost |
| `stats:run` | hash | the process of Redis that gives numbers, and since when |
| `stats:job:N` | hash | a job: what it asks, of which dataset, its status, how it ended |
| `stats:submit:KEY` | string | of the jobs submitted with a key, the first number and how many |
| `stats:jobs` | sorted set | the numbers of all jobs that are kept, by number |
| `stats:waiting` | sorted set | queued jobs, by when to check whether they have to be sent again |
| `stats:running` | sorted set | jobs that run, by when they began |
| `stats:finished` | sorted set | `N:ANSWER` of finished jobs, by when they ended |
| `stats:unlogged` | list | how jobs have ended that have no line in webserver.log yet |
| `stats:answer:SHA` | string | an answer as JSON, by the SHA-256 of its bytes |
| `stats:uses` | hash | how many finished jobs have an answer |
| `stats:ended` | hash | how many jobs have ended, by statistic and `done`, `error` or `cancelled` |
| `stats:times` | hash | histograms of how long they waited and ran, and the seconds in sum |
| `stats:runners` | sorted set | processes that run jobs, by their last heartbeat |
| `stats:webs` | sorted set | web processes, by their last heartbeat |
| `stats:draining` | set | the web processes that were alive when a drain began |
| `stats:drains` | string | how many drains are over |
| `stats:janitor` | string | the web process that is the janitor, while it is alive |
| `stats:count:CLIENT` | string | what a client of a public service had computed lately |

Times are seconds since 1970 by the clock of Redis. The name of a process that runs jobs begins with
the versions of its datasets. Beside these, Celery keeps its queues
(for each dataset `stats-VERSION`, and `stats-batches-VERSION` for batches) in the same database.
"""

from collections.abc import Iterable, Sequence

from app.job import Digest

KEYS = {
    "LAST": "stats:last",
    "LOST": "stats:lost",
    "RUN": "stats:run",
    "JOB": "stats:job:",
    "SUBMIT": "stats:submit:",
    "JOBS": "stats:jobs",
    "WAITING": "stats:waiting",
    "RUNNING": "stats:running",
    "FINISHED": "stats:finished",
    "UNLOGGED": "stats:unlogged",
    "ANSWER": "stats:answer:",
    "USES": "stats:uses",
    "ENDED": "stats:ended",
    "TIMES": "stats:times",
    "RUNNERS": "stats:runners",
    "WEBS": "stats:webs",
    "DRAINING": "stats:draining",
    "DRAINS": "stats:drains",
    "JANITOR": "stats:janitor",
    "COUNT": "stats:count:",
    "QUEUE": "stats-",
    "BATCHES": "stats-batches-",
}

LAST = KEYS["LAST"]
LOST = KEYS["LOST"]
RUN = KEYS["RUN"]
JOB = KEYS["JOB"]
JOBS = KEYS["JOBS"]
WAITING = KEYS["WAITING"]
RUNNING = KEYS["RUNNING"]
UNLOGGED = KEYS["UNLOGGED"]
ANSWER = KEYS["ANSWER"]
ENDED = KEYS["ENDED"]
TIMES = KEYS["TIMES"]
RUNNERS = KEYS["RUNNERS"]
WEBS = KEYS["WEBS"]
COUNT = KEYS["COUNT"]
QUEUE = KEYS["QUEUE"]
BATCHES = KEYS["BATCHES"]


def digest_text(digest: Digest) -> str:
    """Return a digest as the hash of a job has it."""
    return f"{digest.size}-{digest.crc}"


def digest_from(text: str) -> Digest:
    """Return the digest that `digest_text` wrote."""
    size, _, crc = text.partition("-")
    return Digest(int(size), int(crc))


def runner_name(versions: Iterable[str], process: str) -> str:
    """Return the name of a process that runs jobs of these datasets; no two are named `process`."""
    return f"{','.join(versions)} {process}"


def served_by(runner: str) -> Sequence[str]:
    """Return the versions of the datasets that are in the name of a runner."""
    return runner.partition(" ")[0].split(",")


def process_of(runner: str) -> str:
    """Return the process in the name of a runner."""
    return runner.partition(" ")[2]


def channel(database: int) -> str:
    """Return the channel on which jobs that have ended are published.

    All databases of a Redis share its channels, so the name has the database. Before 2.0 there were
    numbers alone on a channel of another name.
    """
    return f"stats:ends:{database}"
