"""What was made lately, within bounds: answers above all, so that each is computed once."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class _Kept(NamedTuple, Generic[T]):
    value: T
    size: int


class BoundedCache(Generic[T]):
    """Values by key, of a size each, and at most so much in all; the oldest go first."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        # Guards the fields below where they change. To look one up takes no lock:
        # that relies on the GIL or, without it, on the lock that an OrderedDict has of its own.
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, _Kept[T]] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable) -> T | None:
        """Return the value under `key`, or None when it is not here (any more)."""
        kept = self._values.get(key)
        return kept.value if kept is not None else None

    def pop(self, key: Hashable) -> T | None:
        """Return the value under `key` and keep it no longer; None when it is not here."""
        with self._lock:
            kept = self._values.pop(key, None)
            self._size -= kept.size if kept is not None else 0
        return kept.value if kept is not None else None

    def put(self, key: Hashable, value: T, size: int) -> None:
        """Keep a value of a size, and let the oldest ones go when there is no room.

        One that is larger than all the room is not kept, and none is dropped to make room for it.
        """
        if size > self._capacity:
            self.pop(key)
            return
        with self._lock:
            before = self._values.pop(key, None)
            self._size += size - (before.size if before is not None else 0)
            self._values[key] = _Kept(value, size)
            while self._size > self._capacity:
                self._size -= self._values.popitem(last=False)[1].size
