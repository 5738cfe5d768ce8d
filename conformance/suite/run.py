"""One run from settings to report: plan, send, generate, judge.

This is the whole suite without a user interface; the command line and the self-tests both call it. It talks to a real
server or, with a transport, to an application in the same process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import httpx
from attrs import Factory, define, evolve, field

from conformance.suite.contract import document
from conformance.suite.contract.document import Contract
from conformance.suite.exchange.encoding import OF
from conformance.suite.exchange.recording import (
    SPENT,
    Exchange,
    Header,
    Recording,
    RecordingError,
    Shape,
    Writer,
)
from conformance.suite.exchange.words import describe
from conformance.suite.exploring.confirming import confirm
from conformance.suite.plan import planner
from conformance.suite.plan.plan import Plan, Planned
from conformance.suite.plan.prepared import Prepared
from conformance.suite.report.report import Result
from conformance.suite.rules.api import Api
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.rule import select
from conformance.suite.sending import redaction, resuming, transfer
from conformance.suite.sending.discovery import CouldNotRun, Discovered, cut_short, discover, may_lack, reach
from conformance.suite.sending.ending import Ending, OverError
from conformance.suite.sending.redaction import Redaction
from conformance.suite.sending.resuming import Earlier
from conformance.suite.sending.schedule import HopelessError, Run
from conformance.suite.sending.sender import Sender
from conformance.suite.settings import Limits, Settings, UsageError
from conformance.suite.verdicts import judge as judging
from conformance.suite.verdicts.evidence import Evidence, Views, in_order
from conformance.suite.verdicts.offers import speaks_of_model
from conformance.suite.verdicts.verdict import Verdict

_LATE_ROUNDS = 2
"""How often what became possible only by what was sent again is made: that may make something else possible."""
RECORDING = "recording.ndjson"


@define
class _Kept:
    """What is kept of a run as it is made, without secrets: ``shown`` by id as it was sent last, and the recording.

    ``views`` are those of its answers, in which each rule's check looks once however often they are judged.
    """

    earlier: Earlier
    cut: Redaction
    on_exchange: Callable[[Exchange], None]
    writer: Writer | None = None
    views: Views = field(factory=dict)
    shown: dict[str, Exchange] = field(
        init=False, default=Factory(lambda self: dict(self.earlier.exchanges), takes_self=True)
    )

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange; that of an earlier run stands in the recording already."""
        if exchange is not self.earlier.exchanges.get(exchange.id):
            self.shown[exchange.id] = self.write(exchange)
        self.on_exchange(exchange)

    def write(self, exchange: Exchange) -> Exchange:
        """Write an exchange to the recording, if there is one; returns it as it is written."""
        shown = self.cut.exchange(exchange)
        if self.writer:
            self.writer.add(shown)
        return shown


def prepare(settings: Settings, api: Api) -> Prepared:
    """Read the contract, select the rules and plan the requests; raises RuleError, UsageError or ContractError."""
    contract = _with_sizes(document.load(settings.contract), api, settings)
    _check_models(contract, api, settings)
    rules = select(all_rules(contract, api), settings.only, settings.level, settings.exclude, api.renamed)
    plan = planner.make(contract, api, rules, settings.model, key=settings.target.key is not None)
    return Prepared(contract, api, rules, _limited(plan, contract, api, settings.limits))


