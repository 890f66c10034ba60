"""Level `power`: what was not flushed is lost with the power, and no acknowledged job is."""

import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import StorageError
from app.threads.journal import Journal
from app.threads.records import Accepted
from unittests.helpers.waiting import PATIENCE, eventually


class Device:
    """Stands under a journal: notes what was written, flushed and acknowledged, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lock = threading.Lock()
        self.written = b""
        self.flushed = 0
        self.flushes = 0
        self.hold: Callable[[], object] = lambda: None  # called while it flushes
        # At each moment that something changed: how much was written, how much of it is safe, and
        # how many jobs were acknowledged.
        self.moments: list[tuple[int, int, frozenset[int]]] = []
        self.acknowledged: frozenset[int] = frozenset()
        write, flush = os.write, os.fdatasync

        def noted_write(descriptor: int, data: bytes) -> int:
            with self.lock:
                count = write(descriptor, data)
                self.written += bytes(data[:count])
                self.note()
                return count

        def noted_flush(descriptor: int) -> None:
            with self.lock:
                safe = len(self.written)
            self.hold()
            flush(descriptor)
            with self.lock:
                self.flushes += 1
                self.flushed = max(self.flushed, safe)
                self.note()

        monkeypatch.setattr(os, "write", noted_write)
        monkeypatch.setattr(os, "fdatasync", noted_flush)

    def note(self) -> None:
        """Remember the moment."""
        self.moments.append((len(self.written), self.flushed, self.acknowledged))

    def acknowledge(self, number: int) -> None:
        """Note that a client got its id."""
        with self.lock:
            self.acknowledged |= {number}
            self.note()


def accept_many(journal: Journal, device: Device, clients: int = 8, each: int = 15) -> None:
    """Accept jobs from many threads."""

    def accept(client: int) -> None:
        for turn in range(each):
            number = client * each + turn
            journal.append(Accepted(number, "best5", "{}", "", 0.5), promise=True)
            device.acknowledge(number)

    threads = [threading.Thread(target=accept, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)


def test_a_power_cut_at_any_moment_loses_nothing_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        device = Device(patch)
        journal = Journal(tmp_path / "live", power=True)
        accept_many(journal, device)
        journal.close()
    assert len(device.acknowledged) == 120
    chance = random.Random(1)
    for number, (written, safe, acknowledged) in enumerate(chance.sample(device.moments, 100)):
        results = tmp_path / str(number)
        path = results / ".journal"
        results.mkdir()
        # The kernel may have put any part of what was not flushed on the device, or none.
        kept = device.written[: chance.randint(safe, written)]
        path.write_bytes(kept + b"\0" * chance.choice((0, 0, 100)))
        after = Journal(results)
        found = {record.number for record in after.replay()}
        assert acknowledged <= found
        after.close()


def test_clients_that_wait_at_the_same_time_share_a_flush(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = Device(monkeypatch)
    journal = Journal(tmp_path, power=True)
    before, opened = len(device.written.splitlines()), device.flushes
    device.hold = lambda: eventually(lambda: len(device.written.splitlines()) == before + 8)
    accept_many(journal, device, clients=8, each=1)
    assert len(device.acknowledged) == 8
    # The first flushed its own record, while the others wrote theirs; one flushed for all of these.
    assert device.flushes - opened == 2
    journal.close()


def test_level_process_flushes_nothing_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = Device(monkeypatch)
    journal = Journal(tmp_path)
    accept_many(journal, device)
    assert device.flushes == 0
    journal.close()


def test_a_flush_that_fails_acknowledges_nobody_and_the_journal_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path, power=True)
    kept: list[Accepted] = []
    journal.history = lambda: kept
    waiting = threading.Barrier(4)
    outcomes: list[str] = []

    def fail(_descriptor: int) -> None:
        time.sleep(0)  # lets the others come and wait for this very flush
        raise OSError(5, "Input/output error")

    def accept(number: int) -> None:
        waiting.wait(PATIENCE)
        try:
            journal.append(Accepted(number, "best5", "{}", "", 0.5), promise=True)
            outcomes.append("accepted")
        except StorageError:
            outcomes.append("refused")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fail)
        threads = [threading.Thread(target=accept, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    assert outcomes == ["refused"] * 4
    journal.append(Accepted(9, "best5", "{}", "", 0.5), promise=True)
    journal.close()
    after = Journal(tmp_path)
    assert 9 in {record.number for record in after.replay()}
    after.close()


def test_a_new_file_whose_name_is_not_on_the_device_is_not_promised_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path, power=True)
    journal.history = list

    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)  # of folders: files have their data flushed alone
        with pytest.raises(StorageError):
            journal.rewrite()
    journal.append(Accepted(9, "best5", "{}", "", 0.5), promise=True)
    at_once = (tmp_path / ".journal").read_bytes()  # as who has the power again finds it
    journal.close()
    assert b"best5" in at_once
    after = Journal(tmp_path)
    assert 9 in {record.number for record in after.replay()}
    after.close()
