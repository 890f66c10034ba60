"""Requests from bytes, in whatever pieces these come; what is no request, is refused."""

from http import HTTPStatus
from typing import Any

import pytest

from app.http.request import Request
from app.http.request_parser import Incoming, RequestParser

FIRST = b"GET /first HTTP/1.1\r\nHost: a\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
BAD = b"GET /bad HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /bad HTTP/1.1\r\nHost: localhost\r\n"
UPGRADE = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
TLS_HELLO = bytes.fromhex("16030100c8010000c403030a0b0c")
# How large the pieces are that a connection hands on at most.
LARGEST_PIECE = 16 * 1024
# Those that most tests feed: all of it, and few bytes at a time.
SIZES = (LARGEST_PIECE, 1, 2, 7)


class Wants:
    """Says of each body whether it is wanted, and keeps who asked."""

    def __init__(self, answer: bool = True) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def __call__(self, request: Request) -> bool:
        """Answer."""
        self.asked.append(request.path)
        return self.answer


def fed(data: bytes, size: int, wants: Wants | None = None) -> RequestParser:
    """Return a parser that has read bytes, in pieces of a size."""
    parser = RequestParser("127.0.0.1:6000", "127.0.0.1:5000", wants or Wants())
    for start in range(0, len(data), size):
        parser.feed(data[start : start + size])
    return parser


def parsed(data: bytes) -> RequestParser:
    """Return a parser that has read bytes at once; in pieces they must come to the same."""
    parser, *others = [fed(data, size) for size in SIZES]
    for size, other in zip(SIZES[1:], others, strict=True):
        assert made_of(other) == made_of(parser), f"in pieces of {size}: {data!r}"
    return parser


def made_of(parser: RequestParser) -> Any:
    """Return all that a parser has made of what it read, in a form that can be compared."""
    body_of = parser.reading.path if parser.reading else None
    return [_plain(incoming) for incoming in parser.whole], parser.is_over, body_of


def _plain(incoming: Incoming) -> Any:
    request, problem, *flags = incoming
    return [vars(request) if request else None, problem, *flags]


def requests_of(parser: RequestParser) -> list[Request]:
    """Return the requests that a parser has."""
    return [incoming.request for incoming in parser.whole if incoming.request is not None]


def paths_of(parser: RequestParser) -> list[str]:
    """Return the paths of the requests that a parser has."""
    return [request.path for request in requests_of(parser)]


def refusal_of(parser: RequestParser) -> tuple[HTTPStatus, str]:
    """Return why a parser reads nothing more, which ends the connection."""
    problem = parser.whole[-1].problem
    assert problem is not None
    assert parser.whole[-1].is_last
    assert parser.is_over
    return problem.status, problem.reason


def test_requests_are_the_same_however_they_come() -> None:
    one = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
    two = b"POST /b?c=d HTTP/1.1\r\nHost: other\r\nContent-Length: 5\r\n\r\nab\r\nc"
    parser = parsed(one + two + b"\r\n" + one + two)
    found = [(each.method, each.path, each.query, each.body) for each in requests_of(parser)]
    assert found == [("GET", "/a", "", b""), ("POST", "/b", "c=d", b"ab\r\nc")] * 2
    assert [each.headers for each in requests_of(parser)][:2] == [
        {"host": "localhost"},
        {"host": "other", "content-length": "5"},
    ]
    assert not parser.is_over
    assert not any(each.is_last or each.is_old for each in parser.whole)
    request = requests_of(parser)[0]
    assert (request.client, request.server) == ("127.0.0.1:6000", "127.0.0.1:5000")
    assert (request.address, request.scheme) == ("127.0.0.1", "http")


