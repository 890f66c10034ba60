"""A semaphore for a pool of threads: it wakes as few of them as the work needs.

`threading.Semaphore` wakes, for each permit, the thread that has waited longest. With 16 idle
threads and small tasks that is a cold thread for each task, all of which then contend for the
interpreter, while the one that has just finished could have gone on: it cost a quarter of the
throughput. Here whoever comes first takes a free permit, the last to wait is the first to be woken,
and one thread at a time is on its way to wake up; it wakes the next when there is more to do.
"""

import threading
from queue import SimpleQueue


class LifoSemaphore:
    """A semaphore that starts with no permits."""

    def __init__(self) -> None:
        # Guards the fields below. What they keep true: where permits are free and threads wait, one
        # of them has been woken and is on its way. So no permit is forgotten.
        self._lock = threading.Lock()
        self._free = 0
        self._waiting: list[SimpleQueue[None]] = []  # one for each thread, which waits for an item
        self._waking = False

    @property
    def free(self) -> int:
        """How many permits there are at this moment, for people to see."""
        with self._lock:
            return self._free

    def release(self) -> None:
        """Add a permit."""
        with self._lock:
            self._free += 1
            self._wake_one()

    def acquire(self) -> None:
        """Take a permit, waiting for one as long as it takes."""
        with self._lock:
            if self._free:
                self._take()
                return
            wake_up: SimpleQueue[None] = SimpleQueue()
            self._waiting.append(wake_up)
        while True:
            wake_up.get()
            with self._lock:
                self._waking = False
                if self._free:
                    self._take()
                    return
                self._waiting.append(wake_up)  # another thread was faster

    def _take(self) -> None:
        self._free -= 1
        if self._free:
            self._wake_one()

    def _wake_one(self) -> None:
        if self._waiting and not self._waking:
            self._waking = True
            self._waiting.pop().put(None)
