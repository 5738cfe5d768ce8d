"""Judges a rule about requests by its cases: what became of each, by the attempts that the run came to make."""

from __future__ import annotations

from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.words import describe, why_blocked
from conformance.suite.plan.plan import Case
from conformance.suite.rules.protocol import keys_taken
from conformance.suite.rules.rule import Absence, Edits, Offered, Rule, Unless, Values, Want
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
    if missing and rule.unless is Unless.KEYS and not evidence.broken_off:
        return Verdict(rule, *missing)
    found = [(case, *_decided(evidence, rule, want, case)) for case in cases]
    failed = [(case, exchange) for case, ruled, exchange in found if ruled is Ruling.FAILS and exchange]
    kept = [exchange for _, ruled, exchange in found if ruled is Ruling.KEEPS and exchange]
    if failed and not (want is Want.ACCEPTED and not kept and missing):
        return _failed(evidence, rule, want, failed, len(failed) + len(kept))
    offered = isinstance(rule.about, Offered)
    # Which models are offered is for all operations together to say.
    whole = not evidence.broken_off if offered else rule.operation not in evidence.broken_off
    if missing and not kept and whole:
        return Verdict(rule, *missing)
    unclear = [case for case, ruled, _ in found if ruled is Ruling.UNCLEAR]
    others = {
        case: None if offered and _taken_by(evidence, case) else offers.only_with_others(evidence, rule, case)
        for case in unclear
    }
    open_ = [case for case in unclear if not (others[case] and whole)]
    if open_:
        return _unclear(evidence, rule, open_, len(cases))
    return passed(rule, kept) if kept else Verdict(rule, Outcome.UNSUPPORTED, str(others[unclear[0]]))


def _unclear(evidence: Evidence, rule: Rule, cases: list[Case], of: int) -> Verdict:
    """Return that some cases could not be found out: because of the user's own limits, or else of the server."""
    reasons: dict[str, list[str]] = {}
    by_server = False
    for case in cases:
        made = evidence.behind(case)
        by_server = by_server or not any(exchange.left_out for exchange in made)
        reasons.setdefault(_why(evidence, case, made), []).append(case.what)
    # A rule is named by its cases only where others of them were decided.
    shown = [f"{why} ({_some(what)})" if len(cases) < of else why for why, what in reasons.items()]
    return Verdict(rule, Outcome.BLOCKED if by_server else Outcome.NOT_JUDGED, "; ".join(shown))


def _why(evidence: Evidence, case: Case, made: list[Exchange]) -> str:
    beside = evidence.made(id_ for attempt in case.attempts for id_ in attempt.beside)
    if any(exchange.accepted for exchange in beside):
        named = f"where the {evidence.selector} is named"
        return f"could not find out: the same is accepted {named}, so nothing shows what holds without"
    return why_blocked(made)


def _some(what: list[str]) -> str:
    return what[0] if len(what) == 1 else f"{what[0]} and {len(what) - 1} more"


def _blamed(evidence: Evidence, rule: Rule, case: Case, failed: list[tuple[Case, Exchange]]) -> str:
    """Say what a failure is about: the first case, or what all have in common."""
    match rule.about:
        case Values(name) if all(one.refused and one.request.fields.get(name, "") is None for _, one in failed):
            return "null is refused"
        case Offered():
            return f"{case.what}, which {_taken_by(evidence, case)} accepts"
        case _:
            return case.what


def _failed(evidence: Evidence, rule: Rule, want: Want, failed: list[tuple[Case, Exchange]], samples: int) -> Verdict:
    case, exchange = failed[0]
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    actual = describe(exchange)
    found = f"{_blamed(evidence, rule, case, failed)}: {actual}{more}"
    taken = [one.what for one, made in failed if made.accepted]
    if taken and isinstance(rule.about, Edits) and rule.about.about_keys:
        found = keys_taken(taken)
    message = f"{found}, {on(samples)}"
    ids = tuple(exchange.id for _, exchange in failed)
    return Verdict(rule, Outcome.FAIL, message, f"{case.what} is {_EXPECTED[want]}", actual, samples, ids)


def _decided(evidence: Evidence, rule: Rule, want: Want, case: Case) -> tuple[Ruling, Exchange | None]:
    """Return what became of a case, and the exchange that shows it."""
    if isinstance(rule.about, Offered):
        return _offered(evidence, rule, case)
    return _accepted(evidence, rule, case) if want is Want.ACCEPTED else _turned_down(evidence, want, case)


def _accepted(evidence: Evidence, rule: Rule, case: Case) -> tuple[Ruling, Exchange | None]:
    accepted = next((one for one in evidence.made(a.exchange for a in case.attempts) if one.accepted), None)
    if accepted is not None:
        return Ruling.KEEPS, accepted
    # That an entry is refused may mean that its model is not offered. It tests a case only where that is to leave the
    # model out.
    absence = isinstance(rule.about, Absence) and rule.about.name == evidence.selector
    contexts = [context for context, _ in evidence.entered(rule.operation)]
    entries = {id_ for context in contexts if context.explicit or not absence for id_ in context.ids}
    alone = [attempt.exchange for attempt in case.attempts if attempt.alone and attempt.exchange not in entries]
    tests = evidence.made(alone)
    if tests and ruling(Want.ACCEPTED, tests[-1]) is Ruling.FAILS:
        return Ruling.FAILS, tests[-1]
    return Ruling.UNCLEAR, None


def _offered(evidence: Evidence, rule: Rule, case: Case) -> tuple[Ruling, Exchange | None]:
    """Return what became of a model: to refuse it is a fault only if another operation accepts it."""
    made = evidence.made(attempt.exchange for attempt in case.attempts)
    accepted = next((one for one in made if one.accepted), None)
    if accepted is not None:
        return Ruling.KEEPS, accepted
    whole = len(made) == len(case.attempts) and all(ruling(Want.ACCEPTED, one) is Ruling.FAILS for one in made)
    if whole and _taken_by(evidence, case) and offers.is_refused_alone(evidence, rule.operation, made):
        return Ruling.FAILS, made[-1]
    return Ruling.UNCLEAR, None


def _taken_by(evidence: Evidence, case: Case) -> str | None:
    ids = {attempt.exchange for attempt in case.attempts}
    contexts = [context for context in evidence.plan.contexts if ids.issuperset(context.ids)]
    return next((other for context in contexts if (other := offers.taken_by(evidence, context))), None)


def _turned_down(evidence: Evidence, want: Want, case: Case) -> tuple[Ruling, Exchange | None]:
    exchanges = evidence.recording.exchanges
    for attempt in case.attempts:
        twin, exchange = exchanges.get(attempt.twin or ""), exchanges.get(attempt.exchange)
        if exchange is None or twin is None or not twin.accepted:
            continue
        ruled = ruling(want, exchange)
        beside = [ruling(want, other) for other in evidence.made(attempt.beside)]
        if ruled is Ruling.FAILS and attempt.beside and Ruling.KEEPS not in beside:
            continue
        if ruled is not Ruling.UNCLEAR:
            return ruled, exchange
    return Ruling.UNCLEAR, None
