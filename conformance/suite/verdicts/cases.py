"""Judges a rule about requests by its cases: what became of each, by the attempts that the run came to make."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.words import describe, why_blocked
from conformance.suite.plan.plan import Case
from conformance.suite.rules.protocol import keys_taken
from conformance.suite.rules.rule import Absence, Breach, Edits, Offered, Rule, Unless, Values, Want
from conformance.suite.sending.schedule import TIMES, TIMES_IF_UNSTEADY
from conformance.suite.verdicts import offers
from conformance.suite.verdicts.evidence import Evidence
from conformance.suite.verdicts.rulings import Ruling, rank, ruling
from conformance.suite.verdicts.verdict import Outcome, Shown, Verdict, doubted, on, passed

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
    found = [(case, _decided(evidence, rule, want, case)) for case in cases]
    failed, doubtful = _wrong(found, Ruling.FAILS), _wrong(found, Ruling.DOUBTFUL)
    kept = [one.exchange for _, one in found if one.ruling is Ruling.KEEPS and one.exchange]
    unclear = [case for case, one in found if one.ruling is Ruling.UNCLEAR]
    if _none_documented(evidence, rule, [*failed, *doubtful], kept):
        none = Verdict(rule, Outcome.UNSUPPORTED, offers.NONE_DOCUMENTED)
        return _not_failed(evidence, rule, [], unclear, missing) if unclear else none
    if (failed or doubtful) and not (want is Want.ACCEPTED and not kept and missing):
        wrong = [*failed, *doubtful]
        return _failed(evidence, rule, want, wrong, len(kept)) if failed else _doubted(rule, doubtful)
    return _not_failed(evidence, rule, kept, unclear, missing)


@frozen
class _Decided:
    """What became of a case: the exchange that shows it, and if it is doubtful the one that is to be sent again."""

    ruling: Ruling
    exchange: Exchange | None = None
    again: Exchange | None = None


_Wrong: TypeAlias = tuple[Case, Exchange, Exchange]
"""A case that came out wrong, the exchange that shows it, and the one that is to be sent again."""


def _wrong(found: list[tuple[Case, _Decided]], ruled: Ruling) -> list[_Wrong]:
    """Return the cases of this ruling, the worst first."""
    wrong = [
        (case, one.exchange, one.again or one.exchange) for case, one in found if one.ruling is ruled and one.exchange
    ]
    return sorted(wrong, key=lambda case: rank(case[1]))


def _none_documented(evidence: Evidence, rule: Rule, wrong: list[_Wrong], kept: list[Exchange]) -> bool:
    """Whether the server has values of its own and takes none of the documented ones, which is no fault.

    Null is no value: what the server takes for it is its own affair.
    """
    if not isinstance(rule.about, Values) or not offers.has_own(evidence, rule):
        return False
    name = rule.about.name
    taken = any(exchange.request.fields.get(name) is not None for exchange in kept)
    return bool(wrong) and not taken and all(exchange.refused for _, exchange, _ in wrong)


def _doubted(rule: Rule, doubtful: list[_Wrong]) -> Verdict:
    case, exchange, _ = doubtful[0]
    return doubted(rule, f"{case.what}: {describe(exchange)}", [again for _, _, again in doubtful])


def _not_failed(
    evidence: Evidence,
    rule: Rule,
    kept: list[Exchange],
    unclear: list[Case],
    missing: tuple[Outcome, str] | None,
) -> Verdict:
    """Return the verdict on a rule that no case was seen to break."""
    offered = isinstance(rule.about, Offered)
    # Which models are offered is for all operations together to say.
    whole = not evidence.broken_off if offered else rule.operation not in evidence.broken_off
    if missing and not kept and whole:
        return Verdict(rule, *missing)
    others = {
        case: None if offered and _taken_by(evidence, case) else offers.only_with_others(evidence, rule, case)
        for case in unclear
    }
    open_ = [case for case in unclear if not (others[case] and whole)]
    if open_:
        return _unclear(evidence, rule, open_, len(evidence.plan.cases[rule.id]))
    return passed(rule, kept) if kept else Verdict(rule, Outcome.UNSUPPORTED, str(others[unclear[0]]))


def _unclear(evidence: Evidence, rule: Rule, cases: list[Case], of: int) -> Verdict:
    """Return that some cases could not be found out: because of the user's own limits, or else of the server."""
    reasons: dict[str, list[str]] = {}
    by_server = False
    for case in cases:
        made = evidence.behind(case)
        by_server = by_server or not any(exchange.limited for exchange in made)
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


def _blamed(evidence: Evidence, rule: Rule, failed: list[_Wrong], kept: int) -> str:
    """Say what a failure is about: the first case, or what all have in common."""
    case = failed[0][0]

    def null(name: str) -> bool:
        return all(one.request.fields.get(name, "") is None for _, one, _ in failed)

    match rule.about:
        case Values(name) if null(name) and all(one.refused for _, one, _ in failed):
            return "null is refused"
        case Breach(constraint) if constraint.place and null(constraint.place[0]) and kept:
            return f"null, unlike other wrong values of {constraint.place[0]}, is not refused"
        case Offered():
            return f"{case.what}, which {_taken_by(evidence, case)} accepts"
        case _:
            return case.what


