"""Spaces requests, for servers that count them: as the user wants it, and as the server asks for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime

from attrs import define, field

from conformance.suite.exchange.recording import Answer

PUT_OFF = (429, 503)
"""Statuses that put a request off (RFC 6585, section 4; RFC 9110, section 15.6.4)."""
MAX_WAITED = 300.0
"""Seconds that a run waits in sum for requests, and as many for files, because the server asks for it."""


@define
class Pace:
    """Lets one request begin after the other, at most ``rate`` in any second; None is for as many as there are."""

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


def asked_to_wait(answer: Answer, attempt: int, now: float) -> float:
    """Return how many seconds the server asks to wait (RFC 9110, section 10.2.3); if it doesn't, longer each time.

    ``attempt`` counts from 0, and ``now`` is Unix time.
    """
    asked = answer.header("retry-after")
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - now)
    except (ValueError, OverflowError):
        return 2.0**attempt
