"""Lets so many requests be on their way at once, those first that come first in the plan."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from attrs import define, field


@define
class Places:
    """So many ``free`` places; one that becomes free goes to whoever waits with the lowest turn."""

    free: int
    _waiting: list[tuple[int, asyncio.Future[None]]] = field(factory=list, init=False)

    @asynccontextmanager
    async def taken(self, turn: int) -> AsyncGenerator[None]:
        """Hold a place; no two wait with the same turn."""
        if self.free:
            self.free -= 1
        else:
            given = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (turn, given))
            try:
                await given
            except asyncio.CancelledError:
                if given.done() and not given.cancelled():
                    self._pass_on()
                raise
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting:
            _, given = heapq.heappop(self._waiting)
            if not given.done():
                given.set_result(None)
                return
        self.free += 1
