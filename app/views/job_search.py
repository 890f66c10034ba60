"""A look at many jobs that leaves others room: in slices, and in turns where it gets long."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from itertools import islice

from app.job import Job

MOST_SEARCHED = 100_000
# Who looks at more jobs than this, goes on when it is their turn.
FEW_SEARCHED = 5000
JOBS_A_SLICE = 1000
# After each slice, others have the interpreter for so many seconds.
_MOMENT = 0.0001

Turn = Callable[[], AbstractContextManager[object]]


def slices(
    jobs: Iterator[Job], turn: Turn, first: int = JOBS_A_SLICE
) -> Generator[list[Job], None, None]:
    """Yield jobs some at a time, at most MOST_SEARCHED in all, the first slice of a size.

    Where they are more than a few, it enters `turn`, and leaves it at its end: close it.
    """
    searched, size = 0, first
    with ExitStack() as stack:
        while some := list(islice(jobs, min(size, MOST_SEARCHED - searched))):
            searched += len(some)
            yield some
            if searched - len(some) < FEW_SEARCHED <= searched:
                stack.enter_context(turn())
            size = JOBS_A_SLICE
            time.sleep(_MOMENT)
