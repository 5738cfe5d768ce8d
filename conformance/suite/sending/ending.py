"""Ends a run before its time: what was not sent by then is left out, and what is on its way is given up.

A run ends early because it is interrupted, or because its time is over. All that waits for the server, or because the
server asks for it, does so within ``Ending.bound``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator

from attrs import define, field

from conformance.suite.exchange.recording import INTERRUPTED, OUT_OF_TIME


class OverError(Exception):
    """The run is over, and with it what was waited for."""


def _say_nothing() -> None:
    pass


@define
class Ending:
    """Says whether a run is over; ``told`` is called, in the loop of the run, when it is interrupted."""

    told: Callable[[], None] = _say_nothing
    interrupted: bool = field(default=False, init=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)
    _until: float | None = field(default=None, init=False)
    _waiting: set[asyncio.Timeout] = field(factory=set[asyncio.Timeout], init=False)

    @property
    def why(self) -> str | None:
        """Why the run is over, or None if it is not."""
        if self.interrupted:
            return INTERRUPTED
        late = self._until is not None and self._loop is not None and self._loop.time() >= self._until
        return OUT_OF_TIME if late else None

    @property
    def running(self) -> bool:
        """Whether there is a run to end."""
        return self._loop is not None

    @contextlib.contextmanager
    def run(self, seconds: float | None = None) -> Generator[None]:
        """Let the run begin, in a loop; it may send for so many seconds, or for as long as it takes."""
        self._loop = asyncio.get_running_loop()
        self._until = None if seconds is None else self._loop.time() + seconds
        try:
            yield
        finally:
            self._loop = None

    def interrupt(self) -> None:
        """End the run; may be called from a signal handler, and from any thread."""
        self.interrupted = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._give_up)

    def _give_up(self) -> None:
        for waiting in self._waiting:
            waiting.reschedule(0.0)
        self.told()

    @contextlib.asynccontextmanager
    async def bound(self) -> AsyncGenerator[None]:
        """Give up what is done within as soon as the run is over; raises OverError then."""
        if self.why:
            raise OverError
        bound = asyncio.timeout_at(self._until)
        self._waiting.add(bound)
        try:
            async with bound:
                yield
        except TimeoutError:
            if not bound.expired():
                raise
            raise OverError from None
        finally:
            self._waiting.discard(bound)
