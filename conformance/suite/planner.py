"""Chooses the requests of a run, all of them before the first is sent.

Each operation is entered through one or more *contexts*, which differ in the model: the user's own, none at all, each
documented one. A context has a *full* request, which gives every parameter a valid value, and a *probe*, which gives
only what it must. An invalid request is the full request with one edit, and the full request is its twin. A valid case
shares one request with as many others as are compatible with it, since each image may cost minutes.

Some exchanges are sent only if others came out in a certain way. That is part of the plan, as the *needs* of an
exchange: an edit needs its twin to be accepted; if a full or a shared request is refused, each of its parts is tried
alone; and a context is used for the general rules only if those before it are not offered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import define, evolve, field, frozen

from conformance.suite.constraints import Constraint, Fields, is_valid, of_request, plain, violated
from conformance.suite.contract import Contract, Operation, Schema
from conformance.suite.demand import Demand, Kind
from conformance.suite.edits import ABSENT, elsewhere, inside, outside
from conformance.suite.files import sample
from conformance.suite.plan import Attempt, Case, Entry, Need, Plan, Planned, cost
from conformance.suite.request import Raw, Request, form_text, read_form
from conformance.suite.rules import Rule
from conformance.suite.stated import cases as stated_cases
from conformance.suite.undecided import undecided

_NO_KEY = "the server is called without a key; set OPENAI_API_KEY to check what it does with a wrong one"
_NO_MODEL = "only a model that the documents don't name is held to this rule; name one with MODEL"


def make(contract: Contract, rules: Sequence[Rule], model: str | None = None, *, key: bool = False) -> Plan:
    """Plan a run that finds out about these rules.

    ``model`` is what the user wants sent where the contract leaves it open; ``key`` says whether a key is sent.
    """
    exchanges: list[Planned] = []
    cases: dict[str, tuple[Case, ...]] = {}
    entries: list[Entry] = []
    for operation in contract.operations.values():
        mine = [rule for rule in rules if rule.operation == operation.id]
        if mine:
            planner = _Planner(contract, operation, mine, model, key)
            planner.run()
            exchanges += planner.exchanges
            cases |= {rule: tuple(found) for rule, found in planner.cases.items()}
            entries += planner.entries
    requests = [rule for rule in rules if rule.kind not in (Kind.ANSWERS, Kind.HOLDS)]
    left_out = {
        rule.id: _NO_KEY if rule.id.endswith("/security") else _NO_MODEL for rule in requests if rule.id not in cases
    }
    return Plan(tuple(exchanges), cases, tuple(entries), left_out)


@frozen
class _Context:
    name: str
    fields: Fields = field(hash=False)
    labels: tuple[str, ...]
    full: Request
    probe: Request
    full_id: str
    probe_id: str
    earlier: tuple[Need, ...]

    @property
    def offered(self) -> Need:
        return Need((self.full_id, self.probe_id), accepted=True)

    @property
    def not_offered(self) -> Need:
        return evolve(self.offered, accepted=False)


@define
class _Planner:
    contract: Contract
    operation: Operation
    rules: list[Rule]
    model: str | None
    key: bool
    exchanges: list[Planned] = field(factory=list)
    cases: dict[str, list[Case]] = field(factory=dict)
    entries: list[Entry] = field(factory=list)
    constraints: tuple[Constraint, ...] = ()
    _planned: set[str] = field(factory=set)

    def run(self) -> None:
        self.constraints = of_request(self.contract, self.operation)
        contexts = self._contexts()
        wanted = {rule.id for rule in self.rules}
        answers = any(rule.kind is Kind.ANSWERS for rule in self.rules)
        self._case(
            f"{self.operation.id}/accepted", "a valid request", [Attempt(i) for e in self.entries for i in e.ids]
        )
        if answers or any(rule.kind is Kind.ACCEPTS for rule in self.rules):
            self._acceptance(contexts, None if answers else wanted)
        for rule in self.rules:
            if rule.constraint is not None and rule.kind is Kind.REFUSES:
                self._refusals(contexts, rule.constraint)
        if f"{self.operation.id}/model/default" in wanted:
            for constraint in self.constraints:
                if constraint.condition is not None:
                    self._refusals(contexts, constraint, explicit=False)
        for demand in stated_cases(self.contract, self.operation):
            if demand.id in wanted and (self.key or not demand.with_key):
                self._case(demand.id, demand.what, self._demanded(contexts, demand))

    def _contexts(self) -> list[_Context]:
        known = self.operation.request.properties.get("model")
        default = known.default.value if known and known.default else None
        conditions = [condition for condition, _ in self.operation.request.blocks]
        models: list[object] = [self.model or default, ABSENT, default]
        models += [name for name in (known.known if known else ()) if any(c.label == name for c in conditions)]
        contexts: list[_Context] = []
        for model in dict.fromkeys(models):
            fields: dict[str, object] = {} if model is ABSENT or model is None else {"model": model}
            probe = self._probe(fields)
            if violated(self.constraints, probe.fields):
                continue
            full = self._full(probe)
            labels = tuple(c.label for c in conditions if is_valid(c.schema, plain(probe.fields)))
            earlier = tuple(context.not_offered for context in contexts)
            if model is ABSENT:
                # Sent always, for it shows that the model is optional; its full request only where it is needed.
                probe_id = self._send(probe)
                full_id = self._send(full, *earlier, Need((probe_id,), accepted=True))
            else:
                full_id = self._send(full)
                probe_id = self._send(probe, Need((full_id,), accepted=False))
            name = "no model" if model is ABSENT else str(model)
            contexts.append(_Context(name, fields, labels, full, probe, full_id, probe_id, earlier))
            explicit = model is not ABSENT
            self.entries.append(Entry(name, self.operation.id, labels, explicit, (full_id, probe_id)))
        return contexts

    def _probe(self, fields: Fields) -> Request:
        """Return the request with what is required and the smallest size."""
        properties = self.operation.request.properties
        values: dict[str, object] = {}
        for name, schema in properties.items():
            if name in fields:
                values[name] = fields[name]
            elif name in self.operation.request.required:
                values[name] = self._value(name, schema, {**values, **fields})
        if "size" in properties:
            values["size"] = self._value("size", properties["size"], {**values, **fields})
        return Request(self.operation.id, self._ordered(values))

    def _full(self, probe: Request) -> Request:
        fields = dict(probe.fields)
        for name, schema in self.operation.request.properties.items():
            if name not in fields and name != "model":
                value = self._value(name, schema, fields)
                fields |= {} if value is ABSENT else {name: value}
        return Request(self.operation.id, self._ordered(fields))

    def _ordered(self, fields: Fields) -> dict[str, object]:
        return {name: fields[name] for name in self.operation.request.properties if name in fields}

    def _value(self, name: str, schema: Schema, others: Fields) -> object:
        """Return the cheapest valid value for a field beside the others, or ABSENT if none is allowed."""
        values = (sample(self.operation, name),) if schema.keyword("format") == "binary" else inside(schema)
        short = [schema.example] if isinstance(schema.example, str) and schema.keyword("enum") is None else []
        candidates = [
            value
            for value in (*short, *values)
            if not any(c.place[0] == name for c in violated(self.constraints, {**others, name: value}))
        ]
        return min(candidates, key=lambda value: cost({**others, name: value}), default=ABSENT)

    def _send(self, request: Request, *needs: Need, valid: bool = True, last: bool = False) -> str:
        """Put an exchange into the plan, or find the one that is the same, and return its id."""
        # The id comes from what is sent and when, so that it stays the same whatever else a run is about.
        digest = hashlib.sha256(f"{request.key}{needs}{valid}".encode()).hexdigest()
        id_ = f"{self.operation.id}-{digest[:8]}"
        if id_ not in self._planned:
            self._planned.add(id_)
            images = cost(request.fields)[0] if valid else 0
            self.exchanges.append(Planned(id_, request, needs, valid, images, last))
        return id_

    def _case(self, rule: str, what: str, attempts: Iterable[Attempt]) -> None:
        made = tuple(attempts)
        if made and any(known.id == rule for known in self.rules):
            self.cases.setdefault(rule, []).append(Case(what, made))

    def _refusals(self, contexts: list[_Context], constraint: Constraint, *, explicit: bool = True) -> None:
        """Plan the edits that break a constraint; if not ``explicit``, under no model given."""
        name = constraint.place[0]
        rule = constraint.id
        if constraint.condition is not None:
            label = constraint.condition.label
            contexts = [context for context in contexts if label in context.labels and bool(context.fields) is explicit]
            rule = rule if explicit else f"{self.operation.id}/model/default"
        seen: list[str] = []
        for proposed in outside(constraint, elsewhere(self.contract, name)):
            if proposed is None and self.operation.is_form:
                # A form has no null, and the documents don't say how a server reads the text "null".
                continue
            value = self._as_sent(name, proposed)
            shown = "absent" if value is ABSENT else json.dumps(value)
            edited = {**contexts[0].full.fields, name: value} if contexts and value is not ABSENT else {}
            if shown in seen or undecided(self.operation, edited):
                continue
            seen.append(shown)
            sharp = [context for context in contexts if self._is_sharp(context, constraint, value)]
            what = f"{name} is absent" if value is ABSENT else f"{name} = {_short(value)}"
            self._case(rule, what, self._edit(sharp, {name: value}, {}))

    def _is_sharp(self, context: _Context, constraint: Constraint, value: object) -> bool:
        edited = context.full.with_field(constraint.place[0], value)
        return [c.id for c in violated(self.constraints, edited.fields)] == [constraint.id]

    def _as_sent(self, name: str, value: object) -> object:
        """Return the value that a server reads from the wire: in a form every plain value is text."""
        if not self.operation.is_form or value is ABSENT:
            return value
        text = form_text(value)
        schema = self.operation.request.properties.get(name)
        return read_form(schema, text) if schema else text

    def _demanded(self, contexts: list[_Context], demand: Demand) -> Iterator[Attempt]:
        """Plan a case of a stated rule."""
        if demand.kind is Kind.ACCEPTS:
            return self._alone(contexts, {**demand.twin, **demand.edit}, demand.raw)
        return self._edit(contexts, demand.edit, demand.twin, demand.raw, last=demand.with_key)

    def _edit(
        self,
        contexts: Iterable[_Context],
        edit: Fields,
        twin: Fields,
        raw: Raw | None = None,
        *,
        last: bool = False,
    ) -> Iterator[Attempt]:
        """Plan an edit that is not to be accepted: from the full request, else from the probe with what is edited."""
        raw = raw or Raw()
        before: tuple[Need, ...] = ()
        for context in contexts:
            needs = (*before, context.offered)
            full = _with(context.full, twin)
            full_id = context.full_id if not twin else self._send(full, *needs)
            bad = evolve(_with(full, edit), raw=raw)
            yield Attempt(self._send(bad, *needs, Need((full_id,), accepted=True), valid=False, last=last), full_id)
            lone = {name: context.full.fields[name] for name in edit if name in context.full.fields}
            base = _with(context.probe, {**lone, **twin})
            refused = Need((full_id,), accepted=False)
            base_id = self._send(base, *needs, refused)
            bad = evolve(_with(base, edit), raw=raw)
            yield Attempt(
                self._send(bad, *needs, refused, Need((base_id,), accepted=True), valid=False, last=last), base_id
            )
            before = (*before, context.not_offered)

    def _alone(self, contexts: Iterable[_Context], edit: Fields, raw: Raw) -> Iterator[Attempt]:
        """Plan an edit of the probe that is to be accepted."""
        before: tuple[Need, ...] = ()
        for context in contexts:
            request = evolve(_with(context.probe, edit), raw=raw)
            yield Attempt(self._send(request, *before, context.offered))
            before = (*before, context.not_offered)

    def _acceptance(self, contexts: list[_Context], wanted: set[str] | None) -> None:
        """Plan the valid cases: each field's values, its absence and null. ``wanted`` None means all of them."""
        prefix = self.operation.id
        for name in self.operation.request.properties:
            rule = f"{prefix}/{name}/optional"
            if name not in self.operation.request.required and (wanted is None or rule in wanted):
                self._case(rule, f"{name} is absent", self._absence(contexts, name))
        features: dict[str, list[tuple[str, str, object, list[_Context]]]] = {}
        for rule, name, value, where in self._features(contexts):
            if wanted is None or rule in wanted:
                features.setdefault(where[0].name, []).append((rule, name, value, where))
        for context in contexts:
            self._pack(context, features.get(context.name, []))

    def _absence(self, contexts: list[_Context], name: str) -> Iterator[Attempt]:
        if name == "model":
            yield from (Attempt(entry.ids[0]) for entry in self.entries if not entry.explicit)
            yield from (Attempt(entry.ids[1]) for entry in self.entries if not entry.explicit)
            return
        before: tuple[Need, ...] = ()
        for context in contexts:
            needs = (*before, context.offered)
            required = self.operation.request.required
            bare = {k: v for k, v in context.probe.fields.items() if k in required or k in context.fields}
            bare_id = self._send(Request(self.operation.id, bare), *needs)
            yield Attempt(bare_id)
            without = context.full.with_field(name, ABSENT)
            yield Attempt(self._send(without, *needs, Need((bare_id,), accepted=False)))
            before = (*before, context.not_offered)

    def _features(self, contexts: list[_Context]) -> Iterator[tuple[str, str, object, list[_Context]]]:
        """Yield rule, field, value and the contexts, best first, in which the value must be accepted."""
        prefix = self.operation.id
        for name, schema in self.operation.request.properties.items():
            claimed: dict[str, list[object]] = {}
            for condition, properties in self.operation.request.blocks:
                if name in properties:
                    values = [value for value in inside(properties[name]) if value is not None]
                    where = [context for context in contexts if condition.label in context.labels and context.fields]
                    claimed[condition.label] = values
                    for value in values:
                        valid = [context for context in where if self._is_valid(context, name, value)]
                        if valid:
                            yield f"{prefix}/{name}/accepted@{condition.label}", name, value, valid
            nulls = [(f"{prefix}/{name}/nullable", None)] if schema.nullable is not None else []
            values = (sample(self.operation, name),) if schema.keyword("format") == "binary" else inside(schema)
            for rule, value in (*((f"{prefix}/{name}/accepted", value) for value in values), *nulls):
                where = [
                    context
                    for context in contexts
                    if self._is_valid(context, name, value)
                    and not any(value in claimed.get(label, ()) for label in context.labels)
                    and (name != "model" or context.fields.get("model") == value)
                ]
                if where:
                    yield rule, name, value, where

    def _is_valid(self, context: _Context, name: str, value: object) -> bool:
        return not violated(self.constraints, {**context.probe.fields, name: value})

    def _pack(self, context: _Context, features: list[tuple[str, str, object, list[_Context]]]) -> None:
        """Put the features of a context into as few and as cheap requests as hold them all."""
        packs: list[dict[str, object]] = []
        shared: list[tuple[str, str, object, list[_Context], int | None]] = []
        for rule, name, value, where in features:
            if name in context.full.fields and context.full.fields[name] == value:
                shared.append((rule, name, value, where, None))
                continue
            added = [self._added_cost(context, pack, name, value) for pack in packs]
            best = min(range(len(packs)), key=lambda index: added[index], default=None)
            if best is None or added[best] > self._added_cost(context, {}, name, value) + 256 * 256:
                packs.append({name: value})
                best = len(packs) - 1
            packs[best][name] = value
            shared.append((rule, name, value, where, best))
        for rule, name, value, where, index in shared:
            request = context.full if index is None else _with(context.probe, packs[index])
            needs = (*context.earlier, context.offered) if where[0] is not context else (context.offered,)
            together = context.full_id if index is None else self._send(request, *needs)
            refused = Need((together,), accepted=False)
            alone = _with(context.probe, {name: value})
            attempts = [Attempt(together)]
            if request.key != alone.key:
                attempts.append(Attempt(self._send(alone, *needs, refused)))
            attempts += self._elsewhere(context, name, value, where[1:])
            self._case(rule, f"{name} = {_short(value)}", attempts)

    def _elsewhere(self, context: _Context, name: str, value: object, others: list[_Context]) -> Iterator[Attempt]:
        before: tuple[Need, ...] = (context.not_offered,)
        for other in others:
            yield Attempt(self._send(_with(other.probe, {name: value}), *before, other.offered))
            before = (*before, other.not_offered)

    def _added_cost(self, context: _Context, pack: Mapping[str, object], name: str, value: object) -> float:
        """Return the pixels that a feature adds to a request, infinitely many if it doesn't fit."""
        base = {**context.probe.fields, **pack}
        if name in pack or violated(self.constraints, {**base, name: value}):
            return float("inf")
        return cost({**base, name: value})[1] - (cost(base)[1] if pack else 0)


def _with(request: Request, edits: Fields) -> Request:
    for name, value in edits.items():
        request = request.with_field(name, value)
    return request


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=lambda upload: upload.words())
    return text if len(text) <= 40 else f"{text[:24]}… ({len(str(value))} characters)"  # noqa: PLR2004 - one line
