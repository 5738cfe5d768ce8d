"""Finds for each rule the row that it holds a server to.

The id of a rule says where it stands: behind its operation come the field of the request, or ``response`` or ``error``
and the way down into the answer, and at last the keyword or the subject. A rule about answers that rests on the words
of a request's field stands in the row of that field too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from conformance.suite.contract.operation import Operation
from conformance.suite.contract.schema import Schema
from conformance.suite.rules.rule import Answers, Rule

Key: TypeAlias = tuple[str, tuple[str, ...]]
"""Whose row it is (``REQUEST``, an answer, or the pointer of an object), and the way down to it from there."""
Held: TypeAlias = Mapping[Key, tuple[Rule, ...]]

REQUEST: Final = "request"
RESPONSE: Final = "response"
ERROR: Final = "error"
ITEMS: Final = "items"
OPERATION: Final[Key] = ("", ())
SECURITY: Final[Key] = ("security", ())
_COMPONENT: Final = re.compile(r"/components/schemas/([^/]+)")


def object_name(schema: Schema) -> str | None:
    """Return the name of an object that the contract names, None if it is something else."""
    match = _COMPONENT.fullmatch(schema.pointer)
    return match[1] if match and schema.properties else None


def held(rules: Iterable[Rule], operation: Operation) -> Held:
    """Return the rules of an operation by the row that they belong to."""
    found: dict[Key, list[Rule]] = {}
    for rule in rules:
        if rule.operation != operation.id:
            continue
        key = _key(rule, operation)
        told = [key] if key == OPERATION or key[0] == REQUEST else [key, *_fields(rule, operation)]
        for each in dict.fromkeys(told):
            found.setdefault(each, []).append(rule)
    return {key: tuple(each) for key, each in found.items()}


def merged(every: Iterable[Held]) -> Held:
    """Return the rules of several operations by row."""
    found: dict[Key, tuple[Rule, ...]] = {}
    for one in every:
        for key, rules in one.items():
            found[key] = (*found.get(key, ()), *rules)
    return found


def _key(rule: Rule, operation: Operation) -> Key:
    steps = rule.id.removeprefix(f"{operation.id}/").partition("@")[0].split("/")[:-1]
    if steps and isinstance(rule.about, Answers) and steps[0] in (RESPONSE, ERROR):
        root = operation.answer if steps[0] == RESPONSE else operation.error
        return (steps[0], ()) if root is None or len(steps) == 1 else walked(root, steps[0], steps[1:])
    if steps and steps[0] in operation.request.properties:
        return REQUEST, tuple(steps)
    return SECURITY if rule.source.pointer == operation.security else OPERATION


def walked(schema: Schema, owner: str, steps: Iterable[str]) -> Key:
    """Follow steps down an answer; wherever an object begins that the contract names, the way begins anew."""
    base: Key = (object_name(schema) or owner, ())
    key = base
    for step in steps:
        below = schema.items if step == ITEMS and schema.items is not None else schema.properties.get(step)
        if below is None:
            break
        schema = below
        key = base = (base[0], (*base[1], step))
        if name := object_name(schema):
            base = (name, ())
            # Each item is such an object; a field that holds one has a row of its own.
            key = base if step == ITEMS else key
    return key


def _fields(rule: Rule, operation: Operation) -> list[Key]:
    """Return the rows of the request's fields on whose words a rule rests."""
    fields = operation.request.properties.items()
    return [
        (REQUEST, (name,))
        for name, schema in fields
        if schema.description is not None and schema.description.pointer == rule.source.pointer
    ]
