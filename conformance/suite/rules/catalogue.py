"""Every rule that the suite holds a server to, by operation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from conformance.suite.contract.document import Contract
from conformance.suite.contract.operation import Operation
from conformance.suite.rules import answers, derived, protocol
from conformance.suite.rules.api import Api
from conformance.suite.rules.rule import Answers, Entry, Level, Random, Rule, Stable
from conformance.suite.rules.statement import stated


@lru_cache(maxsize=8)
def all_rules(contract: Contract, api: Api) -> tuple[Rule, ...]:
    """Return every rule of the contract, by operation."""
    return tuple(rule for operation in contract.operations.values() for rule in _of(contract, operation, api))


def _of(contract: Contract, operation: Operation, api: Api) -> tuple[Rule, ...]:
    """Return the rules of an operation; that it is stable is about whatever the others look at in its answers."""
    rules = tuple(_rules(contract, operation, api))
    core = (rule.about for rule in rules if rule.level is Level.CORE)
    checks = tuple(about.check for about in core if isinstance(about, Answers))
    source = contract.source(operation.pointer, operation.description)
    return (*rules, Rule(f"{operation.id}/stable", Level.CORE, operation.id, source, Stable(checks)))


def _rules(contract: Contract, operation: Operation, api: Api) -> Iterator[Rule]:
    accepted = contract.source(operation.pointer, operation.description)
    yield Rule(f"{operation.id}/accepted", Level.CORE, operation.id, accepted, Entry())
    yield from derived.about_requests(contract, operation, api)
    yield from protocol.rules(contract, operation, api)
    yield from derived.about_answers(contract, operation)
    yield from answers.rules(contract, operation)
    yield from stated(contract, operation, api.statements)
    if not operation.request.properties:
        return
    schema = contract.source(operation.request.pointer, f"requests of {operation.id}")
    yield Rule(f"{operation.id}/property/valid", Level.CORE, operation.id, schema, Random(valid=True))
    yield Rule(f"{operation.id}/property/invalid", Level.STRICT, operation.id, schema, Random(valid=False))
