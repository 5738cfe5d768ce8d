"""The ways into an operation: its contexts, which differ in the model, and the bases of each, on which requests build.

The bases of a context are valid requests: the *full* one gives every parameter a value, the *probe* only what is
required and what makes a request cheaper, the *bare* one only what is required. A base is tried if those before it were
refused, so that one parameter that a server can't take doesn't hide all others. A condition that no model fulfils has a
context of its own, which gives the fields that it looks at such values.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from conformance.suite.contract.constraints import applies, violated
from conformance.suite.contract.inside import inside
from conformance.suite.contract.nodes import as_list, as_map
from conformance.suite.contract.places import ABSENT, Fields
from conformance.suite.contract.schema import Condition, Schema
from conformance.suite.exchange.request import Request
from conformance.suite.plan.draft import Draft
from conformance.suite.plan.plan import Base, Context, Need


def enter(draft: Draft, model: str | None) -> tuple[Context, ...]:
    """Plan how an operation is entered and return its contexts, the one for general rules first.

    ``model`` is what the user wants sent where the contract leaves the model open.
    """
    contexts: list[Context] = []
    for name, fields in _models(draft, model):
        _add(draft, contexts, name, fields)
    for block in draft.operation.request.blocks:
        if contexts and not any(block.condition.label in context.labels for context in contexts):
            witness = _witness(draft, block.condition, contexts[0].fields)
            if witness is not None:
                _add(draft, contexts, block.condition.label, {**contexts[0].fields, **witness})
    return tuple(contexts)


def _models(draft: Draft, model: str | None) -> Iterator[tuple[str, Fields]]:
    """Yield what each model makes a request give: the user's, none at all, the default, those that conditions name."""
    selector = draft.api.selector
    known = draft.operation.request.properties.get(selector or "")
    if known is None or selector is None:
        yield "every request", {}
        return
    default = known.default.value if known.default else None
    labels = {block.condition.label for block in draft.operation.request.blocks}
    named = [model or default, None, default, *(name for name in known.known if name in labels)]
    for one in dict.fromkeys(named):
        yield (str(one), {selector: one}) if one is not None else (f"no {selector}", {})


def _witness(draft: Draft, condition: Condition, fields: Fields) -> Fields | None:
    """Return values of the fields that a condition looks at with which it holds, or None if none is found."""
    properties = as_map(condition.schema.get("properties"))
    choices: list[list[tuple[str, object]]] = []
    for name in sorted(condition.fields):
        asked = as_map(properties.get(name))
        schema = draft.operation.request.properties.get(name)
        stated = [*as_list(asked.get("enum")), *([asked["const"]] if "const" in asked else [])]
        choices.append([(name, value) for value in (*stated, *(inside(schema) if schema else ()))])
    for combination in product(*choices):
        found = dict(combination)
        if applies(condition, {**fields, **found}):
            return found
    return None


def _add(draft: Draft, contexts: list[Context], name: str, fields: Fields) -> None:
    """Add a context, if the contract allows its requests."""
    bare = _bare(draft, fields)
    if violated(draft.constraints, bare.fields) or any(bare.fields == one.bases[-1].request.fields for one in contexts):
        return
    labels = _labels(draft, bare.fields)
    probe = _probe(draft, bare)
    full = _full(draft, probe, labels)
    selector = draft.api.selector or ""
    known = draft.operation.request.properties.get(selector)
    explicit = known is None or selector in bare.fields
    default = known is not None and known.default is not None and fields.get(selector) == known.default.value
    earlier = tuple(context.not_offered for context in contexts)
    bases = _explicit(draft, full, probe, bare) if explicit else _implicit(draft, full, probe, bare, earlier)
    contexts.append(Context(name, draft.operation.id, fields, labels, explicit, default, bases))


def _labels(draft: Draft, fields: Fields) -> tuple[str, ...]:
    conditions = (block.condition for block in draft.operation.request.blocks)
    return tuple(condition.label for condition in conditions if applies(condition, fields))


def _explicit(draft: Draft, full: Request, probe: Request, bare: Request) -> tuple[Base, ...]:
    """Try the full request first: usually it is accepted, and then it is the only one."""
    bases: list[Base] = []
    for request in (full, probe, bare):
        if all(request.key != base.request.key for base in bases):
            refused = (Need(tuple(base.id for base in bases), accepted=False),) if bases else ()
            bases.append(Base(request, draft.send(request, *refused)))
    return tuple(bases)


def _implicit(
    draft: Draft, full: Request, probe: Request, bare: Request, earlier: tuple[Need, ...]
) -> tuple[Base, ...]:
    """Try always what gives nothing but what it must, for most clients send just that; the full request if needed."""
    small = [Base(bare, draft.send(bare))]
    if bare.key != probe.key:
        small.insert(0, Base(probe, draft.send(probe, Need((small[0].id,), accepted=False))))
    if full.key in (probe.key, bare.key):
        return tuple(small)
    accepted = Need(tuple(base.id for base in small), accepted=True)
    return (Base(full, draft.send(full, *earlier, accepted)), *small)


def _bare(draft: Draft, fields: Fields) -> Request:
    values = dict(fields)
    for name, schema in draft.operation.request.properties.items():
        if name in draft.operation.request.required and name not in values:
            values[name] = cheapest(draft, name, schema, values)
    return _ordered(draft, values)


def _probe(draft: Draft, bare: Request) -> Request:
    """Add what makes a request cheaper, and what the server has values of its own for."""
    fields = dict(bare.fields)
    for name, schema in draft.operation.request.properties.items():
        value = ABSENT if name in fields else cheapest(draft, name, schema, fields)
        own = value in draft.contract.own_values(name)
        if value is not ABSENT and (own or _effort(draft, {**fields, name: value}) < _effort(draft, fields)):
            fields[name] = value
    return _ordered(draft, fields)


def _full(draft: Draft, probe: Request, labels: tuple[str, ...]) -> Request:
    """Add every other field but the one that names a model, as far as no other condition comes to hold with it."""
    fields = dict(probe.fields)
    for name, schema in draft.operation.request.properties.items():
        if name not in fields and name != draft.api.selector:
            value = cheapest(draft, name, schema, fields, labels)
            fields |= {} if value is ABSENT else {name: value}
    return _ordered(draft, fields)


def _ordered(draft: Draft, fields: Fields) -> Request:
    properties = draft.operation.request.properties
    return Request(draft.operation.id, {name: fields[name] for name in properties if name in fields})


def _effort(draft: Draft, fields: Fields) -> int:
    return draft.api.cost(draft.operation, fields).effort


def cheapest(draft: Draft, name: str, schema: Schema, others: Fields, labels: tuple[str, ...] | None = None) -> object:
    """Return the cheapest valid value for a field beside the others, or ABSENT if none is allowed.

    Where the server has values of its own, it is one of those.
    """
    file = draft.api.sample(draft.operation, name) if schema.is_file else None
    example = [schema.example] if isinstance(schema.example, str) and schema.keyword("enum") is None else []
    own = draft.contract.own_values(name)
    candidates = [
        value
        for value in own or (*example, *inside(schema, file))
        if not any(c.place[:1] == (name,) for c in violated(draft.constraints, {**others, name: value}))
        and (labels is None or _labels(draft, {**others, name: value}) == labels)
    ]
    return min(candidates, key=lambda value: _effort(draft, {**others, name: value}), default=ABSENT)
