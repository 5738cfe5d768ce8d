"""Judges a rule about answers by its check, on every answer that it is about."""

from __future__ import annotations

from conformance.suite.exchange.recording import OVER_BUDGET, Exchange
from conformance.suite.exchange.view import CouldNotTell, View
from conformance.suite.rules.rule import Answers, Rule, Unless
from conformance.suite.verdicts.evidence import Evidence, findings
from conformance.suite.verdicts.verdict import Outcome, Verdict, on, passed


def judge(evidence: Evidence, rule: Rule, about: Answers) -> Verdict:
    """Judge a rule by what its check finds in the answers of its operation."""
    kept: list[Exchange] = []
    failed: list[tuple[Exchange, str]] = []
    unseen: list[str] = []
    asked = 0
    for exchange in evidence.of(rule.operation):
        view = evidence.view(exchange)
        if exchange.answer is None or view.is_error is not about.to_errors or not (exchange.valid or view.is_error):
            continue
        asked += 1
        found = _seen(rule, view, unseen)
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            failed.append((exchange, found[0] + more))
        elif found is not None:
            kept.append(exchange)
    if failed:
        return _failed(rule, failed, len(failed) + len(kept))
    if rule.operation in evidence.broken_off:
        return Verdict(rule, Outcome.BLOCKED, "could not find out: the recording breaks off before all answers came")
    if kept:
        return passed(rule, kept)
    return _undecided(evidence, rule, about, unseen, asked)


def _seen(rule: Rule, view: View, unseen: list[str]) -> list[str] | None:
    """Return what a rule finds wrong in an answer; why that can't be seen goes to the list."""
    try:
        return findings(rule, view)
    except CouldNotTell as reason:
        unseen.append(str(reason))
        return None


def _undecided(evidence: Evidence, rule: Rule, about: Answers, unseen: list[str], asked: int) -> Verdict:
    """Return why none of the answers, so many of which were asked about, decided a rule."""
    if unseen:
        return Verdict(rule, Outcome.BLOCKED, unseen[0])
    if any(exchange.left_out for exchange in evidence.of(rule.operation)):
        return Verdict(rule, Outcome.NOT_JUDGED, f"could not find out: {OVER_BUDGET.removeprefix('not sent: ')}")
    if not asked:
        came = "request was refused" if about.to_errors else "answer came"
        return Verdict(rule, Outcome.BLOCKED, f"could not find out: no {came}")
    # A keyword of an optional value that no answer holds has nothing to be held to.
    outcome = Outcome.UNSUPPORTED if rule.unless is Unless.VALUE else Outcome.BLOCKED
    return Verdict(rule, outcome, f"no answer had what this rule is about, {on(asked)}")


def _failed(rule: Rule, failed: list[tuple[Exchange, str]], count: int) -> Verdict:
    # The shortest request is the one to reproduce it with; a planned one is easier to read than a random one.
    failed.sort(key=lambda pair: (pair[0].random, len(pair[0].request.key)))
    first = failed[0][1]
    message = f"{first}, in {len(failed)} of {count} answers"
    evidence = tuple(exchange.id for exchange, _ in failed)
    return Verdict(rule, Outcome.FAIL, message, rule.source.text, first, count, evidence)
