"""What happened, in order: the last steps of jobs, recorded only while somebody looks.

Whoever does a step tells of it where `on` is true: while nobody looks, this test of an attribute is
all that a step costs. `look` begins to record; each call of it has that go on for a minute.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from app.concurrency.metered_locks import LockUse, MeteredLocks, Owners

# Some five thousand jobs of six steps; a few megabytes.
MOST_STEPS = 32_768
# A request may wait for half of it until there is something to tell.
LOOK_SECONDS = 60.0


class Step(NamedTuple):
    """Something that took a while; times are of the monotonic clock, in seconds.

    `lane` is the thread that did it, or what it was done to. `number` is of the job, or of the
    first of so many `jobs`; 0 of none. `detail` tells more in a word. `cpu` are the seconds for
    which the thread had a processor, where that is known.
    """

    lane: str
    name: str
    began: float
    ended: float
    number: int = 0
    jobs: int = 1
    detail: str = ""
    cpu: float | None = None

    @property
    def numbers(self) -> range:
        """The numbers of the jobs that it is of."""
        return range(self.number, self.number + self.jobs)


class Recorded(NamedTuple):
    """Steps in the order in which they ended, and how many there had ever been after the last."""

    steps: list[Step]
    total: int


class Trace:
    """A ring of steps. Any thread may tell of one."""

    def __init__(self, most: int = MOST_STEPS, clock: Callable[[], float] = time.monotonic) -> None:
        self.on = False  # whether to tell of steps; read without the lock
        # Guards `on` and the fields below. Nobody waits on it.
        self._lock = threading.Lock()
        self._steps: deque[Step] = deque(maxlen=most)
        self._count = 0  # of all steps there ever were
        self._changes = 0  # of those that are of jobs
        self._until = 0.0
        self._clock = clock
        self._locks = MeteredLocks()

    def measure(self, owners: Callable[[], Owners]) -> None:
        """Measure the locks of these objects, too, while steps are recorded."""
        self._locks.owners = owners

    def look(self) -> None:
        """Record from now on, for a minute."""
        with self._lock:
            self._until = self._clock() + LOOK_SECONDS
            if not self.on:
                self._locks.begin()
                self.on = True

    def rest(self) -> None:
        """Record no more when nobody has looked for a minute; to be called from time to time."""
        with self._lock:
            if self.on and self._clock() > self._until:
                self.on = False
                self._locks.end()

    def add(self, step: Step) -> None:
        """Take note of a step."""
        with self._lock:
            self._steps.append(step)
            self._count += 1
            self._changes += bool(step.number)

    def latest(self, most: int = MOST_STEPS) -> Recorded:
        """Return the last steps that are here, at most so many."""
        with self._lock:
            steps = list(islice(reversed(self._steps), most))
            return Recorded(steps[::-1], self._count)

    @property
    def changes(self) -> int:
        """How many steps of jobs there were; other steps come of being looked at, too."""
        with self._lock:
            return self._changes

    @property
    def locks(self) -> Iterable[LockUse]:
        """How the locks were used since somebody looks; empty where nobody does."""
        return self._locks.uses()


class RunSteps:
    """Tells of the steps of one job on the thread that runs it."""

    def __init__(self, trace: Trace, number: int, statistic: str, waited: float) -> None:
        """`waited` is how many seconds the job was queued for, which has just begun to run."""
        self._trace = trace
        self._number = number
        self._statistic = statistic
        self._lane = threading.current_thread().name
        self._began = self._last = time.monotonic()
        self._cpu = time.thread_time()
        queued = Step(self._lane, "queued", self._began - waited, self._began, number)
        trace.add(queued._replace(detail=statistic))

    def done(self, name: str, detail: str = "") -> None:
        """Tell of a step that has just ended; it began where the one before did end."""
        began, self._last = self._last, time.monotonic()
        self._trace.add(Step(self._lane, name, began, self._last, self._number, detail=detail))

    def ended(self) -> None:
        """Tell that the job has ended, and its thread is free for the next one."""
        cpu = time.thread_time() - self._cpu
        run = Step(self._lane, "run", self._began, time.monotonic(), self._number, 1)
        self._trace.add(run._replace(detail=self._statistic, cpu=cpu))


def trace_log(trace: Trace) -> Callable[[float, float, int], None]:
    """Return what the log tells of its writes: when one began and ended, and of how many lines."""

    def written(began: float, ended: float, lines: int) -> None:
        if trace.on:
            trace.add(Step("log", "write", began, ended, detail=f"{lines} lines"))

    return written
