"""This server with its first N jobs held back for ever, so that clients can wait for them.

python -m benchmarks.apps.held N [options of api_server.py]
"""

import sys

from app import server, task_runner


def pool_that_holds(jobs: int) -> type[task_runner.ThreadPool]:
    """Return a thread pool that never runs the first `jobs` tasks it is given."""

    class HoldingPool(task_runner.ThreadPool):
        """A pool that accepts tasks and forgets the first ones."""

        _to_hold = jobs

        def submit(self, *tasks: task_runner.Task) -> None:
            """Queue tasks, unless they are to be held back."""
            if self._to_hold:
                self._to_hold -= len(tasks)
            else:
                super().submit(*tasks)

    return HoldingPool


if __name__ == "__main__":
    # create_app looks the pool up when it is called.
    task_runner.ThreadPool = pool_that_holds(int(sys.argv[1]))  # type: ignore[misc]
    sys.exit(server.main(sys.argv[2:], "held.py"))
