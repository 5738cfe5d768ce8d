"""How long the answers of a run took, and what would help where they took too long."""

from __future__ import annotations

import math
import statistics
from typing import TypedDict

from conformance.suite.exchange.recording import Recording

_MOST_OF_THEM = 0.95
_LONGER, _MINUTE = 1.5, 60


class Latency(TypedDict):
    """How many seconds accepted requests took, each when it was first sent; None if there was none."""

    count: int
    median: float | None
    p95: float | None


class Late(TypedDict):
    """How many valid requests had no answer within the time-out, and which one may do for them, in seconds.

    ``longest`` is how long those that were accepted took at most.
    """

    count: int
    timeout: float
    longest: float | None
    suggested: int


def latency(recorded: Recording) -> Latency:
    """Return how long accepted requests took."""
    first = (exchange.sendings[0] for exchange in recorded.exchanges.values() if exchange.valid)
    took = sorted(one.seconds for one in first if one.accepted)
    if not took:
        return Latency(count=0, median=None, p95=None)
    return Latency(
        count=len(took), median=round(statistics.median(took), 3), p95=took[math.ceil(_MOST_OF_THEM * len(took)) - 1]
    )


def late(recorded: Recording) -> Late | None:
    """Return what is to be said of valid requests that were not answered in time; None if there is nothing."""
    sent = [one for exchange in recorded.exchanges.values() if exchange.valid for one in exchange.sendings]
    missing = sum(one.late for one in sent)
    if not missing or recorded.header.shape is None:
        return None
    timeout = recorded.header.shape.timeout
    step = _MINUTE if timeout >= _MINUTE else 1
    return Late(
        count=missing,
        timeout=timeout,
        longest=max((one.seconds for one in sent if one.answer and one.accepted), default=None),
        suggested=math.ceil(timeout * _LONGER / step) * step,
    )
