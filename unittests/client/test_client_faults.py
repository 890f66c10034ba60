"""The client among faults: what is sent again, what never is, and what each fault is called."""

import pickle
import socket
import threading
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from app.client import (
    BadQuestion,
    Conflict,
    JobFailed,
    Pace,
    ServerBusy,
    ServerFailed,
    ShuttingDown,
    StatsClient,
    StatsError,
    TimedOut,
    TooLate,
    UnexpectedAnswer,
    Unreachable,
    errors,
)
from unittests.helpers.app import served_app
from unittests.helpers.bad_server import answer, misbehaving
from unittests.helpers.clock import Clock
from unittests.helpers.waiting import PATIENCE, eventually

ACCEPTED = answer('{"job_id":"job_id_7"}')
COUNT = answer('{"status":"done","num_jobs":3}')
PAGE = "<html><body>Bad gateway</body></html>"
HALF = answer('{"status":"done","num_jobs":3}')[:-4]
BUSY = '{"status":"error","reason":"9 jobs wait already; try again in a moment"}'
CLOSING = '{"status":503,"detail":"shutting down","code":"shutting-down"}'
JOB_FAILED = '{"status":409,"detail":"no such luck","code":"job-failed"}'
FAILED = '{"status":"error","reason":"the server failed unexpectedly"}'


def busy(*headers: str, status: str = "503 Service Unavailable", body: str = BUSY) -> bytes:
    """Return a refusal."""
    return answer(body, status, "application/json", *headers)


def lines(*told: str) -> bytes:
    """Return results of a batch: `7 done` is a line, and one for job_id_7."""
    chunks = ""
    for line in told:
        number, status = line.split()
        data = ',"data":{"Ohio":33.7}' if status == "done" else ""
        text = f'{{"job_id":"job_id_{number}","status":"{status}"{data}}}\n'
        chunks += f"{len(text):x}\r\n{text}\r\n"
    head = answer("", "200 OK", "application/x-ndjson", "Transfer-Encoding: chunked")
    return head.replace(b"Content-Length: 0\r\n", b"") + f"{chunks}0\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("headers", "pauses"),
    [
        (["Retry-After: 3"], [3.0]),
        (["Retry-After: 100000"], [60.0]),
        ([f"Retry-After: {formatdate(2**32, usegmt=True)}"], [60.0]),  # in the year 2106
        ([f"Retry-After: {formatdate(900, usegmt=True)}"], [0.0]),
        (["Retry-After: soon"], [0.25]),
        ([], [0.25]),
    ],
)
def test_what_was_refused_is_sent_again(headers: list[str], pauses: list[float]) -> None:
    clock = Clock()
    with misbehaving(busy(*headers), ACCEPTED) as server:
        stats = StatsClient(server.url, timeout=1000, pace=clock.pace())
        with stats:
            assert stats.submit("best5", question="Q036").id == "job_id_7"
    assert clock.slept == pauses
    assert server.asked[0] == server.asked[1]


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (busy(), ServerBusy),
        (busy(status="507 Insufficient Storage"), ServerBusy),
        (busy(status="429 Too Many Requests"), ServerBusy),
        (busy(body=CLOSING), ShuttingDown),
    ],
)
def test_patience_has_an_end(refusal: bytes, error: type[StatsError]) -> None:
    clock = Clock()
    with (
        misbehaving(*[refusal] * 3) as server,
        StatsClient(server.url, retries=2, pace=clock.pace()) as stats,
        pytest.raises(error),
    ):
        stats.batch([{"statistic": "best5", "question": "Q036"}])
    assert len(server.asked) == 3
    assert clock.slept == [0.25, 0.5]


