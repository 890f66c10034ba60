"""GETs that are tried again, until they bring nothing for too long."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import requests

from app.download.bounded_session import BoundedSession
from app.errors import DownloadError
from app.json_bytes import DecodeError, decode
from app.logs import one_line
from app.retries import Pace, retry_after, root_cause

T = TypeVar("T")

# Of a piece that a cut left unfinished nothing is seen: small ones lose little.
_CHUNK_BYTES = 8192
# An attempt that brought this much was no failure: a large file may take many connections.
_FORWARD_BYTES = 2**20
# Not ready yet (Socrata computes an answer), took too long, too early, too many requests.
_PASSING = frozenset({202, 408, 425, 429})
# What is read of a refusal, for the reason that it gives.
_REFUSAL_BYTES = 2**16
_REFUSAL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RetryPolicy(Pace):
    """A pace for large files, and when to stop.

    `tries` counts attempts in a row that bring nothing; `total` bounds all attempts at one thing,
    pauses included, in seconds.
    """

    first: float = 1.0
    longest: float = 60.0
    most_asked: float = math.inf
    connect: float = 15.0
    tries: int = 6
    total: float = 3600.0


class Again(Exception):
    """What came is not what was asked for, but asking again may bring it.

    `after` is the pause that the server asked for, in seconds; None leaves it to RetryPolicy.
    """

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class RetryingHttp:
    """GETs below one base URL; `tell` is given a line for people whenever something is retried."""

    def __init__(
        self, base: str, token: str, tell: Callable[[str], None], policy: RetryPolicy
    ) -> None:
        self.base = base
        self.policy = policy
        self.tell = tell
        self._token = token
        self._deadline = 0.0
        self._session = BoundedSession(token)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def get(
        self,
        what: str,
        path: str,
        read: Callable[[requests.Response], T],
        *,
        params: Mapping[str, str] | None = None,
        headers: Callable[[], Mapping[str, str]] = dict,
        accept: frozenset[int] = frozenset({200}),
        brought: Callable[[], int] = lambda: 0,
    ) -> T:
        """Return what `read` makes of the answer, whose status is one of `accept`.

        `what` names it for people. `headers` is asked before, `brought`, the number of bytes that
        are here, after each attempt. `read` may raise Again. Raises DownloadError when trying again
        would not help, or has not helped for long enough.
        """
        with self._session.ended_after(self.policy.total):
            return self._get(what, path, read, params, headers, accept, brought)

    def _get(
        self,
        what: str,
        path: str,
        read: Callable[[requests.Response], T],
        params: Mapping[str, str] | None,
        headers: Callable[[], Mapping[str, str]],
        accept: frozenset[int],
        brought: Callable[[], int],
    ) -> T:
        self._deadline = self.policy.clock() + self.policy.total
        failures, level = 0, brought()
        while True:
            try:
                return self._once(what, path, read, params, headers(), accept)
            except Again as again:
                reason, asked = str(again), again.after
            except requests.RequestException as error:
                reason, asked = _reason(what, error), None
            if brought() - level >= _FORWARD_BYTES:
                failures, level = 0, brought()
            failures += 1
            if failures >= self.policy.tries:
                raise DownloadError(f"{what}: {reason}; gave up after {failures} tries")
            pause = self.policy.pause(failures, asked)
            if self.policy.clock() + pause > self._deadline:
                raise DownloadError(
                    f"{what}: {reason}; gave up, as the next try would be in {pause:.0f} s"
                    if asked
                    else f"{what}: {reason}; {self._too_long()}"
                )
            self.tell(
                f"{what}: {reason}; trying again"
                f"{f' in {round(pause, 1):g} s' if pause else ''}"
                f" (try {failures + 1} of {self.policy.tries})"
            )
            self.policy.sleep(pause)

    def chunks(self, response: requests.Response) -> Iterator[bytes]:
        """Yield the body in pieces; raise DownloadError when time is up."""
        for chunk in response.iter_content(_CHUNK_BYTES):
            yield chunk
            self._check_time(response)
        self._check_time(response)  # its end may have been ours

    def _check_time(self, response: requests.Response) -> None:
        if self.policy.clock() > self._deadline:
            raise DownloadError(f"{response.url}: {self._too_long()}")

    def body(self, response: requests.Response, most_bytes: int) -> bytes:
        """Return the whole body; raise DownloadError when it is larger than `most_bytes`."""
        content = bytearray()
        for chunk in self.chunks(response):
            content += chunk
            if len(content) > most_bytes:
                raise DownloadError(f"{response.url}: the answer is larger than it can be")
        return bytes(content)

    def _once(
        self,
        what: str,
        path: str,
        read: Callable[[requests.Response], T],
        params: Mapping[str, str] | None,
        headers: Mapping[str, str],
        accept: frozenset[int],
    ) -> T:
        with self._session.get(
            self.base + path,
            params=params,
            headers=headers,
            stream=True,
            timeout=(self.policy.connect, self.policy.silence),
        ) as response:
            status = f"{response.status_code} {response.reason}".strip()
            if response.status_code in _PASSING or response.status_code >= 500:
                raise Again(f"the server says {status}", retry_after(response))
            if response.status_code not in accept:
                said = self._said(response)
                raise DownloadError(f"{what}: the server says {status}{said} ({response.url})")
            # Socrata serves queries from replicas; one that lags would pass off old rows as new.
            if response.headers.get("X-SODA2-Data-Out-Of-Date", "").lower() == "true":
                raise Again("the server's copy of the data lags behind", retry_after(response))
            packed = _packing(response)
            if packed:
                raise DownloadError(
                    f"{what}: expected an answer as it is, found one packed with {packed} "
                    f"({response.url})"
                )
            return read(response)

    def _said(self, response: requests.Response) -> str:
        """Return the reason that Socrata gives in the body of a refusal, if it does."""
        if _packing(response):
            return ""
        content = bytearray()
        try:
            with self._session.ended_after(_REFUSAL_SECONDS):
                for chunk in response.iter_content(_CHUNK_BYTES):
                    content += chunk
                    if len(content) > _REFUSAL_BYTES:
                        return ""
            message = str(decode(bytes(content))["message"])
        except (requests.RequestException, DecodeError, KeyError, TypeError):
            return ""
        if self._token:
            message = message.replace(self._token, "...")
        return f": {one_line(message[:200])}"

    def _too_long(self) -> str:
        return f"gave up after {self.policy.total / 60:.0f} minutes"


def _packing(response: requests.Response) -> str:
    """Return by what the body is packed; nothing where it is not."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    return "" if encoding in ("", "identity") else one_line(encoding[:40])


def is_web_page(response: requests.Response, start: bytes) -> bool:
    """Tell whether the answer is a page for people, by its type or its first bytes."""
    declared = "html" in response.headers.get("Content-Type", "").lower()
    return declared or start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")


def end_is_marked(response: requests.Response) -> bool:
    """Tell whether HTTP says where the body ends; otherwise a cut connection looks like an end."""
    headers = response.headers
    return "Content-Length" in headers or "chunked" in headers.get("Transfer-Encoding", "").lower()


def _reason(what: str, error: requests.RequestException) -> str:
    """Return in words what failed; raise DownloadError for what would only fail again."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        raise DownloadError(f"{what}: the server's certificate is not trusted") from error
    cause = root_cause(error)
    match error:
        case requests.Timeout():
            return "no answer in time"
        case requests.exceptions.ChunkedEncodingError():
            return "the connection was cut"
        case requests.exceptions.ContentDecodingError():
            return "what came could not be unpacked"
        case requests.ConnectionError() if "timed out" in str(error).lower():
            return "no answer in time"
        case requests.ConnectionError():
            return f"no connection ({one_line(cause)})"
    raise DownloadError(f"{what}: {one_line(cause)}") from error
