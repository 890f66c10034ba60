"""Answers already computed, so that the same question on the same dataset is computed once."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class _Kept(NamedTuple, Generic[T]):
    answer: T
    size: int


class BoundedCache(Generic[T]):
    """Answers by key, at most `most_bytes` of them in all; the oldest go first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        # Guards the fields below where they change. To look one up takes no lock:
        # that relies on the GIL or, without it, on the lock that an OrderedDict has of its own.
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, _Kept[T]] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> T | None:
        """Return the answer under `key`, or None when it is not here (any more)."""
        kept = self._answers.get(key)
        return kept.answer if kept is not None else None

    def pop(self, key: Hashable) -> T | None:
        """Return the answer under `key` and keep it no longer; None when it is not here."""
        with self._lock:
            kept = self._answers.pop(key, None)
            self._bytes -= kept.size if kept is not None else 0
        return kept.answer if kept is not None else None

    def put(self, key: Hashable, answer: T, size: int) -> None:
        """Keep an answer of so many bytes, and let the oldest ones go when there is no room.

        One that is larger than all the room is not kept, and none is dropped to make room for it.
        """
        if size > self._most_bytes:
            self.pop(key)
            return
        with self._lock:
            before = self._answers.pop(key, None)
            self._bytes += size - (before.size if before is not None else 0)
            self._answers[key] = _Kept(answer, size)
            while self._bytes > self._most_bytes:
                self._bytes -= self._answers.popitem(last=False)[1].size
