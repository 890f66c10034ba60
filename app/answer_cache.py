"""Encoded answers in memory, so that the same question on the same dataset is computed once."""

import threading
from collections import OrderedDict
from collections.abc import Hashable


class AnswerCache:
    """Bytes by key, at most `most_bytes` of them in all; the oldest go first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        # Guards the fields below where they change; looking one up is atomic and takes no lock.
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> bytes | None:
        """Return the answer under `key`, or None when it is not here (any more)."""
        return self._answers.get(key)

    def put(self, key: Hashable, answer: bytes) -> None:
        """Keep an answer, and let the oldest ones go when there is no room."""
        with self._lock:
            self._bytes += len(answer) - len(self._answers.pop(key, b""))
            self._answers[key] = answer
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._answers.popitem(last=False)[1])
