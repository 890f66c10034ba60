"""Models of parameters."""

import sys
import threading

from app.statistics.parameters import Parameters, Year, Years, read
from app.statistics.registry import Registry
from app.statistics.statistic import Statistic
from unittests.helpers import forked

MODELS = 100
THREADS = 3


def read_at_once() -> None:
    """Read each of many models for the first time on several threads."""
    sys.setswitchinterval(1e-6)

    def read_one(model: type[Parameters], ready: threading.Barrier) -> None:
        ready.wait()
        assert read(model, {"years": {"from": 2011}}).years.first == 2011  # type: ignore[attr-defined]

    for _ in range(MODELS):

        class Asked(Parameters, frozen=True):
            """A model like the real ones."""

            years: Years
            year: Year | None = None

        class Toy(Statistic[Asked]):
            """A statistic of which nothing is asked but to read its parameters."""

            name = "toy"
            parameters = Asked

            resolve = find = compute = sentence = method = lambda *_: None  # type: ignore[assignment]

        Registry(Toy())
        ready = threading.Barrier(THREADS)
        threads = [threading.Thread(target=read_one, args=(Asked, ready)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def test_several_threads_may_read_a_model_for_the_first_time() -> None:
    # In a process of its own: where they may not, it ends by a segmentation fault.
    program = "from unittests.statistics.test_parameters import read_at_once; read_at_once()"
    done = forked.run("-c", program)
    assert (done.returncode, done.stderr) == (0, "")
