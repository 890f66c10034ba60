"""A log whose disk fails: nothing is raised, no line is torn, and it goes on afterwards."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from unittests.helpers.files import PROJECT, small_files
from unittests.helpers.waiting import PATIENCE, eventually
from unittests.test_logs import check, lines_of, opened


@pytest.mark.parametrize("max_bytes", [0, 200])
@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_log_that_is_removed_comes_back(what: str, max_bytes: int, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    path = folder / "webserver.log"
    with opened(folder, max_bytes) as log:
        log.info("before")
        lines_of(path, log)
        if what == "folder":
            shutil.rmtree(folder)
        else:
            path.unlink()
        for number in range(50):
            log.info("while it is gone %d", number)
            log.handlers[0].flush()
        folder.mkdir(exist_ok=True)

        def came_back() -> bool:
            log.info("after")
            log.handlers[0].flush()
            return path.exists() and " INFO after" in path.read_text(encoding="utf-8")

        eventually(came_back, 3)
        for line in lines_of(path, log):
            check(line)


@pytest.mark.parametrize("max_bytes", [0, 10_000])
def test_a_log_that_is_rotated_by_others_goes_on_in_the_new_file(
    max_bytes: int, tmp_path: Path
) -> None:
    path = tmp_path / "webserver.log"
    with opened(tmp_path, max_bytes) as log:
        log.info("one")
        lines_of(path, log)
        path.rename(tmp_path / "webserver.log.1")  # as logrotate's `create` does
        path.touch()
        log.info("two")
        assert [line[25:] for line in lines_of(path, log)] == ["INFO two"]
        shutil.copyfile(path, tmp_path / "webserver.log.2")  # as its `copytruncate` does
        os.truncate(path, 0)
        log.info("three")
        assert [line[25:] for line in lines_of(path, log)] == ["INFO three"]
        os.truncate(path, 0)
        with small_files(20):
            log.info("a line for which there is no room on the disk")
            log.handlers[0].flush()
        assert path.read_bytes() == b""
        assert len(lines_of(path, log)) == 1


# Run in a process of its own, which has not escaped a character before.
NO_DESCRIPTORS = """
import os, resource, sys
from pathlib import Path
from app.logs import close_log, open_log

log = open_log(Path(sys.argv[1]), 0, 3)
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1, hard))
try:
    open(sys.argv[1])
except OSError:
    log.exception("while nothing can be opened")
log.handlers[0].flush()
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
log.info("the end")
close_log(log)
"""


def test_a_traceback_is_written_though_nothing_can_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "webserver.log"
    program = [sys.executable, "-c", NO_DESCRIPTORS, str(path)]
    subprocess.run(program, cwd=PROJECT, check=True, timeout=PATIENCE)
    failed, end = lines_of(path)
    check(failed)
    assert "ERROR while nothing can be opened\\nTraceback" in failed
    assert end.endswith(" INFO the end")


@pytest.mark.parametrize("max_bytes", [0, 10_000_000])
def test_what_waits_for_room_need_not_fit_as_a_whole(max_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / "webserver.log"
    with opened(tmp_path, max_bytes) as log:
        lines_of(path, log)
        before = path.stat().st_size
        with small_files(before + 200_000):  # of some 500,000: the rest waits
            for number in range(6000):
                log.info("while it is full %d %s", number, "." * 40)
            log.handlers[0].flush()
            some = path.stat().st_size - before
        assert 100_000 < some <= 200_000
        told = [line.split()[-2] for line in lines_of(path, log)]
        assert told[-6000:] == [str(number) for number in range(6000)]


# Run in a process of its own, where a limit on the size of files stands for a full disk.
FULL_DISK = """
import resource, sys
from pathlib import Path
from app.logs import close_log, open_log

path = Path(sys.argv[1])
log = open_log(path, int(sys.argv[2]), 3)
log.info("before")
log.handlers[0].flush()
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, most))
for number in range(100):
    log.info("on a full disk %d", number)
    log.handlers[0].flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
log.info("after")
log.handlers[0].flush()
log.info("the end")
close_log(log)
print("alive")
"""


@pytest.mark.parametrize("max_bytes", [0, 40])
def test_a_full_disk_costs_lines_and_nothing_else(max_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / "webserver.log"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path), str(max_bytes)],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "alive\n", "")
    found = [line for file in sorted(tmp_path.iterdir()) for line in lines_of(file)]
    for line in found:
        check(line)
    assert lines_of(path)[-1].endswith(" INFO the end")
    if not max_bytes:
        assert found[0].endswith(" INFO before")
        assert found[-2].endswith(" INFO after")
