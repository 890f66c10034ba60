"""What a report says of a request: the command sends the very same bytes again."""

import subprocess

import pytest

from app.grade.findings import Exchange
from unittests.helpers.sink import sink


@pytest.mark.parametrize(
    "body",
    [
        b'{"question": "Q036"}',
        b'{"question": "\xff\xfe"}',
        b"[" * 50_000,
        b'{"question": "' + b"x" * 100_000 + b'"}',
        b"it's \\ a \n body",
    ],
    ids=["short", "no UTF-8", "brackets", "long", "quotes"],
)
def test_the_command_sends_the_same_body_again(body: bytes) -> None:
    exchange = Exchange("POST", "/api/best5", body, 0.0, 0.1, 500, "")
    with sink() as (url, received):
        command = exchange.curl(url)
        assert len(command) < 1000
        subprocess.run(["bash", "-c", command], check=True, capture_output=True)
        assert received == [body]


def test_a_long_body_of_no_pattern_has_no_command() -> None:
    body = b"".join(b"%d," % number for number in range(1000))
    assert Exchange("POST", "/api/best5", body, 0.0, 0.1, 500, "").curl("http://x") == ""
