"""Chooses who judges a rule, by what it is about."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

from conformance.suite.rules.rule import Answers, Entry, Random, Rule, Stable
from conformance.suite.verdicts import answers, cases, entries, offers
from conformance.suite.verdicts.evidence import Evidence
from conformance.suite.verdicts.verdict import Outcome, Verdict


def verdicts(evidence: Evidence, rules: Sequence[Rule]) -> tuple[Verdict, ...]:
    """Return one verdict for each rule, in their order."""
    evidence.look(rules)
    return tuple(_guarded(evidence, rule) for rule in rules)


def _guarded(evidence: Evidence, rule: Rule) -> Verdict:
    try:
        return _verdict(evidence, rule)
    except Exception:  # noqa: BLE001 - a fault of ours must not be taken for one of the server's
        return Verdict(rule, Outcome.BROKEN, f"the suite failed: {traceback.format_exc(limit=-2)}")


def _verdict(evidence: Evidence, rule: Rule) -> Verdict:
    absent = offers.operation_missing(evidence, rule.operation)
    if absent:
        return Verdict(rule, Outcome.UNSUPPORTED, absent)
    match rule.about:
        case Entry():
            return entries.entry(evidence, rule)
        case Answers() as about:
            return _of_answers(evidence, rule, about)
        case Random() as about:
            return entries.random(evidence, rule, about)
        case Stable() as about:
            return entries.stable(evidence, rule, about)
        case _:
            return cases.judge(evidence, rule, rule.want) if rule.want else _no_judge(rule)


def _of_answers(evidence: Evidence, rule: Rule, about: Answers) -> Verdict:
    judged = answers.judge(evidence, rule, about)
    wrong = judged.outcome is Outcome.FAIL or judged.doubtful
    excused = wrong and offers.none_documented(evidence, rule)
    return Verdict(rule, Outcome.UNSUPPORTED, offers.NONE_DOCUMENTED) if excused else judged


def _no_judge(rule: Rule) -> Verdict:
    return Verdict(rule, Outcome.BROKEN, f"nothing judges a rule about {rule.about}")
