"""Breaks a connection off in the middle of an answer or before it, as a bad network does.

ASGI has no word for that, so a layer that wants it sends one of ``messages``. This layer, the outermost, reaches for
the transport below: in uvicorn, whichever reader of requests it has, ``send`` is a method of the object that holds it.
That object is told that there is nobody left to answer, so that it doesn't take an unfinished answer for a fault of the
application. To wait until uvicorn tells it by itself would not do: it tells the last request of a connection alone, and
a client may have sent that behind the one that is broken off.
"""

import asyncio
import socket
import struct
import sys
from typing import Any, Final

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
        cycle: Any = getattr(send, "__self__", None)
        can_break_off = hasattr(cycle, "transport")

        async def hand_on(message: Message) -> None:
            kind = message["type"]
            if kind in (RESET, CUT):
                if not can_break_off:
                    sentence = "this server doesn't let the mock break off a connection"
                    raise ConnectionError(sentence)
                _break_off(cycle, reset=kind == RESET)
            elif kind != DECIDED:
                await send(message)

        try:
            await self.app(scope, receive, hand_on)
        except asyncio.CancelledError:
            if not can_break_off:
                raise
            # The program ends and has waited long enough; cancelling a request is no error to be logged.
            _break_off(cycle, reset=True)


def _break_off(cycle: Any, *, reset: bool) -> None:  # noqa: ANN401 - a part of uvicorn that has no name of its own
    transport: asyncio.Transport = cycle.transport
    if reset and not transport.is_closing():
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        transport.abort()
    else:
        transport.close()
    cycle.disconnected = True
