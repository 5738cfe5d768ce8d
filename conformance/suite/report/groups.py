"""Groups the failures of a run: those together that one fault of the server explains.

A pure function over verdicts and exchanges. What was seen (``Kind``) comes first: a refused request that should be
accepted, an invalid one that got a success, and so on. Failures of one kind belong together if they are about the same
field or hold under the same condition, and if many fields are concerned, all together. Failures about answers belong
together if they depend on the same fields, are about the same place, or were found in the same words; what is only
advice goes with what is graver in the same answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from attrs import evolve, field, frozen

from conformance.suite.exchange import bounds
from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.view import View
from conformance.suite.exchange.words import error_body
from conformance.suite.rules.hints import Kind
from conformance.suite.rules.rule import Answers, Edits, Entry, Level, Random, Rule, Stable, Want
from conformance.suite.verdicts.rulings import Reply, reply
from conformance.suite.verdicts.verdict import Outcome, Verdict

_WIDE = 3
"""So many fields that come out wrong in the same way are one fault, not one fault each."""
_OF_VALID = (Kind.REFUSED, Kind.BREAKS)
_ABOUT_ALL = (Kind.NOTHING, Kind.UNSTEADY, Kind.KEYS, Kind.ERROR_ANSWERED, Kind.ERRORS)
"""Kinds that are one fault whatever they are seen in."""


@frozen
class Failure:
    """A failed verdict with the exchange that shows it, what was seen, and the field or other thing it is about."""

    verdict: Verdict
    shown: Exchange
    kind: Kind

    @property
    def rule(self) -> Rule:
        """The rule."""
        return self.verdict.rule

    @property
    def subject(self) -> str:
        """The field, or what else the rule's id names first."""
        return self.rule.id.split("/")[1]

    @property
    def label(self) -> str | None:
        """The condition under which the rule holds."""
        return self.rule.condition.label if self.rule.condition else None

    @property
    def place(self) -> tuple[str, ...]:
        """Where in an answer it is."""
        return tuple(self.rule.id.split("/")[1:-1])

    @property
    def demand(self) -> str:
        """What the rule demands there: the last part of its id."""
        return self.rule.id.rsplit("/", 1)[1]

    @property
    def finding(self) -> str:
        """What was found, without where."""
        return self.verdict.actual.partition(" ")[2]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the request on which it depends."""
        about = self.rule.about
        return (about.fields or ()) if isinstance(about, Answers) else ()

    @property
    def gravity(self) -> int:
        """The place of its level among the levels, the gravest first."""
        return list(Level).index(self.rule.level)

    @property
    def rank(self) -> tuple[bool, int, bool, int]:
        """Order by how well it shows the fault: a request, a grave rule, one that was planned, and a short one."""
        return self.kind is Kind.ANSWERS, self.gravity, self.shown.random, len(self.shown.request.key)


def _by_rank(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    return tuple(sorted(failures, key=lambda one: one.rank))


@frozen
class Group:
    """Failures that one fault explains, that which shows it best first."""

    kind: Kind
    failures: tuple[Failure, ...] = field(converter=_by_rank)

    @property
    def level(self) -> Level:
        """The gravest level of the rules."""
        return list(Level)[min(one.gravity for one in self.failures)]

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the rules are about, each once."""
        return tuple(dict.fromkeys(one.subject for one in self.failures if not isinstance(one.rule.about, Random)))

    def with_(self, others: Iterable[Failure]) -> Group:
        """Return the group with these in it too."""
        return evolve(self, failures=(*self.failures, *others))


def grouped(verdicts: Sequence[Verdict], exchanges: Mapping[str, Exchange]) -> list[Group]:
    """Return all failures in groups, each of which one fault explains."""
    failures = [_failure(one, exchanges) for one in verdicts if one.outcome is Outcome.FAIL]
    by_kind: dict[Kind, list[Failure]] = {}
    for one in _with_nothing_accepted(failures):
        by_kind.setdefault(one.kind, []).append(one)
    return _ignored(_whatever([part for kind, ones in by_kind.items() for part in _parts(kind, ones)]))


def _failure(verdict: Verdict, exchanges: Mapping[str, Exchange]) -> Failure:
    shown = exchanges[verdict.evidence[0]]
    return Failure(verdict, shown, _kind(verdict.rule, shown))


def _kind(rule: Rule, shown: Exchange) -> Kind:
    """Return what was seen."""
    match rule.about:
        case Entry():
            return Kind.NOTHING
        case Stable():
            return Kind.UNSTEADY
        case Answers(to_errors=to_errors):
            of_success = Kind.ERROR_ANSWERED if error_body(shown) else Kind.ANSWERS
            return Kind.ERRORS if to_errors else of_success
        case Edits(about_keys=True):
            return Kind.KEYS
        case Random(valid):
            return _of_request(shown, valid=valid)
        case _:
            return _of_request(shown, valid=rule.want is Want.ACCEPTED)


