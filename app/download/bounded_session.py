"""An HTTP session that no server can hold for longer, or fill with more, than it is allowed to."""

import contextlib
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from app.errors import DownloadError
from app.version import VERSION

_TOKEN = "X-App-Token"


class BoundedSession(requests.Session):
    """Follows redirects, but tells no other host the token, and never goes from https to http.

    Nothing is packed: a mebibyte that came could be a gibibyte here.
    """

    def __init__(self, token: str) -> None:
        super().__init__()
        self._watch = OpenConnections()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _WatchedAdapter(self._watch))
        # Also, of a packed body, byte N of the file is nowhere in particular.
        self.headers["Accept-Encoding"] = "identity"
        self.headers["User-Agent"] = f"le-stats-sportif/{VERSION}"
        if token:
            self.headers[_TOKEN] = token

    def ended_after(self, seconds: float) -> contextlib.AbstractContextManager[None]:
        """End all connections after so many seconds of a with block.

        Else a server that sends a byte now and then would never be timed out.
        """
        return self._watch.ended_after(seconds)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where a redirect leads; its body, which would be read to the end, is not read."""
        target: str | None = super().get_redirect_target(resp)
        if target is not None:
            resp.close()
            vars(resp).update(_content=b"", _content_consumed=True)
        return target

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]
        here, there = response.url, prepared_request.url or ""
        if urlsplit(here).scheme == "https" and urlsplit(there).scheme != "https":
            raise DownloadError(f"{here} redirects to {there}, which is not https")
        if self.should_strip_auth(here, there):  # type: ignore[no-untyped-call]
            prepared_request.headers.pop(_TOKEN, None)


class OpenConnections:
    """The connections that are open, and whether their time is up."""

    def __init__(self) -> None:
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._over = 0
        self._lock = threading.Lock()  # guards both of the above

    def add(self, sock: socket.socket) -> None:
        """Watch one more; it ends at once where time is up."""
        with self._lock:
            self._sockets.add(sock)
            if self._over:
                _end(sock)

    @contextlib.contextmanager
    def ended_after(self, seconds: float) -> Iterator[None]:
        """End all connections after so many seconds of a with block."""
        ended = threading.Event()

        def end() -> None:
            with self._lock:
                self._over += 1
                ended.set()
                for sock in self._sockets:
                    _end(sock)

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            with self._lock:
                self._over -= ended.is_set()


def _end(sock: socket.socket) -> None:
    """Wake whoever waits for bytes of a connection: there are no more."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class _WatchedAdapter(HTTPAdapter):
    def __init__(self, watch: OpenConnections) -> None:
        self._watch = watch
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if not hasattr(pool.ConnectionCls, "watched"):
            pool.ConnectionCls = _watched(pool.ConnectionCls, self._watch.add)
        return pool


def _watched(kind: Any, connected: Callable[[socket.socket], None]) -> Any:
    """Return a kind of connections of urllib3 whose sockets are handed to `connected`."""

    class Watched(kind):  # type: ignore[misc]
        watched = True

        def connect(self) -> None:
            super().connect()
            connected(self.sock)

    return Watched
