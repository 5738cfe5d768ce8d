"""An answer before it is sent: what a fault makes of it, and how it then goes out."""

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.mock.messages import CUT, RESET

_PIECES_A_SECOND: Final = 20
_LENGTH: Final = b"content-length"


@attrs.frozen
class Answer:
    """A whole answer, ``wait`` seconds before it, its body spread over ``spread`` seconds, cut off half-way, or none.

    ``headers`` are without the length, which follows from the body.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = attrs.field(repr=False)
    wait: float = 0.0
    spread: float = 0.0
    cut: bool = False
    reset: bool = False

    @property
    def media_type(self) -> str:
        """The media type of the body."""
        return dict(self.headers).get(b"content-type", b"").decode("latin-1")


async def collect(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """Have a server answer, and keep what it says."""
    status, headers, body = 0, (), bytearray()

    async def keep(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = int(message["status"])
            headers = tuple((name, value) for name, value in message["headers"] if name != _LENGTH)
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, keep)
    return Answer(status, headers, bytes(body))


async def deliver(answer: Answer, receive: Receive, send: Send) -> None:
    """Send an answer as it says; ends early when the client has left."""
    if answer.wait and await _left(receive, answer.wait):
        return
    if answer.reset:
        await send({"type": RESET})
        return
    headers = [*answer.headers, (_LENGTH, b"%d" % len(answer.body))]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    shown = answer.body[: len(answer.body) // 2] if answer.cut else answer.body
    pieces = _split(shown, math.ceil(answer.spread * _PIECES_A_SECOND))
    for number, piece in enumerate(pieces, 1):
        if number > 1 and await _left(receive, answer.spread / (len(pieces) - 1)):
            return
        more = answer.cut or number < len(pieces)
        await send({"type": "http.response.body", "body": piece, "more_body": more})
    if answer.cut:
        await send({"type": CUT})


def _split(body: bytes, pieces: int) -> Sequence[bytes]:
    """Split a body into about as many pieces, two at least where it is to be split at all."""
    if pieces == 0 or len(body) < 2:  # noqa: PLR2004 - one byte has no halves
        return [body]
    size = math.ceil(len(body) / max(pieces, 2))
    return [body[start : start + size] for start in range(0, len(body), size)]


async def _left(receive: Receive, seconds: float) -> bool:
    """Wait, but no longer than the client does; tells whether it has left."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
            return True
    return False
