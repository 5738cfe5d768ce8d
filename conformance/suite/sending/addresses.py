"""Where a connection may lead: a URL in an answer must not make this machine call what only this machine can reach.

What a server writes into an answer is fetched, so that its URLs could name a cloud's metadata service, a router, or
whatever else listens beside the suite. Every connection passes here, and so does that of each redirect: the host is
resolved once, its addresses are checked, and it is these that are connected to, so that no second look-up can give
others. The name stays in the request and in the TLS handshake.

The target's own addresses, as it has them at the first connection, are always allowed: the user named it. Public ones
are too, private ones where the target is at a private or at a loopback address, and loopback where it is on loopback.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from enum import Enum
from typing import Any, TypeAlias, cast

import httpcore
import httpx

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
"""Finds the addresses of a host for a port; raises OSError if there are none."""
_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_METADATA = tuple(
    ipaddress.ip_network(network)
    # Of Amazon, Google, Alibaba, Oracle and Azure; most others are link-local.
    for network in ("fd00:ec2::/32", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16")
)
_HERE = ipaddress.IPv4Network("0.0.0.0/8")
"""Addresses of this host on its network (RFC 1122, section 3.2.1.3), to which systems connect as to loopback."""
_EMBEDDING = tuple(ipaddress.IPv6Network(network) for network in ("64:ff9b::/96", "::/96"))
_SIX = 6
_MOMENT = 2.0
"""Seconds for each address of a host but the last: one that leads nowhere must not take the time of the others."""


class Kind(Enum):
    """What an address is, as far as it matters who may lead there; the values are words for a person."""

    PUBLIC = "a public address"
    PRIVATE = "a private or reserved address"
    LOOPBACK = "a loopback address"
    LINK = "a link-local or metadata address"


_LEADS_TO = {
    Kind.PRIVATE: {Kind.PUBLIC, Kind.PRIVATE},
    Kind.LOOPBACK: {Kind.PUBLIC, Kind.PRIVATE, Kind.LOOPBACK},
}


class RefusedError(httpcore.ConnectError):
    """The suite doesn't connect to an address that a server named; the message says to which and why."""


def kind_of(address: str) -> Kind:
    """Return what an address is, also where it is an IPv4 address in the clothes of an IPv6 one."""
    found = _plain(ipaddress.ip_address(address))
    if found.is_link_local or any(found in network for network in _METADATA):
        return Kind.LINK
    if found.is_loopback or found in _HERE:
        return Kind.LOOPBACK
    apart = found.is_multicast or found.is_reserved or (found.version == _SIX and found.is_site_local)
    return Kind.PUBLIC if found.is_global and not apart else Kind.PRIVATE


def _plain(address: _Address) -> _Address:
    """Undo the forms in which an IPv6 address stands for an IPv4 one (RFC 4291, RFC 3056, RFC 6052)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if any(address in network for network in _EMBEDDING):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


async def resolved(host: str, port: int) -> list[str]:
    """Return the addresses of a host as the system knows them; it reads decimal, octal and hex forms of IPv4 too."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Guard(httpcore.AsyncNetworkBackend):
    """Connects to the checked addresses of a host; ``target`` is the base URL of the server under test."""

    def __init__(
        self, target: str, resolve: Resolve = resolved, network: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        """Take what finds addresses and what connects to them, which are the system's."""
        self._target = httpx.URL(target)
        self._own: frozenset[str] = frozenset()
        self._resolve = resolve
        self._network = network or cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers; raises RefusedError if one must not be called."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self.check(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                moment = _MOMENT if timeout is None else min(_MOMENT, timeout)
                return await self._network.connect_tcp(address, port, moment, local_address, socket_options)
        return await self._network.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait between two attempts."""
        await self._network.sleep(seconds)

    async def check(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host; raises RefusedError if it has one that must not be called, or OSError."""
        if not self._own:
            with suppress(OSError):  # a proxy may know the target where this machine doesn't
                self._own = frozenset(await self._resolve(self._target.host, self._target.port or 0))
        allowed = {Kind.PUBLIC}.union(*(_LEADS_TO.get(kind_of(address), ()) for address in self._own))
        addresses = await self._resolve(host, port)
        for address in addresses:
            kind = kind_of(address)
            if address not in self._own and kind not in allowed:
                only = "never goes" if kind is Kind.LINK else "goes only for a server that is at one itself"
                of = "" if address == host else f"; it is that of {host}"
                raise RefusedError(f"{address} is {kind.value}, where the suite {only}{of}")
        return addresses


class _Direct(httpx.AsyncHTTPTransport):
    """Connects by a guard."""

    def __init__(self, guard: Guard, verify: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=verify, limits=limits)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=verify,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=guard,
        )


class _Proxied(httpx.AsyncHTTPTransport):
    """Leaves it to a proxy to connect, but not to addresses that a guard refuses; what only the proxy knows passes."""

    def __init__(self, guard: Guard, verify: ssl.SSLContext, limits: httpx.Limits, proxy: httpx.Proxy) -> None:
        super().__init__(verify=verify, limits=limits, proxy=proxy)
        self._guard = guard

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            await self._guard.check(request.url.host, request.url.port or 0)
        except RefusedError as error:
            raise httpx.ConnectError(str(error), request=request) from error
        except OSError:
            pass
        return await super().handle_async_request(request)


class Client(httpx.AsyncClient):
    """An HTTP client whose connections, but for those of a transport that it is given, pass a guard."""

    def __init__(self, guard: Guard, **options: Any) -> None:  # noqa: ANN401 - those of the library
        """Take the guard, and what the library's client takes."""
        self._guard = guard
        super().__init__(**options)

    def _init_transport(self, *_: Any, **options: Any) -> httpx.AsyncBaseTransport:  # noqa: ANN401 - as above
        given: httpx.AsyncBaseTransport | None = options["transport"]
        return given or _Direct(self._guard, options["verify"], options["limits"])

    def _init_proxy_transport(self, proxy: httpx.Proxy, *_: Any, **options: Any) -> httpx.AsyncBaseTransport:  # noqa: ANN401 - as above
        return _Proxied(self._guard, options["verify"], options["limits"], proxy)
