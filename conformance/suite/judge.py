"""Turns a recording into verdicts: pure functions of the rules, the plan and the exchanges.

A refusal counts only if its twin was accepted. What could not be found out is `blocked`, with the reason; what a server
does not offer, an operation or a model, is `unsupported`. Neither is ever held against it.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from attrs import define, field, frozen

from conformance.suite.contract import Contract
from conformance.suite.demand import Kind
from conformance.suite.plan import Case, Entry, Plan
from conformance.suite.recording import Exchange, Recording
from conformance.suite.rules import Rule
from conformance.suite.show import CREDENTIALS, describe, why_blocked
from conformance.suite.view import View

_EXPECTED = {
    Kind.ACCEPTS: "accepted",
    Kind.REFUSES: "refused with a 4xx",
    Kind.SURVIVES: "answered without a server error",
    Kind.DENIES: "not accepted",
}
_NO_SUCH_OPERATION = (404, 405, 501)
_SERVER_ERROR = 500


class Outcome(StrEnum):
    """What became of a rule."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    BLOCKED = "blocked"
    UNSUPPORTED = "unsupported"
    BROKEN = "broken"


@frozen
class Verdict:
    """The outcome of one rule, with what it rests on.

    ``samples`` counts the exchanges that gave evidence, ``evidence`` names those that show the outcome.
    """

    rule: Rule
    outcome: Outcome
    message: str
    expected: str = ""
    actual: str = ""
    samples: int = 0
    evidence: tuple[str, ...] = ()


