"""Requests to one server: sent again where that is safe, read whole, and their errors named.

What only reads, or does the same when done twice, is safe. So is a submit, by its key: the server
answers one that it has heard before with the same jobs. Servers older than version 2 know no keys.
To them a submit is sent again only where it surely was not heard: there was no connection, or the
server says so.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import requests

from app.client.errors import (
    ClientClosed,
    ServerBusy,
    ShuttingDown,
    StatsError,
    TimedOut,
    UnexpectedAnswer,
    UnknownJob,
    Unreachable,
)
from app.client.refusals import ACCEPT, never_sent, parsed, refusal
from app.retries import Pace, retry_after, root_cause
from app.version import VERSION

T = TypeVar("T")

MOST_WAIT = 30.0  # seconds that the server lets a request wait for a job
_GRACE = 5.0  # seconds beyond the deadline that an answer may still be on its way
_PIECE_BYTES = 64 * 1024
# Of proxies, without a reason in JSON: nothing is known of what became of the request.
_OF_PROXIES = frozenset({429, 502, 503, 504})
# How OpenSSL, until 3.1 and since, says that what came is no TLS.
_NOT_TLS = ("WRONG_VERSION_NUMBER", "record layer failure")
_KEYS_SINCE = 2  # the first version of the server that knows the keys of submits
_DOUBT = (
    "what was submitted may or may not have been accepted, and is not sent again: this server is"
    f" older than version {_KEYS_SINCE}"
)


class Requests(Protocol):
    """What sends requests: a requests.Session, or whatever has its `request`."""

    def request(self, method: str, url: str, *args: Any, **options: Any) -> requests.Response:
        """Send a request and return its answer; the options are those of requests.Session."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request. `waits` lets the server wait for jobs, as long as there is time.

    `key` is that of a submit, empty for what does the same when done twice.
    """

    method: str
    path: str
    body: bytes | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    waits: bool = False


class Passing(Exception):
    """Asking again may help; `error` is to be raised where that is over.

    `after` is the pause that the server asks for, in seconds. `heard` says that the request may
    have been carried out.
    """

    def __init__(
        self, error: StatsError, after: float | None = None, *, heard: bool = False
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after
        self.heard = heard


class _Token(requests.auth.AuthBase):
    """Sends the token; an AuthBase, for otherwise a .netrc would put a password in its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As UTF-8: http.client writes each of these characters as one byte.
        request.headers["Authorization"] = f"Bearer {self._token}".encode().decode("latin-1")
        return request


