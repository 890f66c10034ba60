"""Truncate, replace and flip bits of every file that the server owns, while it works.

python .ci/proofs/files.py [--runs N] [--seed S]

N truncations, N replacements (by nothing, an empty file, an old copy, other bytes; or all of
`results/` is removed, entry by entry) and N flipped bits, in turn of the journal, the marks of what
runs, a result and the log, at random moments under load. One server stands many of them; from time
to time it is killed or stopped, and the next one must know everything.

A journal that was truncated or replaced must be written anew within seconds, with nothing lost. A
flipped bit may cost the jobs of its line, which this program works out from the bytes, and no
others: they answer 404 from the next start on, which reports the line in the log and keeps the
file. No answer is ever wrong, and no id is given twice.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from clients import Ledger, Truth, call, check_all, client

from app.threads.records import Accepted, Batch, Kept, decode, is_whole
from unittests.helpers.server import Server
from unittests.helpers.waiting import PATIENCE

CLIENTS = 2
KINDS = ("truncated", "replaced", "flipped")
TARGETS = ("journal", "marks", "result", "log")
HEALED_WITHIN = 30.0  # seconds: one is usual, but the device may be slow to flush what is new
MOST_JOBS = 10_000  # of one folder: a start reads them all
DAMAGED = "damaged lines in the journal: "


Identity = tuple[int, int]


class Flip(NamedTuple):
    """A bit of a file that was flipped."""

    inode: int
    at: int
    bit: int


class Folder:
    """A server and its files, over many of its lives."""

    def __init__(self, path: Path, truth: Truth, chance: random.Random) -> None:
        self.path = path
        self.ledger = Ledger(truth)
        self.spoilt = 0  # jobs that flipped bits cost
        self._chance = chance
        self._gone: set[str] = set()
        self._flips: list[Flip] = []
        self._checked = 0
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.server = Server(self.path)
        self.journal = self.server.results / ".journal"
        self._load()

    def _load(self) -> None:
        """Start clients."""
        self._stop.clear()
        self._threads = [
            threading.Thread(
                daemon=True,
                target=client,
                args=(
                    self.server.port,
                    self.ledger,
                    random.Random(self._chance.random()),
                    self._stop,
                    {503},
                ),
            )
            for _ in range(CLIENTS)
        ]
        for thread in self._threads:
            thread.start()

    def _end(self, number: int) -> None:
        """Kill or stop the server, under load."""
        self.server.process.send_signal(number)
        code = self.server.process.wait(PATIENCE)
        if number == signal.SIGTERM and code != 0:
            self.ledger.complain(f"exit code {code}")
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.server.stop(signal.SIGKILL)

    def restart(self, number: int, *, last: bool = False) -> None:
        """End the server; start the next one on its files, which must know what is promised.

        The last one is asked for all jobs, and has no clients.
        """
        self._end(number)
        expected = self._jobs_of_flipped_lines()
        said = self._times_reported()
        self.server = Server(self.path)
        known = [job_id for job_id in self.ledger.promised if job_id not in self._gone]
        fresh, old = known[self._checked :], known[: self._checked]
        sample = old if last else self._chance.sample(old, min(len(old), 50))
        lost = self._missing(expected)
        if lost and (
            self._times_reported() == said
            or not (self.server.results / ".journal.damaged").exists()
        ):
            self.ledger.complain(f"{len(lost)} jobs are lost and nothing was said of it")
        self.spoilt += len(lost)
        self._gone |= lost
        check_all(self.server, self.ledger, [one for one in fresh + sample if one not in lost])
        self._checked = len(known) - len(lost)
        if not last:
            self._load()

    def _missing(self, job_ids: set[str]) -> set[str]:
        """Return those of some jobs that are not known any more; those of before stay unknown."""
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        again = self._chance.sample(sorted(self._gone), min(len(self._gone), 20))
        with contextlib.closing(connection):
            found = {
                job_id: call(connection, "GET", f"/api/get_results/{job_id}")[0]
                for job_id in [*job_ids, *again]
            }
        for job_id in again:
            if found[job_id] != 404:
                self.ledger.complain(f"{job_id} was unknown and is not any more")
        return {job_id for job_id in job_ids if found[job_id] == 404}

    def _times_reported(self) -> int:
        with contextlib.suppress(FileNotFoundError):
            return self.server.log.read_text(encoding="utf-8", errors="replace").count(DAMAGED)
        return 0

    def _jobs_of_flipped_lines(self) -> set[str]:
        """Return the jobs that lines with a flipped bit have accepted."""
        content = bytearray(self.journal.read_bytes())
        inode = self.journal.stat().st_ino
        self._flips = [flip for flip in self._flips if flip.inode == inode]
        for flip in self._flips:
            if flip.at < len(content):
                content[flip.at] ^= flip.bit
        numbers: set[int] = set()
        start = 0
        for line in bytes(content).splitlines(keepends=True):
            # A line end that was flipped took the line after it along.
            touched = any(start - 1 <= flip.at < start + len(line) for flip in self._flips)
            if touched and is_whole(line):
                match decode(line):
                    case Accepted(number=number):
                        numbers.add(number)
                    case Batch(number=number, asked=asked):
                        numbers.update(range(number - len(asked) + 1, number + 1))
                    case Kept(jobs=jobs):
                        numbers.update(job[0] for job in jobs)
            start += len(line)
        return {f"job_id_{number}" for number in numbers} & (
            self.ledger.promised.keys() - self._gone
        )

    def file(self, target: str) -> Path | None:
        """Return a file of the server; None where there is none of its kind yet."""
        if target == "result":
            found = list(self.server.results.glob("job_id_*.json"))
            return self._chance.choice(found) if found else None
        return {
            "journal": self.journal,
            "marks": self.server.results / ".running",
            "log": self.server.log,
        }[target]

    def tamper(self, kind: str, target: str) -> str | None:
        """Do something to a file; return what, or None where there was no file."""
        path = self.file(target)
        try:
            if path is None or not path.stat().st_size:
                return None
            if kind == "flipped":
                self._flip(path)
                return f"{target} {kind}"
            how, changed = self._truncate(path) if kind == "truncated" else self._replace(path)
        except FileNotFoundError:
            return None  # an earlier fault has removed it
        if path == self.journal or how == "all removed":
            self._await_journal(how, changed)
        return f"{target} {how}"

    def _truncate(self, path: Path) -> tuple[str, Identity]:
        """Truncate a file; return how, and which one it is."""
        with path.open("r+b", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            to = self._chance.choice((0, self._chance.randrange(max(size, 1))))
            os.ftruncate(file.fileno(), to)
            return "truncated", _identity(file.fileno())

    def _replace(self, path: Path) -> tuple[str, Identity]:
        """Remove or replace a file; return how, and which one has to give way to a new one."""
        how = self._chance.choice(("removed", "renamed", "replaced", "put back", "all removed"))
        old = _identity(path)
        other = path.with_name(f"{path.name}.other")
        match how:
            case "removed":
                path.unlink()
            case "renamed":
                path.rename(other)
                with contextlib.suppress(FileExistsError):
                    descriptor = os.open(path, os.O_CREAT | os.O_EXCL, 0o644)
                    old = _identity(descriptor)
                    os.close(descriptor)
            case "replaced" | "put back":
                content = path.read_bytes()
                if how == "replaced":
                    content = self._chance.randbytes(self._chance.randrange(2000))
                else:
                    time.sleep(self._chance.uniform(0.0, 0.02))  # something comes meanwhile
                other.write_bytes(content)
                old = _identity(other)
                other.rename(path)
            case "all removed":
                old = _identity(self.journal)
                for name in os.listdir(self.server.results):
                    os.remove(self.server.results / name)
        return how, old

    def _flip(self, path: Path) -> None:
        with path.open("r+b", buffering=0) as file:
            status = os.fstat(file.fileno())
            at, bit = self._chance.randrange(status.st_size), 1 << self._chance.randrange(8)
            [byte] = os.pread(file.fileno(), 1, at)
            os.pwrite(file.fileno(), bytes([byte ^ bit]), at)
        if path == self.journal:
            self._flips.append(Flip(status.st_ino, at, bit))

    def _await_journal(self, how: str, changed: Identity) -> None:
        """Wait until the journal is another file: what a kill before that costs is not promised."""
        deadline = time.monotonic() + HEALED_WITHIN
        while time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError):
                if self.journal.stat().st_size and _identity(self.journal) != changed:
                    self._flips.clear()
                    return
            time.sleep(0.002)
        self.ledger.complain(f"the journal was {how}, and not written anew")

    def close(self) -> None:
        """Ask for everything once more, and end."""
        self.restart(signal.SIGKILL, last=True)
        self._end(signal.SIGTERM)


def _identity(file: Path | int) -> Identity:
    """Return what no other file has."""
    status = os.stat(file)
    return status.st_dev, status.st_ino


def prove(runs: int, chance: random.Random) -> int:
    """Do `runs` faults of each kind; print what came of it, and return the exit code."""
    truth = Truth()
    plan = [(kind, TARGETS[number % len(TARGETS)]) for kind in KINDS for number in range(runs)]
    chance.shuffle(plan)
    done: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    jobs = spoilt = wrong = 0
    while plan:
        with tempfile.TemporaryDirectory() as path:
            folder = Folder(Path(path), truth, chance)
            missing = 0
            while plan and len(folder.ledger.promised) < MOST_JOBS:
                time.sleep(chance.uniform(0.0, 0.05) if not missing else 0.002)
                kind, target = plan.pop()
                what = folder.tamper(kind, target)
                if what is None:
                    plan.insert(0, (kind, target))
                    missing += 1
                else:
                    done[what] += 1
                    missing = 0
                # A start makes the files that earlier faults have removed.
                if chance.random() < (0.1 if what else 0.05):
                    number = chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM))
                    ends[number.name] += 1
                    folder.restart(number)
            folder.close()
        for complaint in folder.ledger.wrong[:20]:
            print("WRONG", complaint)
        jobs += len(folder.ledger.promised)
        spoilt += folder.spoilt
        wrong += len(folder.ledger.wrong)
    print(*(f"{count} x {what}" for what, count in sorted(done.items())), sep=", ")
    print(
        f"{runs} of each kind, {ends['SIGKILL']} kills and {ends['SIGTERM']} stops: {jobs} jobs"
        f" acknowledged, {spoilt} of flipped lines unknown and reported, {wrong} wrong"
    )
    return 1 if wrong else 0


def main() -> int:
    """Run the faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="faults of each of the three kinds")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"seed {options.seed}")
    return prove(options.runs, random.Random(options.seed))


if __name__ == "__main__":
    sys.exit(main())
