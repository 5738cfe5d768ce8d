"""Sends one request and reads its answer under limits of time and size: whatever a server sends is hostile."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager

import httpx
from attrs import define

from conformance.suite.exchange.recording import OUT_OF_REACH, Answer
from conformance.suite.sending.redaction import clean_text
from conformance.suite.settings import Limits, Settings

_STATUSES = range(100, 600)
_NOWHERE = ("invalid", "example", "localhost")
"""Names that no other machine can resolve either (RFC 6761, section 6); ``test`` is left to private networks."""


class _TooLargeError(Exception):
    """An answer is larger than the limit."""


@define
class Transfer:
    """Makes single HTTP calls for a run."""

    settings: Settings
    client: httpx.AsyncClient

    async def read(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, redirects: int = 0
    ) -> tuple[Answer | None, str]:
        """Return the answer, or None and why there is none.

        A server may close a connection between two requests, which shows only when the second is sent; so what is lost
        with a connection is sent once more (RFC 9112, section 9.3.1).
        """
        try:
            return await self._read_once(method, url, headers, body, redirects)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            pass
        try:
            return await self._read_once(method, url, headers, body, redirects)
        except httpx.HTTPError as error:
            return None, clean_text(f"{type(error).__name__}: {error}", self.settings.target)

    async def _read_once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, redirects: int
    ) -> tuple[Answer | None, str]:
        limits = self.settings.limits
        try:
            async with asyncio.timeout(limits.seconds):
                async with self.client.stream(method, url, headers=dict(headers), content=body) as response:
                    if redirects and response.is_redirect and response.next_request is not None:
                        follow = str(response.next_request.url)
                    else:
                        return await _answer(response, limits), ""
                return await self.read("GET", follow, headers, None, redirects=redirects - 1)
        except TimeoutError:
            return None, f"no answer within {limits.seconds:g} s"
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            words = clean_text(str(error) or "no answer", self.settings.target)
            apart = not _is_due_here(httpx.URL(url).host, httpx.URL(self.settings.target.url).host)
            return None, f"{OUT_OF_REACH}: {words}" if apart else f"no connection: {words}"
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            raise
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, OSError, OverflowError) as error:
            return None, clean_text(f"{type(error).__name__}: {error}", self.settings.target)
        except (_TooLargeError, ExceptionGroup) as error:
            return None, clean_text(f"{type(error).__name__}: {error}", self.settings.target)


def _is_due_here(host: str, target: str) -> bool:
    """Whether a host must be reached from here if anyone is to reach it: the target's own, or one of no network."""
    if host == target or host.rstrip(".").rpartition(".")[2] in _NOWHERE:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


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
            # A host that can't be reached must be told from one that doesn't answer before all time is up.
            timeout=httpx.Timeout(settings.limits.seconds, connect=settings.limits.seconds / 2),
            limits=httpx.Limits(max_connections=settings.limits.concurrency * 2),
            follow_redirects=False,
        ) as opened:
            yield opened