def _of_request(shown: Exchange, *, valid: bool) -> Kind:
    """Return what became of a request that should have been accepted, if it is valid, or else refused."""
    said = reply(shown)
    if valid:
        return Kind.BREAKS if said in (Reply.ERROR, Reply.BUSY) else Kind.REFUSED
    if said is Reply.ACCEPTED:
        return Kind.ERROR_AS_SUCCESS if error_body(shown) else Kind.TAKEN
    return {Reply.NONE: Kind.HANGS, Reply.OTHER: Kind.REDIRECTED}.get(said, Kind.FAILS)


def _with_nothing_accepted(failures: list[Failure]) -> list[Failure]:
    """Return the failures; where an operation accepts nothing at all, what it refuses in particular is no news."""
    closed = {one.rule.operation for one in failures if one.kind is Kind.NOTHING}
    return [
        evolve(one, kind=Kind.NOTHING) if one.kind in _OF_VALID and one.rule.operation in closed else one
        for one in failures
    ]


def _parts(kind: Kind, ones: list[Failure]) -> list[Group]:
    """Return the groups of failures of one kind; what random requests showed goes with the largest."""
    random = [one for one in ones if isinstance(one.rule.about, Random)]
    planned = [one for one in ones if one not in random] or ones
    if kind is Kind.ANSWERS:
        parts = _joined(planned, _belong)
    elif kind in _ABOUT_ALL or len({one.subject for one in planned}) >= _WIDE or shared_condition(planned):
        parts = [planned]
    else:
        parts = _joined(planned, lambda one, other: one.subject == other.subject)
    groups = sorted((Group(kind, part) for part in parts), key=lambda group: -len(group.failures))
    return [groups[0].with_(random), *groups[1:]] if planned is not ones else groups


def shared_condition(failures: Iterable[Failure]) -> str | None:
    """Return the condition under which all of these rules hold, or None."""
    labels = {one.label for one in failures}
    return labels.pop() if len(labels) == 1 else None


def _belong(one: Failure, other: Failure) -> bool:
    """Whether one fault explains both of these failures about answers."""
    alike = one.fields == other.fields or one.demand == other.demand
    same = one.place == other.place or (alike and one.finding == other.finding)
    return same or _follows(one, other) or _follows(other, one)


def _follows(one: Failure, other: Failure) -> bool:
    """Whether a failure is seen only with one further inside the same part of the answer."""
    inside = len(one.place) > 1 and len(one.place) < len(other.place) and other.place[: len(one.place)] == one.place
    return inside and set(one.verdict.evidence) <= set(other.verdict.evidence)


def _joined(ones: list[Failure], belong: Callable[[Failure, Failure], bool]) -> list[list[Failure]]:
    """Return the failures in groups: those that belong together, directly or by way of others."""
    groups: list[list[Failure]] = []
    for one in ones:
        near = [group for group in groups if any(belong(one, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(other for group in near for other in group), one])
    return groups


def _whatever(groups: list[Group]) -> list[Group]:
    """Return the groups with those about answers joined to what they follow from: one answer to whatever is asked."""
    wide = next((one for one in groups if one.kind is Kind.TAKEN and _is_about_the_route(one)), None)
    if wide is None:
        return groups
    shapes = {_shape_of(one.shown) for one in wide.failures}
    follow = [
        group
        for group in groups
        if group.kind is Kind.ANSWERS and all(_shape_of(o.shown) in shapes for o in group.failures)
    ]
    rest = [group for group in groups if group is not wide and group not in follow]
    whole = wide.with_(one for group in follow for one in group.failures)
    return [*rest, evolve(whole, kind=Kind.WHATEVER)]


def _is_about_the_route(group: Group) -> bool:
    return any(one.shown.request.raw.leads_elsewhere for one in group.failures)


def _shape_of(exchange: Exchange) -> str:
    """Return what an answer consists of, without the values; a long one is taken to be like any other long one."""
    long = exchange.answer is not None and len(exchange.answer.body) > bounds.ERROR_BYTES
    return "long" if long else json.dumps(_shape(View(exchange, 0.0).json), sort_keys=True)


def _shape(value: object) -> object:
    match value:
        case dict():
            return {name: _shape(member) for name, member in cast("dict[str, object]", value).items()}
        case list():
            return sorted({json.dumps(_shape(item), sort_keys=True) for item in cast("list[object]", value)})
        case _:
            return type(value).__name__


def _ignored(groups: list[Group]) -> list[Group]:
    """Return the groups with those joined that show the same field neither checked nor heeded."""
    for unchecked in groups:
        if unchecked.kind is not Kind.TAKEN or len(unchecked.subjects) != 1:
            continue
        for group in groups:
            if group.kind is Kind.ANSWERS and all(_disregards(one, unchecked.subjects[0]) for one in group.failures):
                rest = [one for one in groups if one not in (group, unchecked)]
                return [*_ignored(rest), evolve(unchecked.with_(group.failures), kind=Kind.IGNORED)]
    return groups


def _disregards(failure: Failure, name: str) -> bool:
    """Whether an answer is not as the field asks, though it is where the field is absent."""
    asked = name in failure.shown.request.fields and failure.verdict.samples > len(failure.verdict.evidence)
    return asked and failure.fields == (name,)
