"""Sends what uvicorn writes apart, the head of an answer and its body, together.

Apart, each costs a system call here and another one where it is read; a third of the answers in a second are lost by
that, with uvloop too. uvicorn takes a class that speaks HTTP from whoever starts it, so this is its own with another
transport below.
"""

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as Protocol
else:
    # Whichever of its two uvicorn would take; a type checker can't follow that.
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as Protocol

_MOST: Final = 64 * 1024
"""Bytes that are held back at most, so that the reader of a long answer is waited for as ever."""
_UPGRADE: Final = re.compile(rb"\r\nupgrade:", re.IGNORECASE)


class Gathers(asyncio.Protocol):
    """Writes what uvicorn says by another transport, and ignores a wish to speak anything but HTTP."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Put the other transport between."""
        own = cast("asyncio.Transport", Gathering(cast("asyncio.Transport", transport), asyncio.get_running_loop()))
        super().connection_made(own)

    def eof_received(self) -> None:
        """Send what is held back: who sends no more may still read, and the event loop closes the connection now."""
        cast("Gathering", self.transport).flush()
        super().eof_received()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing, for a server may ignore such a wish (RFC 9110, section 7.8)."""


class GatheringProtocol(Gathers, Protocol):
    """Speaks HTTP as uvicorn does, but for when it writes, and to whom it would rather speak something else."""

    def data_received(self, data: bytes) -> None:
        """Read what came; of a request that wishes for another protocol httptools loses the body, so h11 reads that.

        Java's own client wishes for HTTP/2 in each of its requests, the first on a connection included.
        """
        has_begun = cast("list[Any] | None", self.headers) is not None
        if has_begun or not _UPGRADE.search(data):
            super().data_received(data)
            return
        # Few ask for it, and to import it takes a twentieth of the time in which the mock starts.
        from conformance.reference.patient import PatientProtocol  # noqa: PLC0415

        self.connections.discard(self)
        patient = PatientProtocol(self.config, self.server_state, self.app_state)
        transport = cast("Gathering", self.transport).transport
        transport.set_protocol(patient)
        patient.connection_made(transport)
        patient.data_received(data)


@attrs.define(eq=False)
class Gathering:
    """A transport that holds back what is written until the event loop has done what is due now."""

    transport: asyncio.Transport
    _loop: asyncio.AbstractEventLoop
    _held: list[bytes] = attrs.field(factory=list[bytes])
    _size: int = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the transport has
        """Be the transport in everything else."""
        return getattr(self.transport, name)

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
        self.transport.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._held.clear()
        self.transport.abort()

    def flush(self) -> None:
        """Write what is held back now."""
        held, self._held, self._size = self._held, [], 0
        if held and not self.transport.is_closing():
            self.transport.writelines(held)
