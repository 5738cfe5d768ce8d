"""Answers OPTIONS on every path, by what the server itself says of a method that a path doesn't have."""

from http import HTTPStatus

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@attrs.frozen
class Methods:
    """Turns the 405 to an OPTIONS into a 204 with ``Allow``, and names OPTIONS in the ``Allow`` of any other 405."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asks = scope["method"] == "OPTIONS"
        told = False

        async def turned(message: Message) -> None:
            nonlocal told
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.METHOD_NOT_ALLOWED:
                told = asks
                kept = [] if asks else [(name, value) for name, value in message["headers"] if name != b"allow"]
                status = HTTPStatus.NO_CONTENT if asks else HTTPStatus.METHOD_NOT_ALLOWED
                message = {**message, "status": int(status), "headers": [*kept, (b"allow", _allowed(message))]}
            elif told:
                message = {**message, "body": b""}
            await send(message)

        await self.app(scope, receive, turned)


def _allowed(message: Message) -> bytes:
    """List the methods of a path in the order of the alphabet, with OPTIONS among them."""
    methods = next((value for name, value in message["headers"] if name == b"allow"), b"").split(b",")
    return b", ".join(sorted({b"OPTIONS", *(method.strip() for method in methods if method.strip())}))
