"""A record of the journal beside one of SQLite, at both levels of durability.

Microseconds for a record, as a submit sees it: the call returns once the record is as durable as
its level says. The kind of disk matters: `--folder` says where the files lie.
"""

import argparse
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from app.threads.journal import Journal
from app.threads.records import Accepted
from benchmarks.tables import number, table

_PARAMETERS = (
    '{"question":"Percent of adults aged 18 years and older who have obesity","state":"Ohio"}'
)

Append = Callable[[int], None]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--each", type=int, default=400, help="records of each client (400)")
    parser.add_argument("--folder", type=Path, help="a folder on the disk that matters")


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    rows = []
    for name, make, power in (
        ("this journal, `process`", _journal, False),
        ("SQLite, `synchronous = off`", _sqlite, False),
        ("this journal, `power`", _journal, True),
        ("SQLite, `synchronous = full`", _sqlite, True),
    ):
        cells = []
        for clients in (1, 8):
            with tempfile.TemporaryDirectory(dir=options.folder or folder) as place:
                append = make(Path(place), power=power)
                cells.append(number(_microseconds(append, clients, options.each)))
        rows.append([name, *cells])
    table(["microseconds a record", "1 client", "8 clients"], rows)


def _journal(folder: Path, *, power: bool) -> Append:
    journal = Journal(folder, power=power)
    return lambda number: journal.append(
        Accepted(number, "state_mean", _PARAMETERS, "course", 0.5), promise=True
    )


def _sqlite(folder: Path, *, power: bool) -> Append:
    """Return what inserts into a table in WAL mode, one transaction a record."""
    connection = sqlite3.connect(folder / "jobs.db", isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode = wal")
    connection.execute(f"pragma synchronous = {'full' if power else 'off'}")
    connection.execute("create table jobs (number primary key, statistic, parameters, at)")
    lock = threading.Lock()

    def append(number: int) -> None:
        with lock:
            row = (number, "state_mean", _PARAMETERS, 0.5)
            connection.execute("insert into jobs values (?, ?, ?, ?)", row)

    return append


def _microseconds(append: Append, clients: int, each: int) -> float:
    """Return the time for each record when `clients` threads append `each`."""

    def work(client: int) -> None:
        for turn in range(each):
            append(client * each + turn + 1)

    threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - began) / (clients * each) * 1e6
