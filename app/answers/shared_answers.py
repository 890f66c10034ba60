"""Answers that no job is made for: computed once for all who ask at the same time."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from app.answers.answers import Answer, Answers
from app.errors import Overloaded
from app.job import JobRequest

# What is under way at a time, each for any number of clients.
_MOST = 64


class SharedAnswers:
    """Computes answers as tasks of a pool, each at most once at a time.

    An answer is a function of the dataset and of what it is asked alone, so one is as good for
    everybody who asks the same.
    """

    def __init__(self, submit: Callable[[Callable[[], object]], None]) -> None:
        """`submit` takes a task to be run, or raises ShuttingDown."""
        self._submit = submit
        # Guards the field below; not held while calling out.
        self._lock = threading.Lock()
        self._under_way: dict[tuple[str, str, str], Future[Answer]] = {}

    def answer(self, answers: Answers, request: JobRequest) -> "Future[Answer]":
        """Return the future of an answer; it may raise what `Answers.answer` does.

        Raises ShuttingDown, and Overloaded where as many answers are computed as may be.
        """
        key = (answers.version, request.statistic, request.parameters)
        with self._lock:
            under_way = self._under_way.get(key)
            if under_way is not None:
                return under_way
            if len(self._under_way) >= _MOST:
                raise Overloaded("many answers are being computed already; try again in a moment")
            future = self._under_way[key] = Future()

        def compute() -> None:
            try:
                answer = answers.answer(request)
            except BaseException as error:  # pylint: disable=broad-exception-caught
                self._forget(key)
                future.set_exception(error)
            else:
                self._forget(key)
                future.set_result(answer)

        try:
            self._submit(compute)
        except BaseException as error:
            self._forget(key)
            future.set_exception(error)
            raise
        return future

    def _forget(self, key: tuple[str, str, str]) -> None:
        with self._lock:
            self._under_way.pop(key, None)
