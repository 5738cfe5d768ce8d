"""Gives every answer an id and tells how long it took, as the vendor's service does.

The ``openai`` packages show the id as ``_request_id``.
"""

import secrets
import time
from typing import Final

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID: Final = "mock.request_id"
"""Where the ASGI scope of a request holds its id."""


@attrs.frozen
class Identity:
    """Adds ``x-request-id``, fresh each time, and ``openai-processing-ms``, in whole milliseconds."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = time.perf_counter()
        name = scope[REQUEST_ID] = f"req_{secrets.token_hex(16)}"

        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                took = int((time.perf_counter() - started) * 1000)
                own = ((b"x-request-id", name.encode()), (b"openai-processing-ms", b"%d" % took))
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        await self.app(scope, receive, signed)
