"""Sends random requests of one property after the other, and lets Hypothesis shrink a failure.

What a failure is, is decided by the same rulings and checks as in the planned part.
"""

from __future__ import annotations

import asyncio

from attrs import define, field
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis.generation import GenerationMode

from conformance.suite.contract.document import Contract
from conformance.suite.contract.places import Fields
from conformance.suite.exchange.recording import Exchange, Recording
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.view import View
from conformance.suite.exploring.settling import Known, known
from conformance.suite.exploring.strategies import requests
from conformance.suite.plan.prepared import Prepared
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.rule import Random
from conformance.suite.sending.sender import Sender
from conformance.suite.settings import Settings
from conformance.suite.verdicts.entries import fails
from conformance.suite.verdicts.evidence import Evidence, breaks
from conformance.suite.verdicts.judge import verdicts
from conformance.suite.verdicts.verdict import Outcome

_INVALID_PER_VALID = 3
_SENT_PER_EXAMPLE = 8
# Settling drops much of what is generated, and a server may take its time.
_SLOWNESS = (
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
)


class _Enough(BaseException):
    """Ends Hypothesis from inside a test: the budget of requests is spent, or the run over."""


async def explore(prepared: Prepared, planned: Recording, sender: Sender) -> list[Exchange]:
    """Generate and send requests for the selected properties; returns the exchanges in the order they were made."""
    contract, api, settings = prepared.contract, prepared.api, sender.settings
    exchanges: list[Exchange] = []
    due = [(rule.operation, rule.about.valid) for rule in prepared.rules if isinstance(rule.about, Random)]
    if not due:
        return exchanges
    evidence = Evidence(prepared.plan, planned, api.selector)
    every = [rule for rule in all_rules(contract, api) if not isinstance(rule.about, Random)]
    judged = verdicts(evidence, every)
    loop = asyncio.get_running_loop()
    for operation in contract.operations.values():
        found = known(contract, api, operation, evidence, judged)
        if found is None or sender.ending.why:
            continue
        for valid in (True, False) if found.enforced else (True,):
            if (operation.id, valid) in due:
                stage = _Stage(contract, settings, found, valid, sender, loop, planned.header.started)
                await asyncio.to_thread(stage.run)
                exchanges += stage.exchanges
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
    exchanges: list[Exchange] = field(factory=list)
    _seen: dict[str, bool] = field(factory=dict)

    def run(self) -> None:
        """Run Hypothesis over the property; failures are left in the exchanges."""
        examples = self.settings.examples * (1 if self.valid else _INVALID_PER_VALID)
        most = examples * _SENT_PER_EXAMPLE
        mode = GenerationMode.POSITIVE if self.valid else GenerationMode.NEGATIVE
        generated = requests(self.contract, self.known.operation, self.known.api.uploads, mode)

        @seed(self.settings.seed)
        @hypothesis_settings(
            max_examples=examples,
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
            if len(self.exchanges) >= most:
                raise _Enough
            if not self._holds(Request(self.known.operation.id, fields)):
                raise AssertionError

        try:
            holds()
        except (_Enough, AssertionError):
            pass
        except Exception as error:
            # Hypothesis complains when a server answers the same request in two ways; the exchanges show which.
            if type(error).__module__.partition(".")[0] != "hypothesis":
                raise

    def _holds(self, request: Request) -> bool:
        if request.key not in self._seen:
            name = "valid" if self.valid else "invalid"
            id_ = f"{request.operation}-{name}-{len(self.exchanges) + 1:03}"
            images = self.known.api.cost(self.known.operation, request.fields).images if self.valid else 0
            sending = self.sender.exchange(id_, request, valid=self.valid, images=images, random=True)
            exchange = asyncio.run_coroutine_threadsafe(sending, self.loop).result()
            self.exchanges.append(exchange)
            if self.sender.ending.why:
                raise _Enough
            first = exchange.sendings[0]  # of a run that is resumed there may be more
            self._seen[request.key] = not fails(first) and not self._breaks_rule(first)
        return self._seen[request.key]

    def _breaks_rule(self, exchange: Exchange) -> bool:
        """Whether an answer breaks a rule about answers that the planned part didn't find broken."""
        view = View(exchange, exchange.since or self.now)
        unbroken = (
            verdict.rule
            for verdict in self.known.verdicts
            if verdict.outcome is not Outcome.FAIL and not verdict.doubtful
        )
        return exchange.answer is not None and self.valid and any(breaks(rule, view) for rule in unbroken)
