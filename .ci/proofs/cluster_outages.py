"""Have Redis stand still, and the way to it slow and cut, under load; then jobs that are poison.

python .ci/proofs/cluster_outages.py [--runs N] [--seed S]

Each run has five outages.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from clients import StrictLedger, Truth, verdict
from cluster_watch import (
    arguments,
    check_end,
    load,
    needs_programs,
    one_answer,
    seconds_to_an_answer,
    slowest_refusal,
)

from app.job_service import LETHAL
from unittests.helpers.cluster import FAULTY_WORKER, Cluster, running_cluster
from unittests.helpers.data import OBESITY
from unittests.helpers.tcp_proxy import Proxy
from unittests.helpers.waiting import eventually

MOST_SECONDS = 5.0  # until all goes on after an outage
MOST_WAIT = 3.0  # for a 503: the 2 seconds that Redis has to answer, and some to respond


def outages(there: Cluster, wire: Proxy, chance: random.Random, ledger: StrictLedger,
            rounds: int) -> None:  # fmt: skip
    """Make each kind of outage, in turn, and measure what clients see of it."""
    kinds: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "Redis stands still": (there.redis.pause, there.redis.resume),
        "nothing comes through": (wire.hold, wire.restore),
        "connections are refused": (wire.refuse, wire.restore),
        "each piece takes 0.2 s": (lambda: setattr(wire, "delay", 0.2), wire.restore),
        "connections break": (wire.cut, wire.restore),
    }
    ports = [web.port for web in there.webs]
    for _ in range(rounds):
        for name, (begin, end) in kinds.items():
            with load(ports, ledger, chance):
                time.sleep(chance.uniform(0.1, 0.5))
                begin()
                try:
                    slowest = slowest_refusal(ports[0], ledger, chance.uniform(1, 8))
                finally:
                    end()
                back = max(seconds_to_an_answer(port) for port in ports)
            print(f"{name}: the slowest submit meanwhile took {slowest:.2f} s, a new job was"
                  f" answered {back:.2f} s after its end")  # fmt: skip
            if slowest > MOST_WAIT or back > MOST_SECONDS:
                ledger.complain(f"{name}: {slowest:.1f} s, {back:.1f} s")


def poison(there: Cluster, ledger: StrictLedger) -> None:
    """Ask a job that ends whatever runs it, and one that never ends, in the middle of others."""
    for worker in there.workers:
        worker.stop()
    web = there.webs[0]
    states = ["Ohio", "Guam", "Texas", "Alabama", "Utah", *["Ohio"] * 60]
    items = [{"statistic": "state_mean", "question": OBESITY, "state": state} for state in states]
    ids = web.http.post(f"{web.url}/api/batch", json=items, timeout=30).json()["job_ids"]
    began = time.monotonic()
    there.worker(program=FAULTY_WORKER, processes=2).ready(there.redis.client, 2)
    ended: dict[str, float] = {}

    def over() -> bool:
        for job_id in ids:
            if job_id not in ended and web.get(f"api/get_results/{job_id}") != {
                "status": "running"
            }:
                ended[job_id] = time.monotonic() - began
        return len(ended) == len(ids)

    eventually(over, 120)
    reasons = {"Guam": LETHAL, "Utah": "the job took longer than 5 seconds"}
    for state, job_id in zip(states, ids, strict=True):
        result = web.get(f"api/get_results/{job_id}")
        if result.get("reason") != reasons.get(state):
            ledger.complain(f"{job_id} of {state}: {result}")
    others = max(ended[job_id] for state, job_id in zip(states, ids, strict=True)
                 if state not in reasons)  # fmt: skip
    print(f"a job that ends its process failed after {ended[ids[1]]:.1f} s, one that never"
          f" ends after {ended[ids[4]]:.1f} s; the others of their batch were done after"
          f" {others:.1f} s")  # fmt: skip
    if not one_answer(web.port, 20):
        ledger.complain("the worker runs no jobs any more")


def main() -> int:
    """Run the outages, then the poison."""
    options = arguments(__doc__, runs=1)
    needs_programs("redis-server")
    chance = random.Random(options.seed)
    ledger = StrictLedger(Truth())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        there = stack.enter_context(running_cluster(folder))
        wire = Proxy(there.redis.port)
        stack.callback(wire.close)
        workers = [there.worker(url=url) for url in (there.redis.url, wire.url)]
        for _ in range(2):
            there.web("--job-seconds", "5", url=wire.url)
        for worker in workers:
            worker.ready(there.redis.client, 1)
        outages(there, wire, chance, ledger, options.runs)
        check_end(there, ledger)
        poison(there, ledger)
    return verdict(ledger, f"{options.runs} x 5 outages, seed {options.seed}")


if __name__ == "__main__":
    sys.exit(main())
