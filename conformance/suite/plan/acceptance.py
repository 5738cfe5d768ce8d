"""Chooses the valid requests: each field's documented values, its absence and null.

A valid case shares one request with as many others as are compatible with it, since each image may cost minutes; if
the shared request is refused, each of its parts is tried alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve, field, frozen

from conformance.suite.contract.inside import inside
from conformance.suite.contract.nodes import as_list
from conformance.suite.contract.places import ABSENT, Fields, with_fields
from conformance.suite.contract.schema import Condition, Schema
from conformance.suite.exchange.request import Request
from conformance.suite.plan.draft import Draft, bases, short
from conformance.suite.plan.plan import Attempt, Context, Need
from conformance.suite.rules.rule import Absence, Entry, Offered, Rule, Values

_OWN_REQUEST = 256 * 256
"""The effort that one more request is worth."""
_LONG = 100
"""A text of more characters makes a request long to read."""


@frozen
class _Feature:
    """A value of a field that is to be accepted: for which rule, and in which contexts, the best first."""

    rule: str
    name: str
    value: object
    conditional: bool
    contexts: tuple[Context, ...] = field(repr=False)

    @property
    def length(self) -> tuple[bool, int]:
        """Whether it makes a request longer than a person wants to read, and then how long, the longest first."""
        long = isinstance(self.value, str) and len(self.value) > _LONG
        return long, -len(json.dumps(self.value)) if long else 0


def plan(draft: Draft, rules: Iterable[Rule], due: frozenset[str]) -> None:
    """Plan the cases of the rules about acceptance that are due; ``rules`` are all of the operation."""
    contexts = draft.contexts
    features: list[_Feature] = []
    for rule in rules:
        match rule.about:
            case Entry() if rule.id in due:
                entered = [Attempt(id_) for context in contexts for id_ in context.ids]
                draft.case(rule.id, "a valid request", entered)
            case Absence(name) if rule.id in due:
                draft.case(rule.id, f"{name} is absent", _absence(draft, name))
                if name == draft.api.selector:
                    _default(draft, rule.id, name)
            case Offered(name) if rule.id in due:
                _named(draft, rule.id, name)
            case Values():
                features += _features(draft, rule.id, rule.about)
            case _:
                pass
    order = list(draft.operation.request.properties)
    features.sort(key=lambda feature: (feature.length, order.index(feature.name), not feature.conditional))
    for context in contexts:
        _pack(draft, context, [feature for feature in features if feature.contexts[0] is context], due)


def _absence(draft: Draft, name: str) -> Iterator[Attempt]:
    """Plan that a field is left out: with every other optional one, and if that is refused, alone."""
    contexts = draft.contexts
    if name == draft.api.selector:
        implicit = [context for context in contexts if not context.explicit]
        yield from (Attempt(base.id) for context in implicit for base in reversed(context.bases))
        refused = tuple(context.not_offered for context in implicit)
        for named in contexts:
            without = named.full.edited({name: ABSENT})
            # What one model allows may be forbidden when none is given.
            if named.explicit and not draft.breaks(without.fields):
                yield Attempt(draft.send(without, *refused, Need((named.bases[0].id,), accepted=True)))
                return
        return
    for context, base, needs in bases(contexts):
        if name in context.fields:
            continue
        bare = context.bases[-1]
        if base is bare:
            yield Attempt(bare.id)
            yield from _shown(draft, name, bare.request, *needs)
            continue
        bare_id = draft.send(bare.request, *needs)
        yield Attempt(bare_id, alone=False)
        yield from _shown(draft, name, bare.request, *needs, Need((bare_id,), accepted=True))
        without = base.request.edited({name: ABSENT})
        yield Attempt(draft.send(without, *needs, Need((bare_id,), accepted=False)))


def _shown(draft: Draft, name: str, bare: Request, *needs: Need) -> Iterator[Attempt]:
    """Plan that a field is left out where the answer itself shows what became of that."""
    request = bare.edited(_showing(draft, {name: ABSENT}, bare.fields))
    if request.key != bare.key:
        yield Attempt(draft.send(request, *needs), alone=False)


def _showing(draft: Draft, edit: Fields, base: Fields) -> Fields:
    """Return what is to be edited too for an answer to show what an edit of a valid request does, if it may be."""
    shown = {k: v for name in edit for k, v in draft.api.shown.get(name, {}).items() if k not in edit}
    known = shown.keys() <= draft.operation.request.properties.keys()
    return shown if known and not draft.breaks(with_fields(base, {**edit, **shown})) else {}


def _default(draft: Draft, rule: str, name: str) -> None:
    """Plan that what is accepted with the default model is accepted without a model."""
    context, default = draft.contexts[0], draft.operation.request.properties[name].default
    if default is not None and context.fields.get(name) == default.value:
        without = context.full.edited({name: ABSENT})
        accepted = Need((context.bases[0].id,), accepted=True)
        draft.case(rule, f"{name} is absent beside all else", [Attempt(draft.send(without, accepted))])


def _named(draft: Draft, rule: str, name: str) -> None:
    """Plan to find out which documented models are offered, by the requests that enter the operation with them."""
    for value in draft.operation.request.properties[name].names:
        contexts = [one for one in draft.contexts if one.explicit and one.full.fields.get(name) == value]
        draft.case(rule, f"{name} = {short(value)}", [Attempt(id_) for context in contexts for id_ in context.ids])
    draft.excuse(rule, f"the run names no {name} that the documents name")


def _features(draft: Draft, rule: str, about: Values) -> Iterator[_Feature]:
    """Yield every value that must be accepted; those of a conditional block in the contexts where it holds."""
    name = about.name
    found = False
    for value in _values(draft, about):
        where = tuple(context for context in draft.contexts if _fits(draft, context, about, value))
        if where:
            found = True
            yield _Feature(rule, name, value, about.condition is not None, where)
    if not found:
        draft.excuse(rule, _why_none(draft, about))


def _values(draft: Draft, about: Values) -> tuple[object, ...]:
    if about.null:
        return (None,)
    schema = draft.operation.request.properties.get(about.name)
    if about.condition is not None:
        block = next(block for block in draft.operation.request.blocks if block.condition == about.condition)
        limited = block.properties[about.name]
        nullable = schema is not None and schema.nullable is not None and None in as_list(limited.keyword("enum"))
        return (*inside(_narrowed(schema, limited)), *((None,) if nullable else ()))
    if schema is None:
        return ()
    file = draft.api.sample(draft.operation, about.name) if schema.is_file else None
    return inside(schema, file)


def _narrowed(schema: Schema | None, limited: Schema) -> Schema:
    """Return the schema of a field with what a condition asks of it beside."""
    return evolve(schema, keywords=(*schema.keywords, *limited.keywords)) if schema else limited


def _fits(draft: Draft, context: Context, about: Values, value: object) -> bool:
    """Whether a value may be given in a context, and no rule under a condition is about it there."""
    if about.condition is not None and not holds(draft, context, about.condition):
        return False
    if about.name in context.fields and context.fields[about.name] != value:
        return False
    if draft.breaks({**context.full.fields, about.name: value}):
        return False
    return (
        value is None
        or about.condition is not None
        or not any(
            value in inside(_narrowed(draft.operation.request.properties.get(about.name), block.properties[about.name]))
            for block in draft.operation.request.blocks
            if about.name in block.properties and block.condition.label in context.labels
        )
    )


def holds(draft: Draft, context: Context, condition: Condition, *, explicit: bool = True) -> bool:
    """Whether a condition holds in a context; one that looks at the model, by naming it or (not ``explicit``) not."""
    named = context.explicit is explicit or draft.api.selector not in condition.fields
    return condition.label in context.labels and named


def _why_none(draft: Draft, about: Values) -> str:
    """Say why no context takes a value of a field."""
    selector = draft.api.selector
    if selector in draft.operation.request.properties and about.condition is None and draft.contexts:
        other = {**draft.contexts[0].full.fields, str(selector): "a name of its own"}
        if any(not draft.breaks({**other, about.name: value}) for value in _values(draft, about)):
            return f"only a {selector} that the documents don't name is held to this rule; name one with MODEL"
    return f"no request that the documents allow can give {about.name} a value that this rule is about"


def _pack(draft: Draft, context: Context, features: list[_Feature], due: frozenset[str]) -> None:
    """Send the features of a context that are due, in the requests into which all of them are packed.

    All are packed, so that a request stays the same whatever else a run is about. Long texts come last.
    """
    needs = context.usable(context.bases[0])
    for feature, pack in _shared(draft, context, features):
        if feature.rule not in due:
            continue
        request = context.full.edited(pack)
        together = draft.send(request, *needs) if pack else context.bases[0].id
        alone = context.full.edited({feature.name: feature.value})
        attempts = [Attempt(together, alone=alone.key == request.key)]
        if alone.key != request.key:
            attempts.append(Attempt(draft.send(alone, *needs, Need((together,), accepted=False))))
        for one, base, usable in bases(feature.contexts):
            if one is not context or base is not context.bases[0]:
                lone = base.request.edited({feature.name: feature.value})
                if not draft.breaks(lone.fields):
                    attempts.append(Attempt(draft.send(lone, *usable)))
        draft.case(feature.rule, f"{feature.name} = {short(feature.value)}", attempts)


def _shared(draft: Draft, context: Context, features: list[_Feature]) -> list[tuple[_Feature, dict[str, object]]]:
    """Return the features of a context with what else is in their request: as few and as cheap ones as hold them all.

    A request that holds nothing but what is in the full one is that one, and has nothing else.
    """
    packs: list[dict[str, object]] = []
    shared: list[tuple[_Feature, dict[str, object]]] = []
    for feature in features:
        name, value = feature.name, feature.value
        pack: dict[str, object] | None = None
        if name not in context.full.fields or not _same(context.full.fields[name], value):
            # A long text joins nothing that asks for several images, so that what shows in those is short to reproduce.
            fit = [one for one in packs if not (feature.length[0] and _images(draft, context, one) > 1)]
            pack = min(fit, key=lambda one: _added_effort(draft, context, one, name, value), default=None)
            own = _added_effort(draft, context, {}, name, value) + _OWN_REQUEST
            if pack is None or _added_effort(draft, context, pack, name, value) > own:
                pack = {}
                packs.append(pack)
            pack[name] = value
        shared.append((feature, pack or {}))
    for pack in packs:
        pack.update(_showing(draft, pack, context.full.fields))
    return shared


def _images(draft: Draft, context: Context, pack: Mapping[str, object]) -> int:
    return draft.api.cost(draft.operation, {**context.full.fields, **pack}).images


def _same(one: object, other: object) -> bool:
    """Whether two values are the same in JSON, where true is not 1."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _added_effort(draft: Draft, context: Context, pack: Mapping[str, object], name: str, value: object) -> float:
    """Return the effort that a feature adds to a request, none if it is there, infinitely much if it doesn't fit."""
    base = {**context.full.fields, **pack}
    if name in pack:
        return 0 if _same(pack[name], value) else float("inf")
    if draft.breaks({**base, name: value}):
        return float("inf")
    before = draft.api.cost(draft.operation, base).effort if pack else 0
    return draft.api.cost(draft.operation, {**base, name: value}).effort - before
