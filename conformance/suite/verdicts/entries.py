"""Judges whether an operation takes a valid request at all, and what random requests get."""

from __future__ import annotations

from conformance.suite.contract.places import files_in
from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.words import describe, why_blocked
from conformance.suite.rules.rule import Random, Rule, Want
from conformance.suite.verdicts import offers
from conformance.suite.verdicts.evidence import Evidence
from conformance.suite.verdicts.rulings import Ruling, ruling
from conformance.suite.verdicts.verdict import Outcome, Verdict, on, passed


def entry(evidence: Evidence, rule: Rule) -> Verdict:
    """Judge that a valid request is accepted: one of those by which the operation is entered."""
    tried = evidence.entries(rule.operation)
    accepted = [exchange for exchange in tried if exchange.accepted]
    expected = "a request with nothing but documented values is accepted"
    if accepted:
        return passed(rule, accepted)
    answered = [exchange for exchange in tried if ruling(Want.ACCEPTED, exchange) is Ruling.FAILS]
    if not answered or rule.operation in evidence.broken_off:
        limited = bool(tried) and all(exchange.left_out for exchange in tried)
        return Verdict(rule, Outcome.NOT_JUDGED if limited else Outcome.BLOCKED, why_blocked(tried), expected)
    first = answered[0]
    named = any(one.refused and offers.speaks_of_model(evidence, one) for one in answered)
    hint = "; if the server has models of its own, name one with MODEL" if named else ""
    actual = describe(first)
    what = "every valid request was refused, the first" if _several(answered) else "the valid request was refused"
    message = f"{what} with {actual}{hint}"
    evidence_ids = tuple(exchange.id for exchange in answered)
    return Verdict(rule, Outcome.FAIL, message, expected, actual, len(answered), evidence_ids)


def _several(exchanges: list[Exchange]) -> bool:
    """Whether these requests are of several kinds; those with files are only if one field got several of them."""
    files: dict[str, list[object]] = {}
    for exchange in exchanges:
        for name, value in exchange.request.fields.items():
            known = files.setdefault(name, []) if files_in(value) else []
            known += [file for file in files_in(value) if file not in known]
    return any(len(known) > 1 for known in files.values()) if files else len(exchanges) > 1


def random(evidence: Evidence, rule: Rule, about: Random) -> Verdict:
    """Judge what random requests got."""
    made = [one for one in evidence.of(rule.operation) if one.random and one.valid is about.valid]
    answered = [exchange for exchange in made if exchange.answer is not None]
    if not made and any(entry.accepted or entry.left_out for entry in evidence.entries(rule.operation)):
        return Verdict(rule, Outcome.NOT_JUDGED, "no random request was sent")
    if not answered:
        limited = bool(made) and all(exchange.left_out for exchange in made)
        outcome = Outcome.NOT_JUDGED if limited else Outcome.BLOCKED
        return Verdict(rule, outcome, "no random request could be sent: " + why_blocked(made))
    failed = [exchange for exchange in answered if fails(exchange)]
    if not failed:
        return passed(rule, answered)
    shortest = min(failed, key=lambda exchange: len(exchange.request.key))
    actual = describe(shortest)
    kind, words = ("a valid", "accepted") if about.valid else ("an invalid", "refused with a 4xx")
    message = f"{kind} request got {actual}, {on(len(answered))}"
    return Verdict(rule, Outcome.FAIL, message, f"the request is {words}", actual, len(answered), (shortest.id,))


def fails(exchange: Exchange) -> bool:
    """Whether a random request got what it should not: what an accepted one is answered is for other rules to say."""
    return ruling(Want.ACCEPTED if exchange.valid else Want.REFUSED, exchange) is Ruling.FAILS
