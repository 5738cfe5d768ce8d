"""The ways into an operation: its contexts, which differ in the model, and the bases of each, on which requests build.

The bases of a context are valid requests: the *full* one gives every parameter a value, the *probe* only what is
required and the smallest size, the *bare* one only what is required. A base is tried if those before it were refused,
so that one parameter that a server can't take doesn't hide all others.
"""

from __future__ import annotations

import hashlib

from attrs import define, evolve, field, frozen

from conformance.suite.constraints import Constraint, Fields, is_valid, plain, violated
from conformance.suite.contract import Operation, Schema
from conformance.suite.edits import ABSENT, inside
from conformance.suite.files import sample
from conformance.suite.plan import Need, Planned, cost
from conformance.suite.request import Request


@frozen
class Base:
    """A valid request on which others build, and the id of the exchange that shows whether it is accepted."""

    request: Request
    id: str


@frozen
class Context:
    """One model to send, or none (then it is not ``explicit``), and the labels of the conditions that hold with it."""

    name: str
    fields: Fields = field(hash=False)
    labels: tuple[str, ...]
    bases: tuple[Base, ...]

    @property
    def explicit(self) -> bool:
        """Whether the context's requests name a model."""
        return bool(self.fields)

    @property
    def full(self) -> Request:
        """The request with every parameter."""
        return self.bases[0].request

    @property
    def offered(self) -> Need:
        """Holds if the server accepted any base."""
        return Need(tuple(base.id for base in self.bases), accepted=True)

    @property
    def not_offered(self) -> Need:
        """Holds if the server accepted no base."""
        return evolve(self.offered, accepted=False)

    def usable(self, base: Base) -> tuple[Need, ...]:
        """Return what must hold for requests to build on this base: it was accepted, and none before it."""
        before = self.bases[: self.bases.index(base)]
        refused = (Need(tuple(other.id for other in before), accepted=False),) if before else ()
        return (*refused, Need((base.id,), accepted=True))


@define
class Draft:
    """The exchanges of one operation as the plan grows."""

    operation: str
    exchanges: list[Planned] = field(factory=list)
    _known: set[str] = field(factory=set)

    def send(self, request: Request, *needs: Need, valid: bool = True, last: bool = False) -> str:
        """Put an exchange into the plan, unless it is there, and return its id."""
        # The id comes from what is sent and when, so that it stays the same whatever else a run is about.
        digest = hashlib.sha256(f"{request.key}{needs}{valid}".encode()).hexdigest()
        id_ = f"{self.operation}-{digest[:8]}"
        if id_ not in self._known:
            self._known.add(id_)
            images = cost(request.fields)[0] if valid else 0
            self.exchanges.append(Planned(id_, request, needs, valid, images, last))
        return id_


def enter(operation: Operation, constraints: tuple[Constraint, ...], model: str | None, draft: Draft) -> list[Context]:
    """Plan how an operation is entered and return its contexts, the one for general rules first.

    ``model`` is what the user wants sent where the contract leaves the model open.
    """
    known = operation.request.properties.get("model")
    default = known.default.value if known and known.default else None
    conditions = [condition for condition, _ in operation.request.blocks]
    models: list[object] = [model or default, ABSENT, default]
    models += [name for name in (known.known if known else ()) if any(c.label == name for c in conditions)]
    contexts: list[Context] = []
    for one in dict.fromkeys(models):
        fields: dict[str, object] = {} if one is ABSENT or one is None else {"model": one}
        bare = _bare(operation, constraints, fields)
        if violated(constraints, bare.fields):
            continue
        probe = _probe(operation, constraints, bare)
        full = _full(operation, constraints, probe)
        labels = tuple(c.label for c in conditions if is_valid(c.schema, plain(bare.fields)))
        earlier = tuple(context.not_offered for context in contexts)
        bases = _explicit(draft, full, probe, bare) if fields else _implicit(draft, full, probe, bare, earlier)
        contexts.append(Context(str(one) if fields else "no model", fields, labels, bases))
    return contexts


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
    """Try the probe always, for it shows that the model is optional; the full request only where it is needed."""
    small = [Base(probe, draft.send(probe))]
    if bare.key != probe.key:
        small.append(Base(bare, draft.send(bare, Need((small[0].id,), accepted=False))))
    if full.key == probe.key:
        return tuple(small)
    accepted = Need(tuple(base.id for base in small), accepted=True)
    return (Base(full, draft.send(full, *earlier, accepted)), *small)


def _bare(operation: Operation, constraints: tuple[Constraint, ...], fields: Fields) -> Request:
    values = dict(fields)
    for name, schema in operation.request.properties.items():
        if name in operation.request.required:
            values[name] = _value(operation, constraints, name, schema, values)
    return _ordered(operation, values)


def _probe(operation: Operation, constraints: tuple[Constraint, ...], bare: Request) -> Request:
    size = operation.request.properties.get("size")
    if size is None:
        return bare
    value = _value(operation, constraints, "size", size, bare.fields)
    return _ordered(operation, {**bare.fields, "size": value})


def _full(operation: Operation, constraints: tuple[Constraint, ...], probe: Request) -> Request:
    fields = dict(probe.fields)
    for name, schema in operation.request.properties.items():
        if name not in fields and name != "model":
            value = _value(operation, constraints, name, schema, fields)
            fields |= {} if value is ABSENT else {name: value}
    return _ordered(operation, fields)


def _ordered(operation: Operation, fields: Fields) -> Request:
    return Request(operation.id, {name: fields[name] for name in operation.request.properties if name in fields})


def _value(
    operation: Operation, constraints: tuple[Constraint, ...], name: str, schema: Schema, others: Fields
) -> object:
    """Return the cheapest valid value for a field beside the others, or ABSENT if none is allowed."""
    values = (sample(operation, name),) if schema.keyword("format") == "binary" else inside(schema)
    short = [schema.example] if isinstance(schema.example, str) and schema.keyword("enum") is None else []
    candidates = [
        value
        for value in (*short, *values)
        if not any(c.place[0] == name for c in violated(constraints, {**others, name: value}))
    ]
    return min(candidates, key=lambda value: cost({**others, name: value}), default=ABSENT)
