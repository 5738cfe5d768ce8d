"""Correct servers that differ in how they talk HTTP, on real loopback ports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

import attrs
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.mutants.benign import serving
from conformance.mutants.benign.serving import Manner, Served, listening, talking
from conformance.mutants.mutant import KEY, Benign
from conformance.reference import Behaviour, create_app
from conformance.reference.answers import build_url


def servers() -> Iterator[Benign]:
    """Yield the servers of this module."""
    yield Benign("net-plain", "over the network", lambda: listening(create_app()))
    yield Benign("net-ipv6", "over IPv6", lambda: listening(create_app(), "::1"))
    yield Benign("net-h11", "written with another HTTP library", lambda: listening(create_app(), http="h11"))
    yield Benign(
        "net-no-keep-alive", "idle connections close at once", lambda: listening(create_app(), timeout_keep_alive=0)
    )
    yield Benign(
        "net-key", "over the network with a key", lambda: listening(create_app(Behaviour(api_key=KEY))), key=KEY
    )
    yield Benign("net-slow", "every answer takes a moment", lambda: listening(_slow(create_app())))
    yield Benign("net-other-port", "URLs lead to another port", _two_servers)
    yield Benign(
        "net-413-early",
        "large bodies are refused before they are read",
        lambda: talking(create_app(), serving.closing, most=4 * 1024 * 1024),
    )
    yield from (
        _talking("net-http-1.0", "HTTP/1.0 without lengths", serving.old),
        _talking("net-closing", "every connection closes", serving.closing),
        _talking("net-closing-refusals", "connections close behind refusals", serving.closing_refusals),
        _talking("net-closing-silently", "connections close without notice", serving.closing_silently),
        _talking("net-piecemeal", "answers come in small chunks", serving.piecemeal),
        Benign(
            "net-losing",
            "some connections are lost before the answer, and the second try succeeds",
            lambda: talking(create_app(), serving.losing()),
        ),
    )


def _talking(name: str, words: str, manner: Manner) -> Benign:
    return Benign(name, words, lambda: talking(create_app(), manner))


def _slow(app: ASGIApp) -> ASGIApp:
    async def delayed(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.01)
        await app(scope, receive, send)

    return delayed


@contextmanager
def _two_servers() -> Generator[Served]:
    """Serve the files from a port of their own, as a store of files does."""

    def elsewhere(_: str, name: str, draw: Callable[[], bytes]) -> str:
        return build_url(files[0], name, draw)

    behaviour = Behaviour()
    app = create_app(attrs.evolve(behaviour, build_url=elsewhere))
    with listening(app) as (other, _), listening(app) as served:
        files = [other.removesuffix("/v1")]
        yield served
