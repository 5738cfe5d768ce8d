"""Makes the planned exchanges; with ``properties`` the only part that talks to the server.

Every exchange is a task that first waits for the exchanges that its needs name, then for a free place. Answers are read
under a time and a size limit. Secrets are cut out of everything that came back before it is stored: a server may echo
the key in an error. Image URLs are fetched without the key and without the user's headers, as a browser would.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
import urllib.parse
from collections.abc import Callable, Mapping

import httpx
from attrs import define, evolve, field

from conformance.suite.answer_images import is_absolute
from conformance.suite.contract import Contract
from conformance.suite.plan import Plan, Planned
from conformance.suite.recording import Answer, Exchange, Fetch
from conformance.suite.request import Encoded, Request, encode
from conformance.suite.settings import Limits, Settings, Target
from conformance.suite.view import View

USER_AGENT = "openai-images-conformance"
OVER_BUDGET = "not sent: the image budget is spent"
_RETRY = (429, 503)
_MAX_WAIT = 30.0
_MAX_FETCHES = 10
_REDIRECTS = 5
_SHORT, _TINY = 8, 4
_PERCENT = re.compile("%[0-9A-F]{2}")
_STATUSES = range(100, 600)


@define
class Sender:
    """Sends requests to one target and returns exchanges."""

    contract: Contract
    settings: Settings
    client: httpx.AsyncClient
    images_requested: int = 0
    requests: int = 0
    _fetched: dict[str, asyncio.Task[Fetch]] = field(factory=dict)

    async def exchange(self, id_: str, request: Request, *, valid: bool, images: int = 0) -> Exchange:
        """Send one request, again after 429 and 503 as the server asks, and fetch the images of its answer."""
        limits = self.settings.limits
        if images and limits.images is not None and self.images_requested + images > limits.images:
            return Exchange(id_, request, valid, None, OVER_BUDGET)
        self.images_requested += images
        encoded = encode(request, self.contract.operations[request.operation], self.settings.models)
        started = time.monotonic()
        answer, failure = None, ""
        for attempt in range(limits.attempts):
            answer, failure = await self._call(encoded, request.raw.authorization)
            if answer is None or answer.status not in _RETRY or attempt == limits.attempts - 1:
                break
            await asyncio.sleep(_wait(answer, attempt))
        seconds = time.monotonic() - started
        exchange = Exchange(id_, request, valid, answer, failure or None, round(seconds, 3))
        if valid and exchange.accepted:
            exchange = await self._with_fetches(exchange)
        return exchange

    async def _call(self, encoded: Encoded, authorization: str | None) -> tuple[Answer | None, str]:
        self.requests += 1
        target = self.settings.target
        headers = {**headers_of(target), **({"content-type": encoded.content_type} if encoded.content_type else {})}
        if authorization is not None:
            headers.pop("authorization", None)
            headers |= {"authorization": authorization} if authorization else {}
        url = target.url + encoded.path
        return await self._read(encoded.method, url, headers, encoded.body)

    async def _read(
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
            return None, _clean(f"{type(error).__name__}: {error}", self.settings.target)

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
                        return await _answer(response, limits, self.settings.target), ""
                return await self._read("GET", follow, headers, None, redirects=redirects - 1)
        except TimeoutError:
            return None, f"no answer within {limits.seconds:g} s"
        except httpx.ConnectError as error:
            return None, f"no connection: {_clean(str(error), self.settings.target)}"
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            raise
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, OSError, OverflowError) as error:
            return None, _clean(f"{type(error).__name__}: {error}", self.settings.target)
        except (_TooLargeError, ExceptionGroup) as error:
            return None, _clean(f"{type(error).__name__}: {error}", self.settings.target)

    async def _with_fetches(self, exchange: Exchange) -> Exchange:
        view = View(exchange, 0.0)
        urls = [url for item in view.items or () if isinstance(url := item.get("url"), str)]
        wanted = [url for url in dict.fromkeys(urls) if is_absolute(url)]
        fetches = [await self._once(url) for url in wanted[:_MAX_FETCHES]]
        return evolve(exchange, fetches=tuple(fetches))

    async def _once(self, url: str) -> Fetch:
        """Fetch a URL the first time that an answer has it."""
        if url not in self._fetched:
            self._fetched[url] = asyncio.create_task(self._fetch(url))
        return await self._fetched[url]

    async def _fetch(self, url: str) -> Fetch:
        headers = {"user-agent": USER_AGENT, "accept": "image/*,*/*"}
        answer, failure = await self._read("GET", url, headers, None, redirects=_REDIRECTS)
        return Fetch(url, answer, failure or None)


class _TooLargeError(Exception):
    """An answer is larger than the limit."""


def headers_of(target: Target) -> dict[str, str]:
    """Return the headers that go with every request to the target, the secret ones among them."""
    key = {"authorization": f"Bearer {target.key}"} if target.key else {}
    own = {name.lower(): value for name, value in target.headers.items()}
    return {"user-agent": USER_AGENT, "accept": "application/json", **key, **own}


def redact(data: bytes, target: Target) -> bytes:
    """Replace every secret by three asterisks: plain, percent-encoded, or escaped as in JSON.

    A short one, such as a tenant's name, is replaced only where it stands as a word, and a short number or one of less
    than four characters nowhere: the rest of an answer has to stay what it was.
    """
    for secret in target.secrets:
        quoted, escaped = urllib.parse.quote(secret, safe=""), json.dumps(secret)[1:-1]
        forms = {
            secret,
            quoted,
            _PERCENT.sub(lambda code: code[0].lower(), quoted),
            escaped,
            escaped.replace("/", "\\/"),
        }
        for form in sorted(forms, key=len, reverse=True):
            pattern = re.escape(form.encode())
            if len(secret) < _SHORT:
                pattern = (
                    b""
                    if secret.isdecimal() or len(secret) < _TINY
                    else rb"(?<![0-9A-Za-z])" + pattern + rb"(?![0-9A-Za-z])"
                )
            data = re.sub(pattern, b"***", data) if pattern else data
    return data


@define
class Run:
    """Makes all exchanges of a plan; ``on_exchange`` is called after each."""

    plan: Plan
    sender: Sender
    on_exchange: Callable[[Exchange], None]
    _done: dict[str, asyncio.Future[bool]] = field(factory=dict)

    async def all(self) -> dict[str, Exchange]:
        """Make the exchanges whose needs hold and return them by id."""
        loop = asyncio.get_running_loop()
        places = asyncio.Semaphore(self.sender.settings.limits.concurrency)
        self._done = {planned.id: loop.create_future() for planned in self.plan.exchanges}
        exchanges: dict[str, Exchange] = {}

        async def make(planned: Planned) -> None:
            if await self._needed(planned):
                async with places:
                    exchange = await self.sender.exchange(
                        planned.id, planned.request, valid=planned.valid, images=planned.images
                    )
                exchanges[planned.id] = exchange
                self.on_exchange(exchange)
                self._done[planned.id].set_result(exchange.accepted)
            else:
                self._done[planned.id].set_result(False)

        for last in (False, True):
            async with asyncio.TaskGroup() as group:
                for planned in self.plan.exchanges:
                    if planned.last is last:
                        group.create_task(make(planned))
        return exchanges

    async def _needed(self, planned: Planned) -> bool:
        for need in planned.needs:
            accepted = [await asyncio.shield(self._done[id_]) for id_ in need.ids]
            if any(accepted) is not need.accepted:
                return False
        return True


async def _answer(response: httpx.Response, limits: Limits, target: Target) -> Answer:
    if response.status_code not in _STATUSES:
        raise ValueError(f"the status {response.status_code} is no HTTP status")
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > limits.bytes:
            raise _TooLargeError(f"the answer is larger than {limits.bytes} bytes")
        chunks.append(chunk)
    headers = tuple(
        (redact(name, target).decode("latin-1"), redact(value, target).decode("latin-1"))
        for name, value in response.headers.raw
    )
    return Answer(response.status_code, headers, redact(b"".join(chunks), target))


def _wait(answer: Answer, attempt: int) -> float:
    """Return how many seconds to wait before the next try (RFC 9110, section 10.2.3)."""
    asked = answer.header("retry-after")
    return min(_MAX_WAIT, float(asked)) if asked.isdigit() else min(_MAX_WAIT, 2.0**attempt)


def _clean(text: str, target: Target) -> str:
    return redact(" ".join(text.split()).encode(), target).decode(errors="replace")


def client(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Return the HTTP client of a run; it never follows a redirect by itself, so that no secret follows one."""
    return httpx.AsyncClient(
        transport=transport,
        timeout=settings.limits.seconds,
        limits=httpx.Limits(max_connections=settings.limits.concurrency * 2),
        follow_redirects=False,
    )
