"""Kill what the second executor is made of, one after another, under load; nothing may be lost.

Clients submit with keys, and send again what got no answer: there must be one job for each key.

python .ci/proofs/cluster_kills.py [--runs N] [--seed S]

Each time a worker's process that runs jobs, a whole worker, a web process or Redis is killed with
SIGKILL, and what Celery does not start again by itself is started again at once.
"""

import contextlib
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from clients import StrictLedger, Truth, verdict
from cluster_watch import arguments, check_end, load, needs_programs, seconds_to_an_answer
from keyed_submits import KeyedSubmits

from unittests.helpers.cluster import Cluster, Worker, running_cluster

WORKERS = 2
KINDS = ("child", "worker", "web", "redis")


class Killer:
    """Kills parts of a cluster, in an order that the seed decides."""

    def __init__(self, there: Cluster, chance: random.Random) -> None:
        self.there = there
        self.chance = chance
        self.ports = [there.web().port for _ in range(2)]
        for _ in range(WORKERS):
            self._work()
        for worker in there.workers:
            worker.ready(there.redis.client, 1)

    def _work(self) -> Worker:
        return self.there.worker("--files", str(self.there.files))

    def kill(self) -> tuple[str, int]:
        """Kill a part and start it again; return its kind, and the port of a web process to ask."""
        kind = self.chance.choice(KINDS)
        there, which = self.there, self.chance.randrange(2)
        asked = self.ports[which]
        match kind:
            case "child":
                # A worker that has just begun has none yet that runs jobs.
                child = self.chance.choice(there.workers).ready(there.redis.client, 1)[0]
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            case "worker":
                there.workers.pop(0).kill()
                self._work()
            case "web":
                asked = self.ports[1 - which]
                port = str(self.ports[which])
                web = next(web for web in there.webs if web.port == self.ports[which])
                there.webs.remove(web)
                web.stop(signal.SIGKILL)
                there.web("--port", port)
            case "redis":
                there.redis.kill()
                there.redis.start()
        return kind, asked


def main() -> int:
    """Run the kills."""
    options = arguments(__doc__, runs=20)
    needs_programs("redis-server")
    chance = random.Random(options.seed)
    ledger = StrictLedger(Truth())
    submits = KeyedSubmits(ledger)
    took: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, running_cluster(Path(folder)) as there:
        killer = Killer(there, chance)
        with load(killer.ports, ledger, chance, submits=submits):
            for _ in range(options.runs):
                time.sleep(chance.uniform(0.02, 0.5))
                kind, asked = killer.kill()
                took[kind].append(seconds_to_an_answer(asked, submits=submits))
        submits.check_once(there.webs[0])
        check_end(there, ledger)
    for kind, seconds in sorted(took.items()):
        middle, most = statistics.median(seconds), max(seconds)
        print(f"{kind}: {len(seconds)} x, a new job was answered after {middle:.2f} s"
              f" (median), {most:.2f} s at most")  # fmt: skip
    return verdict(ledger, f"{options.runs} x SIGKILL, seed {options.seed}")


if __name__ == "__main__":
    sys.exit(main())