class Connection:
    """Requests to the server at `base`; not for several threads at once.

    `timeout` is how many seconds a call may take that does not say, `retries` how often in a row
    one is tried again. A session that is given is left open in the end.
    """

    def __init__(
        self,
        base: str,
        token: str,
        timeout: float,
        retries: int,
        session: Requests | None,
        pace: Pace,
    ) -> None:
        if not _is_address(base):
            raise ValueError(f'"{base}" is no address such as http://127.0.0.1:5000')
        parts = urlsplit(base)
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("the address of the server has no user, no ? and no #")
        if not token.isprintable():
            raise ValueError("the token has characters that cannot be sent")
        self.base = base.rstrip("/")
        self.timeout = _seconds(timeout)
        self.retries = retries
        self.pace = pace
        self._auth = _Token(token) if token else None
        # No proxy of the environment is in front of this machine itself: `no_proxy` keeps requests
        # from looking for one, which takes longer than all else here.
        host = parts.hostname or ""
        is_near = _is_loopback(host)
        self._proxies = {"http": "", "https": "", "no_proxy": host} if is_near else {}
        self._takes_keys: bool | None = None  # whether the server does; None: not asked yet
        self._given = session
        self._session: Requests | None = requests.Session() if session is None else session

    def __getstate__(self) -> dict[str, Any]:
        """Return all but the open connections."""
        fresh = self._given is None and self._session is not None
        return {**self.__dict__, "_session": requests.Session() if fresh else self._session}

    def close(self) -> None:
        """Close the connections, unless the session was given; can be repeated."""
        if self._given is None and isinstance(self._session, requests.Session):
            self._session.close()
        self._session = None

    def until(self, timeout: float | None) -> float:
        """Return when a call that begins now has to have its answer, by the pace's clock."""
        return self.pace.clock() + (self.timeout if timeout is None else _seconds(timeout))

    def value(self, asked: ApiRequest, key: str = "data", timeout: float | None = None) -> Any:
        """Return what the JSON object that is answered has under a key."""

        def read(response: requests.Response, body: bytes) -> Any:
            answer = parsed(response, body)
            if key not in answer:
                raise UnexpectedAnswer(f'{response.url} answers JSON without "{key}"')
            return answer[key]

        return self.fetch(asked, read, self.until(timeout))

    def fetch(
        self,
        asked: ApiRequest,
        read: Callable[[requests.Response, bytes], T],
        until: float,
        *,
        patient: bool = False,
    ) -> T:
        """Return what `read` makes of the answer and its whole body.

        The request is sent again where that is safe and may help: `retries` times, or, where it is
        `patient`, until the time is up.
        """
        failures = 0
        while True:
            try:
                with self.opened(asked, until) as response:
                    return read(response, self.body(response, until))
            except Passing as passing:
                failures += 1
                if failures > self.retries and not patient:
                    raise passing.error from passing.__cause__
                self.rest(passing, failures, until, patient=patient)
                if asked.key and passing.heard and not self._knows_keys(until):
                    error = passing.error
                    error.reason += f"; {_DOUBT}"
                    error.args = (error.reason,)
                    raise error from passing.__cause__

    def _knows_keys(self, until: float) -> bool:
        """Ask the server, once, whether it is of a version that knows the keys of submits."""
        if self._takes_keys is None:
            asked = ApiRequest("GET", "/api/activity", params={"limit": "1"})
            try:
                version = self.fetch(asked, parsed, until)["data"]["version"]
                self._takes_keys = int(version.partition(".")[0]) >= _KEYS_SINCE
            except (UnexpectedAnswer, UnknownJob, AttributeError, KeyError, TypeError, ValueError):
                self._takes_keys = False  # of a version that does not say which one it is
        return self._takes_keys

    def rest(self, passing: Passing, failures: int, until: float, *, patient: bool) -> None:
        """Pause before the next try; raise the error where there is no time for one.

        Where the pause is too long, who is `patient` tries a last time when the time is up.
        """
        left = until - self.pace.clock()
        pause = self.pace.pause(failures, passing.after)
        if left <= 0 or (pause >= left and not patient):
            raise passing.error from passing.__cause__
        self.pace.sleep(min(pause, left))

    @contextmanager
    def opened(self, asked: ApiRequest, until: float) -> Iterator[requests.Response]:
        """Give the answer to a request that is sent once; its body is yet to be read.

        What goes wrong inside of the with block is judged, too. Raises Passing where the request
        may be sent again, StatsError otherwise.
        """
        if self._session is None:
            raise ClientClosed("the client is closed; make another one")
        after = None
        try:
            with self._send(self._session, asked, until) as response:
                if response.status_code >= 300:
                    after = retry_after(response)
                    raise refusal(response, self.body(response, until))
                yield response
        except requests.RequestException as error:
            raise _lost(error) from error
        except StatsError as error:
            raise _judged(error, after) from error.__cause__

    def body(self, response: requests.Response, until: float) -> bytes:
        """Return the whole body; raise requests.ReadTimeout when it takes too long."""
        content = bytearray()
        for piece in response.iter_content(_PIECE_BYTES):
            content += piece
            # A server that sends a byte now and then would never be timed out otherwise.
            if self.pace.clock() > until + _GRACE:
                raise requests.ReadTimeout("the answer takes too long")
        return bytes(content)

    def _send(self, session: Requests, asked: ApiRequest, until: float) -> requests.Response:
        left = max(0.0, until - self.pace.clock())
        wait = min(MOST_WAIT, left) if asked.waits else 0.0
        silence = min(self.pace.silence, max(_GRACE, left - wait))
        headers = {"User-Agent": f"le-stats-sportif-client/{VERSION}", "Accept": ACCEPT}
        if asked.body is not None:
            headers["Content-Type"] = "application/json"
        if asked.key:
            headers["Idempotency-Key"] = f'"{asked.key}"'
        return session.request(
            asked.method,
            self.base + asked.path,
            params={**asked.params, **({"wait": f"{wait:.3f}"} if asked.waits else {})},
            data=asked.body,
            headers=headers,
            auth=self._auth,
            proxies=self._proxies,
            timeout=(self.pace.connect, wait + silence),
            allow_redirects=False,  # a POST would become a GET, and another host get the token
            stream=True,
        )


def _seconds(timeout: float) -> float:
    """Return a timeout; raise ValueError for one that is none."""
    if not timeout >= 0:
        raise ValueError(f"the timeout must be 0 or more seconds, not {timeout:g}")
    return timeout


def _is_address(base: str) -> bool:
    try:
        parts = urlsplit(base)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
        return known and parts.port != 0 and not any(letter.isspace() for letter in base)
    except ValueError:  # a port that is none, half an IPv6 address
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _lost(error: requests.RequestException) -> Exception:
    """Return what to raise for a request that no answer came to, or a part of one."""
    said = root_cause(error)
    if isinstance(error, requests.exceptions.ProxyError):
        proxies = "the proxy that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names"
        return Passing(Unreachable(f"no connection by {proxies}: {said}"))
    if any(words in str(error) for words in _NOT_TLS):
        return UnexpectedAnswer("the server speaks plain HTTP: its address begins with http://")
    if never_sent(error):
        unreachable = Unreachable(f"no connection: {said}")
        return unreachable if "CERTIFICATE" in str(error) else Passing(unreachable)
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return Passing(TimedOut(f"the server is silent: {said}"), heard=True)
    return Passing(Unreachable(f"the connection was cut: {said}"), heard=True)


def _judged(error: StatsError, after: float | None) -> Exception:
    """Return what to raise for an answer that is an error, or none of this server's."""
    if isinstance(error, ServerBusy | ShuttingDown):
        return Passing(error, after)
    if isinstance(error, UnexpectedAnswer) and error.status in _OF_PROXIES:
        return Passing(error, after, heard=True)
    return error