def test_targets() -> None:
    for target, path, query in (
        ("/", "/", ""),
        ("/a%20b%2Fc%C3%A9?q=%41+%20", "/a b/c\u00e9", "q=%41+%20"),
        ("/%ff", "/\ufffd", ""),
        ("/a?b?c", "/a", "b?c"),
        ("/a?", "/a", ""),
        ("//a//b/", "//a//b/", ""),
        ("http://localhost:5000/a%20b?q=%41", "/a b", "q=%41"),
        ("*", "*", ""),
        ("/a?b#c?d", "/a", "b"),
        ("/a#b?c", "/a", ""),
        ("/caf\u00e9?q=\u20ac&x=%41", "/caf\u00e9", "q=%E2%82%AC&x=%41"),
        ("/\U0001f600#x", "/\U0001f600", ""),
    ):
        parser = parsed(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        found = [(each.path, each.query) for each in requests_of(parser)]
        assert found == [(path, query)], target


def test_headers_are_in_lower_case_and_repeated_ones_are_joined() -> None:
    head = b"X-Name:  One two\r\nEMPTY:\r\nx-name: three,four\r\nX-NAME:five\r\n"
    parser = parsed(b"GET / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n")
    expected = {"host": "a", "x-name": "One two,three,four,five", "empty": ""}
    assert requests_of(parser)[0].headers == expected


def test_a_header_that_is_not_ascii_is_left_out_where_nobody_looks_for_it() -> None:
    head = "User-Agent: caf\u00e9\r\nX: b\r\n".encode()
    parser = parsed(b"GET / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n" + NEXT)
    assert paths_of(parser) == ["/", "/next"]
    assert requests_of(parser)[0].headers == {"host": "a", "x": "b"}
    assert requests_of(parser)[0].unread is None


def test_a_header_that_is_looked_for_and_not_ascii_is_why_a_request_is_unread() -> None:
    for name in ("idempotency-key", "x-forwarded-user"):
        head = f"{name}: caf\u00e9\r\nContent-Length: 3\r\n".encode()
        parser = parsed(b"POST / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\nabc" + NEXT)
        (incoming,) = parser.whole
        assert incoming.request is not None
        assert incoming.request.unread is not None
        assert incoming.request.unread.status == 400
        assert name in incoming.request.unread.reason.lower()
        assert name not in incoming.request.headers
        assert incoming.request.body == b""
        assert incoming.is_last
        assert parser.is_over


def test_a_body_that_is_not_wanted_is_not_read_and_nothing_behind_it() -> None:
    declared = b"POST /unwanted HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
    data = FIRST + declared + b"hello" + NEXT
    for size in SIZES:
        wants = Wants(False)
        parser = fed(data, size, wants)
        parser.feed(NEXT)
        first, refused = parser.whole
        assert first.request is not None
        assert first.request.path == "/first"
        assert refused.request is not None
        assert (refused.request.path, refused.request.body) == ("/unwanted", b"")
        assert refused.request.headers["content-length"] == "0"
        assert (first.is_last, refused.is_last) == (False, True)
        assert wants.asked == ["/unwanted"]
        assert parser.is_over
        assert parser.reading is None


def test_a_body_is_asked_for_before_it_is_read_and_can_be_cut() -> None:
    wants = Wants()
    parser = RequestParser("", "", wants)
    parser.feed(FIRST + b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
    assert wants.asked == ["/slow"]
    assert paths_of(parser) == ["/first"]
    assert parser.reading is not None
    assert parser.reading.path == "/slow"
    parser.feed(b"he")
    parser.cut()
    parser.feed(b"llo" + NEXT)
    request = requests_of(parser)[-1]
    assert (request.path, request.body, request.headers["content-length"]) == ("/slow", b"he", "2")
    assert len(parser.whole) == 2
    assert parser.whole[-1].is_last
    assert parser.reading is None


def test_no_body_is_asked_for_where_there_is_none() -> None:
    wants = Wants(False)
    parser = RequestParser("", "", wants)
    parser.feed(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + NEXT)
    assert paths_of(parser) == ["/a", "/next"]
    assert not wants.asked


@pytest.mark.parametrize(
    "head",
    [b"GET /" + b"x" * 60_000, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 60_000],
    ids=["url", "x"],
)
def test_a_head_without_end_is_refused(head: bytes) -> None:
    for size in (100, LARGEST_PIECE):
        parser = fed(FIRST + head, size)
        status, reason = refusal_of(parser)
        assert (status, paths_of(parser)) == (431, ["/first"])
        assert "32 KiB" in reason
        # And a long one that ends is not.
        assert len(paths_of(fed(FIRST + head[:30_000] + b" HTTP/1.1\r\n\r\n", size))) == 2


@pytest.mark.parametrize("size", [100, 4096])
def test_each_head_may_be_long(size: int) -> None:
    head = b"GET /a HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"
    body = b"POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n" + bytes(50_000)
    assert paths_of(fed(3 * head + body + head, size)) == ["/a", "/a", "/a", "/b", "/a"]


def test_a_request_of_http_1_1_names_a_host() -> None:
    for line in (b"GET /", b"GET http://a/"):
        (incoming,) = parsed(line + b" HTTP/1.1\r\nX: y\r\n\r\n" + NEXT).whole
        assert incoming.request is not None
        assert incoming.request.unread is not None, line
        assert incoming.request.unread.status == 400
        assert incoming.is_last
        # An older one need not, and an empty name is one.
        for head in (b" HTTP/1.0\r\n", b" HTTP/1.1\r\nHost:\r\n"):
            assert requests_of(parsed(line + head + b"\r\n"))[0].unread is None, line + head


def test_there_may_be_a_hundred_headers() -> None:
    head = b"GET /bad HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 99
    assert paths_of(parsed(FIRST + head + b"\r\n" + NEXT)) == ["/first", "/bad", "/next"]
    parser = parsed(FIRST + head + b"Z: y\r\n\r\n" + NEXT)
    assert refusal_of(parser) == (431, "there are more than 100 headers")
    assert paths_of(parser) == ["/first"]


def test_what_can_be_understood_in_two_ways_is_refused() -> None:
    for sent in (
        POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        POST + b"Content-Length: 3, 3\r\n\r\nabc",
        POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: -3\r\n\r\nabc",
        POST + b"Content-Length: +3\r\n\r\nabc",
        POST + b"Content-Length: 0x3\r\n\r\nabc",
        POST + b"Content-Length: 3 3\r\n\r\nabc",
        POST + b"Content-Length: 1_0\r\n\r\n0123456789",
        POST + b"Content-Length: \xb3\r\n\r\nabc",
        POST + b"Content-Length:\r\n\r\nabc",
        POST + b"Content-Length: 18446744073709551616\r\n\r\nabc",
        POST + b"Content-Length : 3\r\n\r\nabc",
        b"GET /bad HTTP/1.1\n\n",
        BAD + b"Host: a\nX: b\r\n\r\n",
        BAD + b"Host: a\rX: b\r\n\r\n",
        BAD + b"Host: a\r\n\n",
        BAD + b"Host: a\r\n X: b\r\n\r\n",
        BAD + b"Host: a\r\n\tb\r\n\r\n",
        BAD + b" Host: a\r\n\r\n",
        BAD + b"X: a\0b\r\n\r\n",
        BAD + b"X\0: a\r\n\r\n",
        BAD + b": a\r\n\r\n",
        BAD + b"nothing\r\n\r\n",
        BAD + b"Host: a\r\ncaf\xc3\xa9: a\r\n\r\n",
        b"GET /b\0ad HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /bad bad HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /bad HTTP/11.1\r\n\r\n",
        b"GET /bad SMTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ):
        parser = parsed(FIRST + sent + NEXT)
        parser.feed(NEXT)
        assert paths_of(parser) == ["/first"], sent
        status, reason = refusal_of(parser)
        assert status == 400, sent
        assert reason.startswith("this is not HTTP/1.1: "), sent
        assert parser.reading is None, sent


def test_methods_that_there_are_not_are_refused() -> None:
    for sent in (TLS_HELLO, b"get /bad HTTP/1.1\r\n\r\n", b"SSH-2.0-x\r\n"):
        parser = parsed(FIRST + sent + NEXT)
        assert paths_of(parser) == ["/first"], sent
        assert refusal_of(parser) == (501, "there is no such method"), sent


def test_which_request_is_the_last() -> None:
    for version, header, is_last, is_old in (
        ("1.1", "", False, False),
        ("1.1", "Connection: keep-alive\r\n", False, False),
        ("1.1", "Connection: close\r\n", True, False),
        ("1.1", "Connection: x, Close\r\n", True, False),
        ("1.0", "", True, True),
        ("1.0", "Connection: close\r\n", True, True),
        ("1.0", "Connection: Keep-Alive\r\n", False, True),
    ):
        parser = parsed(f"GET /a HTTP/{version}\r\nHost: a\r\n{header}\r\n".encode() + NEXT)
        first = parser.whole[0]
        assert (first.is_last, first.is_old) == (is_last, is_old), (version, header)
        assert paths_of(parser) == (["/a"] if is_last else ["/a", "/next"]), (version, header)


def test_who_asks_for_another_protocol_is_answered_in_this_one() -> None:
    for length, body in ((0, b""), (5, b"ab\r\n\0")):
        head = b"POST /a HTTP/1.1\r\nHost: a\r\n%bContent-Length: %d\r\n\r\n" % (UPGRADE, length)
        parser = parsed(FIRST + head + body + NEXT)
        parser.feed(NEXT)
        assert paths_of(parser) == ["/first", "/a", "/next", "/next"]
        assert requests_of(parser)[1].body == body
        assert not any(each.is_last for each in parser.whole)
    tunnel = parsed(b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n")
    assert [each.is_last for each in tunnel.whole] == [True]


def test_after_the_end_nothing_is_read() -> None:
    parser = parsed(FIRST + b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
    parser.end()
    parser.feed(b"hello" + NEXT)
    assert paths_of(parser) == ["/first"]
    assert parser.reading is None


def test_only_the_first_line_gets_escapes() -> None:
    assert paths_of(parsed(BAD + b"caf\xc3\xa9: a\r\n\r\n" + NEXT)) == []


def test_spaces_behind_a_header_are_not_of_it() -> None:
    for space in (b" ", b"\t", b" \t "):
        head = b"GET / HTTP/1.1\r\nHost: a\r\nA: Bearer secret" + space + b"\r\n\r\n"
        [request] = requests_of(parsed(head))
        assert request.headers == {"host": "a", "a": "Bearer secret"}, space


def test_nothing_is_asked_about_what_stands_behind_an_unwanted_body() -> None:
    unwanted = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
    for behind in (
        b"POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe",
        "GET /b HTTP/1.1\r\nHost: \u00e9\r\n\r\n".encode(),
    ):
        for size in SIZES:
            wants = Wants(False)
            parser = fed(unwanted + behind, size, wants)
            assert wants.asked == ["/a"], (behind, size)
            assert paths_of(parser) == ["/a"]
            assert parser.reading is None


def test_an_address_may_have_no_path() -> None:
    assert paths_of(parsed(b"GET http://localhost:5000 HTTP/1.1\r\nHost: a\r\n\r\n")) == ["/"]


def test_other_versions_are_refused() -> None:
    for version in (b"2.0", b"0.9"):
        [refused] = parsed(b"GET / HTTP/" + version + b"\r\n\r\n").whole
        assert refused.problem is not None
        assert refused.problem.status == 505


def test_a_request_has_one_host() -> None:
    [request] = requests_of(parsed(b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"))
    assert request.unread is not None
    assert request.unread.status == 400


def test_a_body_is_not_taken_for_a_first_line() -> None:
    body = "Iași\r\n".encode()
    head = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
    parser = parsed(FIRST + head)
    parser.feed(body + NEXT)
    assert paths_of(parser) == ["/first", "/a", "/next"]
    assert requests_of(parser)[1].body == body


def test_what_stands_behind_chunks_is_no_header() -> None:
    head = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent = head + b"2\r\nhi\r\n0\r\nHost: b\r\nAuthorization: c\r\n\r\n"
    for size in SIZES:
        [request] = requests_of(fed(sent, size, Wants(False)))
        assert request.headers["host"] == "a"
        assert "authorization" not in request.headers


def test_the_host_in_an_address_counts_more_than_the_header() -> None:
    for target, host in (
        ("/", "a"),
        ("http://b/", "b"),
        ("http://b:81/x?y", "b:81"),
        ("http://[::1]/", "[::1]"),
        ("http://[::1]:81/", "[::1]:81"),
    ):
        [request] = requests_of(parsed(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode()))
        assert request.headers["host"] == host, target


def test_a_fault_of_the_program_is_not_the_clients() -> None:
    def broken(_request: Request) -> bool:
        raise KeyError

    parser = RequestParser("", "", broken)
    with pytest.raises(KeyError):
        parser.feed(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
