"""Sends random requests of each operation, and finds the smallest that still fails where one does.

Those that are chosen go first, by turns of the operations and with what is most likely to show a fault in front: valid
ones in which values meet that no accepted request had together, and invalid ones with little beside the fault. If more
may be sent, that is left to chance, and there Hypothesis shrinks a failure. What a failure is, is decided by the same
rulings and checks as in the planned part.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Iterator

from attrs import define, field
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis.generation import GenerationMode

from conformance.suite.contract.document import Contract
from conformance.suite.contract.places import Fields
from conformance.suite.contract.scratch import out_of_the_way
from conformance.suite.exchange.recording import Exchange, Recording
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.view import View
from conformance.suite.exploring.breaking import alone
from conformance.suite.exploring.combining import Combining
from conformance.suite.exploring.settling import Known, known
from conformance.suite.exploring.share import share
from conformance.suite.exploring.shrinking import Shrinking
from conformance.suite.exploring.strategies import requests
from conformance.suite.plan.prepared import Prepared
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.rule import Random
from conformance.suite.sending.schedule import TIMES
from conformance.suite.sending.sender import Sender
from conformance.suite.settings import Settings
from conformance.suite.verdicts.entries import fails
from conformance.suite.verdicts.evidence import Evidence, Views, breaks
from conformance.suite.verdicts.judge import verdicts
from conformance.suite.verdicts.verdict import Outcome

_SENT_PER_EXAMPLE = 8
"""With what is sent to find the smallest request that fails, no more than so many for each that may be sent."""
_OF_SEVERAL = 3
"""One of so many images goes to requests that ask for several."""
SHRINKING = 6
"""How many images finding the smallest request that fails may take, in each operation."""
# Settling drops much of what is generated, and a server may take its time.
_SLOWNESS = (
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
)


class _Enough(BaseException):
    """Ends Hypothesis from inside a test: the budget of requests is spent, or the run over."""


async def explore(prepared: Prepared, planned: Recording, sender: Sender, views: Views) -> list[Exchange]:
    """Choose and send requests for the selected properties; returns the exchanges.

    ``views`` are those that judging the planned part has made.
    """
    with out_of_the_way():
        return await _explore(prepared, planned, sender, views)


async def _explore(prepared: Prepared, planned: Recording, sender: Sender, views: Views) -> list[Exchange]:
    contract, api, settings = prepared.contract, prepared.api, sender.settings
    exchanges: list[Exchange] = []
    due = [(rule.operation, rule.about.valid) for rule in prepared.rules if isinstance(rule.about, Random)]
    if not due:
        return exchanges
    evidence = Evidence(prepared.plan, planned, api.selector, views)
    every = [rule for rule in all_rules(contract, api) if not isinstance(rule.about, Random)]
    judged = verdicts(evidence, every)
    loop = asyncio.get_running_loop()
    stages: list[_Stage] = []
    for operation in contract.operations.values():
        found = known(contract, api, operation, evidence, judged, effort=settings.limits.effort)
        if found is None or sender.ending.why:
            continue
        for valid in (True, False) if found.enforced else (True,):
            if (operation.id, valid) in due:
                made = evidence.of(operation.id)
                now = planned.header.started
                stages.append(_Stage(contract, settings, found, valid, sender, loop, now, made, exchanges))
    # What a budget of images leaves out must not depend on which answer comes first.
    places = asyncio.Semaphore(settings.limits.concurrency if settings.limits.images is None else 1)

    async def chosen(stage: _Stage) -> bool:
        async with places:
            return await asyncio.to_thread(stage.choose)

    at_turns: list[_Stage] = stages
    while at_turns:
        more = await asyncio.gather(*map(chosen, at_turns))
        at_turns = [stage for stage, goes_on in zip(at_turns, more, strict=True) if goes_on]
    for stage in stages:
        await asyncio.to_thread(stage.run)
    return exchanges


@define
class _Stage:
    contract: Contract
    settings: Settings
    known: Known
    valid: bool
    sender: Sender
    loop: asyncio.AbstractEventLoop
    now: float
    planned: list[Exchange]
    exchanges: list[Exchange]
    _sent: int = field(default=0, init=False)
    _left: int = field(init=False)
    _most: int = field(init=False)
    _left_to_shrink: int = SHRINKING
    _shrinks: bool = False
    _seen: dict[str, bool] = field(factory=dict)
    _chosen: Iterator[Fields] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Choose what is sent first, and how much in all."""
        self._left = share(self.contract, self.known.operation, self.settings.examples, valid=self.valid)
        self._most = self._left * _SENT_PER_EXAMPLE
        chance = random.Random(self.settings.seed)  # noqa: S311 - the same for the same seed, and no secret
        self._chosen = self._combined(chance) if self.valid else alone(self.known, self.planned, chance)

    def _combined(self, chance: random.Random) -> Iterator[Fields]:
        accepted = [one.request.fields for one in self.planned if one.valid and one.accepted]
        combining = Combining(self.known, accepted, chance)
        total, several = self._left, 0
        while True:
            due = several * _OF_SEVERAL <= total - self._left
            fields = (combining.next(self._left) if due else combining.next(1)) or combining.next(self._left)
            if fields is None:
                return
            price = self._price(self._request(fields))
            several += price if price > 1 else 0
            yield fields

    def choose(self) -> bool:
        """Send the next request that is chosen in view of those that were sent; returns False if there is none."""
        fields = next(self._chosen, None) if self._left > 0 else None
        if fields is None:
            return False
        try:
            if not self._holds(self._request(fields)) and self.valid:
                self._shrinks = True
                Shrinking(self.known, self._fails_too).shrink(fields)
                self._shrinks = False
        except _Enough:
            return False
        return True

    def _fails_too(self, request: Request) -> bool:
        return self._affords(request) and not self._holds(request)

    def run(self) -> None:
        """Run Hypothesis over the property with what is left; failures are left in the exchanges."""
        if self._left < 1 or self.sender.ending.why:
            return
        if not self.valid and not self._sent and self.known.breaches:
            return  # Where no field is known to be refused, hardly anything that is generated may be sent.
        mode = GenerationMode.POSITIVE if self.valid else GenerationMode.NEGATIVE
        generated = requests(self.contract, self.known.operation, self.known.api.uploads, mode)

        @seed(self.settings.seed)
        @hypothesis_settings(
            max_examples=self._left,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=_SLOWNESS,
            print_blob=False,
        )
        @given(
            generated.map(lambda fields: self.known.settle(fields, valid=self.valid)).filter(
                lambda fields: self.known.usable(fields, valid=self.valid)
            )
        )
        def holds(fields: Fields) -> None:
            request = self._request(fields)
            if not self._affords(request):
                raise _Enough
            if not self._holds(request):
                self._shrinks = True
                raise AssertionError

        try:
            holds()
        except (_Enough, AssertionError):
            pass
        except Exception as error:
            # Hypothesis complains when a server answers the same request in two ways; the exchanges show which.
            if type(error).__module__.partition(".")[0] != "hypothesis":
                raise

    def _request(self, fields: Fields) -> Request:
        return Request(self.known.operation.id, fields)

    def _price(self, request: Request) -> int:
        """Return what a request takes of the number that may be sent: one, or if it is valid one for each image."""
        return max(1, self.known.api.cost(self.known.operation, request.fields).images) if self.valid else 1

    def _affords(self, request: Request) -> bool:
        if request.key in self._seen:
            return True
        left = self._left_to_shrink if self._shrinks else self._left
        return self._sent < self._most and (not self.valid or self._price(request) <= left)

    def _holds(self, request: Request) -> bool:
        if request.key not in self._seen:
            name = "valid" if self.valid else "invalid"
            id_ = f"{request.operation}-{name}-{self._sent + 1:03}"
            images = self.known.api.cost(self.known.operation, request.fields).images if self.valid else 0
            sending = self.sender.exchange(id_, request, valid=self.valid, images=images, random=True)
            exchange = self._made(sending)
            while exchange.lost and len(exchange.sendings) < TIMES:
                sent = self._made(self.sender.again(exchange))
                if sent is exchange:
                    break
                exchange = sent
                self.sender.on_random(exchange)
            self._sent += 1
            self.exchanges.append(exchange)
            if exchange.left_out or self.sender.ending.why:
                self._left = 0
                raise _Enough
            if not self._shrinks:
                self._left -= self._price(request)
            elif not exchange.refused:
                self._left_to_shrink -= self._price(request)
            first = exchange.sendings[0]  # of a run that is resumed there may be more
            self._seen[request.key] = not fails(first) and not self._breaks_rule(first)
        return self._seen[request.key]

    def _made(self, sending: Coroutine[None, None, Exchange]) -> Exchange:
        """Let the loop of the run make an exchange, and wait for it."""
        return asyncio.run_coroutine_threadsafe(sending, self.loop).result()

    def _breaks_rule(self, exchange: Exchange) -> bool:
        """Whether an answer breaks a rule about answers that the planned part didn't find broken."""
        view = View(exchange, exchange.since or self.now)
        unbroken = (
            verdict.rule
            for verdict in self.known.verdicts
            if verdict.outcome is not Outcome.FAIL and not verdict.doubtful
        )
        return exchange.answer is not None and self.valid and any(breaks(rule, view) for rule in unbroken)
