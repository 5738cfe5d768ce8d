"""Judges a rule about answers by its check, on every answer that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import define, field

from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.view import CouldNotTell
from conformance.suite.exchange.words import count, error_body
from conformance.suite.rules.rule import Answers, Rule, Unless
from conformance.suite.verdicts.evidence import Evidence, findings
from conformance.suite.verdicts.verdict import Outcome, Shown, Verdict, doubted, on, passed

_INDEX = re.compile(r"\[\d+\]")
_MOST = 10


@define
class _Found:
    """What a check found in the answers that it is about, ``asked`` of them.

    An exchange in which it did not find the same each time is neither kept nor failed, and one that was not sent often
    enough is doubtful. ``unseen`` says why it could not look at the others.
    """

    asked: int = 0
    kept: list[Exchange] = field(factory=list)
    failed: list[tuple[Exchange, list[str]]] = field(factory=list)
    doubtful: list[tuple[Exchange, list[str]]] = field(factory=list)
    unseen: list[str] = field(factory=list)


def judge(evidence: Evidence, rule: Rule, about: Answers) -> Verdict:
    """Judge a rule by what its check finds in the answers of its operation."""
    found = _look(evidence, rule, about)
    if found.failed:
        return _failed(rule, [*found.failed, *found.doubtful], len(found.kept))
    if found.doubtful:
        return doubted(rule, found.doubtful[0][1][0], [exchange for exchange, _ in found.doubtful])
    if rule.operation in evidence.broken_off:
        return Verdict(rule, Outcome.BLOCKED, evidence.why_broken_off)
    return passed(rule, found.kept) if found.kept else _undecided(evidence, rule, about, found)


def _look(evidence: Evidence, rule: Rule, about: Answers) -> _Found:
    found = _Found()
    for exchange, views in evidence.answered(rule.operation, errors=about.to_errors):
        found.asked += 1
        try:
            each = [findings(rule, view) for view in views]
        except CouldNotTell as reason:
            found.unseen.append(str(reason))
            continue
        last = each[-1]
        if last and all(each):
            (found.failed if len(each) >= evidence.times else found.doubtful).append((exchange, last))
        elif last == []:
            found.kept.append(exchange)
    found.failed.sort(key=_simplest)
    found.doubtful.sort(key=_simplest)
    return found


def _undecided(evidence: Evidence, rule: Rule, about: Answers, found: _Found) -> Verdict:
    """Return why no answer decided a rule."""
    if found.unseen:
        return Verdict(rule, Outcome.BLOCKED, found.unseen[0])
    left_out = sorted({str(one.failure) for one in evidence.of(rule.operation) if one.limited})
    if left_out:
        reasons = "; ".join(reason.partition(": ")[2] for reason in left_out)
        return Verdict(rule, Outcome.NOT_JUDGED, f"could not find out: {reasons}")
    if not found.asked:
        came = "request was refused" if about.to_errors else "answer came"
        return Verdict(rule, Outcome.BLOCKED, f"could not find out: no {came}")
    # A keyword of an optional value that no answer holds has nothing to be held to.
    outcome = Outcome.UNSUPPORTED if rule.unless is Unless.VALUE else Outcome.BLOCKED
    return Verdict(rule, outcome, f"no answer had what this rule is about, {on(found.asked)}")


def _simplest(pair: tuple[Exchange, list[str]]) -> tuple[bool, int]:
    """Order by how well a request reproduces a finding: planned and short is best."""
    return pair[0].random, len(pair[0].request.key)


def _failed(rule: Rule, failed: list[tuple[Exchange, list[str]]], kept: int) -> Verdict:
    answers = len(failed) + kept
    found = failed[0][1]
    first = f"{found[0]} (and {len(found) - 1} more)" if len(found) > 1 else found[0]
    error = _error_in(failed[0][0])
    message = f"{first}, in {len(failed)} of {count(answers, 'answer')}{error}"
    evidence = tuple(exchange.id for exchange, _ in failed)
    cases = tuple(_distinct(failed))
    left_out = max(0, len(cases) - _MOST)
    return Verdict(
        rule, Outcome.FAIL, message, rule.source.text, first + error, answers, evidence, cases[:_MOST], left_out
    )


def _distinct(failed: list[tuple[Exchange, list[str]]]) -> Iterator[Shown]:
    """Yield each finding once, whichever item of an answer it is about, with how many answers it was made in."""
    kinds: dict[str, dict[str, tuple[Exchange, str]]] = {}
    for exchange, found in failed:
        for finding in found:
            kinds.setdefault(_INDEX.sub("[]", finding), {}).setdefault(exchange.id, (exchange, finding))
    for made in kinds.values():
        exchange, finding = next(iter(made.values()))
        yield Shown(f"in {count(len(made), 'answer')}", finding + _error_in(exchange), exchange.id)


def _error_in(exchange: Exchange) -> str:
    """Return that an answer which should be a success is an error, which is why it lacks so much."""
    error = error_body(exchange)
    return f"; the body is {error}" if error else ""
