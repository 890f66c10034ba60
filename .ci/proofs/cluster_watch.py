"""What the proofs of the second executor share: their options, load, and what is measured."""

import argparse
import contextlib
import json
import random
import shutil
import sys
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from uuid import uuid4

from clients import Asked, StrictLedger, Submit, Submits, call, check_all, client, kept_up

from unittests.helpers.cluster import Cluster
from unittests.helpers.data import OBESITY
from unittests.helpers.waiting import eventually

CLIENTS = 4


def arguments(description: str | None, runs: int) -> argparse.Namespace:
    """Return the options of a proof: how many `runs`, and the `seed` of what chance decides."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=runs)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def needs_programs(*names: str) -> None:
    """End the proof, with success, where a program of the system is missing."""
    for name in names:
        if shutil.which(name) is None:
            skip(f"needs {name}")


def skip(why: str) -> None:
    """End the proof, with success, and say why."""
    print(f"SKIPPED: {Path(sys.argv[0]).name} {why}")
    sys.exit(0)


@contextlib.contextmanager
def load(
    ports: Sequence[int],
    ledger: StrictLedger,
    chance: random.Random,
    unread: Collection[int] = (503,),
    submits: Submits | None = None,
) -> Iterator[None]:
    """Have clients submit and ask, and come back whenever cut off, for a with block.

    A job may be answered with a status that is `unread`.
    """

    def run(number: int, own: random.Random, stop: threading.Event) -> None:
        while not stop.wait(0.02):
            port = ports[number % len(ports)]
            client(port, ledger, own, stop, {503}, unread, submits)

    with kept_up(run, CLIENTS, chance):
        yield


def one_answer(
    port: int, seconds: float = 0.5, key: str = "", submits: Submits | None = None
) -> Any:
    """Submit a job and wait for it a moment; return its data, None where that did not succeed."""
    submit = Submit([Asked("global_mean", json.dumps({"question": OBESITY}))], False, key)
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        status, answer = call(connection, "POST", submit.path, submit.body, headers=submit.headers)
        if status != 200:
            return None
        if submits is not None:
            submits.answered(submit, [answer["job_id"]])
        path = f"/api/get_results/{answer['job_id']}?wait={seconds:g}"
        status, answer = call(connection, "GET", path)
        return answer.get("data") if status == 200 else None
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()


def seconds_to_an_answer(port: int, most: float = 60.0, submits: Submits | None = None) -> float:
    """Ask until a job is answered, a new one each time; return how long that took.

    With `submits`, it is the same job each time, by its key.
    """
    key = "" if submits is None else uuid4().hex
    began = time.monotonic()
    eventually(lambda: one_answer(port, key=key, submits=submits), most)
    return time.monotonic() - began


def slowest_refusal(port: int, ledger: StrictLedger, seconds: float) -> float:
    """Submit for so long while Redis is away; return the longest that a client had to wait."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    until, slowest = time.monotonic() + seconds, 0.0
    while (began := time.monotonic()) < until:
        status, answer = call(connection, "POST", "/api/global_mean", {"question": OBESITY})
        slowest = max(slowest, time.monotonic() - began)
        if status not in (200, 503):
            ledger.complain(f"{status} {answer}")
        time.sleep(0.01)
    connection.close()
    return slowest


def check_end(there: Cluster, ledger: StrictLedger) -> None:
    """Wait until all jobs have ended, and look that nothing is lost, wrong or there twice."""
    began = time.monotonic()
    web = there.webs[0]
    eventually(lambda: web.get("api/num_jobs").get("num_jobs") == 0, 120)
    print(f"all was done {time.monotonic() - began:.1f} s after the last submit")
    for each in there.webs:
        check_all(each, ledger, list(ledger.promised))

    def ended() -> list[tuple[str, str]]:
        jobs = [next(iter(row.items())) for row in web.get("api/jobs")["data"]]
        return [] if "running" in dict(jobs).values() else jobs

    # What the network held back may still arrive, and be accepted of clients that left long ago.
    listed = eventually(ended)
    if [int(job_id[7:]) for job_id, _ in listed] != list(range(1, len(listed) + 1)):
        ledger.complain("the list has gaps, or jobs twice")
    for job_id, status in listed:
        if status != "done":
            ledger.complain(f"{job_id} is listed as {status}")
    missing = set(ledger.promised) - {job_id for job_id, _ in listed}
    if missing:
        ledger.complain(f"{len(missing)} acknowledged jobs are not listed, as {min(missing)}")
    print(f"{len(listed)} jobs were accepted, {len(listed) - len(ledger.promised)} of them asked"
          " by clients that remember none, or were cut off before they had the id")  # fmt: skip
