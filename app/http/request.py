"""A request, as middleware and views see it: the same whichever server took it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.settings import is_loopback

if TYPE_CHECKING:
    from app.http.error_handlers import Problem
    from app.http.rates import Stranger

# The methods that change nothing.
READS = frozenset({"GET", "HEAD", "OPTIONS"})
# The headers that the program looks for.
HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "accept-language", "authorization", "host"),
        *("content-encoding", "content-length", "content-type", "transfer-encoding"),
        *("expect", "if-modified-since", "if-none-match", "if-range", "range"),
        *("idempotency-key", "prefer"),
        *("origin", "referer", "sec-fetch-mode", "sec-fetch-site", "purpose", "sec-purpose"),
        *("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-prefix"),
        *("x-forwarded-proto", "x-real-ip", "cf-connecting-ip", "true-client-ip"),
    }
)
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def is_looked_for(header: str) -> bool:
    """Tell whether the program looks for a header: by its name, or for a part of that."""
    return header in HEADERS or "forwarded" in header


def host_and_port(host: str, port: int) -> str:
    """Return a host and its port as one text, as an address of the web has them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Request:
    """What a client asks, and what becomes known of it on its way.

    `path` and `query` are text, the path without its escapes. `headers` have their names in lower
    case; one that came several times has its values behind each other, with commas. `client` and
    `server` are `host:port`.
    """

    body = b""
    # Why it could not be read whole, None where it could.
    unread: "Problem | None" = None
    is_admitted = False  # whether the guard has let it through
    # Whether it is let through as one of somebody who has all that this server asks for, the token
    # above all. It is False where that is so for this request alone, None where it is not so.
    trusted: bool | None = None
    stranger: "Stranger | None" = None  # its client, where that is limited
    # What the log shows: the job that it is about; why it was refused, and the code of that.
    began = 0.0  # when it came, by time.perf_counter
    job_id = "-"
    refusal = ""
    cause = "none"

    def __init__(
        self,
        method: str,
        path: str,
        query: str,
        headers: dict[str, str],
        client: str = "",
        server: str = "localhost:80",
        scheme: str = "http",
        environ: Mapping[str, Any] = _NOTHING,
    ) -> None:
        """`environ` is what a WSGI server tells beside that."""
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.client = client
        self.server = server
        self.scheme = scheme
        self.environ = environ

    @property
    def address(self) -> str:
        """The address that the client has, without its port."""
        return self.client.rpartition(":")[0]

    @property
    def is_local(self) -> bool:
        """Whether the client is on this machine; one that comes by a Unix socket has no address."""
        address = self.address.strip("[]").removeprefix("::ffff:")
        return not address or is_loopback(address)
