"""What cannot be a job: the status, a reason that helps, JSON always, and no job made of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from unittests.helpers.data import OBESITY, dataset
from unittests.helpers.figures import figures
from unittests.helpers.loop_client import client_of_both  # noqa: F401
from unittests.helpers.registry import COURSE_STATISTICS
from unittests.helpers.texts import texts

FULL = {"question": OBESITY, "state": "Ohio"}
NEED_STATE = [name for name, row in COURSE_STATISTICS.items() if row.needs_state]
LIMIT = 64 * 1024


def jobs(client: FlaskClient) -> int:
    return len(client.get("/api/jobs").get_json()["data"])


@contextmanager
def no_job_made(client: FlaskClient) -> Iterator[None]:
    """Check that what is sent in a with block makes no job."""
    before = jobs(client)
    yield
    assert jobs(client) == before


def reason_of(answer: Any) -> str:
    """Check that an answer is an error as the contract has it, and return its reason."""
    assert answer.mimetype == "application/json"
    content = answer.get_json()
    assert list(content) == ["status", "reason"]
    assert content["status"] == "error"
    reason: str = content["reason"]
    assert reason.strip()
    assert "Traceback" not in reason
    assert "<html" not in reason.lower()
    return reason


def refused(client: FlaskClient, status: int, path: str, method: str = "POST", **sent: Any) -> str:
    """Send a request, check that it is refused with `status`, and return the reason."""
    answer = client.open(path, method=method, **sent)
    assert answer.status_code == status, answer.text
    return reason_of(answer)


def body(**changes: Any) -> bytes:
    return json.dumps(FULL | changes).encode()


def holding(raw: bytes) -> bytes:
    """Return a body that would be a job, but for `raw`, which should name a dataset."""
    return body()[:-1] + b', "dataset": ' + raw + b"}"


def nested(depth: int, opening: bytes, closing: bytes) -> bytes:
    return opening * depth + b"0" + closing * depth


BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "blank": (b" \r\n\t ", "empty"),
    "not JSON": (b"question=obesity", "not valid JSON"),
    "cut": (body()[:-1], "not valid JSON"),
    "more behind it": (body() + b"{}", "not valid JSON"),
    "single quotes": (b"{'question': 'Q036'}", "not valid JSON"),
    "comma at the end": (b'{"question": "Q036",}', "not valid JSON"),
    "array": (b'[{"question": "Q036"}]', "object"),
    "number": (b"36", "object"),
    "string": (b'"Q036"', "object"),
    "null": (b"null", "object"),
    "true": (b"true", "object"),
    "empty object": (b"{}", '"question" is missing'),
    "no state": (b'{"question": "Q036"}', '"state" is missing'),
    "no question": (b'{"state": "Ohio"}', '"question" is missing'),
    "key in capitals": (b'{"Question": "Q036", "state": "Ohio"}', 'unknown key "Question"'),
    "unknown key": (body(sort="up"), 'unknown key "sort"; known are "question", "state"'),
    "NaN": (holding(b"NaN"), "not valid JSON"),
    "Infinity": (holding(b"Infinity"), "not valid JSON"),
    "-Infinity": (holding(b"[-Infinity]"), "not valid JSON"),
    "1e999": (holding(b"1e999"), "not valid JSON"),
    "number too long": (holding(b"1" * 5000), "not valid JSON"),
    "doubled key": (body()[:-1] + b', "state": "Utah"}', "twice"),
    "doubled key, same value": (body()[:-1] + b', "state": "Ohio"}', "twice"),
    "doubled key, escaped": (body()[:-1] + b', "st\\u0061te": "Utah"}', "twice"),
    "doubled key, nested": (holding(b'[{"a": {"b": 1, "b": 1}}]'), "twice"),
    "leading surrogate": (holding(b'"\\ud83d"'), "not valid JSON"),
    "trailing surrogate": (holding(b'"\\ude00 "'), "not valid JSON"),
    "surrogate as bytes": (holding(b'"\xed\xa0\x80"'), "not valid JSON"),
    "surrogate in a key": (b'{"\\ud800": 1}', "not valid JSON"),
    "Latin-1": (holding(b'"\xe9"'), "UTF-8"),
    "overlong": (holding(b'"\xc0\xaf"'), "UTF-8"),
    "BOM": (b"\xef\xbb\xbf" + body(), "BOM"),
    "UTF-16": (
        body().decode().encode("utf-16"),
        "not valid JSON: it is in UTF-16; send it in UTF-8",
    ),
    "UTF-16, no BOM": (body().decode().encode("utf-16-be"), "it is in UTF-16"),
    "UTF-32": (body().decode().encode("utf-32-le"), "it is in UTF-32"),
    "NUL": (holding(b'"\x00"'), "not valid JSON"),
    "newline in a string": (holding(b'"a\nb"'), "not valid JSON"),
    "unknown question": (body(question="obesety"), f'nearest: "{OBESITY}"'),
    "unknown id": (body(question="Q999"), 'unknown question "Q999"'),
    "unknown state": (body(state="Ohoi"), 'unknown state "Ohoi"; nearest: "Ohio"'),
    "unknown abbreviation": (body(state="ZZ"), 'unknown state "ZZ"'),
    "very long question": (body(question="x" * 60_000), "unknown question"),
    "very long state": (body(state="\N{BELL}" * 5_000), "unknown state"),
    "NUL in a name": (body(state="Ohio\x00"), "unknown state"),
}


def test_bodies_that_cannot_be_a_job(client: FlaskClient) -> None:
    with no_job_made(client):
        for name, (sent, fragment) in BODIES.items():
            reason = refused(client, 400, "/api/state_mean", data=sent)
            assert fragment in reason, name
            assert len(reason) < 1000, name


def test_names_must_be_text(client: FlaskClient) -> None:
    with no_job_made(client):
        for key in ("question", "state"):
            for value in (36, 1.5, True, False, ["Ohio"], {"a": "b"}, [], {}):
                reason = refused(client, 400, "/api/state_mean", data=body(**{key: value}))
                assert f'"{key}" must be text' in reason, value


def test_names_must_not_be_blank(client: FlaskClient) -> None:
    with no_job_made(client):
        for key in ("question", "state"):
            for value in ("", " ", "\t\r\n", "\u00a0\u2003"):
                reason = refused(client, 400, "/api/state_mean", data=body(**{key: value}))
                assert f'"{key}" is empty' in reason, ascii(value)


def test_every_statistic_refuses_alike(client: FlaskClient) -> None:
    with no_job_made(client):
        for name in COURSE_STATISTICS:
            path = f"/api/{name}"
            assert "missing" in refused(client, 400, path, data=b"{}")
            assert "unknown question" in refused(client, 400, path, data=body(question="x"))
            assert '"question" must be text' in refused(client, 400, path, data=body(question=[]))
            if name in NEED_STATE:
                assert "unknown state" in refused(client, 400, path, data=body(state="x"))
                assert '"state" must be text' in refused(client, 400, path, data=body(state=36))


def test_deep_nesting_is_refused(client: FlaskClient) -> None:
    with no_job_made(client):
        for depth in (100, 1000, 1024, 1025, 30_000):
            deep = [nested(depth, b"[", b"]"), nested(min(depth, 12_000), b'{"":', b"}")]
            for sent in deep:
                assert refused(client, 400, "/api/state_mean", data=sent)
                if depth > 1024:
                    assert refused(client, 400, "/api/state_mean", data=holding(sent))


def test_a_value_may_be_nested_as_deep_as_json_is_read(client: FlaskClient) -> None:
    with no_job_made(client):
        for depth in (900, 990, 1000, 1020):
            value = nested(depth, b"[", b"]")
            for name in ("best5", "query"):
                refused(client, 400, f"/api/{name}", data=b'{"question":%b}' % value)
                batch = b'[{"statistic":"%b","question":%b}]' % (name.encode(), value)
                refused(client, 400, "/api/batch", data=batch)
    passed_over = b'{"question":"Q036","state":%b}' % nested(1000, b"[", b"]")
    assert client.post("/api/best5", data=passed_over).status_code == 200


def test_a_state_without_estimates_for_the_question(client: FlaskClient) -> None:
    gaps = [
        (question, state)
        for question in figures().questions
        for state in sorted(set(dataset().states) - set(figures().states(question)))
    ]
    assert gaps
    with no_job_made(client):
        for question, state in gaps:
            for name in NEED_STATE:
                sent = {"question": question, "state": state}
                reason = refused(client, 400, f"/api/{name}", json=sent)
                assert reason.startswith(f"{state} has no estimates for")


def test_64_kib_are_taken_and_one_byte_more_is_not(client: FlaskClient) -> None:
    padding = LIMIT - len(body(state=""))
    largest = body(state="x" * padding)  # which best5 passes over
    assert len(largest) == LIMIT
    answer = client.post("/api/best5", data=largest)
    assert (answer.status_code, list(answer.get_json())) == (200, ["job_id"])
    with no_job_made(client):
        for larger in (largest + b" ", bytes(10 * LIMIT)):
            assert "64 KiB" in refused(client, 413, "/api/state_mean", data=larger)


def test_what_is_declared_to_be_something_else(client: FlaskClient) -> None:
    with no_job_made(client):
        for headers in (
            {"Content-Type": "text/html"},
            {"Content-Type": "application/xml"},
            {"Content-Type": "multipart/form-data; boundary=x"},
            {"Content-Type": "application/octet-stream"},
            {"Content-Type": "application/json; charset=utf-16"},
            {"Content-Type": "application/json; charset=iso-8859-1"},
            {"Content-Encoding": "gzip"},
            {"Content-Encoding": "identity, br"},
        ):
            reason = refused(client, 415, "/api/state_mean", data=body(), headers=headers)
            assert "JSON" in reason, headers


def test_what_is_declared_to_be_json_or_nothing(client: FlaskClient) -> None:
    for content_type in (
        "application/json",
        "Application/JSON; charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/ld+json",
        "text/json",
        "text/plain; charset=us-ascii",
        "application/x-www-form-urlencoded",
        "",
    ):
        sent: Any = {"content_type": content_type, "headers": {"Content-Encoding": "identity"}}
        answer = client.post("/api/state_mean", data=body(), **sent)
        assert answer.status_code == 200, content_type
        assert "empty" in refused(client, 400, "/api/state_mean", data=b"", **sent)


def arbitrary() -> st.SearchStrategy[bytes]:
    """Return bytes, JSON of any kind, and bodies that are nearly right."""
    names = st.sampled_from(["question", "state", "Q036", "Ohio", OBESITY]) | texts()
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | names
    values = st.recursive(
        leaves, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=10
    )
    documents = values.map(lambda value: json.dumps(value).encode())
    cuts = st.tuples(st.integers(0, len(body())), st.integers(0, 9), st.binary(max_size=4))
    spoilt = cuts.map(lambda cut: body()[: cut[0]] + cut[2] + body()[sum(cut[:2]) :])
    return st.binary() | documents | spoilt | values.map(lambda value: body(state=value))


@settings(max_examples=30, deadline=None)
@given(sent=arbitrary(), name=st.sampled_from(list(COURSE_STATISTICS)))
def test_no_body_makes_the_server_fail(sent: bytes, name: str, app: Flask) -> None:
    client = app.test_client()
    answer = client.post(f"/api/{name}", data=sent)
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        reason_of(answer)
    else:
        assert client.get(f"/api/get_results/{answer.get_json()['job_id']}").status_code == 200
