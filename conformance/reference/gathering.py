"""Sends what uvicorn writes apart, the head of an answer and its body, together.

Apart, each costs a system call here and another one where it is read; a third of the answers in a second are lost by
that. uvloop gathers by itself, the event loop of Python doesn't. uvicorn takes a class that speaks HTTP from whoever
starts it, so this is its own with another transport below.
"""

import asyncio
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as Protocol
else:
    # Whichever of its two uvicorn would take; a type checker can't follow that.
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as Protocol

_MOST: Final = 64 * 1024
"""Bytes that are held back at most, so that the reader of a long answer is waited for as ever."""


class GatheringProtocol(Protocol):
    """Speaks HTTP as uvicorn does, but for when it writes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Put the other transport between."""
        super().connection_made(cast("asyncio.Transport", Gathering(transport, asyncio.get_running_loop())))

    def eof_received(self) -> None:
        """Send what is held back: who sends no more may still read, and the event loop closes the connection now."""
        cast("Gathering", self.transport).flush()
        super().eof_received()


@attrs.define(eq=False)
class Gathering:
    """A transport that holds back what is written until the event loop has done what is due now."""

    _transport: asyncio.Transport
    _loop: asyncio.AbstractEventLoop
    _held: list[bytes] = attrs.field(factory=list[bytes])
    _size: int = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the transport has
        """Be the transport in everything else."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write some bytes, soon."""
        if not self._held:
            self._loop.call_soon(self.flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > _MOST:
            self.flush()

    def close(self) -> None:
        """Close the connection behind what was written."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._held.clear()
        self._transport.abort()

    def flush(self) -> None:
        """Write what is held back now."""
        held, self._held, self._size = self._held, [], 0
        if held and not self._transport.is_closing():
            self._transport.writelines(held)
