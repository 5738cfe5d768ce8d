"""Sends one request and reads its answer under limits of time and size: whatever a server sends is hostile."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
from attrs import define

from conformance.suite.exchange import bounds
from conformance.suite.exchange.recording import NO_CONNECTION, OUT_OF_REACH, TIMED_OUT, Answer
from conformance.suite.exchange.words import cut
from conformance.suite.sending.addresses import Client, Guard, RefusedError
from conformance.suite.sending.body import UnusableError, holds_too_much, read
from conformance.suite.sending.redaction import clean_text
from conformance.suite.settings import Limits, Settings, UsageError

_STATUSES = range(100, 600)
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_SAID = 160
_SCHEMES = ("http", "https")
_NOWHERE = ("invalid", "example", "localhost")
"""Names that no other machine can resolve either (RFC 6761, section 6); ``test`` is left to private networks."""


_LOST = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
LOST = ("the connection was", NO_CONNECTION)
"""With what is said of a connection that was lost, or could not be made, which the next time may be otherwise."""
_KINDS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ReadError, "the connection was lost while the answer was read"),
    (httpx.WriteError, "the connection was lost while the request was sent"),
    (httpx.RemoteProtocolError, "the connection was closed early, or the answer is not HTTP"),
    (httpx.DecodingError, "the answer's content coding can't be undone"),
    (httpx.UnsupportedProtocol, "the URL can't be called"),
    (httpx.InvalidURL, "the URL can't be called"),
)
"""What an exception means, in words; of any other one it is only known that the exchange failed."""


@define
class Transfer:
    """Makes an HTTP call for a run, one at a time."""

    settings: Settings
    client: httpx.AsyncClient
    _opened: bool = False

    async def read(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[Answer | None, str]:
        """Return the answer to a call, or None and why there is none; a redirect is an answer like any other."""
        seconds = self.settings.limits.seconds
        try:
            async with asyncio.timeout(seconds):
                answer, failure = await self._read(method, url, headers, body, None)
        except TimeoutError:
            return None, f"{TIMED_OUT} {seconds:g} s"
        if answer is None or not holds_too_much(answer.body):
            return answer, failure
        if _is_success(answer.status):
            return None, f"the answer holds more than {bounds.VALUES} values"
        return Answer(answer.status, answer.headers, answer.body[: bounds.BEGINNING], whole=False), failure

    async def fetch(
        self, url: str, headers: Mapping[str, str], seconds: float, redirects: int
    ) -> tuple[Answer | None, str]:
        """Return what a GET of a URL gives in so many seconds, or None and why there is nothing.

        At most ``redirects`` are followed; beside an answer that still redirects it is said that it does.
        """
        if len(url) > bounds.URL_CHARACTERS:
            return None, f"the URL has more than {bounds.URL_CHARACTERS} characters"
        try:
            async with asyncio.timeout(seconds):
                return await self._read("GET", url, headers, None, redirects)
        except TimeoutError:
            return None, f"{TIMED_OUT} the {self.settings.limits.seconds:g} s for the files of one answer"

    async def _read(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, redirects: int | None
    ) -> tuple[Answer | None, str]:
        """Return an answer, or None and why there is none.

        A server may close a connection between two requests, which shows only when the second is sent; so what is lost
        with a connection that was open already is sent once more (RFC 9112, section 9.3.1).
        """
        self._opened = False
        try:
            return await self._read_once(method, url, headers, body, redirects)
        except _LOST as error:
            if self._opened:
                return None, self._in_words(error, url)
        try:
            return await self._read_once(method, url, headers, body, redirects)
        except _LOST as error:
            return None, self._in_words(error, url)

    async def _trace(self, event: str, _: object) -> None:
        """Learn from the HTTP library that the call opened a connection of its own."""
        self._opened = self._opened or event.startswith("connection.connect_")

    async def _read_once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, redirects: int | None
    ) -> tuple[Answer | None, str]:
        limits = self.settings.limits
        options: Any = {"headers": dict(headers), "content": body, "extensions": {"trace": self._trace}}
        try:
            async with self.client.stream(method, url, **options) as response:
                if redirects is None or not response.is_redirect or response.next_request is None:
                    return await _answer(response, limits), ""
                if redirects == 0:
                    return await _answer(response, limits), "too many redirects"
                if response.next_request.url.scheme not in _SCHEMES:
                    raise httpx.UnsupportedProtocol("a redirect leads out of the web")
                follow = str(response.next_request.url)
            return await self._read("GET", follow, headers, None, redirects - 1)
        except _LOST:
            raise
        except (UnusableError, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, OSError) as error:
            return None, self._in_words(error, url)
        except (OverflowError, ExceptionGroup) as error:
            return None, self._in_words(error, url)

    def _in_words(self, error: Exception, url: str) -> str:
        """Say why there is no answer, without secrets and without a full stop."""
        said = cut(clean_text(str(error), self.settings.target).removesuffix("."), _SAID)
        match error:
            case httpx.ConnectError() if isinstance(error.__cause__, RefusedError):
                return f"{OUT_OF_REACH}: {said}"
            case httpx.ConnectError() | httpx.ConnectTimeout() if not self._is_due_here(url):
                return f"{OUT_OF_REACH}: {said or 'no answer'}"
            case httpx.ConnectError() | httpx.ConnectTimeout():
                return f"{NO_CONNECTION}: {said}" if said else NO_CONNECTION
            case TimeoutError() | httpx.TimeoutException():
                return f"{TIMED_OUT} {self.settings.limits.seconds:g} s"
            case UnusableError():
                return said
            case _:
                words = next((words for kind, words in _KINDS if isinstance(error, kind)), "the exchange failed")
                return f"{words} ({type(error).__name__}{f': {said}' if said else ''})"

    def _is_due_here(self, url: str) -> bool:
        """Whether a host must be reached from here if by anyone: the target's own, or one of no network."""
        host = httpx.URL(url).host
        if host == httpx.URL(self.settings.target.url).host or host.rstrip(".").rpartition(".")[2] in _NOWHERE:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return address.is_loopback or address.is_unspecified


