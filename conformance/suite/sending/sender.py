"""Makes one exchange: a request, its answer, and the files that the answer points to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping

import httpx
from attrs import Factory, define, evolve, field

from conformance.suite.contract.document import Contract
from conformance.suite.exchange.encoding import Encoded, encode
from conformance.suite.exchange.recording import (
    GIVEN_UP,
    NOT_SENT,
    OVER_BUDGET,
    OVER_REQUESTS,
    TOO_LARGE,
    Answer,
    Exchange,
)
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.view import View
from conformance.suite.rules.api import Api
from conformance.suite.sending.budget import Budget
from conformance.suite.sending.ending import Ending, OverError
from conformance.suite.sending.files import USER_AGENT, Files
from conformance.suite.sending.pace import MAX_WAITED, PUT_OFF, Pace, asked_to_wait
from conformance.suite.sending.transfer import Transfer
from conformance.suite.settings import Settings, Target

_MAX_WAIT = 30.0
_TIMES_THE_SLOWEST = 4.0
"""How many times as long as the slowest answer so far, to any request, a refusal is waited for."""
_LONGER_AGAIN = 7.5
"""And how many times as long as that when it is sent again: longer than a gateway waits for what is behind it."""
_RESERVED = 6
"""One image of so many is kept for what is to be sent again."""
_KEPT = 4
"""One request of so many is kept for that too."""


@define
class Sender:
    """Sends requests to one target and returns exchanges.

    ``recorded`` are exchanges of a run that this one resumes, ``since`` then: they are not sent again. ``on_random`` is
    called with each random exchange, ``on_given_up`` with what was sent again and is not waited for any more.

    ``reserve`` is how many images of the budget are kept for what is to be sent again, ``room`` how many more for
    invalid requests on their way, and ``kept`` how many requests are kept for what is to be sent again. ``waited`` is
    how many seconds were spent because the server asked for it, ``slowest`` how many the slowest answer took.
    """

    contract: Contract
    api: Api
    settings: Settings
    client: httpx.AsyncClient
    ending: Ending = field(factory=Ending)
    recorded: Mapping[str, Exchange] = field(factory=dict[str, Exchange])
    since: float | None = None
    on_random: Callable[[Exchange], None] = field(default=lambda _: None)
    on_given_up: Callable[[Exchange], object] = field(default=lambda _: None)
    budget: Budget = field(
        init=False, default=Factory(lambda self: Budget(self.settings.limits.images), takes_self=True)
    )
    pace: Pace = field(init=False, default=Factory(lambda self: Pace(self.settings.limits.rate), takes_self=True))
    images_requested: int = 0
    requests: int = 0
    reserve: int = 0
    room: int = 0
    kept: int = 0
    waited: float = 0.0
    slowest: float = 0.0
    _left_alone: float = field(init=False, default=Factory(lambda self: self.settings.limits.seconds, takes_self=True))
    _gate: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _refused: dict[str, Request] = field(factory=dict[str, Request], init=False)
    _files: Files = field(init=False, default=Factory(lambda self: Files(self.settings, self.client), takes_self=True))

    async def exchange(
        self, id_: str, request: Request, *, valid: bool, images: int = 0, random: bool = False
    ) -> Exchange:
        """Send one request, again after 429 and 503 as the server asks, and fetch what its answer points to."""
        recorded = self._recorded(id_, request, random=random)
        made = recorded or await self._within(self._free(id_), request, valid=valid, images=images, random=random)
        if random:
            self.on_random(made)
        return made

    async def _within(self, id_: str, request: Request, *, valid: bool, images: int, random: bool) -> Exchange:
        """Make an exchange within the budget and the time of the run."""
        if self.ending.why:
            return Exchange(id_, request, valid, None, f"{NOT_SENT}{self.ending.why}", random=random)
        if not self._may_send(kept=self.kept):
            return Exchange(id_, request, valid, None, OVER_REQUESTS, random=random)
        operation = self.contract.operations[request.operation]
        if self.api.is_larger(operation, request.fields, self.settings.limits.effort):
            return Exchange(id_, request, valid, None, TOO_LARGE, random=random)
        worst = images if valid else self._worst(request)
        reserve = self.reserve + (self.room if valid else 0)
        charged = self.budget.charge(request.operation, worst, valid=valid, reserve=reserve)
        if charged is None:
            return Exchange(id_, request, valid, None, OVER_BUDGET, random=random)
        self.requests += 1
        self.images_requested += images
        try:
            async with self.ending.bound():
                exchange = await self._exchange(id_, request, valid=valid, random=random, again=False)
        except OverError:
            return Exchange(id_, request, valid, None, f"{GIVEN_UP}{self.ending.why}", random=random)
        self._settle(exchange, charged)
        return exchange

    def _may_send(self, *, kept: int = 0) -> bool:
        """Whether there is room for one more request, of which so many are ``kept`` for others."""
        limit = self.settings.limits.requests
        return limit is None or self.requests < limit - kept

    def hold_back(self) -> None:
        """Keep a part of the budgets for what is sent again, which comes late, and an image for invalid requests."""
        images = self.settings.limits.images or 0
        self.reserve, self.room = images // _RESERVED, min(1, images - 1)
        self.kept = (self.settings.limits.requests or 0) // _KEPT

    def let_go(self) -> None:
        """Let everything have what is left of the budgets."""
        self.reserve = self.room = self.kept = 0

    async def again(self, exchange: Exchange) -> Exchange:
        """Send the request of an exchange once more.

        Returns the exchange as it was if the budget is spent, or the run over before there is an answer.
        """
        operation = self.contract.operations[exchange.request.operation]
        images = self.api.cost(operation, exchange.request.fields).images if exchange.valid else 0
        worst = images if exchange.valid else self._worst(exchange.request)
        over = self.ending.why or not self._may_send()
        charged = None if over else self.budget.charge(operation.id, worst, valid=exchange.valid)
        if charged is None:
            return exchange
        self.requests += 1
        self.images_requested += images
        self._files.forget(exchange.fetches)
        try:
            async with self.ending.bound():
                sent = await self._exchange(
                    exchange.id, exchange.request, valid=exchange.valid, random=exchange.random, again=True
                )
        except OverError:
            self.on_given_up(evolve(exchange, answer=None, failure=f"{GIVEN_UP}{self.ending.why}", fetches=()))
            return exchange
        self._settle(sent, charged)
        return evolve(sent, before=exchange)

    def count(self, sent: Iterable[Exchange]) -> None:
        """Count what was sent before this run, for the budget too."""
        for exchange in sent:
            images = self.api.cost(self.contract.operations[exchange.request.operation], exchange.request.fields)
            charged = images.images if exchange.valid else images.most
            self.budget.spent += charged
            self.requests += 1
            self.images_requested += images.images if exchange.valid else 0
            if not exchange.left_out:
                self._settle(exchange, charged)
            if exchange.answer is not None:
                self.slowest = max(self.slowest, exchange.seconds)

    def _recorded(self, id_: str, request: Request, *, random: bool) -> Exchange | None:
        """Return the exchange of the run that is resumed, if it has it; a random one may have another number there."""
        if not random:
            return self.recorded.get(id_)
        same = (one for one in self.recorded.values() if one.random and one.request.key == request.key)
        return next(same, None)

    def _free(self, id_: str) -> str:
        """Return this id, or one like it that the run that is resumed did not give to another request."""
        return id_ if id_ not in self.recorded else self._free(f"{id_}-again")

    def _worst(self, request: Request) -> int:
        """Return how many images an invalid request may bring."""
        return self.api.cost(self.contract.operations[request.operation], request.fields).most

    def _settle(self, exchange: Exchange, charged: int) -> None:
        """Put in the place of what was charged for a request what it brought; without a limit nobody need know."""
        if self.budget.limit is None:
            return
        view = View(exchange, 0.0)
        if exchange.accepted and view.is_json:
            made = self.api.results(view.json)
        else:
            made = 0 if exchange.refused or exchange.status in PUT_OFF else charged
        self.budget.settle(exchange.request.operation, charged, made, valid=exchange.valid, refused=exchange.refused)

    async def _exchange(self, id_: str, request: Request, *, valid: bool, random: bool, again: bool) -> Exchange:
        limits = evolve(self.settings.limits, seconds=self._seconds(request, valid=valid, again=again))
        settings = evolve(self.settings, limits=limits)
        async with self._gate:
            pass
        encoded = self._encoded(request)
        answer, failure, seconds = None, "", 0.0
        for attempt in range(limits.attempts):
            await self.pace.wait()
            started = time.monotonic()
            answer, failure = await self._call(encoded, request.raw.authorization, settings)
            seconds = time.monotonic() - started
            last = attempt == limits.attempts - 1 or self.waited >= MAX_WAITED or not self._may_send()
            if answer is None or answer.status not in PUT_OFF or last:
                break
            wait = min(_MAX_WAIT, asked_to_wait(answer, attempt, time.time()))
            self.waited += wait
            await asyncio.sleep(wait)
            self.requests += 1
        took = round(seconds, 3)
        if answer is not None:
            self.slowest = max(self.slowest, seconds)
        exchange = Exchange(id_, request, valid, answer, failure or None, took, random=random, since=self.since)
        if valid and exchange.late:
            await self._recovered(request.operation)
        if exchange.refused and not valid and request.raw.authorization is None:
            self._refused[request.operation] = request
        if valid and exchange.accepted:
            exchange = await self._with_fetches(exchange)
        return exchange

    def _encoded(self, request: Request) -> Encoded:
        aliases = self.api.aliases(self.settings.models, request.operation)
        return encode(request, self.contract.operations[request.operation], aliases)

    async def _recovered(self, operation: str) -> None:
        """Hold back what is sent until a server that went on computing answers again something that it only refuses.

        In all it gets as long as for one answer; one that has not answered anything yet gets nothing.
        """
        async with self._gate:
            if self._left_alone <= 0 or self.slowest == 0:
                return
            settings = evolve(self.settings, limits=evolve(self.settings.limits, seconds=self._left_alone))
            refused = self._refused.get(operation)
            await self.pace.wait()
            started = time.monotonic()
            if refused is not None:
                self.requests += 1
                answer, _ = await self._call(self._encoded(refused), None, settings)
            else:
                target = self.settings.target
                answer, _ = await Transfer(settings, self.client).read("HEAD", target.url, headers_of(target), None)
            self._left_alone -= time.monotonic() - started if answer else self._left_alone

    def _seconds(self, request: Request, *, valid: bool, again: bool) -> float:
        """Return how many seconds an answer is waited for: a refusal as long as what came so far gives reason to."""
        limits = self.settings.limits
        if valid or request.raw.authorization is not None:
            return limits.seconds
        longer = _LONGER_AGAIN if again else 1.0
        return min(limits.seconds, longer * max(limits.refusal, _TIMES_THE_SLOWEST * self.slowest))

    async def _call(self, encoded: Encoded, authorization: str | None, settings: Settings) -> tuple[Answer | None, str]:
        target = self.settings.target
        headers = {**headers_of(target), **({"content-type": encoded.content_type} if encoded.content_type else {})}
        if authorization is not None:
            headers.pop("authorization", None)
            headers |= {"authorization": authorization} if authorization else {}
        url = target.url + encoded.path
        return await Transfer(settings, self.client).read(encoded.method, url, headers, encoded.body)

    async def _with_fetches(self, exchange: Exchange) -> Exchange:
        return evolve(exchange, fetches=await self._files.of(self.api.links(View(exchange, 0.0).json)))


def headers_of(target: Target) -> dict[str, str]:
    """Return the headers that go with every request to the target, the secret ones among them."""
    key = {"authorization": f"Bearer {target.key}"} if target.key else {}
    own = {name.lower(): value for name, value in target.sent.items()}
    return {"user-agent": USER_AGENT, "accept": "application/json", **key, **own}
