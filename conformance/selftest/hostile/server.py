"""A raw server on the loopback interface: what it answers are bytes, whether they are HTTP or not."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

CERTIFICATE = Path(__file__).with_name("selfsigned.pem")
"""A certificate that nobody trusts, with its key, made for this test."""


@frozen
class Asked:
    """A request as it came in, its head as bytes too, and where the server is: scheme, host and port."""

    method: str
    path: str
    head: bytes
    body: bytes
    origin: str

    @property
    def is_call(self) -> bool:
        """Whether it is one of the API rather than the fetch of a file."""
        return self.method == "POST"

    @property
    def secret(self) -> bytes:
        """The value of the header with the key."""
        _, _, behind = self.head.partition(b"authorization: ")
        return behind.partition(b"\r\n")[0]


Talk: TypeAlias = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]
"""Answers a request in as many pieces, and as slowly, as it likes."""
Answer: TypeAlias = bytes | Talk
"""What a server answers, after which it closes the connection."""


def http(body: bytes = b"{}", *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """Return an HTTP answer of JSON; further headers stand behind the usual ones."""
    kind = (
        () if any(one.lower().startswith(b"content-type") for one in headers) else (b"Content-Type: application/json",)
    )
    lines = (b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *kind, *headers)
    return b"\r\n".join((*lines, b"", body))


def answered(*items: Mapping[str, object]) -> bytes:
    """Return the body of a success that has these images."""
    return json.dumps({"created": int(time.time()), "data": list(items)}).encode()


def trickled(beginning: bytes, piece: bytes, pause: float = 0.05) -> Talk:
    """Send a beginning, and then the same piece again and again, without an end."""

    async def talk(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return talk


def pictures(file: Answer, url: str = "/picture", form: str = "url", count: int = 1) -> Talk:
    """Answer calls with URLs as the contract says, and fetches of them with a file; ``url`` may also be a whole one."""

    async def talk(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.is_call:
            where = asked.origin + url if url.startswith("/") else url
            writer.write(http(answered(*({form: where + "?" * index} for index in range(count)))))
        else:
            await answer(file, asked, writer)

    return talk


async def answer(what: Answer, asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Answer one request."""
    if isinstance(what, bytes):
        writer.write(what)
    else:
        await what(asked, writer)


async def _read(reader: asyncio.StreamReader, origin: str) -> Asked:
    head = await reader.readexactly(1)
    if not head.isalpha():  # whatever else it is, it is TLS
        return Asked("", "", b"", b"", origin)
    head = (head + await reader.readuntil(b"\r\n\r\n")).lower()
    _, _, length = head.partition(b"content-length: ")
    method, path, _ = head.decode("latin-1").split(" ", 2)
    return Asked(method.upper(), path, head, await reader.readexactly(int(length.split(b"\r")[0] or 0)), origin)


@contextmanager
def serving(what: Answer, *, tls: bool = False) -> Generator[str]:
    """Serve on a free port until the block ends; yields the scheme, host and port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if tls else None
    if context:
        context.load_cert_chain(CERTIFICATE)
    origin = ""
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await answer(what, await _read(reader, origin), writer)
            await writer.drain()
        writer.close()

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(connected, "127.0.0.1", 0, ssl=context))
    origin = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield origin
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        for writer in writers:
            writer.transport.abort()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()
