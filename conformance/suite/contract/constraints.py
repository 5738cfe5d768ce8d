"""Finds every schema keyword of the contract and turns it into a constraint that can be asked one at a time.

A constraint is one keyword at one place, kept as the tiny schema ``{keyword: value}``. To ask which keywords a request
breaks is then to ask each constraint of its operation, with no error path to interpret, and a keyword that the
contract gains needs no code here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import cast

from attrs import field, frozen
from jsonschema_rs import Draft202012Validator as Validator

from conformance.suite.contract.document import Contract, Source
from conformance.suite.contract.nodes import as_list
from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import ABSENT, EACH, Fields, Place, instances, is_file, plain
from conformance.suite.contract.reading import asks
from conformance.suite.contract.schema import Condition, Keyword, Schema, canonical

_SURROGATE = re.compile("[\ud800-\udfff]")


@frozen
class Constraint:
    """One keyword at one place of a request or an answer.

    ``place`` is the path to the value, with ``*`` for each item of an array. A constraint of a conditional block
    applies only to requests that fulfil its ``condition``. ``nullable`` says whether null is let through, ``many``
    whether the value may also be a list of such values, ``names`` are those of the properties that stand beside it.
    """

    id: str
    operation: str
    place: Place
    keyword: str
    value: object = field(hash=False)
    source: Source
    nullable: bool
    condition: Condition | None = None
    many: bool = False
    names: tuple[str, ...] = ()

    def breaks(self, value: object) -> bool:
        """Whether a value, which is there, breaks the keyword."""
        if value is None and (self.nullable or self.keyword != "type"):
            return False
        if is_file(value) or not asks(self.keyword, value, many=self.many):
            return False
        return not _admits(self._validator, plain(value))

    def violated_by_value(self, value: object) -> bool:
        """Whether a whole value, in which the place stands, breaks the keyword."""
        required = self.keyword == "required"
        found = [one for _, one in instances(value, self.place, required=required)]
        return any(one is ABSENT for one in found) if required else any(self.breaks(one) for one in found)

    def violated_by(self, fields: Fields) -> bool:
        """Whether the request with these fields breaks the keyword."""
        return self.violated_by_value(fields) and (self.condition is None or applies(self.condition, fields))

    @cached_property
    def _validator(self) -> Validator:
        # Which members are additional is the one thing that a keyword doesn't say by itself.
        beside: dict[str, object] = {"properties": dict.fromkeys(self.names, True)} if self.names else {}
        return _validator(canonical({**beside, self.keyword: self.value}))


def applies(condition: Condition, fields: Fields) -> bool:
    """Whether a request with these fields fulfils a condition."""
    return _admits(_validator(condition.text), plain(fields))


def is_valid(schema: Mapping[str, object], value: object) -> bool:
    """Whether a JSON value is valid under a schema (JSON Schema 2020-12)."""
    return _admits(_validator(canonical(schema)), value)


def _admits(validator: Validator, value: object) -> bool:
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
def _validator(schema: str) -> Validator:
    return Validator(json.loads(schema), validate_formats=True)


def of_request(contract: Contract, operation: Operation) -> tuple[Constraint, ...]:
    """Return every keyword that a request of the operation must fulfil, in the order of the contract."""
    walk = _Walk(operation.id, operation.id, contract.source, operation, dict(contract.own))
    found = list(walk.schema(operation.request, ()))
    for block in operation.request.blocks:
        for name, pointer in block.required.items():
            found.append(walk.required((name,), pointer, block.condition))
        for name, schema in block.properties.items():
            found += walk.schema(schema, (name,), block.condition)
    return tuple(found)


def of_answer(contract: Contract, operation: Operation, schema: Schema, prefix: str) -> tuple[Constraint, ...]:
    """Return every keyword that an answer under this schema must fulfil; ``prefix`` goes into the ids."""
    return tuple(_Walk(operation.id, f"{operation.id}/{prefix}", contract.source).schema(schema, ()))


def of_schema(schema: Schema) -> tuple[Constraint, ...]:
    """Return every keyword of a schema that stands alone."""

    def source(pointer: str, text: str | None = None) -> Source:
        return Source(pointer, 0, text or "")

    return tuple(_Walk("", "", source).schema(schema, ()))


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


def untestable(operation: Operation, place: Place, keyword: Keyword, types: tuple[str, ...]) -> str | None:
    """Return why a keyword of a request can't be broken on the wire, or None if it can."""
    if not place and keyword.name == "type":
        return "a body that is no object is among the cases of a malformed one"
    if keyword.name == "type" and place and operation.is_text(place[0]) and {*types} & {"string", "array", "object"}:
        return "every plain value of a multipart form is text"
    if keyword.name == "format" and keyword.value == "binary":
        return "any bytes are binary; what a file must be is said in words and checked by stated rules"
    return None


@frozen
class _Walk:
    """Walks a schema; ids are made of where a keyword stands. With ``sent`` it is what a request must fulfil.

    Beside the values that the contract lists for a field, a request may give one of the server's ``own``.
    """

    operation: str
    prefix: str
    source: Callable[..., Source]
    sent: Operation | None = None
    own: Mapping[str, tuple[str, ...]] = field(factory=dict[str, tuple[str, ...]], hash=False)

    def schema(self, schema: Schema, place: Place, condition: Condition | None = None) -> Iterator[Constraint]:
        """Yield every constraint of a schema, those of what is inside it after its own."""
        for keyword in schema.keywords:
            if self.sent is None or untestable(self.sent, place, keyword, schema.types) is None:
                yield Constraint(
                    id=self._id(place, keyword.name, condition),
                    operation=self.operation,
                    place=place,
                    keyword=keyword.name,
                    value=self._value(place, keyword),
                    source=self.source(keyword.pointer),
                    # A conditional block forbids values; whether null is one of them is said by the value's own schema.
                    nullable=condition is not None or schema.nullable is not None,
                    condition=condition,
                    many=schema.many,
                    names=tuple(schema.properties) if keyword.name == "additionalProperties" else (),
                )
        for name, pointer in schema.required.items():
            yield self.required((*place, name), pointer, condition)
        for name, below in schema.properties.items():
            yield from self.schema(below, (*place, name), condition)
        if schema.items is not None:
            yield from self.schema(schema.items, (*place, EACH), condition)

    def _value(self, place: Place, keyword: Keyword) -> object:
        own = self.own.get(place[0], ()) if len(place) == 1 and keyword.name == "enum" else ()
        return [*as_list(keyword.value), *own] if own else keyword.value

    def required(self, place: Place, pointer: str, condition: Condition | None) -> Constraint:
        """Return the constraint that something must be there."""
        source = self.source(pointer, f"required: {place[-1]}")
        id_ = self._id(place, "required", condition)
        return Constraint(id_, self.operation, place, "required", True, source, False, condition)  # noqa: FBT003 - the value and nullable

    def _id(self, place: Place, keyword: str, condition: Condition | None) -> str:
        steps = ("items" if step == EACH else step for step in place)
        return "/".join((self.prefix, *steps, keyword)) + (f"@{condition.label}" if condition else "")