async def run(  # noqa: PLR0913 - all but two are named, and have a default
    settings: Settings,
    prepared: Prepared,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    on_exchange: Callable[[Exchange], None] = lambda _: None,
    record: Path | None = None,
    ending: Ending | None = None,
) -> Result:
    """Make a run and judge it; the recording goes to ``record``. Raises CouldNotRun or RecordingError.

    It ends before its time when ``ending`` says so, and is judged by what it made until then.
    """
    ending = ending or Ending()
    started = time.time()
    cut = redaction.of(settings.target, prepared.contract)
    header = Header(
        url=cut.text(settings.target.url),
        model=settings.model,
        models=settings.models,
        sizes=settings.sizes,
        key_used=settings.target.key is not None,
        started=started,
        contract_sha256=prepared.contract.sha256,
        embedded=settings.target.embedded,
        shape=_shape(settings),
        headers=cut.headers(settings.target),
        insecure=settings.target.insecure,
    )
    earlier = Earlier(header, {}, ())
    if settings.resume and record:
        earlier = resuming.read(record, prepared.api.contents, header, prepared.plan)
    header = earlier.header
    kept = _Kept(earlier, cut, on_exchange)
    try:
        async with transfer.client(settings, transport) as client:
            with ending.run(settings.limits.deadline):
                sender = Sender(prepared.contract, prepared.api, settings, client, ending, earlier.exchanges)
                sender.on_random = kept.add
                sender.on_given_up = kept.write
                if settings.resume:
                    sender.since = started
                    sender.count(earlier.sent)
                found = await _discovered(sender)
                header = header if settings.resume else evolve(header, offered=found.models)
                kept.writer = Writer(record, header, resumes=settings.resume) if record else None
                recording, judged = await _planned(prepared, header, sender, kept)
                generated = await _explored(prepared, recording, sender, kept.views)
                beside = earlier.exchanges.keys() - recording.exchanges.keys()
                if generated or beside or ending.interrupted:
                    made = {exchange.id: exchange for exchange in generated}
                    everything = Recording(header, {**earlier.exchanges, **recording.exchanges, **made})
                    recording, judged = await confirm(prepared, everything, sender, kept.add, kept.views)
        if kept.writer and recording.interrupted:
            kept.writer.interrupted()
    except ExceptionGroup as group:
        _raise_first(group, cut, key_used=header.key_used)
        raise
    finally:
        if kept.writer:
            kept.writer.close()
    shown = evolve(recording, exchanges=kept.shown)
    verdicts = _told(judged, prepared, recording, shown, cut)
    seconds = time.time() - started
    return Result(settings, prepared, recording, shown, verdicts, seconds, sender.requests, sender.images_requested)


def _raise_first(group: ExceptionGroup, cut: Redaction, *, key_used: bool) -> None:
    """Raise what ended a run, if it is something that a user can mend."""
    found: Exception = group
    while isinstance(found, ExceptionGroup):
        found = cast("Any", found).exceptions[0]
    match found:
        case RecordingError():
            raise found from None
        case HopelessError(exchange=exchange) if exchange.answer is None:
            waited = str(cut.exchange(exchange).failure)
            raise CouldNotRun(f"the server answered no request at all: {waited}; --timeout gives it longer.") from None
        case HopelessError():
            what = "refuses the key in OPENAI_API_KEY" if key_used else "wants a key: set OPENAI_API_KEY"
            raise CouldNotRun(f"the server {what} ({cut.words(describe(cut.exchange(found.exchange)))}).") from None
        case _:
            pass


async def _explored(prepared: Prepared, planned: Recording, sender: Sender, views: Views) -> list[Exchange]:
    """Make the random exchanges, if any are wanted."""
    if not sender.settings.examples:
        return []
    from conformance.suite.exploring import stage  # noqa: PLC0415 - Schemathesis takes half a second to import

    return await stage.explore(prepared, planned, sender, views)


async def _planned(
    prepared: Prepared, header: Header, sender: Sender, kept: _Kept
) -> tuple[Recording, tuple[Verdict, ...]]:
    """Make the planned exchanges, and again those that would be held against the server; returns what came of them."""
    # What is held back for what is sent again goes back to the plan as far as it is not needed.
    sender.hold_back()
    run = Run(prepared.plan, sender, kept.add)
    made = Recording(header, await run.all())
    if not sender.ending.why:
        _check_answered(Evidence(prepared.plan, made, prepared.api.selector), sender)
    made, judged = await confirm(prepared, made, sender, kept.add, kept.views)
    sender.let_go()
    for _ in range(_LATE_ROUNDS):
        broken_off = Evidence(prepared.plan, made, prepared.api.selector).broken_off
        if sender.ending.why or not (broken_off or any(one.failure in SPENT for one in made.exchanges.values())):
            break
        # A request that others need may have been accepted only when it was sent again.
        run.learn(one for one in made.exchanges.values() if one.before)
        made = Recording(header, await run.all())
        made, judged = await confirm(prepared, made, sender, kept.add, kept.views)
    return made, judged


def result_of(settings: Settings, prepared: Prepared, recording: Recording) -> Result:
    """Judge an earlier recording as if it had just been made."""
    recording = in_order(recording)
    sent = [one for exchange in recording.exchanges.values() for one in exchange.sendings if one.sent]
    asked = [(prepared.contract.operations[e.request.operation], e.request.fields) for e in sent if e.valid]
    return Result(
        settings,
        prepared,
        recording,
        recording,
        judge(prepared, recording),
        seconds=round(sum(one.seconds for one in sent), 3),
        requests=len(sent),
        images_requested=sum(prepared.api.cost(operation, fields).images for operation, fields in asked),
    )


