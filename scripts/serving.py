"""Serves an application on loopback, counts what it is asked for and made to make, and slows it down.

Images are counted in the answers, wherever they point; that an image is fetched is no request.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import attrs
import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@attrs.define
class Counted:
    """Wraps a server and counts its requests and the images in its answers; asks for ``key`` if it is given one."""

    app: ASGIApp
    key: str | None = attrs.field(default=None, repr=False)
    requests: int = 0
    images: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it with 401."""
        if scope["type"] != "http":
            return
        if scope["method"] == "GET" and "/files/" in scope["path"]:
            await self.app(scope, receive, send)
            return
        self.requests += 1
        given = dict(scope["headers"]).get(b"authorization")
        if self.key is not None and given != f"Bearer {self.key}".encode():
            error = {
                "message": "No such key.",
                "type": "invalid_request_error",
                "param": None,
                "code": "invalid_api_key",
            }
            await JSONResponse({"error": error}, 401)(scope, receive, send)
            return
        body = bytearray()

        async def noted(message: Message) -> None:
            body.extend(message.get("body", b""))
            await send(message)

        await self.app(scope, receive, noted)
        self.images += _images(bytes(body))


@attrs.define
class Slow:
    """Makes a server take ``seconds`` an image and one image at a time, as one with a single model in memory does.

    What it refuses, and what holds no image, takes no time. It goes on with an image for which nobody waits any more.
    ``first`` is when the first image was ready, by the monotonic clock.
    """

    app: ASGIApp
    seconds: float
    first: float | None = None
    _busy: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request when its images would be ready."""
        messages: list[Message] = []

        async def kept(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, kept)
        if images := _images(b"".join(message.get("body", b"") for message in messages)):
            async with self._busy:
                await asyncio.sleep(self.seconds * images)
            self.first = self.first or time.monotonic()
        for message in messages:
            await send(message)


def _images(body: bytes) -> int:
    """Return how many images an answer holds or points to."""
    try:
        answer: Any = json.loads(body)
        return len(answer["data"])
    except (ValueError, KeyError, TypeError):
        return 0


@contextmanager
def served(app: ASGIApp) -> Generator[str]:
    """Serve an application on a free loopback port and yield its base URL; what is not answered at the end is left."""
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.should_exit = True
        thread.join()
