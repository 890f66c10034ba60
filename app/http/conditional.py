"""Answers that clients and caches keep: whether what they have is still good, and parts of it.

RFC 9110 and 9111. Tags and dates are compared by werkzeug.
"""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import http_date, parse_date, parse_if_range_header, parse_range_header
from werkzeug.sansio.http import is_resource_modified

from app.http.request import Request
from app.http.responses import Header, Reply


class Validators(NamedTuple):
    """By what a client tells whether an answer has changed.

    `tag` is of the very bytes, without quotes; `modified` are seconds since 1970.
    """

    tag: str
    modified: float

    def headers(self, request: Request, freshness: str) -> list[Header]:
        """Return the headers of an answer that has these.

        `freshness` says how long it may be taken as good, in the words of Cache-Control. Who needs
        a token to get it has it for themselves.
        """
        whose = "private" if "authorization" in request.headers else "public"
        return [
            ("etag", f'"{self.tag}"'),
            ("last-modified", http_date(int(self.modified))),
            ("cache-control", f"{whose}, {freshness}"),
        ]

    def are_known(self, request: Request) -> bool:
        """Tell whether a client has this answer already, by its own account."""
        if "if-none-match" not in request.headers:
            # The very date, for a file may be replaced by an older one.
            return self._is_date(parse_date(request.headers.get("if-modified-since")))
        return is_known(self.tag, request)

    def allow_part(self, request: Request) -> bool:
        """Tell whether a client that asks for a part has, if any, another part of the same."""
        text = request.headers.get("if-range")
        if text is None:
            return True
        known = parse_if_range_header(text)
        if known.date is not None:
            return self._is_date(known.date)
        return known.etag == self.tag and not text.strip().startswith("W/")

    def _is_date(self, date: datetime | None) -> bool:
        return date is not None and int(date.timestamp()) == int(self.modified)


def is_known(tag: str, request: Request) -> bool:
    """Tell whether a client says that it has what this tag, without quotes, is of."""
    tags = request.headers.get("if-none-match")
    if tags is None:
        return False
    if tags == f'"{tag}"':  # as most say it; to read any other way takes longer
        return True
    return not is_resource_modified(http_if_none_match=tags, etag=tag)


def not_modified(headers: Sequence[Header]) -> Reply:
    """Return the answer to a client that has it already."""
    return Reply(b"", HTTPStatus.NOT_MODIFIED, headers)


def file(
    request: Request,
    content: bytes,
    content_type: str,
    validators: Validators,
    headers: Sequence[Header],
) -> Reply:
    """Return a file, or the one part of it that is asked for.

    Of several parts, or of what is no range of bytes, all of it.
    Raises RequestedRangeNotSatisfiable for one that begins beyond its end.
    """
    whole = [*headers, ("accept-ranges", "bytes")]
    asked = parse_range_header(request.headers.get("range"))
    if (
        request.method != "GET"  # RFC 9110, 14.2: what a HEAD tells is of all of it
        or asked is None
        or asked.units != "bytes"
        or len(asked.ranges) != 1
        or not validators.allow_part(request)
    ):
        return Reply(content, headers=whole, content_type=content_type)
    first, end = asked.ranges[0]
    size = len(content)
    if first < 0:  # so many bytes at the end
        first, end = max(0, size + first), size
    end = size if end is None else min(end, size)
    if first >= end:
        raise RequestedRangeNotSatisfiable(size)
    whole.append(("content-range", f"bytes {first}-{end - 1}/{size}"))
    return Reply(content[first:end], HTTPStatus.PARTIAL_CONTENT, whole, content_type)
