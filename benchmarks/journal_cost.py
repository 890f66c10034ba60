"""What keeping a promise costs: this journal beside SQLite, at both levels, with 1 and 8 clients.

    python -m benchmarks.journal_cost [--each N]

Microseconds for each record, as a submit sees it: the call returns once the record is as durable
as its level says. The file lies in the folder that --folder names; the kind of disk matters.
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

QUESTION = "Percent of adults aged 18 years and older who have obesity"

Append = Callable[[int], None]


def ours(folder: Path, *, power: bool) -> Append:
    """Append to this project's journal."""
    journal = Journal(folder, power=power)
    return lambda number: journal.append(
        Accepted(number, "state_mean", QUESTION, "Ohio", 0.5), promise=True
    )


def sqlite(folder: Path, *, power: bool) -> Append:
    """Insert into a table of SQLite in WAL mode, one transaction a record."""
    connection = sqlite3.connect(folder / "jobs.db", isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode = wal")
    connection.execute(f"pragma synchronous = {'full' if power else 'off'}")
    connection.execute("create table jobs (number primary key, statistic, question, state, at)")
    lock = threading.Lock()

    def append(number: int) -> None:
        with lock:
            row = (number, "state_mean", QUESTION, "Ohio", 0.5)
            connection.execute("insert into jobs values (?, ?, ?, ?, ?)", row)

    return append


def microseconds(append: Append, clients: int, each: int) -> float:
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=400)
    parser.add_argument("--folder", default=tempfile.gettempdir())
    options = parser.parse_args()
    print(f"{'microseconds a record':24}{'1 client':>10}{'8 clients':>11}")
    for power in (False, True):
        for make in (ours, sqlite):
            cells = []
            for clients in (1, 8):
                with tempfile.TemporaryDirectory(dir=options.folder) as folder:
                    append = make(Path(folder), power=power)
                    cells.append(microseconds(append, clients, options.each))
            name = f"{make.__name__}, {'power' if power else 'process'}"
            print(f"{name:24}{cells[0]:10.0f}{cells[1]:11.0f}")


if __name__ == "__main__":
    main()
