"""Cut the network between web processes and Redis, on two hosts of one machine, under load.

python .ci/proofs/cluster_hosts.py [--runs N] [--seed S]

Redis and a worker are in a network namespace of their own, web processes and another worker
outside of it; a pair of virtual cards joins them. Needs root.
"""

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from clients import StrictLedger, Truth, verdict
from cluster_watch import (
    arguments,
    check_end,
    load,
    needs_programs,
    seconds_to_an_answer,
    skip,
    slowest_refusal,
)

from unittests.helpers.cluster import running_cluster
from unittests.helpers.waiting import eventually

MOST_SECONDS = 5.0  # until all goes on once the network is back
NEAR, FAR = "10.213.77.1", "10.213.77.2"


def ip(*words: str) -> None:
    """Run a command of `ip`."""
    subprocess.run(["ip", *words], check=True)


@contextlib.contextmanager
def another_host() -> Iterator[tuple[str, str]]:
    """Give the name of a namespace, and of the card here that leads there."""
    name, card, its_card = (f"{part}{os.getpid()}" for part in ("stats", "sn", "sf"))
    try:
        ip("netns", "add", name)
        ip("link", "add", card, "type", "veth", "peer", "name", its_card, "netns", name)
    except subprocess.CalledProcessError:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        skip("needs the right to make network namespaces (root)")
    try:
        ip("addr", "add", f"{NEAR}/30", "dev", card)
        ip("-n", name, "addr", "add", f"{FAR}/30", "dev", its_card)
        for words in (("link", "set", card, "up"), ("-n", name, "link", "set", its_card, "up"),
                      ("-n", name, "link", "set", "lo", "up")):  # fmt: skip
            ip(*words)
        yield name, card
    finally:
        ip("netns", "del", name)  # and both cards with it


def main() -> int:
    """Run the cuts."""
    options = arguments(__doc__, runs=5)
    needs_programs("redis-server", "ip")
    chance = random.Random(options.seed)
    ledger = StrictLedger(Truth())
    back, refused = [], []
    with contextlib.ExitStack() as stack:
        name, card = stack.enter_context(another_host())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        within = ("ip", "netns", "exec", name)
        there = stack.enter_context(running_cluster(folder, host=FAR, within=within))
        far, near = there.worker(within=within), there.worker()
        ports = [there.web().port for _ in range(2)]
        for worker in (far, near):
            worker.ready(there.redis.client, 1)
        with load(ports, ledger, chance):
            for _ in range(options.runs):
                time.sleep(chance.uniform(0.1, 1))
                ip("link", "set", card, "down")
                try:
                    refused.append(slowest_refusal(ports[0], ledger, chance.uniform(0.5, 8)))
                finally:
                    ip("link", "set", card, "up")
                back.append(max(seconds_to_an_answer(port) for port in ports))
        check_end(there, ledger)
        # The worker that was cut off works again, too: it is the only one now.
        far.stop()
        alone = seconds_to_an_answer(ports[0])
        eventually(lambda: there.webs[0].get("api/activity")["data"]["workers"]["total"] == 1)
    if max(back) > MOST_SECONDS:
        ledger.complain(f"it took {max(back):.1f} s until a new job was answered")
    print(f"answered again {', '.join(f'{seconds:.1f}' for seconds in back)} s after the network"
          f" was back; while it was away the slowest 503 took {max(refused):.1f} s; the worker"
          f" that was cut off answered alone after {alone:.1f} s")  # fmt: skip
    return verdict(ledger, f"{options.runs} cuts of the network, seed {options.seed}")


if __name__ == "__main__":
    sys.exit(main())
