"""Which client a request is of: an address, or the part of it that one client has."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from app.http.request import Request

Network = IPv4Network | IPv6Network

# The longest that an address may be, with brackets, zone and port.
_LONGEST = 80
_KEPT = 4096  # addresses that were read lately
# An IPv6 client has as many addresses as it likes, within a network of this size or a larger one.
_HOST_BITS = 64


class _Peer(NamedTuple):
    """What counts as one client, and whether it is a trusted proxy."""

    name: str
    is_proxy: bool


class Clients:
    """Names the client of each request.

    Behind trusted proxies it is the last address in X-Forwarded-For that is none of theirs: each
    of them writes there, behind what came before, who asked it. What anybody else says in that
    header counts for nothing. (`Forwarded` is not read: a proxy that writes the one passes the
    other on as its client wrote it.)
    """

    def __init__(self, proxies: Sequence[Network]) -> None:
        self._proxies = tuple(proxies)
        self._peer = lru_cache(_KEPT)(self._read)

    def is_proxy(self, request: Request) -> bool:
        """Tell whether a request comes over a connection of a trusted proxy."""
        return self._peer(request.address[:_LONGEST]).is_proxy

    def name(self, request: Request) -> str:
        """Return what tells the client of a request from others."""
        peer = self._peer(request.address[:_LONGEST])
        if not peer.is_proxy:
            return peer.name
        before = request.headers.get("x-forwarded-for", "")
        while before:
            before, _, address = before.rpartition(",")
            address = address.strip()
            if not address or len(address) > _LONGEST:
                break
            peer = self._peer(address)
            if not peer.is_proxy:
                break
        return peer.name

    def _read(self, text: str) -> _Peer:
        address = _address(text)
        if address is None:  # a Unix socket, or what is no address
            return _Peer(text, False)
        trusted = any(address in network for network in self._proxies)
        if isinstance(address, IPv4Address):
            return _Peer(str(address), trusted)
        return _Peer(f"{IPv6Address(int(address) >> _HOST_BITS << _HOST_BITS)}/64", trusted)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in a text such as `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
