"""Answers that clients and caches keep: whether what they have is still good, and parts of it.

RFC 9110 and 9111. Tags and dates are compared by werkzeug.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from werkzeug.http import (
    http_date,
    is_resource_modified,
    parse_if_range_header,
    parse_range_header,
)

from app.http.responses import Header, Reply

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment


class Validators(NamedTuple):
    """By what a client tells whether an answer has changed.

    `tag` is of the very bytes, without quotes; `modified` are seconds since 1970.
    """

    tag: str
    modified: float

    def headers(self, environ: "WSGIEnvironment", freshness: str) -> list[Header]:
        """Return the headers of an answer that has these.

        `freshness` says how long it may be taken as good, in the words of Cache-Control. Who needs
        a token to get it has it for themselves.
        """
        whose = "private" if "HTTP_AUTHORIZATION" in environ else "public"
        return [
            ("ETag", f'"{self.tag}"'),
            ("Last-Modified", http_date(int(self.modified))),
            ("Cache-Control", f"{whose}, {freshness}"),
        ]

    def are_known(self, environ: "WSGIEnvironment") -> bool:
        """Tell whether a client has this answer already, by its own account."""
        tags = environ.get("HTTP_IF_NONE_MATCH")
        if tags is None and "HTTP_IF_MODIFIED_SINCE" not in environ:
            return False
        if tags == f'"{self.tag}"':  # as most say it; to read any other way takes longer
            return True
        modified = datetime.fromtimestamp(int(self.modified), UTC)
        return not is_resource_modified(environ, etag=self.tag, last_modified=modified)

    def allow_part(self, environ: "WSGIEnvironment") -> bool:
        """Tell whether a client that asks for a part has, if any, another part of the same."""
        text = environ.get("HTTP_IF_RANGE")
        if text is None:
            return True
        known = parse_if_range_header(text)
        if known.date is not None:
            return int(known.date.timestamp()) == int(self.modified)
        return known.etag == self.tag and not text.strip().startswith("W/")


def not_modified(headers: Sequence[Header]) -> Reply:
    """Return the answer to a client that has it already."""
    return Reply(b"", HTTPStatus.NOT_MODIFIED, headers)


def file(
    environ: "WSGIEnvironment",
    content: bytes,
    content_type: str,
    validators: Validators,
    headers: Sequence[Header],
) -> Reply:
    """Return a file, or the one part of it that is asked for.

    Of several parts, or of what is no range of bytes, all of it; beyond its end, status 416.
    """
    whole = [*headers, ("Accept-Ranges", "bytes")]
    asked = parse_range_header(environ.get("HTTP_RANGE"))
    if (
        environ["REQUEST_METHOD"] != "GET"  # RFC 9110, 14.2: what a HEAD tells is of all of it
        or asked is None
        or asked.units != "bytes"
        or len(asked.ranges) != 1
        or not validators.allow_part(environ)
    ):
        return Reply(content, headers=whole, content_type=content_type)
    first, end = asked.ranges[0]
    size = len(content)
    if first < 0:  # so many bytes at the end
        first, end = max(0, size + first), size
    end = size if end is None else min(end, size)
    if first >= end:
        whole.append(("Content-Range", f"bytes */{size}"))
        return Reply(b"", HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, whole, content_type)
    whole.append(("Content-Range", f"bytes {first}-{end - 1}/{size}"))
    return Reply(content[first:end], HTTPStatus.PARTIAL_CONTENT, whole, content_type)
