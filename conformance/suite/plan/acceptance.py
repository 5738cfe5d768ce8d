"""Chooses the valid requests: each field's documented values, its absence and null, and odd requests that are valid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from conformance.suite.contract.inside import inside
from conformance.suite.contract.nodes import as_list
from conformance.suite.contract.places import ABSENT
from conformance.suite.contract.schema import Condition, Schema
from conformance.suite.plan.draft import Draft, bases, short
from conformance.suite.plan.packing import Feature, packed, showing
from conformance.suite.plan.plan import Attempt, Context, Need
from conformance.suite.rules.rule import Absence, Edit, Edits, Entry, Level, Offered, Rule, Values, Want

_FEW = 3
"""More images than this are asked for by one operation alone: the first that documents it."""


def plan(draft: Draft, rules: Sequence[Rule], due: frozenset[str]) -> None:
    """Plan the cases of the rules about acceptance that are due; ``rules`` are all of the operation."""
    features = [feature for rule in rules for feature in _features(draft, rule)]
    shown: dict[str, list[Attempt]] = {}
    for context in draft.contexts:
        mine = [feature for feature in features if feature.contexts[0] is context]
        for feature, attempts in _attempts(draft, context, mine, due):
            if feature.shows:
                shown[feature.rule] = [evolve(attempt, alone=False) for attempt in attempts]
            else:
                draft.case(feature.rule, feature.edit.what, attempts)
    for rule in rules:
        match rule.about:
            case Entry() if rule.id in due:
                entered = [Attempt(id_) for context in draft.contexts for id_ in context.ids]
                draft.case(rule.id, "a valid request", entered)
            case Absence(name) if rule.id in due:
                draft.case(rule.id, f"{name} is absent", [*_absence(draft, name), *shown.get(rule.id, ())])
            case Offered(name) if rule.id in due:
                _named(draft, rule.id, name)
            case _:
                pass


def _features(draft: Draft, rule: Rule) -> Iterator[Feature]:
    """Yield what is to be accepted in requests that are shared."""
    match rule.about:
        case Values() as about:
            yield from _values_of(draft, rule.id, about)
        case Absence(name):
            yield from _left_out(draft, rule.id, name)
        case Edits(_, edits) if is_packed(rule):
            yield from (Feature(rule.id, edit, draft.contexts) for edit in edits)
        case _:
            pass


def is_packed(rule: Rule) -> bool:
    """Whether the cases of a rule share requests: all that servers must accept do, and nothing that is advice."""
    return rule.want is Want.ACCEPTED and rule.level is Level.CORE


def _attempts(
    draft: Draft, context: Context, features: list[Feature], due: frozenset[str]
) -> Iterator[tuple[Feature, list[Attempt]]]:
    """Yield the features of a context that are due with the attempts at each: with others, then alone, then elsewhere.

    All are packed, so that a request stays the same whatever else a run is about.
    """
    needs = context.usable(context.bases[0])
    for feature, pack in packed(draft, context, features):
        if feature.rule not in due:
            continue
        request = pack.request(context)
        together = draft.send(request, *needs) if request.key != context.full.key else context.bases[0].id
        alone = evolve(context.full.edited(feature.fields), raw=feature.edit.raw)
        attempts = [Attempt(together, alone=alone.key == request.key)]
        if alone.key != request.key:
            attempts.append(Attempt(draft.send(alone, *needs, Need((together,), accepted=False))))
        for one, base, usable in bases(feature.contexts):
            if one is not context or base is not context.bases[0]:
                lone = evolve(base.request.edited(feature.fields), raw=feature.edit.raw)
                if not draft.breaks(lone.fields):
                    attempts.append(Attempt(draft.send(lone, *usable)))
        yield feature, attempts


def _left_out(draft: Draft, rule: str, name: str) -> Iterator[Feature]:
    """Yield what else shows that a field may be left out.

    What is accepted with the default model is accepted without a model; and of some fields an answer itself can show
    what became of their absence.
    """
    context = draft.contexts[0] if draft.contexts else None
    if context is None or name not in context.full.fields:
        return
    fields = {name: ABSENT}
    if name == draft.api.selector:
        default = draft.operation.request.properties[name].default
        if default is not None and context.fields.get(name) == default.value:
            yield Feature(rule, Edit(f"{name} is absent beside all else", fields), (context,))
        return
    also = showing(draft, fields, context.full.fields)
    if also:
        yield Feature(rule, Edit(f"{name} is absent", {**fields, **also}), (context,), shows=True)


def _absence(draft: Draft, name: str) -> Iterator[Attempt]:
    """Plan that a field is left out: with every other optional one, and if that is refused, alone."""
    contexts = draft.contexts
    implicit = [context for context in contexts if not context.explicit]
    if name == draft.api.selector:
        yield from (Attempt(base.id) for context in implicit for base in reversed(context.bases))
        refused = tuple(context.not_offered for context in implicit)
        for named in contexts:
            without = named.full.edited({name: ABSENT})
            # What one model allows may be forbidden when none is given.
            if named.explicit and not draft.breaks(without.fields):
                yield Attempt(draft.send(without, *refused, Need((named.bases[0].id,), accepted=True)))
                return
        return
    nothing = tuple(context.bases[-1].id for context in implicit if contexts[0].default)
    yield from (Attempt(id_) for id_ in nothing)
    still = (Need(nothing, accepted=False),) if nothing else ()
    for context, base, needs in bases(contexts):
        if name in context.fields or base.id in nothing:
            continue
        bare = context.bases[-1]
        if base is bare:
            yield Attempt(bare.id)
            continue
        bare_id = draft.send(bare.request, *needs, *still)
        yield Attempt(bare_id, alone=False)
        without = base.request.edited({name: ABSENT})
        yield Attempt(draft.send(without, *needs, *still, Need((bare_id,), accepted=False)))


def _named(draft: Draft, rule: str, name: str) -> None:
    """Plan to find out which documented models are offered, by the requests that enter the operation with them."""
    for value in draft.operation.request.properties[name].names:
        contexts = [one for one in draft.contexts if one.explicit and one.full.fields.get(name) == value]
        draft.case(rule, f"{name} = {short(value)}", [Attempt(id_) for context in contexts for id_ in context.ids])
    draft.excuse(rule, f"the run names no {name} that the documents name")


def _values_of(draft: Draft, rule: str, about: Values) -> Iterator[Feature]:
    """Yield every value that must be accepted; those of a conditional block in the contexts where it holds."""
    name = about.name
    found = False
    for value in _values(draft, about):
        where = tuple(context for context in draft.contexts if _fits(draft, context, about, value))
        if where:
            found = True
            edit = Edit(f"{name} = {short(value)}", {name: value})
            yield Feature(rule, edit, where, conditional=about.condition is not None)
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
    return tuple(_once(draft, about.name, inside(schema, file)))


def _once(draft: Draft, name: str, values: tuple[object, ...]) -> Iterator[object]:
    """Yield the values of a field; where many images were asked for by an earlier operation, a few take their place."""
    whole = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    for value in values:
        many = draft.api.cost(draft.operation, {name: value}).images > _FEW
        yield min(whole) + 1 if many and whole and not _is_first(draft, name, value) else value


def _is_first(draft: Draft, name: str, value: object) -> bool:
    """Whether an operation is the first that documents a value of a field."""
    properties = ((one, one.request.properties.get(name)) for one in draft.contract.operations.values())
    first = next(one for one, schema in properties if schema is not None and value in inside(schema))
    return first.id == draft.operation.id


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