def _shape(settings: Settings) -> Shape:
    limits = settings.limits
    return Shape(
        seed=settings.seed,
        examples=settings.examples,
        images=limits.images,
        concurrency=limits.concurrency,
        timeout=limits.seconds,
        size=limits.size,
        deadline=limits.deadline,
        rate=limits.rate,
        requests=limits.requests,
    )


def _check_models(contract: Contract, api: Api, settings: Settings) -> None:
    """Make sure that MODELS speaks of documented models."""
    fields = {id_: one.request.properties.get(api.selector or "") for id_, one in contract.operations.items()}
    known = {id_: field_.known if field_ else () for id_, field_ in fields.items()}
    every = {name for names in known.values() for name in names}
    for given in settings.models:
        operation, of, name = given.partition(OF)
        if given in every:
            continue
        if of and operation not in known:
            raise UsageError(f"MODELS names the operation {operation!r}; the contract has {', '.join(known)}.")
        if not of or name not in known[operation]:
            documented = ", ".join(sorted(known[operation] if of else every))
            raise UsageError(f"MODELS names {given!r}, which no document does; it knows {documented}.")


def _with_sizes(contract: Contract, api: Api, settings: Settings) -> Contract:
    """Return the contract with the sizes of the server's own."""
    fields = {name for operation in contract.operations.values() for name in operation.request.properties}
    if not settings.sizes:
        return contract
    if api.sized not in fields:
        raise UsageError("SIZES names sizes of the server's own, but no request of the contract gives a size.")
    return evolve(contract, own=((api.sized, settings.sizes),))


def _limited(plan: Plan, contract: Contract, api: Api, limits: Limits) -> Plan:
    """Return the plan with what asks for too large an image marked as left out; raises UsageError if all does."""
    if limits.effort is None:
        return plan

    def left_out(planned: Planned) -> bool:
        operation = contract.operations[planned.request.operation]
        return api.is_larger(operation, planned.request.fields, limits.effort)

    exchanges = tuple(evolve(planned, left_out=left_out(planned)) for planned in plan.exchanges)
    if exchanges and all(planned.left_out for planned in exchanges if planned.valid):
        raise UsageError(
            f"every valid request asks for an image larger than {limits.size}; raise MAX_SIZE, or name a size of the"
            " server's own in SIZES."
        )
    return evolve(plan, exchanges=exchanges)


def judge(prepared: Prepared, recording: Recording) -> tuple[Verdict, ...]:
    """Judge a recording, of this run or of an earlier one."""
    return judging.verdicts(Evidence(prepared.plan, in_order(recording), prepared.api.selector), prepared.rules)


def _told(
    verdicts: tuple[Verdict, ...], prepared: Prepared, sent: Recording, shown: Recording, cut: Redaction
) -> tuple[Verdict, ...]:
    """Return the verdicts on what was sent in words that hold no secret.

    Words are taken from what is left of the answers without the secrets, and so are those that judging the recording
    again gives: a secret that a message cuts short could not be found in it any more.
    """
    if shown == sent:
        return verdicts
    again = judge(prepared, shown)
    return tuple(
        kept if kept.outcome is verdict.outcome else _cleaned(verdict, cut)
        for verdict, kept in zip(verdicts, again, strict=True)
    )


def _cleaned(verdict: Verdict, cut: Redaction) -> Verdict:
    message, expected, actual = (cut.words(cut.text(t)) for t in (verdict.message, verdict.expected, verdict.actual))
    cases = tuple(evolve(case, actual=cut.words(cut.text(case.actual))) for case in verdict.cases)
    return evolve(verdict, message=message, expected=expected, actual=actual, cases=cases)


async def _discovered(sender: Sender) -> Discovered:
    """Find out how the server is to be called, unless the run is over before that."""
    try:
        async with sender.ending.bound():
            await sender.pace.wait()
            await reach(sender.client, sender.settings)
            await sender.pace.wait()
            return await discover(sender.client, sender.settings, sender.contract, sender.api)
    except OverError:
        return Discovered()


def _check_answered(evidence: Evidence, sender: Sender) -> None:
    """Make sure that the ways into the operations were answered, and not only by that there is nothing of that path."""
    entries = evidence.made(id_ for context in evidence.plan.contexts for id_ in context.ids)
    answered = [exchange for exchange in entries if exchange.answer]
    if entries and not answered:
        raise CouldNotRun(f"the server gave no answer that can be judged: {entries[0].failure}.")
    nowhere = all(one.status == HTTPStatus.NOT_FOUND and not speaks_of_model(evidence, one) for one in answered)
    if answered and nowhere and may_lack(sender.settings.target.url, sender.api.prefix):
        raise CouldNotRun(cut_short(sender.settings, sender.api.prefix))
