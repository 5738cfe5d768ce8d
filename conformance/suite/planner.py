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

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from attrs import define, evolve, field, frozen

from conformance.suite.constraints import Constraint, Fields, of_request, violated
from conformance.suite.contexts import Base, Context, Draft, enter
from conformance.suite.contract import Contract, Operation
from conformance.suite.demand import Demand, Kind
from conformance.suite.edits import ABSENT, elsewhere, inside, outside
from conformance.suite.plan import Attempt, Case, Entry, Need, Plan, Planned, cost
from conformance.suite.request import Raw, Request, form_text, read_form
from conformance.suite.rules import Rule
from conformance.suite.stated import cases as stated_cases
from conformance.suite.undecided import undecided

_OWN_REQUEST = 256 * 256
"""Pixels that one more request is worth."""
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
            planner = _Planner(
                contract, operation, mine, model, key, of_request(contract, operation), Draft(operation.id)
            )
            planner.run()
            exchanges += planner.draft.exchanges
            cases |= {rule: tuple(found) for rule, found in planner.cases.items()}
            entries += planner.entries
    requests = [rule for rule in rules if rule.kind not in (Kind.ANSWERS, Kind.HOLDS)]
    left_out = {
        rule.id: _NO_KEY if rule.id.endswith("/security") else _NO_MODEL for rule in requests if rule.id not in cases
    }
    return Plan(tuple(exchanges), cases, tuple(entries), left_out)


@frozen
class _Feature:
    """A value of a field that is to be accepted: for which rule, and in which contexts, the best first."""

    rule: str
    name: str
    value: object
    contexts: tuple[Context, ...]


