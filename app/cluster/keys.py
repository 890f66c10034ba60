"""What lies where in Redis: the names that Python and the scripts use.

| key | type | what it holds |
| --- | --- | --- |
| `stats:last` | string | the highest job number ever given |
| `stats:job:N` | hash | a job: what it asks, of which dataset, where it stands, how it ended |
| `stats:jobs` | sorted set | the numbers of all jobs that are kept, by number |
| `stats:waiting` | sorted set | queued jobs, by when they are to be sent to the workers again |
| `stats:running` | sorted set | jobs that run, by when they began |
| `stats:finished` | sorted set | `N:ANSWER` of finished jobs, by when they ended |
| `stats:answer:SHA` | string | an answer as JSON, by the SHA-256 of its bytes |
| `stats:uses` | hash | how many finished jobs have an answer |
| `stats:ended` | hash | how many jobs ended since the first, by statistic and status |
| `stats:times` | hash | how long these waited and ran: how many in each range, and seconds in sum |
| `stats:runners` | sorted set | processes that run jobs, by when they last told that they live |
| `stats:webs` | sorted set | web processes, likewise |
| `stats:draining` | set | the web processes that lived when the service was told to drain |
| `stats:janitor` | string | the web process that looks after lost jobs, for a few seconds |

Times are seconds since 1970 by the clock of Redis. Beside these, Celery keeps its queues
(for each dataset `stats-VERSION`, and `stats-batches-VERSION` for batches) and `unacked*` in the
same database.
"""

from app.job import Digest

KEYS = {
    "LAST": "stats:last",
    "JOB": "stats:job:",
    "JOBS": "stats:jobs",
    "WAITING": "stats:waiting",
    "RUNNING": "stats:running",
    "FINISHED": "stats:finished",
    "ANSWER": "stats:answer:",
    "USES": "stats:uses",
    "ENDED": "stats:ended",
    "TIMES": "stats:times",
    "RUNNERS": "stats:runners",
    "WEBS": "stats:webs",
    "DRAINING": "stats:draining",
    "KEEPER": "stats:janitor",
    "QUEUE": "stats-",
    "BATCHES": "stats-batches-",
}

LAST = KEYS["LAST"]
JOB = KEYS["JOB"]
JOBS = KEYS["JOBS"]
WAITING = KEYS["WAITING"]
RUNNING = KEYS["RUNNING"]
FINISHED = KEYS["FINISHED"]
ANSWER = KEYS["ANSWER"]
ENDED = KEYS["ENDED"]
TIMES = KEYS["TIMES"]
RUNNERS = KEYS["RUNNERS"]
WEBS = KEYS["WEBS"]
DRAINING = KEYS["DRAINING"]
QUEUE = KEYS["QUEUE"]
BATCHES = KEYS["BATCHES"]


def digest_text(digest: Digest) -> str:
    """Return the digest of an answer as its jobs have it."""
    return f"{digest.size}-{digest.crc}"


def digest_from(text: str) -> Digest:
    """Return what `digest_text` was given."""
    size, _, crc = text.partition("-")
    return Digest(int(size), int(crc))


def channel(database: int) -> str:
    """Return the channel on which the numbers of jobs that ended are told.

    Redis has one set of channels for all its databases, so the name tells which it is of.
    """
    return f"stats:ended:{database}"
