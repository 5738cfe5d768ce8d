"""Every rule that the suite holds a server to, each with its id, level and source.

Derived rules come from walking the contract: for each keyword of a request one that the server *refuses* what breaks
it, for each field that the server *accepts* its documented values, its absence and, where documented, null; for each
keyword of an answer one that *answers* keep it. Stated rules come from sentences: those about answers from
``answers``, those about requests from ``stated``.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from attrs import frozen

from conformance.suite import answers, stated
from conformance.suite.constraints import Constraint, of_answer, of_request
from conformance.suite.contract import Contract, Operation, Source
from conformance.suite.demand import Kind, Level
from conformance.suite.edits import inside
from conformance.suite.show import MISSING, show
from conformance.suite.view import Check, View, instances


@frozen
class Rule:
    """One thing that the contract demands.

    A rule about requests is judged by the cases that the plan has for it; a rule about answers by its ``check``, on
    every answer that it applies to; a property by the random requests that were generated for it.
    """

    id: str
    level: Level
    kind: Kind
    operation: str
    source: Source
    check: Check | None = None
    constraint: Constraint | None = None


@frozen
class RuleError(Exception):
    """A pattern selects no rule; the message names it."""

    message: str

    def __str__(self) -> str:
        """Return the message."""
        return self.message


def all_rules(contract: Contract) -> tuple[Rule, ...]:
    """Return every rule of the contract, by operation."""
    return tuple(rule for operation in contract.operations.values() for rule in _rules(contract, operation))


def select(rules: tuple[Rule, ...], patterns: tuple[str, ...], level: Level) -> tuple[Rule, ...]:
    """Return the rules of the chosen levels whose id matches one of the patterns; no pattern means all.

    Raises RuleError if a pattern matches no rule at all.
    """
    for pattern in patterns:
        if not any(fnmatchcase(rule.id, pattern) for rule in rules):
            raise RuleError(f"no rule matches {pattern!r}; `make rules` lists them.")
    return tuple(
        rule
        for rule in rules
        if level.includes(rule.level) and (not patterns or any(fnmatchcase(rule.id, pattern) for pattern in patterns))
    )


def _rules(contract: Contract, operation: Operation) -> Iterator[Rule]:
    yield Rule(
        f"{operation.id}/accepted",
        Level.CORE,
        Kind.ACCEPTS,
        operation.id,
        contract.source(operation.pointer, str(contract.at(f"{operation.pointer}/description"))),
    )
    for constraint in of_request(contract, operation):
        yield Rule(constraint.id, Level.STRICT, Kind.REFUSES, operation.id, constraint.source, constraint=constraint)
    yield from _acceptance(contract, operation)
    yield from _model_default(contract, operation)
    for demand in stated.demands(contract, operation):
        yield Rule(demand.id, demand.level, demand.kind, operation.id, demand.source)
    for prefix, schema, level in (("response", operation.answer, Level.CORE), ("error", operation.error, Level.ADVICE)):
        for constraint in of_answer(contract, operation, schema, prefix):
            check = _keeps(constraint, refusals=prefix == "error")
            yield Rule(constraint.id, level, Kind.ANSWERS, operation.id, constraint.source, check, constraint)
    for one in answers.stated(contract, operation):
        yield Rule(one.id, one.level, Kind.ANSWERS, operation.id, one.source, check=one.check)
    schema = contract.source(operation.request.pointer, f"requests of {operation.id}")
    yield Rule(f"{operation.id}/property/valid", Level.CORE, Kind.HOLDS, operation.id, schema)
    yield Rule(f"{operation.id}/property/invalid", Level.STRICT, Kind.HOLDS, operation.id, schema)


def _model_default(contract: Contract, operation: Operation) -> Iterator[Rule]:
    """Yield the rule that the limits of the default model hold when no model is given."""
    model = operation.request.properties.get("model")
    if model is None or model.default is None:
        return
    if any(condition.label == model.default.value for condition, _ in operation.request.blocks):
        source = contract.source(model.default.pointer)
        yield Rule(f"{operation.id}/model/default", Level.STRICT, Kind.REFUSES, operation.id, source)


def _acceptance(contract: Contract, operation: Operation) -> Iterator[Rule]:
    """Yield the core rules about one field each: its values, its absence, and null."""
    for name, schema in operation.request.properties.items():
        words = str(schema.description.value) if schema.description else name
        source = contract.source(schema.description.pointer if schema.description else schema.pointer, words)
        core = (Level.CORE, Kind.ACCEPTS, operation.id)
        # The value of a required field with nothing to choose from, and the model, are in every request anyway.
        if inside(schema) and name != "model" and not (name in operation.request.required and not schema.bounded):
            yield Rule(f"{operation.id}/{name}/accepted", *core, source)
        if name not in operation.request.required:
            yield Rule(f"{operation.id}/{name}/optional", *core, source)
        if schema.nullable is not None:
            null = contract.source(schema.nullable.pointer)
            yield Rule(f"{operation.id}/{name}/nullable", *core, null)
    for condition, properties in operation.request.blocks:
        for name, schema in properties.items():
            if any(keyword.name != "type" for keyword in schema.keywords):
                source = contract.source(schema.pointer)
                yield Rule(
                    f"{operation.id}/{name}/accepted@{condition.label}",
                    Level.CORE,
                    Kind.ACCEPTS,
                    operation.id,
                    source,
                )


def _keeps(constraint: Constraint, *, refusals: bool) -> Check:
    """Return the check that answers keep one keyword of the response schema."""

    def check(view: View) -> list[str] | None:
        if view.refused is not refusals or not view.is_json:
            return None
        found = list(instances(view.json, constraint.place, required=constraint.keyword == "required"))
        if not found:
            return None
        if constraint.keyword == "required":
            return [f"{where} is missing" for where, value in found if value is MISSING]
        return [
            f"{where} is {show(value)}, which breaks {constraint.source.text}"
            for where, value in found
            if constraint.breaks(value)
        ]

    return check
