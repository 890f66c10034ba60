"""Kill the server at random moments under load; everything acknowledged must be answered rightly.

Clients submit with keys, and send again what got no answer: there must be one job for each key.

python .ci/proofs/kills.py [--runs N] [--seed S] [--journal process|power] [--term]

`--term` stops it with SIGTERM instead: then no request in flight may be cut off, and the exit is
clean.
"""

import argparse
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from clients import Ledger, Truth, check_all, client, torn_files, verdict
from keyed_submits import KeyedSubmits

from unittests.helpers.server import Server
from unittests.helpers.waiting import PATIENCE

CLIENTS = 8


def main() -> int:
    """Run the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--journal", default="process")
    parser.add_argument("--term", action="store_true")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    ledger, checked = Ledger(Truth()), 0
    submits = KeyedSubmits(ledger)
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, options.runs + 1):
            server = Server(Path(folder), "--journal", options.journal)
            fresh = list(ledger.promised)[checked:]
            sample = chance.sample(list(ledger.promised)[:checked], min(checked, 50))
            check_all(server, ledger, fresh + sample)
            checked = len(ledger.promised)
            stop = threading.Event()
            threads = [
                threading.Thread(
                    daemon=True,
                    target=client,
                    args=(server.port, ledger, random.Random(chance.random()), stop, {503}),
                    kwargs={"submits": submits},
                )
                for _ in range(CLIENTS)
            ]
            reader = threading.Thread(
                daemon=True, target=torn_files, args=(server.results, ledger, stop)
            )
            for thread in (*threads, reader):
                thread.start()
            time.sleep(chance.uniform(0.02, 0.5))
            began = time.monotonic()
            if options.term:
                ledger.told_to_stop = began
                server.process.send_signal(signal.SIGTERM)
                if server.process.wait(PATIENCE) != 0:
                    ledger.complain(f"round {number}: exit code {server.process.returncode}")
            else:
                server.process.kill()
            slowest = max(slowest, time.monotonic() - began)
            stop.set()
            for thread in (*threads, reader):
                thread.join()
            ledger.told_to_stop = float("inf")
            server.stop(signal.SIGKILL)
        server = Server(Path(folder), "--journal", options.journal)
        submits.check_once(server)
        check_all(server, ledger, list(ledger.promised))
        server.stop()
    how = "SIGTERM" if options.term else "SIGKILL"
    if options.term:
        print(f"slowest exit: {slowest:.2f} s")
    return verdict(ledger, f"{options.runs} x {how}, seed {options.seed}, {options.journal}")


if __name__ == "__main__":
    sys.exit(main())
