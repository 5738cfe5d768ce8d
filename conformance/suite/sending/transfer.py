"""Sends one request and reads its answer under limits of time and size: whatever a server sends is hostile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
from attrs import define

from conformance.suite.exchange.recording import TIMED_OUT, Answer
from conformance.suite.sending.redaction import clean_text
from conformance.suite.settings import Limits, Settings

_STATUSES = range(100, 600)


class _TooLargeError(Exception):
    """An answer is larger than the limit."""


@define
class Transfer:
    """Makes an HTTP call for a run, one at a time."""

    settings: Settings
    client: httpx.AsyncClient
    _opened: bool = False

    async def read(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, redirects: int = 0
    ) -> tuple[Answer | None, str]:
        """Return the answer, or None and why there is none.

        A server may close a connection between two requests, which shows only when the second is sent; so what is lost
        with a connection that was open already is sent once more (RFC 9112, section 9.3.1).
        """
        self._opened = False
        try:
            return await self._read_once(method, url, headers, body, redirects)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
            if self._opened:
                return None, self._lost(error)
        try:
            return await self._read_once(method, url, headers, body, redirects)
        except httpx.HTTPError as error:
            return None, self._lost(error)

    async def _trace(self, event: str, _: object) -> None:
        """Learn from the HTTP library that the call opened a connection of its own."""
        self._opened = self._opened or event.startswith("connection.connect_")

    def _lost(self, error: httpx.HTTPError) -> str:
        return clean_text(f"{type(error).__name__}: {error}", self.settings.target)

    async def _read_once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, redirects: int
    ) -> tuple[Answer | None, str]:
        limits = self.settings.limits
        options: Any = {"headers": dict(headers), "content": body, "extensions": {"trace": self._trace}}
        try:
            async with asyncio.timeout(limits.seconds):
                async with self.client.stream(method, url, **options) as response:
                    if redirects and response.is_redirect and response.next_request is not None:
                        follow = str(response.next_request.url)
                    else:
                        return await _answer(response, limits), ""
                return await self.read("GET", follow, headers, None, redirects=redirects - 1)
        except (TimeoutError, httpx.TimeoutException):
            return None, f"{TIMED_OUT} {limits.seconds:g} s"
        except httpx.ConnectError as error:
            return None, f"no connection: {clean_text(str(error), self.settings.target)}"
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            raise
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, OSError, OverflowError) as error:
            return None, clean_text(f"{type(error).__name__}: {error}", self.settings.target)
        except (_TooLargeError, ExceptionGroup) as error:
            return None, clean_text(f"{type(error).__name__}: {error}", self.settings.target)


async def _answer(response: httpx.Response, limits: Limits) -> Answer:
    if response.status_code not in _STATUSES:
        raise ValueError(f"the status {response.status_code} is no HTTP status")
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > limits.bytes:
            raise _TooLargeError(f"the answer is larger than {limits.bytes} bytes")
        chunks.append(chunk)
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
    return Answer(response.status_code, headers, b"".join(chunks))


@contextmanager
def _unlogged() -> Generator[None]:
    """Keep the HTTP library from logging: the URL of an image may hold a secret that a server repeated."""
    loggers = [logging.getLogger(name) for name in ("httpx", "httpcore")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@asynccontextmanager
async def client(
    settings: Settings, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncGenerator[httpx.AsyncClient]:
    """Open the HTTP client of a run; it never follows a redirect by itself, so that no secret follows one."""
    with _unlogged():
        async with httpx.AsyncClient(
            transport=transport,
            timeout=settings.limits.seconds,
            limits=httpx.Limits(max_connections=settings.limits.concurrency * 2),
            follow_redirects=False,
        ) as opened:
            yield opened
