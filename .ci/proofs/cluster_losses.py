"""Have Redis lose jobs under load: no id is given twice, nobody is told another's answer.

python .ci/proofs/cluster_losses.py [--runs N] [--seed S]

Each time Redis is emptied while it runs, or starts again on nothing or an older copy of its log.
Web processes and workers live on, but for a web process that is killed now and then.
"""

import contextlib
import random
import shutil
import signal
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

from clients import StrictLedger, Truth, call, verdict
from cluster_watch import arguments, load, needs_programs, seconds_to_an_answer

from unittests.helpers.cluster import Cluster, running_cluster

MOST_SECONDS = 10.0  # until new jobs are answered: 3 of them are refused in, after a start
KINDS = ("FLUSHALL", "empty log", "older log")


def lose(there: Cluster, kind: str, chance: random.Random) -> None:
    """Have Redis lose what it has, or the last of it."""
    log, copy = there.redis.folder / "appendonlydir", there.redis.folder / "copy"
    if kind == "FLUSHALL":
        there.redis.client.flushall()
        return
    shutil.rmtree(copy, ignore_errors=True)
    if kind == "older log":
        shutil.copytree(log, copy)
        time.sleep(chance.choice((0.0, 0.01, 0.5)))
    there.redis.kill()
    shutil.rmtree(log)
    with contextlib.suppress(FileNotFoundError):
        copy.rename(log)
    there.redis.start()


def check_old(port: int, ledger: StrictLedger) -> int:
    """Ask for all jobs: each has its own answer, or is gone; return how many are gone."""
    gone, connection = 0, HTTPConnection("127.0.0.1", port, timeout=30)
    for job_id in ledger.promised:
        status, answer = call(connection, "GET", f"/api/get_results/{job_id}?wait=20")
        if status == 404 and "gone" in answer["reason"]:
            gone += 1
        elif status != 200 or not ledger.judge(job_id, answer):
            ledger.complain(f"{job_id}: {status} {answer}")
    connection.close()
    return gone


def main() -> int:
    """Run the losses."""
    options = arguments(__doc__, runs=6)
    needs_programs("redis-server")
    chance = random.Random(options.seed)
    ledger = StrictLedger(Truth())
    back: list[float] = []
    with tempfile.TemporaryDirectory() as folder, running_cluster(Path(folder)) as there:
        worker = there.worker()
        ports = [there.web().port for _ in range(2)]
        worker.ready(there.redis.client, 1)
        with load(ports, ledger, chance, unread={404, 503}):
            for run in range(options.runs):
                time.sleep(chance.uniform(0.2, 1.5))
                lose(there, KINDS[run % len(KINDS)], chance)
                back.append(max(seconds_to_an_answer(port) for port in ports))
                if chance.random() < 0.3:
                    web = there.webs.pop(0)
                    web.stop(signal.SIGKILL)
                    there.web("--port", str(web.port))
        gone = check_old(ports[0], ledger)
    if max(back) > MOST_SECONDS:
        ledger.complain(f"it took {max(back):.1f} s until a new job was answered")
    print(f"{gone} jobs are gone, and said to be; a new job was answered {min(back):.1f} to"
          f" {max(back):.1f} s after a loss")  # fmt: skip
    return verdict(ledger, f"{options.runs} losses, seed {options.seed}")


if __name__ == "__main__":
    sys.exit(main())
