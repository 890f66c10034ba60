"""Who a server is for: this machine alone, those who have its token, or everyone.

| settings | who may ask | policy (`app/http/policies.py`) |
| --- | --- | --- |
| none | anyone on this machine, but no web page that somebody visits there | `ByOrigin` |
| `--token` | those who send it; the pages and the health are open | `ByToken` |
| `--public` | anyone may read what is meant for everyone; all else needs the token | `Public` |

Where our own server, or `flask run`, would listen to those whom it is not meant for, it does not
start: see `Settings.check`.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from app.http.guard import Guard
from app.http.middleware import Middleware
from app.http.policies import ByOrigin, ByToken, Public, Token
from app.messages import reasons
from app.settings import Settings

if TYPE_CHECKING:
    from limits.storage import Storage


class Exposure(NamedTuple):
    """What keeps from a server what is not for it, and what a public one does before that."""

    guard: Guard
    sharing: Sequence[Middleware]
    text: str  # what the start of a public server says of it, empty for any other


def exposure_of(settings: Settings, rate_storage: "Callable[[], Storage]") -> Exposure:
    """Return the exposure that is set; `rate_storage` returns where all processes count."""
    token = Token(settings.token)
    if not settings.public:
        hosts = (settings.host, *settings.hosts)
        return Exposure(Guard(ByToken(token) if token.is_set else ByOrigin(hosts)), (), "")
    from app.concurrency.rate_storage import MemoryRateStorage
    from app.http.clients import Clients
    from app.http.rates import Rate
    from app.http.sharing import Sharing

    clients = Clients(settings.trusted_proxies)
    # Requests are counted in this process, which costs microseconds; what costs much, for all
    # processes together.
    rates = (
        ("requests", settings.rate, MemoryRateStorage(), reasons.TOO_MANY_REQUESTS),
        ("computations", settings.compute_rate, rate_storage(), reasons.TOO_MANY_COMPUTATIONS),
    )
    requests, computations = (
        Rate(name, text, storage, reason) if text else None for name, text, storage, reason in rates
    )
    sharing = Sharing(token, clients, requests, computations)
    rest = "needs the token" if token.is_set else "is closed, for no token is set"
    text = f"public: anyone may GET answers, charts and the page; all else {rest}"
    return Exposure(Guard(Public(token, clients.is_proxy)), (sharing,), text)
