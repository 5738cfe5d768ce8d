"""Finds every schema keyword of the contract and turns it into a constraint that can be asked one at a time.

A constraint is one keyword at one place, kept as the tiny schema ``{keyword: value}``. To ask which keywords a request
breaks is then to ask each constraint of its operation, with no error path to interpret, and a keyword that the
contract gains needs no code here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias, cast

import jsonschema_rs
from attrs import field, frozen

from conformance.suite.contract import Condition, Contract, Operation, Schema, Source
from conformance.suite.pictures import Upload

Fields: TypeAlias = Mapping[str, object]
Place: TypeAlias = tuple[str, ...]

_ABSENT = object()
_SURROGATE = re.compile("[\ud800-\udfff]")


@frozen
class Constraint:
    """One keyword at one place of a request or an answer.

    ``place`` is the path to the value, with ``*`` for each item of an array. A constraint of a conditional block
    applies only to requests that fulfil its ``condition``. ``nullable`` says whether null is let through.
    """

    id: str
    operation: str
    place: Place
    keyword: str
    value: object = field(hash=False)
    source: Source
    nullable: bool
    condition: Condition | None = None

    def breaks(self, value: object) -> bool:
        """Whether a value, which is there, breaks the keyword."""
        if value is None and (self.nullable or self.keyword != "type"):
            return False
        return not is_valid({self.keyword: self.value}, value)

    def violated_by(self, fields: Fields) -> bool:
        """Whether the request with these fields breaks the keyword."""
        if self.condition is not None and not is_valid(self.condition.schema, plain(fields)):
            return False
        value = fields.get(self.place[0], _ABSENT)
        if value is _ABSENT or isinstance(value, Upload):
            return self.keyword == "required" and value is _ABSENT
        return self.keyword != "required" and self.breaks(value)


def plain(fields: Fields) -> dict[str, object]:
    """Return the fields with each file as a short text, the way a schema sees a binary value."""
    return {name: "file" if isinstance(value, Upload) else value for name, value in fields.items()}


def is_valid(schema: Mapping[str, object], value: object) -> bool:
    """Whether a JSON value is valid under a schema (JSON Schema 2020-12)."""
    validator = _validator(json.dumps(schema, sort_keys=True))
    try:
        return validator.is_valid(value)
    except UnicodeEncodeError:
        # JSON text can hold half of a surrogate pair, which the validator can't take; only its place counts here.
        return validator.is_valid(_without_surrogates(value))


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        members = cast("dict[str, object]", value).items()
        return {_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", name): _without_surrogates(item) for name, item in members}
    return value


@lru_cache(maxsize=1024)
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(schema), validate_formats=True)


def of_request(contract: Contract, operation: Operation) -> tuple[Constraint, ...]:
    """Return every keyword that a request of the operation must fulfil, in the order of the contract."""
    return tuple(_request(contract, operation))


def of_answer(contract: Contract, operation: Operation, schema: Schema, prefix: str) -> tuple[Constraint, ...]:
    """Return every keyword that an answer under this schema must fulfil; ``prefix`` goes into the ids."""
    return tuple(_walk(contract, operation, schema, (), prefix))


def violated(constraints: tuple[Constraint, ...], fields: Fields) -> tuple[Constraint, ...]:
    """Return the constraints that a request breaks, less those that follow from another one in the result.

    A value of the wrong type breaks every other keyword of its place too, and a value outside the general limits is
    outside the narrower ones of a conditional block as well; in each case the more basic constraint alone is named.
    """
    broken = [constraint for constraint in constraints if constraint.violated_by(fields)]
    wrong_type = {c.place for c in broken if c.keyword == "type" and c.condition is None}
    general = {(c.place, c.keyword) for c in broken if c.condition is None}
    return tuple(
        constraint
        for constraint in broken
        if (constraint.keyword == "type" and constraint.condition is None)
        or (
            constraint.place not in wrong_type
            and not (constraint.condition and (constraint.place, constraint.keyword) in general)
        )
    )


def _request(contract: Contract, operation: Operation) -> Iterator[Constraint]:
    request = operation.request
    for name, pointer in request.required.items():
        source = contract.source(pointer, f"required: {name}")
        yield Constraint(f"{operation.id}/{name}/required", operation.id, (name,), "required", True, source, False)  # noqa: FBT003
    for name, schema in request.properties.items():
        yield from _keywords(contract, operation, name, schema)
    for condition, properties in request.blocks:
        for name, schema in properties.items():
            yield from _keywords(contract, operation, name, schema, condition)


def _keywords(
    contract: Contract, operation: Operation, name: str, schema: Schema, condition: Condition | None = None
) -> Iterator[Constraint]:
    # A conditional block forbids values; whether null is one of them is said by the field's own schema.
    nullable = condition is not None or schema.nullable is not None
    for keyword in schema.keywords:
        if untestable(operation, keyword.name, keyword.value):
            continue
        label = f"@{condition.label}" if condition else ""
        yield Constraint(
            id=f"{operation.id}/{name}/{keyword.name}{label}",
            operation=operation.id,
            place=(name,),
            keyword=keyword.name,
            value=keyword.value,
            source=contract.source(keyword.pointer),
            nullable=nullable,
            condition=condition,
        )


def untestable(operation: Operation, keyword: str, value: object) -> str | None:
    """Return why a keyword of a request can't be broken on the wire, or None if it can."""
    if operation.is_form and keyword == "type" and value == "string":
        return "every plain value of a multipart form is text"
    if keyword == "format" and value == "binary":
        return "any bytes are binary; what a file must be is said in words and checked by stated rules"
    return None


def _walk(contract: Contract, operation: Operation, schema: Schema, place: Place, prefix: str) -> Iterator[Constraint]:
    where = "/".join((operation.id, prefix, *("items" if part == "*" else part for part in place)))
    for keyword in schema.keywords:
        yield Constraint(
            id=f"{where}/{keyword.name}",
            operation=operation.id,
            place=place,
            keyword=keyword.name,
            value=keyword.value,
            source=contract.source(keyword.pointer),
            nullable=schema.nullable is not None,
        )
    for name, pointer in schema.required.items():
        source = contract.source(pointer, f"required: {name}")
        yield Constraint(f"{where}/{name}/required", operation.id, (*place, name), "required", True, source, False)  # noqa: FBT003
    for name, below in schema.properties.items():
        yield from _walk(contract, operation, below, (*place, name), prefix)
    if schema.items is not None:
        yield from _walk(contract, operation, schema.items, (*place, "*"), prefix)
