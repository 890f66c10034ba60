"""webserver.log: one event is one line, it rotates, and a disk that fails is no failure of ours."""

import logging
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.logs import close_log, open_log
from unittests.helpers.app import running_app

# 2026-01-31T12:00:00.123Z
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|ERROR) .*", re.ASCII)
HOSTILE = (
    "a\rb",
    "a\nb",
    "a\r\nb",
    "\n" * 50,
    "\n2026-01-31T12:00:00.123Z INFO forged",
    "\x1b[2J\x1b[1;31mred\x1b]0;title\x07",
    "\x9b31mone byte ESC",
    "a\u2028b\u2029c\u0085d\x0b\x0c\x1c\x1d\x1ee",
    "\u202eright to left\u202c \u2066isolate\u2069 \u200fmark",
    "\u200b\ufeff\u00ad",
    "\x00NUL\x7f\x08\x08\x08",
    "\ud800 \udfff \udc80",
    "%s %d %(name)s {} \\",
    "\U000e0041\U0010ffff\ufffe",
)


@contextmanager
def opened(folder: Path, max_bytes: int = 0, files: int = 3) -> Iterator[logging.Logger]:
    log = open_log(folder / "webserver.log", max_bytes, files)
    try:
        yield log
    finally:
        close_log(log)


def lines_of(path: Path, *logs: logging.Logger) -> list[str]:
    """Return the log's lines, told apart wherever any program may see the end of a line."""
    for log in logs:
        for handler in log.handlers:
            handler.flush()
    content = path.read_bytes().decode("utf-8")
    assert not content or content.endswith("\n")
    lines = content.splitlines()
    assert len(lines) == content.count("\n")
    return lines


def check(line: str) -> None:
    assert LINE.fullmatch(line), line
    assert line.isprintable(), line


def test_an_event_is_one_line(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        for text in HOSTILE:
            log.info("enter %s %s", text, "end")
            log.error(text)
        found = lines_of(tmp_path / "webserver.log", log)
    assert len(found) == 2 * len(HOSTILE)
    for line in found:
        check(line)
    assert all(line.endswith(" end") for line in found[::2])


def test_two_thousand_random_strings_are_two_thousand_lines(tmp_path: Path) -> None:
    chance = random.Random(2)
    with opened(tmp_path) as log:
        for number in range(2_000):
            length = number % 40
            log.info("%s", "".join(chr(chance.randrange(0x110000)) for _ in range(length)))
    found = lines_of(tmp_path / "webserver.log")
    assert len(found) == 2_000
    for line in found:
        check(line)


def test_what_can_be_read_stays_as_it_is(tmp_path: Path) -> None:
    text = "España, 日本 ≥ 5 % 'quoted' \"too\" C:\\new"
    with opened(tmp_path) as log:
        log.info("exit %s %d", text, 200)
        (line,) = lines_of(tmp_path / "webserver.log", log)
    assert line.endswith(f"Z INFO exit {text} 200")


def test_times_are_utc_wherever_the_server_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {
        "levelno": 20,
        "levelname": "INFO",
        "msg": "x",
        "created": 951782399.5,
        "msecs": 500.0,
    }
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        with opened(tmp_path) as log:
            log.handle(logging.makeLogRecord(record))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert lines_of(tmp_path / "webserver.log") == ["2000-02-28T23:59:59.500Z INFO x"]


def test_a_line_that_cannot_be_formatted_is_still_a_line(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.info("%d\n jobs", "seven")
        log.info("after it")
        told, after = lines_of(tmp_path / "webserver.log", log)
    check(told)
    assert "jobs" in told
    assert after.endswith(" after it")


def test_a_traceback_is_one_line(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        try:
            raise ValueError("first\nsecond\x1b[0m")
        except ValueError:
            log.exception("job_id_%d raised", 7)
        (line,) = lines_of(tmp_path / "webserver.log", log)
    check(line)
    for part in ("ERROR job_id_7 raised", "Traceback", "test_logs.py", "ValueError: first"):
        assert part in line


def test_a_client_cannot_forge_a_line(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0) as app:
        log, client = app.extensions["log"], app.test_client()
        before = len(lines_of(tmp_path / "webserver.log", log))
        for text in HOSTILE:
            sent = text.encode("utf-8", "surrogatepass")
            client.post("/api/best5", data=sent)
            path = sent.decode("latin-1")
            client.get("/", environ_overrides={"PATH_INFO": f"/{path}", "QUERY_STRING": path})
        found = lines_of(tmp_path / "webserver.log", log)[before:]
    words = [re.split(" +", line)[2:4] for line in found]
    both = [[word, method] for method in ("POST", "GET") for word in ("enter", "refused", "exit")]
    assert words == both * len(HOSTILE)
    for line in found:
        check(line)


@pytest.mark.parametrize("text", ["plain", "日本" * 9], ids=ascii)
@pytest.mark.parametrize("burst", [1, 200])
def test_it_rotates_by_size_and_keeps_so_many(burst: int, text: str, tmp_path: Path) -> None:
    path = tmp_path / "webserver.log"
    with opened(tmp_path, max_bytes=2000, files=3) as log:
        for number in range(1, 201):
            log.info("%s %03d", text, number)
            if number % burst == 0:
                log.handlers[0].flush()
    names = ["webserver.log", "webserver.log.1", "webserver.log.2", "webserver.log.3"]
    assert sorted(file.name for file in tmp_path.iterdir()) == names
    assert max(file.stat().st_size for file in tmp_path.iterdir()) <= 2000
    oldest_first = [path.with_name(name) for name in reversed(names)]
    numbers = [int(line[-3:]) for file in oldest_first for line in lines_of(file)]
    assert numbers == list(range(201 - len(numbers), 201))
    assert len(numbers) > len(lines_of(path))


def test_an_earlier_log_is_continued_and_counts(tmp_path: Path) -> None:
    for number in range(40):
        with opened(tmp_path, max_bytes=1000, files=1) as log:
            log.info("start %d", number)
    assert lines_of(tmp_path / "webserver.log")[-1].endswith("start 39")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["webserver.log", "webserver.log.1"]
    assert max(file.stat().st_size for file in tmp_path.iterdir()) <= 1000


def test_size_0_never_rotates(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        for number in range(3000):
            log.info("%d", number)
    assert [file.name for file in tmp_path.iterdir()] == ["webserver.log"]
    assert len(lines_of(tmp_path / "webserver.log")) == 3000


def test_two_logs_do_not_see_each_other(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    with opened(one) as first, opened(two) as second:
        first.info("to the first")
        second.info("to the second")
        logging.getLogger("webserver").error("to nobody")
    assert [line.split("INFO ")[1] for line in lines_of(one / "webserver.log")] == ["to the first"]
    assert [line.split("INFO ")[1] for line in lines_of(two / "webserver.log")] == ["to the second"]
    assert "to the" not in "".join(capfd.readouterr())


def test_a_log_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "webserver.log"):
        with pytest.raises(SettingsError, match=str(path)) as caught:
            open_log(path, 0, 1)
        assert len(str(caught.value).splitlines()) == 1
