"""Breaks a connection off in the middle of an answer or before it, as a bad network does.

ASGI has no word for that. A layer that wants it sends ``RESET`` or ``CUT``, messages of this mock's own that every
layer hands on. This one, the outermost, reaches for the transport below: in uvicorn, whichever reader of requests it
has, ``send`` is a method of the object that holds it. Then it waits until the server has noticed, so that the server
doesn't take an unfinished answer for a fault of the application.
"""

import asyncio
import socket
import struct
import sys
from typing import Any, Final

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

RESET: Final = "mock.reset"
"""The type of the message that closes the connection at once, with a TCP reset where the system allows it."""
CUT: Final = "mock.cut"
"""The type of the message that closes the connection when what was sent so far is on its way."""

_LINGER: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Linger for no time: unsent data is thrown away and the other side is sent a reset."""


@attrs.frozen
class Connection:
    """Carries out ``RESET`` and ``CUT``; raises ConnectionError where the server doesn't let it."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def hand_on(message: Message) -> None:
            if message["type"] in (RESET, CUT):
                await _break_off(receive, send, reset=message["type"] == RESET)
            else:
                await send(message)

        try:
            await self.app(scope, receive, hand_on)
        except asyncio.CancelledError:
            # The program ends and has waited long enough; cancelling a request is no error to be logged.
            await _break_off(receive, send, reset=True)


async def _break_off(receive: Receive, send: Send, *, reset: bool) -> None:
    transport: Any = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        message = "this server doesn't let the mock break off a connection"
        raise ConnectionError(message)
    if reset and not transport.is_closing():
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        transport.abort()
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass
