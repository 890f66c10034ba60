"""The files in results/, read all the while: torn, late, or something else than the answer."""

import json
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.grade.bench import Bench, as_job_id, data_of, differs, side_by_side_of, until
from app.grade.findings import Exchange
from app.grade.http_client import Client
from app.grade.inotify import Watch, watch

_CLIENTS, _PER_ROUND = 3, 4
_MISSING = object()


def run(bench: Bench) -> None:
    """Submit, poll and read in rounds, until something is found or time is up."""
    folder = bench.places.results
    assert folder is not None
    made = _first_file(bench, folder)
    if made is None:
        return
    reader = _Reader(bench, folder)
    races = bench.wants("torn-file", "late-file", "other-file")
    with watch(folder) as watched:
        for _ in until(bench.seconds if races else 0.0, bench.has_found):
            reader.round()
            if watched is not None and not bench.has_found("torn-file"):
                _in_place(bench, watched)
    if not bench.has_found("deleted-files"):
        _after_deletion(bench, folder, [made, *reader.made])
    how = "" if watched is not None else " The folder could not be watched, only read."
    bench.silence(
        f"{len(reader.made):,} files were read {reader.reads:,} times while they came, and at "
        "the moment their jobs were done. The kernel told of each write under a final "
        f"name.{how}"
    )


def path_of(folder: Path, job_id: str) -> Path:
    """Return the file of a job."""
    number = as_job_id(job_id)
    return folder / (f"{job_id}.json" if number is None else f"job_id_{number}.json")


def _first_file(bench: Bench, folder: Path) -> Path | None:
    """Wait for the file of one job; where there is none, nothing else can be looked at."""
    route, body, _ = bench.question("state_mean")
    with bench.client() as http:
        submit = http.submit(route, body)
        if submit.job_id is None:
            bench.note("No job could be submitted, so no file could be looked at.")
            return None
        result = bench.ended(http, submit.job_id)
    path = path_of(folder, submit.job_id)
    end = time.monotonic() + bench.patience
    while time.monotonic() < end:
        if path.exists():
            return path
        time.sleep(0.01)
    bench.found("no-files", f"{submit.job_id} is done, and there is no {path}", submit, result)
    return None


class _Reader:
    """Clients that submit and poll, and one who reads the files of their jobs as they come."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self._bench, self._folder = bench, folder
        self._lock = threading.Lock()
        self._open: set[Path] = set()  # files of jobs that are not done
        self._left = 0
        self.made: list[Path] = []
        self.reads = 0

    def round(self) -> None:
        """Run one round."""
        self._left = _CLIENTS
        side_by_side_of(self._client, _CLIENTS, self._read)

    def _client(self) -> None:
        with self._bench.client() as http:
            try:
                for _ in range(_PER_ROUND):
                    with self._lock:
                        route, body, right = self._bench.question()
                    submit = http.submit(route, body)
                    if submit.job_id is not None:
                        path = path_of(self._folder, submit.job_id)
                        with self._lock:
                            self._open.add(path)
                        self._until_done(http, path, submit, right)
            finally:
                with self._lock:
                    self._left -= 1

    def _until_done(
        self, http: Client, path: Path, submit: Exchange, right: dict[str, Any]
    ) -> None:
        assert submit.job_id
        end = time.monotonic() + 30
        while time.monotonic() < end:
            result = http.get(f"/api/get_results/{submit.job_id}")
            answer = result.json
            if not isinstance(answer, dict) or answer.get("status") != "running":
                break
        data = data_of(result)
        at_once = _content(path)
        with self._lock:
            self._open.discard(path)
            if data is None:
                return
            self.made.append(path)
            if at_once is _MISSING:
                seen = f"{path.name} was not there when its job was done"
                self._bench.found("late-file", seen, submit, result)
            elif isinstance(at_once, bytes):
                seen = f"{path.name} was {_shown(at_once)} when its job was done"
                self._bench.found("late-file", seen, submit, result)
            elif at_once != data and (differs(at_once, right) or differs(data, right)):
                seen = f"{path.name} holds {json.dumps(at_once)[:200]}"
                self._bench.found("other-file", seen, submit, result)

    def _read(self) -> None:
        while self._left:
            with self._lock:
                paths = list(self._open)
            for path in paths:
                content = _content(path)
                self.reads += 1
                if isinstance(content, bytes):
                    with self._lock:
                        self._bench.found(
                            "torn-file",
                            f"a reader of {path.name} found it {_shown(content)}",
                            again=_again(self._bench, path),
                        )
                    return
            time.sleep(0.0005)  # or the clients would have no time to ask


def _content(path: Path) -> Any:
    """Return what a file holds as JSON, its bytes where it is none, or _MISSING."""
    try:
        data = path.read_bytes()
    except OSError:
        return _MISSING
    try:
        return json.loads(data)
    except ValueError:
        return data


def _shown(data: bytes) -> str:
    return f"cut: {data[:120]!r}" if data else "empty"


def _in_place(bench: Bench, watched: Watch) -> None:
    written = {
        name: count
        for name, count in watched.written_in_place(".json").items()
        if name.startswith("job_id_")
    }
    if written:
        name, count = next(iter(written.items()))
        bench.found(
            "torn-file",
            f"{name} was made under this name, empty, and then written to ({count} writes, "
            "the kernel tells): who reads it meanwhile finds a half",
            again=_again(bench, Path(name)),
        )


def _again(bench: Bench, path: Path) -> str:
    return (
        "inotifywait -m -e create,modify,moved_to results/   # and submit a job: "
        f"MODIFY {path.name} is a write under the final name"
    )


def _after_deletion(bench: Bench, folder: Path, made: list[Path]) -> None:
    """Delete the files that this check had made, as scripts do between tests, and go on."""
    for path in made:
        with suppress(OSError):
            path.unlink()
    with bench.client() as http:
        for path in made[:3]:
            result = http.get(f"/api/get_results/{path.stem}")
            if result.status == 0 or result.status >= 500:
                bench.found(
                    "deleted-files",
                    f"{path.name} was deleted, and its job cannot be asked for any more",
                    result,
                    again=(
                        f"rm -rf results/*; curl -i {bench.address.url}/api/get_results/{path.stem}"
                    ),
                )
        route, body, _ = bench.question("state_mean")
        submit = http.submit(route, body)
        if submit.job_id is None or data_of(bench.ended(http, submit.job_id)) is None:
            bench.found(
                "deleted-files",
                "after files in results/ were deleted, a new job does not come to its answer",
                submit,
            )
        elif not path_of(folder, submit.job_id).exists():
            bench.found(
                "deleted-files",
                "after files in results/ were deleted, the file of a new job is not written",
                submit,
            )
