"""How locks are used: how often they are taken, by how many who had to wait, and how long held.

A lock that is measured has a wrapper in its place, which takes the same lock: so it does not matter
who has the wrapper and who has the lock itself. When nobody measures, the wrapper is not there.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

# Objects by what to call the lock that each has as its `_lock`.
Owners = Mapping[str, object]

_LOCK = "_lock"


class LockUse(NamedTuple):
    """How a lock was used in the `seconds` that it is measured for; times are in seconds.

    `contended` are those of the times that it was `taken` when another thread had it.
    """

    name: str
    seconds: float
    taken: int
    contended: int
    waited: float
    longest: float


class MeteredLock:
    """Stands in front of a lock, and counts.

    Its fields change while the lock is held alone, so the lock guards them, too.
    """

    def __init__(self, lock: Any, clock: Callable[[], float] = time.monotonic) -> None:
        """Take a lock, or a condition with one."""
        self.lock = lock
        self.taken = self.contended = 0
        self.waited = self.longest = 0.0
        self._clock = clock
        self._since = 0.0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock."""
        if not self.lock.acquire(False):
            if not blocking:
                return False
            began = self._clock()
            if not (self.lock.acquire() if timeout < 0 else self.lock.acquire(True, timeout)):
                return False
            self.contended += 1
            self.waited += self._clock() - began
        self.taken += 1
        self._since = self._clock()
        return True

    def release(self) -> None:
        """Give it back."""
        self.longest = max(self.longest, self._clock() - self._since)
        self.lock.release()

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait as a condition does, which does not hold its lock meanwhile."""
        self.longest = max(self.longest, self._clock() - self._since)
        fulfilled: bool = self.lock.wait_for(predicate, timeout)
        self._since = self._clock()
        return fulfilled

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_error: object) -> None:
        self.release()

    def __getattr__(self, name: str) -> Any:
        """Return what else a lock or a condition has."""
        return getattr(self.lock, name)


class MeteredLocks:
    """The locks of some objects, measured for a while.

    The lock of its Trace guards it where it begins and ends.
    """

    def __init__(self) -> None:
        self.owners: Callable[[], Owners] = dict
        self._measured: dict[str, tuple[object, MeteredLock]] = {}
        self._began = 0.0

    def begin(self) -> None:
        """Put the wrappers in place."""
        self._began = time.monotonic()
        measured: dict[str, tuple[object, MeteredLock]] = {}
        for name, owner in self.owners().items():
            measured[name] = (owner, MeteredLock(getattr(owner, _LOCK)))
            setattr(owner, _LOCK, measured[name][1])
        self._measured = measured

    def end(self) -> None:
        """Take them away. Who is inside gives the lock back through the wrapper."""
        for owner, metered in self._measured.values():
            setattr(owner, _LOCK, metered.lock)
        self._measured = {}

    def uses(self) -> list[LockUse]:
        """Return how each lock was used so far."""
        seconds = time.monotonic() - self._began
        return [
            LockUse(name, seconds, one.taken, one.contended, one.waited, one.longest)
            for name, (_, one) in self._measured.items()
        ]