@define
class Judge:
    """Judges the rules of one recording."""

    contract: Contract
    plan: Plan
    recording: Recording
    _views: dict[str, View] = field(factory=dict)

    def verdicts(self, rules: Sequence[Rule]) -> tuple[Verdict, ...]:
        """Return one verdict for each rule, in their order."""
        return tuple(self._guarded(rule) for rule in rules)

    def _guarded(self, rule: Rule) -> Verdict:
        try:
            return self.verdict(rule)
        except Exception:  # noqa: BLE001 - a fault of ours must not be taken for one of the server's
            return Verdict(rule, Outcome.BROKEN, f"the suite failed: {traceback.format_exc(limit=-2)}")

    def verdict(self, rule: Rule) -> Verdict:
        """Return the verdict of one rule."""
        absent = self._operation_not_offered(rule.operation)
        if absent:
            return Verdict(rule, Outcome.UNSUPPORTED, absent)
        if rule.id == f"{rule.operation}/accepted":
            return self._entry_verdict(rule)
        if rule.kind is Kind.ANSWERS:
            return self._answers_verdict(rule)
        if rule.kind is Kind.HOLDS:
            return self._property_verdict(rule)
        return self._cases_verdict(rule)

    def _exchanges(self, ids: Iterable[str]) -> list[Exchange]:
        return [self.recording.exchanges[id_] for id_ in ids if id_ in self.recording.exchanges]

    def _entries(self, operation: str) -> list[tuple[Entry, list[Exchange]]]:
        return [(e, self._exchanges(e.ids)) for e in self.plan.entries if e.operation == operation]

    def _operation_not_offered(self, operation: str) -> str | None:
        tried = [exchange for _, exchanges in self._entries(operation) for exchange in exchanges if exchange.answer]
        statuses = sorted({exchange.status for exchange in tried})
        if tried and all(status in _NO_SUCH_OPERATION for status in statuses):
            return f"the server does not offer this operation (status {', '.join(map(str, statuses))})"
        return None

    def _entry_verdict(self, rule: Rule) -> Verdict:
        tried = [exchange for _, exchanges in self._entries(rule.operation) for exchange in exchanges]
        accepted = [exchange for exchange in tried if exchange.accepted]
        expected = "a request with nothing but documented values is accepted"
        if accepted:
            return _passed(rule, accepted)
        answered = [exchange for exchange in tried if _says_no(exchange)]
        if not answered:
            return Verdict(rule, Outcome.BLOCKED, why_blocked(tried), expected)
        first = answered[0]
        hint = "; if the server has models of its own, name one with MODEL" if first.refused else ""
        actual = describe(first)
        return Verdict(
            rule,
            Outcome.FAIL,
            f"every valid request was refused, the first with {actual}{hint}",
            expected,
            actual,
            len(answered),
            tuple(exchange.id for exchange in answered),
        )

    def _not_offered(self, rule: Rule) -> str | None:
        """Return why a rule is about a model that the server doesn't offer, or None."""
        _, _, label = rule.id.partition("@")
        entries = self._entries(rule.operation)
        if label:
            mine = [(e, x) for e, x in entries if e.explicit and label in e.labels]
            if mine and all(x and all(one.refused for one in x) for _, x in mine):
                return f"the server does not offer the model {label}"
        if rule.id in (f"{rule.operation}/model/optional", f"{rule.operation}/model/default"):
            default = self.contract.operations[rule.operation].request.properties["model"].default
            named = [x for e, x in entries if e.explicit and default and e.context == default.value]
            if named and all(one.refused for x in named for one in x) and any(x for x in named):
                return "the server does not offer the model that an absent one stands for"
        return None

    def _asks_for_no_key(self) -> bool:
        """Whether every request with a wrong key or none was accepted; then the key was the user's own idea."""
        sent = [e for e in self.recording.exchanges.values() if e.request.raw.authorization is not None]
        return bool(sent) and all(exchange.accepted for exchange in sent)

    def _only_with_other_models(self, rule: Rule) -> str | None:
        """Return why a rule can be tried only with models that the server doesn't offer, or None."""
        entries = self._entries(rule.operation)
        refused = {x.id for e, made in entries if e.explicit for x in made if not any(one.accepted for one in made)}
        attempts = [attempt for case in self.plan.cases[rule.id] for attempt in case.attempts]
        ids = {id_ for attempt in attempts for id_ in (attempt.exchange, attempt.twin) if id_}
        made = {exchange.id for exchange in self._exchanges(ids)}
        offered = any(exchange.accepted for _, exchanges in entries for exchange in exchanges)
        return "the server does not offer the models that this is about" if offered and made <= refused else None

    def _cases_verdict(self, rule: Rule) -> Verdict:
        cases = self.plan.cases.get(rule.id, ())
        accepts = rule.kind is Kind.ACCEPTS
        found = [
            (case, *(self._accepts(rule, case) if accepts else self._turned_down(case, rule.kind))) for case in cases
        ]
        if not found:
            return Verdict(rule, Outcome.UNSUPPORTED, self.plan.left_out.get(rule.id, "the run has no case for it"))
        if rule.id.endswith("/security") and self._asks_for_no_key():
            return Verdict(rule, Outcome.UNSUPPORTED, "the server asks for no key in any operation")
        failed = [(case, exchange) for case, outcome, exchange in found if outcome is Outcome.FAIL and exchange]
        passed = [exchange for _, outcome, exchange in found if outcome is Outcome.PASS and exchange]
        if failed and not (rule.kind is Kind.ACCEPTS and not passed and self._not_offered(rule)):
            case, exchange = failed[0]
            expected = _EXPECTED[rule.kind]
            more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            actual = describe(exchange)
            return Verdict(
                rule,
                Outcome.FAIL,
                f"{case.what}: {actual}{more}, {_on(len(failed) + len(passed))}",
                f"{case.what} is {expected}",
                actual,
                len(failed) + len(passed),
                tuple(exchange.id for _, exchange in failed),
            )
        if passed:
            return _passed(rule, passed)
        unsupported = self._not_offered(rule) or self._only_with_other_models(rule)
        if unsupported:
            return Verdict(rule, Outcome.UNSUPPORTED, unsupported)
        twins = [id_ for case in self.plan.cases[rule.id] for a in case.attempts for id_ in (a.twin, a.exchange) if id_]
        return Verdict(rule, Outcome.BLOCKED, why_blocked(self._exchanges(twins)))

    def _property_verdict(self, rule: Rule) -> Verdict:
        valid = rule.id.endswith("/valid")
        mine = [e for e in self.recording.exchanges.values() if e.request.operation == rule.operation]
        made = [exchange for exchange in mine if is_random(exchange) and exchange.valid is valid]
        answered = [exchange for exchange in made if exchange.answer is not None]
        if not answered:
            return Verdict(rule, Outcome.BLOCKED, "no random request could be sent: " + why_blocked(made))
        found = [(exchange, broken(exchange)) for exchange in answered]
        failed = [(exchange, reason) for exchange, reason in found if reason is not None]
        if not failed:
            return _passed(rule, answered)
        exchange, reason = min(failed, key=lambda pair: len(pair[0].request.key))
        words = "accepted" if exchange.valid else "refused with a 4xx"
        return Verdict(
            rule,
            Outcome.FAIL,
            f"{reason}, {_on(len(answered))}",
            f"the request is {words}",
            describe(exchange),
            len(answered),
            (exchange.id,),
        )

    def _accepts(self, rule: Rule, case: Case) -> tuple[Outcome, Exchange | None]:
        made = self._exchanges(attempt.exchange for attempt in case.attempts)
        accepted = next((exchange for exchange in made if exchange.accepted), None)
        if accepted is not None:
            return Outcome.PASS, accepted
        # That an entry is refused may mean that its model is not offered. It tests a case only where that is to leave
        # the model out.
        absence = rule.id == f"{rule.operation}/model/optional"
        entries = {id_ for entry in self.plan.entries if entry.explicit or not absence for id_ in entry.ids}
        tests = [exchange for exchange in made if exchange.id not in entries]
        # Only the last attempt tests the case alone; before it, the refusal may be for something else.
        if tests and _says_no(tests[-1]):
            return Outcome.FAIL, tests[-1]
        return Outcome.BLOCKED, None

    def _turned_down(self, case: Case, kind: Kind) -> tuple[Outcome, Exchange | None]:
        for attempt in case.attempts:
            twin = self.recording.exchanges.get(attempt.twin or "")
            exchange = self.recording.exchanges.get(attempt.exchange)
            if exchange is None or twin is None or not twin.accepted or exchange.answer is None:
                continue
            kept = _keeps(kind, exchange)
            if kept is not None:
                return (Outcome.PASS if kept else Outcome.FAIL), exchange
        return Outcome.BLOCKED, None

    def _view(self, exchange: Exchange) -> View:
        if exchange.id not in self._views:
            self._views[exchange.id] = View(exchange, self.recording.header.started)
        return self._views[exchange.id]

    def _answers_verdict(self, rule: Rule) -> Verdict:
        passed: list[Exchange] = []
        failed: list[tuple[Exchange, str]] = []
        asked = 0
        for exchange in self.recording.exchanges.values():
            mine = exchange.request.operation == rule.operation and exchange.answer is not None
            if not mine or rule.check is None or not (exchange.valid or self._view(exchange).refused):
                continue
            asked += 1
            findings = rule.check(self._view(exchange))
            if findings:
                more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
                failed.append((exchange, findings[0] + more))
            elif findings is not None:
                passed.append(exchange)
        if failed:
            # The shortest request is the one to reproduce it with; a planned one is easier to read than a random one.
            failed.sort(key=lambda pair: (is_random(pair[0]), len(pair[0].request.key)))
            first = failed[0][1]
            count = len(failed) + len(passed)
            message = f"{first}, in {len(failed)} of {count} answers"
            evidence = tuple(exchange.id for exchange, _ in failed)
            return Verdict(rule, Outcome.FAIL, message, rule.source.text, first, count, evidence)
        if passed:
            return _passed(rule, passed)
        if not asked:
            return Verdict(rule, Outcome.BLOCKED, "could not find out: no answer came")
        # A keyword of an optional value that no answer holds has nothing to be held to.
        outcome = Outcome.BLOCKED if rule.constraint is None else Outcome.UNSUPPORTED
        return Verdict(rule, outcome, f"no answer had what this rule is about, {_on(asked)}")


