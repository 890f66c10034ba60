"""Explore the orders in which submits, a close and the runners of the pool can meet.

frontrun python .ci/proofs/schedules.py [--runs N] [--seed S]     (both from .ci/requirements.txt)

In every order that frontrun tries, what was accepted must have run, once, and each runner must have
had its sentinel. To show that it would find a fault, it must find one in a pool that asks "still
accepting?" and enqueues in two steps.
"""

import argparse
import logging
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import frontrun

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

# Orders in which the fault of the broken pool is looked for, however small the sample of the others
# is: the search ends where it is found, which took 160 of the random ones with seed 1.
UNTIL_FOUND = 2000


class State:
    """One pool whose runners are run by the exploration, and what happened to it."""

    def __init__(self, runners: int, *, broken: bool = False) -> None:
        # Imported here, where frontrun stands under the locks already.
        from app import task_runner
        from app.errors import ShuttingDown
        from app.task_runner import Task, TaskRunner, ThreadPool

        # The pool's logic is explored with the standard semaphore: frontrun takes LifoSemaphore,
        # where a thread waits for an item that another puts, for a deadlock.
        vars(task_runner)["LifoSemaphore"] = partial(threading.Semaphore, 0)
        TaskRunner.start = lambda self: None  # type: ignore[method-assign]

        class BrokenPool(ThreadPool):
            """One that can enqueue behind the sentinels."""

            def submit(self, task: Task) -> None:
                """Ask, let go of the lock, and enqueue."""
                if not self.accepting:
                    raise ShuttingDown
                self._queue.put(task)
                self._semaphore.release()

        log = logging.Logger("silent")
        log.addHandler(logging.NullHandler())
        self.refused = ShuttingDown
        self.pool = (BrokenPool if broken else ThreadPool)(runners, log)
        self.accepted: list[int] = []
        self.ran: list[int] = []
        self.ended: list[int] = []


def submit(number: int) -> Callable[[State], None]:
    """Return a worker that submits one task."""

    def work(state: State) -> None:
        try:
            state.pool.submit(lambda: state.ran.append(number))
        except state.refused:
            return
        state.accepted.append(number)

    return work


def close(state: State) -> None:
    """Close the pool."""
    state.pool.close()


def run(number: int) -> Callable[[State], None]:
    """Return a worker that is a runner of the pool."""

    def work(state: State) -> None:
        state.pool.runners[number].run()
        state.ended.append(number)

    return work


def holds(state: State) -> bool:
    """Tell whether nothing was lost, doubled or left behind."""
    all_ended = sorted(state.ended) == list(range(len(state.pool.runners)))
    return sorted(state.ran) == sorted(state.accepted) and all_ended


def explore(
    workers: list[Callable[[State], None]],
    runners: int,
    *,
    runs: int,
    seed: int,
    broken: bool = False,
) -> Any:
    """Explore one case: `runs` of the orders that can differ, and as many random ones."""
    case = {"setup": lambda: State(runners, broken=broken), "workers": workers, "invariant": holds}
    return [
        frontrun.explore(**case, strategy="dpor", max_executions=runs),
        frontrun.explore(**case, strategy="random", max_attempts=runs, seed=seed),
    ]


def main() -> int:
    """Explore the pool, and a broken one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="orders of each kind, at most")
    parser.add_argument("--seed", type=int, default=1)
    options = vars(parser.parse_args())
    wrong = 0
    cases = {
        "submit, close, runner": ([submit(1), close, run(0)], 1),
        "2 submits, close, runner": ([submit(1), submit(2), close, run(0)], 1),
        "2 closes, runner": ([close, close, run(0)], 1),
    }
    for name, (workers, runners) in cases.items():
        found = explore(workers, runners, **options)
        tried = sum(result.num_explored for result in found)
        good = all(result.property_holds for result in found)
        wrong += not good
        print(f"{name:26} {tried:4} orders: {'holds' if good else 'BROKEN'}")
    found = explore(
        [submit(1), close, run(0)], 1, runs=UNTIL_FOUND, seed=options["seed"], broken=True
    )
    missed = any(result.property_holds for result in found)
    print(f"a pool that is broken on purpose: {'NOT FOUND' if missed else 'found'}")
    return 1 if wrong or missed else 0


if __name__ == "__main__":
    sys.exit(main())
