"""Chooses the requests that are not to be accepted: a valid request with one edit, and that request as its twin."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import cast

from attrs import evolve

from conformance.suite.contract.constraints import Constraint
from conformance.suite.contract.inside import inside
from conformance.suite.contract.nodes import is_map
from conformance.suite.contract.outside import elsewhere, farther, outside
from conformance.suite.contract.places import ABSENT, EACH, Fields, changed, instances
from conformance.suite.exchange.encoding import as_read
from conformance.suite.exchange.request import Request
from conformance.suite.plan.acceptance import holds, is_packed
from conformance.suite.plan.draft import Draft, bases, short
from conformance.suite.plan.plan import Attempt, Context, Need
from conformance.suite.rules.rule import Breach, DefaultLimits, Edit, Edits, Rule, Want

_NO_KEY = "the server is called without a key; set OPENAI_API_KEY to check what it does with a wrong one"
_HOSTS = 6
"""Requests that are tried to come to one place: some values inside another one can be wrong only beside others."""
_NO_WAY = "no request that the documents allow comes to the value that this rule is about"
_NOT_ON_THE_WIRE = "what would break it has no form on the wire: text knows no null and no empty list"
_NO_EDGE = "no value is known that breaks this keyword"
_NOT_SHARP = "no value breaks this rule without breaking another one too"


def plan(draft: Draft, rule: Rule, *, key: bool) -> None:
    """Plan the cases of a rule about what is not to be accepted, or about odd requests that are."""
    match rule.about:
        case Breach(constraint):
            _breach(draft, rule.id, constraint)
        case DefaultLimits():
            for constraint in draft.constraints:
                if constraint.condition is not None and rule.about.name in constraint.condition.fields:
                    _breach(draft, rule.id, constraint, explicit=False)
        case Edits(about_keys=True) if not key:
            draft.excuse(rule.id, _NO_KEY)
        case Edits():
            for edit in rule.about.edits:
                if not is_packed(rule):
                    draft.case(rule.id, edit.what, _edited(draft, rule.about, edit))
                if edit.raw.order:
                    draft.case(rule.id, "the parts in the usual order", _usual_order(draft, edit))
        case _:
            pass


def _breach(draft: Draft, rule: str, constraint: Constraint, *, explicit: bool = True) -> None:
    """Plan the edits that break a constraint; if not ``explicit``, under no model given.

    What a model stands for that is not given shows only in limits that are kept where it is given.
    """
    contexts, given = draft.contexts, ()
    if constraint.condition is not None:
        condition = constraint.condition
        contexts = tuple(one for one in draft.contexts if holds(draft, one, condition, explicit=explicit))
        if not explicit:
            given = tuple(one for one in draft.contexts if holds(draft, one, condition))
    hosts = _hosts(draft, contexts, constraint)
    if not hosts:
        draft.excuse(rule, _NO_WAY)
        return
    named = next((step for step in reversed(constraint.place) if step != EACH), "")
    near = elsewhere(draft.contract, named)
    usual = ((host, outside(constraint, near, _value_at(host, constraint))) for host in hosts)
    others = ((host, (value,)) for host in hosts for value in farther(constraint, _value_at(host, constraint)))
    for host, proposals in (*usual, *others):
        edits = (_edit(draft, host, constraint, proposed) for proposed in proposals)
        if _plan_edits(draft, rule, constraint, contexts, edits, given):
            return
    draft.excuse(rule, _NO_EDGE)


def _plan_edits(  # noqa: PLR0913, PLR0917 - what is broken, how, and where
    draft: Draft,
    rule: str,
    constraint: Constraint,
    contexts: tuple[Context, ...],
    edits: Iterable[Edit],
    given: tuple[Context, ...],
) -> bool:
    """Plan those edits that can be sent and break a constraint alone; returns whether there are any.

    Where there are contexts in which a model is ``given``, each says something only if it is refused there.
    """
    seen: list[str] = []
    found = False
    for edit in edits:
        shown = json.dumps({n: "absent" if v is ABSENT else [v] for n, v in edit.fields.items()}, default=repr)
        if shown in seen:
            continue
        seen.append(shown)
        reason = None if _can_be_sent(draft, edit.fields) else _NOT_ON_THE_WIRE
        wrong = contexts[0].full.edited({**edit.twin, **edit.fields}).fields
        reason = reason or draft.api.undecided(draft.operation, wrong)
        beside = () if reason else tuple(one.exchange for one in _refused(draft, given, edit, sharp=constraint))
        attempts = () if reason else tuple(_refused(draft, contexts, edit, sharp=constraint, beside=beside))
        draft.case(rule, edit.what, attempts)
        found = found or bool(attempts)
        if not attempts:
            draft.excuse(rule, reason or _NOT_SHARP)
        elif given:
            break  # That a limit holds where it was seen to hold shows in one value.
    return found


def _hosts(draft: Draft, contexts: tuple[Context, ...], constraint: Constraint) -> tuple[Fields, ...]:
    """Return valid fields in which the place of a constraint can be reached, those that have a value there first."""
    if not contexts:
        return ()
    full, place = contexts[0].full.fields, constraint.place
    if len(place) <= 1:
        return (full,)
    schema = draft.operation.request.properties[place[0]]
    file = draft.api.sample(draft.operation, place[0]) if schema.is_file else None
    candidates = [{**full, place[0]: value} for value in inside(schema, file)]
    valid = [host for host in candidates if not draft.breaks(host)]
    there = [host for host in valid if changed(host, place, ABSENT) != host]
    may_be = [host for host in valid if any(is_map(one) for _, one in instances(host, place[:-1], required=False))]
    return (*there, *may_be)[:_HOSTS]


def _value_at(host: Fields, constraint: Constraint) -> object:
    """Return the value of which a wrong one is made: what stands at the place, or None."""
    return next((value for _, value in instances(host, constraint.place, required=False)), None)


def _edit(draft: Draft, host: Fields, constraint: Constraint, proposed: object) -> Edit:
    """Return the edit that puts a value at the place of a constraint; its twin has a value in which that place is."""
    place = constraint.place
    if not place:
        other = cast("Fields", proposed)
        fields = {name: value for name, value in other.items() if name not in host}
        fields |= {name: ABSENT for name in host if name not in other}
        return Edit("; ".join(_words(name, value) for name, value in fields.items()), fields)
    name = place[0]
    value = cast("Fields", changed(host, place, proposed)).get(name, ABSENT)
    if value is not ABSENT and draft.operation.is_text(name):
        value = as_read(draft.operation.request.properties.get(name), value)
    if len(place) == 1:
        return Edit(_words(name, value), {name: value})
    return Edit(_words(".".join(place).replace(f".{EACH}", "[0]"), proposed), {name: value}, {name: host[name]})


def _words(path: str, value: object) -> str:
    return f"{path} is absent" if value is ABSENT else f"{path} = {short(value)}"


def _can_be_sent(draft: Draft, edit: Fields) -> bool:
    """Whether a wrong value has a form on the wire: text knows no null and no empty list, a path leaves nothing out."""
    for name, value in edit.items():
        if draft.operation.parameters.get(name) == "path" and value in (ABSENT, ""):
            return False
        if draft.operation.is_text(name) and value in (None, "null", []):
            return False
    return True


def _edited(draft: Draft, about: Edits, edit: Edit) -> Iterator[Attempt]:
    """Plan a case of a rule that says what is sent."""
    if about.want is Want.ACCEPTED:
        return draft.accepted(edit)
    return _refused(draft, draft.contexts, edit, last=about.about_keys)


def _usual_order(draft: Draft, edit: Edit) -> Iterator[Attempt]:
    """Plan to find a server that refuses the usual order of parts and takes the one that is demanded beside it."""
    base = draft.contexts[0].bases[0]
    yield Attempt(base.id, alone=False)
    other = draft.send(evolve(base.request, raw=edit.raw), Need((base.id,), accepted=False))
    yield Attempt(draft.send(base.request, Need((other,), accepted=True)))


def _refused(  # noqa: PLR0913 - an edit, and when it is sent
    draft: Draft,
    contexts: Iterable[Context],
    edit: Edit,
    *,
    last: bool = False,
    sharp: Constraint | None = None,
    beside: tuple[str, ...] = (),
) -> Iterator[Attempt]:
    """Plan an edit that is not to be accepted, on the best base that the server accepts.

    One that is to break a constraint is planned only where it breaks that one alone. It is sent only if none of those
    ``beside`` it was accepted.
    """
    other = (Need(beside, accepted=False),) if beside else ()

    def is_sharp(request: Request) -> bool:
        bad = request.edited({**edit.twin, **edit.fields})
        return sharp is None or draft.breaks(bad.fields) == [sharp.id]

    for context, base, needs in bases(context for context in contexts if is_sharp(context.full)):
        # What is edited has to stand in the twin too, so that nothing but its value differs.
        lone = {
            name: context.full.fields[name]
            for name in edit.fields
            if name in context.full.fields and name not in base.request.fields
        }
        twin = base.request.edited({**lone, **edit.twin})
        if not is_sharp(twin) or (sharp is not None and draft.breaks(twin.fields)):
            continue
        twin_id = base.id if twin.key == base.request.key else draft.send(twin, *needs)
        accepted = Need((twin_id,), accepted=True)
        bad = evolve(twin.edited(edit.fields), raw=edit.raw)
        if draft.operation.is_form and not bad.fields:
            continue  # a form without any part has no agreed encoding
        bad_id = draft.send(bad, *needs, accepted, *other, valid=False, last=last)
        yield Attempt(bad_id, twin_id, beside=beside)
