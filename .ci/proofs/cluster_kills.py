"""Kill what the second executor is made of, one after another, under load; nothing may be lost.

python .ci/proofs/cluster_kills.py [--kills N] [--seed S]

Each time a worker's process that runs jobs, a whole worker, a web process or Redis is killed with
SIGKILL, and what Celery does not start again by itself is started again at once.
"""

import argparse
import contextlib
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

from clients import StrictLedger, Truth, check_all, client, verdict
from cluster_watch import needs_programs, seconds_to_an_answer

from unittests.redis_place import Place, Worker
from unittests.support import eventually

CLIENTS = 4
WORKERS = 2
KINDS = ("child", "worker", "web", "redis")


class Killer:
    """What is killed, in an order that the seed tells."""

    def __init__(self, there: Place, chance: random.Random) -> None:
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
        """Kill something and have it started again; return what it was, and whom to ask then."""
        kind = self.chance.choice(KINDS)
        there, place = self.there, self.chance.randrange(2)
        asked = self.ports[place]
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
                asked = self.ports[1 - place]
                port = str(self.ports[place])
                web = next(web for web in there.webs if web.port == self.ports[place])
                there.webs.remove(web)
                web.stop(signal.SIGKILL)
                there.web("--port", port)
            case "redis":
                there.redis.kill()
                there.redis.start()
        return kind, asked


def load(port: int, ledger: StrictLedger, chance: random.Random, stop: threading.Event) -> None:
    """Submit and ask, and come back whenever cut off."""
    while not stop.wait(0.02):
        client(port, ledger, chance, stop, {503}, {503})


def main() -> int:
    """Run the kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    needs_programs("redis-server")
    chance = random.Random(options.seed)
    ledger = StrictLedger(Truth())
    took: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        there, stop = Place(Path(folder)), threading.Event()
        try:
            killer = Killer(there, chance)
            threads = [
                threading.Thread(
                    target=load,
                    args=(killer.ports[n % 2], ledger, random.Random(chance.random()), stop),
                )
                for n in range(CLIENTS)
            ]
            for thread in threads:
                thread.start()
            for _ in range(options.kills):
                time.sleep(chance.uniform(0.02, 0.5))
                kind, asked = killer.kill()
                took[kind].append(seconds_to_an_answer(asked))
            stop.set()
            for thread in threads:
                thread.join()
            began = time.monotonic()
            last = there.webs[0]
            eventually(lambda: last.get("api/num_jobs")["num_jobs"] == 0, 120)
            print(f"all was done {time.monotonic() - began:.1f} s after the last submit")
            ids = list(ledger.promised)
            for web in there.webs:
                check_all(web, ledger, ids)
            check_list(there, ledger)
        finally:
            stop.set()
            there.close()
    for kind, seconds in sorted(took.items()):
        middle, most = statistics.median(seconds), max(seconds)
        print(f"{kind}: {len(seconds)} x, a new job was answered after {middle:.2f} s"
              f" (median), {most:.2f} s at most")  # fmt: skip
    return verdict(ledger, f"{options.kills} x SIGKILL, seed {options.seed}")


def check_list(there: Place, ledger: StrictLedger) -> None:
    """Look that each job is listed once, as done, and that its file holds what it answers."""
    listed = [next(iter(row.items())) for row in there.webs[0].get("api/jobs")["data"]]
    if [int(job_id[7:]) for job_id, _ in listed] != list(range(1, len(listed) + 1)):
        ledger.complain("the list has gaps, or jobs twice")
    for job_id, status in listed:
        if status != "done":
            ledger.complain(f"{job_id} is listed as {status}")
    missing = set(ledger.promised) - {job_id for job_id, _ in listed}
    if missing:
        ledger.complain(f"{len(missing)} acknowledged jobs are not listed, as {min(missing)}")
    print(f"{len(listed)} jobs were accepted, {len(listed) - len(ledger.promised)} of them"
          " without an answer that told so")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