def test_a_public_server_that_is_asked_too_often_says_so(tmp_path: Path) -> None:
    clock = Clock()
    with (
        served_app(tmp_path, public=True, rate="2/minute") as server,
        StatsClient(server.url, retries=1, pace=clock.pace(most_asked=0.5)) as stats,
    ):
        assert stats.states()
        assert stats.states()
        with pytest.raises(ServerBusy, match=r"^at most 2 requests in 60 seconds; ask") as caught:
            stats.states()
    assert (caught.value.status, caught.value.code) == (429, "rate-limited")
    assert clock.slept == [0.5]


def test_no_pause_goes_beyond_the_time_there_is() -> None:
    clock = Clock()
    with (
        misbehaving(busy("Retry-After: 30")) as server,
        StatsClient(server.url, timeout=20, pace=clock.pace()) as stats,
        pytest.raises(ServerBusy),
    ):
        stats.submit("best5", question="Q036")
    assert clock.slept == []


LOST = [
    b"",
    b"HTTP/1.1 200 OK\r\nContent-Le",
    ACCEPTED[:-4],
    None,
    answer(PAGE, "502 Bad Gateway", "text/html"),
    answer(PAGE, "503 Service Unavailable", "text/html", "Retry-After: 1"),
]


def silence(fault: bytes | None) -> float:
    """Return how many seconds a client takes for a fault: what is no silence may come late."""
    return 0.3 if fault is None else PATIENCE


def version(number: str) -> bytes:
    """Return what a server of a version does."""
    return answer(f'{{"status":"done","data":{{"version":"{number}"}}}}')


def keys(asked: list[str]) -> list[str]:
    """Return the keys of some requests, those that have none left out."""
    heads = [one.partition("\r\n\r\n")[0].splitlines() for one in asked]
    return [line.partition(": ")[2] for head in heads for line in head if line.startswith("Idem")]


@pytest.mark.parametrize("fault", LOST)
def test_a_submit_whose_answer_is_lost_is_sent_again_with_its_key(fault: bytes | None) -> None:
    clock = Clock()
    for batch in (False, True):
        accepted = answer('{"job_ids":["job_id_7"]}') if batch else ACCEPTED
        with (
            misbehaving(fault, version("2.0.0"), fault, busy(), accepted, accepted) as server,
            StatsClient(server.url, pace=clock.pace(silence=silence(fault))) as stats,
        ):

            def submit(stats: StatsClient = stats, batch: bool = batch) -> str:
                return (stats.batch([{}])[0] if batch else stats.submit("best5", question="Q")).id

            assert submit() == "job_id_7"
            assert server.asked[1].startswith("GET /api/activity?limit=1 ")
            del server.asked[1]
            assert len(set(server.asked)) == 1
            submit()
        first, *again, other = keys(server.asked)
        assert again == [first] * 3
        assert other != first


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize(
    "told",
    [
        version("1.4.0"),
        answer('{"status":"done","data":{}}'),
        busy(status="404 None", body='{"detail":"no such route","code":"no-such-route"}'),
        busy(status="404 None", body='{"status":"error","reason":"no such route"}'),
    ],
)
def test_an_older_server_gets_it_once(fault: bytes | None, told: bytes) -> None:
    pace = Clock().pace(silence=silence(fault))
    with (
        misbehaving(fault, told, fault, ACCEPTED) as server,
        StatsClient(server.url, pace=pace) as stats,
    ):
        for _ in range(2):
            with pytest.raises(StatsError, match="may or may not have been accepted") as caught:
                stats.submit("best5", question="Q036")
            assert isinstance(caught.value, Unreachable | TimedOut | UnexpectedAnswer)
        eventually(lambda: len(server.asked) == 3)
    first, second = keys(server.asked)
    assert first != second


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (answer(PAGE, kind="text/html"), UnexpectedAnswer),
        (answer('{"status":"done"}'), UnexpectedAnswer),
        (busy(status="500 Internal Server Error", body=FAILED), ServerFailed),
    ],
)
def test_what_asking_again_would_not_help_is_raised(fault: bytes, error: type[StatsError]) -> None:
    with misbehaving(fault, ACCEPTED) as server, StatsClient(server.url) as stats:
        with pytest.raises(error):
            stats.submit("best5", question="Q036")
        assert len(server.asked) == 1