def is_random(exchange: Exchange) -> bool:
    """Whether an exchange was made by the property stage, as its id says."""
    return exchange.id.split("-")[1] in ("valid", "invalid")


def broken(exchange: Exchange) -> str | None:
    """Return in what way the answer to a random request broke its property, or None.

    What an accepted request is answered is judged by the rules about answers.
    """
    if exchange.answer is None or exchange.status in (*CREDENTIALS, 429, 503):
        return None
    if exchange.valid:
        return None if exchange.accepted else f"a valid request got {describe(exchange)}"
    return None if exchange.refused else f"an invalid request got {describe(exchange)}"


def _keeps(kind: Kind, exchange: Exchange) -> bool | None:
    """Whether an answer is what a rule of this kind wants, or None if it says nothing about that."""
    failed = exchange.status >= _SERVER_ERROR
    if kind is Kind.DENIES:
        return not exchange.accepted
    if kind is Kind.SURVIVES:
        return not failed
    postponed = exchange.status in (429, 503)
    return None if postponed else exchange.refused


def _passed(rule: Rule, exchanges: Sequence[Exchange]) -> Verdict:
    evidence = tuple(dict.fromkeys(exchange.id for exchange in exchanges))
    return Verdict(rule, Outcome.PASS, _on(len(evidence)), samples=len(evidence), evidence=evidence)


def _on(samples: int) -> str:
    return f"on {samples} sample{'' if samples == 1 else 's'}"


def _says_no(exchange: Exchange) -> bool:
    """Whether the answer turns a request down, rather than putting it off or asking for a key."""
    status = exchange.status
    return (exchange.refused and status not in CREDENTIALS) or (status >= _SERVER_ERROR and status != 503)  # noqa: PLR2004 - 503 puts off


def by_outcome(verdicts: Iterable[Verdict]) -> Mapping[Outcome, list[Verdict]]:
    """Group verdicts by outcome."""
    groups: dict[Outcome, list[Verdict]] = {outcome: [] for outcome in Outcome}
    for verdict in verdicts:
        groups[verdict.outcome].append(verdict)
    return groups
