"""Judges a rule about answers by its check, on every answer that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.suite.exchange.recording import OVER_BUDGET, Exchange
from conformance.suite.exchange.words import count, error_body
from conformance.suite.rules.rule import Answers, Rule, Unless
from conformance.suite.verdicts.evidence import Evidence, findings
from conformance.suite.verdicts.verdict import Outcome, Shown, Verdict, on, passed

_INDEX = re.compile(r"\[\d+\]")
_MOST = 10


def judge(evidence: Evidence, rule: Rule, about: Answers) -> Verdict:
    """Judge a rule by what its check finds in the answers of its operation."""
    kept: list[Exchange] = []
    failed: list[tuple[Exchange, list[str]]] = []
    asked = 0
    for exchange in evidence.of(rule.operation):
        view = evidence.view(exchange)
        if exchange.answer is None or view.is_error is not about.to_errors or not (exchange.valid or view.is_error):
            continue
        asked += 1
        found = findings(rule, view)
        if found:
            failed.append((exchange, found))
        elif found is not None:
            kept.append(exchange)
    if failed:
        return _failed(rule, failed, len(failed) + len(kept))
    if rule.operation in evidence.broken_off:
        return Verdict(rule, Outcome.BLOCKED, "could not find out: the recording breaks off before all answers came")
    if kept:
        return passed(rule, kept)
    if any(exchange.left_out for exchange in evidence.of(rule.operation)):
        return Verdict(rule, Outcome.NOT_JUDGED, f"could not find out: {OVER_BUDGET.removeprefix('not sent: ')}")
    if not asked:
        came = "request was refused" if about.to_errors else "answer came"
        return Verdict(rule, Outcome.BLOCKED, f"could not find out: no {came}")
    # A keyword of an optional value that no answer holds has nothing to be held to.
    outcome = Outcome.UNSUPPORTED if rule.unless is Unless.VALUE else Outcome.BLOCKED
    return Verdict(rule, outcome, f"no answer had what this rule is about, {on(asked)}")


def _failed(rule: Rule, failed: list[tuple[Exchange, list[str]]], answers: int) -> Verdict:
    # The shortest request is the one to reproduce it with; a planned one is easier to read than a random one.
    failed.sort(key=lambda pair: (pair[0].random, len(pair[0].request.key)))
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
