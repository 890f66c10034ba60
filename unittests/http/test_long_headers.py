"""Headers that are lists longer than any that is meant are as if they were not there."""

from flask import Flask
from flask.testing import FlaskClient

from app.http.error_handlers import PROBLEM
from unittests.helpers.loop_client import client_of_both  # noqa: F401

OHIO = "/api/answers/state_mean?question=Q036&state=OH"
PAGE = "text/html"


def test_a_long_list_is_passed_over(client: FlaskClient) -> None:
    lists: tuple[tuple[str, str, str, dict[str, str], str], ...] = (
        ("Accept", "text/html;q=0.1", "/", {}, "Content-Type"),
        ("Accept", PROBLEM, "/api/answers/nothing", {}, "Content-Type"),
        ("Accept-Encoding", "gzip", "/api/states", {}, "Content-Encoding"),
        ("Accept-Encoding", "gzip", "/", {"Accept": PAGE}, "Content-Encoding"),
        ("Accept-Language", "ro", "/ask", {"Accept": PAGE}, "Content-Length"),
    )
    for header, item, path, more, told in lists:
        short, long, none = (
            client.get(path, headers=headers).headers.get(told)
            for headers in (
                {**more, header: f"{item}, {item}"},
                {**more, header: f"{item}," * 1600},
                more,
            )
        )
        assert long == none, (header, path)
        assert short != none, (header, path)


def test_a_long_list_of_tags_or_ranges_is_passed_over(client: FlaskClient) -> None:
    tag = client.get(OHIO).headers["ETag"]
    for tags, status in ((f"{tag}, {tag}", 304), (f"{tag}," * 500, 200)):
        assert client.get(OHIO, headers={"If-None-Match": tags}).status_code == status
    csv = OHIO.replace("?", ".csv?")
    for ranges, status in (("bytes=0-3", 206), (f"bytes=0-{'0' * 1000}3", 200)):
        assert client.get(csv, headers={"Range": ranges}).status_code == status


def test_many_cookies_are_passed_over(app: Flask) -> None:
    client = app.test_client(use_cookies=False)

    def language(cookies: str) -> bool:
        headers = {"Accept": PAGE, "Cookie": f"{cookies}language=ro"}
        return '<html lang="ro"' in client.get("/ask", headers=headers).text

    assert language("other=1; " * 100)
    assert not language("other=1; " * 3000)
