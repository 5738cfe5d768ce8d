"""Judges an operation as a whole: whether it takes a valid request at all, what random ones get, and how steadily."""

from __future__ import annotations

from conformance.suite.contract.places import files_in
from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.view import Check, CouldNotTell, View
from conformance.suite.exchange.words import asked, count, cut, describe, why_blocked
from conformance.suite.rules.rule import Random, Rule, Stable, Want
from conformance.suite.verdicts import offers
from conformance.suite.verdicts.evidence import Evidence
from conformance.suite.verdicts.rulings import ABOUT_THE_WAY, Ruling, is_unsteady, rank, reply, ruling, unsteady_file
from conformance.suite.verdicts.verdict import Outcome, Shown, Verdict, doubted, on, passed

_URL = 100
"""Characters of a URL that are told."""


def entry(evidence: Evidence, rule: Rule) -> Verdict:
    """Judge that a valid request is accepted: one of those by which the operation is entered."""
    tried = evidence.entries(rule.operation)
    accepted = [exchange for exchange in tried if exchange.accepted]
    expected = "a request with nothing but documented values is accepted"
    if accepted:
        return passed(rule, accepted)
    wrong = (Ruling.FAILS, Ruling.DOUBTFUL)
    answered = [exchange for exchange in tried if ruling(Want.ACCEPTED, exchange, evidence.times) in wrong]
    # That some are refused says nothing of the operation while others, which it may accept, are left out.
    left_out = [exchange for exchange in tried if exchange.left_out]
    if not answered or left_out or rule.operation in evidence.broken_off:
        limited = any(exchange.limited for exchange in tried)
        reason = why_blocked(left_out or tried)
        return Verdict(rule, Outcome.NOT_JUDGED if limited else Outcome.BLOCKED, reason, expected)
    answered.sort(key=rank)
    first = answered[0]
    if ruling(Want.ACCEPTED, first, evidence.times) is Ruling.DOUBTFUL:
        return doubted(rule, f"a valid request got {describe(first)}", [first])
    hint = offers.hint(evidence, answered)
    actual = describe(first)
    what = "no valid request was accepted, one got" if _several(answered) else "the valid request was not accepted:"
    message = f"{what} {actual}{hint}"
    cases = tuple(_shown(exchange) for exchange in answered)
    evidence_ids = tuple(exchange.id for exchange in answered)
    return Verdict(rule, Outcome.FAIL, message, expected, actual, len(answered), evidence_ids, cases)


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
    if evidence.recording.interrupted and not any(fails(exchange) for exchange in answered):
        return Verdict(rule, Outcome.BLOCKED, evidence.why_broken_off)
    if not made and any(entry.accepted or entry.limited for entry in evidence.entries(rule.operation)):
        return Verdict(rule, Outcome.NOT_JUDGED, "no random request was sent")
    if not answered:
        limited = bool(made) and all(exchange.limited for exchange in made)
        outcome = Outcome.NOT_JUDGED if limited else Outcome.BLOCKED
        return Verdict(rule, outcome, "no random request could be sent: " + why_blocked(made))
    kind, words = ("a valid", "accepted") if about.valid else ("an invalid", "refused with a 4xx")
    wrong = sorted((one for one in answered if fails(one)), key=lambda exchange: len(exchange.request.key))
    failed = [exchange for exchange in wrong if fails(exchange, evidence.times)]
    if wrong and not failed:
        return doubted(rule, f"{kind} request got {describe(wrong[0])}", wrong)
    if not failed:
        return passed(rule, answered)
    shortest = failed[0]
    actual = describe(shortest)
    message = f"{kind} request got {actual}, {on(len(answered))}"
    expected, cases = f"the request is {words}", (_shown(shortest),)
    return Verdict(rule, Outcome.FAIL, message, expected, actual, len(answered), (shortest.id,), cases)


def _shown(exchange: Exchange) -> Shown:
    return Shown(f"a request with {asked(exchange.request)}", describe(exchange), exchange.id)


def stable(evidence: Evidence, rule: Rule, about: Stable) -> Verdict:
    """Judge that the server answers the same request in the same way, by those that were sent more than once."""
    tried = evidence.of(rule.operation)
    made = [exchange for exchange in tried if any(reply(one) not in ABOUT_THE_WAY for one in exchange.sendings)]
    failed = [pair for exchange in made if (pair := _unsteady(evidence, about, exchange))]
    if not made:
        limited = bool(tried) and all(exchange.limited for exchange in tried)
        return Verdict(rule, Outcome.NOT_JUDGED if limited else Outcome.BLOCKED, why_blocked(tried))
    if not failed and (evidence.recording.interrupted or rule.operation in evidence.broken_off):
        return Verdict(rule, Outcome.BLOCKED, evidence.why_broken_off)
    if not failed:
        return passed(rule, made)
    valid = ", on valid requests too" if any(exchange.valid for exchange, _ in failed) else ""
    exchange, actual = failed[0]
    share = f"{len(failed)} of {count(len(made), 'exchange')}"
    message = f"{share} came out otherwise when sent again{valid}: {actual}"
    expected = "the same request is answered in the same way"
    cases = (Shown(f"a request with {asked(exchange.request)}", actual, exchange.id),)
    return Verdict(rule, Outcome.FAIL, message, expected, actual, len(made), tuple(one.id for one, _ in failed), cases)


def _unsteady(evidence: Evidence, about: Stable, exchange: Exchange) -> tuple[Exchange, str] | None:
    """Return an exchange in which the same request was answered in different ways, and those in words, or None."""
    came = [one for one in exchange.sendings if one.answer is not None]
    if is_unsteady(exchange):
        said = list(dict.fromkeys(describe(one) for one in came))
        return exchange, ", then ".join(said[:2])
    file = unsteady_file(exchange)
    if file is not None:
        return exchange, f"GET {cut(file.url, _URL)}: status {file.status} {file.failure}"
    # A file that was lost on the way says no more of the server than a lost answer.
    views = [evidence.view_of_what_came(one) for one in came if one.valid]
    for check in about.checks if len(came) > 1 else ():
        found = [_seen(check, view) for view in views if not view.is_error]
        if [] in found and any(found):
            return exchange, f"{next(one[0] for one in found if one)}, but only once"
    return None


def _seen(check: Check, view: View) -> list[str] | None:
    try:
        return view.found(check)
    except CouldNotTell:
        return None


def fails(exchange: Exchange, times: int = 1) -> bool:
    """Whether a random request got what it should not, each time that it was sent, and that so many times.

    What an accepted one is answered is for other rules to say.
    """
    return ruling(Want.ACCEPTED if exchange.valid else Want.REFUSED, exchange, times) is Ruling.FAILS
