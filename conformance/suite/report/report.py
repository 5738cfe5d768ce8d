"""Builds the record of a run from its verdicts and its recording."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from attrs import field, frozen

from conformance import distribution
from conformance.suite.contract.document import Contract
from conformance.suite.contract.nodes import is_map
from conformance.suite.exchange.recording import Exchange, Recording, Shape
from conformance.suite.exchange.view import View
from conformance.suite.exchange.words import cut
from conformance.suite.plan.prepared import Prepared
from conformance.suite.report import again, timing
from conformance.suite.report.causes import Cause, causes
from conformance.suite.report.curl import UPLOADS, command
from conformance.suite.report.known import Known
from conformance.suite.report.record import (
    DECIDED,
    SCHEMA_VERSION,
    TOOL,
    CaseEntry,
    CauseEntry,
    ExcludedEntry,
    Report,
    SourceEntry,
    VerdictEntry,
    counts_against,
)
from conformance.suite.rules import ledger
from conformance.suite.rules.api import Api
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.ledger import Row
from conformance.suite.rules.rule import Level, Rule
from conformance.suite.rules.titles import title
from conformance.suite.sending import redaction
from conformance.suite.settings import Settings
from conformance.suite.verdicts.verdict import Outcome, Verdict

_NAMED = 200
"""Characters of what a server calls itself."""


@frozen
class Result:
    """What a run found out; ``shown`` is the recording as it is written, without secrets."""

    settings: Settings
    prepared: Prepared
    recording: Recording
    shown: Recording = field(repr=False)
    verdicts: tuple[Verdict, ...] = field(repr=False)
    seconds: float
    requests: int
    images_requested: int


def build(result: Result, known: tuple[Known, ...] = ()) -> Report:
    """Build the report of a run."""
    verdicts = [_entry(result, verdict, known) for verdict in result.verdicts]
    judged = {entry.rule: False for entry in known}
    for verdict in verdicts:
        for one in known:
            if one.names(verdict["rule"]):
                judged[one.rule] = judged[one.rule] or verdict["outcome"] == Outcome.FAIL
    header = result.recording.header
    stale = [one.rule for one in known if not judged.pop(one.rule, True) and _selected(one, verdicts)]
    return Report(
        schema_version=SCHEMA_VERSION,
        outcome="interrupted" if result.recording.interrupted else _outcome(verdicts, stale),
        complete=_complete(result),
        judged=_judged(result),
        date=_date(header.started),
        command=again.command(result.settings, header),
        tool={"name": TOOL, "version": distribution.version()},
        target={
            "url": redaction.of(result.settings.target).text(result.settings.target.url),
            "model": result.settings.model,
            "models": dict(result.settings.models),
            "sizes": list(result.settings.sizes),
            "embedded": header.embedded,
            "certificate_checked": not header.insecure,
        },
        server=_server(result),
        contract=_contract(result.prepared.contract),
        seed=header.shape.seed if header.shape else None,
        options=_options(result.settings, header.shape),
        counts=_counts(verdicts),
        requests=result.requests,
        images_requested=result.images_requested,
        images_received=received(result.prepared.api, list(result.recording.exchanges.values())),
        seconds=round(result.seconds, 3),
        latency=timing.latency(result.recording),
        late=timing.late(result.recording),
        stale_known=stale,
        causes=[_cause(result, cause) for cause in _causes(result)],
        verdicts=verdicts,
        excluded=_excluded(result),
    )


def _selected(known: Known, verdicts: Iterable[VerdictEntry]) -> bool:
    """Whether the run judged a rule that is named; what it didn't judge says nothing about a known failure."""
    judged = (Outcome.PASS, Outcome.FAIL)
    return any(known.names(verdict["rule"]) and verdict["outcome"] in judged for verdict in verdicts)


def _entry(result: Result, verdict: Verdict, known: tuple[Known, ...]) -> VerdictEntry:
    rule = verdict.rule
    fails = verdict.outcome is Outcome.FAIL
    reason = next((one.reason for one in known if fails and one.names(rule.id)), None)
    words = redaction.of(result.settings.target).words
    return VerdictEntry(
        rule=rule.id,
        title=title(rule),
        level=rule.level,
        operation=rule.operation,
        outcome=verdict.outcome,
        message=words(verdict.message),
        expected=words(verdict.expected),
        actual=words(verdict.actual),
        source=_source(rule),
        samples=verdict.samples,
        seconds=_seconds(result.recording, verdict),
        evidence=list(verdict.evidence),
        cases=[
            CaseEntry(what=words(case.what), actual=words(case.actual), exchange=case.exchange, twin=case.twin)
            for case in verdict.cases
        ],
        cases_left_out=verdict.left_out,
        curl=_curl(result, verdict) if fails else None,
        known=reason,
    )


def _source(rule: Rule) -> SourceEntry:
    source = rule.source
    return SourceEntry(pointer=source.pointer, line=source.line, text=source.text, clause=source.clause)


def _seconds(recording: Recording, verdict: Verdict) -> float:
    """Return how long the exchanges took that show the outcome, each time that they were sent."""
    made = (recording.exchanges[id_] for id_ in verdict.evidence)
    return round(sum(one.seconds for exchange in made for one in exchange.sendings), 3)


def _causes(result: Result) -> tuple[Cause, ...]:
    return causes(result.verdicts, result.recording.exchanges, result.prepared.api.hints)


def _cause(result: Result, cause: Cause) -> CauseEntry:
    return CauseEntry(
        title=redaction.of(result.settings.target).words(cause.title),
        kind=cause.kind,
        hint=cause.hint,
        level=cause.level,
        rules=list(cause.rules),
        reproducer=cause.reproducer,
    )


def _excluded(result: Result) -> list[ExcludedEntry]:
    prepared = result.prepared
    return [
        ExcludedEntry(line=row.line, text=" ".join(row.text.split()), reason=row.reason)
        for row in _rows(prepared.contract, prepared.api)
        if row.reason is not None and not row.rules
    ]


@lru_cache(maxsize=8)
def _rows(contract: Contract, api: Api) -> tuple[Row, ...]:
    return tuple(ledger.read(contract, all_rules(contract, api), api.ledger).rows)


def _curl(result: Result, verdict: Verdict) -> str | None:
    if not verdict.evidence:
        return None
    settings = result.settings
    request = result.recording.exchanges[verdict.evidence[0]].request
    operation = result.prepared.contract.operations[request.operation]
    aliases = result.prepared.api.aliases(settings.models, operation.id)
    return command(request, operation, settings.target, aliases, settings.out / UPLOADS)


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _contract(contract: Contract) -> dict[str, str | None]:
    info = contract.document.get("info")
    named = {name: info.get(name) if is_map(info) else None for name in ("title", "version")}
    return {"sha256": contract.sha256, **{name: None if text is None else str(text) for name, text in named.items()}}


def _options(settings: Settings, shape: Shape | None) -> dict[str, object]:
    """Return the options: what was sent is the recording's, which rules were judged is this run's own."""
    return {
        "only": list(settings.only),
        "exclude": list(settings.exclude),
        "level": settings.level.value,
        "images": shape.images if shape else None,
        "examples": shape.examples if shape else None,
        "concurrency": shape.concurrency if shape else None,
        "timeout": shape.timeout if shape else None,
        "max_size": shape.size if shape else None,
        "deadline": shape.deadline if shape else None,
        "rate": shape.rate if shape else None,
        "requests": shape.requests if shape else None,
    }


def _server(result: Result) -> str | None:
    """Return what the server calls itself in its first answer, without secrets that it may repeat there."""
    answer = next((exchange.answer for exchange in result.recording.exchanges.values() if exchange.answer), None)
    said = answer.header("server") if answer else ""
    return cut(redaction.of(result.settings.target).text(said), _NAMED) or None


def received(api: Api, exchanges: Iterable[Exchange]) -> int:
    """Return how many images the answers held or pointed to, those to invalid requests too."""
    sent = (one for exchange in exchanges for one in exchange.sendings)
    accepted = (one for one in sent if one.answer and not View(one, 0.0).is_error)
    return sum(api.results(View(exchange, 0.0).json) for exchange in accepted)


def _counts(verdicts: Iterable[VerdictEntry]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {level: dict.fromkeys(Outcome, 0) for level in Level}
    for verdict in verdicts:
        counts[verdict["level"]][verdict["outcome"]] += 1
    return counts


def _every_rule(result: Result) -> tuple[Rule, ...]:
    return all_rules(result.prepared.contract, result.prepared.api)


def _judged(result: Result) -> dict[str, int]:
    """Count the rules that were decided and those that there are, in all and of the level ``core``."""
    decided = [verdict.rule.level for verdict in result.verdicts if verdict.outcome in DECIDED]
    every = [rule.level for rule in _every_rule(result)]
    return {
        "rules": len(decided),
        "of": len(every),
        "core": decided.count(Level.CORE),
        "of_core": every.count(Level.CORE),
    }


def _complete(result: Result) -> bool:
    """Whether no rule was left out by the user's own limits or doing, and every core rule was decided."""
    undecided = [v for v in result.verdicts if v.rule.level is Level.CORE and v.outcome not in DECIDED]
    whole = len(result.verdicts) == len(_every_rule(result)) and not result.recording.interrupted
    return whole and not undecided


def _outcome(verdicts: list[VerdictEntry], stale: list[str]) -> str:
    """Return what a run came to; what the server kept from being found out is never green."""
    outcomes = {verdict["outcome"] for verdict in verdicts}
    if Outcome.BROKEN in outcomes:
        return "error"
    if stale or any(counts_against(verdict) for verdict in verdicts):
        return "fail"
    if any(verdict["outcome"] == Outcome.BLOCKED and verdict["level"] == Level.CORE for verdict in verdicts):
        return "incomplete"
    return "pass" if outcomes & {Outcome.PASS, Outcome.FAIL} else "error"