def _failed(evidence: Evidence, rule: Rule, want: Want, failed: list[_Wrong], kept: int) -> Verdict:
    cases = tuple(
        Shown(case.what, describe(exchange), exchange.id, _twin(case, exchange)) for case, exchange, _ in failed
    )
    first, samples = cases[0], len(cases) + kept
    more = f" (and {len(cases) - 1} more)" if len(cases) > 1 else ""
    found = f"{_blamed(evidence, rule, failed, kept)}: {first.actual}{more}"
    taken = [case.what for case, made, _ in failed if made.accepted]
    if taken and isinstance(rule.about, Edits) and rule.about.about_keys:
        found = keys_taken(taken)
    expected = f"{first.what}: {_EXPECTED[want]}"
    ids = tuple(case.exchange for case in cases)
    return Verdict(rule, Outcome.FAIL, f"{found}, {on(samples)}", expected, first.actual, samples, ids, cases)


def _twin(case: Case, exchange: Exchange) -> str | None:
    return next((attempt.twin for attempt in case.attempts if attempt.exchange == exchange.id), None)


def _decided(evidence: Evidence, rule: Rule, want: Want, case: Case) -> _Decided:
    """Return what became of a case."""
    if isinstance(rule.about, Offered):
        return _offered(evidence, rule, case)
    return _accepted(evidence, rule, case) if want is Want.ACCEPTED else _turned_down(evidence, want, case)


def _accepted(evidence: Evidence, rule: Rule, case: Case) -> _Decided:
    accepted = next((one for one in evidence.made(a.exchange for a in case.attempts) if one.accepted), None)
    if accepted is not None:
        return _Decided(Ruling.KEEPS, accepted)
    # That an entry is refused may mean that its model is not offered. It tests a case only where that is to leave the
    # model out.
    absence = isinstance(rule.about, Absence) and rule.about.name == evidence.selector
    contexts = [context for context, _ in evidence.entered(rule.operation)]
    entries = {id_ for context in contexts if context.explicit or not absence for id_ in context.ids}
    if absence and not any(exchange.accepted for exchange in evidence.entries(rule.operation)):
        # Where nothing is accepted, that the model is left out may not be the reason.
        return _Decided(Ruling.UNCLEAR)
    alone = [attempt.exchange for attempt in case.attempts if attempt.alone and attempt.exchange not in entries]
    tests = evidence.made(alone)
    ruled = ruling(Want.ACCEPTED, tests[-1], evidence.times) if tests else Ruling.UNCLEAR
    return _Decided(ruled, tests[-1]) if ruled in (Ruling.FAILS, Ruling.DOUBTFUL) else _Decided(Ruling.UNCLEAR)


def _offered(evidence: Evidence, rule: Rule, case: Case) -> _Decided:
    """Return what became of a model: to refuse it is a fault only if another operation accepts it."""
    made = evidence.made(attempt.exchange for attempt in case.attempts)
    accepted = next((one for one in made if one.accepted), None)
    if accepted is not None:
        return _Decided(Ruling.KEEPS, accepted)
    ruled = [ruling(Want.ACCEPTED, one, evidence.times) for one in made]
    whole = len(made) == len(case.attempts) and all(one in (Ruling.FAILS, Ruling.DOUBTFUL) for one in ruled)
    if whole and _taken_by(evidence, case) and offers.is_refused_alone(evidence, rule.operation, made):
        return _Decided(ruled[-1], made[-1])
    return _Decided(Ruling.UNCLEAR)


def _taken_by(evidence: Evidence, case: Case) -> str | None:
    ids = {attempt.exchange for attempt in case.attempts}
    contexts = [context for context in evidence.plan.contexts if ids.issuperset(context.ids)]
    return next((other for context in contexts if (other := offers.taken_by(evidence, context))), None)


def _turned_down(evidence: Evidence, want: Want, case: Case) -> _Decided:
    exchanges = evidence.recording.exchanges
    for attempt in case.attempts:
        twin, exchange = exchanges.get(attempt.twin or ""), exchanges.get(attempt.exchange)
        if exchange is None or twin is None or not twin.accepted:
            continue
        ruled = ruling(want, exchange, evidence.times)
        beside = [ruling(want, other, evidence.times) for other in evidence.made(attempt.beside)]
        if ruled in (Ruling.FAILS, Ruling.DOUBTFUL) and attempt.beside and Ruling.KEEPS not in beside:
            continue
        if ruled is not Ruling.UNCLEAR:
            return _Decided(ruled, exchange)
        if want in (Want.REFUSED, Want.SURVIVED) and all(_silent(one) for one in exchange.sendings):
            return _hangs(evidence, exchange, twin)
    return _Decided(Ruling.UNCLEAR)


def _silent(exchange: Exchange) -> bool:
    return exchange.answer is None and not exchange.left_out


def _hangs(evidence: Evidence, exchange: Exchange, twin: Exchange) -> _Decided:
    """Return what it says that a bad request was never answered, though its twin was.

    That the server hangs, and was not just away, rests on the twin too: it is sent again when the bad one was. On a way
    on which connections are lost anyhow it rests on more, and on none of those that never came to be.
    """
    met = [one for one in exchange.sendings if not one.unsent]
    if len(met) < evidence.times_lost and any(one.lost for one in exchange.sendings):
        return _Decided(Ruling.DOUBTFUL if len(exchange.sendings) < TIMES_IF_UNSTEADY else Ruling.UNCLEAR, exchange)
    if len(exchange.sendings) < TIMES:
        return _Decided(Ruling.DOUBTFUL, exchange)
    if len(twin.sendings) < TIMES:
        return _Decided(Ruling.DOUBTFUL, exchange, again=twin)
    return _Decided(Ruling.UNCLEAR if twin.answer is None else Ruling.FAILS, exchange)
