"""Spaces requests, for servers that count them: in no stretch of time are there more than the rate allows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from attrs import define, field


@define
class Pace:
    """Lets one request begin after the other, at most ``rate`` in a second; None is for as many as there are."""

    rate: float | None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    _free: float = field(default=float("-inf"), init=False)

    async def wait(self) -> None:
        """Wait until the next request may begin."""
        if self.rate is None:
            return
        # Its turn is taken before it is waited for, so that what comes meanwhile waits for the turn after it.
        turn = max(self.clock(), self._free)
        self._free = turn + 1 / self.rate
        while (left := turn - self.clock()) > 0:
            await self.sleep(left)