def test_a_cancellation_whose_answer_is_lost_is_sent_again() -> None:
    late = busy(status="409 Conflict", body='{"detail":"it has ended","code":"too-late"}')
    cancelled, done = (
        answer(f'{{"status":"done","data":{{"status":"{status}"}}}}')
        for status in ("cancelled", "done")
    )
    with (
        misbehaving(b"", late, cancelled, late, done) as server,
        StatsClient(server.url, pace=Clock().pace()) as stats,
    ):
        stats.job(7).cancel()
        with pytest.raises(TooLate):
            stats.job(7).cancel()
    assert [asked.partition(" ")[0] for asked in server.asked] == [
        *("DELETE", "DELETE", "GET", "DELETE", "GET")
    ]


@pytest.mark.parametrize(
    "fault",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        HALF,
        None,
        busy(),
        answer(PAGE, "502 Bad Gateway", "text/html"),
        answer(PAGE, "504 Gateway Timeout", "text/html"),
        answer("", "429 Too Many Requests", "text/plain"),
    ],
)
def test_what_only_reads_is_sent_again(fault: bytes | None) -> None:
    clock = Clock()
    with (
        misbehaving(fault, fault, COUNT) as server,
        StatsClient(server.url, pace=clock.pace(silence=silence(fault))) as stats,
    ):
        assert stats.num_jobs() == 3
    assert clock.slept == [0.25, 0.5]


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        (b"", Unreachable, "the connection was cut"),
        (HALF, Unreachable, "the connection was cut"),
        (None, TimedOut, "silent"),
        (answer(PAGE, kind="text/html"), UnexpectedAnswer, "web page, as of a proxy.*Bad gateway"),
        (answer(PAGE, "502 Bad Gateway", "text/html"), UnexpectedAnswer, "answers 502"),
        (answer("[1]"), UnexpectedAnswer, "not with a JSON object"),
        (
            answer("", "302 Found", "text/html", "Location: http://a/"),
            UnexpectedAnswer,
            "redirects",
        ),
        (busy(status="500 Oh", body=FAILED), ServerFailed, "unexpectedly"),
        (busy(status="409 Conflict", body=FAILED), Conflict, "unexpectedly"),
        (busy(status="413 Too large", body=FAILED), BadQuestion, "unexpectedly"),
        (busy(status="418 Teapot", body=FAILED), UnexpectedAnswer, "answers 418"),
        (
            busy(status="404 None", body='{"detail":"nothing here","code":"no-such-route"}'),
            UnexpectedAnswer,
            "answers 404: nothing here",
        ),
    ],
)
def test_faults_by_name(fault: bytes | None, error: type[StatsError], said: str) -> None:
    pace = Clock().pace(silence=silence(fault))
    with (
        misbehaving(fault) as server,
        StatsClient(server.url, retries=0, pace=pace) as stats,
        pytest.raises(error, match=said) as caught,
    ):
        stats.num_jobs()
    assert type(caught.value) is error
    assert len(server.asked) == 1


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    clock = Clock()
    with StatsClient(url, pace=clock.pace()) as stats:
        with pytest.raises(Unreachable, match="Connection refused"):
            stats.submit("best5", question="Q036")
        assert clock.slept == [0.25, 0.5, 1.0, 2.0, 4.0]
        clock.slept.clear()
        with pytest.raises(Unreachable):
            stats.job(7).result(timeout=100)
        assert clock.slept == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, *[10.0] * 8, 4.25]
        clock.slept.clear()
        with pytest.raises(Unreachable):
            list(stats.results(["7"], timeout=4))
        assert clock.slept == [0.25, 0.5, 1.0, 2.0, 0.25]


