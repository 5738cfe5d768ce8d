"""Breaks a connection off in the middle of an answer or before it, as a bad network does.

ASGI has no word for that, so a layer that wants it sends one of ``messages``. This layer, the outermost, reaches for
the transport below: in uvicorn, whichever reader of requests it has, ``send`` is a method of the object that holds it.
Then it waits until the server has noticed, so that the server doesn't take an unfinished answer for a fault of the
application.
"""

import asyncio
import socket
import struct
import sys
from typing import Final

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.mock.messages import CUT, DECIDED, RESET

_LINGER: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Linger for no time: unsent data is thrown away and the other side is sent a reset."""


@attrs.frozen
class Connection:
    """Carries out ``RESET`` and ``CUT``, and keeps ``DECIDED`` from the server.

    Raises ConnectionError where the server doesn't let a connection be broken off.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        transport: asyncio.Transport | None = getattr(getattr(send, "__self__", None), "transport", None)

        async def hand_on(message: Message) -> None:
            kind = message["type"]
            if kind in (RESET, CUT):
                if transport is None:
                    sentence = "this server doesn't let the mock break off a connection"
                    raise ConnectionError(sentence)
                await _break_off(transport, receive, reset=kind == RESET)
            elif kind != DECIDED:
                await send(message)

        try:
            await self.app(scope, receive, hand_on)
        except asyncio.CancelledError:
            if transport is None:
                raise
            # The program ends and has waited long enough; cancelling a request is no error to be logged.
            await _break_off(transport, receive, reset=True)


async def _break_off(transport: asyncio.Transport, receive: Receive, *, reset: bool) -> None:
    if reset and not transport.is_closing():
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        transport.abort()
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass
