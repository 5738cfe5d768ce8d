"""Judges a rule about requests by its cases: what became of each, by the attempts that the run came to make."""

from __future__ import annotations

from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.words import describe, why_blocked
from conformance.suite.plan.plan import Case
from conformance.suite.rules.rule import Absence, Rule, Unless, Want
from conformance.suite.verdicts import offers
from conformance.suite.verdicts.evidence import Evidence
from conformance.suite.verdicts.rulings import Ruling, ruling
from conformance.suite.verdicts.verdict import Outcome, Verdict, on, passed

_EXPECTED = {
    Want.ACCEPTED: "accepted",
    Want.REFUSED: "refused with a 4xx",
    Want.SURVIVED: "answered without a server error",
    Want.DENIED: "not accepted",
}


def judge(evidence: Evidence, rule: Rule, want: Want) -> Verdict:
    """Judge a rule by what became of its cases."""
    cases = evidence.plan.cases.get(rule.id, ())
    if not cases:
        reason = evidence.plan.left_out.get(rule.id, "the run has no case for it")
        return Verdict(rule, Outcome.UNSUPPORTED, reason)
    missing = offers.missing(evidence, rule)
    if missing and rule.unless is Unless.KEYS:
        return Verdict(rule, Outcome.UNSUPPORTED, missing)
    found = [(case, *_decided(evidence, rule, want, case)) for case in cases]
    failed = [(case, exchange) for case, ruled, exchange in found if ruled is Ruling.FAILS and exchange]
    kept = [exchange for _, ruled, exchange in found if ruled is Ruling.KEEPS and exchange]
    if failed and not (want is Want.ACCEPTED and not kept and missing):
        return _failed(rule, want, failed, len(failed) + len(kept))
    if kept:
        return passed(rule, kept)
    unsupported = missing or offers.only_with_others(evidence, rule)
    if unsupported:
        return Verdict(rule, Outcome.UNSUPPORTED, unsupported)
    ids = [id_ for case in cases for attempt in case.attempts for id_ in (attempt.twin, attempt.exchange) if id_]
    return Verdict(rule, Outcome.BLOCKED, why_blocked(evidence.made(ids)))


def _failed(rule: Rule, want: Want, failed: list[tuple[Case, Exchange]], samples: int) -> Verdict:
    case, exchange = failed[0]
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    actual = describe(exchange)
    message = f"{case.what}: {actual}{more}, {on(samples)}"
    evidence = tuple(exchange.id for _, exchange in failed)
    return Verdict(rule, Outcome.FAIL, message, f"{case.what} is {_EXPECTED[want]}", actual, samples, evidence)


def _decided(evidence: Evidence, rule: Rule, want: Want, case: Case) -> tuple[Ruling, Exchange | None]:
    """Return what became of a case, and the exchange that shows it."""
    return _accepted(evidence, rule, case) if want is Want.ACCEPTED else _turned_down(evidence, want, case)


def _accepted(evidence: Evidence, rule: Rule, case: Case) -> tuple[Ruling, Exchange | None]:
    made = evidence.made(attempt.exchange for attempt in case.attempts)
    accepted = next((exchange for exchange in made if exchange.accepted), None)
    if accepted is not None:
        return Ruling.KEEPS, accepted
    # That an entry is refused may mean that its model is not offered. It tests a case only where that is to leave the
    # model out.
    absence = isinstance(rule.about, Absence) and rule.about.name == evidence.selector
    contexts = [context for context, _ in evidence.entered(rule.operation)]
    entries = {id_ for context in contexts if context.explicit or not absence for id_ in context.ids}
    tests = [exchange for exchange in made if exchange.id not in entries]
    # Only the last attempt tests the case alone; before it, the refusal may be for something else.
    if tests and ruling(Want.ACCEPTED, tests[-1]) is Ruling.FAILS:
        return Ruling.FAILS, tests[-1]
    return Ruling.UNCLEAR, None


def _turned_down(evidence: Evidence, want: Want, case: Case) -> tuple[Ruling, Exchange | None]:
    exchanges = evidence.recording.exchanges
    for attempt in case.attempts:
        twin, exchange = exchanges.get(attempt.twin or ""), exchanges.get(attempt.exchange)
        if exchange is None or twin is None or not twin.accepted:
            continue
        ruled = ruling(want, exchange)
        if ruled is not Ruling.UNCLEAR:
            return ruled, exchange
    return Ruling.UNCLEAR, None