def test_a_wait_ends_with_a_last_try_when_its_time_is_up() -> None:
    clock = Clock()
    done = answer('{"status":"done","data":{"Ohio":33.7}}')
    with (
        misbehaving(
            busy("Retry-After: 30"), done, busy("Retry-After: 30"), lines("7 done")
        ) as server,
        StatsClient(server.url, pace=clock.pace()) as stats,
    ):
        assert stats.job(7).result(timeout=20) == {"Ohio": 33.7}
        assert [one.answer for one in stats.results(["7"], timeout=10)] == [{"Ohio": 33.7}]
    assert clock.slept == [20.0, 10.0]


def test_https_to_a_server_of_plain_http_says_so() -> None:
    clock = Clock()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(PATIENCE)
                connection.recv(65536)
                connection.sendall(answer("", "400 Bad Request"))

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with (
            StatsClient(url, pace=clock.pace()) as stats,
            pytest.raises(UnexpectedAnswer) as caught,
        ):
            stats.num_jobs()
        thread.join(PATIENCE)
    assert str(caught.value) == "the server speaks plain HTTP: its address begins with http://"
    assert clock.slept == []


def test_pauses_are_left_to_chance() -> None:
    assert Pace(chance=lambda: 0.0).pause(3) == 0.0
    assert Pace(chance=lambda: 0.5).pause(3) == 0.5
    assert Pace(chance=lambda: 1.0).pause(5000) == 10.0


def test_an_answer_a_byte_at_a_time_is_given_up() -> None:
    clock = Clock()
    with misbehaving(answer("{}" + " " * 2_000_000)) as server:
        # The time passes while the answer is read.
        pace = clock.pace(clock=lambda: clock.slept.append(1) or clock.now())  # type: ignore[func-returns-value]
        with (
            StatsClient(server.url, timeout=0, retries=0, pace=pace) as stats,
            pytest.raises(TimedOut, match="silent: the answer takes too long"),
        ):
            stats.num_jobs()


def test_more_waiters_than_the_server_lets_wait() -> None:
    clock = Clock()
    running = answer('{"status":"running"}', "200 OK", "application/json", "Retry-After: 1")
    done = answer('{"status":"done","data":{"Ohio":33.7}}')
    with (
        misbehaving(running, busy(), done) as server,
        StatsClient(server.url, pace=clock.pace()) as stats,
    ):
        assert stats.job(7).result() == {"Ohio": 33.7}
    assert clock.slept == [1.0, 0.25]
    assert [asked.partition(" HTTP")[0] for asked in server.asked] == [
        "GET /api/get_results/job_id_7?wait=30.000"
    ] * 3


