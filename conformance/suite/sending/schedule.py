"""Makes the exchanges of a plan: those that a rule is about, and those that they need.

Every exchange is a task that first finds out whether its needs hold, one after the other, then waits for a free place.
Of those that wait the one that comes first in the plan is next.
An exchange that only others need is begun when one of them asks for it, so that what is not needed is not sent. What is
lost on the way, and a valid request on which the server fails, is sent again at once: much else may rest on it. And
where an operation could not be entered because no answer came in time, that is tried once more at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from attrs import define, field

from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.words import CREDENTIALS
from conformance.suite.plan.plan import Need, Plan, Planned
from conformance.suite.sending.places import Places
from conformance.suite.sending.sender import Sender

TIMES = 2
"""How often a request is sent before what comes of it is held against the server."""
TIMES_IF_UNSTEADY = 5
"""How often it is where the server answered some request in two ways: two failures in a row may be chance there."""


_HOPELESS = 2
"""After so many requests the run ends if the server said nothing to them, or nothing but that it refuses the key.

Some servers lock out whoever comes with a wrong key; and what never answers costs a time-out each time.
"""


class HopelessError(Exception):
    """The first requests came to nothing: no answer, or a refusal of the key; ``exchange`` is one of them."""

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
    _turns: dict[str, int] = field(factory=dict, init=False)
    _tasks: dict[str, asyncio.Task[bool]] = field(factory=dict, init=False)
    _unsteady: bool = field(default=False, init=False)
    _in_vain: list[Exchange] | None = field(factory=list[Exchange], init=False)

    async def all(self) -> dict[str, Exchange]:
        """Make the exchanges and return them by id; those that are to be last wait for all others.

        Raises, in a group, HopelessError if the first requests come to nothing.

        Called again, it makes those that were left out, if the budget has room for them now, and what needed them.
        """
        await self._all()
        while await self._entered_again():
            await self._all()
        return self._exchanges

    def learn(self, exchanges: Iterable[Exchange]) -> None:
        """Take over what came of exchanges that were sent again; what needs them can be made by ``all``."""
        for exchange in exchanges:
            self._exchanges[exchange.id] = exchange
            self._tasks[exchange.id] = asyncio.create_task(asyncio.sleep(0, result=exchange.accepted))

    async def _all(self) -> None:
        self._exchanges = {id_: made for id_, made in self._exchanges.items() if not made.left_out}
        self._tasks = {id_: task for id_, task in self._tasks.items() if id_ in self._exchanges}
        self._planned = {planned.id: planned for planned in self.plan.exchanges}
        self._turns = {planned.id: turn for turn, planned in enumerate(self.plan.exchanges)}
        places = Places(self.sender.settings.limits.concurrency)
        for last in (False, True):
            async with asyncio.TaskGroup() as group:
                for planned in self.plan.exchanges:
                    if planned.last is last and planned.id in self.plan.wanted:
                        self._begin(planned.id, group, places)

    async def _entered_again(self) -> bool:
        """Send an entry again of each operation of which none was accepted and one not answered in time.

        All rules of the operation rest on it. Returns whether one was accepted now, so that there is more to make.
        """
        entered = False
        for operation in dict.fromkeys(context.operation for context in self.plan.contexts):
            ids = [id_ for context in self.plan.contexts if context.operation == operation for id_ in context.ids]
            tried = [self._exchanges[id_] for id_ in ids if id_ in self._exchanges]
            late = [one for one in tried if one.late and len(one.sendings) < TIMES]
            if not late or any(one.accepted for one in tried):
                continue
            exchange = min(late, key=lambda one: self._planned[one.id].images)
            sent = await self.sender.again(exchange)
            if sent is exchange:
                continue
            self.on_exchange(sent)
            self.learn([sent])
            entered = entered or sent.accepted
        return entered

    def _begin(self, id_: str, group: asyncio.TaskGroup, places: Places) -> asyncio.Task[bool]:
        """Begin an exchange, unless that was done; the task returns whether it was made and accepted."""
        if id_ not in self._tasks:
            self._tasks[id_] = group.create_task(self._make(self._planned[id_], group, places))
        return self._tasks[id_]

    async def _make(self, planned: Planned, group: asyncio.TaskGroup, places: Places) -> bool:
        for need in planned.needs:
            if not await self._holds(need, group, places):
                return False
        async with places.taken(self._turns[planned.id]):
            if self._in_vain is not None and len(self._in_vain) >= _HOPELESS:
                return False
            exchange = await self.sender.exchange(
                planned.id, planned.request, valid=planned.valid, images=planned.images
            )
            self.on_exchange(exchange)
            self._check_hope(exchange)
            while again_at_once(exchange, TIMES_IF_UNSTEADY if self._unsteady else TIMES):
                sent = await self.sender.again(exchange)
                if sent is exchange:
                    break
                exchange = sent
                self._unsteady = self._unsteady or not sent.failed
                self.on_exchange(exchange)
        self._exchanges[planned.id] = exchange
        return exchange.accepted

    def _check_hope(self, exchange: Exchange) -> None:
        """End the run if the first requests came to nothing; raises HopelessError."""
        if self._in_vain is None or exchange.left_out or exchange.request.raw.authorization is not None:
            return
        timed_out = exchange.answer is None and not exchange.lost
        if not timed_out and exchange.status not in CREDENTIALS:
            self._in_vain = None
            return
        self._in_vain.append(exchange)
        if len(self._in_vain) >= _HOPELESS:
            raise HopelessError(exchange)

    async def _holds(self, need: Need, group: asyncio.TaskGroup, places: Places) -> bool:
        for id_ in need.ids:
            if await asyncio.shield(self._begin(id_, group, places)):
                return need.accepted
        return not need.accepted
