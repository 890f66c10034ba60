"""Bodies that are no questions: 500s, HTML, tracebacks, and servers that hang or die."""

import json
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.grade.bench import Bench, data_of, differs
from app.grade.expected import OF_A_STATE, ROUTES
from app.grade.findings import Exchange
from app.grade.http_client import Client, check_admitted

_HUGE = 8_000_000  # letters
# One route without a state, and one with it; the others get those that concern their fields.
_WITH_EVERY_BODY, _FEW = ("states_mean", "state_mean"), 5


@dataclass(frozen=True, slots=True)
class _Bad:
    what: str
    body: bytes | None
    kind: str | None = "application/json"


def run(bench: Bench) -> None:
    """Send bad bodies to each route, and bad requests to none of them."""
    sent, accepted = 0, []
    with bench.client() as http:
        for route in ROUTES:
            for bad in _bodies(bench, route, every=route in _WITH_EVERY_BODY):
                exchange = http.call("POST", f"/api/{route}", bad.body, bad.kind)
                sent += 1
                _judge(bench, bad.what, exchange)
                if bench.is_enough:
                    return
                if exchange.status == 0 and not _lives(
                    bench, f"{bad.what} at /api/{route}", exchange
                ):
                    return
                if exchange.job_id is not None:
                    accepted.append((bad.what, exchange))
        for method, path in (
            ("GET", "/api/states_mean"),
            ("DELETE", "/api/get_results/job_id_1"),
            ("GET", "/api/there/is/no/such/route"),
            ("GET", "/api/get_results/%00%ff"),
            ("GET", "/api/get_results/" + "9" * 500),
        ):
            _judge(bench, f"{method} {path[:60]}", http.call(method, path))
            sent += 1
    _half_a_body(bench)
    if accepted:
        kinds = ", ".join(dict.fromkeys(what for what, _ in accepted))
        bench.note(
            f"A job was made of: {kinds}. The contract refuses these, the course leaves it open."
        )
        _ends(bench, accepted)
    _lives(bench, "all of these")
    bench.silence(f"{sent} bad requests got an answer in JSON, and the server goes on.")


def _bodies(bench: Bench, route: str, *, every: bool) -> list[_Bad]:
    """Return `every` bad body, or the first few."""
    question = bench.expected.questions[0]
    state = bench.expected.states(question)[0]
    good: dict[str, Any] = {"question": question}
    if route in OF_A_STATE:
        good["state"] = state

    def bad(what: str, **changed: Any) -> _Bad:
        return _Bad(what, json.dumps({**good, **changed}).encode())

    bodies = [
        _Bad("no question", json.dumps({"state": state}).encode()),
        _Bad("an empty body", b""),
        bad("a question that is a number", question=5),
        bad("a question that is not known", question="What is the meaning of life?"),
        bad("a question that is a list", question=[question]),
    ]
    if route in OF_A_STATE:
        bodies = [
            _Bad("no state", json.dumps({"question": question}).encode()),
            bad("a state that is not known", state="Atlantis"),
            bad("a state that is a list", state=[state]),
            *bodies,
        ]
    if not every:
        return bodies[:_FEW]
    return [
        *bodies,
        bad("a question that is null", question=None),
        bad("a question that is an object", question={"a": 1}),
        _Bad("a list in place of an object", b"[1, 2]"),
        _Bad("a string in place of an object", b'"question"'),
        _Bad("null in place of an object", b"null"),
        _Bad("no JSON", b"question=Q036"),
        _Bad("half a JSON", json.dumps(good).encode()[:-3]),
        _Bad("letters that are no UTF-8", b'{"question": "\xff\xfe"}'),
        _Bad("JSON of 50,000 brackets", b"[" * 50_000),
        _Bad("a form", b"question=Q036", "application/x-www-form-urlencoded"),
        _Bad("no Content-Type, and no JSON", b"question", None),
        bad("a body of 8 MB", question="x" * _HUGE),
    ]


def _judge(bench: Bench, what: str, exchange: Exchange) -> None:
    text = exchange.text[:100_000]
    if "Traceback (most recent call last)" in text or "Werkzeug Debugger" in text:
        bench.found("traceback", f"{what}: {exchange.status}, with a traceback", exchange)
    if exchange.status in (500, 502):
        bench.found("body-500", f"{what}: {exchange.status}", exchange)
    is_html = "html" in exchange.kind or text.lstrip()[:15].lower().startswith(
        ("<!doctype", "<html")
    )
    if exchange.status >= 400 and is_html:
        bench.found("html-error", f"{what}: {exchange.status}, as HTML", exchange)
    if exchange.status == 0 and "timed out" in exchange.text:
        bench.found("bad-body-hangs", f"{what}: no answer", exchange)


def _lives(bench: Bench, after: str, *exchanges: Exchange) -> bool:
    """Tell whether the server still answers a good question."""
    route, body, right = bench.question("state_mean")
    end = time.monotonic() + bench.patience
    while True:
        with Client(bench.address) as http:
            submit = http.submit(route, body)
            check_admitted(submit, bench.address)
            result = bench.ended(http, submit.job_id) if submit.job_id else submit
        if data_of(result) is not None and not differs(data_of(result), right):
            return True
        if time.monotonic() > end:
            break
        time.sleep(0.1)
    bench.found(
        "server-dies", f"after {after}, a good question gets no answer", *exchanges, submit, result
    )
    return False


def _half_a_body(bench: Bench) -> None:
    """Promise more than is sent, and leave."""
    for _ in range(4):
        with (
            suppress(OSError),
            socket.create_connection(
                (bench.address.host, bench.address.port), timeout=5
            ) as connection,
        ):
            connection.sendall(
                b"POST /api/best5 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b'Content-Length: 1000\r\n\r\n{"question": '
            )


def _ends(bench: Bench, accepted: list[tuple[str, Exchange]]) -> None:
    """See that jobs which should not be there come to an end."""
    with bench.client() as http:
        for what, submit in accepted[:10]:
            assert submit.job_id
            result = bench.ended(http, submit.job_id, bench.patience)
            answer = result.json
            if isinstance(answer, dict) and answer.get("status") == "running":
                bench.found(
                    "worker-killed",
                    f"{what}: the job that was made of it never ends",
                    submit,
                    result,
                )
                return