def test_a_file_that_breaks_off_is_not_there(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    file = answer("a,b\r\n", "200 OK", "text/csv", "Content-Disposition: attachment")
    pace = Clock().pace()
    with (
        misbehaving(file[:-2], file, busy(status="409 Conflict", body=JOB_FAILED)) as server,
        StatsClient(server.url, pace=pace) as stats,
    ):
        stats.job(7).download(target)
        assert target.read_bytes() == b"a,b\r\n"
        with pytest.raises(JobFailed):
            stats.job(7).download(target)
    assert target.read_bytes() == b"a,b\r\n"
    assert list(tmp_path.iterdir()) == [target]


def test_streams_that_break_off_go_on_where_they_did() -> None:
    clock = Clock()
    faults = [
        lines("1 done", "2 running", "3 done", "4 done", "5 later")[:-80],
        b"",
        lines("4 done"),  # whole, it seems, but too short
        lines("5 later", "2 running"),
        lines("5 done", "2 running"),
        lines("2 running"),
        busy("Retry-After: 4"),
        lines("2 done"),
    ]
    with (
        misbehaving(*faults) as server,
        StatsClient(server.url, pace=clock.pace()) as stats,
    ):
        told = [outcome.job.id for outcome in stats.results(f"{n}" for n in range(1, 6))]
    assert told == [f"job_id_{number}" for number in (1, 3, 4, 5, 2)]
    assert clock.slept == [0.25, 0.25, 0.25, 4.0]
    asked = [request.partition("\r\n\r\n")[2] for request in server.asked]
    assert asked[1] == asked[2] == '{"job_ids": ["job_id_4", "job_id_5", "job_id_2"]}'
    assert asked[3] == asked[4] == '{"job_ids": ["job_id_5", "job_id_2"]}'
    assert asked[-1] == '{"job_ids": ["job_id_2"]}'


@pytest.mark.parametrize(
    "body",
    [
        lines("8 done"),
        lines("7 odd"),
        lines("7 done", "7 done"),
        answer(PAGE + "\n", kind="text/html"),
        answer('{"job_id":"job_id_7","status":"done"}\n'),
    ],
)
def test_lines_that_are_not_of_the_jobs(body: bytes) -> None:
    with (
        misbehaving(body) as server,
        StatsClient(server.url) as stats,
        pytest.raises(UnexpectedAnswer),
    ):
        list(stats.results(["7"]))


def test_results_give_up_in_the_end() -> None:
    clock = Clock()
    with (
        misbehaving(*[lines("7 running")] * 5) as server,
        StatsClient(server.url, timeout=2, pace=clock.pace()) as stats,
        pytest.raises(
            TimedOut, match=r"^job_id_7 is not done yet; it goes on, so ask again$"
        ) as caught,
    ):
        list(stats.results(["7"]))
    assert caught.value.job_ids == ("job_id_7",)
    assert clock.slept == [0.25, 0.5, 1.0, 0.25]


def test_a_netrc_does_not_take_the_tokens_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with misbehaving(COUNT) as server, StatsClient(server.url, token="s3crét") as stats:
        assert stats.num_jobs() == 3
    assert "\r\nAuthorization: Bearer s3crét\r\n" in server.asked[0]
    with pytest.raises(ValueError, match="cannot be sent"):
        StatsClient(token="a\nb")


def test_closing_lets_go_of_connections() -> None:
    # The server waits for the client to go away; its silence ends with that, not with patience.
    kept = COUNT.replace(b"Connection: close", b"Connection: keep-alive")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        stats = StatsClient(f"http://127.0.0.1:{listener.getsockname()[1]}")
        told: list[bytes] = []

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(PATIENCE)
                connection.recv(65536)
                connection.sendall(kept)
                told.append(connection.recv(1))

        thread = threading.Thread(target=serve)
        thread.start()
        assert stats.num_jobs() == 3
        assert not told
        stats.close()
        thread.join(PATIENCE)
        assert eventually(lambda: told) == [b""]


def kinds_of_errors() -> list[type[StatsError]]:
    values = vars(errors).values()
    return [one for one in values if isinstance(one, type) and issubclass(one, StatsError)]


@pytest.mark.parametrize("kind", kinds_of_errors())
def test_errors_can_be_pickled(kind: type[StatsError]) -> None:
    error = kind("no such state", 400)
    error.accepted, error.nearest = ("job_id_1",), ("Ohio", 'Utah "x"')
    error.code, error.item = "unknown-name", 7
    again: Any = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert vars(again) == vars(error)
    assert str(again) == again.reason == error.reason
    assert again.nearest == ("Ohio", 'Utah "x"')
    assert repr(again) == f"{kind.__name__}({error.reason!r}, status=400)"
    assert kind.__name__ in (errors.__doc__ or "")


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine_and_named_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with misbehaving(COUNT) as server, StatsClient(server.url) as stats:
        assert stats.num_jobs() == 3
    with (
        StatsClient("http://stats.invalid", retries=0) as stats,
        pytest.raises(Unreachable, match="the proxy that HTTP_PROXY"),
    ):
        stats.num_jobs()
