"""Keeps what the mock was asked, so that a test can look at it: ``GET /__requests`` lists it, ``DELETE`` empties it.

Requests below the base path are kept, whatever became of them, in the order in which their answers were decided; each
is there before its answer is sent. Of the header fields only those are listed that hold no key.
"""

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, cast

import attrs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.mock.asked import Asked, look, read
from conformance.mock.faults.layer import APPLIED
from conformance.mock.identity import REQUEST_ID
from conformance.mock.messages import DECIDED
from conformance.mock.privacy import HIDDEN, hider
from conformance.reference import Behaviour, JsonValue, RefusedError, Submission, Values
from conformance.reference.app import ASKED, BASE
from conformance.reference.values import FileText

PATH: Final = "/__requests"
_NOTHING: Final = Submission({})
_JSON: Final = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_HEADERS: Final = frozenset({b"accept", b"content-length", b"content-type", b"user-agent", b"x-stainless-retry-count"})


@attrs.define(eq=False)
class Recorder:
    """The last requests as JSON, at most so many and so many bytes, but always the last one. Safe across threads."""

    most: int = 1000
    budget: int = 16 * 1024 * 1024
    dropped: int = 0
    _entries: deque[bytes] = attrs.field(factory=deque[bytes])
    _used: int = 0
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def add(self, entry: bytes) -> None:
        """Keep a request, at the cost of the oldest if need be."""
        with self._lock:
            self._entries.append(entry)
            self._used += len(entry)
            while len(self._entries) > 1 and (len(self._entries) > self.most or self._used > self.budget):
                self._used -= len(self._entries.popleft())
                self.dropped += 1

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._entries.clear()
            self._used = self.dropped = 0

    def requests(self) -> tuple[Asked, ...]:
        """Return the requests, the oldest first."""
        with self._lock:
            entries = tuple(self._entries)
        return tuple(map(read, entries))

    def listing(self) -> bytes:
        """Return the requests as JSON, and how many older ones were dropped."""
        with self._lock:
            return b'{"requests":[%b],"dropped":%d}' % (b",".join(self._entries), self.dropped)


@attrs.frozen
class Recording:
    """Keeps each request as soon as its answer is decided."""

    app: ASGIApp
    recorder: Recorder
    key: str | None = attrs.field(default=None, repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not scope["path"].startswith(f"{BASE}/"):
            await self.app(scope, receive, send)
            return
        kept = False

        async def noted(message: Message) -> None:
            nonlocal kept
            if not kept and message["type"] in (DECIDED, "http.response.start"):
                kept = True
                asked: Submission = scope.get(ASKED, _NOTHING)
                files = await asyncio.to_thread(_look, asked.files) if asked.files else {}
                self.recorder.add(_write(scope, asked.values, files, message["status"], self.key))
            await send(message)

        await self.app(scope, receive, noted)


def routes(recorder: Recorder, behaviour: Behaviour, *, alone: bool) -> list[BaseRoute]:
    """Make the route of the list, for which a key is needed as for the operations; ``alone`` says that it is whole."""

    async def serve(request: Request) -> Response:
        behaviour.check_credentials(behaviour.api_key, request.headers)
        if not alone:
            message = "Requests are not listed here, because several workers would each know their own; start one."
            raise RefusedError(message, status=HTTPStatus.NOT_FOUND)
        if request.method == "DELETE":
            recorder.clear()
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return Response(recorder.listing(), media_type="application/json", headers={"Cache-Control": "no-store"})

    return [Route(PATH, serve, methods=["GET", "DELETE"])]


def _is_file(value: JsonValue) -> bool:
    """Tell a file, of which only what identifies it is kept, or a list of files."""
    return isinstance(value, FileText) or (isinstance(value, list) and any(map(_is_file, value)))


def _look(files: Mapping[str, Sequence[bytes]]) -> dict[str, list[dict[str, Any]]]:
    return {name: [attrs.asdict(look(each)) for each in given] for name, given in files.items()}


def _write(scope: Scope, values: Values, files: Mapping[str, Any], status: int | None, key: str | None) -> bytes:
    """Write a request as JSON, without keys."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    entry = {
        "method": scope["method"],
        "path": scope["path"],
        "fields": {name: value for name, value in values.items() if not _is_file(value)} if files else values,
        "files": files,
        "headers": {name.decode(): value.decode("latin-1") for name, value in headers if name in _HEADERS},
        "status": None if status is None else int(status),
        "request_id": scope[REQUEST_ID],
        "fault": scope.get(APPLIED),
    }
    hide, text = hider(headers, key), _encode(entry)
    # Few requests tell a key, which shows sooner in the whole; but a key may look like a part of JSON.
    return (text if hide(text) == text else _encode(_without_keys(entry, hide))).encode("ascii")


def _without_keys(entry: Mapping[str, Any], hide: Callable[[str], str]) -> Mapping[str, Any]:
    """Cut the keys out of what a client wrote; what this module says, such as the names of the entry, stays."""

    def cut(value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, str):
            return hide(value)
        if isinstance(value, dict):
            return {hide(name): cut(inner) for name, inner in cast("dict[str, Any]", value).items()}
        if isinstance(value, list):
            return [cut(inner) for inner in cast("list[Any]", value)]
        return value if hide(repr(value)) == repr(value) else HIDDEN

    headers = {name: cut(value) for name, value in entry["headers"].items()}
    return {**entry, "headers": headers} | {name: cut(entry[name]) for name in ("method", "path", "fields", "fault")}


def _encode(entry: Mapping[str, Any]) -> str:
    """Write what is kept as JSON, which has no word for a number beyond the range of a double."""
    try:
        return _JSON.encode(entry)
    except ValueError:
        return _JSON.encode(_finite(entry))


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in cast("list[Any]", value)]
    return str(value) if isinstance(value, float) and value in (float("inf"), float("-inf")) else value