@define
class _Planner:
    contract: Contract
    operation: Operation
    rules: list[Rule]
    model: str | None
    key: bool
    constraints: tuple[Constraint, ...]
    draft: Draft
    cases: dict[str, list[Case]] = field(factory=dict)
    contexts: list[Context] = field(factory=list)

    def run(self) -> None:
        """Plan everything that the operation's rules need."""
        self.contexts = contexts = enter(self.operation, self.constraints, self.model, self.draft)
        wanted = {rule.id for rule in self.rules}
        answers = any(rule.kind is Kind.ANSWERS for rule in self.rules)
        entered = [Attempt(base.id) for context in contexts for base in context.bases]
        self._case(f"{self.operation.id}/accepted", "a valid request", entered)
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
                if demand.raw.order:
                    self._case(demand.id, "the parts in the usual order", self._usual_order(contexts[0], demand))

    @property
    def entries(self) -> list[Entry]:
        """How the operation is entered."""
        return [
            Entry(c.name, self.operation.id, c.labels, c.explicit, tuple(base.id for base in c.bases))
            for c in self.contexts
        ]

    def _case(self, rule: str, what: str, attempts: Iterable[Attempt]) -> None:
        made = tuple(attempts)
        if made and any(known.id == rule for known in self.rules):
            self.cases.setdefault(rule, []).append(Case(what, made))

    def _refusals(self, contexts: list[Context], constraint: Constraint, *, explicit: bool = True) -> None:
        """Plan the edits that break a constraint; if not ``explicit``, under no model given."""
        name = constraint.place[0]
        rule = constraint.id
        if constraint.condition is not None:
            label = constraint.condition.label
            contexts = [context for context in contexts if label in context.labels and context.explicit is explicit]
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

    def _is_sharp(self, context: Context, constraint: Constraint, value: object) -> bool:
        edited = context.full.with_field(constraint.place[0], value)
        return [c.id for c in violated(self.constraints, edited.fields)] == [constraint.id]

    def _as_sent(self, name: str, value: object) -> object:
        """Return the value that a server reads from the wire: in a form every plain value is text."""
        if not self.operation.is_form or value is ABSENT:
            return value
        text = form_text(value)
        schema = self.operation.request.properties.get(name)
        return read_form(schema, text) if schema else text

    def _demanded(self, contexts: list[Context], demand: Demand) -> Iterator[Attempt]:
        """Plan a case of a stated rule."""
        if demand.kind is Kind.ACCEPTS:
            return self._alone(contexts, {**demand.twin, **demand.edit}, demand.raw)
        return self._edit(contexts, demand.edit, demand.twin, demand.raw, last=demand.with_key)

    def _usual_order(self, context: Context, demand: Demand) -> Iterator[Attempt]:
        """Plan to find a server that refuses the usual order of parts and takes the one that is demanded beside it."""
        base = context.bases[0]
        other = self.draft.send(evolve(base.request, raw=demand.raw), Need((base.id,), accepted=False))
        yield Attempt(self.draft.send(base.request, Need((other,), accepted=True)))

    def _edit(
        self,
        contexts: Iterable[Context],
        edit: Fields,
        twin: Fields,
        raw: Raw | None = None,
        *,
        last: bool = False,
    ) -> Iterator[Attempt]:
        """Plan an edit that is not to be accepted, on the best base that the server accepts."""
        for context, base, needs in _bases(contexts):
            # What is edited has to stand in the twin too, so that nothing but its value differs.
            lone = {
                name: context.full.fields[name]
                for name in edit
                if name in context.full.fields and name not in base.request.fields
            }
            good = _with(base.request, {**lone, **twin})
            good_id = base.id if good.key == base.request.key else self.draft.send(good, *needs)
            bad = evolve(_with(good, edit), raw=raw or Raw())
            accepted = Need((good_id,), accepted=True)
            yield Attempt(self.draft.send(bad, *needs, accepted, valid=False, last=last), good_id)

    def _alone(self, contexts: Iterable[Context], edit: Fields, raw: Raw | None = None) -> Iterator[Attempt]:
        """Plan an edit that is to be accepted, on the best base that the server accepts."""
        for _, base, needs in _bases(contexts):
            yield Attempt(self.draft.send(evolve(_with(base.request, edit), raw=raw or Raw()), *needs))

    def _acceptance(self, contexts: list[Context], wanted: set[str] | None) -> None:
        """Plan the valid cases: each field's values, its absence and null. ``wanted`` None means all of them."""
        prefix = self.operation.id
        for name in self.operation.request.properties:
            rule = f"{prefix}/{name}/optional"
            if name not in self.operation.request.required and (wanted is None or rule in wanted):
                self._case(rule, f"{name} is absent", self._absence(contexts, name))
        self._default_model(contexts[0], wanted)
        features = list(self._features(contexts))
        for context in contexts:
            self._pack(context, [feature for feature in features if feature.contexts[0] is context], wanted)

    def _absence(self, contexts: list[Context], name: str) -> Iterator[Attempt]:
        """Plan that a field is left out: with every other optional one, and if that is refused, alone."""
        if name == "model":
            implicit = [context for context in contexts if not context.explicit]
            yield from (Attempt(base.id) for context in implicit for base in reversed(context.bases))
            refused = tuple(context.not_offered for context in implicit)
            for named in contexts:
                without = named.full.with_field("model", ABSENT)
                # What one model allows may be forbidden when none is given.
                if named.explicit and not violated(self.constraints, without.fields):
                    yield Attempt(self.draft.send(without, *refused, Need((named.bases[0].id,), accepted=True)))
                    return
            return
        for context, base, needs in _bases(contexts):
            bare = context.bases[-1]
            if base is bare:
                yield Attempt(bare.id)
                continue
            bare_id = self.draft.send(bare.request, *needs)
            yield Attempt(bare_id)
            without = base.request.with_field(name, ABSENT)
            yield Attempt(self.draft.send(without, *needs, Need((bare_id,), accepted=False)))

    def _default_model(self, context: Context, wanted: set[str] | None) -> None:
        """Plan that what is accepted with the default model is accepted without a model."""
        model = self.operation.request.properties.get("model")
        rule = f"{self.operation.id}/model/optional"
        if model is None or model.default is None or context.fields.get("model") != model.default.value:
            return
        if wanted is None or rule in wanted:
            without = context.full.with_field("model", ABSENT)
            accepted = Need((context.bases[0].id,), accepted=True)
            self._case(rule, "model is absent beside all else", [Attempt(self.draft.send(without, accepted))])

    def _features(self, contexts: list[Context]) -> Iterator[_Feature]:
        """Yield every value that must be accepted; those of a conditional block under the label of its condition."""
        prefix = self.operation.id
        for name, schema in self.operation.request.properties.items():
            claimed: dict[str, list[object]] = {}
            for condition, properties in self.operation.request.blocks:
                if name in properties:
                    members = cast("list[object]", properties[name].keyword("enum") or [])
                    nulls = [None] if None in members and schema.nullable is not None else []
                    claimed[condition.label] = [*inside(properties[name]), *nulls]
                    where = [context for context in contexts if condition.label in context.labels and context.explicit]
                    for value in claimed[condition.label]:
                        valid = tuple(context for context in where if self._is_valid(context, name, value))
                        if valid:
                            yield _Feature(f"{prefix}/{name}/accepted@{condition.label}", name, value, valid)
            nullable = [(f"{prefix}/{name}/nullable", None)] if schema.nullable is not None else []
            # A required value with nothing to choose from, and the model, are in every request anyway.
            given = name == "model" or (name in self.operation.request.required and not schema.bounded)
            values = () if given or schema.keyword("format") == "binary" else inside(schema)
            for rule, value in (*((f"{prefix}/{name}/accepted", value) for value in values), *nullable):
                where = tuple(
                    context
                    for context in contexts
                    if self._is_valid(context, name, value)
                    and (value is None or not any(value in claimed.get(label, ()) for label in context.labels))
                )
                if where:
                    yield _Feature(rule, name, value, where)

    def _is_valid(self, context: Context, name: str, value: object) -> bool:
        return not violated(self.constraints, {**context.full.fields, name: value})

    def _pack(self, context: Context, features: list[_Feature], wanted: set[str] | None) -> None:
        """Put the features of a context into as few and as cheap requests as hold them all, and send those wanted.

        All are packed, so that a request stays the same whatever else a run is about.
        """
        packs: list[dict[str, object]] = []
        shared: list[tuple[_Feature, dict[str, object]]] = []
        for feature in features:
            name, value = feature.name, feature.value
            pack: dict[str, object] | None = None
            if name not in context.full.fields or context.full.fields[name] != value:
                pack = min(packs, key=lambda one: self._added_cost(context, one, name, value), default=None)
                own = self._added_cost(context, {}, name, value) + _OWN_REQUEST
                if pack is None or self._added_cost(context, pack, name, value) > own:
                    pack = {}
                    packs.append(pack)
                pack[name] = value
            shared.append((feature, pack or {}))
        needs = context.usable(context.bases[0])
        for feature, pack in shared:
            if wanted is not None and feature.rule not in wanted:
                continue
            request = _with(context.full, pack)
            together = self.draft.send(request, *needs) if pack else context.bases[0].id
            attempts = [Attempt(together)]
            alone = _with(context.full, {feature.name: feature.value})
            if alone.key != request.key:
                attempts.append(Attempt(self.draft.send(alone, *needs, Need((together,), accepted=False))))
            for one, base, usable in _bases(feature.contexts):
                if one is not context or base is not context.bases[0]:
                    lone = _with(base.request, {feature.name: feature.value})
                    attempts.append(Attempt(self.draft.send(lone, *usable)))
            self._case(feature.rule, f"{feature.name} = {_short(feature.value)}", attempts)

    def _added_cost(self, context: Context, pack: Mapping[str, object], name: str, value: object) -> float:
        """Return the pixels that a feature adds to a request, infinitely many if it doesn't fit."""
        base = {**context.full.fields, **pack}
        if name in pack or violated(self.constraints, {**base, name: value}):
            return float("inf")
        return cost({**base, name: value})[1] - (cost(base)[1] if pack else 0)


def _bases(contexts: Iterable[Context]) -> Iterator[tuple[Context, Base, tuple[Need, ...]]]:
    """Yield every base of the contexts, the best first, with what must hold for it to be the one to build on."""
    before: tuple[Need, ...] = ()
    for context in contexts:
        for base in context.bases:
            yield context, base, (*before, *context.usable(base))
        before = (*before, context.not_offered)


def _with(request: Request, edits: Fields) -> Request:
    for name, value in edits.items():
        request = request.with_field(name, value)
    return request


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=lambda upload: upload.words())
    return text if len(text) <= 40 else f"{text[:24]}… ({len(str(value))} characters)"  # noqa: PLR2004 - one line
