"""Starts servers: in this process without a network, or on a loopback port in a thread.

``talking`` is a small HTTP server of its own. It hands each request to an application and leaves it to a *manner* how
the answer goes on the wire, for what no ordinary server does on demand: HTTP/1.0, no length, a connection that closes.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeAlias

import httpx
import uvicorn
from starlette.types import ASGIApp

Served: TypeAlias = tuple[str, Any]
"""The base URL, and the transport that stands in for the network if anything does."""
Manner: TypeAlias = "Callable[[asyncio.StreamWriter, httpx.Response], Any]"

_SECONDS = 10
_LOST = 5


@contextmanager
def in_process(app: ASGIApp, base: str = "http://reference.test/v1") -> Generator[Served]:
    """Serve without a network."""
    yield base, httpx.ASGITransport(app, raise_app_exceptions=False)


@contextmanager
def out_of_reach(app: ASGIApp, host: str) -> Generator[Served]:
    """Serve without a network, in which one host can't be found, as where a server stands in a network of its own."""
    server = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def found(request: httpx.Request) -> httpx.Response:
        if request.url.host == host:
            raise httpx.ConnectError("Name or service not known", request=request)
        return await server.handle_async_request(request)

    yield "http://reference.test/v1", httpx.MockTransport(found)


@contextmanager
def listening(app: ASGIApp, host: str = "127.0.0.1", **options: Any) -> Generator[Served]:  # noqa: ANN401 - uvicorn's
    """Serve with uvicorn on a free loopback port."""
    with _listener(host) as listener:
        config = uvicorn.Config(app, log_level="critical", access_log=False, ws="none", lifespan="off", **options)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://{_address(listener, host)}/v1", None
        finally:
            server.should_exit = True
            thread.join(_SECONDS)


@contextmanager
def talking(app: ASGIApp, manner: Manner, *, most: int | None = None) -> Generator[Served]:
    """Serve in a manner of one's own; bodies longer than ``most`` are refused with 413 before they are read."""
    loop = asyncio.new_event_loop()
    with _listener("127.0.0.1") as listener:
        talker = _Talker(app, manner, most)
        server = loop.run_until_complete(asyncio.start_server(talker.connection, sock=listener))
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            yield f"http://{_address(listener, '127.0.0.1')}/v1", None
        finally:
            asyncio.run_coroutine_threadsafe(_closed(server), loop).result(_SECONDS)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(_SECONDS)
            loop.close()


async def _closed(server: asyncio.Server) -> None:
    server.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _listener(host: str) -> socket.socket:
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    # Connections inherit this; otherwise head and body of an answer wait 40 ms for each other.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket, host: str) -> str:
    port: int = listener.getsockname()[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class _Talker:
    """Reads requests off connections and answers them; it is asyncio's shape that this is done by callbacks."""

    def __init__(self, app: ASGIApp, manner: Manner, most: int | None) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._manner = manner
        self._most = most

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; returns whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, path, _ = first.split(" ")
        headers = httpx.Headers([(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)])
        length = int(headers.get("content-length", "0"))
        if self._most is not None and length > self._most:
            writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            # The client may still be writing; what it sends is thrown away so that it gets to read the answer.
            await reader.readexactly(length)
            return False
        body = await reader.readexactly(length)
        request = httpx.Request(method, f"http://{headers['host']}{path}", headers=headers, content=body)
        response = await self._transport.handle_async_request(request)
        await response.aread()
        return bool(await self._manner(writer, response))


def head_of(response: httpx.Response, version: str, extra: Mapping[str, str]) -> bytes:
    """Write the head of an answer without a length, with other header fields beside its own."""
    fields = [(k, v) for k, v in response.headers.items() if k not in ("content-length", "transfer-encoding")]
    lines = [f"HTTP/{version} {response.status_code} Answer", *(f"{k}: {v}" for k, v in [*fields, *extra.items()])]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def old(writer: asyncio.StreamWriter, response: httpx.Response) -> bool:
    """Answer in HTTP/1.0: no length, and the end of the connection is the end of the body."""
    writer.write(head_of(response, "1.0", {}) + response.content)
    return False


async def closing(writer: asyncio.StreamWriter, response: httpx.Response) -> bool:
    """Answer with a length and close the connection."""
    fields = {"content-length": str(len(response.content)), "connection": "close"}
    writer.write(head_of(response, "1.1", fields) + response.content)
    return False


async def closing_refusals(writer: asyncio.StreamWriter, response: httpx.Response) -> bool:
    """Close the connection behind a refusal only."""
    if response.is_error:
        return await closing(writer, response)
    writer.write(head_of(response, "1.1", {"content-length": str(len(response.content))}) + response.content)
    return True


async def closing_silently(writer: asyncio.StreamWriter, response: httpx.Response) -> bool:
    """Close the connection behind every answer without having said so."""
    writer.write(head_of(response, "1.1", {"content-length": str(len(response.content))}) + response.content)
    return False


def losing() -> Manner:
    """Lose every fifth connection before the answer; each request has a connection of its own."""
    connections = count(1)

    async def manner(writer: asyncio.StreamWriter, response: httpx.Response) -> bool:
        return next(connections) % _LOST != 0 and await closing(writer, response)

    return manner


async def piecemeal(writer: asyncio.StreamWriter, response: httpx.Response) -> bool:
    """Answer in many small chunks."""
    writer.write(head_of(response, "1.1", {"transfer-encoding": "chunked"}))
    content = response.content
    size = max(1, len(content) // 50)
    for start in range(0, len(content), size):
        piece = content[start : start + size]
        writer.write(f"{len(piece):X}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    return True
