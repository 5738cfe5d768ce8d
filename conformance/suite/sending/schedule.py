"""Makes the exchanges of a plan: those that a rule is about, and those that they need.

Every exchange is a task that first finds out whether its needs hold, one after the other, then waits for a free place.
An exchange that only others need is begun when one of them asks for it, so that what is not needed is not sent. What is
lost on the way, and a valid request on which the server fails, is sent again at once: much else may rest on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from attrs import define, field

from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.words import CREDENTIALS
from conformance.suite.plan.plan import Need, Plan, Planned
from conformance.suite.sending.sender import Sender

TIMES = 2
"""How often a request is sent before what comes of it is held against the server."""
TIMES_IF_UNSTEADY = 5
"""How often it is where the server answered some request in two ways: two failures in a row may be chance there."""


_TURNED_AWAY = 2
"""After so many refusals of the key the run ends: some servers lock out whoever comes with a wrong one."""


class KeyRefusedError(Exception):
    """The server takes the key for none of the first requests; ``exchange`` is one of them."""

    def __init__(self, exchange: Exchange) -> None:
        """Take the exchange that shows it."""
        super().__init__(exchange.status)
        self.exchange = exchange


def again_at_once(exchange: Exchange, times: int) -> bool:
    """Whether a request is to be sent again before others rest on it."""
    return (exchange.lost or (exchange.valid and exchange.failed)) and len(exchange.sendings) < times


@define
class Run:
    """Makes the exchanges of a plan; ``on_exchange`` is called after each, and once more if it is sent again."""

    plan: Plan
    sender: Sender
    on_exchange: Callable[[Exchange], None]
    _exchanges: dict[str, Exchange] = field(factory=dict, init=False)
    _planned: dict[str, Planned] = field(factory=dict, init=False)
    _tasks: dict[str, asyncio.Task[bool]] = field(factory=dict, init=False)
    _unsteady: bool = field(default=False, init=False)
    _turned_away: int = field(default=0, init=False)

    async def all(self) -> dict[str, Exchange]:
        """Make the exchanges and return them by id; those that are to be last wait for all others.

        Raises, in a group, KeyRefusedError if the first answers say nothing but that the key is refused.

        Called again, it makes those that were left out, if the budget has room for them now, and what needed them.
        """
        self._exchanges = {id_: made for id_, made in self._exchanges.items() if not made.left_out}
        self._tasks = {id_: task for id_, task in self._tasks.items() if id_ in self._exchanges}
        self._planned = {planned.id: planned for planned in self.plan.exchanges}
        places = asyncio.Semaphore(self.sender.settings.limits.concurrency)
        for last in (False, True):
            async with asyncio.TaskGroup() as group:
                for planned in self.plan.exchanges:
                    if planned.last is last and planned.id in self.plan.wanted:
                        self._begin(planned.id, group, places)
        return self._exchanges

    def _begin(self, id_: str, group: asyncio.TaskGroup, places: asyncio.Semaphore) -> asyncio.Task[bool]:
        """Begin an exchange, unless that was done; the task returns whether it was made and accepted."""
        if id_ not in self._tasks:
            self._tasks[id_] = group.create_task(self._make(self._planned[id_], group, places))
        return self._tasks[id_]

    async def _make(self, planned: Planned, group: asyncio.TaskGroup, places: asyncio.Semaphore) -> bool:
        for need in planned.needs:
            if not await self._holds(need, group, places):
                return False
        async with places:
            if self._turned_away >= _TURNED_AWAY:
                return False
            exchange = await self.sender.exchange(
                planned.id, planned.request, valid=planned.valid, images=planned.images
            )
            self.on_exchange(exchange)
            self._check_key(exchange)
            while again_at_once(exchange, TIMES_IF_UNSTEADY if self._unsteady else TIMES):
                sent = await self.sender.again(exchange)
                if sent is exchange:
                    break
                exchange = sent
                self._unsteady = self._unsteady or not sent.failed
                self.on_exchange(exchange)
        self._exchanges[planned.id] = exchange
        return exchange.accepted

    def _check_key(self, exchange: Exchange) -> None:
        """End the run if nothing but refusals of the key has come; raises KeyRefusedError."""
        if exchange.request.raw.authorization is not None or not exchange.answer:
            return
        if exchange.status not in CREDENTIALS:
            self._turned_away = -len(self.plan.exchanges)
            return
        self._turned_away += 1
        if self._turned_away >= _TURNED_AWAY:
            raise KeyRefusedError(exchange)

    async def _holds(self, need: Need, group: asyncio.TaskGroup, places: asyncio.Semaphore) -> bool:
        for id_ in need.ids:
            if await asyncio.shield(self._begin(id_, group, places)):
                return need.accepted
        return not need.accepted