async def _answer(response: httpx.Response, limits: Limits) -> Answer:
    status, sent = response.status_code, response.headers.raw
    if status not in _STATUSES:
        raise UnusableError(f"the status {status} is no HTTP status")
    if len(sent) > bounds.HEADERS:
        raise UnusableError(f"the answer has more than {bounds.HEADERS} headers")
    if sum(len(name) + len(value) for name, value in sent) > bounds.HEADER_BYTES:
        raise UnusableError(f"the headers of the answer have more than {bounds.HEADER_BYTES} bytes")
    body, whole = await read(response, limits.bytes if _is_success(status) else min(limits.bytes, bounds.ERROR_BYTES))
    if _is_success(status) and not whole:
        raise UnusableError(f"the answer is larger than {limits.bytes} bytes")
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in sent)
    return Answer(status, headers, body, whole)


def _is_success(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004 - RFC 9110, section 15.3


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
    """Open the HTTP client of a run; it never follows a redirect by itself, so that no secret follows one.

    Raises UsageError if the certificates that the environment names are none.
    """
    try:
        verify = True if transport else httpx.create_ssl_context(verify=not settings.target.insecure)
    except OSError as error:
        where = " or ".join(name for name in _CERTIFICATES if name in os.environ) or "the system"
        raise UsageError(f"the certificates that {where} names can't be read: {error.strerror or error}.") from error
    with _unlogged():
        async with Client(
            Guard(settings.target.url),
            transport=transport,
            verify=verify,
            # A host that can't be reached must be told from one that doesn't answer before all time is up.
            timeout=httpx.Timeout(settings.limits.seconds, connect=settings.limits.seconds / 2),
            limits=httpx.Limits(max_connections=settings.limits.concurrency * 2),
            follow_redirects=False,
        ) as opened:
            yield opened
